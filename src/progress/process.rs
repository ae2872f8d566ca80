//! Why a process cannot be started: the words of runc and crun, taken apart.

use k8s_openapi::api::core::v1::Pod;

use super::{
    subject::{Change, Subject, Wording},
    trouble::{Chances, Ending, Finding, Kind, Trouble},
};

/// An image that has a shell, and is small.
const WITH_SHELL: &str = "busybox:1.37";

/// Says why a process cannot be started, if that is what these words are about. No second try does
/// better: command and image of a container never change.
pub(super) fn not_runnable(subject: &Subject, message: &str) -> Option<Finding> {
    let (cause, hint) = missing_command(subject, message)
        .or_else(|| wrong_folder(subject, message))
        .or_else(|| wrong_platform(subject, message))
        .or_else(|| no_command(subject, message))
        .or_else(|| unknown_user(subject, message))
        .or_else(|| no_memory(subject, message))?;
    Some(found(cause, message, hint))
}

/// Says that a process cannot be started, for reasons that only the runtime knows.
pub(super) fn not_started(subject: &Subject, message: &str) -> Finding {
    not_runnable(subject, message).unwrap_or_else(|| {
        let way = subject.way(Change::Command("COMMAND"));
        let hint = format!("another command: {way}");
        found("its process cannot be started".to_owned(), message, hint)
    })
}

/// Tells whether these words are about a process, wherever they stand.
pub(super) fn is_about_a_start(message: &str) -> bool {
    [
        "failed to create containerd task",
        "failed to start container",
        "unable to start container process",
    ]
    .iter()
    .any(|words| message.contains(words))
}

fn found(cause: String, message: &str, hint: String) -> Finding {
    let kind = Kind::Process;
    Finding::new(kind, Chances::None, Ending::NeverWill, cause, message, hint)
}

fn missing_command(subject: &Subject, message: &str) -> Option<(String, String)> {
    let image = &subject.image;
    let command = missing(message)?;
    if message.contains("permission denied") {
        let way = subject.way(Change::Root);
        return Some((
            format!("the container's user may not run `{command}`"),
            format!("{way} runs it as root, where the cluster lets it"),
        ));
    }
    if message.contains("exec format error") {
        return wrong_platform(subject, message);
    }
    let name = command.rsplit('/').next().unwrap_or_default();
    Some(match name {
        "sh" | "ash" | "dash" | "busybox" => {
            let way = subject.way(Change::ImageWithItsCommand(WITH_SHELL));
            (
                format!("image `{image}` has no shell"),
                format!("one that has: {way}"),
            )
        }
        "bash" | "zsh" | "fish" | "ksh" => {
            let way = subject.way(Change::Command("sh"));
            (
                format!("image `{image}` has no `{command}`"),
                format!("try `sh`: {way}"),
            )
        }
        _ => {
            let way = subject.way(Change::Image("IMAGE"));
            (
                format!("image `{image}` has no command `{command}`"),
                format!("an image that has it: {way}"),
            )
        }
    })
}

/// Finds the command that a runtime could not find.
pub fn missing(message: &str) -> Option<&str> {
    missing_by_runc(message).or_else(|| missing_by_crun(message))
}

/// What stands in the way of a command that a shell could not find: as where a runtime cannot.
pub fn no_such_command(
    pod: &Pod,
    container: &str,
    command: &str,
    wording: &Wording,
) -> Option<Trouble> {
    let subject = Subject::of(pod, container, wording);
    let message = format!("exec: \"{command}\": executable file not found in $PATH");
    let (cause, hint) = missing_command(&subject, &message)?;
    Some(Trouble {
        cause,
        message: String::new(),
        hint,
    })
}

/// `exec: "bash": executable file not found in $PATH`
fn missing_by_runc(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("exec: \"")?;
    rest.split_once("\": ").map(|(command, _)| command)
}

/// ``executable file `bash` not found in $PATH``
fn missing_by_crun(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("executable file `")?;
    rest.split_once('`').map(|(command, _)| command)
}

/// `chdir to cwd ("/nope") set in config.json failed: no such file or directory`
fn wrong_folder(subject: &Subject, message: &str) -> Option<(String, String)> {
    let (_, rest) = message.split_once("chdir to cwd (\"")?;
    let (folder, why) = rest.split_once('"')?;
    if why.contains("permission denied") {
        let way = subject.way(Change::Root);
        return Some((
            format!("the container's user may not enter its working directory `{folder}`"),
            format!("{way} runs it as root, where the cluster lets it"),
        ));
    }
    let way = subject.way(Change::Image("IMAGE"));
    Some((
        format!(
            "its working directory `{folder}` is not in image `{}`",
            subject.image
        ),
        format!("an image that has it: {way}"),
    ))
}

fn wrong_platform(subject: &Subject, message: &str) -> Option<(String, String)> {
    if !message.contains("exec format error") {
        return None;
    }
    let way = subject.way(Change::Image("IMAGE"));
    Some((
        format!(
            "image `{}` is built for another platform than the node's",
            subject.image
        ),
        format!(
            "`kubectl get nodes -L kubernetes.io/arch{}` tells the platforms; an image for that one: {way}",
            subject.wording.there.cluster_words()
        ),
    ))
}

fn no_command(subject: &Subject, message: &str) -> Option<(String, String)> {
    if !message.to_lowercase().contains("no command specified") {
        return None;
    }
    let way = subject.way(Change::Command("sh"));
    Some((
        format!("image `{}` has no command of its own", subject.image),
        format!("name one: {way}"),
    ))
}

/// `unable to find user nobody: no matching entries in passwd file`
fn unknown_user(subject: &Subject, message: &str) -> Option<(String, String)> {
    let (_, rest) = message.split_once("unable to find user ")?;
    let user = rest.split(':').next().unwrap_or_default();
    let way = subject.way(Change::Nobody);
    Some((
        format!("image `{}` has no user `{user}`", subject.image),
        format!("a user by its number: {way}"),
    ))
}

fn no_memory(subject: &Subject, message: &str) -> Option<(String, String)> {
    message.contains("OOM-killed").then(|| {
        (
            "the pod has no memory left for it".to_owned(),
            format!("`kubectl top pod {}` shows what is used; an ephemeral container lives within the pod's limit", subject.pod_words()),
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shell::There;

    const LINE: &str = "kubectl ephemeral pod/app -n default --image";

    fn assert_told(message: &str, cause: &str, hint: &str) {
        let told = not_runnable(&subject(), message).unwrap().trouble;
        assert_eq!(
            (told.cause.as_str(), told.hint.as_str()),
            (cause, hint),
            "{message}"
        );
    }

    fn subject() -> Subject {
        let pod = json!({
            "metadata": {"name": "app", "namespace": "default"},
            "spec": {"containers": [], "ephemeralContainers": [
                {"name": "debugger", "image": "tool:1", "command": ["bash", "-l"]}
            ]},
        });
        Subject::of(
            &serde_json::from_value(pod).unwrap(),
            "debugger",
            &Wording::at(&There::new("default", Vec::new())),
        )
    }

    #[test]
    fn commands_that_are_not_there_are_told_with_what_is() {
        let line = LINE;
        for (message, cause, hint) in [
            (
                r#"OCI runtime create failed: runc create failed: unable to start container process: exec: "bash": executable file not found in $PATH"#,
                "image `tool:1` has no `bash`",
                format!("try `sh`: `{line}=tool:1 -- sh`"),
            ),
            (
                r"crun: executable file `/bin/sh` not found in $PATH: No such file or directory",
                "image `tool:1` has no shell",
                format!("one that has: `{line}=busybox:1.37`"),
            ),
            (
                r#"exec: "curl": executable file not found in $PATH"#,
                "image `tool:1` has no command `curl`",
                format!("an image that has it: `{line}=IMAGE -- bash -l`"),
            ),
            (
                r#"exec: "/opt/x": stat /opt/x: no such file or directory"#,
                "image `tool:1` has no command `/opt/x`",
                format!("an image that has it: `{line}=IMAGE -- bash -l`"),
            ),
        ] {
            assert_told(message, cause, &hint);
        }
    }

    #[test]
    fn other_words_of_the_runtimes_are_understood() {
        let line = LINE;
        for (message, cause, hint) in [
            (
                r#"exec: "/data": permission denied"#,
                "the container's user may not run `/data`",
                format!(
                    "`{line}=tool:1 --run-as=root -- bash -l` runs it as root, where the cluster lets it"
                ),
            ),
            (
                r#"exec: "/bin/app": exec format error"#,
                "image `tool:1` is built for another platform than the node's",
                format!(
                    "`kubectl get nodes -L kubernetes.io/arch` tells the platforms; an image for that one: `{line}=IMAGE -- bash -l`"
                ),
            ),
            (
                r#"chdir to cwd ("/nope") set in config.json failed: no such file or directory"#,
                "its working directory `/nope` is not in image `tool:1`",
                format!("an image that has it: `{line}=IMAGE -- bash -l`"),
            ),
            (
                r#"chdir to cwd ("/root") set in config.json failed: permission denied"#,
                "the container's user may not enter its working directory `/root`",
                format!(
                    "`{line}=tool:1 --run-as=root -- bash -l` runs it as root, where the cluster lets it"
                ),
            ),
            (
                r#"failed to generate container "6fc9" spec: failed to generate spec: no command specified"#,
                "image `tool:1` has no command of its own",
                format!("name one: `{line}=tool:1 -- sh`"),
            ),
            (
                "unable to find user app: no matching entries in passwd file",
                "image `tool:1` has no user `app`",
                format!("a user by its number: `{line}=tool:1 --run-as=65532 -- bash -l`"),
            ),
            (
                "container init was OOM-killed (memory limit too low?)",
                "the pod has no memory left for it",
                "`kubectl top pod app -n default` shows what is used; an ephemeral container lives within the pod's limit"
                    .to_owned(),
            ),
        ] {
            assert_told(message, cause, &hint);
        }
    }

    #[test]
    fn what_only_the_runtime_knows_is_told_in_its_words() {
        assert_eq!(not_runnable(&subject(), "who knows"), None);
        let trouble = not_started(&subject(), "who knows").trouble;
        assert_eq!(trouble.cause, "its process cannot be started");
        assert_eq!(trouble.message, "who knows");
    }
}
