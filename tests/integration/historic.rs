//! Kubernetes 1.16 to 1.21, whose ephemeral containers were another kind, and what has none.

use sandbox::{Sandbox, Server, World};

use crate::{
    plugin::{Plugin, settled},
    screen::Screen,
};

const WEAKENED: &str = "this server has the API of Kubernetes 1.16 to 1.21, which takes no security context: the \
                        container gets no rights beyond the ordinary, so it sees processes and may not be able to \
                        trace them\n";

fn historic() -> Sandbox {
    Sandbox::start(World::plain().server(Server::V1_21)).unwrap()
}

fn asked(sandbox: &Sandbox) -> Vec<String> {
    let requests = sandbox.requests();
    let asked = requests.iter().map(|request| {
        let path = request.path.split('?').next().unwrap_or_default();
        format!(
            "{} {}",
            request.method,
            path.rsplit('/').next().unwrap_or_default()
        )
    });
    asked.collect()
}

#[test]
fn a_terminal_session_works_there() {
    let sandbox = historic();
    let mut screen = Screen::of_plugin(&sandbox, &["app"]);
    screen.wait_for_prompt("/ #");
    screen.type_keys("echo $((6 * 7)); exit 7\r");
    screen.wait_for_line("42");
    assert_eq!(screen.wait_for_end(), 7);
    screen.assert_restored();
}

#[test]
fn a_command_and_its_exit_code_come_through_and_what_was_given_up_is_said() {
    let sandbox = historic();
    let ended = Plugin::on(&sandbox)
        .args(["app", "--", "sh", "-c", "echo out; exit 3"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (3, "out\n"),
        "{ended:?}"
    );
    let stderr = settled(&ended.stderr);
    let expected = format!(
        "the processes of container `app` are visible (--target names another one)\n{WEAKENED}added container \
         `debugger-*` to pod `app`\n"
    );
    assert!(stderr.starts_with(&expected), "{stderr}");
    let pod = sandbox.pod("default", "app").unwrap();
    let containers = pod["spec"]["ephemeralContainers"].as_array().unwrap();
    assert_eq!(containers.len(), 1);
    assert!(containers[0]["securityContext"].is_null());
    assert_eq!(containers[0]["targetContainerName"], "app");
}

#[test]
fn a_pipe_works_there() {
    let sandbox = historic();
    // These servers lose what is written just before the end, and have no word for the end of input.
    let script = "read -r line; echo got $line; sleep 1; exit 4";
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "-i", "--", "sh", "-c", script])
        .input("this\n")
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (4, "got this\n"),
        "{ended:?}"
    );
}

#[test]
fn others_that_are_there_stay() {
    let sandbox = historic();
    for name in ["first", "second"] {
        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "-c", name, "--attach=false"])
            .run();
        assert_eq!((ended.code, ended.stdout), (0, format!("{name}\n")));
    }
    let pod = sandbox.pod("default", "app").unwrap();
    assert_eq!(
        pod["spec"]["ephemeralContainers"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn the_old_form_is_sent_only_where_it_is_needed() {
    let sandbox = historic();
    Plugin::on(&sandbox).args(["app", "--attach=false"]).run();
    assert_eq!(
        asked(&sandbox),
        [
            "GET app",
            "PATCH ephemeralcontainers",
            "PATCH ephemeralcontainers",
            "GET app"
        ]
    );
    for server in [Server::V1_23, Server::V1_28, Server::V1_36] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        Plugin::on(&sandbox).args(["app", "--attach=false"]).run();
        assert_eq!(asked(&sandbox), ["GET app", "PATCH ephemeralcontainers"]);
    }
}

#[test]
fn row_04_a_server_without_the_feature_is_told_from_a_pod_that_is_not_there() {
    let world = World::plain().server(Server::V1_21WithoutFeature);
    let sandbox = Sandbox::start(world).unwrap();
    let ended = Plugin::on(&sandbox).args(["app", "-q", "--", "true"]).run();
    assert_eq!(
        ended.stderr,
        "error: this cluster does not offer ephemeral containers: it is Kubernetes v1.21.1\n\
         hint: they are there from Kubernetes 1.25 on, in 1.23 and 1.24 unless switched off, and from 1.16 on where \
         the feature gate EphemeralContainers is on\n"
    );
    assert_eq!(ended.code, 125);
    assert_eq!(
        asked(&sandbox),
        ["GET app", "PATCH ephemeralcontainers", "GET version"]
    );

    let ended = Plugin::on(&sandbox).args(["nope"]).run();
    assert!(
        ended
            .stderr
            .starts_with("Error from server (NotFound): pods \"nope\" not found\n"),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_was_done_there_without_an_answer_is_found_too() {
    let sandbox = historic();
    sandbox
        .on(sandbox::Request::patch().nth(2))
        .apply_then_reset();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--", "echo", "hi"])
        .run();
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "hi\n"),
        "{ended:?}"
    );
    let pod = sandbox.pod("default", "app").unwrap();
    assert_eq!(
        pod["spec"]["ephemeralContainers"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn a_profile_or_a_user_that_was_named_is_not_given_up_there() {
    for words in [&["--profile", "general"][..], &["--run-as", "1000"]] {
        let sandbox = historic();
        let ended = Plugin::on(&sandbox).args(["app", "-q"]).args(words).run();
        assert_eq!(
            ended.stderr,
            "error: a debug container with a security context is not possible on this server, which has the API of \
             Kubernetes 1.16 to 1.21\n\
             hint: it may have none there: leave out the profile and the user, and it runs as its image says\n"
        );
        assert_eq!(ended.code, 125);
    }
    let sandbox = historic();
    let ended = Plugin::on(&sandbox)
        .args(["app", "-q", "--profile", "baseline", "--", "true"])
        .run();
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
}
