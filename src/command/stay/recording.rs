//! The recording of a session, on its way into its file.
//!
//! A thread writes it, one event at a time and nothing held back: whatever ends us, what is in the
//! file by then can be played. A file in which nothing came to stand is taken away again.

#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use super::Place;
use crate::{
    cli::{CastForm, DebugArgs, SessionArgs},
    cluster::Streams,
    container::{DebugRequest, Mode},
    error::{Error, in_words},
    exit_status::ExitStatus,
    report::Reporter,
    session::Asciicast,
    shell,
    size::Size,
    terminal,
};

/// How many events may wait for the disk before the output is made to wait.
const WAITING: usize = 16;
const NEVER_OVER: &str = "a recording never replaces anything; name a file that is not there yet";

/// A file for a recording, with nothing in it yet.
pub(in crate::command) struct Blank {
    file: File,
    form: CastForm,
    unused: Unused,
}

/// A recording that may run.
pub(in crate::command) struct Recording {
    tape: Tape,
    written_rx: oneshot::Receiver<()>,
    _unused: Unused,
}

/// Where what is to be recorded goes.
#[derive(Clone, Debug)]
pub(in crate::command) struct Tape(mpsc::Sender<(Instant, Event)>);

#[derive(Debug)]
enum Event {
    Shown(Bytes),
    Resized(Size),
    /// The last one, with the exit code of the container if that has ended.
    Ended(Option<i32>),
}

/// Takes the file away, unless something stands in it.
struct Unused {
    path: PathBuf,
    used: Arc<AtomicBool>,
}

impl Drop for Unused {
    fn drop(&mut self) {
        if !self.used.load(Ordering::Relaxed) {
            // An empty file that stays does no harm.
            fs::remove_file(&self.path).ok();
        }
    }
}

impl Blank {
    /// Makes the file for what was asked for, if a recording was: before anything is asked of a
    /// cluster.
    pub(in crate::command) fn of_request(
        args: &DebugArgs,
        request: &DebugRequest,
    ) -> Result<Option<Self>, Error> {
        // What a file says of the container is known once the pod is.
        let may_be_session = request.mode == Mode::Terminal || args.filename.is_some();
        if args.session.record.is_some() && !(request.aim.stays() && may_be_session) {
            return Err(not_a_session());
        }
        Self::open(&args.session)
    }

    /// Makes the file, if one was named. It must not be there, in whatever form; nobody else may
    /// read it.
    pub(in crate::command) fn open(session: &SessionArgs) -> Result<Option<Self>, Error> {
        let Some(path) = &session.record else {
            return Ok(None);
        };
        if path.as_os_str() == "-" {
            return Err(Error::usage(
                "`--record` needs a file; standard output is the session's",
            ));
        }
        // O_EXCL: no link is followed either.
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // On Windows it is as private as its folder.
        #[cfg(unix)]
        OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| refused(path, error))?;
        Ok(Some(Self {
            file,
            form: session.record_format,
            unused: Unused {
                path: path.clone(),
                used: Arc::default(),
            },
        }))
    }

    /// Begins to record what is shown of a container.
    pub(in crate::command) fn start(self, place: &mut Place<'_>, report: &Reporter) -> Recording {
        let Self { file, form, unused } = self;
        let path = unused.path.display().to_string();
        report.notice(&format!(
            "what this session shows is recorded in `{path}`, what is typed is not"
        ));
        let title = format!(
            "kubectl ephemeral: container {} in pod {}, namespace {}",
            place.container,
            place.pod,
            place.cluster.namespace()
        );
        let (events_tx, events_rx) = mpsc::channel(WAITING);
        let (written_tx, written_rx) = oneshot::channel();
        let (used, report) = (Arc::clone(&unused.used), report.clone());
        thread::spawn(move || {
            let writing = Writing {
                file,
                complete: 0,
                used,
            };
            if let Err(error) = writing.write(form, &title, events_rx) {
                report.warning(&format!(
                    "the recording in `{path}` is not complete: {}",
                    in_words(&error)
                ));
            }
            // Nobody listens any more if a signal ended the session.
            written_tx.send(()).ok();
        });
        let tape = Tape(events_tx);
        place.tape = Some(tape.clone());
        Recording {
            tape,
            written_rx,
            _unused: unused,
        }
    }
}

impl Recording {
    /// Waits until all of it is written.
    pub(in crate::command) async fn finish(self, ended: &Result<ExitStatus, Error>) {
        let code = match ended {
            Ok(ExitStatus::Container(code)) => Some(*code),
            Ok(_) | Err(_) => None,
        };
        // It may have failed before; then that is told.
        let end = (Instant::now(), Event::Ended(code));
        self.tape.0.send(end).await.ok();
        self.written_rx.await.ok();
    }
}

impl Tape {
    /// Returns what takes the bytes that are shown, on a thread that may wait.
    pub(super) fn recorder(&self) -> impl FnMut(Bytes) + Send + 'static {
        let events_tx = self.0.clone();
        // A recording that has failed is told of elsewhere, and does not stop the session.
        move |bytes| {
            let event = (Instant::now(), Event::Shown(bytes));
            events_tx.blocking_send(event).ok();
        }
    }

    /// The same for what comes from a log: its lines end without the carriage return that a terminal
    /// adds.
    pub(super) fn of_log(&self) -> impl FnMut(Bytes) + Send + 'static {
        let mut record = self.recorder();
        move |bytes| record(with_carriage_returns(&bytes))
    }

    /// Records the size, and its changes until the set is dropped.
    pub(super) fn follow(&self, sizes_rx: Option<watch::Receiver<Size>>) -> JoinSet<()> {
        let mut following = JoinSet::new();
        if let Some(mut sizes_rx) = sizes_rx {
            let events_tx = self.0.clone();
            following.spawn(async move {
                loop {
                    let size = *sizes_rx.borrow_and_update();
                    let event = (Instant::now(), Event::Resized(size));
                    if events_tx.send(event).await.is_err() || sizes_rx.changed().await.is_err() {
                        break;
                    }
                }
            });
        }
        following
    }
}

fn with_carriage_returns(bytes: &[u8]) -> Bytes {
    let lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    lines.join(&b"\r\n"[..]).into()
}

/// Refuses to record what is no terminal session.
pub(in crate::command) fn only_sessions(session: &SessionArgs, mode: Mode) -> Result<(), Error> {
    if session.record.is_some() && mode != Mode::Terminal {
        return Err(not_a_session());
    }
    Ok(())
}

/// Refuses to record a container without a terminal, to which one goes back.
pub(in crate::command) fn only_terminals(
    session: &SessionArgs,
    place: &Place<'_>,
) -> Result<(), Error> {
    if session.record.is_some() && place.streams != Streams::Terminal {
        let container = &place.container;
        return Err(Error::Usage {
            message: format!("container `{container}` has no terminal that could be recorded"),
            hint: Some(format!(
                "`{}` has what it writes",
                shell::line_of_log(&place.pod, container, place.cluster.there())
            )),
        });
    }
    Ok(())
}

fn not_a_session() -> Error {
    Error::Usage {
        message: "`--record` is for a terminal session".to_owned(),
        hint: Some(
            "give a command a terminal with -it, or send its output to a file with >".to_owned(),
        ),
    }
}

/// Says why there is no file to record to.
fn refused(path: &Path, error: io::Error) -> Error {
    let exists = error.kind() == io::ErrorKind::AlreadyExists;
    let source = match path.symlink_metadata() {
        Ok(there) if exists && there.is_dir() => "it is a directory".into(),
        Ok(there) if exists && there.is_symlink() => "it is a symbolic link".into(),
        Ok(_) if exists => "it is there already".into(),
        Ok(_) | Err(_) => error.into(),
    };
    Error::Recording {
        path: path.display().to_string(),
        source,
        hint: exists.then_some(NEVER_OVER),
    }
}

/// Puts the events of a recording into its file.
struct Writing {
    file: File,
    /// How many bytes of the file are whole lines.
    complete: u64,
    used: Arc<AtomicBool>,
}

impl Writing {
    fn write(
        mut self,
        form: CastForm,
        title: &str,
        mut events_rx: mpsc::Receiver<(Instant, Event)>,
    ) -> io::Result<()> {
        let Some((began, first)) = events_rx.blocking_recv() else {
            return Ok(());
        };
        if matches!(first, Event::Ended(_)) {
            return Ok(());
        }
        let size = terminal::current_size().or(Size::new(80, 24));
        let Some(size) = size else {
            return Ok(());
        };
        let (mut cast, header) = Asciicast::begin(form, size, Timestamp::now().as_second(), title);
        self.used.store(true, Ordering::Relaxed);
        self.add(&header)?;
        let mut next = Some((began, first));
        while let Some((at, event)) = next {
            let at = at.saturating_duration_since(began);
            match event {
                Event::Shown(bytes) => self.add(&cast.output(at, &bytes))?,
                Event::Resized(size) => self.add(&cast.resized(at, size))?,
                Event::Ended(code) => return self.add(&cast.end(at, code)),
            }
            next = events_rx.blocking_recv();
        }
        Ok(())
    }

    /// Writes whole lines, or none of them: players want no half ones.
    fn add(&mut self, lines: &str) -> io::Result<()> {
        let written = self.file.write_all(lines.as_bytes());
        match written {
            Ok(()) => self.complete += lines.len() as u64,
            Err(_) => self.file.set_len(self.complete)?,
        }
        written
    }
}
