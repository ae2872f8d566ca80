//! The words on what was given up and what admission changed.

use super::*;
use crate::{
    cli::Cli,
    container::{TargetWish, policy::Level},
};

fn setup(words: &str) -> Setup {
    let words = ["kubectl-ephemeral", "web"]
        .into_iter()
        .chain(words.split_whitespace());
    let cli = Cli::parse_words(words.map(Into::into)).unwrap();
    Setup::new(&cli.debug.setup, &TargetWish::Main).unwrap()
}

fn standing(user: Option<i64>, added: &[&str]) -> Standing {
    Standing {
        user,
        added: added.iter().map(|name| (*name).to_owned()).collect(),
        ..Standing::default()
    }
}

#[test]
fn what_was_given_up_is_said() {
    for (cause, user, expected) in [
        (
            Cause::PodSecurity(Level::Baseline),
            None,
            "Pod Security `baseline` here: the container runs as the user of its image without SYS_PTRACE, so it can \
             see but not trace processes",
        ),
        (
            Cause::PodSecurity(Level::Restricted),
            Some(65532),
            "Pod Security `restricted` here: the container runs as user 65532 without SYS_PTRACE, so it can see but not \
             trace processes",
        ),
        (
            Cause::Constraints,
            Some(1_000_690_000),
            "the security context constraints here want it so: the container runs as user 1000690000 without SYS_PTRACE, \
             so it can see but not trace processes",
        ),
    ] {
        assert_eq!(given_up(cause, &standing(user, &[])), expected);
    }
}

#[test]
fn capabilities_of_another_user_than_root_have_no_effect() {
    let auto = setup("");
    assert_eq!(
        powerless(&auto, &standing(Some(1000), &["SYS_PTRACE"])).as_deref(),
        Some(
            "the container runs as user 1000, so SYS_PTRACE has no effect; `--run-as root` makes it root"
        )
    );
    let asked = setup("--run-as 1000");
    assert_eq!(
        powerless(&asked, &standing(Some(1000), &["NET_ADMIN", "NET_RAW"])).as_deref(),
        Some("the container runs as user 1000, so NET_ADMIN and NET_RAW have no effect")
    );
    let privileged = Standing {
        never_root: true,
        privileged: true,
        ..Standing::default()
    };
    assert_eq!(
        powerless(&auto, &privileged).as_deref(),
        Some(
            "the container does not run as root, so `privileged` has no effect; `--run-as root` makes it root"
        )
    );
    assert_eq!(powerless(&auto, &standing(Some(1000), &[])), None);
    assert_eq!(powerless(&auto, &standing(Some(0), &["SYS_PTRACE"])), None);
    assert_eq!(powerless(&auto, &standing(None, &["SYS_PTRACE"])), None);
}

#[test]
fn row_15_what_admission_changed_is_said() {
    let asked = standing(None, &["SYS_PTRACE"]);
    assert_eq!(changed(&asked, &asked), None);
    assert_eq!(
        changed(&asked, &standing(Some(1_000_690_000), &[])).as_deref(),
        Some(
            "the cluster changed the container: it runs as user 1000690000, and it goes without SYS_PTRACE"
        )
    );
    let privileged = Standing {
        privileged: true,
        ..Standing::default()
    };
    assert_eq!(
        changed(&privileged, &Standing::default()).as_deref(),
        Some("the cluster changed the container: it is not privileged")
    );
    let of_image = |image: &str| EphemeralContainer {
        image: Some(image.to_owned()),
        ..EphemeralContainer::default()
    };
    let ours = of_image("busybox:1.37");
    assert_eq!(another_image(&ours, &ours), None);
    assert_eq!(
        another_image(&ours, &of_image("mirror/busybox:1.37")).as_deref(),
        Some("the cluster changed the container: its image is `mirror/busybox:1.37`")
    );
}
