//! Where a plug-in lies that is known by its name.

use std::path::{self, Path, PathBuf};

/// Tells whether a name leads to a program in a folder that depends on where we are (`.` on the `PATH`).
///
/// Whoever can write there could have us run what they like, so Go, and kubectl with it, runs no such
/// program (`exec.ErrDot`). What is named by its path is meant.
pub(super) fn depends_on_us(command: &str, mut folders: impl Iterator<Item = PathBuf>) -> bool {
    let folder = folders.find(|folder| is_program(&folder.join(command)));
    !command.contains(path::is_separator) && folder.is_some_and(|folder| folder.is_relative())
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn a_program_that_lies_where_we_happen_to_be_is_told_from_others() {
        // Of this package, in whose folder tests run.
        let (here, program) = ("tests/fuzz", "run");
        let absolute = env::current_dir().unwrap().join(here);
        let absolute = absolute.to_str().unwrap();
        for (command, folders, expected) in [
            (program, &[here][..], true),
            (program, &["", here], true),
            (program, &[absolute, here], false),
            (program, &["/nonexistent", absolute], false),
            ("Cargo.toml", &[""], false),
            ("none", &[here], false),
            ("./run", &[here], false),
        ] {
            let places = folders.iter().map(PathBuf::from);
            assert_eq!(
                depends_on_us(command, places),
                expected,
                "{command} {folders:?}"
            );
        }
    }
}
