//! A cluster, a terminal session that lasts, and what happens to both.

use std::{
    fmt::Write as _,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use rustix::process::{Signal, kill_process};
use sandbox::{Request, Runtime, Sandbox, Server, World};

use crate::{
    beside::{self, Written, assert_same, lines, noise},
    meter::{self, MARK, Meter, mark_value},
    plugin::PLUGIN,
    screen::Screen,
    secrets,
    step::Step,
};

const PROMPT: &str = "/ #";
/// What is said of a connection that was lost.
const TAKEN_UP: &str = "connected again after ";
/// How much more memory a session may take after all than when it began, in KiB: what allocators keep.
const GROWTH: u64 = 16 * 1024;

pub(crate) struct Round<'a> {
    seed: u64,
    number: u64,
    rng: Rng,
    server: Server,
    meter: &'a Meter,
    sandbox: Option<Sandbox>,
    screen: Screen,
    /// How many lines have been typed, so that each answer is told from those before.
    typed: usize,
    /// How often the session had been taken up again before this step.
    taken_up: usize,
    begin: Instant,
    memory: u64,
    /// What has happened so far.
    told: String,
}

impl<'a> Round<'a> {
    /// Starts a cluster that follows from seed and number, and a session on it.
    pub(crate) fn start(seed: u64, number: u64, meter: &'a Meter) -> Self {
        let begin = Instant::now();
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let (server, runtime) = match rng.u32(..9) {
            0 => (Server::V1_21, Runtime::default()),
            1 => (Server::V1_23, Runtime::default()),
            2 => (Server::V1_28, Runtime::default()),
            3 => (Server::V1_28Containerd2, Runtime::default()),
            4 => (Server::V1_36, Runtime::CriO),
            _ => (Server::V1_36, Runtime::default()),
        };
        let mut world = World::plain().server(server);
        if server == Server::V1_36 {
            world = world.runtime(runtime);
        }
        let sandbox = Sandbox::start(world).unwrap();
        let mut screen = on_screen(&sandbox, &["app", "-c", "shell"]);
        screen.wait_for_prompt(PROMPT);
        screen.type_keys("kept=$$; echo ke''pt\r");
        screen.wait_for_line("kept");
        let memory = meter::memory_now(screen.process());
        Self {
            seed,
            number,
            rng,
            server,
            meter,
            sandbox: Some(sandbox),
            screen,
            typed: 0,
            taken_up: 0,
            begin,
            memory,
            told: format!("round {number} ({server:?}, {runtime:?}):"),
        }
    }

    /// Chooses what happens, of all or of one kind.
    pub(crate) fn choose(&mut self, only: &str) -> Vec<Step> {
        let count = self.rng.usize(3..16);
        let all = std::iter::repeat_with(|| Step::choose(&mut self.rng));
        let wanted = all.filter(|step| format!("{step:?}").starts_with(only));
        wanted.take(count).collect()
    }

    /// Plays it, and the end.
    pub(crate) fn play(mut self, steps: &[Step]) {
        for (place, step) in steps.iter().enumerate() {
            let begin = Instant::now();
            write!(self.told, "\n  {} {step:?}", place + 1).unwrap();
            self.taken_up = self.screen.said().matches(TAKEN_UP).count();
            let meter = self.meter;
            meter.within_limit(|| self.play_step(*step));
            meter.assert_in_bound();
            write!(self.told, ", {} ms", begin.elapsed().as_millis()).unwrap();
        }
        self.end();
    }

    fn end(&mut self) {
        self.told.push_str("\n  end");
        let grown = meter::memory_now(self.screen.process()).saturating_sub(self.memory);
        assert!(grown < GROWTH, "the session has grown by {grown} KiB");
        let code = self.rng.u8(..);
        self.screen.type_keys(&format!("exit {code}\r"));
        assert_eq!(self.screen.wait_for_end(), i32::from(code));
        self.screen.assert_restored();
        self.screen.assert_modes_undone();
        let folder = self.folder();
        self.sandbox = None;
        Meter::assert_nothing_left(&folder);
        println!(
            "{}\n  {} s, at most {}, the session {grown} KiB more than at its start",
            self.told,
            self.begin.elapsed().as_secs(),
            self.meter.assert_in_bound(),
        );
    }

    fn play_step(&mut self, step: Step) {
        let container = format!("c{}", self.next());
        match step {
            Step::Say => self.say(),
            Step::Resizes(count) => self.resize(count),
            Step::Flood { lines } => self.flood(lines),
            Step::ServerRestarts { gone } => {
                restart(self.sandbox(), Duration::ZERO, gone);
                self.comes_back(1);
            }
            Step::TypingWhileGone { gone } => self.type_while(gone),
            Step::KubeletRestarts => {
                self.sandbox().restart_kubelet();
                self.comes_back(1);
            }
            Step::RestartInFlood { after, kubelet } => self.restart_in_flood(after, kubelet),
            Step::Drops { times, after } => self.drop_connections(times, after),
            Step::HalfOpen { after } => self.fall_silent(after),
            Step::LeaveAndReturn => self.leave_and_return(),
            Step::Command { out, err, code } => {
                let written = Written::new(noise(&mut self.rng, out), noise(&mut self.rng, err));
                beside::command(self.sandbox(), &container, &written, code);
            }
            Step::CommandAcrossRestart { lines, after, code } => {
                let written = Written::new(beside::lines(lines, "\n").into(), Vec::new());
                self.across_restart(after, |sandbox, _| {
                    beside::command(sandbox, &container, &written, code);
                });
            }
            Step::CommandHalfOpen { lines, after, code } => {
                let written = Written::new(beside::lines(lines, "\n").into(), Vec::new());
                let request = Request::attach().path(&format!("container={container}"));
                self.sandbox().on(request.first()).half_open_after(after);
                beside::command(self.sandbox(), &container, &written, code);
            }
            Step::Pipe { bytes, code } => {
                let sent = noise(&mut self.rng, bytes);
                let (ended, came, said) =
                    beside::pipe(self.sandbox(), self.server, &container, &sent, code);
                assert_eq!(ended, i32::from(code), "{said}");
                assert_same("what came back", &came, &sent);
            }
            Step::PipeAcrossRestart { bytes, after } => {
                let sent = noise(&mut self.rng, bytes);
                self.across_restart(after, |sandbox, server| {
                    let (ended, came, said) = beside::pipe(sandbox, server, &container, &sent, 77);
                    // A pipe that broke is not taken up again: a part came, in order, and that is said.
                    let whole = ended == 77 && came == sent;
                    let part = [125, 255].contains(&ended) && sent.starts_with(&came);
                    let told = said.contains("error: ") || said.contains("Error from server");
                    assert!(
                        whole || (part && told),
                        "code {ended}, {} bytes of {}: {said}",
                        came.len(),
                        sent.len()
                    );
                });
            }
            Step::Signalled { signal, after } => self.signal_another(&container, signal, after),
        }
    }

    fn say(&mut self) {
        let number = self.next();
        self.screen
            .type_keys(&format!("[ $kept = $$ ] && echo sa''me-{number}\r"));
        self.screen.wait_for_line(&format!("same-{number}"));
    }

    fn resize(&mut self, count: usize) {
        let (mut rows, mut columns) = (0, 0);
        for _ in 0..count {
            (rows, columns) = (self.rng.u16(10..60), self.rng.u16(60..200));
            self.screen.resize(rows, columns);
        }
        let number = self.next();
        self.screen.type_keys(&format!(
            "until [ \"$(stty size)\" = '{rows} {columns}' ]; do :; done; echo ri''ght-{number}\r"
        ));
        self.screen.wait_for_line(&format!("right-{number}"));
    }

    fn flood(&mut self, count: u32) {
        let number = self.next();
        self.screen
            .type_keys(&format!("seq 1 {count}; echo en''d-{number}\r"));
        self.screen.wait_for_line(&format!("end-{number}"));
        let (said, flood) = (self.screen.said(), lines(count, "\r\n"));
        let begin = said.rfind("\r\n1\r\n").map_or(0, |at| at + 2);
        let end = said.len().min(begin + flood.len());
        assert_same("the flood", &said.as_bytes()[begin..end], flood.as_bytes());
    }

    fn type_while(&mut self, gone: Duration) {
        self.sandbox().stop_server();
        let begin = Instant::now();
        while begin.elapsed() < gone {
            // It asks for a try now, or is an empty line: it does no harm.
            self.screen.type_keys("\r");
            thread::sleep(Duration::from_millis(40));
        }
        self.sandbox().start_server().unwrap();
        self.comes_back(1);
    }

    fn restart_in_flood(&mut self, after: Duration, kubelet: bool) {
        self.screen.type_keys("seq 1 50000\r");
        if kubelet {
            thread::sleep(after);
            self.sandbox().restart_kubelet();
        } else {
            restart(self.sandbox(), after, Duration::ZERO);
        }
        self.comes_back(1);
    }

    fn drop_connections(&mut self, times: usize, after: usize) {
        for nth in 1..=times {
            let request = Request::attach().path("container=shell").nth(nth);
            let script = self.sandbox().on(request);
            match nth % 3 {
                0 => script.lie_after(after),
                1 => script.reset_after(after),
                _ => script.cut_after(after),
            };
        }
        self.sandbox().restart_kubelet();
        for nth in 1..=times {
            self.screen.wait_until_said(TAKEN_UP, self.taken_up + nth);
            self.screen.type_keys("seq 1 8000\r");
        }
        self.comes_back(times + 1);
    }

    fn fall_silent(&mut self, after: usize) {
        let script = self
            .sandbox()
            .on(Request::attach().path("container=shell").first());
        if after == 0 {
            script.no_pongs();
        } else {
            script.half_open_after(after);
        }
        self.sandbox().restart_kubelet();
        self.screen.wait_until_said(TAKEN_UP, self.taken_up + 1);
        if after > 0 {
            self.screen.type_keys("seq 1 50000\r");
        }
        self.screen.be_patient();
        self.comes_back(2);
    }

    fn leave_and_return(&mut self) {
        self.screen.type_keys("\x10\x11");
        assert_eq!(self.screen.wait_for_end(), 0);
        self.screen.assert_restored();
        self.screen = on_screen(self.sandbox(), &["attach", "app", "-c", "shell"]);
        self.taken_up = 0;
        // The shell has got the first of the two keys, and shows its last line again.
        self.screen.wait_for(PROMPT);
        self.screen.type_keys("\x15\r");
        self.screen.wait_for_prompt(PROMPT);
        self.memory = meter::memory_now(self.screen.process());
        self.say();
    }

    /// Restarts the server while something runs beside the session.
    fn across_restart(&mut self, after: Duration, run: impl FnOnce(&Sandbox, Server) + Send) {
        let (sandbox, server) = (self.sandbox(), self.server);
        thread::scope(|scope| {
            let running = scope.spawn(|| run(sandbox, server));
            restart(sandbox, after, Duration::ZERO);
            if let Err(panic) = running.join() {
                std::panic::resume_unwind(panic);
            }
        });
        self.comes_back(1);
    }

    fn signal_another(&mut self, container: &str, signal: Signal, after: Duration) {
        // Under nohup it is ignored to the end.
        let ourselves = rustix::process::getpid();
        let signal = match signal {
            Signal::HUP if meter::ignores(ourselves, signal) => Signal::TERM,
            signal => signal,
        };
        let mut other = on_screen(self.sandbox(), &["app", "-c", container]);
        let begin = Instant::now();
        other.wait_while("the moment", || begin.elapsed() < after);
        let process = other.process();
        // A shell has what it starts in the background ignore some signals, and so do we until we listen to them.
        other.wait_while("that it listens", || meter::ignores(process, signal));
        kill_process(process, signal).unwrap();
        let ended = other.wait_for_end();
        // One that has hardly begun leaves it to the system.
        let signal = signal.as_raw();
        assert!([128 + signal, -signal].contains(&ended), "code {ended}");
        other.assert_restored();
        other.assert_modes_undone();
    }

    /// Waits until the session was taken up again so many times, in the same shell.
    fn comes_back(&mut self, times: usize) {
        self.screen.wait_until_said(TAKEN_UP, self.taken_up + times);
        self.screen.wait_for_prompt(PROMPT);
        self.say();
    }

    fn next(&mut self) -> usize {
        self.typed += 1;
        self.typed
    }

    fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    fn folder(&self) -> PathBuf {
        self.sandbox().kubeconfig().parent().unwrap().to_owned()
    }
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let (seed, number) = (self.seed, self.number);
            let said = self.screen.said();
            let last: Vec<_> = said.lines().rev().take(30).collect();
            let last: Vec<_> = last.into_iter().rev().collect();
            eprintln!(
                "{}\nFAILED there; the session said at last:\n{}\n\nto play it again: \
                 make soak SOAK=rounds SOAK_SEED={seed} SOAK_ROUND={number}",
                self.told,
                last.join("\n")
                    .escape_debug()
                    .to_string()
                    .replace("\\n", "\n"),
            );
        }
    }
}

/// Starts the plugin in a terminal, marked as ours.
pub(crate) fn on_screen(sandbox: &Sandbox, args: &[&str]) -> Screen {
    secrets::learn_file(sandbox.kubeconfig());
    Screen::of(PLUGIN, args, |command| {
        command
            .env("KUBECONFIG", sandbox.kubeconfig())
            .env(MARK, mark_value())
    })
}

fn restart(sandbox: &Sandbox, after: Duration, gone: Duration) {
    thread::sleep(after);
    sandbox.stop_server();
    thread::sleep(gone);
    sandbox.start_server().unwrap();
}
