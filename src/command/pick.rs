//! Lets the user pick a pod where none is named.

use std::{borrow::Cow, ffi::OsString};

use k8s_openapi::api::core::v1::Pod;
use tokio::time::Instant;

use crate::{
    cluster::Cluster,
    container::{PodName, can_take_one, parts},
    error::Error,
    picker::{Picker, Row},
    progress::{best_to_return_to, can_be_returned_to},
    report::{Reporter, harmless},
    shell::{There, quoted},
    terminal,
};

/// What a pod is picked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose<'a> {
    /// To add a container to it.
    Add,
    /// To go back to its container of that name, else to one that runs.
    Return(Option<&'a str>),
}

impl Purpose<'_> {
    fn is_served_by(self, pod: &Pod) -> bool {
        match self {
            Self::Add => can_take_one(pod),
            Self::Return(container) => can_be_returned_to(pod, container),
        }
    }

    /// Says that no pod serves.
    fn nothing(self, all: usize, there: &There) -> Error {
        let (namespace, everywhere) = (there.namespace(), there.everywhere());
        let (message, hint) = match self {
            _ if all == 0 => (
                format!("there are no pods in namespace `{namespace}`"),
                format!("`kubectl get pods {everywhere}` lists all pods"),
            ),
            Self::Add => (
                format!(
                    "no pod of the {all} in namespace `{namespace}` can be debugged: they have finished, are being deleted or static"
                ),
                format!("`kubectl get pods {everywhere}` lists all pods"),
            ),
            Self::Return(Some(container)) => (
                format!(
                    "no pod of the {all} in namespace `{namespace}` has an ephemeral container `{container}`"
                ),
                format!("`kubectl ephemeral list {everywhere}` lists all ephemeral containers"),
            ),
            Self::Return(None) => (
                format!(
                    "no pod of the {all} in namespace `{namespace}` has an ephemeral container that runs"
                ),
                format!("`kubectl ephemeral list {everywhere}` lists all ephemeral containers"),
            ),
        };
        Error::NoPod {
            message,
            hint: format!("-n names another namespace; {hint}"),
        }
    }

    /// Says how a pod is, and which of its containers is meant.
    fn rest(self, pod: &Pod) -> String {
        let meant = match self {
            Self::Add | Self::Return(Some(_)) => None,
            Self::Return(None) => best_to_return_to(pod),
        };
        match meant {
            Some((_, container)) => format!("{}  {}", condition(pod), container.name),
            None => condition(pod),
        }
    }

    /// Writes the command line that names the pod, and else has the words of this one.
    fn line(self, pod: &str, namespace: &str, words: &[OsString]) -> String {
        let mut given = words.iter().map(|word| word.to_string_lossy());
        let own = given.clone().take_while(|word| word != "--");
        let place = if own.into_iter().any(|word| names_namespace(&word)) {
            format!(" pod/{}", quoted(pod))
        } else {
            format!(" pod/{} -n {namespace}", quoted(pod))
        };
        let mut line = "kubectl ephemeral".to_owned();
        let is_first = matches!(self, Self::Add);
        if is_first {
            line.push_str(&place);
        }
        push_harmless(&mut line, &mut given);
        if !is_first {
            // The verb is among the words, behind flags perhaps.
            line.push_str(&place);
        }
        line
    }
}

/// Shows the pods that serve the purpose, and returns the one that is picked; nothing if the user wants none.
/// Says the line that does the same.
pub(super) async fn pod(
    cluster: &Cluster,
    purpose: Purpose<'_>,
    words: &[OsString],
    report: &Reporter,
) -> Result<Option<Pod>, Error> {
    let (begin, namespace) = (Instant::now(), cluster.namespace());
    let (mut all, mut names, mut rows) = (0, Vec::new(), Vec::new());
    let take = |pods: Vec<Pod>| {
        all += pods.len();
        for pod in pods.iter().filter(|pod| purpose.is_served_by(pod)) {
            names.push(parts::name(pod).to_owned());
            rows.push(Row {
                name: harmless(parts::name(pod)),
                rest: harmless(&purpose.rest(pod)),
            });
        }
        report.counted(&format!("reading the pods: {all} so far"), begin.elapsed());
    };
    let read = cluster.each_page_of_pods(take).await;
    report.clear_line();
    read?;
    if rows.is_empty() {
        return Err(purpose.nothing(all, cluster.there()));
    }
    let question = format!("pod in {namespace}, type to narrow");
    let picked = terminal::pick(Picker::new(&question, rows)).await;
    let picked = picked.map_err(Error::terminal)?;
    let Some(name) = picked.and_then(|number| names.into_iter().nth(number)) else {
        return Ok(None);
    };
    let line = purpose.line(&name, namespace, words);
    report.notice(&format!("the same without asking: {line}"));
    // The list may be old by now, and of all the pods in it only the names were kept.
    let name = PodName::after_slash(&name)?;
    cluster.pod(name.as_str()).await.map(Some)
}

/// Says how a pod is, as `kubectl get pods` does: how many containers are ready, and what of.
fn condition(pod: &Pod) -> String {
    let containers = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    let status = pod.status.as_ref();
    let statuses = status.and_then(|status| status.container_statuses.as_deref());
    let statuses = statuses.unwrap_or_default();
    let ready = statuses.iter().filter(|status| status.ready).count();
    let why = statuses.iter().find_map(|status| {
        let waiting = status.state.as_ref()?.waiting.as_ref()?;
        waiting.reason.as_deref()
    });
    let phase = status.and_then(|status| status.phase.as_deref());
    let why = why.or(phase).unwrap_or("Unknown");
    format!("{ready}/{containers}  {why}")
}

/// Adds words that can be pasted, and hold no secret: what is shown may end in a chat.
fn push_harmless<'a>(line: &mut String, words: impl Iterator<Item = Cow<'a, str>>) {
    let mut is_secret = false;
    for word in words {
        let word = match word.split_once('=') {
            _ if is_secret => "TOKEN".to_owned(),
            Some(("--token", _)) => "--token=TOKEN".to_owned(),
            _ => quoted(&word),
        };
        is_secret = word == "--token";
        line.push(' ');
        line.push_str(&word);
    }
}

fn names_namespace(word: &str) -> bool {
    word == "--namespace"
        || word.starts_with("--namespace=")
        || (word.starts_with("-n") && !word.starts_with("--"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_line_that_does_the_same_can_be_pasted_and_holds_no_secret() {
        for (words, expected) in [
            (&[][..], "kubectl ephemeral pod/web -n shop"),
            (
                &["-n", "shop", "--", "sh", "-c", "echo 'a' $b"],
                r"kubectl ephemeral pod/web -n shop -- sh -c 'echo '\''a'\'' $b'",
            ),
            (
                &["-nshop", "--target="],
                "kubectl ephemeral pod/web -nshop --target=",
            ),
            (
                &["--namespace=shop", "--image", ""],
                "kubectl ephemeral pod/web --namespace=shop --image ''",
            ),
            (
                &["--", "grep", "-n", "x"],
                "kubectl ephemeral pod/web -n shop -- grep -n x",
            ),
            (
                &["--token", "S3CRET", "-q"],
                "kubectl ephemeral pod/web -n shop --token TOKEN -q",
            ),
            (
                &["--token=S3CRET"],
                "kubectl ephemeral pod/web -n shop --token=TOKEN",
            ),
        ] {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            assert_eq!(Purpose::Add.line("web", "shop", &words), expected);
        }
    }

    #[test]
    fn the_verb_stays_in_the_line() {
        for (words, expected) in [
            (&["attach"][..], "kubectl ephemeral attach pod/web -n shop"),
            (
                &["-n", "shop", "--token=S3CRET", "attach", "-c", "a"],
                "kubectl ephemeral -n shop --token=TOKEN attach -c a pod/web",
            ),
        ] {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            assert_eq!(Purpose::Return(None).line("web", "shop", &words), expected);
        }
    }

    #[test]
    fn a_pod_is_shown_as_kubectl_lists_it() {
        let status = |ready: bool, state: serde_json::Value| json!({"name": "a", "ready": ready, "state": state, "restartCount": 0, "image": "", "imageID": ""});
        let waiting = json!({"waiting": {"reason": "CrashLoopBackOff"}});
        for (statuses, phase, expected) in [
            (
                json!([status(true, json!({"running": {}}))]),
                "Running",
                "1/2  Running",
            ),
            (
                json!([status(true, json!({})), status(false, waiting)]),
                "Running",
                "1/2  CrashLoopBackOff",
            ),
            (json!(null), "Pending", "0/2  Pending"),
        ] {
            let pod = json!({
                "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
                "status": {"phase": phase, "containerStatuses": statuses},
            });
            assert_eq!(condition(&serde_json::from_value(pod).unwrap()), expected);
        }
    }
}
