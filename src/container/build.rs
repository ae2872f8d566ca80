//! Builds the container that is added.

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod};

use super::{
    Inherited, Profile, Setup,
    request::{DebugRequest, Mode},
    target::Target,
    user::user,
};
use crate::error::Error;

/// Builds the ephemeral container for a request, with a profile of those that it allows.
pub fn ephemeral_container(
    request: &DebugRequest,
    name: String,
    target: &Target,
    inherited: &Inherited,
    pod: &Pod,
    profile: Profile,
) -> Result<EphemeralContainer, Error> {
    let setup = &request.setup;
    let user = user(setup, target, pod, profile)?;
    if profile == Profile::Restricted && user.is_some_and(super::User::is_root) {
        return Err(Setup::restricted_root());
    }
    let (stdin, stdin_once, tty) = match request.mode {
        Mode::Output => (None, None, None),
        // Without it, the end of input would never reach the process, and end its output.
        Mode::Pipe => (Some(true), Some(true), None),
        Mode::Terminal => (Some(true), None, Some(true)),
    };
    let words = filled(&request.command);
    let (command, args) = if setup.arguments_only {
        (None, words)
    } else {
        (words, None)
    };
    Ok(EphemeralContainer {
        name,
        image: Some(request.image.clone()),
        image_pull_policy: setup.pull_policy.map(|policy| policy.name().to_owned()),
        command,
        args,
        env: filled(&inherited.environment_with(&setup.environment)),
        env_from: filled(&inherited.environment_from),
        volume_mounts: filled(&inherited.mounts),
        volume_devices: filled(&inherited.devices),
        stdin,
        stdin_once,
        tty,
        target_container_name: target.name().map(str::to_owned),
        termination_message_policy: Some("File".to_owned()),
        security_context: profile.security_context(user),
        ..EphemeralContainer::default()
    })
}

/// Returns a list that has something in it, for a field that is left out else.
fn filled<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
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
        let container = ephemeral_container(
            &request,
            "debugger-1".to_owned(),
            &target,
            &Inherited::default(),
            &Pod::default(),
            request.setup.profile.first(&Pod::default()),
        );
        serde_json::to_value(container.unwrap()).unwrap()
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
    fn a_target_that_is_root_is_no_user_for_restricted() {
        let pod =
            json!({"spec": {"containers": [{"name": "app", "securityContext": {"runAsUser": 0}}]}});
        let pod = serde_json::from_value(pod).unwrap();
        for words in ["--run-as=target", "--inherit=user"] {
            let words = ["kubectl-ephemeral", "web", "--profile=restricted", words];
            let cli = Cli::parse_words(words.map(Into::into)).unwrap();
            let request = DebugRequest::new(&cli.debug, true, true).unwrap();
            let built = ephemeral_container(
                &request,
                "debugger-1".to_owned(),
                &Target::Main("app".to_owned()),
                &Inherited::default(),
                &pod,
                Profile::Restricted,
            );
            let expected = "the profile `restricted` lets nobody run as root";
            assert_eq!(built.unwrap_err().to_string(), expected);
        }
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
