//! What a terminal got, as the screens that it showed.

use std::time::Duration;

use crate::shell::{Chunk, Room};

/// What comes within this time is on one screen: nobody sees it come apart.
const ONE_SCREEN: Duration = Duration::from_millis(20);
/// What stands before what is typed.
const PROMPTS: [&str; 2] = ["$ ", "/ # "];
/// What differs from run to run, up to where it does, and what stands for it.
const NAMES: [(&str, &str); 2] = [
    ("debugger-", "debugger-x7k2p"),
    ("https://127.0.0.1:", "https://k8s.example.com"),
];

/// What a screen showed from a time on, which is counted from the first of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Frame {
    pub(super) at: Duration,
    /// The texts of each row.
    pub(super) rows: Vec<Vec<Piece>>,
    /// Row and column.
    pub(super) cursor: (u16, u16),
}

/// A piece of a row, with no two spaces next to each other.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Piece {
    pub(super) column: usize,
    pub(super) text: String,
    pub(super) kind: Kind,
}

/// What a text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Prompt,
    Typed,
    Shown,
}

/// Returns the screens that differ from the one before.
pub(super) fn frames(chunks: &[Chunk], (rows, columns): Room) -> Vec<Frame> {
    let mut parser = vt100::Parser::new(rows, columns, 0);
    let mut frames: Vec<Frame> = Vec::new();
    for chunk in chunks {
        parser.process(&chunk.bytes);
        let screen = parser.screen();
        let frame = without_the_exit(Frame {
            at: chunk.at.duration_since(chunks[0].at),
            rows: screen
                .rows(0, columns.get())
                .map(|row| texts(&row))
                .collect(),
            cursor: screen.cursor_position(),
        });
        match frames.last_mut() {
            Some(last) if last.rows == frame.rows && last.cursor == frame.cursor => {}
            Some(last) if frame.at.saturating_sub(last.at) < ONE_SCREEN => {
                last.rows = frame.rows;
                last.cursor = frame.cursor;
            }
            _ => frames.push(frame),
        }
    }
    frames
}

fn texts(row: &str) -> Vec<Piece> {
    let row = with_the_same_names(row);
    // A screen has no spaces at the end of a prompt at which nothing was typed yet.
    let prompt = PROMPTS
        .into_iter()
        .find(|prompt| row.starts_with(prompt) || row == prompt.trim_end());
    let Some(prompt) = prompt else {
        return pieces(&row, 0, Kind::Shown);
    };
    let mut texts = pieces(prompt, 0, Kind::Prompt);
    let typed = row.get(prompt.len()..).unwrap_or_default();
    texts.extend(pieces(typed, prompt.len(), Kind::Typed));
    texts
}

/// Splits a text where two spaces or more are, which an SVG does not keep.
fn pieces(text: &str, column: usize, kind: Kind) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = column;
    for piece in text.split("  ") {
        let bare = piece.trim_start();
        let begin = at + piece.chars().count() - bare.chars().count();
        let bare = bare.trim_end();
        if !bare.is_empty() {
            pieces.push(Piece {
                column: begin,
                text: bare.to_owned(),
                kind,
            });
        }
        at += piece.chars().count() + 2;
    }
    pieces
}

/// Replaces names, with all their letters and digits.
fn with_the_same_names(row: &str) -> String {
    NAMES.iter().fold(row.to_owned(), |row, (begin, name)| {
        let mut parts = row.split(begin);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text.push_str(name);
            text.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
        }
        text
    })
}

/// Takes out the word that the shell of this machine repeats as it ends, which that of an image does not.
fn without_the_exit(mut frame: Frame) -> Frame {
    let text = |row: &Vec<Piece>| row.last().map(|text| text.text.clone()).unwrap_or_default();
    let is_repeated =
        |rows: &[Vec<Piece>]| text(&rows[0]).starts_with("exit ") && text(&rows[1]) == "exit";
    if let Some(at) = frame.rows.windows(2).position(is_repeated) {
        frame.rows.remove(at + 1);
        frame.rows.push(Vec::new());
        frame.cursor.0 -= u16::from(usize::from(frame.cursor.0) > at + 1);
    }
    frame
}

#[test]
fn rows_become_texts_at_their_columns() {
    let row = "  1 root      0:00 /app";
    let shown = texts(row).into_iter().map(|it| (it.column, it.text));
    let expected = [(2, "1 root"), (14, "0:00 /app")];
    assert!(shown.eq(expected.map(|(column, text)| (column, text.to_owned()))));
    let typed = texts("/ # echo a   b");
    let kinds: Vec<_> = typed.iter().map(|it| (it.column, it.kind)).collect();
    let expected = [(0, Kind::Prompt), (4, Kind::Typed), (13, Kind::Typed)];
    assert_eq!(kinds, expected);
    assert_eq!(
        with_the_same_names("`debugger-abcde` at https://127.0.0.1:45459: refused"),
        "`debugger-x7k2p` at https://k8s.example.com: refused"
    );
}
