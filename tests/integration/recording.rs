//! `--record`: what a terminal session shows, in a file that players understand.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    time::Duration,
};

use sandbox::{Request, Sandbox, World};
use serde_json::Value;

use crate::{
    plugin::{PLUGIN, Plugin},
    screen::Screen,
};

const PROMPT: &str = "/ #";

fn plain() -> Sandbox {
    Sandbox::start(World::plain()).unwrap()
}

/// A folder, and the name of a file that is not in it.
fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("incident.cast");
    (folder, file)
}

fn record(sandbox: &Sandbox, file: &Path, more: &[&str]) -> Screen {
    let record = format!("--record={}", file.display());
    let mut args = vec!["app", "--image", "busybox:1.37", record.as_str()];
    args.extend(more);
    let mut screen = Screen::of_plugin(sandbox, &args);
    screen.wait_for_prompt(PROMPT);
    screen
}

/// A recording, read back: its header and its events.
struct Cast {
    header: Value,
    events: Vec<(f64, String, String)>,
}

impl Cast {
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.ends_with('\n'), "{text}");
        let mut lines = text.lines();
        let header = serde_json::from_str(lines.next().unwrap()).unwrap();
        let events = lines.map(|line| serde_json::from_str(line).unwrap());
        Self {
            header,
            events: events.collect(),
        }
    }

    fn of(&self, kind: &str) -> Vec<&str> {
        let events = self.events.iter().filter(|event| event.1 == kind);
        events.map(|event| event.2.as_str()).collect()
    }

    /// What a player has on its screen in the end.
    fn played(&self) -> String {
        let mut parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        parser.process(self.of("o").concat().as_bytes());
        parser.screen().contents()
    }
}

#[test]
fn a_session_is_recorded_as_it_was_shown() {
    let sandbox = plain();
    let (_folder, file) = file();
    let mut screen = record(&sandbox, &file, &[]);
    screen.wait_until_said("what this session shows is recorded in `", 1);
    // What is typed without an echo is nowhere shown.
    screen.type_keys("stty -echo; echo hid''den; read -r word; stty echo; echo got ${#word}\r");
    screen.wait_for_line("hidden");
    screen.type_keys("hunter2\r");
    screen.wait_for_line("got 7");
    screen.resize(30, 100);
    screen.type_keys("until [ \"$(stty size)\" = '30 100' ]; do :; done; printf '\\346\\227'; printf '\\245\\377\\n'; echo ar''rived\r");
    screen.wait_for_line("arrived");
    screen.type_keys("exit 7\r");
    assert_eq!(screen.wait_for_end(), 7);
    screen.assert_restored();

    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let cast = Cast::read(&file);
    assert_eq!(cast.header["version"], 3);
    assert_eq!(
        cast.header["term"],
        serde_json::json!({ "cols": 80, "rows": 24 })
    );
    let title = cast.header["title"].as_str().unwrap();
    assert!(
        title.starts_with("kubectl ephemeral: container debugger-")
            && title.ends_with(" in pod app, namespace default"),
        "{title}"
    );
    assert_eq!(cast.of("r"), ["100x30"]);
    assert_eq!(cast.of("x"), ["7"]);
    assert_eq!(cast.events.last().unwrap().1, "x");
    let played = cast.played();
    assert!(played.contains("got 7\n"), "{played}");
    // The first character was sent in two parts; the byte after it is none.
    let shown = cast.of("o").concat();
    assert!(shown.contains("日\u{fffd}\r\n"), "{shown}");
    assert!(!fs::read_to_string(&file).unwrap().contains("hunter2"));
}

#[test]
fn one_recording_spans_a_lost_connection() {
    let sandbox = plain();
    let (_folder, file) = file();
    let mut screen = record(&sandbox, &file, &[]);
    screen.type_keys("echo be''fore\r");
    screen.wait_for_line("before");
    sandbox.stop_server();
    sandbox.start_server().unwrap();
    screen.wait_until_said("connected again", 1);
    screen.type_keys("echo af''ter; exit 3\r");
    assert_eq!(screen.wait_for_end(), 3);
    let cast = Cast::read(&file);
    let played = cast.played();
    assert!(
        played.contains("before\n") && played.contains("after\n"),
        "{played}"
    );
    assert_eq!(cast.of("x"), ["3"]);
}

#[test]
fn older_players_get_version_2() {
    let sandbox = plain();
    let (_folder, file) = file();
    let mut screen = record(&sandbox, &file, &["--record-format=asciicast-v2"]);
    screen.type_keys("exit 7\r");
    assert_eq!(screen.wait_for_end(), 7);
    let cast = Cast::read(&file);
    let Value::Object(header) = &cast.header else {
        panic!("{}", cast.header);
    };
    assert_eq!(
        [&header["version"], &header["width"], &header["height"]],
        [2, 80, 24]
    );
    let times: Vec<_> = cast.events.iter().map(|event| event.0).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(cast.of("x"), [""; 0]);
}

#[test]
fn a_session_that_one_goes_back_to_is_recorded_and_leaving_is_no_exit() {
    let sandbox = plain();
    let (_folder, file) = file();
    let mut screen = Screen::of_plugin(&sandbox, &["app", "-c", "shell"]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);
    let record = format!("--record={}", file.display());
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app", &record]);
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("echo $((6 * 7))\r");
    screen.wait_for_line("42");
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);
    let cast = Cast::read(&file);
    assert!(cast.played().contains("\n42\n"), "{}", cast.played());
    assert_eq!(cast.of("x"), [""; 0]);
}

#[test]
fn what_a_killed_session_has_shown_can_be_played() {
    let sandbox = plain();
    let (_folder, file) = file();
    let mut screen = record(&sandbox, &file, &[]);
    screen.type_keys("echo $((6 * 7))\r");
    screen.wait_for_line("42");
    let has_it = || fs::read_to_string(&file).is_ok_and(|text| text.contains("42\\r\\n"));
    screen.wait_while("it is not in the file", || !has_it());
    rustix::process::kill_process(screen.process(), rustix::process::Signal::KILL).unwrap();
    assert_eq!(screen.wait_for_end(), -9);
    let cast = Cast::read(&file);
    assert!(cast.played().contains("\n42"), "{}", cast.played());
}

#[test]
fn row_62_a_full_disk_ends_the_recording_and_not_the_session() {
    let sandbox = plain();
    let (_folder, file) = file();
    let record = format!("--record={}", file.display());
    // The limit is one block; without the trap the kernel would end the program.
    let line = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let args = ["-c", line, PLUGIN, "app", "--image=busybox:1.37", &record];
    let mut screen = Screen::of("sh", &args, |command| {
        command.env("KUBECONFIG", sandbox.kubeconfig())
    });
    screen.wait_for_prompt(PROMPT);
    screen.type_keys("seq 1000; seq 1000; echo $((6 * 7))\r");
    screen.wait_for_line("42");
    screen.type_keys("echo still; exit 7\r");
    assert_eq!(screen.wait_for_end(), 7);
    screen.assert_restored();
    let warning = format!(
        "warning: the recording in `{}` is not complete: file too large",
        file.display()
    );
    let said = screen.said();
    let line = warning.replace("warning: ", "");
    assert_eq!(said.matches(&line).count(), 1, "{said}");
    let cast = Cast::read(&file);
    assert_eq!(cast.header["version"], 3);
    assert!(!cast.played().contains("still"));
}

#[test]
fn input_24_a_file_that_cannot_be_made_is_refused_before_anything_is_asked() {
    let (folder, new) = file();
    let there = folder.path().join("there");
    fs::write(&there, "precious").unwrap();
    let link = folder.path().join("link");
    symlink(&new, &link).unwrap();
    let never_over =
        "hint: a recording never replaces anything; name a file that is not there yet\n";
    let nowhere = folder.path().join("no").join("folder");
    for (path, why, hint) in [
        (&*there, "it is there already", never_over),
        (folder.path(), "it is a directory", never_over),
        (&link, "it is a symbolic link", never_over),
        (
            Path::new("/dev/stdout"),
            "it is a symbolic link",
            never_over,
        ),
        (Path::new("/dev/null"), "it is there already", never_over),
        (&nowhere, "no such file or directory", ""),
    ] {
        for verb in [&["app"][..], &["attach", "app"]] {
            let sandbox = plain();
            let record = format!("--record={}", path.display());
            let args: Vec<_> = verb.iter().copied().chain([record.as_str()]).collect();
            let mut screen = Screen::of_plugin(&sandbox, &args);
            assert_eq!(screen.wait_for_end(), 125, "{}", path.display());
            let said = screen.said().replace('\r', "");
            let path = path.display();
            let error = format!("error: cannot record to `{path}`: {why}\n{hint}");
            assert_eq!(without_colour(&said), error);
            assert_eq!(sandbox.requests().len(), 0, "{path}");
        }
    }
    assert_eq!(fs::read_to_string(&there).unwrap(), "precious");
    assert!(!new.exists());
}

fn without_colour(said: &str) -> String {
    let mut plain = String::new();
    for (at, part) in said.split('\x1b').enumerate() {
        plain += if at == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        };
    }
    plain
}

#[test]
fn without_a_terminal_session_there_is_nothing_to_record() {
    let (_folder, new) = file();
    let record = format!("--record={}", new.display());
    let no_session = "error: `--record` is for a terminal session\n\
                      hint: give a command a terminal with -it, or send its output to a file with >\n";
    for more in [
        &["--", "ls"][..],
        &["-i", "--", "cat"],
        &["--attach=false"],
        &["--dry-run=client"],
    ] {
        let args = ["app", &record].into_iter().chain(more.iter().copied());
        let ended = Plugin::nowhere().args(args).run();
        assert_eq!(
            (ended.code, ended.stderr.as_str()),
            (2, no_session),
            "{more:?}"
        );
    }
    assert!(!new.exists());
}

#[test]
fn standard_output_is_no_file_and_a_form_is_nothing_alone() {
    let sandbox = plain();
    let mut screen = Screen::of_plugin(&sandbox, &["attach", "app", "--record=-"]);
    assert_eq!(screen.wait_for_end(), 2);
    screen.wait_for("`--record` needs a file; standard output is the session's");
    let ended = Plugin::nowhere()
        .args(["app", "--record-format=asciicast-v2"])
        .run();
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("--record <FILE>"), "{}", ended.stderr);
}

#[test]
fn a_container_without_a_terminal_cannot_be_recorded() {
    let sandbox = plain();
    let (_folder, new) = file();
    let added = ["app", "-c", "plain", "-i", "--attach=false", "--", "cat"];
    let ended = Plugin::on(&sandbox).args(added).run();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let record = format!("--record={}", new.display());
    let ended = Plugin::on(&sandbox)
        .args(["attach", "app", "-c", "plain", &record])
        .run();
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (
            2,
            "error: container `plain` has no terminal that could be recorded\n\
             hint: `kubectl logs app -c plain -n default` has what it writes\n"
        )
    );
    assert!(!new.exists());
}

#[test]
fn a_session_that_never_began_leaves_no_file() {
    let sandbox = plain();
    let (_folder, new) = file();
    let record = format!("--record={}", new.display());
    let mut screen = Screen::of_plugin(&sandbox, &["no-such-pod", &record]);
    assert_eq!(screen.wait_for_end(), 125);
    assert!(!new.exists());
}

#[test]
fn a_container_that_a_file_leaves_without_a_terminal_is_not_added() {
    let sandbox = plain();
    let (folder, new) = file();
    let custom = folder.path().join("custom.yaml");
    fs::write(&custom, "tty: false\n").unwrap();
    let (record, custom) = (
        format!("--record={}", new.display()),
        format!("--custom={}", custom.display()),
    );
    let mut screen = Screen::of_plugin(&sandbox, &["app", &record, &custom]);
    assert_eq!(screen.wait_for_end(), 2);
    screen.wait_for("error: `--record` is for a terminal session");
    let pod = sandbox.pod("default", "app").unwrap();
    assert!(pod["spec"]["ephemeralContainers"].is_null(), "{pod}");
    assert!(!new.exists());
}

#[test]
fn a_reused_container_is_recorded() {
    let sandbox = plain();
    let (folder, new) = file();
    let first = folder.path().join("first.cast");
    let mut screen = record(&sandbox, &first, &[]);
    screen.type_keys("\x10\x11");
    assert_eq!(screen.wait_for_end(), 0);
    let mut screen = record(&sandbox, &new, &["--reuse"]);
    screen.wait_until_said("instead of adding one more", 1);
    screen.type_keys("echo $((6 * 7)); exit 5\r");
    assert_eq!(screen.wait_for_end(), 5);
    let cast = Cast::read(&new);
    assert!(cast.played().contains("\n42\n"), "{}", cast.played());
    assert_eq!(cast.of("x"), ["5"]);
}

#[test]
fn a_command_that_ends_at_once_is_recorded_too() {
    let sandbox = plain();
    let (_folder, file) = file();
    let record = format!("--record={}", file.display());
    sandbox
        .on(Request::attach())
        .delay(Duration::from_millis(300));
    let command = ["-it", "--", "sh", "-c", "echo quick; echo gone; exit 4"];
    let args: Vec<_> = ["app", &record].into_iter().chain(command).collect();
    let mut screen = Screen::of_plugin(&sandbox, &args);
    assert_eq!(screen.wait_for_end(), 4);
    let cast = Cast::read(&file);
    assert_eq!(cast.played(), "quick\ngone");
    assert_eq!(cast.of("x"), ["4"]);
}
