//! The channels of the remote command protocol: the first byte of each message names one.
//!
//! Numbers and payloads are those of Kubernetes' `v4.channel.k8s.io` and `v5.channel.k8s.io`.

use bytes::{BufMut, Bytes, BytesMut};

use crate::size::Size;

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

/// The most that goes into one message to the server. It is what client-go sends, and far from the
/// 32 MiB at which a server ends the connection.
pub(super) const LARGEST_INPUT: usize = 32 * 1024 - 1;

/// Which version of the protocol both sides speak.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// `v4.channel.k8s.io`: the end of input cannot be told.
    V4,
    /// `v5.channel.k8s.io`: one direction can be closed.
    V5,
}

impl Protocol {
    /// Returns the version that both sides speak, by what it can do.
    pub fn new(half_close: bool) -> Self {
        if half_close { Self::V5 } else { Self::V4 }
    }
}

/// A message from the server.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Received {
    Stdout(Bytes),
    Stderr(Bytes),
    /// How the stream ended, as a `Status` in JSON.
    Status(Bytes),
    /// Nothing for us: an empty message, as servers send one to start with, or an unknown channel.
    Nothing,
}

/// Takes a message from the server apart.
pub(super) fn received(mut message: Bytes) -> Received {
    if message.len() < 2 {
        return Received::Nothing;
    }
    let channel = message.split_to(1)[0];
    match channel {
        STDOUT => Received::Stdout(message),
        STDERR => Received::Stderr(message),
        STATUS => Received::Status(message),
        _ => Received::Nothing,
    }
}

/// Returns the message that carries what was typed.
pub(super) fn stdin(typed: &[u8]) -> Bytes {
    let mut message = BytesMut::with_capacity(1 + typed.len());
    message.put_u8(STDIN);
    message.put_slice(typed);
    message.freeze()
}

/// Returns the message that tells the size of the terminal.
pub(super) fn resize(size: Size) -> Bytes {
    let (width, height) = (size.columns(), size.rows());
    let mut message = vec![RESIZE];
    message.extend_from_slice(format!(r#"{{"Width":{width},"Height":{height}}}"#).as_bytes());
    message.into()
}

/// Returns the message that tells the end of input, which must be exactly these two bytes.
pub(super) fn end_of_input() -> Bytes {
    Bytes::from_static(&[CLOSE, STDIN])
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::properties;

    #[test]
    fn the_first_byte_names_the_channel() {
        for (message, expected) in [
            (
                &b"\x01out"[..],
                Received::Stdout(Bytes::from_static(b"out")),
            ),
            (b"\x02err", Received::Stderr(Bytes::from_static(b"err"))),
            (b"\x03{}", Received::Status(Bytes::from_static(b"{}"))),
            (b"", Received::Nothing),
            (b"\x01", Received::Nothing),
            (b"\x03", Received::Nothing),
            (b"\x00typed", Received::Nothing),
            (b"\x07what", Received::Nothing),
            (b"\xff\x00", Received::Nothing),
        ] {
            assert_eq!(
                received(Bytes::from_static(message)),
                expected,
                "{message:?}"
            );
        }
    }

    #[test]
    fn messages_to_the_server_are_those_of_the_protocol() {
        assert_eq!(stdin(b"ls\r")[..], *b"\x00ls\r");
        let size = Size::new(100, 30).unwrap();
        assert_eq!(resize(size)[..], *b"\x04{\"Width\":100,\"Height\":30}");
        assert_eq!(end_of_input()[..], [255, 0]);
    }

    proptest! {
        #![proptest_config(properties::config())]

        #[test]
        fn what_is_no_output_and_no_status_is_nothing(message in vec(any::<u8>(), 0..40)) {
            let rest = || Bytes::copy_from_slice(&message[1..]);
            let expected = match (message.first(), message.len()) {
                (Some(1), 2..) => Received::Stdout(rest()),
                (Some(2), 2..) => Received::Stderr(rest()),
                (Some(3), 2..) => Received::Status(rest()),
                _ => Received::Nothing,
            };
            prop_assert_eq!(received(message.clone().into()), expected);
        }

        #[test]
        fn a_size_is_told_as_kubernetes_reads_it(columns in 1..=1000_u16, rows in 1..=1000_u16) {
            let message = resize(Size::new(columns, rows).unwrap());
            let told: serde_json::Value = serde_json::from_slice(&message[1..]).unwrap();
            prop_assert_eq!(message[0], RESIZE);
            prop_assert_eq!(told, serde_json::json!({ "Width": columns, "Height": rows }));
        }
    }
}
