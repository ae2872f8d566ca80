//! Servers of other ages: what can be done there is done, what cannot is said.

use sandbox::{Sandbox, Server, World};

use crate::{plugin::Plugin, screen::Screen};

#[test]
fn sessions_work_on_every_server_that_has_todays_api() {
    for server in [
        Server::V1_23,
        Server::V1_28,
        Server::V1_28Containerd2,
        Server::V1_36,
    ] {
        let sandbox = Sandbox::start(World::plain().server(server)).unwrap();
        let mut screen = Screen::of_plugin(&sandbox, &["app"]);
        screen.wait_for_prompt("/ #");
        screen.type_keys("echo $((6 * 7)); exit 7\r");
        screen.wait_for_line("42");
        assert_eq!(screen.wait_for_end(), 7, "{server:?}");
        screen.assert_restored();

        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "--", "sh", "-c", "echo out; exit 3"])
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
            (3, "out\n", ""),
            "{server:?}"
        );

        // Old servers have no word for the end of input, and lose what is written just before the end.
        let script = "read -r line; echo got $line; sleep 1; exit 4";
        let ended = Plugin::on(&sandbox)
            .args(["app", "-q", "-i", "--", "sh", "-c", script])
            .input("this\n")
            .run();
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (4, "got this\n"),
            "{server:?}"
        );
    }
}
