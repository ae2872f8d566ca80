//! Says which versions are at work.

use std::env::consts::{ARCH, OS};

use serde_json::{Value, json};

use super::Connection;
use crate::{
    cli::VersionArgs,
    error::Error,
    exit_status::ExitStatus,
    report::{self, Reporter},
};

/// Builds that know their commit set this.
const COMMIT: Option<&str> = option_env!("KUBECTL_EPHEMERAL_COMMIT");

/// Says our version, and the server's unless it is not wanted. Where the server cannot be asked, ours is said all
/// the same, as by `kubectl version`.
pub(super) async fn run(
    args: &VersionArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let server = if args.client == Some(true) {
        None
    } else {
        Some(server_version(connection, report).await)
    };
    let known = server.as_ref().and_then(|server| server.as_ref().ok());
    match args.output {
        Some(form) => report.formatted(&document(known), form)?,
        None => report.document(&lines(known))?,
    }
    match server {
        Some(Err(error)) => Err(error),
        Some(Ok(_)) | None => Ok(ExitStatus::Done),
    }
}

async fn server_version(connection: &Connection<'_>, report: &Reporter) -> Result<Value, Error> {
    let cluster = connection.open(report, false).await?;
    cluster.version_details().await
}

/// In the form of `kubectl version`, whose names scripts know.
fn document(server: Option<&Value>) -> Value {
    let mut document = json!({"clientVersion": {
        "gitVersion": concat!("v", env!("CARGO_PKG_VERSION")),
        "gitCommit": COMMIT.unwrap_or("unknown"),
        "platform": platform(),
    }});
    if let Some(server) = server {
        document["serverVersion"] = server.clone();
    }
    document
}

fn lines(server: Option<&Value>) -> String {
    let ours = concat!("Client Version: v", env!("CARGO_PKG_VERSION"));
    let commit = COMMIT.unwrap_or("unknown");
    let mut lines = format!(
        "{ours}\nClient Commit: {commit}\nClient Platform: {}",
        platform()
    );
    if let Some(server) = server {
        let version = server["gitVersion"].as_str().unwrap_or("unknown");
        lines.push_str("\nServer Version: ");
        lines.push_str(&report::harmless(version));
    }
    lines
}

/// Returns system and processor in the names that Go has for them, as kubectl does.
fn platform() -> String {
    let system = if OS == "macos" { "darwin" } else { OS };
    let processor = match ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}/{processor}")
}
