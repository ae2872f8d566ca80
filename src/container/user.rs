//! Who the container runs as.

use k8s_openapi::api::core::v1::{Container, Pod, PodSecurityContext, SecurityContext};

use super::{Profile, Setup, Target, parts, target};
use crate::error::Error;

/// The user for a pod that demands one who is not root, where nobody names another: `nonroot` of the
/// distroless images.
const NOBODY: i64 = 65532;
/// The largest number of a user or group that the API takes.
pub(super) const LARGEST: i64 = i32::MAX as i64;

/// A user, and a group if one is named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct User {
    /// Its number.
    pub id: i64,
    /// The number of its group.
    pub group: Option<i64>,
}

/// What `--run-as` asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RunAs {
    /// This user.
    User(User),
    /// The one as whom the target runs.
    Target,
}

impl User {
    /// Tells whether it is root.
    pub fn is_root(self) -> bool {
        self.id == 0
    }
}

impl RunAs {
    /// Reads `--run-as`: `UID[:GID]`, `target` or `root`.
    pub fn parse(words: &str) -> Result<Self, Error> {
        let number = |word: &str| {
            let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
            let number = word.parse().ok().filter(|number| *number <= LARGEST);
            number.filter(|_| is_plain)
        };
        let read = match words.split_once(':') {
            Some((user, group)) => number(user).zip(number(group).map(Some)),
            None => number(words).map(|user| (user, None)),
        };
        match (words, read) {
            ("target", _) => Ok(Self::Target),
            ("root", _) => Ok(Self::User(User { id: 0, group: None })),
            (_, Some((id, group))) => Ok(Self::User(User { id, group })),
            (_, None) => Err(Error::Usage {
                message: format!("`{words}` cannot be who the container runs as"),
                hint: Some(
                    "--run-as takes UID[:GID] in numbers, `target` or `root`; names are known to the image alone"
                        .to_owned(),
                ),
            }),
        }
    }
}

/// Decides as whom the container runs, where more is to be said than the pod says for all of its
/// containers.
///
/// Who asks for a user gets that one. Else a pod that demands one who is not root gets the target's or its
/// own, and under `auto` another one where neither names any.
pub(super) fn user(
    setup: &Setup,
    target: &Target,
    pod: &Pod,
    profile: Profile,
) -> Result<Option<User>, Error> {
    let container = target::of_whom(target, pod);
    let of_target = || container.and_then(|container| of_container(pod, container));
    match setup.run_as {
        Some(RunAs::User(user)) => Ok(Some(user)),
        Some(RunAs::Target) => of_target()
            .map(Some)
            .ok_or_else(|| Error::TargetUserUnknown {
                container: container.map(|one| one.name.clone()).unwrap_or_default(),
            }),
        None if setup.inherit.user && of_target().is_some() => Ok(of_target()),
        None if !demands_another_than_root(setup, pod, container, profile) => Ok(None),
        None => {
            let named = container.and_then(|container| named(pod, container));
            let named = named.filter(|user| !user.is_root());
            if !setup.is_auto() {
                return Ok(named.filter(|user| Some(*user) != of_pod(pod)));
            }
            let known = named.or_else(|| of_target().filter(|user| !user.is_root()));
            let user = known.unwrap_or(User {
                id: NOBODY,
                group: None,
            });
            Ok(Some(user).filter(|user| Some(*user) != of_pod(pod)))
        }
    }
}

/// Tells whether root is not wanted: by the pod, by the profile, and under `auto` by the target.
fn demands_another_than_root(
    setup: &Setup,
    pod: &Pod,
    container: Option<&Container>,
    profile: Profile,
) -> bool {
    // Users of Windows have names, and none of them is root.
    if parts::is_windows(pod) {
        return false;
    }
    let of_pod = security_context(pod).and_then(|context| context.run_as_non_root);
    let of_target = container
        .and_then(own_context)
        .and_then(|context| context.run_as_non_root);
    of_pod == Some(true)
        || profile == Profile::Restricted
        || (setup.is_auto() && of_target == Some(true))
}

/// Returns the user that the specification names for a container: its own, else its pod's.
fn named(pod: &Pod, container: &Container) -> Option<User> {
    let (own, of_pod) = (own_context(container), of_pod(pod));
    let id = own.and_then(|own| own.run_as_user);
    let group = own.and_then(|own| own.run_as_group);
    Some(User {
        id: id.or(of_pod.map(|user| user.id))?,
        group: group.or(security_context(pod).and_then(|context| context.run_as_group)),
    })
}

/// Returns the user of a container: as the specification names it, else as the kubelet found it, which
/// those from 1.33 on tell.
pub(super) fn of_container(pod: &Pod, container: &Container) -> Option<User> {
    named(pod, container).or_else(|| {
        let status = parts::ordinary_status(pod, &container.name)?;
        let linux = status.user.as_ref()?.linux.as_ref()?;
        Some(User {
            id: linux.uid,
            group: Some(linux.gid),
        })
    })
}

/// Returns the user that the pod names for all of its containers.
fn of_pod(pod: &Pod) -> Option<User> {
    let context = security_context(pod)?;
    Some(User {
        id: context.run_as_user?,
        group: context.run_as_group,
    })
}

fn security_context(pod: &Pod) -> Option<&PodSecurityContext> {
    pod.spec.as_ref()?.security_context.as_ref()
}

fn own_context(container: &Container) -> Option<&SecurityContext> {
    container.security_context.as_ref()
}

#[cfg(test)]
mod tests;
