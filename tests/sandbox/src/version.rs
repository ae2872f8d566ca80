//! Which Kubernetes is played: the one of today, or an old one with what it had not yet.

mod shape;
mod wording;

use std::str::FromStr;
use std::time::Duration;

pub(crate) use self::shape::shape;
pub(crate) use self::wording::{exec_failure, worded};

use crate::kubelet::timing::Timing;
use crate::world::World;

/// An API server with its kubelet and its container runtime, as one was recorded.
///
/// Those before 1.36 speak v4 and no v5 over `WebSockets`, let attach who may only `get`, have a kubelet whose
/// status lags behind, and a runtime that loses what a container without a terminal writes just before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Server {
    /// 1.21 with the alpha feature `EphemeralContainers` on: the historic `kind: EphemeralContainers`.
    V1_21,
    /// 1.21 as it comes: there is no subresource `ephemeralcontainers`.
    V1_21WithoutFeature,
    /// 1.21 with the feature on in the API server and off in the kubelet: what is added never starts.
    V1_21KubeletWithoutFeature,
    /// 1.23, where the feature is beta, with the API of today.
    V1_23,
    /// 1.28 with containerd 1.6.
    V1_28,
    /// 1.28 with containerd 2.1, which loses less.
    V1_28Containerd2,
    /// 1.36 with containerd 2.1.
    #[default]
    V1_36,
}

impl Server {
    pub(crate) fn minor(self) -> u32 {
        match self {
            Self::V1_21 | Self::V1_21WithoutFeature | Self::V1_21KubeletWithoutFeature => 21,
            Self::V1_23 => 23,
            Self::V1_28 | Self::V1_28Containerd2 => 28,
            Self::V1_36 => 36,
        }
    }

    /// The version of its API server and its kubelet.
    pub(crate) fn version(self) -> &'static str {
        match self.minor() {
            21 => "v1.21.1",
            23 => "v1.23.1",
            28 => "v1.28.3",
            _ => "v1.36.2",
        }
    }

    pub(crate) fn has_ephemeral_containers(self) -> bool {
        self != Self::V1_21WithoutFeature
    }

    /// Whether the subresource is of the kind `EphemeralContainers`, as until 1.21.
    pub(crate) fn is_alpha(self) -> bool {
        self.minor() < 22
    }

    pub(crate) fn kubelet_has_ephemeral_containers(self) -> bool {
        self.has_ephemeral_containers() && self != Self::V1_21KubeletWithoutFeature
    }

    /// Whether unknown fields are warned of and can be refused, as since 1.25.
    pub(crate) fn tells_unknown_fields(self) -> bool {
        self.minor() >= 25
    }

    /// Whether a WebSocket needs `create` besides `get`, as SPDY's POST always did.
    pub(crate) fn attach_needs_create(self) -> bool {
        self.minor() >= 35
    }

    /// Whether there is a `SelfSubjectReview`, as since 1.28.
    pub(crate) fn has_self_subject_review(self) -> bool {
        self.minor() >= 28
    }

    /// Whether it notes in a pod's `managedFields` who added an ephemeral container. 1.36 does, 1.28 does not.
    pub(crate) fn notes_who_added(self) -> bool {
        self.minor() > 28
    }

    /// Whether a user's `extra` names the certificate, as since 1.32.
    pub(crate) fn tells_credentials(self) -> bool {
        self.minor() >= 32
    }

    /// Whether the runtime sends all output of a container whose stdin is for one client only.
    pub(crate) fn keeps_output_with_stdin_once(self) -> bool {
        matches!(self, Self::V1_28Containerd2 | Self::V1_36)
    }

    fn protocols(self) -> &'static [&'static str] {
        const OLD: [&str; 4] = [
            "v4.channel.k8s.io",
            "channel.k8s.io",
            "v4.base64.channel.k8s.io",
            "base64.channel.k8s.io",
        ];
        const NEW: [&str; 5] = ["v5.channel.k8s.io", OLD[0], OLD[1], OLD[2], OLD[3]];
        if self.minor() < 29 { &OLD } else { &NEW }
    }

    /// As slow as recorded, but for waits of many seconds, such as those for an image that is not found.
    fn timing(self) -> Timing {
        if self == Self::V1_36 {
            return Timing::default();
        }
        Timing {
            create: Duration::from_millis(40),
            start: Duration::from_millis(60),
            exit_lag: Duration::from_millis(500),
            output_lag: Duration::from_millis(150),
            ..Timing::before_1_36()
        }
    }
}

impl FromStr for Server {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "1.21" => Ok(Self::V1_21),
            "1.21-off" => Ok(Self::V1_21WithoutFeature),
            "1.21-kubelet-off" => Ok(Self::V1_21KubeletWithoutFeature),
            "1.23" => Ok(Self::V1_23),
            "1.28" => Ok(Self::V1_28),
            "1.28-containerd2" => Ok(Self::V1_28Containerd2),
            "1.36" => Ok(Self::V1_36),
            _ => Err(format!(
                "there is no server {name:?}: 1.21, 1.21-off, 1.21-kubelet-off, 1.23, 1.28, \
                 1.28-containerd2 or 1.36"
            )),
        }
    }
}

impl World {
    /// Plays another server, with its protocols and its lags; what is to differ from it is set after this.
    #[must_use]
    pub fn server(self, server: Server) -> Self {
        let mut world = self.protocols(server.protocols()).timing(server.timing());
        world.server = server;
        for object in &mut world.objects {
            if object["kind"] == "Node" {
                object["status"]["nodeInfo"]["kubeletVersion"] = server.version().into();
            }
        }
        world
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_speak_v4_and_lag_behind() {
        let world = World::new().server(Server::V1_28);
        assert!(!world.protocols.iter().any(|name| name.starts_with("v5")));
        assert!(world.timing.status_lag > Timing::default().status_lag);
        let world = world.server(Server::V1_36);
        assert_eq!(world.protocols, World::new().protocols);
        assert_eq!(world.timing.output_lag, Duration::ZERO);
    }
}
