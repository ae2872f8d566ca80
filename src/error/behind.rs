//! What stays in the pod after something went wrong.

use super::Error;

impl Error {
    /// Returns the same error, told with the line that goes back to the container that stays in the pod: where
    /// the container is well, and only the way to it is not.
    #[must_use]
    pub fn leaving_behind(self, line: String) -> Self {
        let is_well = match self {
            Self::Kubeconfig { .. }
            | Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::IdentityRefused { .. }
            | Self::LoginNotRenewed { .. }
            | Self::NoAnswer { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Refused { .. }
            | Self::Unexpected { .. }
            | Self::Terminal { .. } => true,
            // They tell it themselves, or there is nothing to go back to.
            Self::Usage { .. }
            | Self::Invalid { .. }
            | Self::NotFound { .. }
            | Self::NoPod { .. }
            | Self::NoNamespace { .. }
            | Self::NotServed { .. }
            | Self::PolicyRefused { .. }
            | Self::PodUnfit { .. }
            | Self::NoSuchContainer { .. }
            | Self::TargetUserUnknown { .. }
            | Self::TargetUnfit { .. }
            | Self::NothingRuns { .. }
            | Self::NameTaken { .. }
            | Self::AllThere { .. }
            | Self::PerhapsAdded { .. }
            | Self::TooOld { .. }
            | Self::NeverStarts { .. }
            | Self::StartNeedsYou { .. }
            | Self::StartedTooLate { .. }
            | Self::PodGone { .. }
            | Self::SessionLost { .. }
            | Self::ExitCodeUnknown { .. }
            | Self::NoTerminal { .. }
            | Self::Recording { .. }
            | Self::Input { .. }
            | Self::Output { .. }
            | Self::LeftBehind { .. } => false,
        };
        if is_well {
            let error = Box::new(self);
            Self::LeftBehind { error, line }
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_follows_what_cures_the_error() {
        let line = || "kubectl ephemeral attach pod/app -c shell -n shop".to_owned();
        let error = Error::Unauthorized {
            message: "Unauthorized".to_owned(),
        };
        let status = error.exit_status();
        let error = error.leaving_behind(line());
        assert_eq!(
            error.with_causes(),
            "Error from server (Unauthorized): Unauthorized"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some(
                "log in again; the credentials in the kubeconfig are not accepted\n\
                 the container stays in the pod; `kubectl ephemeral attach pod/app -c shell -n shop` goes back to it"
            )
        );
        assert_eq!(error.exit_status(), status);

        let source = std::io::Error::other("no such device").into();
        let error = Error::Terminal { source }.leaving_behind(line());
        assert_eq!(
            error.with_causes(),
            "the terminal cannot be used: no such device"
        );
        assert_eq!(
            error.hint().as_deref(),
            Some(
                "the container stays in the pod; `kubectl ephemeral attach pod/app -c shell -n shop` goes back to it"
            )
        );
    }

    #[test]
    fn what_is_over_is_no_place_to_go_back_to() {
        let error = Error::usage("no").leaving_behind("x".to_owned());
        assert!(matches!(error, Error::Usage { .. }), "{error:?}");
    }
}
