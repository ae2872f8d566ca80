//! Completes words: the answer to a shell that asks, in the form of cobra's scripts, which kubectl's are.

mod install;
mod script;

use std::{fmt::Write as _, ops::ControlFlow, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use tokio::{runtime::Handle, task, time};

use crate::{
    cli::{
        Candidate, Completing, CompletionArgs, CompletionOf, ConnectionArgs, Program, Question,
        completion_limit, default_image,
    },
    cluster::{Cluster, NamedObject, Voice},
    container::{self, Who},
    error::Error,
    exit_status::ExitStatus,
    kubeconfig::{self, Names},
    report::{Reporter, harmless},
    terminal,
};

/// Cobra's `ShellCompDirective`, of which each bit is a wish to the shell.
const DEFAULT: u8 = 0;
const NO_SPACE: u8 = 2;
const NO_FILES: u8 = 4;
const FILTER_EXTENSIONS: u8 = 8;
const FILTER_FOLDERS: u8 = 16;
const KEEP_ORDER: u8 = 32;

/// What the API says of a pod that runs.
const RUNNING: &str = "Running";
/// How much longer than its limit something may take that cannot be broken off.
const GRACE: Duration = Duration::from_millis(50);

/// Prints a shell's script, or installs the link that kubectl looks for.
pub(super) fn run(
    args: &CompletionArgs,
    program: &Program,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let script = match args.of {
        CompletionOf::Bash => script::BASH,
        CompletionOf::Zsh => script::ZSH,
        CompletionOf::Fish => script::FISH,
        CompletionOf::Powershell => script::POWERSHELL,
        CompletionOf::Elvish => script::ELVISH,
        CompletionOf::Install => return install::run(program, report),
    };
    report.document(script::of(script, program).trim_end())?;
    Ok(ExitStatus::Done)
}

/// Answers a shell. Whatever goes wrong is an answer that says less: somebody is typing, and wants no errors.
pub async fn answer(asked: Completing, report: &Reporter) -> ExitStatus {
    // Of ours nothing is said there; a credential plug-in may.
    terminal::silence_stderr().ok();
    let found = candidates(&asked).await;
    let directive = directive(&asked.question, &found);
    let mut lines = found.iter().fold(String::new(), |mut lines, candidate| {
        lines.push_str(&line(&asked, candidate));
        lines
    });
    // A String takes everything.
    write!(lines, ":{directive}").ok();
    // A shell that has gone away wants nothing any more.
    report.document(&lines).ok();
    ExitStatus::Done
}

fn line(asked: &Completing, candidate: &Candidate) -> String {
    let Candidate { word, about } = candidate;
    let about = if about.is_empty() {
        String::new()
    } else {
        format!("\t{}", harmless(about))
    };
    format!("{}{word}{about}\n", asked.kept)
}

fn directive(question: &Question, found: &[Candidate]) -> u8 {
    // The name follows.
    let is_unfinished = !found.is_empty() && found.iter().all(|it| it.word.ends_with('/'));
    match question {
        Question::File([]) => DEFAULT,
        Question::File(_) => FILTER_EXTENSIONS,
        Question::Folder => FILTER_FOLDERS,
        Question::PodOr(_) if is_unfinished => NO_SPACE | NO_FILES,
        // What is most likely meant comes first.
        Question::Pod | Question::PodOr(_) | Question::Ephemeral | Question::Image => {
            NO_FILES | KEEP_ORDER
        }
        Question::Nothing
        | Question::Words(_)
        | Question::Context
        | Question::Cluster
        | Question::User
        | Question::Namespace
        | Question::Workload(_)
        | Question::Target => NO_FILES,
    }
}

/// Finds what may stand at the cursor.
async fn candidates(asked: &Completing) -> Vec<Candidate> {
    let mut found = match &asked.question {
        Question::Nothing | Question::Folder => Vec::new(),
        Question::File(extensions) => {
            // These are no words, but what the shell is to look for.
            return extensions.iter().map(|it| plain(it)).collect();
        }
        Question::Words(words) => words.clone(),
        Question::PodOr(words) => {
            let mut all = in_time(asked).await;
            // A pod that is named as a verb is written `pod/NAME`.
            all.retain(|pod| words.iter().all(|verb| verb.word != pod.word));
            all.extend_from_slice(words);
            all.extend(Question::types());
            all
        }
        Question::Image => {
            let mut all = in_time(asked).await;
            let image = default_image();
            if !all.iter().any(|it| it.word == image) {
                all.push(plain(&image));
            }
            all
        }
        Question::Context
        | Question::Cluster
        | Question::User
        | Question::Namespace
        | Question::Pod
        | Question::Workload(_)
        | Question::Target
        | Question::Ephemeral => in_time(asked).await,
    };
    found.retain(|it| it.word.starts_with(&asked.begun));
    found
}

/// Asks files and cluster, and takes no longer than may be.
///
/// On a thread, because a file may be one that never ends; what waits for the network or for a plug-in is
/// dropped in time, which ends the plug-in.
async fn in_time(asked: &Completing) -> Vec<Candidate> {
    let limit = completion_limit();
    let (handle, asked) = (Handle::current(), asked.clone());
    let looking = task::spawn_blocking(move || {
        let mut found = Vec::new();
        // Of what takes longer, or fails on the way, what was found by then is an answer.
        handle
            .block_on(time::timeout(limit, look_up(&asked, &mut found)))
            .ok();
        if matches!(asked.question, Question::Pod | Question::PodOr(_)) {
            // Those that run come first.
            found.sort_by_key(|it| it.about != RUNNING);
        }
        found
    });
    let found = time::timeout(limit + GRACE, looking).await;
    let mut found = found.ok().and_then(Result::ok).unwrap_or_default();
    found.retain(|it| is_plain(&it.word));
    found
}

async fn look_up(asked: &Completing, found: &mut Vec<Candidate>) -> Result<(), Error> {
    let args = &asked.connection;
    // The user is typing there.
    kubeconfig::leave_stdin_alone(args)?;
    let names = || Names::read(args.kubeconfig.as_deref());
    let mut take = |objects: Vec<NamedObject>| {
        let is_enough = objects
            .last()
            .is_some_and(|last| is_past(&last.name, &asked.begun));
        let pairs = objects.into_iter().map(|it| (it.name, it.status));
        found.extend(named(pairs.collect()));
        if is_enough {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    *found = match &asked.question {
        Question::Context => plains(&names()?.contexts),
        Question::Cluster => plains(&names()?.clusters),
        Question::User => plains(&names()?.users),
        Question::Namespace => {
            let cluster = cluster(args).await?;
            return cluster.each_page_of_namespace_names(&mut take).await;
        }
        Question::Pod | Question::PodOr(_) => {
            let cluster = cluster(args).await?;
            return cluster.each_page_of_pod_names(&mut take).await;
        }
        Question::Workload(kind) => {
            let cluster = cluster(args).await?;
            return cluster.each_page_of_workload_names(*kind, &mut take).await;
        }
        Question::Target => named(container::targets_to_complete(&pod(asked).await?)),
        Question::Ephemeral => named(container::ephemeral_to_complete(&pod(asked).await?)),
        Question::Image => plains(&container::images_to_complete(&pod(asked).await?)),
        Question::Nothing | Question::File(_) | Question::Folder | Question::Words(_) => Vec::new(),
    };
    Ok(())
}

/// Tells whether all names after this one are too late in the alphabet to begin so.
fn is_past(name: &str, begun: &str) -> bool {
    name > begun && !name.starts_with(begun)
}

async fn cluster(args: &ConnectionArgs) -> Result<Cluster, Error> {
    let access = kubeconfig::resolve(args, false).await?;
    // To renew a login and be cut off before the new tokens are kept would end it for good. Nobody waits for
    // that here.
    if access.credentials.openid().is_some_and(|it| !it.is_good()) {
        return Err(Error::usage("the login has expired"));
    }
    let cluster = Cluster::connect(access, Voice::silent()).await?;
    Ok(cluster.impatient())
}

/// Reads the pod that the words name; of a workload the one that would be chosen.
async fn pod(asked: &Completing) -> Result<Pod, Error> {
    let who = Who::parse(asked.pod.as_deref().unwrap_or_default())?;
    let cluster = cluster(&asked.connection).await?;
    match who {
        Who::Pod(name) => cluster.pod(name.as_str()).await,
        Who::Workload(workload) => {
            let choice = container::choose_pod(cluster.pods_of(&workload).await?);
            let none = || Error::usage("the workload has no pods");
            Ok(choice.ok_or_else(none)?.pod)
        }
    }
}

fn named(pairs: Vec<(String, String)>) -> Vec<Candidate> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(word, about)| Candidate { word, about })
        .collect()
}

fn plains(words: &[String]) -> Vec<Candidate> {
    words.iter().map(|word| plain(word)).collect()
}

fn plain(word: &str) -> Candidate {
    Candidate {
        word: word.to_owned(),
        about: String::new(),
    }
}

/// Tells a word that no shell takes for more than a word: what is chosen is put on the command line as it is.
fn is_plain(word: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-._:/@+=,%".contains(letter);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_obey_are_not_offered() {
        for (word, expected) in [
            ("web-0", true),
            ("arn:aws:eks:eu-1:123:cluster/shop", true),
            ("kubernetes-admin@kubernetes", true),
            ("nicolaka/netshoot:v0.13@sha256:0a", true),
            ("größe", true),
            ("", false),
            ("-rf", false),
            ("a b", false),
            ("$(id)", false),
            ("`id`", false),
            ("a;b", false),
            ("a\u{1b}[2J", false),
            ("a\u{202e}b", false),
            ("~", false),
        ] {
            assert_eq!(is_plain(word), expected, "{word:?}");
        }
    }
}
