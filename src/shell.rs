//! Words as a shell reads them, for the lines that are there to be pasted.

/// Quotes a word for a POSIX shell, where it needs that.
///
/// A name that comes from a cluster is quoted too: a server that is not honest could else have
/// whoever pastes the line run what it likes.
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns the line that goes back to a container.
pub fn line_back(pod: &str, container: &str, namespace: &str) -> String {
    let [pod, container, namespace] = [pod, container, namespace].map(quoted);
    format!("kubectl ephemeral attach pod/{pod} -c {container} -n {namespace}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_each_word_as_one() {
        for (word, expected) in [
            ("busybox:1.37", "busybox:1.37"),
            ("--env=A=b,c", "--env=A=b,c"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$HOME", "'$HOME'"),
            ("it's", r"'it'\''s'"),
            ("a;reboot\n", "'a;reboot\n'"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }

    #[test]
    fn a_name_cannot_break_out_of_the_line_back() {
        assert_eq!(
            line_back("app", "debugger-x7k2p", "shop"),
            "kubectl ephemeral attach pod/app -c debugger-x7k2p -n shop"
        );
        assert_eq!(
            line_back("app", "x;reboot", "shop"),
            "kubectl ephemeral attach pod/app -c 'x;reboot' -n shop"
        );
    }
}
