//! Where programs are found that a kubeconfig names.

use std::{
    env,
    ffi::OsString,
    path::{self, Path, PathBuf},
};

/// Finds a program, by its path, or by its name on the `PATH`.
pub(super) fn find(command: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    found(
        command,
        env::split_paths(&folders),
        &endings(),
        Path::is_file,
    )
}

/// Returns how a program is named so that the system finds it.
#[cfg(unix)]
pub(super) fn as_started(command: &str) -> OsString {
    command.into()
}

/// Returns how a program is named so that the system finds it, which by itself looks for `.exe`
/// alone, and in more places than kubectl does.
#[cfg(windows)]
pub(super) fn as_started(command: &str) -> OsString {
    find(command).map_or_else(|| command.into(), PathBuf::into_os_string)
}

/// What the name of a program may lack at its end.
#[cfg(unix)]
fn endings() -> Vec<String> {
    Vec::new()
}

/// What the name of a program may lack at its end.
#[cfg(windows)]
fn endings() -> Vec<String> {
    let listed = env::var("PATHEXT").unwrap_or_default();
    let listed = Some(listed).filter(|listed| !listed.is_empty());
    let listed = listed.unwrap_or_else(|| ".com;.exe;.bat;.cmd".to_owned());
    let endings = listed.split(';').filter(|ending| !ending.is_empty());
    endings.map(str::to_lowercase).collect()
}

/// Finds a program by the rules of Go's `exec.LookPath`. Where names have endings, one without is
/// not what is meant, even if it is there.
fn found(
    command: &str,
    folders: impl Iterator<Item = PathBuf>,
    endings: &[String],
    is_file: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let is_whole = |path: &Path| {
        let name = path.to_string_lossy().to_lowercase();
        endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending))
    };
    let spelled = |path: PathBuf| {
        let longer = endings.iter().map(|ending| {
            let mut longer = path.clone().into_os_string();
            longer.push(ending);
            PathBuf::from(longer)
        });
        let mut spelled: Vec<_> = longer.collect();
        if is_whole(&path) {
            spelled.insert(0, path);
        }
        spelled.into_iter().find(|path| is_file(path))
    };
    if command.contains(path::is_separator) {
        // Whoever runs it says best what is wrong with it.
        return spelled(command.into()).or_else(|| Some(command.into()));
    }
    let mut folders = folders.filter(|folder| !folder.as_os_str().is_empty());
    folders.find_map(|folder| spelled(folder.join(command)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_among(command: &str, endings: &[&str], files: &[&str]) -> Option<PathBuf> {
        let folders = ["/a", "", "/b"].into_iter().map(PathBuf::from);
        let endings: Vec<_> = endings.iter().map(ToString::to_string).collect();
        found(command, folders, &endings, |path| {
            files.iter().any(|file| path == Path::new(file))
        })
    }

    #[test]
    fn a_name_is_looked_for_on_the_path_and_a_path_is_taken() {
        let files = ["/b/aws", "/a/other", "aws"];
        assert_eq!(found_among("aws", &[], &files), Some("/b/aws".into()));
        assert_eq!(found_among("none", &[], &files), None);
        assert_eq!(found_among("/c/x", &[], &files), Some("/c/x".into()));
    }

    #[test]
    fn where_names_have_endings_one_is_added() {
        let endings = [".exe", ".cmd"];
        let files = ["/a/gcloud", "/a/gcloud.cmd", "/b/gcloud.exe", "/c/x.exe"];
        for (command, expected) in [
            ("gcloud", Some("/a/gcloud.cmd")),
            ("gcloud.exe", Some("/b/gcloud.exe")),
            ("gcloud.CMD", None),
            ("/c/x", Some("/c/x.exe")),
            ("/c/y", Some("/c/y")),
        ] {
            let found = found_among(command, &endings, &files);
            assert_eq!(found, expected.map(PathBuf::from), "{command}");
        }
    }
}
