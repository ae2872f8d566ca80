use serde_json::Value;

use super::*;
use crate::progress::ListedPod;

/// A pod with a container in each state, as Kubernetes 1.36 has it.
const RECORDED: &str =
    include_str!("../../../../tests/sandbox/tests/transcripts/http/get-pod-ephemeral-states.json");
const NOW: &str = "2026-11-20T10:07:48Z";

fn recorded() -> Vec<Listed> {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let pod = recorded["response"]["body"]["json"].clone();
    let pod: ListedPod = serde_json::from_value(pod).unwrap();
    pod.into_containers()
}

fn shown(columns: Columns) -> String {
    table(&recorded(), columns, NOW.parse().unwrap())
}

#[test]
fn each_state_has_its_line() {
    let narrow = Columns {
        namespace: false,
        wide: false,
        named: true,
    };
    assert_eq!(
        shown(narrow),
        "\
POD   CONTAINER    STATE        REASON                       EXIT     AGE    IMAGE           TARGET
app   hook         Terminated   Completed                    0        120m   busybox:1       app
app   message      Terminated   Error                        1        120m   busybox:1       app
app   killed       Terminated   Completed                    0        120m   busybox:1       <none>
app   non-root     Waiting      CreateContainerConfigError   <none>   120m   busybox:1       app
app   no-command   Waiting      RunContainerError            <none>   120m   busybox:1       app
app   never        Waiting      ErrImageNeverPull            <none>   120m   nosuch:2        app
app   bad-name     Waiting      InvalidImageName             <none>   120m   Busy Box:1      app
app   denied       Waiting      ErrImagePull                 <none>   120m   denied/tool:1   app
app   bad-image    Waiting      ErrImagePull                 <none>   120m   nosuch:1        app
app   failed       Terminated   Error                        3        120m   busybox:1       app
app   done         Terminated   Completed                    0        121m   busybox:1       app
app   running      Running      <none>                       <none>   121m   busybox:1       app"
    );
}

#[test]
fn wide_and_everywhere_have_more_columns_and_can_be_without_names() {
    let all = Columns {
        namespace: true,
        wide: true,
        named: true,
    };
    let text = shown(all);
    let mut lines = text.lines();
    let names: Vec<_> = lines.next().unwrap().split("   ").map(str::trim).collect();
    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(
        names,
        [
            "NAMESPACE",
            "POD",
            "CONTAINER",
            "STATE",
            "REASON",
            "EXIT",
            "AGE",
            "IMAGE",
            "TARGET",
            "NODE",
            "USER",
            "ADDED BY",
            "ADDED",
            "IMAGE ID"
        ]
    );
    let first: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(first[..3], ["default", "app", "hook"]);
    let id = "sha256:95d3bde3b0014d5d51d93d16366e18dfde0a54a4248abcaf0295f0c9f8b233ad";
    assert_eq!(first[9..], ["node-1", "0", "lab", "120m", id]);
    let bare = shown(Columns {
        named: false,
        ..all
    });
    assert_eq!(bare.lines().count(), recorded().len());
}

#[test]
fn a_line_of_names_is_what_other_commands_take() {
    let lines = lines(&recorded());
    assert_eq!(lines.lines().next(), Some("pod/app -c hook -n default"));
    assert_eq!(lines.lines().count(), recorded().len());
}

/// What scripts rely on; a field may be added, none may go or change its meaning.
#[test]
fn the_fields_of_the_document_are_those_of_its_description() {
    const DESCRIPTION: &str = include_str!("../../../../docs/reference/list.md");
    let recorded = recorded();
    let document = serde_json::to_value(document(&recorded)).unwrap();
    assert_eq!(document["kind"], "EphemeralContainerList");
    assert_eq!(document["apiVersion"], "kubectl-ephemeral/v1");
    let fields = document["items"][0].as_object().unwrap();
    for name in fields.keys() {
        let row = format!("| `{name}` |");
        assert!(DESCRIPTION.contains(&row), "{name} is not described");
    }
    let described = DESCRIPTION.lines().filter(|line| line.starts_with("| `"));
    assert_eq!(described.count(), fields.len());
}
