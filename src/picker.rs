//! A list to choose from: what is typed narrows it, arrows move in it. It draws itself as text, and
//! does nothing.

mod keys;

pub use keys::{Key, Keys};

use crate::size::Size;

/// How many rows of the list are shown at most: one should still see what stood above it.
const MOST_ROWS: usize = 12;

/// A row: what is typed is looked for in the name alone.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is chosen.
    pub name: String,
    /// What else is shown of it.
    pub rest: String,
}

/// What a key led to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Nothing is decided yet.
    Stay,
    /// The row of this number is chosen.
    Taken(usize),
    /// The user wants none.
    Left,
}

/// A list to choose from. Its texts must be harmless to a terminal.
#[derive(Clone, Debug)]
pub struct Picker {
    question: String,
    rows: Vec<Row>,
    width: usize,
    typed: String,
    /// The numbers of the rows in which all that was typed is.
    found: Vec<usize>,
    /// The place in `found` that is marked.
    at: usize,
}

impl Picker {
    /// Begins with the whole list, the first row marked.
    pub fn new(question: &str, rows: Vec<Row>) -> Self {
        // A terminal gives other letters two columns, or none; so that lines stay lines, they are
        // written out.
        let narrow = |text: &str| {
            let letters = text.chars().map(|letter| match letter {
                ' '..='~' => letter.to_string(),
                other => other.escape_unicode().to_string(),
            });
            letters.collect::<String>()
        };
        let rows: Vec<_> = rows
            .into_iter()
            .map(|row| Row {
                name: narrow(&row.name),
                rest: narrow(&row.rest),
            })
            .collect();
        let width = rows.iter().map(|row| row.name.len()).max();
        let mut picker = Self {
            question: narrow(question),
            width: width.unwrap_or_default(),
            rows,
            typed: String::new(),
            found: Vec::new(),
            at: 0,
        };
        picker.find();
        picker
    }

    /// Does what a key asks for.
    pub fn press(&mut self, key: Key) -> Step {
        let last = self.found.len().saturating_sub(1);
        match key {
            Key::Letter(letter) => self.typed.push(letter),
            Key::Erase => drop(self.typed.pop()),
            Key::Clear => self.typed.clear(),
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Down => self.at = last.min(self.at + 1),
            Key::PageUp => self.at = self.at.saturating_sub(MOST_ROWS),
            Key::PageDown => self.at = last.min(self.at + MOST_ROWS),
            Key::First => self.at = 0,
            Key::Last => self.at = last,
            Key::Enter => {
                return self
                    .found
                    .get(self.at)
                    .map_or(Step::Stay, |at| Step::Taken(*at));
            }
            Key::Leave => return Step::Left,
        }
        if matches!(key, Key::Letter(_) | Key::Erase | Key::Clear) {
            self.find();
        }
        Step::Stay
    }

    /// Marks the first of the rows that have all the words that were typed.
    fn find(&mut self) {
        let typed = self.typed.to_lowercase();
        let is_found = |row: &Row| {
            let name = row.name.to_lowercase();
            typed.split_whitespace().all(|word| name.contains(word))
        };
        let numbers = self.rows.iter().enumerate();
        self.found = numbers
            .filter(|(_, row)| is_found(row))
            .map(|(number, _)| number)
            .collect();
        self.at = 0;
    }

    /// Returns the lines to show on a terminal of this size, the question first.
    pub fn lines(&self, size: Size) -> Vec<String> {
        // The last column stays empty: some terminals begin a new line once it is written.
        let columns = usize::from(size.columns()).saturating_sub(1);
        let fit = |text: String| text.chars().take(columns).collect::<String>();
        let (found, all) = (self.found.len(), self.rows.len());
        let mut lines = vec![fit(format!(
            "{} ({found} of {all}): {}",
            self.question, self.typed
        ))];
        let height = usize::from(size.rows()).saturating_sub(1).min(MOST_ROWS);
        if found == 0 && height > 0 {
            lines.push(fit(
                "  nothing has that in its name; Ctrl-U clears it".to_owned()
            ));
        }
        let first = self.at.saturating_sub(height.saturating_sub(1));
        for (place, number) in self.found.iter().enumerate().skip(first).take(height) {
            let Some(row) = self.rows.get(*number) else {
                continue;
            };
            let mark = if place == self.at { '>' } else { ' ' };
            let width = self.width;
            let line = format!("{mark} {:width$}  {}", row.name, row.rest);
            lines.push(fit(line.trim_end().to_owned()));
        }
        lines
    }

    /// Returns what draws the list over itself; the cursor stays in the first line, after what was
    /// typed.
    pub fn frame(&self, size: Size) -> String {
        let lines = self.lines(size);
        let below = lines.len() - 1;
        let up = if below == 0 {
            String::new()
        } else {
            format!("\x1b[{below}A")
        };
        let first = lines.first().map_or("", String::as_str);
        format!("{ERASE}{}{up}\r{first}", lines.join("\r\n"))
    }
}

/// Takes the list off the screen, from its first line on.
pub const ERASE: &str = "\r\x1b[J";

#[cfg(test)]
mod tests;
