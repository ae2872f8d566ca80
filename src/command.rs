//! The verbs: each a story of what happens, in order.

mod attach;
mod debug;
mod stay;
mod wait;

use crate::{
    cli::{Cli, Verb},
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
};

/// Does what the command line asks for.
pub async fn run(cli: &Cli, report: &Reporter) -> Result<ExitStatus, Error> {
    let connection = &cli.global.connection;
    match &cli.verb {
        Some(Verb::Attach(args)) => attach::run(args, connection, report).await,
        None => debug::run(&cli.debug, connection, report).await,
    }
}
