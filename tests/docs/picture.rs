//! The moving picture in the README: a session of a real terminal, played at the pace of a person.
//!
//! The test plays it as fast as it goes and compares how the screen ends with how the picture ends. Where they differ,
//! `UPDATE=1` records it anew; `make demo-svg` always does.

mod film;
mod svg;

use std::{fs, num::NonZeroU16, thread, time::Duration};

use crate::{
    kept,
    same::is_same,
    shell::{Room, Shell},
    world::{self, Home},
};

const PICTURE: &str = "docs/demo.svg";
/// What it may weigh, in bytes: it is loaded with the README.
const MOST_BYTES: usize = 300_000;
/// Our longest line of it fits. All its lines do, so nothing scrolls.
const ROOM: Room = (NonZeroU16::new(20).unwrap(), NonZeroU16::new(100).unwrap());

/// How fast it is played.
#[derive(Clone, Copy)]
struct Pace {
    /// Between two keys.
    key: Duration,
    /// For reading what came.
    reading: Duration,
    /// How long the server is away.
    outage: Duration,
}

const AT_ONCE: Pace = Pace {
    key: Duration::ZERO,
    reading: Duration::ZERO,
    outage: Duration::ZERO,
};
const OF_A_PERSON: Pace = Pace {
    key: Duration::from_millis(55),
    reading: Duration::from_millis(1300),
    outage: Duration::from_millis(2500),
};

#[test]
fn the_picture_shows_what_a_user_sees() {
    let shown = settled(&play(AT_ONCE).unwrap().lines());
    let picture = fs::read_to_string(PICTURE).unwrap_or_default();
    if is_same(&settled(&svg::last_screen(&picture)), &shown) {
        return;
    }
    assert!(
        kept::is_update(),
        "{PICTURE} does not end with what a user sees (`make demo-svg` records it anew):\n{}",
        shown.join("\n")
    );
    let shell = play(OF_A_PERSON).unwrap();
    let frames = film::frames(shell.got(), ROOM);
    fs::write(PICTURE, svg::drawn(&frames, ROOM)).unwrap();
}

#[test]
fn the_picture_is_small_and_names_nothing_of_the_machine_it_was_made_on() {
    let picture = fs::read_to_string(PICTURE).unwrap();
    assert!(picture.len() < MOST_BYTES, "{} bytes", picture.len());
    let document = roxmltree::Document::parse(&picture).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");
    let elements = || document.descendants().filter(roxmltree::Node::is_element);
    // Nothing that GitHub would take out, or load from elsewhere.
    for element in elements() {
        let name = element.tag_name().name();
        let known = ["svg", "title", "style", "rect", "circle", "g", "text"];
        assert!(known.contains(&name), "{name}");
        let is_handler = |name: &str| name.starts_with("on") || name.ends_with("href");
        assert!(!element.attributes().any(|it| is_handler(it.name())));
    }
    let host = rustix::system::uname();
    let host = host.nodename().to_str().unwrap();
    let words = picture.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.');
    for word in words {
        assert!(word != host && !word.starts_with("127.0.0."), "{word}");
    }
    for path in [
        "/home/", "/root/", "/tmp/", "/usr/", "/var/", "@import", "url(",
    ] {
        assert!(!picture.contains(path), "{path}");
    }
}

/// Plays the session; the shell that it was played in has all that came.
fn play(pace: Pace) -> Result<Shell, String> {
    let kubectl = world::kubectl();
    let folder = tempfile::tempdir().unwrap();
    let sandbox = world::start(folder.path());
    let home = Home::make(folder.path(), &sandbox, kubectl.as_deref());
    let mut shell = Shell::start(home.folder().to_str().unwrap(), &home.variables(), ROOM);
    let shell_of_container = "/ # ";
    enter(&mut shell, pace, "$ ", "kubectl ephemeral web")?;
    enter(&mut shell, pace, shell_of_container, "ps")?;
    enter(
        &mut shell,
        pace,
        shell_of_container,
        "found='the pool is empty'",
    )?;
    shell.wait_for_prompt(shell_of_container)?;
    thread::sleep(pace.reading);
    sandbox.stop_server();
    shell.wait_for_line("connection lost")?;
    thread::sleep(pace.outage);
    sandbox.start_server().map_err(|error| error.to_string())?;
    shell.wait_for_line("connected again")?;
    enter(
        &mut shell,
        pace,
        shell_of_container,
        "echo \"the same shell: $found\"",
    )?;
    enter(&mut shell, pace, shell_of_container, "exit 3")?;
    enter(&mut shell, pace, "$ ", "echo $?")?;
    shell.wait_for_prompt("$ ")?;
    Ok(shell)
}

/// Waits for a prompt, reads what came before it, and types a line, key by key.
fn enter(shell: &mut Shell, pace: Pace, prompt: &str, line: &str) -> Result<(), String> {
    shell.wait_for_prompt(prompt)?;
    thread::sleep(pace.reading);
    for key in line.chars() {
        shell.type_keys(key.encode_utf8(&mut [0; 4]));
        thread::sleep(pace.key);
    }
    thread::sleep(pace.key * 4);
    shell.type_keys("\r");
    Ok(())
}

/// Leaves out what differs from run to run, and is no matter here.
fn settled(lines: &[String]) -> Vec<String> {
    // How a connection broke depends on what was on its way.
    let without_how = |line: &String| {
        let (_, rest) = line.strip_prefix("connection lost: ")?.split_once(';')?;
        Some(format!("connection lost;{rest}"))
    };
    let without_time = |line: &String| {
        let is_said = line.starts_with("connected again after ");
        is_said.then(|| "connected again".to_owned())
    };
    let settled = |line: &String| {
        let settled = without_how(line).or_else(|| without_time(line));
        settled.unwrap_or_else(|| line.clone())
    };
    // The shell of this machine repeats the word, that of an image does not; a busy machine is slow to draw a prompt.
    let is_of_here =
        |line: &&String| *line == "exit" || line.starts_with("the container has printed nothing");
    let lines = lines.iter().filter(|line| !is_of_here(line));
    lines.map(settled).collect()
}
