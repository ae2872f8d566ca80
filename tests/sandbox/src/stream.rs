//! Attach and exec: a client's WebSocket joined to the streams of a process.

mod negotiation;
pub(crate) mod runtime;
mod session;

use std::sync::Arc;

use http::{HeaderMap, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Value;

use self::negotiation::Protocol;
use self::runtime::Runtime;
use self::session::Session;
use crate::answer::{self, Failure, Response};
use crate::api::query::Query;
use crate::faults::plan::Lie;
use crate::faults::wire::{Line, Wire};
use crate::identifier;
use crate::kubelet::Kubelet;
use crate::kubelet::container::Running;
use crate::kubelet::output::Streams;
use crate::kubelet::process::{self, Process, Program};
use crate::version;

pub(crate) use self::negotiation::is_upgrade;

const SUCCESS: &str = r#"{"metadata":{},"status":"Success"}"#;

/// What is asked to be joined.
pub(crate) struct Request<'a> {
    pub(crate) pod: &'a Value,
    pub(crate) query: &'a Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) upgrade: Option<OnUpgrade>,
    pub(crate) protocols: &'a [String],
    pub(crate) runtime: Runtime,
    pub(crate) line: Arc<Line>,
    pub(crate) lie: Option<Lie>,
}

/// Which of the streams the client wants.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter of the request"
)]
struct Wanted {
    stdin: bool,
    stdout: bool,
    stderr: bool,
    tty: bool,
}

/// What client and kubelet agree on before the streams are joined.
struct Agreed {
    wanted: Wanted,
    running: Arc<Running>,
    protocol: Protocol,
    /// The answer that switches to it.
    response: Response,
}

impl Request<'_> {
    fn agree(&self, kubelet: &Kubelet) -> Result<Agreed, Box<Response>> {
        let wanted = self.wanted();
        let running = self.running(kubelet, wanted)?;
        let protocol = negotiation::negotiate(self.headers, self.protocols)?;
        let response = negotiation::switching(self.headers, &protocol);
        Ok(Agreed {
            wanted,
            running,
            protocol,
            response,
        })
    }

    fn metadata(&self, field: &str) -> &str {
        self.pod["metadata"][field].as_str().unwrap_or_default()
    }

    fn wanted(&self) -> Wanted {
        let tty = self.query.is("tty");
        Wanted {
            stdin: self.query.is("stdin"),
            stdout: self.query.is("stdout"),
            stderr: self.query.is("stderr") && !tty,
            tty,
        }
    }

    /// The container that runs, or the kubelet's answer that there is none.
    fn running(&self, kubelet: &Kubelet, wanted: Wanted) -> Result<Arc<Running>, Box<Response>> {
        let container =
            container(self.pod, self.query).map_err(|failure| Box::new(failure.response()))?;
        if !is_upgrade(self.headers) {
            return Err(Box::new(
                Failure::bad_request("Upgrade request required").response(),
            ));
        }
        if !(wanted.stdin || wanted.stdout || wanted.stderr) {
            let text = "you must specify at least 1 of stdin, stdout, stderr";
            return Err(Box::new(answer::text(StatusCode::BAD_REQUEST, text)));
        }
        kubelet
            .running(self.metadata("uid"), &container)
            .ok_or_else(|| {
                let (name, namespace) = (self.metadata("name"), self.metadata("namespace"));
                let text = format!("container {container} not found in pod {name}_{namespace}");
                Box::new(answer::text(StatusCode::INTERNAL_SERVER_ERROR, text))
            })
    }
}

/// The container that is meant: the one named, or the only one.
pub(crate) fn container(pod: &Value, query: &Query) -> Result<String, Failure> {
    let name = pod["metadata"]["name"].as_str().unwrap_or_default();
    let names = |field: &str| -> Vec<&str> {
        let list = pod["spec"][field].as_array().into_iter().flatten();
        list.filter_map(|container| container["name"].as_str())
            .collect()
    };
    let ordinary = names("containers");
    let Some(asked) = query.get("container").filter(|name| !name.is_empty()) else {
        return match ordinary.as_slice() {
            [one] => Ok((*one).to_owned()),
            several => Err(Failure::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                several.join(" ")
            ))),
        };
    };
    let known = [
        ordinary,
        names("initContainers"),
        names("ephemeralContainers"),
    ];
    if known.iter().flatten().any(|known| *known == asked) {
        Ok(asked.to_owned())
    } else {
        let message = format!("container {asked} is not valid for pod {name}");
        Err(Failure::bad_request(message))
    }
}

/// Joins a client to the first process of a container.
pub(crate) fn attach(kubelet: &Kubelet, request: Request<'_>) -> Response {
    let Agreed {
        wanted,
        running,
        protocol,
        response,
    } = match request.agree(kubelet) {
        Ok(agreed) => agreed,
        Err(response) => return *response,
    };
    // Before the answer, so that nothing is missed after it.
    let Some(frames) = running.streams.attach(wanted.stdout, wanted.stderr) else {
        let text = "container is in CONTAINER_EXITED state";
        return answer::text(StatusCode::INTERNAL_SERVER_ERROR, text);
    };
    let session = Session {
        protocol,
        streams: Arc::clone(&running.streams),
        frames,
        stdin: wanted.stdin && (running.program.stdin || running.program.tty),
        tty: running.program.tty,
        at_half_close: request
            .runtime
            .at_half_close(running.program.tty, running.stdin_once),
        line: request.line,
        lie: request.lie,
    };
    if let Some(upgrade) = request.upgrade {
        let restarted = kubelet.restarted();
        tokio::spawn(async move {
            let status = std::future::ready(SUCCESS.to_owned());
            run(upgrade, session, status, restarted).await;
        });
    }
    response
}

/// Starts a command in a container and joins the client to it.
pub(crate) fn exec(kubelet: &Kubelet, request: Request<'_>) -> Response {
    let Agreed {
        wanted,
        running,
        protocol,
        response,
    } = match request.agree(kubelet) {
        Ok(agreed) => agreed,
        Err(response) => return *response,
    };
    let command: Vec<String> = request.query.all("command").map(str::to_owned).collect();
    let failed = version::exec_failure(kubelet.store.server(), &command);
    let started = running.image.resolve(&command, &[]).and_then(|command| {
        let program = Program {
            command,
            tty: wanted.tty,
            stdin: wanted.stdin,
            ..running.program.clone()
        };
        program.start().map_err(|error| error.to_string())
    });
    let Some(upgrade) = request.upgrade else {
        return response;
    };
    let restarted = kubelet.restarted();
    let mut session = Session {
        protocol,
        streams: Streams::none().0,
        frames: Streams::none().1,
        stdin: wanted.stdin,
        tty: wanted.tty,
        at_half_close: request.runtime.at_half_close(wanted.tty, true),
        line: request.line,
        lie: request.lie,
    };
    tokio::spawn(async move {
        match started {
            Ok(process) => {
                run_command(upgrade, session, process, wanted, failed, restarted).await;
            }
            Err(error) => {
                (session.stdin, session.tty) = (false, false);
                let status = std::future::ready(exec_error(&error));
                run(upgrade, session, status, restarted).await;
            }
        }
    });
    response
}

async fn run_command(
    upgrade: OnUpgrade,
    mut session: Session,
    mut process: Process,
    wanted: Wanted,
    failed: String,
    restarted: impl Future<Output = ()>,
) {
    let (streams, pumps) = Streams::of(&mut process, None);
    let Some(frames) = streams.attach(wanted.stdout, wanted.stderr) else {
        return;
    };
    (session.streams, session.frames) = (Arc::clone(&streams), frames);
    let pid = process.pid;
    let ended = tokio::spawn(async move {
        let wait = async {
            let ended = process.child.wait().await;
            process::kill_group(pid);
            ended.map_or(255, process::exit_code)
        };
        let ((), code) = tokio::join!(pumps.run(), wait);
        streams.close();
        code
    });
    let status = async move { exec_status(ended.await.unwrap_or(255), &failed) };
    run(upgrade, session, status, restarted).await;
    // A client that leaves takes its command with it.
    process::kill_group(pid);
}

async fn run(
    upgrade: OnUpgrade,
    session: Session,
    status: impl Future<Output = String>,
    given_up: impl Future<Output = ()>,
) {
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    // Without hyper's wrapping around it, nothing is copied twice.
    match upgraded.downcast::<TokioIo<Wire>>() {
        Ok(parts) => {
            session
                .run(parts.io.into_inner(), &parts.read_buf, status, given_up)
                .await;
        }
        Err(upgraded) => {
            session
                .run(TokioIo::<Upgraded>::new(upgraded), &[], status, given_up)
                .await;
        }
    }
}

fn exec_status(code: i32, failed: &str) -> String {
    if code == 0 {
        return SUCCESS.to_owned();
    }
    let message = format!("command terminated with non-zero exit code: {failed} exit code {code}");
    let cause = format!(r#"{{"reason":"ExitCode","message":"{code}"}}"#);
    failure(&message, "NonZeroExitCode", &cause, "")
}

fn exec_error(error: &str) -> String {
    let cause = format!(
        "Internal error occurred: error executing command in container: failed to exec in container: \
         failed to start exec \"{}\": OCI runtime exec failed: exec failed: unable to start container \
         process: {error}",
        identifier::container()
    );
    let message = format!("Internal error occurred: {cause}");
    let cause = format!(r#"{{"message":{}}}"#, Value::from(cause));
    failure(&message, "InternalError", &cause, r#","code":500"#)
}

/// What channel 3 says in the end, its fields in the order of the real one.
fn failure(message: &str, reason: &str, cause: &str, code: &str) -> String {
    let message = Value::from(message);
    format!(
        r#"{{"metadata":{{}},"status":"Failure","message":{message},"reason":"{reason}","details":{{"causes":[{cause}]}}{code}}}"#
    )
}
