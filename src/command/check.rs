//! Finds out whether the main job would work here, without changing anything.

mod finding;
mod pod;

use futures_util::future::join_all;

use self::finding::{Answer, Finding, Findings};
use super::Connection;
use crate::{
    cli::CheckArgs,
    cluster::Cluster,
    container::Who,
    error::Error,
    exit_status::ExitStatus,
    report::Reporter,
    rights::{self, Right},
};

const SUBRESOURCE: &str = "pods/ephemeralcontainers";
/// The label by which a namespace says what Pod Security refuses in it.
const ENFORCED: &str = "pod-security.kubernetes.io/enforce";
/// The first minor version whose servers pass on what the fifth protocol can say.
const FIFTH_PROTOCOL: u32 = 30;
const ROLE_BELOW: &str = "the Role at the end has it";

/// Asks about rights, server, namespace and pod, and says what would work. Ends with 0 only if the main job would.
pub(super) async fn run(
    args: &CheckArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let who = args.pod.as_deref().map(Who::parse).transpose()?;
    let cluster = connection.open(report, false).await?;
    // Alone and first: where nobody answers, that is all there is to say, and once is enough.
    let version = match cluster.version().await {
        Ok(version) => Some(version),
        Err(Error::Forbidden { .. } | Error::NotFound { .. } | Error::Refused { .. }) => None,
        Err(error) => return Err(error),
    };
    let minor = version.as_deref().and_then(minor);
    let found = match &who {
        Some(who) => Some(pod::find(&cluster, who, report).await),
        None => None,
    };
    let name = found.as_ref().and_then(pod::Found::name);
    let rights = rights::rights(minor);
    let may = rights.map(|right| may(&cluster, right, name));
    let (served, namespace, may, of_pod) = tokio::join!(
        served(&cluster),
        namespace(&cluster),
        join_all(may),
        pod::findings(&cluster, found.as_ref()),
    );
    let mut items = vec![
        server(version.as_deref()),
        served,
        protocol(minor),
        namespace,
    ];
    let missing = rights.into_iter().zip(&may);
    let missing = missing.filter(|(_, finding)| finding.result == Answer::No);
    let missing = missing.map(|(right, _)| right).collect();
    items.extend(may);
    items.extend(of_pod);
    let findings = Findings {
        namespace: cluster.namespace().to_owned(),
        pod: name.map(str::to_owned),
        items,
        missing,
    };
    match args.output {
        Some(form) => report.formatted(&findings.document(), form)?,
        None => report.document(&findings.table()?)?,
    }
    if findings.works() {
        report.notice("an ephemeral container would work here");
        Ok(ExitStatus::Done)
    } else {
        report.notice("an ephemeral container would not work here");
        Ok(ExitStatus::Failed)
    }
}

fn server(version: Option<&str>) -> Finding {
    match version {
        Some(version) => Finding::new("server", Answer::Yes).remark(version),
        None => Finding::new("server", Answer::Unknown).remark("it does not tell its version"),
    }
}

async fn served(cluster: &Cluster) -> Finding {
    let check = "ephemeral containers are served";
    let finding = match cluster.serves(SUBRESOURCE).await {
        Ok(true) => Finding::new(check, Answer::Yes),
        Ok(false) => Finding::failed(check, Answer::No, &Error::NotServed { version: None }),
        Err(error) => Finding::failed(check, Answer::Unknown, &error),
    };
    finding.needed()
}

/// It can be seen only in a session; servers have it by version.
fn protocol(minor: Option<u32>) -> Finding {
    let check = "attach by WebSocket";
    match minor {
        Some(minor) if minor >= FIFTH_PROTOCOL => {
            Finding::new(check, Answer::Yes).remark("v5, by the server's version")
        }
        Some(_) => Finding::new(check, Answer::Yes).remark("v4, by the server's version"),
        None => Finding::new(check, Answer::Unknown),
    }
}

async fn namespace(cluster: &Cluster) -> Finding {
    let check = format!("namespace {}", cluster.namespace());
    match cluster.namespace_labels().await {
        Ok(labels) => {
            let level = labels.get(ENFORCED);
            let remark = level.map(|level| format!("Pod Security enforces `{level}`"));
            Finding {
                remark,
                ..Finding::new(check, Answer::Yes).needed()
            }
        }
        Err(Error::NotFound { message, .. }) => Finding {
            cure: Some(format!(
                "`kubectl get namespaces{}` lists those there are",
                cluster.there().cluster_words()
            )),
            ..Finding::new(check, Answer::No).needed().remark(message)
        },
        // To see namespaces is a right of its own, which nothing else needs.
        Err(_) => Finding::new(check, Answer::Unknown).remark("we may not see it"),
    }
}

async fn may(cluster: &Cluster, right: Right, pod: Option<&str>) -> Finding {
    let check = format!("{} {}", right.verb, right.resource);
    // A right to list or watch is for all pods of the namespace.
    let pod = pod.filter(|_| !matches!(right.verb, "list" | "watch"));
    let finding = match cluster.may(right.verb, right.resource, pod).await {
        Ok(allowed) => Finding {
            cure: (!allowed).then(|| ROLE_BELOW.to_owned()),
            ..Finding::new(check, allowed.into()).remark(right.purpose)
        },
        Err(error) => Finding::failed(check, Answer::Unknown, &error),
    };
    Finding {
        needed: right.needed,
        ..finding
    }
}

/// Reads the 36 of `v1.36.2`.
fn minor(version: &str) -> Option<u32> {
    let mut parts = version
        .strip_prefix("v1.")?
        .split(|c: char| !c.is_ascii_digit());
    parts.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_version_is_found_in_whatever_vendors_write() {
        for (version, expected) in [
            ("v1.36.2", Some(36)),
            ("v1.28.5-gke.1217000", Some(28)),
            ("v1.32.4+k3s1", Some(32)),
            ("v1.30", Some(30)),
            ("v2.1.0", None),
            ("v1.", None),
            ("", None),
        ] {
            assert_eq!(minor(version), expected, "{version}");
        }
    }
}
