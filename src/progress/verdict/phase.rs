//! What goes on meanwhile, in a few words.

use std::time::Duration;

use super::{Phase, Step, Waiter};
use crate::{
    container::parts,
    progress::{silence, trouble::Trouble},
};

impl Waiter {
    /// What goes on while nothing is wrong.
    pub(super) fn phase(&self) -> Phase {
        let image = &self.subject.image;
        if parts::is_unscheduled(&self.pod) {
            return self.unscheduled();
        }
        if self.is_silent() {
            return self.silence();
        }
        let what = match self.heard.step {
            Step::Pulling => format!("pulling image `{image}`"),
            Step::Created | Step::Started => "starting the container".to_owned(),
            // `PodInitializing` is what kubelets say of any pod that has init containers, long
            // after those are done.
            Step::None | Step::Pulled => match self.status_said.0.as_str() {
                "" | "ContainerCreating" | "PodInitializing" => "creating the container".to_owned(),
                other => other.to_owned(),
            },
        };
        plain(what)
    }

    fn unscheduled(&self) -> Phase {
        let conditions = self
            .pod
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten());
        let mut reasons = conditions
            .filter(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
        let said = reasons
            .next()
            .and_then(|condition| condition.message.as_deref());
        match (said, &self.heard.of_the_pod) {
            (Some(words), _) => with_words("no node takes the pod", words),
            (None, Some(heard)) => heard.clone(),
            (None, None) => plain("no node has taken the pod yet".to_owned()),
        }
    }

    fn silence(&self) -> Phase {
        if let Some(heard) = &self.heard.of_the_pod {
            return heard.clone();
        }
        match (&self.node, self.node_name()) {
            (Some(view), Some(node)) => plain(silence::explained(&self.pod, &node, view)),
            _ => plain("the node has not answered yet".to_owned()),
        }
    }

    pub(super) fn pulled_again(&self, trouble: &Trouble) -> Phase {
        Phase {
            what: format!("pulling image `{}` again", self.subject.image),
            message: trouble.message.clone(),
            next_try: None,
        }
    }
}

/// A trouble that may pass.
pub(super) fn tried_again(trouble: &Trouble, next_try: Option<Duration>) -> Phase {
    Phase {
        what: format!("{}; it is tried again", trouble.cause),
        message: trouble.message.clone(),
        next_try,
    }
}

fn plain(what: String) -> Phase {
    Phase {
        what,
        message: String::new(),
        next_try: None,
    }
}

/// Says it in the cluster's words too, as far as they fit on a line.
pub(super) fn with_words(what: &str, words: &str) -> Phase {
    let first = words.lines().next().unwrap_or_default();
    plain(format!("{what}: {first}"))
}
