//! Who may have been meant, where no pod has the name that was given.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::{cli::Kind, error::listed, nearest::nearest};

/// How many names a question holds.
const ASKED: usize = 3;

/// Asks who was meant, with a space at its end; says nothing where nobody is like it.
///
/// People type the name of a workload for that of its pods, so that comes first.
pub fn who_was_meant(name: &str, pods: &[ObjectMeta]) -> String {
    let begun = format!("{name}-");
    let of_name = |pod: &&ObjectMeta| pod.name.as_ref().is_some_and(|own| own.starts_with(&begun));
    let begun_so: Vec<_> = pods.iter().filter(of_name).collect();
    if let Some(workload) = begun_so.iter().find_map(|pod| workload(name, pod)) {
        return format!("did you mean `{workload}`? ");
    }
    match names(&begun_so).as_slice() {
        [] => {}
        [one] => return format!("did you mean `{one}`? "),
        some if some.len() <= ASKED => return format!("did you mean one of {}? ", listed(some)),
        many => {
            let (asked, more) = (listed(&many[..ASKED]), many.len() - ASKED);
            return format!("did you mean one of {asked} and {more} more? ");
        }
    }
    let all: Vec<_> = pods.iter().collect();
    let near = nearest(name, &names(&all)).map(str::to_owned);
    near.map_or_else(String::new, |near| format!("did you mean `{near}`? "))
}

fn names(pods: &[&ObjectMeta]) -> Vec<String> {
    pods.iter().filter_map(|pod| pod.name.clone()).collect()
}

/// Returns the workload of that name that a pod is of, as it is written on a command line.
fn workload(name: &str, pod: &ObjectMeta) -> Option<String> {
    let owners = pod.owner_references.iter().flatten();
    let mut owners = owners.filter(|owner| owner.controller == Some(true));
    let owner = owners.next()?;
    // A deployment makes replica sets, named after it and a hash of the template.
    let hash = pod.labels.as_ref()?.get("pod-template-hash");
    if hash.is_some_and(|hash| owner.name == format!("{name}-{hash}")) {
        return Some(format!("deployment/{name}"));
    }
    let kind = owner.kind.to_lowercase();
    (owner.name == name && Kind::of_word(&kind).is_some()).then(|| format!("{kind}/{name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(name: &str, owner: Option<(&str, &str)>, labels: &Value) -> Value {
        let owners = owner.map(|(kind, name)| {
            json!([{"kind": kind, "name": name, "controller": true, "uid": "", "apiVersion": ""}])
        });
        json!({"name": name, "labels": labels, "ownerReferences": owners})
    }

    #[test]
    fn a_workload_a_beginning_or_a_likeness_may_have_been_meant() {
        let bare = json!({});
        let pods = [
            pod(
                "shop-5d8f-x1",
                Some(("ReplicaSet", "shop-5d8f")),
                &json!({"pod-template-hash": "5d8f"}),
            ),
            pod("db-0", Some(("StatefulSet", "db")), &bare),
            pod("web-1", None, &bare),
            pod("web-2", None, &bare),
            pod("lone-1", None, &bare),
            pod("api-1", None, &bare),
            pod("api-2", None, &bare),
            pod("api-3", None, &bare),
            pod("api-4", None, &bare),
            pod("ledger", Some(("Tape", "ledger")), &bare),
            pod("tape-1", Some(("Tape", "tape")), &bare),
        ];
        let pods: Vec<_> = pods
            .into_iter()
            .map(|pod| serde_json::from_value(pod).unwrap())
            .collect();
        for (name, expected) in [
            ("shop", "did you mean `deployment/shop`? "),
            ("db", "did you mean `statefulset/db`? "),
            ("web", "did you mean one of `web-1`, `web-2`? "),
            ("lone", "did you mean `lone-1`? "),
            (
                "api",
                "did you mean one of `api-1`, `api-2`, `api-3` and 1 more? ",
            ),
            ("tape", "did you mean `tape-1`? "),
            ("leger", "did you mean `ledger`? "),
            ("nothing-like-it", ""),
        ] {
            assert_eq!(who_was_meant(name, &pods), expected, "{name}");
        }
    }
}
