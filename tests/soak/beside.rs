//! Short runs of the plugin, and what must come of them.

use std::{fmt::Write as _, path::PathBuf};

use ring::digest::{Digest, SHA256, digest};
use sandbox::{Sandbox, Server};

use crate::{
    meter::{MARK, mark_value},
    plugin::Plugin,
};

/// Bytes of all kinds that follow from a seed.
pub(crate) fn noise(rng: &mut fastrand::Rng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng.fill(&mut bytes);
    bytes
}

/// So many numbers, each on a line with this end.
pub(crate) fn lines(count: u32, end: &str) -> String {
    let mut lines = String::new();
    for number in 1..=count {
        write!(lines, "{number}{end}").unwrap();
    }
    lines
}

/// A run without a terminal, marked as ours, in a container of this name.
pub(crate) fn run(sandbox: &Sandbox, container: &str) -> Plugin {
    Plugin::on(sandbox)
        .variable(MARK, &mark_value())
        .args(["app", "-q", "-c", container])
}

/// Fails unless these are the same bytes.
pub(crate) fn assert_same(what: &str, came: &[u8], sent: &[u8]) {
    if sha256(came).as_ref() == sha256(sent).as_ref() {
        return;
    }
    let differs = came.iter().zip(sent).position(|(came, sent)| came != sent);
    let at = differs.unwrap_or(came.len().min(sent.len()));
    let near = |bytes: &[u8]| {
        let end = bytes.len().min(at + 40);
        String::from_utf8_lossy(&bytes[at.saturating_sub(20).min(end)..end]).into_owned()
    };
    panic!(
        "{what}: {} bytes came of {}; the first difference is at {at}: {:?} instead of {:?}",
        came.len(),
        sent.len(),
        near(came),
        near(sent)
    );
}

pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    digest(&SHA256, bytes)
}

/// Two files for a command to write on its two streams.
pub(crate) struct Written {
    folder: tempfile::TempDir,
    pub(crate) out: Vec<u8>,
    pub(crate) err: Vec<u8>,
}

impl Written {
    pub(crate) fn new(out: Vec<u8>, err: Vec<u8>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("out"), &out).unwrap();
        std::fs::write(folder.path().join("err"), &err).unwrap();
        Self { folder, out, err }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What writes them and ends with a code.
    pub(crate) fn script(&self, code: u8) -> String {
        let folder = self.folder.path().display();
        format!("cat {folder}/out; cat {folder}/err >&2; exit {code}")
    }
}

/// Runs a command that writes both, and fails unless all of it came, with the code.
pub(crate) fn command(sandbox: &Sandbox, container: &str, written: &Written, code: u8) {
    let (ended, stdout, stderr) = run(sandbox, container)
        .args(["--", "sh", "-c", &written.script(code)])
        .run_raw();
    let said = String::from_utf8_lossy(&stderr);
    assert_eq!(ended, i32::from(code), "{}", &said[..said.len().min(2000)]);
    assert_same("standard error", &stderr, &written.err);
    assert_same("standard output", &stdout, &written.out);
}

/// Sends bytes through a command, and returns exit code, what came back, and what was said.
pub(crate) fn pipe(
    sandbox: &Sandbox,
    server: Server,
    container: &str,
    bytes: &[u8],
    code: u8,
) -> (i32, Vec<u8>, String) {
    // Old servers cannot pass on the end of input.
    let script = if server == Server::V1_36 {
        format!("cat; exit {code}")
    } else {
        format!("head -c {}; exit {code}", bytes.len())
    };
    let (code, stdout, stderr) = run(sandbox, container)
        .args(["-i", "--", "sh", "-c", &script])
        .input(bytes)
        .run_raw();
    (code, stdout, String::from_utf8_lossy(&stderr).into_owned())
}
