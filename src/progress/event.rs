//! What an event says about an ephemeral container.

use k8s_openapi::api::core::v1::Event;

/// Tells whether an event says that the ephemeral container of that name has started.
///
/// Kubelets before 1.36 say so most of a second before the pod's status does.
pub fn says_started(event: &Event, container: &str) -> bool {
    let field = event.involved_object.field_path.as_deref();
    event.reason.as_deref() == Some("Started")
        && field == Some(&format!("spec.ephemeralContainers{{{container}}}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_start_of_that_container_counts() {
        for (reason, field, started) in [
            ("Started", "spec.ephemeralContainers{debugger-1}", true),
            ("Created", "spec.ephemeralContainers{debugger-1}", false),
            ("Started", "spec.ephemeralContainers{debugger-12}", false),
            ("Started", "spec.containers{debugger-1}", false),
        ] {
            let event =
                json!({"metadata": {}, "reason": reason, "involvedObject": {"fieldPath": field}});
            let event = serde_json::from_value(event).unwrap();
            assert_eq!(
                says_started(&event, "debugger-1"),
                started,
                "{reason} {field}"
            );
        }
    }
}
