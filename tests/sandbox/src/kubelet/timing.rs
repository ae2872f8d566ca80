//! How long the kubelet takes for each of its steps.

use std::time::Duration;

/// The kubelet's lags. The defaults keep the order of a real 1.36 and are much quicker where it waits long.
#[derive(Debug, Clone)]
pub struct Timing {
    /// From a change of the pod to the first status that mentions it (`ContainerCreating`).
    pub sync: Duration,
    /// From the image to the event `Created`.
    pub create: Duration,
    /// From `Created` to `Started`; the container can be attached to just before.
    pub start: Duration,
    /// From `Started` to the status `running`; about 0.7 s before 1.36.
    pub status_lag: Duration,
    /// Whether the kubelet looks at a container as soon as it has started it, as since 1.36.
    ///
    /// Before, one that ends within `status_lag` is never reported as running.
    pub relist_on_demand: bool,
    /// From the end of a process to the status `terminated`.
    pub exit_lag: Duration,
    /// Between two syncs of a pod in trouble; its status lags one sync behind. About 12 s in reality.
    pub resync: Duration,
    /// The wait before the second restart of a crashing container; it doubles. 10 s in reality.
    pub crash_back_off: Duration,
    /// The longest such wait; 5 min in reality.
    pub crash_back_off_max: Duration,
    /// The longest time between SIGTERM and SIGKILL, whatever the pod asks for.
    pub grace: Duration,
    /// From the end of the last process of a deleted pod to its removal.
    pub removal: Duration,
    /// How late output reaches clients when a container without a terminal writes more than 64 KiB.
    ///
    /// What is still on its way when the container ends is lost to them, as before 1.36; never if zero.
    pub output_lag: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            sync: Duration::from_millis(4),
            create: Duration::from_millis(4),
            start: Duration::from_millis(10),
            status_lag: Duration::from_millis(10),
            relist_on_demand: true,
            exit_lag: Duration::from_millis(60),
            resync: Duration::from_millis(400),
            crash_back_off: Duration::from_millis(500),
            crash_back_off_max: Duration::from_secs(10),
            grace: Duration::from_millis(200),
            removal: Duration::from_millis(50),
            output_lag: Duration::ZERO,
        }
    }
}

impl Timing {
    /// A kubelet before 1.36, which only looks at its containers about once a second.
    #[must_use]
    pub fn before_1_36() -> Self {
        Self {
            status_lag: Duration::from_millis(700),
            relist_on_demand: false,
            ..Self::default()
        }
    }
}
