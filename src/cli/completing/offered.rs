//! The words that the definition of the command line offers: verbs, flags, and values of flags.

use clap::{Arg, ArgAction, Command};

use super::{Candidate, Question};
use crate::cli::WorkloadKind;

/// Returns the verbs with what they do.
pub(super) fn verbs(command: &Command) -> Vec<Candidate> {
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    verbs
        .map(|verb| candidate(verb.get_name(), verb.get_about()))
        .collect()
}

/// Returns the ways to write a flag that is not hidden, with what it does.
pub(super) fn spellings(flag: &Arg) -> Vec<Candidate> {
    let Some(long) = flag.get_long().filter(|_| !flag.is_hide_set()) else {
        return Vec::new();
    };
    // These change something with a value only.
    let values = match flag.get_id().as_str() {
        "attach" => &["=false"][..],
        "dry_run" => &["=client", "=server"],
        _ => &[""],
    };
    let spelled = values.iter().map(|value| format!("--{long}{value}"));
    spelled
        .map(|word| candidate(&word, flag.get_help()))
        .collect()
}

/// Tells whether a flag may be given more than once.
pub(super) fn is_repeated(flag: &Arg) -> bool {
    matches!(flag.get_action(), ArgAction::Append | ArgAction::Count)
}

/// Returns the values that a definition lists.
pub(super) fn listed(flag: &Arg) -> Vec<Candidate> {
    let values = flag.get_possible_values();
    let values = values.iter().filter(|value| !value.is_hide_set());
    values
        .map(|value| candidate(value.get_name(), value.get_help()))
        .collect()
}

/// Returns what a value of a flag may be, of a verb or of the main job.
pub(super) fn value(flag: &Arg, verb: Option<&str>, is_reused: bool) -> Question {
    match (flag.get_id().as_str(), verb) {
        ("namespace", _) => Question::Namespace,
        ("context", _) => Question::Context,
        ("cluster", _) => Question::Cluster,
        ("user", _) => Question::User,
        ("image", _) => Question::Image,
        ("target", _) => Question::Target,
        ("container", Some(_)) => Question::Ephemeral,
        // Elsewhere it is a new name.
        ("container", None) if is_reused => Question::Ephemeral,
        ("custom" | "filename", _) => Question::File(&["yaml", "yml", "json"]),
        ("kubeconfig" | "certificate_authority" | "client_certificate" | "client_key", _) => {
            Question::File(&[])
        }
        ("cache_dir", _) => Question::Folder,
        ("dry_run", _) => words(&["none", "client", "server"]),
        ("output", None) => words(&["json", "yaml", "name"]),
        ("run_as", _) => words(&["target", "root"]),
        ("detach_keys", _) => words(&["ctrl-p,ctrl-q"]),
        // Not `~`, which is what it is without the flag: to a shell that is the home.
        ("escape_char", _) => words(&["none"]),
        ("verbosity", _) => words(&["6", "7", "8"]),
        _ => match listed(flag) {
            values if values.is_empty() => Question::Nothing,
            values => Question::Words(values),
        },
    }
}

impl Question {
    /// Returns the words that stand before the name of a pod or of what has pods, each with its `/`.
    pub fn types() -> Vec<Candidate> {
        const KINDS: [WorkloadKind; 8] = [
            WorkloadKind::CronJob,
            WorkloadKind::DaemonSet,
            WorkloadKind::Deployment,
            WorkloadKind::Job,
            WorkloadKind::ReplicaSet,
            WorkloadKind::ReplicationController,
            WorkloadKind::Service,
            WorkloadKind::StatefulSet,
        ];
        let plurals = KINDS.into_iter().map(WorkloadKind::plural);
        let plurals = plurals.chain(["pods"]);
        plurals.map(|plural| bare(&format!("{plural}/"))).collect()
    }
}

fn words(words: &[&str]) -> Question {
    Question::Words(words.iter().map(|word| bare(word)).collect())
}

fn bare(word: &str) -> Candidate {
    candidate(word, None)
}

fn candidate(word: &str, about: Option<&clap::builder::StyledStr>) -> Candidate {
    let about = about.map(ToString::to_string).unwrap_or_default();
    Candidate {
        word: word.to_owned(),
        about: about.lines().next().unwrap_or_default().to_owned(),
    }
}
