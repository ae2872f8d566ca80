//! A real pty with a program in it, and the screen that a user would see.

use std::{
    ffi::OsStr,
    io::{Read, Write},
    num::NonZeroU16,
    os::{fd::AsFd, unix::process::ExitStatusExt},
    process::{Child, ExitStatus},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use pty_process::{
    Size,
    blocking::{Command, Pts, Pty, open},
};
use rustix::termios::{Termios, tcgetattr};
use sandbox::Sandbox;

use crate::{plugin::PLUGIN, secrets, seen};

/// How long a screen may take to become what a test expects: far more than it needs.
const LIMIT: Duration = Duration::from_secs(30);

/// What no program writes.
const LAST: &[u8] = b"\x1b_the last of it\x1b\\";

const ROWS: NonZeroU16 = NonZeroU16::new(24).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(80).unwrap();

/// A terminal of 80 columns and 24 rows with a program in it.
pub(crate) struct Screen {
    parser: vt100::Parser,
    bytes_rx: mpsc::Receiver<Vec<u8>>,
    pty: Pty,
    /// Kept open, so that the terminal outlives the program and its settings can be read.
    pts: Pts,
    child: Child,
    before: Vec<u8>,
    /// All that was written, as it came.
    written: Vec<u8>,
    may_show: Vec<String>,
    /// How long it may take to become what a test expects.
    limit: Duration,
    /// Whether the end of the program was seen.
    ended: bool,
    _home: tempfile::TempDir,
}

impl Screen {
    /// Starts the plugin on a sandbox.
    pub(crate) fn of_plugin<T: AsRef<OsStr>>(sandbox: &Sandbox, args: &[T]) -> Self {
        let words: Vec<_> = args.iter().map(|arg| arg.as_ref().to_owned()).collect();
        secrets::learn_from(&words, &std::process::Command::new(PLUGIN));
        secrets::learn_file(sandbox.kubeconfig());
        Self::of(PLUGIN, args, |command| {
            command.env("KUBECONFIG", sandbox.kubeconfig())
        })
    }

    /// Starts a program.
    pub(crate) fn of<T: AsRef<OsStr>>(
        program: impl AsRef<OsStr>,
        args: &[T],
        environment: impl FnOnce(Command) -> Command,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (pty, pts) = open().unwrap();
        pty.resize(Size::new(ROWS.get(), COLUMNS.get())).unwrap();
        let before = settings(&pts);
        let command = Command::new(program)
            .args(args)
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TERM", "xterm-256color");
        let child = environment(command).spawn_borrowed(&pts).unwrap();
        let bytes_rx = reading(&pty);
        Self {
            parser: vt100::Parser::new(ROWS, COLUMNS, 0),
            bytes_rx,
            pty,
            pts,
            child,
            before,
            written: Vec::new(),
            may_show: Vec::new(),
            limit: LIMIT,
            ended: false,
            _home: home,
        }
    }

    /// Lets this secret be shown, which fails the test otherwise.
    pub(crate) fn may_show(&mut self, secret: &str) {
        self.may_show.push(secret.to_owned());
    }

    /// Waits twice as long, for what itself takes half a minute.
    pub(crate) fn be_patient(&mut self) {
        self.limit = 2 * LIMIT;
    }

    /// Waits until the screen is as expected.
    pub(crate) fn wait_until(&mut self, what: &str, expected: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + self.limit;
        while !expected(self.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.bytes_rx.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(why) => panic!(
                    "not seen ({why}): {what}\n--- screen\n{}\n---",
                    self.contents()
                ),
            }
        }
    }

    /// Waits for something that does not show on the screen.
    pub(crate) fn wait_while(&mut self, what: &str, lasts: impl Fn() -> bool) {
        let deadline = Instant::now() + self.limit;
        while lasts() {
            assert!(Instant::now() < deadline, "{what}\n{}", self.contents());
            // The terminal must be read, or the program waits for its reader.
            if let Ok(bytes) = self.bytes_rx.recv_timeout(Duration::from_millis(5)) {
                self.take(&bytes);
            }
        }
    }

    /// Waits until a text was written so many times.
    pub(crate) fn wait_until_said(&mut self, text: &str, times: usize) {
        let deadline = Instant::now() + self.limit;
        while self.said().matches(text).count() < times {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.bytes_rx.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(why) => panic!("not said ({why}): {text}, {times} times\n{}", self.said()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.written.extend_from_slice(bytes);
    }

    /// Waits until a text stands on the screen.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until a line of the screen is this.
    pub(crate) fn wait_for_line(&mut self, line: &str) {
        let stands = |screen: &vt100::Screen| screen.contents().lines().any(|other| other == line);
        self.wait_until(&format!("the line `{line}`"), stands);
    }

    /// Waits until the last line that is not empty begins with a text.
    pub(crate) fn wait_for_prompt(&mut self, prompt: &str) {
        let at_prompt = |screen: &vt100::Screen| {
            let contents = screen.contents();
            let last = contents.lines().rev().find(|line| !line.trim().is_empty());
            last.is_some_and(|line| line.trim() == prompt.trim())
        };
        self.wait_until(&format!("the prompt `{prompt}`"), at_prompt);
    }

    /// Types.
    pub(crate) fn type_keys(&mut self, keys: &str) {
        (&self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.parser
            .screen_mut()
            .set_size(rows.try_into().unwrap(), columns.try_into().unwrap());
        self.pty.resize(Size::new(rows, columns)).unwrap();
    }

    /// Returns the number of the process.
    pub(crate) fn process(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Waits for the end of the program and returns its exit code.
    pub(crate) fn wait_for_end(&mut self) -> i32 {
        let status = self.end();
        secrets::assert_none_in(&self.written, &self.may_show);
        let code = status.code().unwrap_or_else(|| -status.signal().unwrap());
        self.ended = true;
        seen::in_terminal(Some(code), !self.is_raw(), &self.written);
        code
    }

    fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + self.limit;
        loop {
            // The terminal must be read, or the program waits for its reader.
            if let Ok(bytes) = self.bytes_rx.recv_timeout(Duration::from_millis(5)) {
                self.take(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                self.take_the_rest();
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end\n--- screen\n{}\n---",
                self.contents()
            );
        }
    }

    /// Takes all that was written until now. What passes through a terminal keeps its order, so what we write
    /// ourselves comes out last.
    fn take_the_rest(&mut self) {
        assert_eq!(rustix::io::write(&self.pts, LAST).unwrap(), LAST.len());
        let mut rest = Vec::new();
        loop {
            rest.extend(self.bytes_rx.recv_timeout(LIMIT).unwrap());
            if let Some(end) = rest.windows(LAST.len()).position(|part| part == LAST) {
                return self.take(&rest[..end]);
            }
        }
    }

    /// Fails unless the terminal's settings are those from before the program started.
    pub(crate) fn assert_restored(&self) {
        assert_eq!(
            settings(&self.pts),
            self.before,
            "the terminal is not as before"
        );
    }

    /// Fails unless the screen is as a shell expects it.
    pub(crate) fn assert_modes_undone(&self) {
        let screen = self.parser.screen();
        assert!(
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && !screen.bracketed_paste()
                && !screen.application_cursor()
                && !screen.application_keypad()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None,
            "{}",
            self.said()
        );
        assert_eq!(screen.fgcolor(), vt100::Color::Default);
    }

    /// Waits until the terminal is raw, or is no longer.
    pub(crate) fn wait_until_raw(&mut self, raw: bool) {
        let deadline = Instant::now() + self.limit;
        while self.is_raw() != raw {
            assert!(
                Instant::now() < deadline,
                "raw: {}\n{}",
                !raw,
                self.contents()
            );
            // The terminal must be read, or the program waits for its reader.
            if let Ok(bytes) = self.bytes_rx.recv_timeout(Duration::from_millis(5)) {
                self.take(&bytes);
            }
        }
    }

    /// Tells whether the terminal is in raw mode.
    pub(crate) fn is_raw(&self) -> bool {
        settings(&self.pts) != self.before
    }

    /// Returns all that was written so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// Returns what stands on the screen.
    pub(crate) fn contents(&self) -> String {
        self.parser.screen().contents()
    }
}

impl Drop for Screen {
    #[expect(
        clippy::print_stderr,
        reason = "whoever reads of a failure wants to see the terminal"
    )]
    fn drop(&mut self) {
        if !thread::panicking() && !self.ended {
            seen::in_terminal(None, !self.is_raw(), &self.written);
        }
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            eprintln!("--- the terminal had shown\n{}\n---", self.said());
        } else {
            secrets::assert_none_in(&self.written, &self.may_show);
        }
    }
}

fn reading(pty: &Pty) -> mpsc::Receiver<Vec<u8>> {
    let mut reader = std::fs::File::from(pty.as_fd().try_clone_to_owned().unwrap());
    let (bytes_tx, bytes_rx) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if bytes_tx.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    bytes_rx
}

/// Returns the settings of a terminal in a form that can be compared.
fn settings(pts: &Pts) -> Vec<u8> {
    let Termios {
        input_modes,
        output_modes,
        control_modes,
        local_modes,
        special_codes,
        ..
    } = tcgetattr(pts).unwrap();
    format!("{input_modes:?} {output_modes:?} {control_modes:?} {local_modes:?} {special_codes:?}")
        .into_bytes()
}
