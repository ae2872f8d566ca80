//! What a container may do and as whom, once the server has said so.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

/// What an ephemeral container may do, and as whom it runs. Admission may have changed what was asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Standing {
    /// The user, if the pod or the container names one; else the image decides.
    pub user: Option<i64>,
    /// Whether the kubelet lets only a user start who is not root.
    pub never_root: bool,
    /// The capabilities it has besides those that every container has.
    pub added: Vec<String>,
    /// Whether it may do everything.
    pub privileged: bool,
}

impl Standing {
    /// Returns the standing of a container in its pod.
    pub fn of(container: &EphemeralContainer, pod: &Pod) -> Self {
        let of_pod = pod
            .spec
            .as_ref()
            .and_then(|spec| spec.security_context.as_ref());
        let own = container.security_context.as_ref();
        let capabilities = own.and_then(|own| own.capabilities.as_ref());
        Self {
            user: own
                .and_then(|own| own.run_as_user)
                .or(of_pod.and_then(|context| context.run_as_user)),
            never_root: own
                .and_then(|own| own.run_as_non_root)
                .or(of_pod.and_then(|context| context.run_as_non_root))
                == Some(true),
            added: capabilities
                .and_then(|capabilities| capabilities.add.clone())
                .unwrap_or_default(),
            privileged: own.and_then(|own| own.privileged) == Some(true),
        }
    }

    /// Tells whether root is surely not the user.
    pub fn is_not_root(&self) -> bool {
        match self.user {
            Some(user) => user != 0,
            None => self.never_root,
        }
    }

    /// Names what it has more than every container, in words.
    pub fn powers(&self) -> Option<String> {
        if self.privileged {
            Some("`privileged`".to_owned())
        } else if self.added.is_empty() {
            None
        } else {
            Some(self.added.join(" and "))
        }
    }
}
