//! Cleans up after a sandbox that was killed and could not do so itself.

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Waits on its standard input: a line means that all is done, its end that the sandbox is no more.
///
/// The processes of containers are known by their HOME, which is within the sandbox's folder.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
read -r _ && exit 0
for environ in $(grep -lsF "HOME=$1/" /proc/[0-9]*/environ); do
  pid=${environ#/proc/}
  kill -9 "${pid%/environ}" 2>/dev/null
done
rm -rf "${1:?}"
"#;

#[derive(Debug)]
pub(crate) struct Guardian(Child);

impl Guardian {
    /// Guards a folder, in a process group of its own so that no Ctrl-C ends it first.
    pub(crate) fn start(folder: &Path) -> io::Result<Self> {
        Command::new("/bin/sh")
            .args(["-c", SCRIPT, "sandbox-guardian"])
            .arg(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map(Self)
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.0.stdin.take() {
            stdin.write_all(b"done\n").ok();
        }
        self.0.wait().ok();
    }
}
