//! The fields of an ephemeral container, as the newest API has them.

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Texts,
    Whole,
    Truth,
    One(Fields),
    Many(Fields),
    /// What the API refuses on ephemeral containers, so that what is in it does not matter.
    Refused,
}

/// The names of an object's fields, and what they hold.
pub(super) type Fields = &'static [(&'static str, Kind)];

use Kind::{Many, One, Refused, Text, Texts, Truth, Whole};

/// The fields of an ephemeral container.
pub(super) const CONTAINER: Fields = &[
    ("args", Texts),
    ("command", Texts),
    ("env", Many(ENV)),
    ("envFrom", Many(ENV_FROM)),
    ("image", Text),
    ("imagePullPolicy", Text),
    ("lifecycle", Refused),
    ("livenessProbe", Refused),
    ("name", Text),
    ("ports", Refused),
    ("readinessProbe", Refused),
    ("resizePolicy", Refused),
    ("resources", Refused),
    ("restartPolicy", Refused),
    ("restartPolicyRules", Refused),
    ("securityContext", One(SECURITY_CONTEXT)),
    ("startupProbe", Refused),
    ("stdin", Truth),
    ("stdinOnce", Truth),
    ("targetContainerName", Text),
    ("terminationMessagePath", Text),
    ("terminationMessagePolicy", Text),
    ("tty", Truth),
    ("volumeDevices", Many(VOLUME_DEVICE)),
    ("volumeMounts", Many(VOLUME_MOUNT)),
    ("workingDir", Text),
];

pub(super) const ENV: Fields = &[
    ("name", Text),
    ("value", Text),
    ("valueFrom", One(ENV_SOURCE)),
];

pub(super) const ENV_SOURCE: Fields = &[
    ("configMapKeyRef", One(KEY)),
    ("fieldRef", One(FIELD)),
    ("fileKeyRef", One(FILE_KEY)),
    ("resourceFieldRef", One(RESOURCE_FIELD)),
    ("secretKeyRef", One(KEY)),
];

pub(super) const KEY: Fields = &[("key", Text), ("name", Text), ("optional", Truth)];

pub(super) const FIELD: Fields = &[("apiVersion", Text), ("fieldPath", Text)];

pub(super) const FILE_KEY: Fields = &[
    ("key", Text),
    ("optional", Truth),
    ("path", Text),
    ("volumeName", Text),
];

pub(super) const RESOURCE_FIELD: Fields = &[
    ("containerName", Text),
    ("divisor", Text),
    ("resource", Text),
];

pub(super) const ENV_FROM: Fields = &[
    ("configMapRef", One(ENV_FROM_SOURCE)),
    ("prefix", Text),
    ("secretRef", One(ENV_FROM_SOURCE)),
];

pub(super) const ENV_FROM_SOURCE: Fields = &[("name", Text), ("optional", Truth)];

pub(super) const VOLUME_DEVICE: Fields = &[("devicePath", Text), ("name", Text)];

pub(super) const VOLUME_MOUNT: Fields = &[
    ("bindMountOptions", Texts),
    ("mountPath", Text),
    ("mountPropagation", Text),
    ("name", Text),
    ("readOnly", Truth),
    ("recursiveReadOnly", Text),
    ("subPath", Refused),
    ("subPathExpr", Refused),
];

pub(super) const SECURITY_CONTEXT: Fields = &[
    ("allowPrivilegeEscalation", Truth),
    ("appArmorProfile", One(PROFILE)),
    ("capabilities", One(CAPABILITIES)),
    ("privileged", Truth),
    ("procMount", Text),
    ("readOnlyRootFilesystem", Truth),
    ("runAsGroup", Whole),
    ("runAsNonRoot", Truth),
    ("runAsUser", Whole),
    ("seLinuxOptions", One(SE_LINUX)),
    ("seccompProfile", One(PROFILE)),
    ("windowsOptions", One(WINDOWS)),
];

pub(super) const PROFILE: Fields = &[("localhostProfile", Text), ("type", Text)];

pub(super) const CAPABILITIES: Fields = &[("add", Texts), ("drop", Texts)];

pub(super) const SE_LINUX: Fields = &[
    ("level", Text),
    ("role", Text),
    ("type", Text),
    ("user", Text),
];

pub(super) const WINDOWS: Fields = &[
    ("gmsaCredentialSpec", Text),
    ("gmsaCredentialSpecName", Text),
    ("hostProcess", Truth),
    ("runAsUserName", Text),
];

#[cfg(test)]
mod tests;
