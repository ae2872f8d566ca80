//! Plays a recorded session and compares.

use crate::recording::Recording;
use crate::state::{self, State};
use std::io::ErrorKind;
use std::time::Duration;

use sandbox::{Answer, Client, Frame};

/// What busybox writes when its terminal changes size.
const REDRAWN: &[u8] = b"\r/ # \x1b[J";
/// Those of a refusal and of an upgrade that mean something to a client.
const HEADERS: [&str; 8] = [
    "Content-Type",
    "Cache-Control",
    "X-Content-Type-Options",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Protocol",
    "Retry-After",
];

/// After how many milliseconds in which the server did not react to a client it is clear that it does not.
const SILENCE: u64 = 1000;

/// What a server has sent, with everything that is not output at its place in the output.
#[derive(Default, PartialEq)]
struct Heard {
    /// By channel; 0 stands for frames without one.
    output: [Vec<u8>; 3],
    /// What else came, after how much output.
    others: Vec<([usize; 3], Frame)>,
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let output = self.output.each_ref().map(|bytes| bytes.escape_ascii());
        write!(f, "\"{}\" \"{}\" {:?}", output[1], output[2], self.others)
    }
}

impl Heard {
    fn add(&mut self, frame: &Frame) {
        if let (Some(channel @ (1 | 2)), Some((_, output))) =
            (frame.channel(), frame.payload.split_first())
            && frame.opcode == Frame::BINARY
            && !output.is_empty()
        {
            if output != REDRAWN {
                self.output[usize::from(channel)].extend_from_slice(output);
            }
            return;
        }
        let lengths = self.output.each_ref().map(Vec::len);
        self.others.push((lengths, without_ids(frame)));
    }

    /// Whether all of `expected` has come.
    fn covers(&self, expected: &Self) -> bool {
        let has = |(own, other): (&Vec<u8>, &Vec<u8>)| own.len() >= other.len();
        self.output.iter().zip(&expected.output).all(has)
            && self.others.len() >= expected.others.len()
    }
}

/// The id of a container that failed to start is another one each time.
fn without_ids(frame: &Frame) -> Frame {
    let Ok(text) = std::str::from_utf8(&frame.payload) else {
        return frame.clone();
    };
    let is_id = |word: &&str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let ids = words.filter(is_id);
    let text = ids.fold(text.to_owned(), |text, id| text.replace(id, "ID"));
    Frame::new(frame.opcode, text.as_bytes())
}

pub(crate) fn play(recording: &Recording, state: &State) -> Result<(), String> {
    let user = recording.user.as_deref().unwrap_or_default();
    let mut client = state
        .sandbox
        .connect(user)
        .map_err(|error| error.to_string())?;
    let mut headers: Vec<(&str, &str)> = recording
        .headers
        .iter()
        .filter(|(name, _)| name != "Host")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if recording.user.is_none() {
        headers.push(("Authorization", "Bearer unknown"));
    }
    client
        .request("GET", &recording.path, &headers, "")
        .map_err(|error| error.to_string())?;
    let answer = if recording.status == 101 {
        client.head().map_err(|error| error.to_string())?
    } else {
        client.answer().map_err(|error| error.to_string())?
    };
    same_head(recording, &answer)?;
    if answer.status == 101 {
        session(recording, state, &mut client)?;
    }
    Ok(())
}

fn same_head(recording: &Recording, answer: &Answer) -> Result<(), String> {
    same("status", &recording.status, &answer.status)?;
    for name in HEADERS {
        same(name, &recording.answered(name), &answer.header(name))?;
    }
    // JSON in one form, whatever the order of its fields.
    let json = answer.json();
    let body = if json.is_null() {
        answer.text()
    } else {
        json.to_string()
    };
    same("body", &recording.body, &body)
}

fn session(recording: &Recording, state: &State, client: &mut Client) -> Result<(), String> {
    let (mut expected, mut heard) = (Heard::default(), Heard::default());
    let mut closed_by_client = false;
    let mut last_from_client = None;
    for recorded in &recording.frames {
        if last_from_client.is_some_and(|ms| recorded.ms > ms + SILENCE) {
            is_silent(client)?;
        }
        last_from_client = recorded.from_client.then_some(recorded.ms);
        let is_close = recorded.frame.opcode == Frame::CLOSE;
        if recorded.from_client {
            listen(client, &mut heard, &expected)?;
            let was_closed = expected
                .others
                .iter()
                .any(|(_, frame)| frame.opcode == Frame::CLOSE);
            // The answer to a close is the protocol's doing, whoever gives it.
            if !was_closed {
                client
                    .send(&recorded.frame)
                    .map_err(|error| error.to_string())?;
                closed_by_client |= is_close;
            }
        } else if !closed_by_client || is_close {
            // What was on its way when the client closed comes or does not.
            expected.add(&recorded.frame);
        }
        if expected.others.len() == 1 && state.deletes_pod {
            listen(client, &mut heard, &expected)?;
            state.sandbox.delete_pod("default", state::DELETED);
        }
    }
    listen(client, &mut heard, &expected)?;
    if recording.stays_open {
        let ping = Frame::new(Frame::PING, b"still there?");
        client.send(&ping).map_err(|error| error.to_string())?;
        expected.add(&Frame::new(Frame::PONG, &ping.payload));
        listen(client, &mut heard, &expected)?;
    }
    if closed_by_client {
        heard.forget_output(&expected);
    }
    same("frames", &expected, &heard)?;
    if !recording.stays_open {
        if !closed_by_client {
            client
                .send(&Frame::close())
                .map_err(|error| error.to_string())?;
        }
        let (rest, end) = client.rest();
        let end = end.map_err(|error| error.to_string());
        same("the end", &(Vec::new(), Ok(())), &(rest, end))?;
    }
    Ok(())
}

impl Heard {
    /// What came between the client's close and the server's is not compared.
    fn forget_output(&mut self, expected: &Self) {
        for (own, other) in self.output.iter_mut().zip(&expected.output) {
            own.truncate(other.len());
        }
        if let (Some(own), Some(other)) = (self.others.last_mut(), expected.others.last()) {
            own.0 = other.0;
        }
    }
}

/// The server has nothing to say to what the client sent last.
fn is_silent(client: &mut Client) -> Result<(), String> {
    let patience = |client: &mut Client, time| client.patience(time).map_err(|e| e.to_string());
    patience(client, Duration::from_millis(200))?;
    let frame = client.frame();
    patience(client, Duration::from_secs(10))?;
    match frame {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        frame => Err(format!("silence was recorded, not {frame:?}")),
    }
}

/// Reads until all has come that is expected.
fn listen(client: &mut Client, heard: &mut Heard, expected: &Heard) -> Result<(), String> {
    while !heard.covers(expected) {
        match client.frame() {
            Ok(frame) => heard.add(&frame),
            Err(error) => {
                return Err(format!(
                    "{error}\nrecorded {expected:?}\nhere     {heard:?}"
                ));
            }
        }
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, recorded: &T, here: &T) -> Result<(), String> {
    if recorded == here {
        return Ok(());
    }
    Err(format!("{what}\nrecorded {recorded:?}\nhere     {here:?}"))
}
