//! The demo: a small cluster, and the plugin at work on it. Everything is gone when it ends.

use std::{
    env,
    io::{self, IsTerminal, Write},
    path::Path,
    process::{ExitCode, ExitStatus},
};

use sandbox::{Sandbox, World};
use tokio::{
    process::Command,
    signal::unix::{Signal, SignalKind, signal},
};

/// What is run where nobody can type.
const COMMAND: &str = "echo \"hello from inside pod $HOSTNAME\"; echo \"this image brings its own sh: $(command -v sh)\"";

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<u8> {
    let plugin = env::args_os()
        .nth(1)
        .ok_or_else(|| io::Error::other("usage: demo PLUGIN"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Before there is anything to leave behind.
    let signals = {
        let _entered = runtime.enter();
        Signals::catch()?
    };
    let sandbox = Sandbox::start(World::demo())?;
    let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    introduce(&sandbox, interactive);
    let arguments: &[&str] = if interactive {
        &["web"]
    } else {
        &["web", "--", "sh", "-c", COMMAND]
    };
    let status = runtime.block_on(visit(Path::new(&plugin), &sandbox, arguments, signals))?;
    let code = status.code().unwrap_or(1);
    say(&format!("(exit code {code}; the cluster is gone)"));
    // Whatever a shell was left with is what the demo is about; these are failures of the plugin.
    let failed = [2, 124, 125, 255].contains(&code);
    Ok(u8::from(failed))
}

fn introduce(sandbox: &Sandbox, interactive: bool) {
    say(
        "A Kubernetes of its own runs on this machine until you leave. Its pod `web` has no shell.",
    );
    say("");
    say("From another terminal you can try, with the plugin on your PATH:");
    say(&format!(
        "  export KUBECONFIG={}",
        sandbox.kubeconfig().display()
    ));
    say("  kubectl ephemeral web                        a shell beside the processes of `web`");
    say("  kubectl ephemeral web -- sh -c 'exit 7'      the exit code of a command (echo $?)");
    say("  kubectl ephemeral web --image nosuch:1       what an image says that is not there");
    say("");
    if interactive {
        say("This is the first of them. Look around; `exit 3` leaves with exit code 3.");
        say("$ kubectl ephemeral web");
    } else {
        say("There is no terminal here, so this is one command:");
        say(&format!("$ kubectl ephemeral web -- sh -c '{COMMAND}'"));
    }
}

/// The signals that would end the demo before it has cleaned up.
struct Signals {
    interrupted: Signal,
    terminated: Signal,
    hung_up: Signal,
}

impl Signals {
    fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
            hung_up: signal(SignalKind::hangup())?,
        })
    }
}

/// Runs the plugin. Ctrl-C is the plugin's to answer; a wish to end everything is passed on.
async fn visit(
    plugin: &Path,
    sandbox: &Sandbox,
    arguments: &[&str],
    mut signals: Signals,
) -> io::Result<ExitStatus> {
    let mut plugin = Command::new(plugin)
        .args(arguments)
        .env("KUBECONFIG", sandbox.kubeconfig())
        .kill_on_drop(true)
        .spawn()?;
    loop {
        tokio::select! {
            status = plugin.wait() => return status,
            _ = signals.interrupted.recv() => {}
            _ = signals.terminated.recv() => plugin.kill().await?,
            _ = signals.hung_up.recv() => plugin.kill().await?,
        }
    }
}

/// Nobody can be told if stderr is closed.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}
