//! On Unix it is a link to ourselves, whose name tells us what is wanted.

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use super::Names;

/// Links, and where the file system has no links, copies. Returns what was done.
pub(super) fn put(folder: &Path, ours: &Path, names: &Names) -> io::Result<String> {
    let there = folder.join(&names.completer);
    // Beside the plugin it leads to whatever the plugin is by then.
    let leads_to = if folder.join(&names.plugin).exists() {
        PathBuf::from(&names.plugin)
    } else {
        ours.to_owned()
    };
    match symlink(&leads_to, &there) {
        Ok(()) => Ok(format!(
            "linked {} to {}",
            there.display(),
            leads_to.display()
        )),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            fs::copy(ours, &there)?;
            Ok(format!(
                "copied {} to {}; do so again after an upgrade",
                ours.display(),
                there.display()
            ))
        }
    }
}

/// Tells whether it need not be put there again.
pub(super) fn is_current(there: &Path, _ours: &Path, _names: &Names) -> bool {
    there.exists() && there.is_symlink()
}

/// Tells a link to this program, to where it was, or a copy of it.
pub(super) fn is_ours(there: &Path, ours: &Path, names: &Names) -> bool {
    if let Ok(leads_to) = fs::read_link(there) {
        let is_named = leads_to
            .file_name()
            .is_some_and(|name| name == names.plugin.as_str());
        return is_named || there.canonicalize().is_ok_and(|it| it == ours);
    }
    let size = |path: &Path| path.metadata().ok().map(|it| it.len());
    size(there) == size(ours) && fs::read(there).ok() == fs::read(ours).ok()
}
