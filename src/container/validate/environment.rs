//! The variables of a container.

use k8s_openapi::api::core::v1::{EnvVarSource, EphemeralContainer};

use super::{Faults, REQUIRED, invalid};

const NOT_A_VARIABLE: &str = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const TOO_MANY: &str = "may not have more than one field specified at a time";

pub(super) fn check(container: &EphemeralContainer, faults: &mut Faults<'_>) {
    for (index, variable) in container.env.iter().flatten().enumerate() {
        let at = |field: &str| format!("env[{index}].{field}");
        if variable.name.is_empty() {
            faults.add(&at("name"), REQUIRED);
        } else if !is_variable(&variable.name) {
            faults.add(&at("name"), &invalid(&variable.name, NOT_A_VARIABLE));
        }
        let value = variable.value.as_deref().unwrap_or_default();
        faults.word(&at("value"), value);
        if let Some(source) = &variable.value_from {
            let why = match sources(source) {
                0 => {
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
                }
                _ if !value.is_empty() => "may not be specified when `value` is not empty",
                1 => continue,
                _ => TOO_MANY,
            };
            faults.add(&at("valueFrom"), &invalid("", why));
        }
    }
    for (index, source) in container.env_from.iter().flatten().enumerate() {
        let at = |field: &str| format!("envFrom[{index}].{field}");
        let prefix = source.prefix.as_deref().unwrap_or_default();
        if !prefix.is_empty() && !is_variable(prefix) {
            faults.add(&at("prefix"), &invalid(prefix, NOT_A_VARIABLE));
        }
        match (&source.config_map_ref, &source.secret_ref) {
            (None, None) => {
                let why = "must specify one of: `configMapRef` or `secretRef`";
                faults.add(&format!("envFrom[{index}]"), &invalid("", why));
            }
            (Some(_), Some(_)) => {
                faults.add(&format!("envFrom[{index}]"), &invalid("", TOO_MANY));
            }
            (Some(map), None) if map.name.is_empty() => {
                faults.add(&at("configMapRef.name"), REQUIRED);
            }
            (None, Some(secret)) if secret.name.is_empty() => {
                faults.add(&at("secretRef.name"), REQUIRED);
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
    }
}

/// Counts the places that a value is said to come from.
fn sources(source: &EnvVarSource) -> usize {
    [
        source.field_ref.is_some(),
        source.resource_field_ref.is_some(),
        source.config_map_key_ref.is_some(),
        source.secret_key_ref.is_some(),
        source.file_key_ref.is_some(),
    ]
    .into_iter()
    .filter(|is_there| *is_there)
    .count()
}

/// The rule since Kubernetes 1.30. Older servers want letters, digits, `_`, `-` and `.`, and say so.
fn is_variable(name: &str) -> bool {
    name.bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
}
