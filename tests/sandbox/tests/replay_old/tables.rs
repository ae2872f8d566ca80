//! Which exchanges are replayed, in an order in which they can be, and what is not compared.

/// What is not replayed, and why.
pub(crate) const LEFT_OUT: &[(&str, &str)] = &[
    ("1.21/put-yaml", "the sandbox reads no YAML"),
    (
        "1.28/api-accept-aggregated",
        "the sandbox has no aggregated discovery",
    ),
];

/// Where an answer is not compared, and why.
pub(crate) const PARTLY: &[(&str, &str, &str)] = &[
    ("1.21-off/get-pod", ".body.spec.nodeName", NO_NODE),
    ("1.21-off/get-pod", ".body.status", NO_NODE),
    (
        "1.21-off/create-pod-with-ephemeral",
        ".body.spec.nodeName",
        NO_NODE,
    ),
    (
        "1.21-off/create-pod-with-ephemeral",
        ".body.status",
        NO_NODE,
    ),
    (
        "1.21-off/create-pod-with-ephemeral",
        ".body.metadata",
        "a dry run makes no uid here",
    ),
    (
        "1.21-off/patch-main-resource",
        ".body.spec.nodeName",
        NO_NODE,
    ),
    ("1.21-off/patch-main-resource", ".body.status", NO_NODE),
    ("1.23/ssrr-dev", ".body.status.nonResourceRules", WELL_KNOWN),
    (
        "1.23/ssrr-viewer",
        ".body.status.nonResourceRules",
        WELL_KNOWN,
    ),
    ("1.21/openapi-v3", ".body", PATHS),
    ("1.21/openapi-v3", ".Content-Type", PATHS),
    ("1.21/openapi-v3", ".Cache-Control", PATHS),
    (
        "1.21/list-pods",
        ".body.items[1].status",
        "the container goes on crashing",
    ),
    (
        "1.21/new-style-apply",
        ".body.message",
        "shows addresses in memory",
    ),
    (
        "1.21/get-pod-with-ephemeral",
        ".body.status.ephemeralContainerStatuses[0].image",
        "that image had two tags",
    ),
    (
        "1.28/patch-both-styles-uid-mismatch",
        ".Warning",
        "a refusal has no warnings here",
    ),
];
const PATHS: &str = "lists the paths of that cluster";
const WELL_KNOWN: &str =
    "that cluster let nobody read /.well-known, as those before and after it did";
const NO_NODE: &str = "that cluster had no node, so that no pod was bound";

/// How the exchanges of a folder are put in order: what is in none of the lists changes nothing, and comes last.
pub(crate) struct Order {
    pub(crate) version: &'static str,
    /// While nothing has been added to any pod.
    pub(crate) empty: &'static [&'static str],
    /// Each builds on those before.
    pub(crate) changes: &'static [&'static str],
    /// With containers that have run.
    pub(crate) states: &'static [&'static str],
    pub(crate) logs: &'static [&'static str],
}

pub(crate) const LOGS: &[&str] = &[
    "log-ephemeral",
    "log-notty",
    "log-previous",
    "log-tail-timestamps",
    "log-unknown-container",
    "log-waiting",
    "attach-get-without-upgrade",
    "attach-post-without-upgrade",
];

pub(crate) const V1_21: Order = Order {
    version: "1.21",
    empty: &[
        "get-pod",
        "get-ephemeralcontainers-empty",
        "new-style-strategic-merge",
        "new-style-strategic-merge-get-pod-after",
        "new-style-strategic-merge-as-kubectl",
        "new-style-strategic-merge-dry-run",
        "new-style-strategic-merge-strict",
        "new-style-merge-patch",
        "new-style-with-kind-pod",
        "new-style-bad-value",
        "new-style-json-patch",
        "new-style-json-patch-whole-list",
        "new-style-apply",
        "new-style-put-pod",
        "patch-both-styles-kind",
        "patch-both-styles-validation-ignore",
        "put-dry-run",
        "put-dry-run-get-after",
    ],
    changes: &[
        "put-seed",
        "put-seed-again",
        "get-ephemeralcontainers",
        "put-second",
        "put-seed-removes-second",
        "put-remove-all",
        "put-change-command",
        "put-change-image",
        "put-reordered",
        "put-read-modify-write",
        "put-conflict",
        "patch-strategic-merge-no-kind",
        "patch-strategic-merge-no-kind-second",
        "patch-strategic-merge-kind",
        "patch-strategic-merge-both-styles",
        "patch-strategic-merge-identical-again",
        "patch-merge-replaces-list",
        "patch-json-patch-append",
        "main-resource-patch",
        "main-resource-put",
    ],
    states: &[
        "get-pod-after-watches",
        "get-pod-after-tty-exit-3",
        "get-pod-after-notty-stdinonce-close",
        "get-pod-after-notty-stdinonce-drop",
        "get-pod-after-notty-exit-3",
        "get-pod-with-many-ephemeral",
        "get-pod-with-ephemeral",
        "get-pod-kubelet-gate-off",
    ],
    logs: LOGS,
};

pub(crate) const V1_21_OFF: Order = Order {
    version: "1.21-off",
    empty: &[],
    changes: &[],
    states: &[],
    logs: &[],
};

const MODERN_EMPTY: &[&str] = &[
    "get-pod",
    "get-ephemeralcontainers-empty",
    "patch-old-style-on-empty",
    "patch-old-style-kind-on-empty",
    "patch-old-style-merge",
    "patch-old-style-strict",
    "patch-old-style-json-patch",
    "patch-both-styles-kind",
    "patch-both-styles-validation-ignore",
    "patch-both-styles-uid-mismatch",
];
const MODERN_CHANGES: &[&str] = &[
    "patch-both-styles",
    "patch-ok",
    "patch-ok-second",
    "patch-identical-again",
    "patch-merge-patch",
    "patch-json-patch-ok",
    "patch-duplicate-name-other-fields",
    "patch-dry-run",
    "patch-resize-policy",
    "patch-restart-policy",
    "patch-security-context",
    "patch-unknown-field",
    "patch-unknown-field-strict",
    "get-ephemeralcontainers",
    "put-pod",
    "patch-main-resource",
];
const MODERN_STATES: &[&str] = &[
    "get-pod-after-watches",
    "get-pod-after-tty-exit-3",
    "get-pod-after-notty-stdinonce-close",
    "get-pod-after-notty-stdinonce-drop",
    "get-pod-after-notty-exit-3",
    "get-pod-with-many-ephemeral",
];

pub(crate) const V1_23: Order = Order {
    version: "1.23",
    empty: MODERN_EMPTY,
    changes: MODERN_CHANGES,
    states: MODERN_STATES,
    logs: LOGS,
};

pub(crate) const V1_28: Order = Order {
    version: "1.28",
    ..V1_23
};

/// Besides streams, only what is seen around them was recorded.
pub(crate) const V1_28_CONTAINERD2: Order = Order {
    version: "1.28-c2",
    empty: &[],
    changes: &[],
    states: &[
        "get-pod-after-tty-exit-3",
        "get-pod-after-notty-stdinonce-close",
        "get-pod-after-notty-stdinonce-drop",
        "get-pod-after-notty-exit-3",
    ],
    logs: &["attach-get-without-upgrade", "attach-post-without-upgrade"],
};
