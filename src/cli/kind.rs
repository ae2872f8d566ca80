//! The words that name a kind of object whose pods can be debugged: kubectl's.

/// A kind of object that stands for pods.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WorkloadKind {
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    CronJob,
    Service,
    ReplicationController,
}

/// What a word in front of `/` names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A pod itself.
    Pod,
    /// What has pods.
    Workload(WorkloadKind),
    /// A node, which has no containers to add to.
    Node,
}

/// How a kind is named: its API group, its plural, its singular and its short name.
struct Words {
    kind: Kind,
    group: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static str,
}

const WORDS: [Words; 10] = [
    words(Kind::Pod, "", "pods", "pod", "po"),
    words(
        Kind::Workload(WorkloadKind::Deployment),
        "apps",
        "deployments",
        "deployment",
        "deploy",
    ),
    words(
        Kind::Workload(WorkloadKind::ReplicaSet),
        "apps",
        "replicasets",
        "replicaset",
        "rs",
    ),
    words(
        Kind::Workload(WorkloadKind::StatefulSet),
        "apps",
        "statefulsets",
        "statefulset",
        "sts",
    ),
    words(
        Kind::Workload(WorkloadKind::DaemonSet),
        "apps",
        "daemonsets",
        "daemonset",
        "ds",
    ),
    words(
        Kind::Workload(WorkloadKind::Job),
        "batch",
        "jobs",
        "job",
        "",
    ),
    words(
        Kind::Workload(WorkloadKind::CronJob),
        "batch",
        "cronjobs",
        "cronjob",
        "cj",
    ),
    words(
        Kind::Workload(WorkloadKind::Service),
        "",
        "services",
        "service",
        "svc",
    ),
    words(
        Kind::Workload(WorkloadKind::ReplicationController),
        "",
        "replicationcontrollers",
        "replicationcontroller",
        "rc",
    ),
    words(Kind::Node, "", "nodes", "node", "no"),
];

const fn words(
    kind: Kind,
    group: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static str,
) -> Words {
    Words {
        kind,
        group,
        plural,
        singular,
        short,
    }
}

impl Kind {
    /// Returns what a word names: `deployment`, `deployments`, `deploy`, `Deployment`,
    /// `deployments.apps` and `deployments.v1.apps` are the same, as in kubectl.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let (name, of) = match word.split_once('.') {
            Some((name, of)) => (name, Some(of)),
            None => (word.as_str(), None),
        };
        let is_named = |words: &&Words| {
            !name.is_empty() && [words.plural, words.singular, words.short].contains(&name)
        };
        let words = WORDS.iter().find(is_named)?;
        let is_group = match of {
            None => true,
            // The core group has no name, so that only its version can follow: `pods.v1.`.
            Some(of) => {
                of == format!("v1.{}", words.group) || (of == words.group && !of.is_empty())
            }
        };
        is_group.then_some(words.kind)
    }

    /// Returns all words that name a kind, for those who mistype one.
    pub fn all_words() -> Vec<String> {
        let names = WORDS
            .iter()
            .flat_map(|words| [words.singular, words.plural]);
        names.map(str::to_owned).collect()
    }
}

impl WorkloadKind {
    /// Returns the word that a sentence has: `deployment`.
    pub fn singular(self) -> &'static str {
        self.words().singular
    }

    /// Returns the word that access rules and addresses have: `deployments`.
    pub fn plural(self) -> &'static str {
        self.words().plural
    }

    /// Returns the API group; that of the core is empty. Each is at version `v1`.
    pub fn group(self) -> &'static str {
        self.words().group
    }

    fn words(self) -> &'static Words {
        let is_ours = |words: &&Words| words.kind == Kind::Workload(self);
        // Every kind has its words, which a test holds to.
        WORDS.iter().find(is_ours).unwrap_or(&WORDS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_in_every_way_of_kubectl() {
        use WorkloadKind::{CronJob, DaemonSet, Deployment, Job, ReplicaSet, Service, StatefulSet};
        for (words, kind) in [
            (
                &[
                    "deploy",
                    "deployment",
                    "deployments",
                    "Deployment",
                    "deployments.apps",
                    "deploy.apps",
                    "deployment.v1.apps",
                    "DEPLOYMENTS.v1.apps",
                ][..],
                Kind::Workload(Deployment),
            ),
            (
                &["rs", "replicaset", "replicasets.apps"],
                Kind::Workload(ReplicaSet),
            ),
            (
                &["sts", "statefulset", "statefulsets"],
                Kind::Workload(StatefulSet),
            ),
            (
                &["ds", "daemonset", "daemonsets"],
                Kind::Workload(DaemonSet),
            ),
            (&["job", "jobs", "jobs.batch"], Kind::Workload(Job)),
            (
                &["cj", "cronjob", "cronjobs.v1.batch"],
                Kind::Workload(CronJob),
            ),
            (
                &["svc", "service", "services", "svc.v1."],
                Kind::Workload(Service),
            ),
            (
                &["rc", "replicationcontroller", "replicationcontrollers"],
                Kind::Workload(WorkloadKind::ReplicationController),
            ),
            (&["po", "pod", "pods", "Pod", "POD", "pods.v1."], Kind::Pod),
            (&["no", "node", "nodes"], Kind::Node),
        ] {
            for word in words {
                assert_eq!(Kind::of_word(word), Some(kind), "{word}");
            }
        }
    }

    #[test]
    fn other_words_name_no_kind() {
        for word in [
            "",
            ".apps",
            "foo",
            "deployments.batch",
            "deployments.v1",
            "deployments.v1beta1.apps",
            "pods.",
            "pods.v1",
            "jobs.v1.",
        ] {
            assert_eq!(Kind::of_word(word), None, "{word}");
        }
    }

    #[test]
    fn every_kind_has_words() {
        for words in &WORDS {
            if let Kind::Workload(kind) = words.kind {
                assert_eq!(kind.singular(), words.singular);
            }
        }
    }
}
