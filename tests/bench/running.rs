//! The moment at which the server says that the debug container runs.

use std::{
    thread,
    time::{Duration, Instant, SystemTime},
};

use sandbox::Sandbox;

/// Between two looks: fine enough for milliseconds, and rare enough not to disturb what is measured.
const PAUSE: Duration = Duration::from_micros(500);
const LIMIT: Duration = Duration::from_secs(3);

/// Waits until the status of a pod with one debug container says `running`, and returns when.
pub(crate) fn wait(sandbox: &Sandbox, pod: &str) -> Option<SystemTime> {
    let deadline = Instant::now() + LIMIT;
    while Instant::now() < deadline {
        let pod = sandbox.pod("default", pod)?;
        if pod["status"]["ephemeralContainerStatuses"][0]["state"]["running"].is_object() {
            return Some(SystemTime::now());
        }
        thread::sleep(PAUSE);
    }
    None
}
