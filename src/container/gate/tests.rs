use serde_json::{Value, json};

use super::*;

fn token() -> Token {
    let mut next = 0;
    Token::new(|end| {
        next += 1;
        next % end
    })
}

fn container(value: Value) -> EphemeralContainer {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_command_is_held_with_its_words_as_they_are() {
    let words = ["printf", "%s", "a b", "", "'\"$x\n"];
    for (given, passage) in [
        (json!({}), Passage::Output),
        (json!({"stdin": false}), Passage::Output),
        (json!({"stdin": true, "stdinOnce": true}), Passage::Pipe),
    ] {
        let mut given = given;
        given["name"] = json!("d");
        given["command"] = json!(words);
        let mut held = container(given);
        assert!(Gate::hold(&mut held, &Pod::default(), token()));
        let command = held.command.clone().unwrap();
        assert_eq!(
            (&command[..2], &command[3..4]),
            (
                &["sh".to_owned(), "-c".to_owned()][..],
                &["sh".to_owned()][..]
            )
        );
        assert_eq!(command[4..], words);
        assert_eq!((held.stdin, held.stdin_once), (Some(true), Some(true)));
        let gate = Gate::of(&held).unwrap();
        assert_eq!(gate.passage(), passage);
        assert_eq!(gate.token(), "kubectl-ephemeral:bcdefghijklmnopq");
        let lifted = Gate::lift(held.clone());
        assert_eq!(lifted.command.unwrap(), words);
        let reads = (passage == Passage::Pipe).then_some(true);
        assert_eq!((lifted.stdin, lifted.stdin_once), (reads, reads));
        // What `ps` shows of it is not taken for a mark.
        assert!(!command[2].contains(&gate.token()));
        assert!(command[2].contains(&format!("_left={LIMIT};")));
    }
}

#[test]
fn what_cannot_be_held_stays_as_it_is() {
    for given in [
        json!({"name": "d"}),
        json!({"name": "d", "args": ["ls"]}),
        json!({"name": "d", "command": []}),
        json!({"name": "d", "command": [""]}),
        json!({"name": "d", "command": ["-c"]}),
        json!({"name": "d", "command": ["sh"], "stdin": true, "tty": true}),
        json!({"name": "d", "command": ["sh"], "stdin": true}),
    ] {
        let mut held = container(given.clone());
        assert!(!Gate::hold(&mut held, &Pod::default(), token()), "{given}");
        assert_eq!(held, container(given));
    }
    let windows = json!({"spec": {"containers": [], "os": {"name": "windows"}}});
    let mut held = container(json!({"name": "d", "command": ["cmd"]}));
    let pod = serde_json::from_value(windows).unwrap();
    assert!(!Gate::hold(&mut held, &pod, token()));
}

#[test]
fn only_our_own_script_is_a_gate() {
    for command in [
        json!(["sh", "-c", "_gate=a'b'", "sh", "ls"]),
        json!(["sh", "-c", "echo", "sh", "ls"]),
        json!(["ls"]),
    ] {
        assert_eq!(
            Gate::of(&container(json!({"name": "d", "command": command}))),
            None
        );
    }
}

#[test]
fn the_shell_is_told_from_other_commands() {
    assert!(Gate::is_shell("sh") && !Gate::is_shell("bash"));
}

#[test]
fn input_in_pieces_tells_its_end() {
    let sent = |feed: Feed| {
        let pieces = [&b"a\n\0"[..], b"", b"0\n"].map(Bytes::from_static);
        let pieces = pieces.into_iter().map(|piece| feed.piece(piece));
        let all = [feed.opening()].into_iter().chain(pieces).chain(feed.end());
        all.collect::<Vec<_>>().concat()
    };
    assert_eq!(sent(Feed::Plain), b"\na\n\x000\n");
    assert_eq!(sent(Feed::Frames), b"frames\n3\na\n\x002\n0\n0\n");
}
