//! What the plugin takes of the machine, seen from outside by `/proc`: memory, threads, files; and whether any of
//! it still runs.

use std::{
    ffi::OsStr,
    fmt, fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// The variable that marks our runs of the plugin, so that others on this machine are no matter.
pub(crate) const MARK: &str = "SOAK";
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// A step that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(100);
/// How long a process may take to be gone once it was told to end.
const GONE: Duration = Duration::from_secs(10);

/// What one process takes at most, also while much flows; a debug build came to 20 MiB, 5 threads and 16 files.
const MOST: Usage = Usage {
    memory: 32 * 1024,
    threads: 8,
    files: 24,
};

/// What a process takes: memory in KiB, the most so far, then threads and open files.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    memory: u64,
    threads: u64,
    files: u64,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            memory,
            threads,
            files,
        } = self;
        write!(f, "{} MiB, {threads} threads, {files} files", memory / 1024)
    }
}

impl Usage {
    fn most(self, other: Self) -> Self {
        Self {
            memory: self.memory.max(other.memory),
            threads: self.threads.max(other.threads),
            files: self.files.max(other.files),
        }
    }

    fn of(process: &Path) -> Option<Self> {
        let status = fs::read_to_string(process.join("status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some(Self {
            // One that is about to be gone has none.
            memory: field("VmHWM:")?,
            threads: field("Threads:")?,
            files: fs::read_dir(process.join("fd")).ok()?.count() as u64,
        })
    }
}

/// Looks at all runs of the plugin that bear our mark, again and again.
pub(crate) struct Meter {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    most: Mutex<Usage>,
    deadline: Mutex<Option<Instant>>,
    is_over: AtomicBool,
}

impl Meter {
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let looking = Arc::clone(&shared);
        thread::spawn(move || {
            while !looking.is_over.load(Ordering::Relaxed) {
                looking.look();
                thread::sleep(PAUSE);
            }
        });
        Self { shared }
    }

    /// Plays a step. If it hangs, the plugin is killed, which makes the step fail.
    pub(crate) fn within_limit<T>(&self, step: impl FnOnce() -> T) -> T {
        *lock(&self.shared.deadline) = Some(Instant::now() + LIMIT);
        let done = step();
        *lock(&self.shared.deadline) = None;
        done
    }

    /// Fails if any run of the plugin has taken more than it may; else returns the most that one took.
    pub(crate) fn assert_in_bound(&self) -> Usage {
        let most = *lock(&self.shared.most);
        assert!(most.most(MOST) == MOST, "one took {most}");
        most
    }

    /// Fails unless all runs of the plugin, and all that lived in a folder, are gone.
    pub(crate) fn assert_nothing_left(folder: &Path) {
        let home = format!("HOME={}/", folder.display());
        let left = || processes(&[home.as_bytes(), &mark()]);
        let deadline = Instant::now() + GONE;
        while !left().is_empty() {
            assert!(Instant::now() < deadline, "still there: {:?}", left());
            thread::sleep(PAUSE);
        }
        assert!(!folder.exists(), "{} is still there", folder.display());
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
    }
}

impl Shared {
    fn look(&self) {
        let hangs = lock(&self.deadline).is_some_and(|deadline| Instant::now() > deadline);
        for process in processes(&[&mark()]) {
            if let Some(usage) = Usage::of(&process) {
                let mut most = lock(&self.most);
                *most = most.most(usage);
            }
            if hangs && let Some(pid) = pid(&process) {
                eprintln!("longer than {LIMIT:?}: the plugin is killed");
                kill_process(pid, Signal::KILL).ok();
            }
        }
    }
}

/// Tells whether a process ignores a signal; one that has just begun does so if who started it does.
pub(crate) fn ignores(process: Pid, signal: Signal) -> bool {
    let path = format!("/proc/{}/status", process.as_raw_nonzero());
    let status = fs::read_to_string(path).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = u64::from_str_radix(mask.unwrap_or_default().trim(), 16).unwrap_or_default();
    mask & (1 << (signal.as_raw() - 1)) != 0
}

/// The memory that a process takes now, in KiB.
pub(crate) fn memory_now(process: Pid) -> u64 {
    let path = format!("/proc/{}/status", process.as_raw_nonzero());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().split_whitespace().next().unwrap();
    kib.parse().unwrap()
}

/// The value of the mark: other runs of these tests have another one.
pub(crate) fn mark_value() -> String {
    std::process::id().to_string()
}

fn mark() -> Vec<u8> {
    format!("{MARK}={}\0", mark_value()).into_bytes()
}

/// Processes in whose environment one of these stands.
fn processes(marks: &[&[u8]]) -> Vec<std::path::PathBuf> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let numbered = all
        .map(|entry| entry.path())
        .filter(|path| pid(path).is_some());
    numbered
        .filter(|path| {
            let environ = fs::read(path.join("environ")).unwrap_or_default();
            let has = |mark: &&[u8]| environ.windows(mark.len()).any(|part| part == *mark);
            marks.iter().any(has)
        })
        .collect()
}

fn pid(process: &Path) -> Option<Pid> {
    let number = process.file_name().and_then(OsStr::to_str)?;
    Pid::from_raw(number.parse().ok()?)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
