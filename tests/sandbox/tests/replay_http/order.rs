//! Which exchanges are replayed on which sandbox, in the order in which they were recorded.

/// What is not replayed, with the reason.
pub(crate) const LEFT_OUT: &[(&str, &str)] = &[];

/// What of an answer is not compared: the file, where in it, and the reason.
pub(crate) const PARTLY: &[(&str, &str, &str)] = &[
    (
        "patch-podsecurity-restricted-ok",
        ".status.containerStatuses[0].user",
        "the kubelet takes the user of a container from the container alone, not from its pod",
    ),
    (
        "get-pod-ephemeral-states",
        ".status.ephemeralContainerStatuses[7].state.terminated.message",
        "processes of this machine have no /dev/termination-log of their own",
    ),
];

/// Before anything is added to a pod.
pub(crate) const BEFORE: &[&str] = &[
    "version",
    "api-v1-resources",
    "list-pods",
    "list-pods-table",
    "list-pods-metadata-only",
    "get-pod-crash",
    "get-pod",
    "get-pod-two",
];

/// The first ephemeral containers, and all that is refused.
pub(crate) const PATCHES: &[&str] = &[
    "patch-ok",
    "patch-ok-second",
    "patch-identical-again",
    "patch-duplicate-name-other-fields",
    "patch-duplicate-name-of-container",
    "patch-duplicate-name-in-one-body",
    "patch-duplicate-name-json-patch",
    "patch-name-missing",
    "patch-name-missing-json-patch",
    "patch-name-empty",
    "patch-name-invalid",
    "patch-name-too-long",
    "patch-image-empty",
    "patch-image-space",
    "patch-image-bad-reference",
    "patch-unknown-target",
    "patch-target-is-ephemeral",
    "patch-ports",
    "patch-resources",
    "patch-resources-empty",
    "patch-liveness-probe",
    "patch-readiness-probe",
    "patch-lifecycle",
    "patch-restart-policy",
    "patch-resize-policy",
    "patch-three-faults",
    "patch-pull-policy-bad",
    "patch-env-bad",
    "patch-volume-mount-subpath",
    "patch-volume-mount-unknown",
    "patch-volume-mount-ok",
    "patch-unknown-field",
    "patch-unknown-field-strict",
    "patch-wrong-type",
    "patch-not-json",
    "patch-content-type-unknown",
    "patch-remove-one",
    "patch-merge-patch",
    "patch-other-spec-field",
    "patch-metadata-label",
    "patch-resource-version-stale",
    "patch-uid-mismatch",
    "patch-json-patch-ok",
    "patch-json-patch-test-fails",
    "patch-json-patch-no-list-yet",
    "patch-apply",
    "patch-apply-no-manager",
    "patch-apply-second-without-first",
    "patch-dry-run",
    "patch-dry-run-bad-value",
    "patch-main-resource",
    "patch-pod-not-found",
    "patch-namespace-not-found",
    "patch-forbidden",
    "patch-unauthorized-bad-token",
    "patch-podsecurity-restricted-plain",
    "patch-podsecurity-restricted-privileged",
    "patch-podsecurity-restricted-sysadmin-caps",
    "patch-podsecurity-restricted-ok",
    "old-kind-json-patch",
    "old-kind-merge-patch",
    "old-kind-strategic-merge",
    "old-kind-strategic-merge-no-kind",
    "old-kind-put",
];

/// Once the kubelet has caught up: reading and replacing the list, and who may do what.
pub(crate) const AFTER: &[&str] = &[
    "get-ephemeralcontainers",
    "put-ok",
    "put-conflict",
    "get-pod-with-many-ephemeral",
    "create-pod-with-ephemeral",
    "get-pod-not-found",
    "anonymous-forbidden",
    "unauthorized-bad-token",
    "get-forbidden",
    "get-pod-impersonated-forbidden",
    "impersonate-forbidden",
    "self-subject-review",
    "ssrr-viewer",
    "ssar-admin-create-attach",
    "ssar-admin-create-exec",
    "ssar-admin-get-attach",
    "ssar-admin-get-log",
    "ssar-admin-patch-ephemeralcontainers",
    "ssar-dev-create-attach",
    "ssar-dev-create-exec",
    "ssar-dev-get-attach",
    "ssar-dev-get-log",
    "ssar-dev-patch-ephemeralcontainers",
    "ssar-viewer-create-attach",
    "ssar-viewer-create-exec",
    "ssar-viewer-get-attach",
    "ssar-viewer-get-log",
    "ssar-viewer-patch-ephemeralcontainers",
];

/// Streams that are none, logs, and the end of a pod.
pub(crate) const STREAMS: &[&str] = &[
    "attach-get-without-upgrade",
    "attach-post-without-upgrade",
    "attach-spdy-upgrade",
    "log-ephemeral",
    "log-no-container-of-many",
    "log-unknown-container",
    "log-waiting",
    "delete-pod",
];

/// A pod with an ephemeral container for each way in which one can be.
pub(crate) const STATES: &[&str] = &["get-pod-ephemeral-states", "events-bad-image"];
