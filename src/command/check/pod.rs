//! What can be said about one pod.

use k8s_openapi::api::core::v1::Pod;

use super::finding::{Answer, Finding};
use crate::{
    cli::{Cli, Color},
    cluster::Cluster,
    command::{
        add::{LetIn, trial},
        who::Search,
    },
    container::{
        self, DebugRequest, Profile, ProfileWish, Target, TargetWish, Who, parts, policy::Cause,
    },
    error::Error,
    report::Reporter,
    shell::There,
};

/// The profiles that `auto` tries, which are those that Pod Security tells apart.
const PROFILES: [Profile; 3] = [Profile::General, Profile::Baseline, Profile::Restricted];

/// The pod that was meant, or why there is none.
pub(super) enum Found {
    There(Box<Pod>),
    /// With how it was named, and its own name if that is known.
    Not(String, Option<String>, Error),
}

impl Found {
    /// Returns the name of the pod.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::There(pod) => pod.metadata.name.as_deref(),
            Self::Not(_, name, _) => name.as_deref(),
        }
    }
}

/// Finds the pod that was named, or one of the workload that was.
pub(super) async fn find(cluster: &Cluster, who: &Who, report: &Reporter) -> Found {
    let (shown, name) = match who {
        Who::Pod(name) => (format!("pod {}", name.as_str()), Some(name.as_str())),
        Who::Workload(workload) => (workload.word(), None),
    };
    let name = name.map(str::to_owned);
    match Search::Named(who).pod(cluster, report).await {
        Ok(Some(pod)) => Found::There(Box::new(pod)),
        Ok(None) => Found::Not(shown, name, Error::usage("no pod named")),
        Err(error) => Found::Not(shown, name, error),
    }
}

/// Looks at a pod, if one was named, and asks the server whether it would let a container in.
pub(super) async fn findings(cluster: &Cluster, found: Option<&Found>) -> Vec<Finding> {
    let pod = match found {
        Some(Found::There(pod)) => pod,
        Some(Found::Not(shown, _, error)) => {
            return vec![Finding::failed(shown, answer(error), error).needed()];
        }
        None => return Vec::new(),
    };
    let name = parts::name(pod);
    let mut findings = vec![fitness(name, pod, cluster.there()), target(pod)];
    findings.extend(admission(cluster, name, pod).await);
    findings
}

fn fitness(name: &str, pod: &Pod, there: &There) -> Finding {
    let check = format!("pod {name} can take one");
    match container::check_pod(pod, there) {
        Ok(()) => Finding::new(check, Answer::Yes),
        Err(error) => Finding::failed(check, Answer::No, &error),
    }
    .needed()
}

fn target(pod: &Pod) -> Finding {
    let check = "processes to see";
    match container::choose_target(&TargetWish::Main, pod) {
        Ok(Target::Main(name) | Target::Named(name)) => {
            Finding::new(check, Answer::Yes).remark(format!("those of container `{name}`"))
        }
        Ok(Target::Shared) => {
            Finding::new(check, Answer::Yes).remark("those of all containers, which share them")
        }
        Ok(Target::OfNode) => Finding::new(check, Answer::Yes).remark("those of the whole node"),
        Ok(Target::NotRunning(name)) => Finding {
            cure: Some("--target names another container".to_owned()),
            ..Finding::new(check, Answer::No).remark(format!("container `{name}` does not run"))
        },
        Ok(Target::None) => Finding::new(check, Answer::No),
        Err(error) => Finding::failed(check, Answer::No, &error),
    }
}

/// Tries what the main job would send, with each profile and with the one that it would come to.
async fn admission(cluster: &Cluster, name: &str, pod: &Pod) -> Vec<Finding> {
    let request = match request(name) {
        Ok(request) => request,
        Err(error) => {
            let check = "a container would be let in";
            return vec![Finding::failed(check, Answer::Unknown, &error).needed()];
        }
    };
    // What is said on the way is said in the findings.
    let quiet = Reporter::new(true, Color::Never);
    let tried = |wish| Box::pin(trial(cluster, &request, pod, wish, &quiet));
    let named = PROFILES.map(|profile| tried(ProfileWish::Named(profile)));
    let [general, baseline, restricted] = named;
    let (auto, general, baseline, restricted) =
        tokio::join!(tried(ProfileWish::Auto), general, baseline, restricted);
    let named = PROFILES.into_iter().zip([general, baseline, restricted]);
    let named = named.map(|(profile, tried)| {
        let check = format!("profile {}", profile.name());
        match tried {
            Ok(_) => Finding::new(check, Answer::Yes),
            Err(error) => refused(check, &error),
        }
    });
    [let_in(auto)].into_iter().chain(named).collect()
}

/// Reads the words of the main job where nothing but the pod is named.
fn request(name: &str) -> Result<DebugRequest, Error> {
    let words = ["kubectl-ephemeral".to_owned(), format!("pod/{name}")];
    let cli = Cli::parse_words(words.map(Into::into));
    let cli = cli.map_err(|_| Error::usage(format!("`{name}` cannot be the name of a pod")))?;
    DebugRequest::new(&cli.debug, true, true)
}

fn let_in(tried: Result<LetIn, Error>) -> Finding {
    let check = "a container would be let in";
    let remark = match tried {
        Ok(LetIn::AsWished) => "with the first profile of `auto`".to_owned(),
        Ok(LetIn::SteppedDown(Cause::PodSecurity(level))) => {
            format!("with the profile `{}`", level.name())
        }
        Ok(LetIn::SteppedDown(Cause::Constraints)) => {
            "with what security context constraints set".to_owned()
        }
        Ok(LetIn::Bare) => "without a security context, which this server does not take".to_owned(),
        Err(error) => return refused(check.to_owned(), &error).needed(),
    };
    Finding::new(check, Answer::Yes).remark(remark).needed()
}

fn refused(check: String, error: &Error) -> Finding {
    if matches!(error, Error::Forbidden { .. }) {
        return Finding::new(check, Answer::Unknown)
            .remark("only who may patch pods/ephemeralcontainers can find out");
    }
    Finding::failed(check, answer(error), error)
}

/// Tells a refusal from a server that could not answer.
fn answer(error: &Error) -> Answer {
    let is_silence = matches!(
        error,
        Error::Unreachable { .. }
            | Error::Untrusted { .. }
            | Error::NoAnswer { .. }
            | Error::Unexpected { .. }
    );
    if is_silence {
        Answer::Unknown
    } else {
        Answer::No
    }
}
