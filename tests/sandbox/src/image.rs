//! Images as recipes: which commands are in them, and what pulling them is like.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

/// What becomes of a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pull {
    Works,
    NotFound,
    Denied,
    Unreachable,
    Fails(String),
}

/// What there is besides the programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Nothing,
    /// Every command of this machine.
    AnyCommand,
    /// No process at all: the container is played.
    Echo,
}

/// An image: a recipe for the processes of its containers.
#[derive(Debug, Clone)]
pub struct Image {
    present: bool,
    pull: Pull,
    pull_time: Duration,
    size: u64,
    non_root: bool,
    default_command: Vec<String>,
    /// Commands by the name they are asked for, and what runs on this machine instead.
    programs: BTreeMap<String, Vec<String>>,
    content: Content,
}

/// The script behind `/app`: a service, or with `crash` one that gives up.
const APP: &str = r#"
case "$1" in
  crash) echo "starting"; echo "cannot read the configuration" >&2; exit 1 ;;
esac
echo "listening on :8080"
exec sleep 2147483647
"#;

impl Image {
    fn base() -> Self {
        Self {
            present: true,
            pull: Pull::Works,
            pull_time: Duration::ZERO,
            size: 1_028_609,
            non_root: false,
            default_command: Vec::new(),
            programs: BTreeMap::new(),
            content: Content::Nothing,
        }
    }

    /// An image with a shell and the tools of this machine; `sh` if no command is given.
    pub fn shell() -> Self {
        let mut image = Self::base();
        image.content = Content::AnyCommand;
        image.default_command = vec!["sh".to_owned()];
        image
    }

    /// A service and nothing else: `/app` is its only command.
    pub fn distroless() -> Self {
        let run = ["sh", "-c", APP, "/app"].map(String::from).to_vec();
        let mut image = Self::base().program("/app", run);
        image.default_command = vec!["/app".to_owned()];
        image
    }

    /// What is sent to it comes back; no process is started for it, so that there can be thousands.
    pub fn echo() -> Self {
        let mut image = Self::base();
        image.content = Content::Echo;
        image
    }

    /// An image no registry has.
    pub fn not_found() -> Self {
        Self::failing(Pull::NotFound)
    }

    /// An image whose registry wants credentials.
    pub fn denied() -> Self {
        Self::failing(Pull::Denied)
    }

    /// An image whose registry answers with an error.
    pub fn unreachable() -> Self {
        Self::failing(Pull::Unreachable)
    }

    /// An image whose pull fails in these words of a runtime's.
    pub fn pull_fails(words: &str) -> Self {
        Self::failing(Pull::Fails(words.to_owned()))
    }

    fn failing(pull: Pull) -> Self {
        let mut image = Self::base();
        image.present = false;
        image.pull = pull;
        image
    }

    /// The image is not on the node and takes this long to pull.
    #[must_use]
    pub fn pulled_in(mut self, time: Duration) -> Self {
        self.present = false;
        self.pull_time = time;
        self
    }

    /// The image's user is not root.
    #[must_use]
    pub fn non_root(mut self) -> Self {
        self.non_root = true;
        self
    }

    /// What runs if the container names no command.
    #[must_use]
    pub fn command<S: Into<String>>(mut self, command: impl IntoIterator<Item = S>) -> Self {
        self.default_command = command.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a command; `run` is what is started on this machine in its place.
    #[must_use]
    pub fn program(mut self, name: impl Into<String>, run: Vec<String>) -> Self {
        self.programs.insert(name.into(), run);
        self
    }

    pub(crate) fn is_echo(&self) -> bool {
        self.content == Content::Echo
    }

    pub(crate) fn is_present(&self) -> bool {
        self.present
    }

    pub(crate) fn mark_present(&mut self) {
        self.present = true;
    }

    pub(crate) fn is_non_root(&self) -> bool {
        self.non_root
    }

    pub(crate) fn pull_time(&self) -> Duration {
        self.pull_time
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Why the image cannot be pulled, in containerd's words; `None` if it can.
    pub(crate) fn pull_error(&self, name: &str) -> Option<String> {
        let full = full_name(name);
        match &self.pull {
            Pull::Works => None,
            Pull::Fails(words) => Some(words.clone()),
            Pull::NotFound => Some(format!(
                "rpc error: code = NotFound desc = failed to pull and unpack image \"{full}\": \
                 failed to resolve image: {full}: not found"
            )),
            Pull::Denied => Some(format!(
                "failed to pull and unpack image \"{full}\": failed to resolve image: pull access denied, \
                 repository does not exist or may require authorization: authorization failed: \
                 no basic auth credentials"
            )),
            Pull::Unreachable => {
                let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
                Some(format!(
                    "failed to pull and unpack image \"{full}\": failed to resolve image: \
                     unexpected status from HEAD request to \
                     http://127.0.0.1:5000/v2/{repository}/manifests/{tag}?ns=docker.io: \
                     500 Internal Server Error"
                ))
            }
        }
    }

    /// What to start on this machine for a container's command; the error is runc's.
    pub(crate) fn resolve(
        &self,
        command: &[String],
        args: &[String],
    ) -> Result<Vec<String>, String> {
        self.run(&self.asked(command, args))
    }

    /// What a container's spec and its image make its command; empty if neither names one.
    pub(crate) fn command_of(&self, spec: &Value) -> Vec<String> {
        let strings = |field: &str| -> Vec<String> {
            let list = spec[field].as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        self.asked(&strings("command"), &strings("args"))
    }

    fn asked(&self, command: &[String], args: &[String]) -> Vec<String> {
        if command.is_empty() && args.is_empty() {
            self.default_command.clone()
        } else if command.is_empty() {
            // The default command is the image's entrypoint, as of a service.
            let entrypoint = if self.content == Content::AnyCommand {
                &[][..]
            } else {
                &self.default_command[..]
            };
            [entrypoint, args].concat()
        } else {
            [command, args].concat()
        }
    }

    /// What to start on this machine for a whole command; the error is runc's.
    pub(crate) fn run(&self, asked: &[String]) -> Result<Vec<String>, String> {
        let Some((name, rest)) = asked.split_first() else {
            return Err("no command specified".to_owned());
        };
        if let Some(program) = self.programs.get(name) {
            return Ok([program, rest].concat());
        }
        if self.content == Content::AnyCommand && crate::kubelet::process::exists(name) {
            return Ok(asked.to_vec());
        }
        Err(if name.contains('/') {
            format!("exec: \"{name}\": stat {name}: no such file or directory")
        } else {
            format!("exec: \"{name}\": executable file not found in $PATH")
        })
    }
}

/// The recipe for an image nobody described.
pub(crate) fn standard(name: &str) -> Image {
    let repository = name.split([':', '@']).next().unwrap_or(name);
    let last = repository.rsplit('/').next().unwrap_or(repository);
    match last {
        "distroless-app" => Image::distroless(),
        "pause" => Image::echo(),
        "busybox" | "alpine" | "debian" | "ubuntu" | "netshoot" => Image::shell(),
        _ => Image::not_found(),
    }
}

/// The name with registry and tag: `docker.io/library/busybox:1`.
pub(crate) fn full_name(name: &str) -> String {
    let first = name.split('/').next().unwrap_or(name);
    let has_registry = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    let mut full = if has_registry {
        name.to_owned()
    } else if name.contains('/') {
        format!("docker.io/{name}")
    } else {
        format!("docker.io/library/{name}")
    };
    let last = full.rsplit('/').next().unwrap_or(&full);
    if !last.contains([':', '@']) {
        full.push_str(":latest");
    }
    full
}

/// Why a name is no image reference at all, in the kubelet's words.
pub(crate) fn name_error(name: &str) -> Option<String> {
    let repository = name.split([':', '@']).next().unwrap_or(name);
    let reason = if repository.chars().any(|c| c.is_ascii_uppercase()) {
        let path = if repository.contains('/') {
            repository.to_owned()
        } else {
            format!("library/{repository}")
        };
        format!("repository name ({path}) must be lowercase")
    } else if name.is_empty() || name.contains(char::is_whitespace) || name.ends_with(':') {
        String::new()
    } else {
        return None;
    };
    let invalid = if reason.is_empty() {
        "invalid reference format".to_owned()
    } else {
        format!("invalid reference format: {reason}")
    };
    Some(format!(
        "Failed to apply default image tag \"{name}\": couldn't parse image name \"{name}\": {invalid}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_their_registry_and_tag() {
        assert_eq!(full_name("busybox:1"), "docker.io/library/busybox:1");
        assert_eq!(full_name("denied/tool:1"), "docker.io/denied/tool:1");
        assert_eq!(full_name("ghcr.io/a/b"), "ghcr.io/a/b:latest");
    }

    #[test]
    fn a_distroless_image_has_no_shell() {
        let image = standard("distroless-app:1");
        let error = image.resolve(&["sh".to_owned()], &[]);
        assert_eq!(
            error,
            Err("exec: \"sh\": executable file not found in $PATH".to_owned())
        );
        assert!(image.resolve(&[], &["crash".to_owned()]).is_ok());
    }

    #[test]
    fn a_name_that_is_no_reference_is_refused_in_the_kubelets_words() {
        assert_eq!(
            name_error("Busy Box:1").as_deref(),
            Some(
                "Failed to apply default image tag \"Busy Box:1\": couldn't parse image name \
                 \"Busy Box:1\": invalid reference format: repository name (library/Busy Box) \
                 must be lowercase"
            )
        );
        assert_eq!(name_error("busybox:1.37"), None);
    }
}
