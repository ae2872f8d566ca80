//! Screens as a moving picture: an SVG that shows and hides the rows of a terminal by CSS, without a script.
//!
//! Each row stands in it once for each text it had; keyframes say when it is seen. What does not move at all shows how
//! the session ended: a viewer without CSS, and one whose user asked for less motion.

use std::{fmt::Write as _, time::Duration};

use super::film::{Frame, Kind, Piece};
use crate::shell::Room;

/// Measures in units of the picture: of one character, from row to row, of the edge, of the bar above.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 20.0;
const EDGE: f64 = 16.0;
const BAR: f64 = 32.0;
/// From the top of a row to the line its letters stand on.
const BASE: f64 = 14.5;
/// More rows and columns than a picture has.
const MOST: usize = 1000;
/// How long the end is shown before it begins again.
const PAUSE: Duration = Duration::from_secs(4);

const TITLE: &str = "A debug session: a container is added, a lost connection comes back into the same shell, and the exit code arrives";
/// Dark in light and dark surroundings; the frame keeps it apart from dark ones.
const STYLE: &str = "\
.window{fill:#0d1117;stroke:#484f58}
.button{fill:#484f58}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#b1bac4}
.prompt{fill:#56d364}
.typed{fill:#ffffff;font-weight:bold}
.cursor{fill:#8b949e;animation-name:cursor}
.row{visibility:hidden}
.end{visibility:visible}
@media (prefers-reduced-motion:reduce){.row,.cursor{animation:none!important}}
";

/// When a row showed these texts.
struct Showing<'a> {
    row: usize,
    texts: &'a [Piece],
    from: Duration,
    /// None to the end.
    until: Option<Duration>,
}

/// Draws the picture.
pub(super) fn drawn(frames: &[Frame], (rows, columns): Room) -> String {
    let Some(last) = frames.last() else {
        return String::new();
    };
    let whole = last.at + PAUSE;
    let percent = |at: Duration| format!("{:.2}%", at.as_secs_f64() / whole.as_secs_f64() * 100.0);
    let width = 2.0 * EDGE + WIDTH * f64::from(columns.get());
    let height = BAR + EDGE + HEIGHT * f64::from(rows.get());
    let mut keyframes = cursor(frames, percent);
    let mut body = String::new();
    for (number, showing) in showings(frames).iter().enumerate() {
        let end = if showing.until.is_none() { " end" } else { "" };
        let mut steps = String::new();
        if !showing.from.is_zero() {
            steps.push_str("0%{visibility:hidden}");
        }
        push(
            &mut steps,
            format_args!("{}{{visibility:visible}}", percent(showing.from)),
        );
        if let Some(until) = showing.until {
            push(
                &mut steps,
                format_args!("{}{{visibility:hidden}}", percent(until)),
            );
        }
        push(
            &mut keyframes,
            format_args!("@keyframes r{number}{{{steps}}}\n"),
        );
        push(
            &mut body,
            format_args!(
                "<g class=\"row{end}\" style=\"animation-name:r{number}\">{}</g>\n",
                texts(showing)
            ),
        );
    }
    let (x, y) = place(last.cursor);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n\
         <title>{TITLE}</title>\n\
         <style>\n\
         {STYLE}\
         .row,.cursor{{animation-duration:{:.1}s;animation-timing-function:step-end;animation-iteration-count:infinite}}\n\
         {keyframes}\
         </style>\n\
         <rect class=\"window\" x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\"/>\n\
         <circle class=\"button\" cx=\"20\" cy=\"18\" r=\"5\"/><circle class=\"button\" cx=\"38\" cy=\"18\" r=\"5\"/>\
         <circle class=\"button\" cx=\"56\" cy=\"18\" r=\"5\"/>\n\
         <rect class=\"cursor\" width=\"{WIDTH}\" height=\"17\" transform=\"translate({x:.1} {y:.1})\"/>\n\
         {body}</svg>\n",
        whole.as_secs_f64(),
        width - 1.0,
        height - 1.0,
    )
}

/// Returns what stands on the screen at the end of a picture, without what follows the last row.
pub(super) fn last_screen(picture: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let Ok(document) = roxmltree::Document::parse(picture) else {
        return lines;
    };
    let is_end = |node: &roxmltree::Node<'_, '_>| node.attribute("class") == Some("row end");
    for text in document
        .descendants()
        .filter(is_end)
        .flat_map(|row| row.children())
    {
        let number = |name| text.attribute(name).and_then(|it| it.parse::<f64>().ok());
        let (Some(x), Some(y)) = (number("x"), number("y")) else {
            continue;
        };
        let row = (0..MOST).find(|row| line_of(*row) >= y - 0.1);
        let column = (0..MOST).find(|column| left_of(*column) >= x - 0.1);
        let (Some(row), Some(column)) = (row, column) else {
            continue;
        };
        lines.resize(lines.len().max(row + 1), String::new());
        let line = &mut lines[row];
        line.push_str(&" ".repeat(column - line.chars().count().min(column)));
        line.push_str(text.text().unwrap_or_default());
    }
    lines
}

/// Returns each row with each text it had.
fn showings(frames: &[Frame]) -> Vec<Showing<'_>> {
    let mut showings: Vec<Showing<'_>> = Vec::new();
    for (row, _) in frames[0].rows.iter().enumerate() {
        let mut shown: Option<Showing<'_>> = None;
        for frame in frames {
            let texts = frame.rows[row].as_slice();
            if shown.as_ref().is_some_and(|shown| shown.texts == texts) {
                continue;
            }
            let next = Showing {
                row,
                texts,
                from: frame.at,
                until: None,
            };
            if let Some(mut before) = shown.replace(next) {
                before.until = Some(frame.at);
                showings.push(before);
            }
        }
        showings.extend(shown);
    }
    showings.retain(|showing| !showing.texts.is_empty());
    showings
}

fn texts(showing: &Showing<'_>) -> String {
    let mut drawn = String::new();
    for text in showing.texts {
        let class = match text.kind {
            Kind::Prompt => " class=\"prompt\"",
            Kind::Typed => " class=\"typed\"",
            Kind::Shown => "",
        };
        let length = left_of(text.text.chars().count()) - left_of(0);
        push(
            &mut drawn,
            // Whatever font there is, each character has its place.
            format_args!(
                "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\"{class}>{}</text>",
                left_of(text.column),
                line_of(showing.row),
                escaped(&text.text)
            ),
        );
    }
    drawn
}

fn cursor(frames: &[Frame], percent: impl Fn(Duration) -> String) -> String {
    let mut steps = String::new();
    let mut before = None;
    for frame in frames {
        if before.replace(frame.cursor) == Some(frame.cursor) {
            continue;
        }
        let (x, y) = place(frame.cursor);
        push(
            &mut steps,
            format_args!(
                "{}{{transform:translate({x:.1}px,{y:.1}px)}}",
                percent(frame.at)
            ),
        );
    }
    format!("@keyframes cursor{{{steps}}}\n")
}

fn place((row, column): (u16, u16)) -> (f64, f64) {
    (left_of(column.into()), line_of(row.into()) - BASE + 1.5)
}

fn left_of(column: usize) -> f64 {
    EDGE + WIDTH * f64::from(u16::try_from(column).unwrap())
}

fn line_of(row: usize) -> f64 {
    BAR + BASE + HEIGHT * f64::from(u16::try_from(row).unwrap())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).unwrap();
}

#[test]
fn the_last_screen_of_a_picture_is_the_one_it_was_drawn_from() {
    let text = |column, text: &str| Piece {
        column,
        text: text.to_owned(),
        kind: Kind::Shown,
    };
    let frame = |at, rows| Frame {
        at: Duration::from_secs(at),
        rows,
        cursor: (1, 0),
    };
    let first = vec![vec![text(0, "gone")], vec![]];
    let last = vec![vec![text(1, "a < b"), text(9, "c")], vec![text(0, "d")]];
    let room = (2.try_into().unwrap(), 10.try_into().unwrap());
    let picture = drawn(&[frame(0, first), frame(3, last)], room);
    assert!(picture.contains("gone"), "{picture}");
    assert_eq!(last_screen(&picture), [" a < b   c", "d"]);
}
