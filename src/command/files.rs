//! The files that the command line names, read within bounds.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::Path,
    time::Duration,
};

use k8s_openapi::api::core::v1::EphemeralContainer;
use tokio::{task, time};

use crate::{
    cli::DebugArgs,
    container::{Custom, Manifest, Mode},
    error::{Error, in_words},
    report::Reporter,
    terminal,
};

/// How large a file may be: no pod can hold more.
const LARGEST: u64 = 1024 * 1024;

/// How long is waited for what is no ordinary file.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Without a word.
    wordless: Duration,
    /// After that; nothing for as long as the user likes.
    limit: Option<Duration>,
}

const WORDLESS: Duration = Duration::from_secs(2);
/// A pipe in the file system may have nobody at its other end.
const FOR_PATHS: Patience = Patience {
    wordless: WORDLESS,
    limit: Some(Duration::from_mins(1)),
};
/// Whoever writes to us may be a person.
const FOR_INPUT: Patience = Patience {
    wordless: WORDLESS,
    limit: None,
};

/// Whoever types knows why we wait.
const FOR_KEYS: Patience = Patience {
    wordless: Duration::MAX,
    limit: None,
};

/// What the files of a command line say.
#[derive(Debug)]
pub(super) struct Files {
    /// That of `-f`.
    pub(super) manifest: Option<Manifest>,
    /// That of `--custom`.
    pub(super) custom: Option<Custom>,
    /// Whether one of them came through standard input, so that nothing is left there.
    pub(super) input_is_used: bool,
}

impl Files {
    /// Returns the words with the pod that is meant, and the namespace that it is in.
    pub(super) fn place(
        &self,
        args: &DebugArgs,
        namespace: Option<&str>,
    ) -> Result<(DebugArgs, Option<String>), Error> {
        let mut args = args.clone();
        let mut namespace = namespace.map(str::to_owned);
        if let Some(manifest) = &self.manifest {
            (args.pod, namespace) = manifest.place(args.pod.as_deref(), namespace.as_deref())?;
        }
        Ok((args, namespace))
    }

    /// Refuses to attach to a container that wants an input which we do not have.
    pub(super) fn check_input(
        &self,
        container: &EphemeralContainer,
        mode: Mode,
        terminal: bool,
        line_back: &str,
    ) -> Result<(), Error> {
        let name = &container.name;
        let (wants, why) = match mode {
            Mode::Pipe | Mode::Terminal if self.input_is_used => {
                ("takes input", "standard input was the file")
            }
            Mode::Terminal if !terminal => ("has a terminal", "standard input is none"),
            Mode::Output | Mode::Pipe | Mode::Terminal => return Ok(()),
        };
        Err(Error::Usage {
            message: format!("container `{name}` {wants}, and {why}"),
            hint: Some(format!(
                "--attach=false only adds it; `{line_back}` goes to it from a terminal"
            )),
        })
    }
}

/// Reads what is named, and says what is wrong with it.
pub(super) async fn read(args: &DebugArgs, report: &Reporter) -> Result<Files, Error> {
    let named = [&args.filename, &args.custom];
    let mut stdin = named.into_iter().flatten().filter(|path| is_stdin(path));
    if stdin.clone().count() > 1 {
        return Err(Error::usage(
            "standard input can be the file of `-f` or of `--custom`, not both",
        ));
    }
    let input_is_used = stdin.next().is_some() && !io::stdin().is_terminal();
    let manifest = match &args.filename {
        Some(path) => Some(Manifest::parse(&called(path), &bytes(path, report).await?)?),
        None => None,
    };
    if let Some(manifest) = &manifest {
        manifest.refuse_flags(args)?;
    }
    let custom = match &args.custom {
        Some(path) => Some(Custom::parse(&called(path), &bytes(path, report).await?)?),
        None => None,
    };
    Ok(Files {
        manifest,
        custom,
        input_is_used,
    })
}

/// Tells whether a path is standard input, by any of its names.
fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
        .map(Path::new)
        .contains(&path)
}

/// Returns how a file is called in what we say.
fn called(path: &Path) -> String {
    if is_stdin(path) {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

async fn bytes(path: &Path, report: &Reporter) -> Result<Vec<u8>, Error> {
    let name = called(path);
    if is_stdin(path) {
        let patience = if io::stdin().is_terminal() {
            report.notice(&format!(
                "reading from the terminal; {} ends it",
                terminal::END_OF_INPUT
            ));
            FOR_KEYS
        } else {
            FOR_INPUT
        };
        return bytes_of(&name, patience, report, || within(io::stdin())).await;
    }
    let path = path.to_owned();
    bytes_of(&name, FOR_PATHS, report, move || within_file(&path)).await
}

/// Why nothing was read.
enum Unread {
    TooLarge,
    Folder,
    Io(io::Error),
}

/// Reads on a thread of its own: neither an open nor a read can be given up.
async fn bytes_of(
    name: &str,
    patience: Patience,
    report: &Reporter,
    read: impl FnOnce() -> Result<Vec<u8>, Unread> + Send + 'static,
) -> Result<Vec<u8>, Error> {
    let mut reading = task::spawn_blocking(read);
    let read = match time::timeout(patience.wordless, &mut reading).await {
        Ok(read) => read,
        Err(_) => {
            report.notice(&format!("waiting for {name} to end"));
            match patience.limit {
                None => reading.await,
                Some(limit) => time::timeout(limit, reading)
                    .await
                    .map_err(|_| Error::usage(format!("{name} did not end within {limit:?}")))?,
            }
        }
    };
    let read = read.map_err(|error| Error::Unexpected {
        what: format!("cannot read {name}"),
        source: Some(error.into()),
    })?;
    read.map_err(|unread| told(name, unread))
}

fn told(name: &str, unread: Unread) -> Error {
    let message = match unread {
        Unread::TooLarge => format!("{name} is larger than 1 MiB, and no pod can hold that"),
        Unread::Folder => format!("{name} is a directory, and must be a file"),
        Unread::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            format!("{name} does not exist")
        }
        Unread::Io(error) => format!("cannot read {name}: {}", in_words(&error)),
    };
    let is_address = name.starts_with("http://") || name.starts_with("https://");
    Error::Usage {
        message,
        hint: is_address.then(|| {
            format!("addresses are not fetched: `curl -fsSL {name} | kubectl ephemeral -f -`")
        }),
    }
}

fn within_file(path: &Path) -> Result<Vec<u8>, Unread> {
    let about = fs::metadata(path).map_err(Unread::Io)?;
    if about.is_dir() {
        return Err(Unread::Folder);
    }
    if about.len() > LARGEST {
        return Err(Unread::TooLarge);
    }
    within(File::open(path).map_err(Unread::Io)?)
}

fn within(source: impl Read) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let mut source = source.take(LARGEST + 1);
    source.read_to_end(&mut bytes).map_err(Unread::Io)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST) {
        Ok(bytes)
    } else {
        Err(Unread::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::cli::Color;

    #[tokio::test]
    async fn what_never_ends_is_given_up() {
        let (hold_tx, hold_rx) = mpsc::channel::<()>();
        let never = move || {
            hold_rx.recv().ok();
            Ok(Vec::new())
        };
        let patience = Patience {
            wordless: Duration::from_millis(1),
            limit: Some(Duration::from_millis(1)),
        };
        let report = Reporter::new(true, Color::Never);
        let error = bytes_of("pipe", patience, &report, never)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "pipe did not end within 1ms");
        assert_eq!(error.exit_status().code(), 2);
        drop(hold_tx);
    }

    #[test]
    fn what_has_the_largest_size_is_still_read() {
        let largest = usize::try_from(LARGEST).unwrap();
        assert_eq!(
            within(&vec![b'#'; largest][..])
                .ok()
                .map(|bytes| bytes.len()),
            Some(largest)
        );
        assert!(matches!(
            within(&vec![b'#'; largest + 1][..]),
            Err(Unread::TooLarge)
        ));
    }
}
