use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::*;
use crate::properties;

proptest! {
    #![proptest_config(properties::config())]

    #[test]
    fn any_bytes_for_a_status_are_an_end_with_words(status in vec(any::<u8>(), 0..60)) {
        let end = end_told(&status);
        prop_assert!(matches!(end, SessionEnd::Failed(words) if !words.is_empty()));
    }

    #[test]
    fn only_success_is_success(word in "Success|Failure|success|", message in any::<Option<String>>()) {
        let status = json!({ "kind": "Status", "status": word, "message": message });
        let expected = match (word.as_str(), message) {
            ("Success", _) => SessionEnd::Finished,
            (_, Some(message)) => SessionEnd::Failed(message),
            (_, None) => SessionEnd::Failed("the server gave no reason".to_owned()),
        };
        prop_assert_eq!(end_told(status.to_string().as_bytes()), expected);
    }
}

/// The numbers are those of Linux.
#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_broke_is_told_without_numbers_of_the_system() {
    for (number, words) in [
        (103, "the connection was cut"),
        (104, "the connection was reset"),
        (110, "the connection broke: connection timed out"),
    ] {
        let error = io::Error::from_raw_os_error(number);
        assert_eq!(why(&SocketError::Io(error)), words);
    }
}
