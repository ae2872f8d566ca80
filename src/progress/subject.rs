//! The container that is waited for, and the line that adds another one like it.

use k8s_openapi::api::core::v1::Pod;

use crate::{
    container::{Gate, parts},
    shell::{There, quoted},
};

/// How the user said what is waited for, where the pod does not tell.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wording {
    /// The file that said all of it, if flags did not.
    pub file: Option<String>,
    /// The flags that shape a container in a way that is not read back from one; none is a secret.
    pub flags: Vec<String>,
    /// Where the pod is, and as whom one gets there.
    pub there: There,
}

impl Wording {
    /// Says nothing but where the pod is.
    pub fn at(there: &There) -> Self {
        Self {
            there: there.clone(),
            ..Self::default()
        }
    }
}

/// What the pod says about a container of its own, and about itself, that does not change.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Subject {
    pub(super) container: String,
    pub(super) image: String,
    /// Whose processes it sees.
    pub(super) target: Option<String>,
    /// What it runs instead of the image's own command.
    command: Vec<String>,
    /// What it gives the image's own command.
    arguments: Vec<String>,
    stdin: bool,
    tty: bool,
    pod: String,
    /// The images of the pod's other containers.
    pub(super) other_images: Vec<String>,
    /// The secrets that images are pulled with.
    pub(super) pull_secrets: Vec<String>,
    pub(super) wording: Wording,
}

/// What another container should have instead.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change<'a> {
    Image(&'a str),
    /// Another image, and that one's own command.
    ImageWithItsCommand(&'a str),
    Command(&'a str),
    /// The user root.
    Root,
    /// A user that is nobody: `nonroot` in the images that have it.
    Nobody,
    /// An image that is pulled where it is not there.
    Pulled,
    NoTarget,
}

impl Change<'_> {
    /// Returns the flag that makes the difference, where it is one by itself.
    fn flag(self) -> Option<&'static str> {
        match self {
            Self::Root => Some("--run-as=root"),
            Self::Nobody => Some("--run-as=65532"),
            Self::Pulled => Some("--image-pull-policy=IfNotPresent"),
            Self::Image(_) | Self::ImageWithItsCommand(_) | Self::Command(_) | Self::NoTarget => {
                None
            }
        }
    }

    /// Says what a file must have instead. Words in capitals stand for what only the user knows.
    fn fields(self) -> String {
        match self {
            Self::Image(image) => format!("`image: {image}`"),
            Self::ImageWithItsCommand(image) => format!("`image: {image}`, without a command"),
            Self::Command(command) => format!("`command: [{command}]`"),
            Self::Root => "`runAsUser: 0` and `runAsNonRoot: false`".to_owned(),
            Self::Nobody => "`runAsUser: 65532`".to_owned(),
            Self::Pulled => "`imagePullPolicy: IfNotPresent`".to_owned(),
            Self::NoTarget => "no `targetContainerName`".to_owned(),
        }
    }
}

impl Subject {
    pub(super) fn of(pod: &Pod, container: &str, wording: &Wording) -> Self {
        let own = parts::ephemeral_of_name(pod, container)
            .cloned()
            .unwrap_or_default();
        let own = Gate::lift(own);
        let spec = pod.spec.as_ref();
        let others = spec.into_iter().flat_map(|spec| &spec.containers);
        let secrets = spec.into_iter().flat_map(|spec| &spec.image_pull_secrets);
        Self {
            container: container.to_owned(),
            image: own.image.unwrap_or_default(),
            target: own.target_container_name.filter(|name| !name.is_empty()),
            command: own.command.unwrap_or_default(),
            arguments: own.args.unwrap_or_default(),
            stdin: own.stdin == Some(true),
            tty: own.tty == Some(true),
            pod: parts::name(pod).to_owned(),
            other_images: others.filter_map(|other| other.image.clone()).collect(),
            pull_secrets: secrets
                .flatten()
                .map(|secret| secret.name.clone())
                .collect(),
            wording: wording.clone(),
        }
    }

    /// Returns the pod as kubectl's own commands have it: `app -n default`.
    pub(super) fn pod_words(&self) -> String {
        format!("{} {}", quoted(&self.pod), self.wording.there)
    }

    /// Says how to add another container, the same but for one thing: a line to paste, and what to
    /// change in the file it names. No flag can be given beside a file.
    pub(super) fn way(&self, change: Change<'_>) -> String {
        let Some(file) = &self.wording.file else {
            return format!("`{}`", self.line(change));
        };
        let (pod, file, fields) = (self.pod_words(), quoted(file), change.fields());
        format!("`kubectl ephemeral pod/{pod} -f {file}` with {fields} and a new name in the file")
    }

    fn line(&self, change: Change<'_>) -> String {
        let mut words = vec![
            format!("kubectl ephemeral pod/{}", quoted(&self.pod)),
            self.wording.there.to_string(),
        ];
        let (mut command, mut image, mut target) =
            (self.command.clone(), self.image.as_str(), &self.target);
        let mut arguments = &self.arguments[..];
        match change {
            Change::Image(other) => image = other,
            Change::ImageWithItsCommand(other) => {
                (image, arguments) = (other, &[]);
                command.clear();
            }
            Change::Command(other) => {
                (command, arguments) = (vec![other.to_owned()], &[]);
            }
            Change::NoTarget => target = &None,
            Change::Root | Change::Nobody | Change::Pulled => {}
        }
        words.push(format!("--image={}", quoted(image)));
        match (target, change) {
            (_, Change::NoTarget) => words.push("--target=\"\"".to_owned()),
            // Nobody else could be meant where there is one.
            (Some(target), _) if self.other_images.len() > 1 => {
                words.push(format!("--target={}", quoted(target)));
            }
            _ => {}
        }
        let flag = change.flag();
        let stays = |said: &&String| !flag.is_some_and(|flag| is_same_flag(said, flag));
        let said = self.wording.flags.iter().filter(stays);
        words.extend(said.map(|flag| quoted(flag)));
        words.extend(flag.map(str::to_owned));
        let has_words = !command.is_empty() || !arguments.is_empty();
        match (self.stdin, self.tty) {
            // Without a command a terminal is what one gets.
            (true, true) if has_words => words.push("-it".to_owned()),
            (true, false) => words.push("-i".to_owned()),
            _ => {}
        }
        if command.is_empty() && !arguments.is_empty() {
            words.push("--arguments-only".to_owned());
        }
        if has_words {
            words.push("--".to_owned());
            words.extend(command.iter().chain(arguments).map(|word| quoted(word)));
        }
        words.join(" ")
    }
}

/// Tells whether two words `--flag=value` are of one flag.
fn is_same_flag(one: &str, other: &str) -> bool {
    one.split('=').next() == other.split('=').next()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn subject(container: &Value) -> Subject {
        let mut container = container.clone();
        container["name"] = json!("debugger");
        container["image"] = json!("busybox:1");
        let pod = json!({
            "metadata": {"name": "app", "namespace": "shop"},
            "spec": {"containers": [
                {"name": "app", "image": "app:1"}, {"name": "side", "image": "side:1"}
            ], "ephemeralContainers": [container]},
        });
        Subject::of(
            &serde_json::from_value(pod).unwrap(),
            "debugger",
            &Wording::at(&There::new("shop", Vec::new())),
        )
    }

    #[test]
    fn the_line_adds_the_same_but_for_one_thing() {
        let shell = json!({"stdin": true, "tty": true, "targetContainerName": "app"});
        let command = json!({"command": ["sh", "-c", "echo 'a b'"]});
        let terminal = json!({"stdin": true, "tty": true, "command": ["bash"]});
        let arguments = json!({"stdin": true, "args": ["-v"]});
        for (container, change, expected) in [
            (
                &shell,
                Change::Image("alpine:3"),
                "kubectl ephemeral pod/app -n shop --image=alpine:3 --target=app",
            ),
            (
                &shell,
                Change::NoTarget,
                "kubectl ephemeral pod/app -n shop --image=busybox:1 --target=\"\"",
            ),
            (
                &command,
                Change::Nobody,
                r"kubectl ephemeral pod/app -n shop --image=busybox:1 --run-as=65532 -- sh -c 'echo '\''a b'\'''",
            ),
            (
                &terminal,
                Change::Command("sh"),
                "kubectl ephemeral pod/app -n shop --image=busybox:1 -it -- sh",
            ),
            (
                &terminal,
                Change::ImageWithItsCommand("alpine:3"),
                "kubectl ephemeral pod/app -n shop --image=alpine:3",
            ),
            (
                &arguments,
                Change::Image("IMAGE"),
                "kubectl ephemeral pod/app -n shop --image=IMAGE -i --arguments-only -- -v",
            ),
        ] {
            assert_eq!(subject(container).line(change), expected, "{container}");
        }
    }

    #[test]
    fn the_line_has_the_flags_of_the_user_but_for_the_one_that_is_changed() {
        let mut subject = subject(&json!({"command": ["true"]}));
        subject.wording = Wording {
            there: There::new("shop", vec!["--context=prod".to_owned()]),
            flags: ["--profile=netadmin", "--run-as=1000", "--env=A=VALUE"]
                .map(str::to_owned)
                .to_vec(),
            file: None,
        };
        let line = "kubectl ephemeral pod/app -n shop --context=prod";
        for (change, expected) in [
            (
                Change::Image("IMAGE"),
                "--image=IMAGE --profile=netadmin --run-as=1000 --env=A=VALUE -- true",
            ),
            (
                Change::Root,
                "--image=busybox:1 --profile=netadmin --env=A=VALUE --run-as=root -- true",
            ),
        ] {
            assert_eq!(subject.line(change), format!("{line} {expected}"));
        }
    }

    #[test]
    fn what_a_file_says_is_changed_in_the_file() {
        let mut from_file = subject(&json!({}));
        from_file.wording.file = Some("my debug.yaml".to_owned());
        for (change, fields) in [
            (Change::Image("IMAGE"), "`image: IMAGE`"),
            (
                Change::ImageWithItsCommand("busybox:1.37"),
                "`image: busybox:1.37`, without a command",
            ),
            (Change::Command("sh"), "`command: [sh]`"),
            (Change::Root, "`runAsUser: 0` and `runAsNonRoot: false`"),
            (Change::Nobody, "`runAsUser: 65532`"),
            (Change::Pulled, "`imagePullPolicy: IfNotPresent`"),
            (Change::NoTarget, "no `targetContainerName`"),
        ] {
            assert_eq!(
                from_file.way(change),
                format!(
                    "`kubectl ephemeral pod/app -n shop -f 'my debug.yaml'` with {fields} and a new name in the file"
                )
            );
        }
    }
}
