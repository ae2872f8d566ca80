//! Puts new tokens in the place of the old ones in a kubeconfig.
//!
//! Nothing else of the file changes: what people wrote into it, comments included, stays.

#[cfg(unix)]
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Tokens;
use crate::{error::in_words, kubeconfig::reading};

/// Writes new tokens into the file that has the old ones. The error is the reason why not.
pub(super) fn write(
    files: &[PathBuf],
    user: &str,
    old: &Tokens,
    new: &Tokens,
) -> Result<(), String> {
    for file in files {
        // Through a link the file itself is meant.
        let Ok(file) = file.canonicalize() else {
            continue;
        };
        let text = || {
            let text = fs::read_to_string(&file).ok()?;
            changed(&text, user, old, new)
        };
        // Others of the list may be locked, or not be ours to write.
        if text().is_none() {
            continue;
        }
        let _lock = Lock::of(&file)?;
        if let Some(text) = text() {
            return replace(&file, &text).map_err(|error| in_words(&error));
        }
    }
    Err("the old ones do not stand in the kubeconfig as they are".to_owned())
}

/// Returns the text with the new tokens, if it can be done by changing them alone.
fn changed(text: &str, user: &str, old: &Tokens, new: &Tokens) -> Option<String> {
    let mut changed = text.to_owned();
    if let (Some(old), Some(new)) = (&old.refresh, &new.refresh) {
        changed = changed.replace(old.as_str(), new);
    }
    let id = new.id.as_deref()?;
    changed = match &old.id {
        Some(old) => changed.replace(old.as_str(), id),
        // Beside the refresh-token, which is there.
        None => {
            let line = changed
                .lines()
                .find(|line| line.trim_start().starts_with("refresh-token:"))?;
            let indent = &line[..line.len() - line.trim_start().len()];
            changed.replacen(line, &format!("{indent}id-token: {id}\n{line}"), 1)
        }
    };
    // What is written must be read as what was meant, whatever a token looks like.
    let read = reading::kubeconfig(changed.as_bytes(), Path::new("")).ok()?;
    let named = read.auth_infos.iter().find(|named| named.name == user)?;
    let provider = named.auth_info.as_ref()?.auth_provider.as_ref()?;
    let holds = |field: &str, value: &Option<String>| provider.config.get(field) == value.as_ref();
    (holds("id-token", &new.id) && holds("refresh-token", &new.refresh)).then_some(changed)
}

/// Replaces a file as a whole, so that nobody ever reads half of it.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = private(&beside).and_then(|new| {
        let old = fs::metadata(file)?;
        // Root may have been lent the file of a user, who needs it again.
        #[cfg(unix)]
        fchown(&new, Some(old.uid()), Some(old.gid()))?;
        new.set_permissions(old.permissions())?;
        io::Write::write_all(&mut &new, text.as_bytes())?;
        new.sync_all()?;
        fs::rename(&beside, file)
    });
    if written.is_err() {
        fs::remove_file(&beside).ok();
    }
    written
}

/// Makes a file that nobody else may open, not even before anything stands in it.
fn private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path)
}

/// The lock of a kubeconfig, by kubectl's rules: a file beside it.
struct Lock(PathBuf);

impl Lock {
    fn of(file: &Path) -> Result<Self, String> {
        let mut lock = file.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        match fs::File::create_new(&lock) {
            Ok(_) => Ok(Self(lock)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(format!("{} says that somebody else writes", lock.display()))
            }
            Err(error) => Err(in_words(&error)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# mine
users:
- name: me
  user:
    auth-provider:
      name: oidc # the provider
      config: {client-id: c, id-token: OLD.ID, refresh-token: \"old/refresh\"}
- name: you
  user:
    auth-provider:
      name: oidc
      config:
        refresh-token: alone
";

    fn tokens(id: Option<&str>, refresh: Option<&str>) -> Tokens {
        Tokens {
            id: id.map(str::to_owned),
            refresh: refresh.map(str::to_owned),
        }
    }

    #[test]
    fn only_the_tokens_change() {
        let old = tokens(Some("OLD.ID"), Some("old/refresh"));
        let new = tokens(Some("new.id"), Some("new:refresh"));
        assert_eq!(
            changed(TEXT, "me", &old, &new).unwrap(),
            TEXT.replace("OLD.ID", "new.id")
                .replace("old/refresh", "new:refresh")
        );
        let old = tokens(None, Some("alone"));
        let new = tokens(Some("new.id"), Some("alone"));
        let line = "        refresh-token: alone\n";
        assert_eq!(
            changed(TEXT, "you", &old, &new).unwrap(),
            TEXT.replace(line, &format!("        id-token: new.id\n{line}"))
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_mode_and_its_owner() {
        use std::os::unix::fs::{PermissionsExt, chown};
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        // Only root can give a file away.
        chown(&file, Some(12_345), None).ok();
        let of = |file: &Path| {
            let metadata = fs::metadata(file).unwrap();
            (metadata.uid(), metadata.gid(), metadata.mode())
        };
        let before = of(&file);
        replace(&file, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(of(&file), before);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn new_tokens_are_never_in_a_file_that_others_could_have_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.1");
        let file = private(&path).unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        // Nor is a file or a link of somebody else taken.
        let taken = private(&path).unwrap_err().kind();
        assert_eq!(taken, io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn what_would_be_read_otherwise_is_not_written() {
        let old = tokens(Some("OLD.ID"), Some("old/refresh"));
        for (id, refresh) in [
            ("a, b: c", "old/refresh"),
            ("new.id", "a\"b"),
            ("a #b", "old/refresh"),
        ] {
            let new = tokens(Some(id), Some(refresh));
            assert_eq!(changed(TEXT, "me", &old, &new), None, "{id} {refresh}");
        }
        // Somebody else was faster.
        let older = tokens(Some("OLDER.ID"), Some("old/refresh"));
        let new = tokens(Some("new.id"), Some("old/refresh"));
        assert_eq!(changed(TEXT, "me", &older, &new), None);
    }
}
