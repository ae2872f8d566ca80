//! Who a container's first process runs as.

use serde_json::{Value, json};

/// Who the first process is: as the container says, or its pod, or the image, which is taken to say root.
pub(super) fn of(pod: &Value, spec: &Value) -> Value {
    let of_pod = &pod["spec"]["securityContext"];
    let setting = |field: &str| {
        let own = spec["securityContext"][field].as_u64();
        own.or_else(|| of_pod[field].as_u64()).unwrap_or(0)
    };
    let group = setting("runAsGroup");
    let mut groups = vec![group];
    groups.extend(of_pod["fsGroup"].as_u64());
    let more = of_pod["supplementalGroups"].as_array();
    groups.extend(more.into_iter().flatten().filter_map(Value::as_u64));
    groups.sort_unstable();
    groups.dedup();
    json!({"uid": setting("runAsUser"), "gid": group, "supplementalGroups": groups})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_containers_own_setting_counts_before_that_of_its_pod() {
        let pod = json!({"spec": {"securityContext":
            {"runAsUser": 1000, "runAsGroup": 2000, "fsGroup": 3000}}});
        let spec = json!({"securityContext": {"runAsUser": 7}});
        let user = json!({"uid": 7, "gid": 2000, "supplementalGroups": [2000, 3000]});
        assert_eq!(of(&pod, &spec), user);
        let root = json!({"uid": 0, "gid": 0, "supplementalGroups": [0]});
        assert_eq!(of(&Value::Null, &Value::Null), root);
    }
}
