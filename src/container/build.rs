//! Builds the container that is added.

use k8s_openapi::api::core::v1::{Capabilities, EphemeralContainer, SecurityContext};

use super::{
    request::{DebugRequest, Mode},
    target::Target,
};

/// Builds the ephemeral container for a request.
///
/// It may trace the processes of its target, as with kubectl's profile `general`.
pub fn ephemeral_container(
    request: &DebugRequest,
    name: String,
    target: &Target,
) -> EphemeralContainer {
    let (stdin, stdin_once, tty) = match request.mode {
        Mode::Output => (None, None, None),
        // Without it, the end of input would never reach the process, and end its output.
        Mode::Pipe => (Some(true), Some(true), None),
        Mode::Terminal => (Some(true), None, Some(true)),
    };
    EphemeralContainer {
        name,
        image: Some(request.image.clone()),
        command: (!request.command.is_empty()).then(|| request.command.clone()),
        stdin,
        stdin_once,
        tty,
        target_container_name: target.name().map(str::to_owned),
        termination_message_policy: Some("File".to_owned()),
        security_context: Some(SecurityContext {
            capabilities: Some(Capabilities {
                add: Some(vec!["SYS_PTRACE".to_owned()]),
                drop: None,
            }),
            ..SecurityContext::default()
        }),
        ..EphemeralContainer::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cli::Cli;

    fn built(words: &[&str], terminals: bool) -> Value {
        let words = ["kubectl-ephemeral"].iter().chain(words).map(Into::into);
        let cli = Cli::parse_words(words).unwrap();
        let request = DebugRequest::new(&cli.debug, terminals, terminals).unwrap();
        let target = Target::Main("app".to_owned());
        serde_json::to_value(ephemeral_container(
            &request,
            "debugger-1".to_owned(),
            &target,
        ))
        .unwrap()
    }

    #[test]
    fn a_terminal_session_is_what_kubectl_debug_asks_for() {
        let expected = json!({
            "name": "debugger-1",
            "image": "busybox:1",
            "command": ["sh"],
            "stdin": true,
            "tty": true,
            "targetContainerName": "app",
            "terminationMessagePolicy": "File",
            "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}},
        });
        assert_eq!(
            built(&["web", "--image=busybox:1", "-it", "--", "sh"], true),
            expected
        );
    }

    #[test]
    fn a_pipe_ends_when_its_input_does() {
        let container = built(&["web", "-i", "--", "cat"], false);
        assert_eq!(container["stdinOnce"], true);
        assert_eq!(container["tty"], Value::Null);
    }

    #[test]
    fn a_container_that_is_only_listened_to_has_no_input() {
        let container = built(&["web", "--", "ls"], true);
        assert_eq!(container["stdin"], Value::Null);
        assert_eq!(container["tty"], Value::Null);
    }
}
