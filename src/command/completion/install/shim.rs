//! On Windows, where links need a right that users lack, it is a script that calls us.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Names;

/// How the script ends, whatever it calls.
const END: &str = "\" __complete %*\r\n";

/// Writes the script. Returns what was done.
pub(super) fn put(folder: &Path, ours: &Path, names: &Names) -> io::Result<String> {
    let there = folder.join(&names.completer);
    let called = called(folder, ours, names);
    let mut file = fs::File::create_new(&there)?;
    io::Write::write_all(&mut file, script(&called, names).as_bytes())?;
    Ok(format!(
        "wrote {}, which calls {}",
        there.display(),
        called.display()
    ))
}

/// Tells whether it need not be written again.
pub(super) fn is_current(there: &Path, ours: &Path, names: &Names) -> bool {
    let folder = there.parent().unwrap_or(Path::new(""));
    fs::read_to_string(there).is_ok_and(|text| text == script(&called(folder, ours, names), names))
}

/// Tells a script of ours, whatever it calls.
pub(super) fn is_ours(there: &Path, _ours: &Path, _names: &Names) -> bool {
    fs::read_to_string(there).is_ok_and(|text| text.starts_with("@\"") && text.ends_with(END))
}

/// Beside the plugin it calls whatever the plugin is by then.
fn called(folder: &Path, ours: &Path, names: &Names) -> PathBuf {
    if folder.join(&names.plugin).exists() {
        PathBuf::from(&names.plugin)
    } else {
        ours.to_owned()
    }
}

fn script(called: &Path, names: &Names) -> String {
    // `%~dp0` is the folder of the script. In a path a percent sign would begin a variable.
    let path = called.display().to_string().replace('%', "%%");
    let folder = if called == Path::new(&names.plugin) {
        "%~dp0"
    } else {
        ""
    };
    format!("@\"{folder}{path}{END}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            plugin: "kubectl-ephemeral.exe".to_owned(),
            completer: "kubectl_complete-ephemeral.cmd".to_owned(),
        }
    }

    #[test]
    fn beside_the_plugin_the_script_calls_that_and_elsewhere_us() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join(names().completer);
        let ours = Path::new("C:\\100%\\kubectl-ephemeral.exe");
        let done = put(folder.path(), ours, &names()).unwrap();
        let shown = there.display();
        assert_eq!(
            done,
            format!("wrote {shown}, which calls C:\\100%\\kubectl-ephemeral.exe")
        );
        assert_eq!(
            fs::read_to_string(&there).unwrap(),
            "@\"C:\\100%%\\kubectl-ephemeral.exe\" __complete %*\r\n"
        );
        assert!(is_current(&there, ours, &names()) && is_ours(&there, ours, &names()));
        fs::write(folder.path().join(names().plugin), "").unwrap();
        assert!(!is_current(&there, ours, &names()) && is_ours(&there, ours, &names()));
        // Nothing is replaced that was not looked at.
        put(folder.path(), ours, &names()).unwrap_err();
        fs::remove_file(&there).unwrap();
        put(folder.path(), ours, &names()).unwrap();
        assert_eq!(
            fs::read_to_string(&there).unwrap(),
            "@\"%~dp0kubectl-ephemeral.exe\" __complete %*\r\n"
        );
    }

    #[test]
    fn a_script_of_somebody_else_is_told_from_ours() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join(names().completer);
        fs::write(&there, "@echo off\r\n").unwrap();
        assert!(!is_ours(&there, Path::new(""), &names()));
    }
}
