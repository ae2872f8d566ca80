//! On Windows, where links need a right that users lack, it is a script that calls us.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// How the script is called: kubectl finds it by any ending in `PATHEXT`.
pub(super) const COMPLETER: &str = "kubectl_complete-ephemeral.cmd";
/// How the plugin's own file is called.
pub(super) const PLUGIN: &str = "kubectl-ephemeral.exe";
/// How the script ends, whatever it calls.
const END: &str = "\" __complete %*\r\n";

/// Writes the script. Returns what was done.
pub(super) fn put(folder: &Path, ours: &Path) -> io::Result<String> {
    let there = folder.join(COMPLETER);
    let called = called(folder, ours);
    let mut file = fs::File::create_new(&there)?;
    io::Write::write_all(&mut file, script(&called).as_bytes())?;
    Ok(format!(
        "wrote {}, which calls {}",
        there.display(),
        called.display()
    ))
}

/// Tells whether it need not be written again.
pub(super) fn is_current(there: &Path, ours: &Path) -> bool {
    let folder = there.parent().unwrap_or(Path::new(""));
    fs::read_to_string(there).is_ok_and(|text| text == script(&called(folder, ours)))
}

/// Tells a script of ours, whatever it calls.
pub(super) fn is_ours(there: &Path, _ours: &Path) -> bool {
    fs::read_to_string(there).is_ok_and(|text| text.starts_with("@\"") && text.ends_with(END))
}

/// Beside the plugin it calls whatever the plugin is by then.
fn called(folder: &Path, ours: &Path) -> PathBuf {
    if folder.join(PLUGIN).exists() {
        PathBuf::from(PLUGIN)
    } else {
        ours.to_owned()
    }
}

fn script(called: &Path) -> String {
    // `%~dp0` is the folder of the script. In a path a percent sign would begin a variable.
    let path = called.display().to_string().replace('%', "%%");
    let folder = if called == Path::new(PLUGIN) {
        "%~dp0"
    } else {
        ""
    };
    format!("@\"{folder}{path}{END}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_plugin_the_script_calls_that_and_elsewhere_us() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join(COMPLETER);
        let ours = Path::new("C:\\100%\\kubectl-ephemeral.exe");
        let done = put(folder.path(), ours).unwrap();
        let shown = there.display();
        assert_eq!(
            done,
            format!("wrote {shown}, which calls C:\\100%\\kubectl-ephemeral.exe")
        );
        assert_eq!(
            fs::read_to_string(&there).unwrap(),
            "@\"C:\\100%%\\kubectl-ephemeral.exe\" __complete %*\r\n"
        );
        assert!(is_current(&there, ours) && is_ours(&there, ours));
        fs::write(folder.path().join(PLUGIN), "").unwrap();
        assert!(!is_current(&there, ours) && is_ours(&there, ours));
        // Nothing is replaced that was not looked at.
        put(folder.path(), ours).unwrap_err();
        fs::remove_file(&there).unwrap();
        put(folder.path(), ours).unwrap();
        assert_eq!(
            fs::read_to_string(&there).unwrap(),
            "@\"%~dp0kubectl-ephemeral.exe\" __complete %*\r\n"
        );
    }

    #[test]
    fn a_script_of_somebody_else_is_told_from_ours() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join(COMPLETER);
        fs::write(&there, "@echo off\r\n").unwrap();
        assert!(!is_ours(&there, Path::new("")));
    }
}
