//! Consoles of Windows speak UTF-16, containers UTF-8. Pure, and tried on every system.

/// A key that went down or up, as a console tells it (`KEY_EVENT_RECORD`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct KeyEvent {
    /// Whether it went down.
    pub(super) is_down: bool,
    /// How often, as long as it is held.
    pub(super) times: u16,
    /// Which key it is (`VK_…`); 0 where a sequence stands for one.
    pub(super) key: u16,
    /// What it types, a unit of UTF-16; 0 for most keys that type nothing.
    pub(super) unit: u16,
    /// Whether a Ctrl key is down, too.
    pub(super) with_ctrl: bool,
}

/// The keys that type the character 0 together with Ctrl: Space, and `@`, which is on 2.
const NUL_KEYS: [u16; 2] = [0x20, 0x32];
/// Alt. It types, as it goes up, the character of the number that was typed meanwhile.
const ALT: u16 = 0x12;

impl KeyEvent {
    /// Tells whether this types its unit.
    fn types(self) -> bool {
        match (self.is_down, self.unit) {
            (true, 0) => self.key == 0 || (self.with_ctrl && NUL_KEYS.contains(&self.key)),
            (true, _) => true,
            (false, unit) => self.key == ALT && unit != 0,
        }
    }
}

/// Turns what is typed into UTF-8.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// The first half of a character, of which the second comes as a key of its own.
    half: Option<u16>,
}

impl Typed {
    /// Returns the text of these keys.
    pub(super) fn text(&mut self, keys: &[KeyEvent]) -> String {
        let mut units: Vec<u16> = self.half.take().into_iter().collect();
        for key in keys.iter().filter(|key| key.types()) {
            units.extend((0..key.times.max(1)).map(|_| key.unit));
        }
        self.half = units.pop_if(|unit| is_first_half(*unit));
        String::from_utf16_lossy(&units)
    }
}

/// Turns what is to be shown into UTF-16. It comes in pieces, which may end within a character.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The begin of a character, at most three bytes.
    begun: Vec<u8>,
}

impl Shown {
    /// Returns what can be shown by now.
    pub(super) fn units(&mut self, bytes: &[u8]) -> Vec<u16> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut units = Vec::with_capacity(all.len());
        let mut chunks = all.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            units.extend(chunk.valid().encode_utf16());
            let invalid = chunk.invalid();
            if invalid.is_empty() {
                continue;
            }
            if chunks.peek().is_none() && may_go_on(invalid) {
                self.begun = invalid.to_vec();
            } else {
                units.extend(char::REPLACEMENT_CHARACTER.encode_utf16(&mut [0; 2]).iter());
            }
        }
        units
    }
}

fn is_first_half(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// Tells whether bytes are the begin of a character, and not its end.
fn may_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down(unit: u16) -> KeyEvent {
        KeyEvent {
            is_down: true,
            times: 1,
            key: 0x41,
            unit,
            with_ctrl: false,
        }
    }

    #[test]
    fn keys_that_go_down_type_and_those_that_go_up_do_not() {
        let up = KeyEvent {
            is_down: false,
            ..down(0x61)
        };
        let shift = KeyEvent {
            key: 0x10,
            ..down(0)
        };
        let held = KeyEvent {
            times: 3,
            ..down(0x62)
        };
        let text = Typed::default().text(&[shift, down(0x61), up, held, down(0x1a)]);
        assert_eq!(text, "abbb\x1a");
    }

    #[test]
    fn a_sequence_that_stands_for_a_key_is_typed_as_it_is() {
        let keys: Vec<_> = "\x1b[A".encode_utf16().map(down).collect();
        assert_eq!(Typed::default().text(&keys), "\x1b[A");
    }

    #[test]
    fn the_character_0_is_typed_by_ctrl_and_space_or_2() {
        let with_ctrl = |key| KeyEvent {
            key,
            with_ctrl: true,
            ..down(0)
        };
        let of_a_sequence = KeyEvent { key: 0, ..down(0) };
        let keys = [
            with_ctrl(0x20),
            with_ctrl(0x32),
            of_a_sequence,
            with_ctrl(0x11),
        ];
        assert_eq!(Typed::default().text(&keys), "\0\0\0");
    }

    #[test]
    fn a_number_typed_with_alt_counts_as_alt_goes_up() {
        let alt = KeyEvent {
            is_down: false,
            key: ALT,
            ..down(0xe4)
        };
        assert_eq!(Typed::default().text(&[alt]), "ä");
    }

    #[test]
    fn halves_of_a_character_meet_across_reads_and_a_lost_one_is_seen() {
        let mut typed = Typed::default();
        assert_eq!(typed.text(&[down(0xd83e)]), "");
        assert_eq!(typed.text(&[down(0xdd80), down(0xd83e)]), "🦀");
        assert_eq!(typed.text(&[down(0x61)]), "\u{fffd}a");
    }

    #[test]
    fn output_is_shown_the_same_however_it_is_cut() {
        let text = "grüße, 世界 🦀\x1b[0m";
        let all: Vec<u16> = text.encode_utf16().collect();
        for at in 0..=text.len() {
            let mut shown = Shown::default();
            let mut units = shown.units(&text.as_bytes()[..at]);
            units.extend(shown.units(&text.as_bytes()[at..]));
            assert_eq!(units, all, "cut at {at}");
        }
    }

    #[test]
    fn what_is_no_text_is_replaced_and_the_rest_is_shown() {
        let mut shown = Shown::default();
        let text = |units: &[u16]| String::from_utf16(units).unwrap();
        assert_eq!(text(&shown.units(b"a\xffb\xe4\xb8")), "a\u{fffd}b");
        assert_eq!(text(&shown.units(b"c")), "\u{fffd}c");
        assert_eq!(text(&shown.units(b"d")), "d");
    }
}
