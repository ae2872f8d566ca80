//! Puts the link where kubectl looks for who completes the plugin's words.

use std::{
    env, fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use crate::{
    cli::{COMPLETER, path_folders},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
};

const PLUGIN: &str = "kubectl-ephemeral";

/// Links it, next to our binary if that is on the `PATH`, else in the first folder there that takes it.
pub(super) fn run(report: &Reporter) -> Result<ExitStatus, Error> {
    let ours = env::current_exe().map_err(|error| Error::Unexpected {
        what: "the path of this program is not known".to_owned(),
        source: Some(error.into()),
    })?;
    let folders = path_folders();
    if let Some(there) = folders
        .iter()
        .map(|it| it.join(COMPLETER))
        .find(|it| is_there(it))
    {
        let shown = there.display();
        if !is_ours(&there, &ours) {
            return Err(Error::Usage {
                message: format!("{shown} is there, and not ours"),
                hint: Some("remove it first, if nobody needs it".to_owned()),
            });
        }
        if there.exists() && there.is_symlink() {
            report.notice(&format!("{shown} is there already"));
            return Ok(ExitStatus::Done);
        }
        // A link to what is gone, or a copy of ours.
        let folder = there.parent().unwrap_or(Path::new("/"));
        fs::remove_file(&there).map_err(|error| cannot_write(&there, error))?;
        let done = put(folder, &ours).map_err(|error| cannot_write(&there, error))?;
        tell(&done, report);
        return Ok(ExitStatus::Done);
    }
    let (beside, others): (Vec<_>, Vec<_>) = folders
        .iter()
        .partition(|folder| folder.join(PLUGIN).exists());
    for folder in beside.into_iter().chain(others) {
        if let Ok(done) = put(folder, &ours) {
            tell(&done, report);
            return Ok(ExitStatus::Done);
        }
    }
    Err(Error::Usage {
        message: format!(
            "no folder of the PATH takes a file, so that {COMPLETER} cannot be put there"
        ),
        hint: Some(format!(
            "put a link of that name to {} where your PATH leads",
            ours.display()
        )),
    })
}

/// What was put where.
enum Done {
    Link(PathBuf, PathBuf),
    Copy(PathBuf, PathBuf),
}

/// Links, and where the file system has no links, copies.
fn put(folder: &Path, ours: &Path) -> io::Result<Done> {
    let there = folder.join(COMPLETER);
    // Beside the plugin it leads to whatever the plugin is by then.
    let leads_to = if folder.join(PLUGIN).exists() {
        PathBuf::from(PLUGIN)
    } else {
        ours.to_owned()
    };
    match symlink(&leads_to, &there) {
        Ok(()) => Ok(Done::Link(there, leads_to)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => {
            fs::copy(ours, &there)?;
            Ok(Done::Copy(there, ours.to_owned()))
        }
    }
}

fn tell(done: &Done, report: &Reporter) {
    report.notice(&match done {
        Done::Link(there, to) => format!("linked {} to {}", there.display(), to.display()),
        Done::Copy(there, of) => format!(
            "copied {} to {}; do so again after an upgrade",
            of.display(),
            there.display()
        ),
    });
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Tells a link to this program, to where it was, or a copy of it.
fn is_ours(there: &Path, ours: &Path) -> bool {
    if let Ok(leads_to) = fs::read_link(there) {
        let is_named = leads_to.file_name().is_some_and(|name| name == PLUGIN);
        return is_named || there.canonicalize().is_ok_and(|it| it == ours);
    }
    let size = |path: &Path| path.metadata().ok().map(|it| it.len());
    size(there) == size(ours) && fs::read(there).ok() == fs::read(ours).ok()
}

fn cannot_write(path: &Path, error: io::Error) -> Error {
    Error::Unexpected {
        what: format!("cannot write {}", path.display()),
        source: Some(error.into()),
    }
}
