//! No run of the plugin may show a secret: whatever its kubeconfigs, flags and variables hold is looked
//! for in all that it says, unless the test names what may be shown, and by that says why it must.

use std::{
    cell::RefCell,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine, engine::general_purpose::STANDARD};

/// A token that no output of any test may show.
pub(crate) const TOKEN: &str = "s3cr3t-0f-the-tests";

/// Fields of a kubeconfig that hold secrets.
const FIELDS: [&str; 6] = [
    "token:",
    "password:",
    "client-key-data:",
    "id-token:",
    "refresh-token:",
    "client-secret:",
];
/// What is shorter is no secret but a word, and stands in many sentences.
const SHORTEST: usize = 8;

thread_local! {
    /// All secrets of all runs of this test so far: each test has a thread of its own.
    static KNOWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Remembers a secret.
fn learn(secret: &str) {
    let secret = secret.trim_matches(['\'', '"', ' ']);
    if secret.len() >= SHORTEST {
        KNOWN.with_borrow_mut(|known| {
            if !known.iter().any(|other| other == secret) {
                known.push(secret.to_owned());
            }
        });
    }
}

/// Remembers the secrets of a run from what it is started with.
pub(crate) fn learn_from(args: &[OsString], command: &Command) {
    learn(TOKEN);
    let mut files = Vec::new();
    let words: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    for (at, word) in words.iter().enumerate() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, value.to_owned()),
            None => (
                word.as_ref(),
                words
                    .get(at + 1)
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
        };
        match flag {
            "--token" => learn(&value),
            "--kubeconfig" => files.push(PathBuf::from(value)),
            _ => {}
        }
    }
    let variables = command.get_envs();
    for (name, value) in variables.filter_map(|(name, value)| Some((name, value?))) {
        if name == "KUBECONFIG" {
            files.extend(std::env::split_paths(value));
        } else if name.to_string_lossy().to_lowercase().ends_with("_proxy") {
            learn_login(&value.to_string_lossy());
        }
    }
    for file in &files {
        learn_file(file);
    }
}

/// Remembers the secrets of a kubeconfig.
pub(crate) fn learn_file(kubeconfig: &Path) {
    // Some tests are about files that are not there, or would be waited for, such as named pipes.
    if !kubeconfig.is_file() {
        return;
    }
    let text = fs::read(kubeconfig).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    for field in FIELDS {
        for (at, _) in text.match_indices(field) {
            let value = text[at + field.len()..].split([',', '}', '\n']).next();
            let value = value.unwrap_or_default().trim();
            learn(value);
            if field == "client-key-data:"
                && let Ok(pem) = STANDARD.decode(value)
            {
                let pem = String::from_utf8_lossy(&pem).into_owned();
                pem.lines()
                    .filter(|line| !line.starts_with("-----"))
                    .for_each(learn);
            }
        }
    }
    text.split("proxy-url:").skip(1).for_each(learn_login);
}

/// Remembers the password in a URL.
fn learn_login(text: &str) {
    let line = text.lines().next().unwrap_or_default();
    let authority = line.split("://").nth(1).unwrap_or_default();
    if let Some((login, _)) = authority.rsplit_once('@')
        && let Some((_, password)) = login.split_once(':')
    {
        learn(password);
    }
}

/// Fails if a secret stands in what was said, but for those that may.
pub(crate) fn assert_none_in(said: &[u8], may_show: &[String]) {
    let said = String::from_utf8_lossy(said);
    let known = KNOWN.with_borrow(Clone::clone);
    let shown = known
        .iter()
        .filter(|secret| !may_show.contains(secret))
        .find(|secret| said.contains(secret.as_str()));
    assert!(shown.is_none(), "a secret is shown: {shown:?} in\n{said}");
}
