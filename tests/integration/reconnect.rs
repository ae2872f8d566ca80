//! Lost connections, and the way back into the same shell.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use sandbox::{Request, Sandbox, Server, Timing, World};

use crate::{
    access::{TOKEN, kubeconfig, with_token},
    plugin::PLUGIN,
    screen::Screen,
};

pub(crate) const PROMPT: &str = "/ #";

pub(crate) fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// Opens a shell in a container named `shell`.
pub(crate) fn shell(sandbox: &Sandbox, flags: &[&str]) -> Screen {
    let args = [&["app", "-c", "shell"][..], flags].concat();
    let mut screen = Screen::of_plugin(sandbox, &args);
    screen.wait_for_prompt(PROMPT);
    screen
}

/// Waits until the container has ended, as the sandbox has it.
fn wait_until_it_ended(sandbox: &Sandbox) {
    let ended = sandbox.wait_until("default", "app", |pod| {
        !pod["status"]["ephemeralContainerStatuses"][0]["state"]["terminated"].is_null()
    });
    assert!(ended);
}

fn restart_server(sandbox: &Sandbox) {
    sandbox.stop_server();
    sandbox.start_server().unwrap();
}

pub(crate) fn assert_said(screen: &Screen, expected: &str) {
    // Whether the terminal turns a newline into two characters is no matter here.
    let said = screen.said().replace('\r', "");
    // Nor how a connection broke, which depends on what was on its way.
    let said = said.replace("connection was reset", "connection was cut");
    assert!(said.contains(expected), "{expected}\n--- said\n{said}");
}

#[test]
fn row_54_twenty_restarts_of_the_server_and_still_the_same_shell() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("kept=$$; echo ke''pt\r");
    screen.wait_for_line("kept");
    for round in 1..=20 {
        restart_server(&sandbox);
        screen.wait_until_said("connected again after ", round);
        screen.type_keys(&format!("[ $kept = $$ ] && echo round {round}: 'same'\r"));
        screen.wait_for_line(&format!("round {round}: same"));
    }
    screen.type_keys("exit 7\r");
    assert_eq!(screen.wait_for_end(), 7);
    screen.assert_restored();
    let said = screen.said();
    assert_eq!(said.matches("connection lost: ").count(), 20, "{said}");
    assert_eq!(said.matches("connected again after ").count(), 20, "{said}");
}

#[test]
fn row_49_a_reset_in_mid_output_is_got_over() {
    let sandbox = plain();
    let reset = sandbox.on(Request::attach().first()).reset_after(2000);
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i + 1)); done\r");
    screen.wait_for("connected again after 0 s");
    screen.wait_for_prompt(PROMPT);
    assert_eq!(reset.hits(), 1);
    assert_said(
        &screen,
        "connection lost: the connection was cut; trying for 5m to get it back (Ctrl-C gives up)\n",
    );
    screen.type_keys("echo $i; exit 3\r");
    screen.wait_for_line("500");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
}

#[test]
fn row_44_success_while_the_container_runs_is_no_end() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("kept=this\r");
    screen.wait_for("kept=this");
    sandbox.restart_kubelet();
    screen.wait_for("connected again after");
    assert_said(
        &screen,
        "the stream ended, and the container did not; connected again after ",
    );
    screen.type_keys("echo $kept; exit 4\r");
    screen.wait_for_line("this");
    assert_eq!(screen.wait_for_end(), 4);
    screen.assert_restored();
}

#[test]
fn row_46_an_exit_code_that_is_late_is_waited_for_and_no_outage() {
    let timing = Timing {
        exit_lag: Duration::from_secs(4),
        ..Timing::default()
    };
    let sandbox = Sandbox::start(World::plain().timing(timing)).unwrap();
    let mut screen = shell(&sandbox, &[]);
    screen.type_keys("exit 5\r");
    assert_eq!(screen.wait_for_end(), 5);
    screen.assert_restored();
    let said = screen.said();
    assert!(!said.contains("connection lost"), "{said}");
    assert!(said.contains("waiting: the exit code (2 s)"), "{said}");
}

#[test]
fn a_session_that_was_never_heard_is_sought_too() {
    let sandbox = plain();
    let args = [
        "app",
        "-c",
        "shell",
        "-it",
        "--",
        "sh",
        "-c",
        "read -r line; exit 6",
    ];
    let mut screen = Screen::of_plugin(&sandbox, &args);
    screen.wait_until_raw(true);
    restart_server(&sandbox);
    screen.wait_for("connected again after");
    screen.wait_until_raw(true);
    screen.type_keys("\r");
    assert_eq!(screen.wait_for_end(), 6);
    screen.assert_restored();
}

#[test]
fn row_75_the_size_of_after_an_outage_is_the_one_that_counts() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    sandbox.stop_server();
    screen.wait_for("reconnecting: try ");
    screen.resize(31, 91);
    sandbox.start_server().unwrap();
    screen.wait_for("connected again after");
    // The shell is made to draw its line by a size that is wrong for a moment.
    let until = "until [ \"$(stty size)\" = '31 91' ]; do :; done; echo ri''ght\r";
    screen.wait_for_prompt(PROMPT);
    screen.type_keys(until);
    screen.wait_for_line("right");
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
}

#[test]
fn servers_of_other_ages_are_come_back_to() {
    for server in [Server::V1_23, Server::V1_28] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        let mut screen = shell(&sandbox, &[]);
        screen.type_keys("kept=this; echo ke''pt\r");
        screen.wait_for_line("kept");
        restart_server(&sandbox);
        screen.wait_for("connected again after");
        screen.wait_for_prompt(PROMPT);
        screen.type_keys("echo it is $kept; exit 8\r");
        screen.wait_for_line("it is this");
        assert_eq!(screen.wait_for_end(), 8, "{server:?}");
        screen.assert_restored();
    }
}

#[test]
fn row_57_after_the_limit_the_session_is_lost() {
    let sandbox = plain();
    sandbox.on(Request::attach().from(2)).answer(500).body(
        "text/plain",
        "error dialing backend: dial tcp 10.0.0.7:10250: i/o timeout",
    );
    let mut screen = shell(&sandbox, &["--reconnect=2s"]);
    restart_server(&sandbox);
    assert_eq!(screen.wait_for_end(), 255);
    screen.assert_restored();
    let said = screen.said();
    assert!(
        said.contains("; it did not come back within 2s: the server answered 500 Internal Server Error: error dialing backend"),
        "{said}"
    );
    assert_said(
        &screen,
        "the container may still run; `kubectl ephemeral attach pod/app -c shell -n default` goes back to it\n",
    );
}

#[test]
fn reconnecting_can_be_switched_off() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &["--reconnect=0"]);
    restart_server(&sandbox);
    assert_eq!(screen.wait_for_end(), 255);
    screen.assert_restored();
    assert_said(
        &screen,
        "the session with container `shell` was lost: the connection was",
    );
}

#[test]
fn a_container_that_ended_meanwhile_tells_its_code() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    let marker = tempfile::tempdir().unwrap();
    let path = marker.path().join("go");
    screen.type_keys(&format!(
        "echo rea''dy; until [ -e {} ]; do :; done; exit 9\r",
        path.display()
    ));
    screen.wait_for("ready");
    sandbox.stop_server();
    screen.wait_for("reconnecting: try ");
    fs::write(&path, "").unwrap();
    wait_until_it_ended(&sandbox);
    sandbox.start_server().unwrap();
    assert_eq!(screen.wait_for_end(), 9);
    screen.assert_restored();
}

#[test]
fn row_47_a_pod_that_went_meanwhile_is_told_of() {
    for (replaced, expected) in [
        (false, "was lost: the pod was deleted\n"),
        (
            true,
            "was lost: the pod was replaced by another one of its name\n",
        ),
    ] {
        let sandbox = plain();
        // Nothing tells how the container ended.
        let mut screen = shell(&sandbox, &[]);
        sandbox.on(Request::watch()).answer(500);
        sandbox.stop_server();
        screen.wait_for("reconnecting: try ");
        if replaced {
            assert!(sandbox.replace_pod("default", "app"));
        } else {
            sandbox.delete_pod("default", "app");
            screen.wait_while("the pod", || sandbox.pod("default", "app").is_some());
        }
        sandbox.start_server().unwrap();
        assert_eq!(screen.wait_for_end(), 255, "{}", screen.said());
        screen.assert_restored();
        assert_said(&screen, expected);
        assert!(!screen.said().contains("goes back to it"));
    }
}

#[test]
fn row_55_credentials_that_expired_are_renewed_without_a_terminal() {
    let sandbox = with_token();
    let refused = sandbox.on(Request::attach().nth(2));
    let refused = refused.unauthorized();
    let home = tempfile::tempdir().unwrap();
    let login = home.path().join("login");
    let text = format!(
        "#!/bin/sh\necho run >> '{}/runs'\n{}",
        home.path().display(),
        "echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"kind\": \"ExecCredential\", \
         \"status\": {\"token\": \"TOKEN\"}}'\n"
            .replace("TOKEN", TOKEN),
    );
    fs::write(&login, text).unwrap();
    fs::set_permissions(&login, fs::Permissions::from_mode(0o755)).unwrap();
    let user = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: '{}'}}",
        login.display()
    );
    let folder = kubeconfig(&sandbox, "", &user);
    let mut screen = Screen::of(PLUGIN, &["app"], |command| {
        command.env("KUBECONFIG", folder.path().join("config"))
    });
    screen.wait_for_prompt(PROMPT);
    restart_server(&sandbox);
    screen.wait_for("connected again after");
    screen.wait_until_raw(true);
    screen.type_keys("exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    screen.assert_restored();
    let runs = fs::read_to_string(home.path().join("runs")).unwrap();
    assert_eq!((refused.hits(), runs.lines().count()), (1, 2));
}

#[test]
fn a_full_screen_program_is_put_aside_and_drawn_again() {
    let sandbox = plain();
    let mut screen = shell(&sandbox, &[]);
    // It draws itself anew when the size changes, as such programs do.
    screen.type_keys(
        "printf '\\033[?1049h\\033[?1000h\\033[?25l\\033[2J\\033[5;5Hfull screen'; \
         last=$(stty size); stty -icanon min 0 time 0; until read -r key; do now=$(stty size); \
         [ \"$now\" = \"$last\" ] || printf '\\033[2J\\033[5;5Hdrawn again'; last=$now; sleep 0.02; done; \
         stty sane; printf '\\033[?1049l\\033[?1000l\\033[?25h'\r",
    );
    screen.wait_until("the program", |screen| {
        screen.alternate_screen() && screen.contents().contains("full screen")
    });
    sandbox.stop_server();
    screen.wait_until(
        "the first screen, without mouse and with a cursor",
        |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
                && screen.contents().contains("connection lost: ")
        },
    );
    sandbox.start_server().unwrap();
    screen.wait_until("the program again", |screen| {
        screen.alternate_screen()
            && screen.hide_cursor()
            && screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
            && screen.contents().contains("drawn again")
            && !screen.contents().contains("connected again")
    });
    screen.type_keys("\r");
    screen.wait_until("the first screen", |screen| !screen.alternate_screen());
    screen.type_keys("exit 6\r");
    assert_eq!(screen.wait_for_end(), 6);
    screen.assert_restored();
    assert_said(&screen, "connected again after ");
}

#[test]
fn an_exit_code_is_asked_for_where_the_watch_was_given_up() {
    let sandbox = plain();
    let watches = || Request::watch().path("/pods?");
    sandbox
        .on(watches())
        .cut_when_idle(Duration::from_millis(300));
    let mut screen = shell(&sandbox, &[]);
    let refused = sandbox.on(watches()).unauthorized();
    screen.wait_while("it was not watched again", || refused.hits() == 0);
    screen.type_keys("exit 5\r");
    assert_eq!(screen.wait_for_end(), 5, "{}", screen.said());
    assert_eq!(refused.hits(), 1);
}
