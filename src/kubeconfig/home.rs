//! The folder in which a user's files are, among them `.kube`.

#[cfg(any(windows, test))]
use std::path::Path;
use std::path::PathBuf;

/// Returns it, where there is one.
#[cfg(unix)]
pub(super) fn home() -> Option<PathBuf> {
    std::env::home_dir()
}

/// Returns it by client-go's rules, where there is one.
#[cfg(windows)]
pub(super) fn home() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    let mut drive_and_path = variable("HOMEDRIVE");
    if !drive_and_path.is_empty() {
        drive_and_path.push(variable("HOMEPATH"));
    }
    of_windows(
        Path::new(&variable("HOME")),
        Path::new(&drive_and_path),
        Path::new(&variable("USERPROFILE")),
        Path::exists,
    )
}

/// Chooses the folder on Windows (`util/homedir/homedir.go` of client-go): the first that has a
/// kubeconfig, else the first that is there, else the first that is named.
#[cfg(any(windows, test))]
fn of_windows(
    home: &Path,
    drive_and_path: &Path,
    profile: &Path,
    exists: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let named = |path: &&Path| !path.as_os_str().is_empty();
    let with_file = [home, drive_and_path, profile];
    let with_file = with_file.into_iter().filter(named);
    let mut with_file = with_file.filter(|path| exists(&path.join(".kube").join("config")));
    let others: Vec<_> = [home, profile, drive_and_path]
        .into_iter()
        .filter(named)
        .collect();
    with_file
        .next()
        .or_else(|| others.iter().copied().find(|path| exists(path)))
        .or_else(|| others.first().copied())
        .map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_windows_the_folder_with_a_kubeconfig_is_taken_else_one_that_is_there() {
        let chosen = |home: &str, drive: &str, profile: &str, there: &[&str]| {
            let there: Vec<_> = there.iter().map(PathBuf::from).collect();
            of_windows(home.as_ref(), drive.as_ref(), profile.as_ref(), |path| {
                there.iter().any(|it| it == path)
            })
        };
        for (there, expected) in [
            (&["h", "d", "d/.kube/config", "p/.kube/config"][..], "d"),
            (&["p/.kube/config", "h"], "p"),
            (&["d", "p"], "p"),
            (&["d"], "d"),
            (&[], "h"),
        ] {
            let chosen = chosen("h", "d", "p", there);
            assert_eq!(chosen.unwrap(), PathBuf::from(expected), "{there:?}");
        }
        assert_eq!(chosen("", "", "p", &[]), Some("p".into()));
        assert_eq!(chosen("", "", "", &[]), None);
    }
}
