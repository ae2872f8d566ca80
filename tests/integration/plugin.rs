//! Runs the plugin's binary, each time with a home and an environment of its own.

use std::{
    ffi::{OsStr, OsString},
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use sandbox::Sandbox;

use crate::{secrets, seen};

/// The binary under test: the one that cargo has just built, unless `PLUGIN_UNDER_TEST` named another when
/// the tests were built, such as one that is shipped.
pub(crate) const PLUGIN: &str = match option_env!("PLUGIN_UNDER_TEST") {
    Some(plugin) => plugin,
    None => env!("CARGO_BIN_EXE_kubectl-ephemeral"),
};

/// How a run ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run of the plugin without a terminal.
pub(crate) struct Plugin {
    home: tempfile::TempDir,
    kubeconfig: Option<OsString>,
    args: Vec<OsString>,
    variables: Vec<(String, String)>,
    without: Vec<String>,
    may_show: Vec<String>,
    input: Option<Vec<u8>>,
}

impl Plugin {
    /// Runs on a sandbox.
    pub(crate) fn on(sandbox: &Sandbox) -> Self {
        Self::with_kubeconfig(sandbox.kubeconfig())
    }

    /// Runs with `KUBECONFIG` set.
    pub(crate) fn with_kubeconfig(path: impl AsRef<OsStr>) -> Self {
        Self {
            kubeconfig: Some(path.as_ref().to_owned()),
            ..Self::nowhere()
        }
    }

    /// Runs where nobody knows a cluster.
    pub(crate) fn nowhere() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            kubeconfig: None,
            args: Vec::new(),
            variables: Vec::new(),
            without: Vec::new(),
            may_show: Vec::new(),
            input: None,
        }
    }

    pub(crate) fn args<T: Into<OsString>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a variable that is set otherwise.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.without.push(name.to_owned());
        self
    }

    /// Lets this secret be shown, which fails the run otherwise.
    pub(crate) fn may_show(mut self, secret: &str) -> Self {
        self.may_show.push(secret.to_owned());
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = Some(input.into());
        self
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs to the end.
    pub(crate) fn run(self) -> Ended {
        let (code, stdout, stderr) = self.run_raw();
        Ended {
            code,
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    /// Runs to the end, and returns exit code, stdout and stderr, which need not be text.
    pub(crate) fn run_raw(mut self) -> (i32, Vec<u8>, Vec<u8>) {
        let input = self.input.take();
        let mut child = self.start(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        let feeding = input.map(|input| {
            let mut stdin = child.stdin.take().unwrap();
            // The plugin may end without reading all of it.
            std::thread::spawn(move || stdin.write_all(&input).ok())
        });
        let output = child.wait_with_output().unwrap();
        if let Some(feeding) = feeding {
            feeding.join().unwrap();
        }
        self.assert_secret(&output.stdout);
        self.assert_secret(&output.stderr);
        seen::without_terminal(&output);
        let code = output.status.code().unwrap_or(-1);
        (code, output.stdout, output.stderr)
    }

    fn ended(&self, output: Output) -> Ended {
        self.assert_secret(&output.stdout);
        self.assert_secret(&output.stderr);
        seen::without_terminal(&output);
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn assert_secret(&self, said: &[u8]) {
        secrets::assert_none_in(said, &self.may_show);
    }

    /// Runs with a reader that goes away after one line, and returns exit code, line and stderr.
    pub(crate) fn read_one_line(self) -> (i32, String, String) {
        let mut child = self.start(Stdio::null());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ended = self.ended(child.wait_with_output().unwrap());
        self.assert_secret(line.as_bytes());
        (ended.code, line, ended.stderr)
    }

    /// Runs until it begins to write on stdout, looks at the process, and lets it go on to its end. What it writes
    /// must be more than fits into a pipe, so that it is still there.
    pub(crate) fn looked_at_once_there_is_output<T>(
        self,
        look: impl FnOnce(rustix::process::Pid) -> T,
    ) -> (T, Ended) {
        let mut child = self.start(Stdio::null());
        let mut first = [0];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut first)
            .unwrap();
        let seen = look(rustix::process::Pid::from_child(&child));
        let mut output = child.wait_with_output().unwrap();
        output.stdout.insert(0, first[0]);
        (seen, self.ended(output))
    }

    /// Runs until it has said one line on stderr, sends it the signal of Ctrl-C, and returns exit
    /// code and line.
    pub(crate) fn interrupted_after_a_line(self) -> (i32, String) {
        let mut child = self.start(Stdio::null());
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.assert_secret(line.as_bytes());
        (child.wait().unwrap().code().unwrap_or(-1), line)
    }

    /// Runs, sends it a signal once something is so, and returns how it ended.
    pub(crate) fn signalled_once(
        self,
        signal: rustix::process::Signal,
        is_so: impl Fn() -> bool,
    ) -> Ended {
        self.signalled_and(signal, is_so, || {})
    }

    /// The same; `then` is done once the signal is sent.
    pub(crate) fn signalled_and(
        self,
        signal: rustix::process::Signal,
        is_so: impl Fn() -> bool,
        then: impl FnOnce(),
    ) -> Ended {
        let child = self.start(Stdio::null());
        wait_while(|| !is_so());
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).unwrap();
        then();
        self.ended(child.wait_with_output().unwrap())
    }

    /// Starts it, with its outputs in pipes.
    pub(crate) fn start(&self, stdin: Stdio) -> Child {
        self.start_into(stdin, Stdio::piped())
    }

    /// The same, with its stdout elsewhere.
    pub(crate) fn start_into(&self, stdin: Stdio, stdout: Stdio) -> Child {
        let mut command = Command::new(PLUGIN);
        command
            .args(&self.args)
            .env_clear()
            .env("HOME", self.home.path())
            .envs(self.variables.iter().cloned());
        if let Some(kubeconfig) = &self.kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        for name in &self.without {
            command.env_remove(name);
        }
        secrets::learn_from(&self.args, &command);
        command
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Replaces what differs from run to run: the random part of a name, and the server's port.
pub(crate) fn settled(text: &str) -> String {
    let mut settled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("debugger-") {
        let (before, name) = rest.split_at(at + "debugger-".len());
        settled.push_str(before);
        settled.push('*');
        rest = name.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
    }
    settled.push_str(rest);
    let Some(at) = settled.find("127.0.0.1:") else {
        return settled;
    };
    let (before, port) = settled.split_at(at + "127.0.0.1:".len());
    let after = port.trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{before}PORT{after}")
}

/// Waits for something that no output tells.
pub(crate) fn wait_while(lasts: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while lasts() {
        assert!(Instant::now() < deadline, "it goes on and on");
        // Whoever is waited for needs the processor.
        std::thread::sleep(Duration::from_millis(2));
    }
}
