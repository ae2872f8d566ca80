//! The words of the main job.

use std::{env, path::PathBuf, time::Duration};

use clap::Args;

use super::{
    OutcomeArgs, SessionArgs,
    duration::duration,
    setup::{Profile, SetupArgs},
};

/// The image that is used where nobody names one.
pub const DEFAULT_IMAGE: &str = "busybox:1.37";
/// The variable that names another default image.
pub const IMAGE_VARIABLE: &str = "KUBECTL_EPHEMERAL_IMAGE";

const IMAGE_HELP: &str =
    "The image of the debug container [default: $KUBECTL_EPHEMERAL_IMAGE, else busybox:1.37]";

/// The words of the main job: add a container, wait for it, attach to it.
#[derive(Args, Clone, Debug)]
pub struct DebugArgs {
    /// The pod: its name, or TYPE/NAME for one of a deployment, statefulset, job, service...
    #[arg(value_name = "POD")]
    pub pod: Option<String>,
    /// The image of the debug container
    #[arg(long, value_name = "IMAGE", help = IMAGE_HELP)]
    pub image: Option<String>,
    /// The container whose processes are seen [default: the pod's main container; "" for none]
    #[arg(long, value_name = "CONTAINER")]
    pub target: Option<String>,
    /// The name of the debug container [default: debugger-*]
    #[arg(short = 'c', long, value_name = "NAME")]
    pub container: Option<String>,
    /// Pass standard input on to the container
    #[arg(short = 'i', long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub stdin: Option<bool>,
    /// Give the container a terminal
    #[arg(short = 't', long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub tty: Option<bool>,
    /// With =false: add the container, print its name, and leave
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub attach: Option<bool>,
    /// Go back to a running container of the same name, else image and target, if there is one
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub reuse: Option<bool>,
    /// How long to wait until the container runs; 0 for ever [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// A file with a partial container, in YAML or JSON, to be merged over the one that is built
    #[arg(long, value_name = "FILE")]
    pub custom: Option<PathBuf>,
    /// A file with the pod, or with the containers to add; - for standard input
    #[arg(short = 'f', long, value_name = "FILE")]
    pub filename: Option<PathBuf>,
    /// Whether it is added, and what is printed of it.
    #[command(flatten)]
    pub outcome: OutcomeArgs,
    /// What the container is.
    #[command(flatten)]
    pub setup: SetupArgs,
    /// How the session goes, and how it is left.
    #[command(flatten)]
    pub session: SessionArgs,
    /// What to run instead of the image's own command
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Returns the image that is used where nobody names one: by the environment, else the default.
pub fn default_image() -> String {
    let from_environment = env::var(IMAGE_VARIABLE).ok();
    from_environment
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| DEFAULT_IMAGE.to_owned())
}

impl DebugArgs {
    /// Returns the image that was asked for: by flag, else by the environment, else the default.
    pub fn image(&self) -> String {
        self.image.clone().unwrap_or_else(default_image)
    }

    /// Returns the flags that were given and say what the container is like.
    pub fn shaping(&self) -> Vec<String> {
        let given = [
            ("--image", self.image.is_some()),
            ("--target", self.target.is_some()),
            ("--stdin", self.stdin.is_some()),
            ("--tty", self.tty.is_some()),
            ("--profile", self.setup.profile != Profile::Auto),
            ("--run-as", self.setup.run_as.is_some()),
            ("--inherit", !self.setup.inherit.is_empty()),
            ("--env", !self.setup.env.is_empty()),
            (
                "--image-pull-policy",
                self.setup.image_pull_policy.is_some(),
            ),
            ("--arguments-only", self.setup.arguments_only.is_some()),
            ("--custom", self.custom.is_some()),
            ("-- COMMAND", !self.command.is_empty()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(flag, _)| flag.to_owned()).collect()
    }
}
