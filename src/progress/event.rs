//! What an event says about an ephemeral container, or about its pod.
//!
//! Kubelets tell in events within milliseconds what the pod's status says up to fifteen seconds later.

use k8s_openapi::api::core::v1::Event;

/// Reasons that a kubelet gives in an event of its own besides, with the words that matter.
const SAID_BESIDES: [&str; 7] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];

/// What an event says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Said<'a> {
    Pulling,
    Pulled,
    Created,
    Started,
    PullFailed(&'a str),
    BadImageName(&'a str),
    NotInspected(&'a str),
    NeverPulled(&'a str),
    /// The container could not be created or started, in words that tell which.
    Failed(&'a str),
    /// No node takes the pod.
    NoNode(&'a str),
    /// A volume of the pod is not there.
    NoVolume(&'a str),
    /// The pod itself cannot be set up.
    NoSandbox(&'a str),
}

/// Reads an event. One about another container, or one that says nothing for the wait, is none.
pub(super) fn read<'a>(event: &'a Event, container: &str) -> Option<Said<'a>> {
    let reason = event.reason.as_deref().unwrap_or_default();
    let message = event.message.as_deref().unwrap_or_default();
    match event.involved_object.field_path.as_deref() {
        None | Some("") => of_the_pod(reason, message),
        Some(field) if field == format!("spec.ephemeralContainers{{{container}}}") => {
            of_the_container(reason, message)
        }
        Some(_) => None,
    }
}

/// How often that was so. Kubelets count in `count`, newer senders in a series.
pub(super) fn times(event: &Event) -> i32 {
    let series = event.series.as_ref().and_then(|series| series.count);
    series.or(event.count).unwrap_or(1).max(1)
}

fn of_the_container<'a>(reason: &str, message: &'a str) -> Option<Said<'a>> {
    Some(match reason {
        "Pulling" => Said::Pulling,
        "Pulled" => Said::Pulled,
        "Created" => Said::Created,
        "Started" => Said::Started,
        "ErrImageNeverPull" => Said::NeverPulled(message),
        "InspectFailed" if message.contains("couldn't parse image") => Said::BadImageName(message),
        "InspectFailed" => Said::NotInspected(message),
        "Failed" if message.starts_with("Failed to pull image") => {
            let words = message.split_once("\": ");
            Said::PullFailed(words.map_or(message, |(_, words)| words))
        }
        "Failed" => {
            let words = message.strip_prefix("Error: ").unwrap_or(message);
            if SAID_BESIDES.contains(&words) {
                return None;
            }
            Said::Failed(words)
        }
        _ => return None,
    })
}

fn of_the_pod<'a>(reason: &str, message: &'a str) -> Option<Said<'a>> {
    Some(match reason {
        "FailedScheduling" => Said::NoNode(message),
        "FailedMount" | "FailedAttachVolume" | "FailedMapVolume" => Said::NoVolume(message),
        "FailedCreatePodSandBox" | "NetworkNotReady" => Said::NoSandbox(message),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(reason: &str, message: &str, field: &Value) -> Event {
        serde_json::from_value(json!({
            "metadata": {"name": "app.1"},
            "reason": reason,
            "message": message,
            "involvedObject": {"kind": "Pod", "fieldPath": field},
        }))
        .unwrap()
    }

    #[test]
    fn events_are_read_for_what_they_say() {
        let field = json!("spec.ephemeralContainers{debugger-1}");
        for (reason, message, said) in [
            ("Pulling", "Pulling image \"x\"", Some(Said::Pulling)),
            ("Started", "Container started", Some(Said::Started)),
            (
                "Failed",
                "Failed to pull image \"x:1\": rpc error: not found",
                Some(Said::PullFailed("rpc error: not found")),
            ),
            ("Failed", "Error: ErrImagePull", None),
            (
                "Failed",
                "Error: secret \"x\" not found",
                Some(Said::Failed("secret \"x\" not found")),
            ),
            (
                "InspectFailed",
                "Failed to apply default image tag \"X\": couldn't parse image reference \"X\": invalid",
                Some(Said::BadImageName(
                    "Failed to apply default image tag \"X\": couldn't parse image reference \"X\": invalid",
                )),
            ),
            ("BackOff", "Back-off pulling image \"x\"", None),
            ("Whatever", "", None),
        ] {
            let event = event(reason, message, &field);
            assert_eq!(read(&event, "debugger-1"), said, "{reason} {message}");
            assert_eq!(read(&event, "debugger-12"), None, "{reason} {message}");
        }
    }

    #[test]
    fn containers_of_other_kinds_do_not_count_and_the_pod_does() {
        let ordinary = json!("spec.containers{debugger-1}");
        assert_eq!(read(&event("Started", "", &ordinary), "debugger-1"), None);
        let pod = event("FailedScheduling", "0/3 nodes", &Value::Null);
        assert_eq!(read(&pod, "debugger-1"), Some(Said::NoNode("0/3 nodes")));
        assert_eq!(
            read(&event("Started", "", &Value::Null), "debugger-1"),
            None
        );
    }

    #[test]
    fn an_event_is_counted_in_both_shapes() {
        for (counts, expected) in [
            (json!({}), 1),
            (json!({"count": 3}), 3),
            (
                json!({"series": {"count": 4, "lastObservedTime": "2026-11-20T07:53:54.000000Z"}, "eventTime": "2026-11-20T07:53:54.000000Z"}),
                4,
            ),
            (json!({"count": 0}), 1),
        ] {
            let mut event = json!({"metadata": {}, "involvedObject": {}});
            for (key, value) in counts.as_object().unwrap() {
                event[key] = value.clone();
            }
            assert_eq!(times(&serde_json::from_value(event).unwrap()), expected);
        }
    }
}
