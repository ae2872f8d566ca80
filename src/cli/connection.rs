//! The words that say which cluster is meant, and as whom: those of kubectl, which hands none of
//! its own to a plugin.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, CommandFactory};

use super::Cli;

/// Which cluster, and as whom. Names and meanings are kubectl's (`kubectl options`).
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Cluster")]
pub struct ConnectionArgs {
    /// The kubeconfig file
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// The context of the kubeconfig
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// The namespace of the pod
    #[arg(short, long, global = true, value_name = "NAME")]
    pub namespace: Option<String>,
    /// The cluster of the kubeconfig, instead of the context's
    #[arg(long, global = true, value_name = "NAME")]
    pub cluster: Option<String>,
    /// The user of the kubeconfig, instead of the context's
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// The address of the API server
    #[arg(short, long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// The bearer token
    #[arg(long, global = true, value_name = "TOKEN")]
    pub token: Option<String>,
    /// Whom to act as: a user, or system:serviceaccount:NAMESPACE:NAME
    #[arg(long = "as", global = true, value_name = "USER")]
    pub act_as: Option<String>,
    /// A group to act as a member of; can be repeated
    #[arg(long = "as-group", global = true, value_name = "GROUP")]
    pub as_groups: Vec<String>,
    /// The UID to act as
    #[arg(long, global = true, value_name = "UID")]
    pub as_uid: Option<String>,
    /// What else to say of whom one acts as; can be repeated
    #[arg(long = "as-user-extra", global = true, value_name = "KEY=VALUE")]
    pub as_user_extra: Vec<String>,
    /// The file with the certificates of the authorities to trust
    #[arg(long, global = true, value_name = "FILE")]
    pub certificate_authority: Option<PathBuf>,
    /// The file with the client certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub client_certificate: Option<PathBuf>,
    /// The file with the key of the client certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub client_key: Option<PathBuf>,
    /// Do not check the server's certificate, and so trust whoever answers
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub insecure_skip_tls_verify: Option<bool>,
    /// The name that the server's certificate must have
    #[arg(long, global = true, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// How long one request may take, such as 5s; 0 for no limit [default: 15s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = request_timeout)]
    pub request_timeout: Option<Duration>,
    /// Accepted for the sake of command lines written for kubectl
    #[arg(long, global = true, hide = true, value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
    /// Accepted for the sake of command lines written for kubectl
    #[arg(long, global = true, hide = true, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub disable_compression: Option<bool>,
    /// Accepted for the sake of command lines written for kubectl
    #[arg(long, global = true, hide = true, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub match_server_version: Option<bool>,
}

impl ConnectionArgs {
    /// Returns the flags that say which cluster and as whom, for a line to paste: no token, and not the namespace.
    pub fn words(&self) -> Vec<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let token = self.token.as_ref().map(|_| "TOKEN".to_owned());
        let skips = self.insecure_skip_tls_verify;
        let once = [
            ("--kubeconfig", path(&self.kubeconfig)),
            ("--context", self.context.clone()),
            ("--cluster", self.cluster.clone()),
            ("--user", self.user.clone()),
            ("--server", self.server.clone()),
            ("--token", token),
            ("--as", self.act_as.clone()),
            ("--as-uid", self.as_uid.clone()),
            ("--certificate-authority", path(&self.certificate_authority)),
            ("--client-certificate", path(&self.client_certificate)),
            ("--client-key", path(&self.client_key)),
            (
                "--insecure-skip-tls-verify",
                skips.map(|skips| skips.to_string()),
            ),
            ("--tls-server-name", self.tls_server_name.clone()),
        ];
        let often = [
            ("--as-group", &self.as_groups),
            ("--as-user-extra", &self.as_user_extra),
        ];
        let once = once
            .into_iter()
            .filter_map(|(flag, value)| Some((flag, value.filter(|value| !value.is_empty())?)));
        let often = often
            .into_iter()
            .flat_map(|(flag, values)| values.iter().map(move |value| (flag, value.clone())));
        once.chain(often)
            .map(|(flag, value)| format!("{flag}={value}"))
            .collect()
    }
}

/// Writes flags as they are known: kubectl takes `_` for `-` in their names.
///
/// What follows `--` is the container's command, and a word that is no flag of ours stays as it is.
pub(super) fn with_dashes(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let words: Vec<OsString> = words.into_iter().collect();
    let is_meant = |word: &OsString| {
        let word = word.to_str().unwrap_or_default();
        word.starts_with("--") && word.contains('_')
    };
    // To know all flags takes as long as to parse the words.
    if !words.iter().any(is_meant) {
        return words;
    }
    let command = Cli::command();
    let known: Vec<_> = command
        .get_arguments()
        .filter_map(|argument| argument.get_long())
        .collect();
    let mut ours = true;
    words
        .into_iter()
        .map(|word| {
            ours &= word != "--";
            match word.to_str().filter(|_| ours) {
                Some(text) => dashed(text, &known).map_or(word, OsString::from),
                None => word,
            }
        })
        .collect()
}

fn dashed(word: &str, known: &[&str]) -> Option<String> {
    let flag = word.strip_prefix("--")?;
    let (name, value) = match flag.split_once('=') {
        Some((name, value)) => (name, format!("={value}")),
        None => (flag, String::new()),
    };
    let name = name.replace('_', "-");
    known
        .contains(&name.as_str())
        .then(|| format!("--{name}{value}"))
}

/// Reads a limit as kubectl does: a duration, or a number of seconds.
fn request_timeout(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => super::duration::duration(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn underscores_in_the_names_of_flags_are_dashes() {
        for (given, expected) in [
            (
                &["web", "--tls_server_name=a_b"][..],
                &["web", "--tls-server-name=a_b"][..],
            ),
            (&["--as_group", "x_y"], &["--as-group", "x_y"]),
            (
                &["web", "--", "ls", "--as_group"],
                &["web", "--", "ls", "--as_group"],
            ),
            (&["--no_such"], &["--no_such"]),
            (&["--request_timeout=5"], &["--request-timeout=5"]),
        ] {
            let given = given.iter().map(OsString::from);
            assert_eq!(with_dashes(given), expected);
        }
    }

    #[test]
    fn a_limit_is_a_duration_or_a_number_of_seconds() {
        for (text, seconds) in [("5", 5), ("5s", 5), ("2m", 120), ("0", 0)] {
            assert_eq!(
                request_timeout(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        assert!(request_timeout("soon").is_err());
    }
}
