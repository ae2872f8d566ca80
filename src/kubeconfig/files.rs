//! Which files are read, and how they become one.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use kube::config::Kubeconfig;

use super::{failed, failed_because, home::home, reading};
use crate::error::{Error, in_words};

/// What was found.
#[derive(Debug)]
pub(super) struct Files {
    /// All files as one, or nothing where there is none.
    pub(super) kubeconfig: Option<Kubeconfig>,
    /// The files that were looked for.
    pub(super) paths: Vec<PathBuf>,
    /// The files that are not there.
    pub(super) missing: Vec<String>,
}

/// Reads the file of the flag, else the list in `KUBECONFIG`, else `~/.kube/config`.
///
/// As in kubectl, a file that is named by flag must be there; of a list, those that are not are
/// passed over.
pub(super) fn read(flag: Option<&Path>) -> Result<Files, Error> {
    if let Some(path) = flag.filter(|path| !path.as_os_str().is_empty()) {
        return match read_file(path)? {
            Some(kubeconfig) => Ok(Files {
                kubeconfig: Some(kubeconfig),
                paths: vec![path.to_owned()],
                missing: Vec::new(),
            }),
            None => Err(failed(
                format!("the kubeconfig {} does not exist", path.display()),
                None,
            )),
        };
    }
    read_list(&candidates())
}

/// Tells whether a kubeconfig is read from standard input.
pub(super) fn read_stdin(flag: Option<&Path>) -> bool {
    let flag = flag.filter(|path| !path.as_os_str().is_empty());
    let paths = flag.map_or_else(candidates, |path| vec![path.to_owned()]);
    paths.iter().any(|path| {
        ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
            .iter()
            .any(|stdin| path == Path::new(stdin))
    })
}

fn candidates() -> Vec<PathBuf> {
    let listed: Vec<_> = env::var_os("KUBECONFIG")
        .iter()
        .flat_map(env::split_paths)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    home()
        .into_iter()
        .map(|home| home.join(".kube").join("config"))
        .collect()
}

fn read_list(paths: &[PathBuf]) -> Result<Files, Error> {
    let mut merged: Option<Kubeconfig> = None;
    let mut missing = Vec::new();
    for path in paths {
        let Some(next) = read_file(path)? else {
            missing.push(path.display().to_string());
            continue;
        };
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|error| {
                failed_because(
                    format!(
                        "the kubeconfig {} does not go with the others",
                        path.display()
                    ),
                    error,
                )
            })?,
        });
    }
    Ok(Files {
        kubeconfig: merged,
        paths: paths.to_vec(),
        missing,
    })
}

fn read_file(path: &Path) -> Result<Option<Kubeconfig>, Error> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(failed_because(
                format!("cannot read the kubeconfig {}", path.display()),
                in_words(&error),
            ));
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    match reading::kubeconfig(&bytes, folder) {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(reason) => Err(failed_because(
            format!("the kubeconfig {} is not valid", path.display()),
            reason,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_missing_are_passed_over_and_the_first_word_counts() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second, missing] =
            ["first", "second", "missing"].map(|name| folder.path().join(name));
        fs::write(
            &first,
            "current-context: \"\"\ncontexts: [{name: a, context: {cluster: x}}]",
        )
        .unwrap();
        fs::write(&second, "current-context: b\ncontexts: [{name: a, context: {cluster: y}}, {name: b, context: {cluster: z}}]").unwrap();

        let files = read_list(&[missing.clone(), first, second]).unwrap();
        assert_eq!(files.missing, [missing.display().to_string()]);
        let kubeconfig = files.kubeconfig.unwrap();
        assert_eq!(kubeconfig.current_context.as_deref(), Some("b"));
        let a = kubeconfig
            .contexts
            .iter()
            .find(|named| named.name == "a")
            .unwrap();
        assert_eq!(a.context.as_ref().unwrap().cluster, "x");
    }

    #[test]
    fn a_parse_error_never_quotes_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(
            &path,
            "users:\n- name: me\n  user:\n    token: SUPERSECRET\n   bad",
        )
        .unwrap();
        let error = read(Some(&path)).unwrap_err();
        let shown = format!(
            "{error} {:?}",
            std::error::Error::source(&error).map(ToString::to_string)
        );
        assert!(!shown.contains("SUPERSECRET"), "{shown}");
        assert!(shown.contains("is not valid"), "{shown}");
    }

    #[test]
    fn a_file_named_by_flag_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(Some(&folder.path().join("nope"))).unwrap_err();
        assert!(
            error.to_string().ends_with("nope does not exist"),
            "{error}"
        );
    }
}
