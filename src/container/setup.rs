//! What the container is to be, checked.

use k8s_openapi::api::core::v1::EnvVar;

use super::{
    Profile, ProfileWish, RunAs, Weakening, environment::environment, request::TargetWish,
};
use crate::{
    cli::{DebugArgs, Inherit, PullPolicy, SetupArgs},
    error::Error,
};

/// What the container is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// What it may do.
    pub profile: ProfileWish,
    /// Who it runs as, if the user says so.
    pub run_as: Option<RunAs>,
    /// What it takes over from its target.
    pub inherit: Inheritance,
    /// The variables that the user sets.
    pub environment: Vec<EnvVar>,
    /// When its image is pulled, if the user says so.
    pub pull_policy: Option<PullPolicy>,
    /// Whether its command is left to the image, and gets only arguments.
    pub arguments_only: bool,
}

/// What is taken over from the target.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Inheritance {
    /// Its environment.
    pub environment: bool,
    /// Its mounts.
    pub mounts: bool,
    /// Its user and group.
    pub user: bool,
}

impl Inheritance {
    fn new(words: &[Inherit]) -> Self {
        let has = |what| words.contains(&what) || words.contains(&Inherit::All);
        Self {
            environment: has(Inherit::Env),
            mounts: has(Inherit::Mounts),
            user: has(Inherit::User),
        }
    }

    /// Tells whether nothing is taken over.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Setup {
    /// Checks the words.
    pub fn new(args: &SetupArgs, target: &TargetWish) -> Result<Self, Error> {
        let setup = Self {
            profile: args.profile.into(),
            run_as: args.run_as.as_deref().map(RunAs::parse).transpose()?,
            inherit: Inheritance::new(&args.inherit),
            environment: environment(&args.env)?,
            pull_policy: args.image_pull_policy,
            arguments_only: args.arguments_only == Some(true),
        };
        if *target == TargetWish::None {
            for (flag, given) in [
                ("--inherit", !setup.inherit.is_empty()),
                ("--run-as target", setup.run_as == Some(RunAs::Target)),
            ] {
                if given {
                    return Err(Error::usage(format!(
                        "`{flag}` needs a target, and `--target=\"\"` wants none"
                    )));
                }
            }
        }
        if let (ProfileWish::Named(Profile::Restricted), Some(RunAs::User(user))) =
            (setup.profile, setup.run_as)
            && user.is_root()
        {
            return Err(Self::restricted_root());
        }
        Ok(setup)
    }

    /// Returns the flags that ask for it again, `args` being those that asked for it. The values of variables are left
    /// out: they may be secrets, and what is shown may end in a chat.
    pub fn flags(&self, args: &DebugArgs) -> Vec<String> {
        let profile = match self.profile {
            ProfileWish::Auto => None,
            ProfileWish::Named(profile) => Some(profile.name().to_owned()),
        };
        let custom = args.custom.as_ref();
        let policy = self.pull_policy.map(PullPolicy::name);
        let inherited = [
            ("env", self.inherit.environment),
            ("mounts", self.inherit.mounts),
            ("user", self.inherit.user),
        ];
        let inherited = inherited.into_iter().filter(|(_, is)| *is);
        let inherited: Vec<_> = inherited.map(|(word, _)| word).collect();
        let once = [
            ("--profile", profile),
            ("--run-as", args.setup.run_as.clone()),
            ("--inherit", Some(inherited.join(","))),
            ("--image-pull-policy", policy.map(str::to_owned)),
            ("--custom", custom.map(|path| path.display().to_string())),
        ];
        let once = once
            .into_iter()
            .filter_map(|(flag, value)| Some((flag, value?)));
        let once = once.filter(|(_, value)| !value.is_empty());
        let variables = self.environment.iter();
        once.map(|(flag, value)| format!("{flag}={value}"))
            .chain(variables.map(|variable| format!("--env={}=VALUE", variable.name)))
            .collect()
    }

    /// Tells whether the profile may be stepped down.
    pub fn is_auto(&self) -> bool {
        self.profile == ProfileWish::Auto
    }

    /// Tells whether an old server may get the container without its security context: not where
    /// the user asked for something in it.
    pub fn weakening(&self) -> Weakening {
        if self.is_auto() && self.run_as.is_none() && !self.inherit.user {
            Weakening::Allowed
        } else {
            Weakening::Refused
        }
    }

    /// Returns the contradiction of a root that must not be root.
    pub(super) fn restricted_root() -> Error {
        Error::Usage {
            message: "the profile `restricted` lets nobody run as root".to_owned(),
            hint: Some("name another user with --run-as, or another --profile".to_owned()),
        }
    }
}
