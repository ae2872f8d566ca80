//! Adds a container with the strongest profile that is let in.

use k8s_openapi::api::core::v1::EphemeralContainer;

use super::sending::Sending;
use crate::{
    cluster::Added,
    container::{
        Profile, ProfileWish,
        policy::{self, Cause},
    },
    error::Error,
};

/// A container that was let in.
pub(super) struct Admitted {
    /// As it was asked for.
    pub(super) container: EphemeralContainer,
    pub(super) added: Added,
    /// The profile that it was built for.
    pub(super) profile: Profile,
    /// Why it has not the profile that was tried first.
    pub(super) stepped_down: Option<Cause>,
}

impl Admitted {
    /// Returns the profile that it has; none where the server took no security context at all.
    pub(super) fn profile(&self) -> Option<Profile> {
        let asked = self.container.security_context.is_some();
        let has = self.added.container.security_context.is_some();
        (has || !asked).then_some(self.profile)
    }
}

/// Adds a container that is built for a profile. Where it is refused and the wish allows it, a weaker
/// one is tried.
pub(super) async fn admit(
    sending: Sending<'_>,
    wish: ProfileWish,
    build: impl Fn(Profile) -> Result<EphemeralContainer, Error>,
) -> Result<Admitted, Error> {
    let pod = sending.pod;
    let (mut profile, mut stepped_down) = (wish.first(pod), None);
    let mut container = build(profile)?;
    loop {
        let error = match sending.send(container.clone().into()).await {
            Ok(added) => {
                return Ok(Admitted {
                    container,
                    added,
                    profile,
                    stepped_down,
                });
            }
            Err(error) => error,
        };
        let explain = |error| policy::explained(error, profile, &container, pod);
        let Some((next, cause)) = policy::step_down(wish, profile, &container, &error) else {
            return Err(explain(error));
        };
        // What a file adds may contradict the weaker profile; then the refusal says more.
        let Ok(weaker) = build(next) else {
            return Err(explain(error));
        };
        (profile, container, stepped_down) = (next, weaker, Some(cause));
    }
}
