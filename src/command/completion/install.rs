//! Puts the link where kubectl looks for who completes the plugin's words.

#[cfg(unix)]
mod link;
#[cfg(any(windows, test))]
mod shim;

#[cfg(unix)]
use link::{COMPLETER, PLUGIN, is_current, is_ours, put};
#[cfg(windows)]
use shim::{COMPLETER, PLUGIN, is_current, is_ours, put};

use std::{env, fs, io, path::Path};

use crate::{cli::path_folders, error::Error, exit_status::ExitStatus, report::Reporter};

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
        if is_current(&there, &ours) {
            report.notice(&format!("{shown} is there already"));
            return Ok(ExitStatus::Done);
        }
        // It leads to what is gone, or is a copy of ours.
        let folder = there.parent().unwrap_or(Path::new("/"));
        fs::remove_file(&there).map_err(|error| cannot_write(&there, error))?;
        let done = put(folder, &ours).map_err(|error| cannot_write(&there, error))?;
        report.notice(&done);
        return Ok(ExitStatus::Done);
    }
    let (beside, others): (Vec<_>, Vec<_>) = folders
        .iter()
        .partition(|folder| folder.join(PLUGIN).exists());
    for folder in beside.into_iter().chain(others) {
        if let Ok(done) = put(folder, &ours) {
            report.notice(&done);
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

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn cannot_write(path: &Path, error: io::Error) -> Error {
    Error::Unexpected {
        what: format!("cannot write {}", path.display()),
        source: Some(error.into()),
    }
}
