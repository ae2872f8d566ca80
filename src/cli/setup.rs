//! The words on what the container is: its privileges, its user, what it takes over, how its image comes.

use clap::{Args, ValueEnum};

/// The words on what the container is.
#[derive(Args, Clone, Debug)]
pub struct SetupArgs {
    /// What the container may do: auto, general, baseline, restricted, netadmin, sysadmin or legacy
    #[arg(
        long,
        value_enum,
        value_name = "PROFILE",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub profile: Profile,
    /// Who the container runs as
    #[arg(long, value_name = "USER", help = RUN_AS_HELP)]
    pub run_as: Option<String>,
    /// What is taken over from the target: env, mounts, user or all (a comma between several)
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub inherit: Vec<Inherit>,
    /// A variable of the container's environment; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// When the image is pulled
    #[arg(
        long,
        value_enum,
        value_name = "POLICY",
        hide_possible_values = true,
        help = PULL_POLICY_HELP
    )]
    pub image_pull_policy: Option<PullPolicy>,
    /// The words after `--` are arguments for the image's own command
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub arguments_only: Option<bool>,
}

const RUN_AS_HELP: &str =
    "Who the container runs as: UID[:GID], `target` (as its target does) or `root`";
const PULL_POLICY_HELP: &str = "When the image is pulled: Always, IfNotPresent or Never";

/// What the container may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Profile {
    /// As much of `general` as Pod Security lets pass.
    Auto,
    /// It may trace processes.
    General,
    /// What Pod Security `baseline` lets pass.
    Baseline,
    /// What Pod Security `restricted` lets pass.
    Restricted,
    /// It may administer the network.
    Netadmin,
    /// It may do everything.
    Sysadmin,
    /// Whatever the runtime gives to a container of which nothing is said.
    Legacy,
}

/// What can be taken over from the target.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Inherit {
    /// Its environment.
    Env,
    /// Its mounts.
    Mounts,
    /// Its user and group.
    User,
    /// All of these.
    All,
}

/// When the image is pulled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum PullPolicy {
    /// Each time.
    Always,
    /// If the node does not have it.
    IfNotPresent,
    /// Not at all: the node must have it.
    Never,
}

impl PullPolicy {
    /// Returns its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }
}
