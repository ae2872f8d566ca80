use proptest::prelude::*;

use super::*;
use crate::properties;

fn escapes() -> Escapes {
    Escapes::new(
        EscapeKey::parse("~").unwrap(),
        DetachKeys::parse("ctrl-p,ctrl-q").unwrap(),
    )
}

/// Types, and returns the text that goes to the container and the orders in it: `<Order>`.
fn told(escapes: &mut Escapes, chunks: &[&[u8]]) -> String {
    let mut typed = VecDeque::new();
    for chunk in chunks {
        escapes.take(&Bytes::copy_from_slice(chunk), &mut typed);
    }
    typed
        .into_iter()
        .map(|typed| match typed {
            Typed::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
            Typed::Order(order) => format!("<{order:?}>"),
        })
        .collect()
}

/// Each line: what is typed, and what is told.
const CASES: &[(&str, &str)] = &[
    ("ls -l\r", "ls -l\r"),
    // Escapes, at the start of a line only.
    ("~.", "<Disconnect>"),
    ("ls\r~.", "ls\r<Disconnect>"),
    ("ls\n~.", "ls\n<Disconnect>"),
    ("ls ~.", "ls ~."),
    ("~?", "<Help>"),
    ("~?~?~.", "<Help><Help><Disconnect>"),
    ("~?ls ~.", "<Help>ls ~."),
    ("~\x1a", "<Suspend>"),
    ("~\x1als\r", "<Suspend>ls\r"),
    ("~~", "~"),
    ("~~.", "~."),
    ("~~~.", "~~."),
    ("~/bin\r", "~/bin\r"),
    ("~\r~.", "~\r<Disconnect>"),
    ("~x~.", "~x~."),
    ("~\x03", "~\x03"),
    // The detach keys: only the last one is swallowed.
    ("\x10\x11", "\x10<Detach>"),
    ("ls\x10\x11", "ls\x10<Detach>"),
    ("\x10\x10\x11", "\x10\x10<Detach>"),
    ("\x10x\x11", "\x10x\x11"),
    ("\x11\x10", "\x11\x10"),
    ("~\x10\x11", "~\x10<Detach>"),
    // Nothing counts after the user has left.
    ("\x10\x11rm -rf /\r", "\x10<Detach>"),
    ("~.rm -rf /\r~?", "<Disconnect>"),
    // What is pasted is text.
    (
        "\x1b[200~\r~.\r~?\x10\x11\x1b[201~",
        "\x1b[200~\r~.\r~?\x10\x11\x1b[201~",
    ),
    (
        "\x1b[200~x\r\x1b[201~~.\r~.",
        "\x1b[200~x\r\x1b[201~~.\r<Disconnect>",
    ),
    (
        "\x1b[200~\x1b[20\x1b[201~\r~.",
        "\x1b[200~\x1b[20\x1b[201~\r<Disconnect>",
    ),
    ("\x1b[20~\r~.", "\x1b[20~\r<Disconnect>"),
    ("\x1b\x1b[200~\r~.", "\x1b\x1b[200~\r~."),
];

#[test]
fn text_and_orders_are_told_apart() {
    for (keys, expected) in CASES {
        assert_eq!(told(&mut escapes(), &[keys.as_bytes()]), *expected);
    }
}

#[test]
fn it_does_not_matter_how_keys_are_spread_over_reads() {
    for (keys, expected) in CASES {
        let keys = keys.as_bytes();
        let singly: Vec<_> = keys.chunks(1).collect();
        assert_eq!(told(&mut escapes(), &singly), *expected, "{keys:?}");
        for cut in 0..=keys.len() {
            let (first, second) = keys.split_at(cut);
            let told = told(&mut escapes(), &[first, second]);
            assert_eq!(told, *expected, "{keys:?} cut at {cut}");
        }
    }
}

#[test]
fn every_key_but_a_held_one_is_passed_on_at_once() {
    let mut escapes = escapes();
    for (key, expected) in [
        ("l", "l"),
        ("\x10", "\x10"),
        ("\r", "\r"),
        ("~", ""),
        ("a", "~a"),
        ("~", "~"),
    ] {
        assert_eq!(told(&mut escapes, &[key.as_bytes()]), expected, "{key:?}");
    }
}

#[test]
fn what_is_held_is_not_lost_at_the_end() {
    let mut escapes = escapes();
    assert_eq!(told(&mut escapes, &[b"~"]), "");
    let mut typed = VecDeque::new();
    escapes.finish(&mut typed);
    escapes.finish(&mut typed);
    assert_eq!(typed, [Typed::Text(Bytes::from_static(b"~"))]);
}

#[test]
fn all_of_it_can_be_switched_off_or_chosen() {
    let none = || EscapeKey::parse("none").unwrap();
    let all = "~.\r~?\x10\x11";
    let mut off = Escapes::new(none(), DetachKeys::default());
    assert_eq!(told(&mut off, &[all.as_bytes()]), all);

    let mut one = Escapes::new(none(), DetachKeys::parse("ctrl-]").unwrap());
    assert_eq!(told(&mut one, &[b"a\x1db"]), "a<Detach>");

    let percent = EscapeKey::parse("%").unwrap();
    let mut other = Escapes::new(percent, DetachKeys::parse("a,b,a,c").unwrap());
    assert_eq!(
        told(&mut other, &[b"~.\r%?ababac"]),
        "~.\r<Help>ababa<Detach>"
    );
}

#[test]
fn a_large_paste_is_one_piece_that_is_not_copied() {
    let paste = Bytes::from(vec![b'x'; 16 * 1024]);
    let mut typed = VecDeque::new();
    escapes().take(&paste, &mut typed);
    let Some(Typed::Text(text)) = typed.pop_front() else {
        panic!("{typed:?}")
    };
    assert_eq!(text.as_ptr(), paste.as_ptr());
    assert_eq!(text, paste);
}

fn detach_keys() -> impl Strategy<Value = DetachKeys> {
    let names = ["", "ctrl-p,ctrl-q", "a", "a,a,b", "~,.", "ctrl-[,[,2"];
    proptest::sample::select(names.to_vec()).prop_map(|names| DetachKeys::parse(names).unwrap())
}

/// Keys that mean something somewhere.
const KEYS: &[&str] = &[
    "~",
    ".",
    "?",
    "\r",
    "\n",
    "\x1a",
    "\x10",
    "\x11",
    "a",
    "b",
    "ls",
    "\x1b[200~",
    "\x1b[201~",
    "\x1b[",
    "é",
];

proptest! {
    #![proptest_config(properties::config())]

    #[test]
    fn keys_mean_the_same_however_they_are_spread_over_reads(
        detach in detach_keys(),
        (keys, length) in properties::bytes_of(KEYS),
    ) {
        let escape = EscapeKey::parse("~").unwrap();
        let mut whole = Escapes::new(escape, detach.clone());
        let mut cut = Escapes::new(escape, detach);
        prop_assert_eq!(all_told(&mut cut, &keys, length), all_told(&mut whole, &keys, 1024));
    }

    #[test]
    fn without_keys_of_ours_all_is_text((keys, length) in properties::bytes_of(KEYS)) {
        let mut off = Escapes::new(EscapeKey::parse("none").unwrap(), DetachKeys::default());
        prop_assert_eq!(all_told(&mut off, &keys, length), (keys, vec![]));
    }

    #[test]
    fn only_the_last_detach_key_is_swallowed(
        detach in detach_keys(),
        (keys, length) in properties::bytes_of(KEYS),
    ) {
        let keys: Vec<_> = keys.into_iter().filter(|key| *key != b'~').collect();
        let names = detach.clone();
        let mut escapes = Escapes::new(EscapeKey::parse("~").unwrap(), detach);
        let (text, orders) = all_told(&mut escapes, &keys, length);
        if orders.is_empty() {
            prop_assert_eq!(text, keys);
        } else {
            prop_assert_eq!(orders, [Order::Detach]);
            let swallowed = keys[text.len()];
            prop_assert_eq!(&text, &keys[..text.len()]);
            prop_assert_eq!([text.as_slice(), &[swallowed]].concat().ends_with(names.bytes()), true);
        }
    }
}

/// Types in chunks, to the end, and returns text and orders.
fn all_told(escapes: &mut Escapes, keys: &[u8], length: usize) -> (Vec<u8>, Vec<Order>) {
    let mut typed = VecDeque::new();
    for chunk in keys.chunks(length) {
        escapes.take(&Bytes::copy_from_slice(chunk), &mut typed);
    }
    escapes.finish(&mut typed);
    let (mut text, mut orders) = (Vec::new(), Vec::new());
    for typed in typed {
        match typed {
            Typed::Text(more) => text.extend(more),
            Typed::Order(order) => orders.push(order),
        }
    }
    (text, orders)
}
