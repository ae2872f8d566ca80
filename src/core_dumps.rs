//! Keeps what is in memory out of core dumps: tokens, keys, and what a session showed.

/// Forbids the system to write our memory into a file, whatever ends us.
///
/// The limit holds for credential plug-ins too. A system that hands cores to a program (`core(5)`)
/// may pass over it, so on Linux the process says besides that it must not be dumped; that also
/// keeps other programs of the same user from reading its memory. Where it cannot be had, we go on.
pub fn forbid() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Core).maximum;
        let current = Some(0);
        setrlimit(Resource::Core, Rlimit { current, maximum }).ok();
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable).ok();
    }
}
