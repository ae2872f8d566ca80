//! Words as a shell reads them, for the lines that are there to be pasted.

use std::{fmt, sync::Arc};

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

/// Where a line to paste leads: a namespace, and the flags that said which cluster it is in and as whom. Cheap to clone.
///
/// Without the flags, a line of a session in one cluster would be about another: that of the current context.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct There {
    namespace: Arc<str>,
    flags: Arc<[String]>,
}

impl There {
    /// Says where it is; `flags` are words of the command line, of which none is a secret.
    pub fn new(namespace: impl Into<Arc<str>>, flags: Vec<String>) -> Self {
        Self {
            namespace: namespace.into(),
            flags: flags.into(),
        }
    }

    /// Returns the same cluster and user, with another namespace.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> Self {
        Self {
            namespace: namespace.into(),
            flags: Arc::clone(&self.flags),
        }
    }

    /// Returns the same cluster and user, and all of its namespaces.
    #[must_use]
    pub fn everywhere(&self) -> Self {
        self.in_namespace("")
    }

    /// Returns the words that lead to the cluster, with a space before each: for what is in no namespace.
    pub fn cluster_words(&self) -> String {
        let words = self
            .flags
            .iter()
            .flat_map(|flag| [" ".to_owned(), quoted(flag)]);
        words.collect()
    }

    /// Returns the name of the namespace; nothing stands for all of them.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

/// Writes the words that lead there: `-n shop --context prod`.
impl fmt::Display for There {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.namespace {
            "" => write!(formatter, "-A")?,
            namespace => write!(formatter, "-n {}", quoted(namespace))?,
        }
        formatter.write_str(&self.cluster_words())
    }
}

/// Returns the line that goes back to a container.
pub fn line_back(pod: &str, container: &str, there: &There) -> String {
    let [pod, container] = [pod, container].map(quoted);
    format!("kubectl ephemeral attach pod/{pod} -c {container} {there}")
}

/// Returns the line that shows what a container has written.
pub fn line_of_log(pod: &str, container: &str, there: &There) -> String {
    let [pod, container] = [pod, container].map(quoted);
    format!("kubectl logs {pod} -c {container} {there}")
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
            line_back("app", "debugger-x7k2p", &There::new("shop", Vec::new())),
            "kubectl ephemeral attach pod/app -c debugger-x7k2p -n shop"
        );
        assert_eq!(
            line_back("app", "x;reboot", &There::new("shop", Vec::new())),
            "kubectl ephemeral attach pod/app -c 'x;reboot' -n shop"
        );
    }

    #[test]
    fn a_line_leads_to_the_same_cluster_as_the_same_user() {
        let flags = ["--context", "my prod", "--as=jane"].map(str::to_owned);
        let there = There::new("shop", flags.to_vec());
        assert_eq!(
            line_back("app", "shell", &there),
            "kubectl ephemeral attach pod/app -c shell -n shop --context 'my prod' --as=jane"
        );
        assert_eq!(
            there.in_namespace("").to_string(),
            "-A --context 'my prod' --as=jane"
        );
    }
}
