//! The sandbox as a program: starts a cluster, says where its kubeconfig is, and serves until it is told to end.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use sandbox::{Sandbox, Server, World};
use tokio::signal::unix::{SignalKind, signal};

const HELP: &str = "\
A small Kubernetes on loopback, whose containers are processes of this machine.

Usage: sandbox [OPTIONS]

Options:
  --world demo|plain   What it starts with [default: demo]
  --server VERSION     What it plays: 1.21, 1.21-off, 1.21-kubelet-off, 1.23, 1.28, 1.28-containerd2
                       or 1.36 [default: 1.36]
  --port N             Listen on this port [default: a free one]
  --kubeconfig FILE    Write the kubeconfig here too
  --until-eof          End when standard input ends
  -h, --help           Print this help

Prints one line, KUBECONFIG=FILE, when it is ready, and serves until SIGINT or SIGTERM.
";

#[derive(Debug)]
struct Options {
    world: World,
    kubeconfig: Option<PathBuf>,
    until_eof: bool,
}

#[derive(Debug)]
enum Asked {
    Help,
    Run(Box<Options>),
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut world = None;
    let mut server = Server::default();
    let mut port = 0;
    let mut kubeconfig = None;
    let mut until_eof = false;
    while let Some(argument) = arguments.next() {
        let mut value = |name: &str| {
            let value = arguments.next();
            value.ok_or_else(|| format!("{name} needs a value; see --help"))
        };
        match argument.as_str() {
            "-h" | "--help" => return Ok(Asked::Help),
            "--until-eof" => until_eof = true,
            "--world" => {
                world = Some(match value("--world")?.as_str() {
                    "demo" => World::demo(),
                    "plain" => World::plain(),
                    other => return Err(format!("there is no world {other:?}: demo or plain")),
                });
            }
            "--server" => server = value("--server")?.parse()?,
            "--port" => {
                let text = value("--port")?;
                port = text.parse().map_err(|_| format!("{text:?} is no port"))?;
            }
            "--kubeconfig" => kubeconfig = Some(PathBuf::from(value("--kubeconfig")?)),
            other => return Err(format!("unknown argument {other:?}; see --help")),
        }
    }
    Ok(Asked::Run(Box::new(Options {
        world: world.unwrap_or_else(World::demo).server(server).port(port),
        kubeconfig,
        until_eof,
    })))
}

fn run(options: Options) -> io::Result<()> {
    // The handlers come first, so that a signal during the start is not lost.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let (mut interrupt, mut terminate) = {
        let _guard = runtime.enter();
        (
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
        )
    };
    let sandbox = Sandbox::start(options.world)?;
    let path = match &options.kubeconfig {
        Some(path) => {
            write_private(path, &std::fs::read(sandbox.kubeconfig())?)?;
            path.as_path()
        }
        None => sandbox.kubeconfig(),
    };
    let mut stdout = io::stdout();
    writeln!(stdout, "KUBECONFIG={}", path.display())?;
    stdout.flush()?;
    runtime.block_on(async {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = end_of_input(), if options.until_eof => {}
        }
    });
    runtime.shutdown_background();
    drop(sandbox);
    if let Some(path) = &options.kubeconfig {
        std::fs::remove_file(path).ok();
    }
    Ok(())
}

fn write_private(path: &std::path::Path, text: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)
}

/// Ends when standard input does; it is read on a thread of its own, which ends with the program.
async fn end_of_input() {
    let (ended, has_ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        ended.send(()).ok();
    });
    has_ended.await.ok();
}

fn main() -> ExitCode {
    let result = match parse(std::env::args().skip(1)) {
        Ok(Asked::Help) => io::stdout().write_all(HELP.as_bytes()),
        Ok(Asked::Run(options)) => run(*options),
        Err(message) => {
            writeln!(io::stderr(), "sandbox: {message}").ok();
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "sandbox: {error}").ok();
            ExitCode::FAILURE
        }
    }
}
