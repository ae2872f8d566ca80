//! Scenarios that must hold on any cluster.
//!
//! `make e2e` runs them on the cluster of `KUBECONFIG`, in a pod that is made for them in the current
//! namespace and deleted again. On the sandbox they run with all other tests.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test that cannot be set up fails; not all that the other tests drive the plugin with is used here"
)]

#[path = "../integration/plugin.rs"]
mod plugin;
mod pod;
#[path = "../integration/screen.rs"]
mod screen;
#[path = "../integration/secrets.rs"]
mod secrets;
#[path = "../integration/seen.rs"]
mod seen;

use std::path::Path;

use plugin::{PLUGIN, Plugin};
use pod::Pod;
use sandbox::{Sandbox, World};
use screen::Screen;

#[test]
fn the_scenarios_hold_on_the_sandbox() {
    let sandbox = Sandbox::start(World::plain()).unwrap();
    let scene = Scene {
        kubeconfig: sandbox.kubeconfig(),
        pod: "app",
        prompt: "/ #",
    };
    scene.play_all();
}

#[test]
#[ignore = "needs a cluster: creates and deletes a pod in the current namespace of KUBECONFIG"]
fn the_scenarios_hold_on_the_cluster_of_kubeconfig() {
    let kubeconfig = std::env::var_os("KUBECONFIG").expect("KUBECONFIG must name a cluster");
    let pod = Pod::create(kubeconfig.as_ref());
    let scene = Scene {
        kubeconfig: kubeconfig.as_ref(),
        pod: pod.name(),
        prompt: "/ #",
    };
    scene.play_all();
}

/// A pod on a cluster, to debug.
struct Scene<'a> {
    kubeconfig: &'a Path,
    pod: &'a str,
    prompt: &'static str,
}

impl Scene<'_> {
    fn play_all(&self) {
        self.a_command_gives_its_output_and_its_exit_code();
        self.a_pipe_goes_in_and_comes_back();
        self.a_shell_shows_its_prompt_and_ends_with_its_exit_code();
        self.a_pod_that_is_not_there_is_named();
        self.a_command_that_is_not_in_the_image_is_named();
        self.a_container_can_be_left_and_joined();
    }

    fn plugin(&self, args: &[&str]) -> Plugin {
        Plugin::with_kubeconfig(self.kubeconfig)
            .args([self.pod, "-q"])
            .args(args)
    }

    fn screen(&self, args: &[&str]) -> Screen {
        Screen::of(PLUGIN, args, |command| {
            command.env("KUBECONFIG", self.kubeconfig)
        })
    }

    fn a_command_gives_its_output_and_its_exit_code(&self) {
        let ended = self.plugin(&["--", "sh", "-c", "echo out; exit 44"]).run();
        assert_eq!(
            (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
            (44, "out\n", "")
        );
    }

    fn a_pipe_goes_in_and_comes_back(&self) {
        let ended = self.plugin(&["-i", "--", "cat"]).input("one\ntwo\n").run();
        assert_eq!(
            (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
            (0, "one\ntwo\n", "")
        );
    }

    fn a_shell_shows_its_prompt_and_ends_with_its_exit_code(&self) {
        let mut screen = self.screen(&[self.pod, "-it", "--", "sh"]);
        screen.wait_for_prompt(self.prompt);
        screen.type_keys("echo $((6 * 7)); exit 7\r");
        assert_eq!(screen.wait_for_end(), 7);
        let contents = screen.contents();
        assert!(contents.lines().any(|line| line == "42"), "{contents}");
        screen.assert_restored();
    }

    fn a_pod_that_is_not_there_is_named(&self) {
        let ended = Plugin::with_kubeconfig(self.kubeconfig)
            .args(["no-such-pod"])
            .run();
        assert_eq!(ended.code, 125);
        let expected = "Error from server (NotFound): pods \"no-such-pod\" not found\n";
        assert!(ended.stderr.starts_with(expected), "{}", ended.stderr);
    }

    fn a_command_that_is_not_in_the_image_is_named(&self) {
        let ended = self.plugin(&["--", "no-such-command"]).run();
        assert_eq!((ended.code, ended.stdout.as_str()), (125, ""));
        assert!(
            ended.stderr.contains("no command `no-such-command`"),
            "{}",
            ended.stderr
        );
    }

    fn a_container_can_be_left_and_joined(&self) {
        let added = Plugin::with_kubeconfig(self.kubeconfig)
            .args([self.pod, "-q", "--attach=false"])
            .run();
        let name = added.stdout.trim();
        let mut screen = self.screen(&["attach", self.pod, "-c", name]);
        screen.wait_for_prompt(self.prompt);
        screen.type_keys("exit 9\r");
        assert_eq!(screen.wait_for_end(), 9);
        screen.assert_restored();
    }
}
