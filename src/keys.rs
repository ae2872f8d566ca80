//! Keys that a user names: those that leave a session, and the one that begins an escape.

/// The keys that leave a session while its container goes on; none, if that is switched off.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DetachKeys(Vec<u8>);

/// The key that begins an escape at the start of a line, as in ssh; none, if switched off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EscapeKey(Option<u8>);

impl DetachKeys {
    /// Reads keys as docker writes them: single characters, `ctrl-` and a character, or `DEL`,
    /// with commas between them.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        text.split(',')
            .map(|name| {
                key(name).ok_or_else(|| {
                    format!("`{name}` is no key; keys are written like `ctrl-p,ctrl-q`, and \"\" is none")
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Returns what the keys send.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Writes the keys as they are named on the command line.
    pub fn names(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|byte| name(*byte)).collect();
        names.join(",")
    }
}

impl EscapeKey {
    /// Reads one character, `^` and a character, or `none`. Letters and digits begin too many
    /// lines to be one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let key = match text.as_bytes() {
            b"none" => return Ok(Self(None)),
            [character] if character.is_ascii_punctuation() => Some(*character),
            [b'^', character] => control(*character),
            _ => None,
        };
        match key {
            Some(key) => Ok(Self(Some(key))),
            None => Err("it is one sign like `~`, `^` and a letter, or `none`".to_owned()),
        }
    }

    /// Returns what the key sends.
    pub fn byte(self) -> Option<u8> {
        self.0
    }

    /// Writes the key as it is named on the command line.
    pub fn name(self) -> Option<String> {
        self.0.map(|byte| match byte {
            0..0x20 => format!("^{}", char::from(byte + b'@')),
            _ => char::from(byte).to_string(),
        })
    }
}

fn key(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [character] if character.is_ascii() => Some(*character),
        b"DEL" => Some(0x7f),
        [b'c', b't', b'r', b'l', b'-', character] => control(*character),
        _ => None,
    }
}

/// Returns what a key sends together with Ctrl.
fn control(character: u8) -> Option<u8> {
    match character.to_ascii_uppercase() {
        character @ b'@'..=b'_' => Some(character - b'@'),
        _ => None,
    }
}

fn name(byte: u8) -> String {
    match byte {
        0..0x20 => format!("ctrl-{}", char::from(byte + b'@').to_ascii_lowercase()),
        0x7f => "DEL".to_owned(),
        _ => char::from(byte).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detach_keys_are_read_as_docker_reads_them() {
        for (text, bytes) in [
            ("ctrl-p,ctrl-q", &[16, 17][..]),
            ("", &[]),
            ("ctrl-]", &[0x1d]),
            ("ctrl-@,ctrl-[,ctrl-\\,ctrl-^,ctrl-_", &[0, 27, 28, 30, 31]),
            ("a,B,~,DEL", b"aB~\x7f"),
            ("ctrl-A", &[1]),
        ] {
            let keys = DetachKeys::parse(text).unwrap();
            assert_eq!(keys.bytes(), bytes, "{text}");
            assert_eq!(DetachKeys::parse(&keys.names()), Ok(keys), "{text}");
        }
        for text in [
            "ctrl-", "ctrl-p,", ",", "ctrl-1", "ctrl-pp", "cmd-p", "pq", "é", "ctrl-é", " ctrl-p",
        ] {
            assert!(DetachKeys::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_escape_key_is_one_sign_or_none() {
        for (text, byte, name) in [
            ("~", Some(b'~'), Some("~")),
            ("%", Some(b'%'), Some("%")),
            ("^", Some(b'^'), Some("^")),
            ("^a", Some(1), Some("^A")),
            ("^]", Some(0x1d), Some("^]")),
            ("none", None, None),
        ] {
            let key = EscapeKey::parse(text).unwrap();
            assert_eq!((key.byte(), key.name().as_deref()), (byte, name), "{text}");
        }
        for text in ["", "~~", "a", "7", " ", "é", "^1", "None", "\n", "\t"] {
            assert!(EscapeKey::parse(text).is_err(), "{text}");
        }
    }
}
