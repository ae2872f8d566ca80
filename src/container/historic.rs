//! What Kubernetes 1.16 to 1.21 let an ephemeral container have.

use k8s_openapi::api::core::v1::EphemeralContainer;

use crate::error::Error;

/// Whether a container may get less than it was built with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weakening {
    /// It may, if that is said.
    Allowed,
    /// The user asked for just that.
    Refused,
}

/// A container as such a server takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Historic {
    /// The container.
    pub container: EphemeralContainer,
    /// What was given up, as a sentence.
    pub given_up: Option<&'static str>,
}

/// Takes the security context from a container: with one, such a server answers 422 `Forbidden:
/// cannot be set for an Ephemeral Container`.
pub fn for_historic_server(
    mut container: EphemeralContainer,
    weakening: Weakening,
) -> Result<Historic, Error> {
    let given_up = match (container.security_context.take(), weakening) {
        (None, _) => None,
        (Some(_), Weakening::Allowed) => Some(
            "this server has the API of Kubernetes 1.16 to 1.21, which takes no security context: the container \
             gets no rights beyond the ordinary, so it sees processes and may not be able to trace them",
        ),
        (Some(_), Weakening::Refused) => {
            return Err(Error::TooOld {
                what: "a debug container with a security context".to_owned(),
                hint: "it may have none there: leave out the profile and the user, and it runs as its image says",
            });
        }
    };
    Ok(Historic {
        container,
        given_up,
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::SecurityContext;

    use super::*;

    #[test]
    fn what_such_a_server_refuses_is_given_up_or_an_error() {
        let plain = EphemeralContainer {
            name: "d".to_owned(),
            ..EphemeralContainer::default()
        };
        let secured = EphemeralContainer {
            security_context: Some(SecurityContext::default()),
            ..plain.clone()
        };
        let weakened = for_historic_server(secured.clone(), Weakening::Allowed).unwrap();
        assert_eq!(weakened.container, plain);
        assert!(weakened.given_up.is_some());
        let same = for_historic_server(plain.clone(), Weakening::Refused).unwrap();
        assert_eq!((same.container, same.given_up), (plain, None));
        let error = for_historic_server(secured, Weakening::Refused).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a debug container with a security context is not possible on this server, which has the API of \
             Kubernetes 1.16 to 1.21"
        );
    }
}
