//! Which credential plug-ins the user lets run: `credentialPluginPolicy` of the kuberc
//! (`~/.kube/kuberc`, or the file in `KUBERC`; KEP-3104), as kubectl has it from 1.35 on.

use std::{env, fs, path::PathBuf};

use serde::Deserialize;

use super::programs;
use crate::{
    error::Error,
    kubeconfig::{failed, home::home, reading},
};

/// Refuses a plug-in that the user's own policy does not allow.
pub(super) fn check(command: &str, user: &str) -> Result<(), Error> {
    let Some(path) = kuberc() else {
        return Ok(());
    };
    // Without the file there is no policy; a file that cannot be read may hold one.
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(_) => {
            return Err(failed(
                format!("cannot read the policy for plug-ins in {}", path.display()),
                None,
            ));
        }
    };
    let refused = match allowed(&text, command) {
        Some(true) => return Ok(()),
        Some(false) => "does not allow it",
        None => "cannot be understood",
    };
    Err(failed(
        format!(
            "the credential plug-in `{command}` of user \"{user}\" is not run: \
             credentialPluginPolicy in {} {refused}",
            path.display()
        ),
        Some("add its name to credentialPluginAllowlist there, if you trust it"),
    ))
}

fn kuberc() -> Option<PathBuf> {
    match env::var_os("KUBERC") {
        Some(path) if path == "off" => None,
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => Some(home()?.join(".kube").join("kuberc")),
    }
}

/// The part of a kuberc that is about plug-ins.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kuberc {
    credential_plugin_policy: Option<String>,
    credential_plugin_allowlist: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(alias = "command")]
    name: Option<String>,
}

/// Tells whether a kuberc allows a command; nothing where it cannot be understood.
fn allowed(kuberc: &str, command: &str) -> Option<bool> {
    let kuberc: Option<Kuberc> = serde_json::from_value(reading::yaml(kuberc).ok()?).ok()?;
    let kuberc = kuberc.unwrap_or_default();
    match kuberc.credential_plugin_policy.as_deref() {
        None | Some("" | "AllowAll") => Some(true),
        Some("DenyAll") => Some(false),
        Some("Allowlist") => {
            let entries = kuberc.credential_plugin_allowlist.iter().flatten();
            let mut names = entries.filter_map(|entry| entry.name.as_deref());
            Some(names.any(|name| is_same(name, command)))
        }
        Some(_) => None,
    }
}

/// Tells whether two names mean one program, be it by name or by path.
fn is_same(name: &str, command: &str) -> bool {
    !name.is_empty()
        && (name == command
            || programs::find(name).is_some_and(|path| Some(path) == programs::find(command)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_decides_which_plugins_run() {
        const LIST: &str = "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: aws}, {name: /opt/login}]";
        for (kuberc, command, expected) in [
            (
                "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference",
                "aws",
                Some(true),
            ),
            ("credentialPluginPolicy: AllowAll", "aws", Some(true)),
            ("credentialPluginPolicy: DenyAll", "aws", Some(false)),
            (LIST, "aws", Some(true)),
            (LIST, "/opt/login", Some(true)),
            (LIST, "other", Some(false)),
            ("credentialPluginPolicy: Sometimes", "aws", None),
            ("credentialPluginPolicy: [", "aws", None),
        ] {
            assert_eq!(allowed(kuberc, command), expected, "{kuberc} {command}");
        }
    }
}
