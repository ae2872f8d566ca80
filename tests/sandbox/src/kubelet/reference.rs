//! What a container takes from elsewhere: fields of its pod, its own limits, config maps and secrets.

use serde_json::Value;

use crate::store::{Key, Store};

const SOURCES: [(&str, &str); 2] = [("configMapRef", "configmaps"), ("secretRef", "secrets")];

/// What is missing among the config maps and secrets of a container's environment, in the kubelet's words.
pub(super) fn check(store: &Store, pod: &Value, spec: &Value) -> Result<(), String> {
    let list = |field: &str| spec[field].as_array().cloned().unwrap_or_default();
    for source in list("envFrom") {
        for (field, resource) in SOURCES {
            find(store, pod, &source[field], resource)?;
        }
    }
    for variable in list("env") {
        let from = &variable["valueFrom"];
        for (field, resource) in [
            ("configMapKeyRef", "configmaps"),
            ("secretKeyRef", "secrets"),
        ] {
            key(store, pod, &from[field], resource)?;
        }
    }
    Ok(())
}

/// The variables that come from whole config maps and secrets.
pub(super) fn all(store: &Store, pod: &Value, spec: &Value) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    for source in spec["envFrom"].as_array().into_iter().flatten() {
        let prefix = source["prefix"].as_str().unwrap_or_default();
        for (field, resource) in SOURCES {
            let Ok(Some(object)) = find(store, pod, &source[field], resource) else {
                continue;
            };
            for part in ["data", "stringData"] {
                for name in object[part]
                    .as_object()
                    .into_iter()
                    .flat_map(|map| map.keys())
                {
                    let value = text_of(&object, name, resource).unwrap_or_default();
                    variables.push((format!("{prefix}{name}"), value));
                }
            }
        }
    }
    variables
}

/// The value of an environment variable that has a source; `None` if it has none that is known.
pub(super) fn value(store: &Store, pod: &Value, spec: &Value, from: &Value) -> Option<String> {
    if let Some(path) = from["fieldRef"]["fieldPath"].as_str() {
        return Some(field(pod, path));
    }
    if let Some(resource) = from["resourceFieldRef"]["resource"].as_str() {
        let divisor = from["resourceFieldRef"]["divisor"].as_str().unwrap_or("1");
        return amount(spec, resource, divisor);
    }
    [
        ("configMapKeyRef", "configmaps"),
        ("secretKeyRef", "secrets"),
    ]
    .iter()
    .find_map(|(field, resource)| key(store, pod, &from[*field], resource).ok()?)
}

fn find(
    store: &Store,
    pod: &Value,
    reference: &Value,
    resource: &'static str,
) -> Result<Option<Value>, String> {
    let Some(name) = reference["name"].as_str() else {
        return Ok(None);
    };
    let namespace = pod["metadata"]["namespace"].as_str().unwrap_or_default();
    match store.get(&Key::new(resource, namespace, name)) {
        Some(object) => Ok(Some(Value::clone(&object))),
        None if reference["optional"] == true => Ok(None),
        None => Err(format!(
            "{} \"{name}\" not found",
            resource.trim_end_matches('s')
        )),
    }
}

fn key(
    store: &Store,
    pod: &Value,
    reference: &Value,
    resource: &'static str,
) -> Result<Option<String>, String> {
    let Some(object) = find(store, pod, reference, resource)? else {
        return Ok(None);
    };
    let key = reference["key"].as_str().unwrap_or_default();
    match text_of(&object, key, resource) {
        Some(text) => Ok(Some(text)),
        None if reference["optional"] == true => Ok(None),
        None => {
            let kind = if resource == "secrets" {
                "Secret"
            } else {
                "ConfigMap"
            };
            let text = |field: &Value| field.as_str().unwrap_or_default().to_owned();
            Err(format!(
                "couldn't find key {key} in {kind} {}/{}",
                text(&pod["metadata"]["namespace"]),
                text(&reference["name"])
            ))
        }
    }
}

/// One entry of a config map or, decoded, of a secret.
fn text_of(object: &Value, key: &str, resource: &str) -> Option<String> {
    use base64::Engine as _;
    if let Some(text) = object["stringData"][key].as_str() {
        return Some(text.to_owned());
    }
    let text = object["data"][key].as_str()?;
    if resource != "secrets" {
        return Some(text.to_owned());
    }
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn field(pod: &Value, path: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for map in ["labels", "annotations"] {
        let inner = path.strip_prefix(&format!("metadata.{map}['"));
        if let Some(key) = inner.and_then(|rest| rest.strip_suffix("']")) {
            return text(&pod["metadata"][map][key]);
        }
    }
    if path == "status.podIPs" || path == "status.hostIPs" {
        let list = pod["status"][&path["status.".len()..]].as_array();
        let list = list.into_iter().flatten().map(|ip| text(&ip["ip"]));
        return list.collect::<Vec<_>>().join(",");
    }
    text(path.split('.').fold(pod, |value, part| &value[part]))
}

/// A limit or request in units of the divisor, rounded up; what is not limited is left out.
fn amount(spec: &Value, resource: &str, divisor: &str) -> Option<String> {
    let (kind, name) = resource.split_once('.')?;
    let resources = &spec["resources"];
    let asked = resources[kind][name]
        .as_str()
        .or_else(|| resources["limits"][name].as_str())?;
    let divisor = if divisor == "0" { "1" } else { divisor };
    let (amount, divisor) = (thousandths(asked)?, thousandths(divisor)?.max(1));
    Some(amount.div_ceil(divisor).to_string())
}

/// A quantity such as `250m`, `1.5`, `64Mi` or `2G`, in thousandths.
fn thousandths(quantity: &str) -> Option<u128> {
    let end = quantity.find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (number, suffix) = quantity.split_at(end.unwrap_or(quantity.len()));
    let unit: u128 = match suffix {
        "m" => 1,
        "" => 1000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "Ki" => 1000 << 10,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u128 = whole.parse().ok()?;
    let digits = u32::try_from(fraction.len()).ok()?;
    let fraction: u128 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    Some(whole * unit + fraction * unit / 10_u128.checked_pow(digits)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_of_the_pod_and_limits_of_the_container_become_text() {
        let pod = json!({"metadata": {"name": "app", "labels": {"a.b/c": "d"}},
            "status": {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "::1"}]}});
        assert_eq!(field(&pod, "metadata.name"), "app");
        assert_eq!(field(&pod, "metadata.labels['a.b/c']"), "d");
        assert_eq!(field(&pod, "status.podIPs"), "10.0.0.1,::1");
        let spec = json!({"resources": {"limits": {"cpu": "250m", "memory": "64Mi"}}});
        assert_eq!(amount(&spec, "limits.cpu", "0").as_deref(), Some("1"));
        assert_eq!(amount(&spec, "limits.cpu", "1m").as_deref(), Some("250"));
        assert_eq!(
            amount(&spec, "requests.memory", "1Mi").as_deref(),
            Some("64")
        );
        assert_eq!(thousandths("1.5"), Some(1500));
    }

    #[test]
    fn a_whole_secret_becomes_variables() {
        let store = Store::new();
        let pod = json!({"metadata": {"name": "app", "namespace": "default"}});
        let object = json!({"metadata": {"name": "s"}, "data": {"KEY": "eA=="}});
        store.create(&Key::new("secrets", "default", "s"), object);
        let spec = json!({"envFrom": [{"prefix": "MY_", "secretRef": {"name": "s"}}]});
        assert_eq!(check(&store, &pod, &spec), Ok(()));
        let variables = all(&store, &pod, &spec);
        assert_eq!(variables, [("MY_KEY".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn what_is_missing_is_said_in_the_kubelets_words() {
        let store = Store::new();
        let pod = json!({"metadata": {"name": "app", "namespace": "default"}});
        let spec = |optional: bool| {
            json!({"env": [{"name": "A", "valueFrom":
                {"secretKeyRef": {"name": "s", "key": "k", "optional": optional}}}]})
        };
        assert_eq!(check(&store, &pod, &spec(true)), Ok(()));
        let missing = Err("secret \"s\" not found".to_owned());
        assert_eq!(check(&store, &pod, &spec(false)), missing);
        let object = json!({"metadata": {"name": "s"}, "data": {"other": "eA=="}});
        store.create(&Key::new("secrets", "default", "s"), object);
        let missing = Err("couldn't find key k in Secret default/s".to_owned());
        assert_eq!(check(&store, &pod, &spec(false)), missing);
    }
}
