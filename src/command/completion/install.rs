//! Puts the link where kubectl looks for who completes the plugin's words.

#[cfg(unix)]
mod link;
#[cfg(any(windows, test))]
mod shim;

#[cfg(unix)]
use link::{is_current, is_ours, put};
#[cfg(windows)]
use shim::{is_current, is_ours, put};

use std::{env, fs, io, path::Path};

use crate::{
    cli::{Program, path_folders},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
};

/// How the files are called.
struct Names {
    /// The plugin's own.
    plugin: String,
    /// The one that kubectl looks for.
    completer: String,
}

impl Names {
    fn of(program: &Program) -> Self {
        let (plugin, completer) = program.plugin_and_completer();
        // kubectl finds a script by any ending in `PATHEXT`.
        let [plugin_ends, completer_ends] = if cfg!(windows) {
            [".exe", ".cmd"]
        } else {
            [""; 2]
        };
        Self {
            plugin: plugin + plugin_ends,
            completer: completer + completer_ends,
        }
    }
}

/// Links it, next to our binary if that is on the `PATH`, else in the first folder there that takes it.
pub(super) fn run(program: &Program, report: &Reporter) -> Result<ExitStatus, Error> {
    let ours = env::current_exe().map_err(|error| Error::Unexpected {
        what: "the path of this program is not known".to_owned(),
        source: Some(error.into()),
    })?;
    let names = Names::of(program);
    let folders = path_folders();
    if let Some(there) = folders
        .iter()
        .map(|it| it.join(&names.completer))
        .find(|it| is_there(it))
    {
        let shown = there.display();
        if !is_ours(&there, &ours, &names) {
            return Err(Error::Usage {
                message: format!("{shown} is there, and not ours"),
                hint: Some("remove it first, if nobody needs it".to_owned()),
            });
        }
        if is_current(&there, &ours, &names) {
            report.notice(&format!("{shown} is there already"));
            return Ok(ExitStatus::Done);
        }
        // It leads to what is gone, or is a copy of ours.
        let folder = there.parent().unwrap_or(Path::new("/"));
        fs::remove_file(&there).map_err(|error| cannot_write(&there, error))?;
        let done = put(folder, &ours, &names).map_err(|error| cannot_write(&there, error))?;
        report.notice(&done);
        return Ok(ExitStatus::Done);
    }
    let (beside, others): (Vec<_>, Vec<_>) = folders
        .iter()
        .partition(|folder| folder.join(&names.plugin).exists());
    for folder in beside.into_iter().chain(others) {
        if let Ok(done) = put(folder, &ours, &names) {
            report.notice(&done);
            return Ok(ExitStatus::Done);
        }
    }
    Err(Error::Usage {
        message: format!(
            "no folder of the PATH takes a file, so that {} cannot be put there",
            names.completer
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
