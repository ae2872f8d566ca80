//! Looks whether all would work here, and changes nothing.

use futures_util::future::join_all;
use k8s_openapi::api::core::v1::Pod;
use serde_json::json;

use super::Connection;
use crate::{
    cli::{CheckArgs, CheckForm},
    cluster::{Cluster, Keep, Offer},
    container::{
        Batch, PodName, Profile,
        checkup::{self, Check, Need},
        name,
    },
    error::{Action, Error},
    exit_status::ExitStatus,
    report::Reporter,
};

/// Checks rights, the server, and a pod if one is named.
pub(super) async fn run(
    args: &CheckArgs,
    connection: &Connection<'_>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let name = args.pod.as_deref().map(PodName::parse).transpose()?;
    let cluster = connection.open(report, false).await?;
    let (server, offer) = tokio::join!(cluster.version(), cluster.offer());
    let (server, offer) = (server?, offer?);
    let mut checks = vec![offered(&server, offer)];
    checks.extend(rights(&cluster, &server).await?);
    let right = |what: &str| checks.iter().any(|check| check.what == what && check.good);
    let may_try = offer == Offer::Today && right("patch pods/ephemeralcontainers");
    if let Some(name) = name
        && right("get pods")
    {
        let pod = cluster.pod(name.as_str()).await?;
        let of_the_pod = checkup::look_at(&pod);
        let is_fit = of_the_pod
            .iter()
            .all(|check| check.good || check.need != Need::Always);
        checks.extend(of_the_pod);
        if may_try && is_fit {
            for profile in checkup::TRIED {
                checks.push(tried(&cluster, &pod, args.image(), profile).await?);
            }
        }
    }
    tell(&checks, args.output, report)?;
    if checkup::would_work(&checks) {
        return Ok(ExitStatus::Done);
    }
    if let Some(hint) = missing_rights(&cluster, &checks) {
        report.hint(&hint);
    }
    Ok(ExitStatus::Failed)
}

fn offered(server: &str, offer: Offer) -> Check {
    let note = match offer {
        Offer::Today => String::new(),
        Offer::Historic => ", which has them in the form of 1.16 to 1.21".to_owned(),
        Offer::None => {
            let cure = Error::NotServed { version: None }.hint();
            format!("; {}", cure.unwrap_or_default())
        }
    };
    Check {
        what: "ephemeral containers".to_owned(),
        good: offer != Offer::None,
        need: Need::Always,
        note: format!("Kubernetes {server}{note}"),
    }
}

async fn rights(cluster: &Cluster, server: &str) -> Result<Vec<Check>, Error> {
    let needs_create = minor(server).is_none_or(|minor| minor >= 35);
    let asked = checkup::RIGHTS
        .iter()
        .map(|(verb, resource, need, note)| async move {
            let need = if *verb == "create" && !needs_create {
                Need::Comfort
            } else {
                *need
            };
            let check = |good| Check {
                what: format!("{verb} {resource}"),
                good,
                need,
                // What one misses is told to those who miss it.
                note: if good && need == Need::Comfort {
                    String::new()
                } else {
                    (*note).to_owned()
                },
            };
            cluster.may(verb, resource).await.map(check)
        });
    join_all(asked).await.into_iter().collect()
}

/// Reads 36 from `v1.36.2`.
fn minor(server: &str) -> Option<u32> {
    server.split('.').nth(1)?.parse().ok()
}

/// Tries a profile, without keeping what is added.
async fn tried(
    cluster: &Cluster,
    pod: &Pod,
    image: String,
    profile: Profile,
) -> Result<Check, Error> {
    let check = |good, note| Check {
        what: format!("--profile {}", profile.name()),
        good,
        need: Need::OneOfThem,
        note,
    };
    let name = name::of_debugger(|end| fastrand::usize(..end));
    let container = match checkup::trial(pod, name, image, profile) {
        Ok(container) => container,
        Err(error) => return Ok(check(false, error.to_string())),
    };
    let added = cluster
        .add(pod, &Batch::from(container), Keep::DryRun)
        .await;
    match added {
        Ok(_) => Ok(check(true, String::new())),
        Err(Error::Refused { message, .. }) => {
            let said = message.split_once(" is forbidden: ");
            let said = said.map_or(message.as_str(), |(_, said)| said);
            Ok(check(false, checkup::in_short(said)))
        }
        Err(error) => Err(error),
    }
}

fn tell(checks: &[Check], form: CheckForm, report: &Reporter) -> Result<(), Error> {
    match form {
        CheckForm::Table => {
            let widest = checks
                .iter()
                .map(|check| check.what.len())
                .max()
                .unwrap_or(0);
            report.result(&format!("{:widest$}  OK   NOTE", "CHECK"))?;
            for Check {
                what, good, note, ..
            } in checks
            {
                let good = if *good { "yes" } else { "no" };
                let line = format!("{what:widest$}  {good:<3}  {note}");
                report.result(line.trim_end())?;
            }
            Ok(())
        }
        CheckForm::Json => {
            let listed: Vec<_> = checks
                .iter()
                .map(|check| {
                    let need = match check.need {
                        Need::Always => "always",
                        Need::OneOfThem => "oneOfThem",
                        Need::Comfort => "comfort",
                    };
                    json!({"check": check.what, "ok": check.good, "need": need, "note": check.note})
                })
                .collect();
            report.result(
                &json!({"works": checkup::would_work(checks), "checks": listed}).to_string(),
            )
        }
    }
}

/// Says how to give the rights that are missing, if any are.
fn missing_rights(cluster: &Cluster, checks: &[Check]) -> Option<String> {
    let is_right = |check: &&Check| {
        let mut rights = checkup::RIGHTS.iter();
        rights.any(|(verb, resource, ..)| check.what == format!("{verb} {resource}"))
    };
    checks
        .iter()
        .filter(is_right)
        .any(|check| !check.good && check.need == Need::Always)
        .then(|| Error::Forbidden {
            message: String::new(),
            action: Action {
                verb: "get",
                resource: "pods",
                namespace: cluster.namespace().to_owned(),
            },
        })?
        .hint()
}
