//! The verbs: each a story of what happens, in order.

mod add;
mod attach;
mod check;
mod completion;
mod debug;
mod files;
mod list;
mod pick;
mod print;
mod recorded;
mod reuse;
mod stay;
mod version;
mod wait;
mod who;

pub use completion::answer;

use std::sync::Arc;

use crate::{
    cli::{Cli, ConnectionArgs, Verb},
    cluster::{Cluster, Voice},
    error::Error,
    exit_status::ExitStatus,
    kubeconfig,
    report::Reporter,
    terminal,
};

/// Does what the command line asks for.
pub async fn run(cli: &Cli, report: &Reporter) -> Result<ExitStatus, Error> {
    let connection = Connection {
        args: &cli.global.connection,
        verbosity: cli.global.verbosity,
        may_ask: cli.global.no_input != Some(true),
    };
    match &cli.verb {
        Some(Verb::Attach(args)) => {
            Box::pin(attach::run(args, &cli.words, &connection, report)).await
        }
        Some(Verb::List(args)) => Box::pin(list::run(args, &connection, report)).await,
        Some(Verb::Version(args)) => Box::pin(version::run(args, &connection, report)).await,
        Some(Verb::Completion(args)) => completion::run(args, &cli.program, report),
        Some(Verb::Check(args)) => Box::pin(check::run(args, &connection, report)).await,
        None => Box::pin(debug::run(cli, &connection, report)).await,
    }
}

/// Which cluster, as whom, and how much to tell of it.
struct Connection<'a> {
    args: &'a ConnectionArgs,
    verbosity: u8,
    /// Whether the user may be asked for something.
    may_ask: bool,
}

impl Connection<'_> {
    /// Resolves and connects; logs in where a plug-in does that.
    ///
    /// Where the session has standard input, nothing else may read it.
    async fn open(&self, report: &Reporter, session_reads: bool) -> Result<Cluster, Error> {
        if session_reads {
            kubeconfig::leave_stdin_alone(self.args)?;
        }
        let access =
            kubeconfig::resolve(self.args, self.may_ask && terminal::terminals().stdin).await?;
        let (notices, traces) = (report.clone(), report.clone());
        let voice = Voice::new(
            Arc::new(move |text| notices.notice(text)),
            Arc::new(move |text| traces.trace(text)),
            self.verbosity,
        );
        Cluster::connect(access, voice).await
    }
}
