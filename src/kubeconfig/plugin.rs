//! Credential plug-ins: programs that print a token or a certificate.
//!
//! Run by ourselves, because kube runs them three times for one client and shows what they print
//! (`docs/decisions/0005-credentials.md`). The rules are client-go's
//! (`plugin/pkg/client/auth/exec/exec.go`); what a plug-in prints is never shown.

#[cfg(unix)]
mod group;
#[cfg(windows)]
mod no_group;
mod place;
mod policy;
mod programs;
#[cfg(windows)]
use no_group as group;

use std::{env, io, process::Stdio, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use kube::{
    Config,
    config::{AuthInfo, Cluster, ExecConfig, ExecInteractiveMode},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    time,
};

use super::{failed, failed_because};
use crate::error::{Error, in_words};
use group::Group;

const V1: &str = "client.authentication.k8s.io/v1";
const V1BETA1: &str = "client.authentication.k8s.io/v1beta1";
/// Where a cluster's entry in the kubeconfig keeps what is meant for plug-ins.
const EXTENSION: &str = "client.authentication.k8s.io/exec";
/// How long a plug-in may take that asks nobody, and one that may have a person log in.
const LIMIT_ALONE: Duration = Duration::from_mins(1);
const LIMIT_WITH_USER: Duration = Duration::from_mins(5);
/// How much a plug-in may print: certificates and tokens have some kilobytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// A plug-in that can be run.
#[derive(Clone, Debug)]
pub(super) struct Plugin {
    command: String,
    exec: ExecConfig,
    version: &'static str,
    mode: ExecInteractiveMode,
    user: String,
    cluster: Option<Value>,
}

impl Plugin {
    /// Checks what the kubeconfig says of a plug-in.
    pub(super) fn new(
        exec: ExecConfig,
        user: &str,
        cluster: &Cluster,
        config: &Config,
    ) -> Result<Self, Error> {
        let bad = |what: String, hint: Option<&str>| {
            Err(failed(format!("exec of user \"{user}\" {what}"), hint))
        };
        let command = exec.command.clone().unwrap_or_default();
        if command.is_empty() {
            return bad("has no command".to_owned(), None);
        }
        let version = match exec.api_version.as_deref().unwrap_or_default() {
            V1 => V1,
            V1BETA1 => V1BETA1,
            "" => return bad("has no apiVersion".to_owned(), None),
            other => {
                return bad(
                    format!("has the apiVersion \"{other}\", which is not known any more"),
                    Some(&format!(
                        "a newer release of the plug-in knows `{V1}`; its own set-up command writes the kubeconfig"
                    )),
                );
            }
        };
        let mode = match (exec.interactive_mode.clone(), version) {
            (Some(mode), _) => mode,
            (None, V1BETA1) => ExecInteractiveMode::IfAvailable,
            (None, _) => {
                return bad(
                    "has no interactiveMode".to_owned(),
                    Some("set `interactiveMode: IfAvailable`, or Never, or Always"),
                );
            }
        };
        policy::check(&command, user)?;
        let cluster = exec
            .provide_cluster_info
            .then(|| cluster_info(cluster, config));
        Ok(Self {
            command,
            exec,
            version,
            mode,
            user: user.to_owned(),
            cluster,
        })
    }

    /// Tells whether it may be run without a terminal.
    pub(super) fn may_be_alone(&self) -> bool {
        self.mode != ExecInteractiveMode::Always
    }

    /// Runs it, and fills in what it says. With a terminal it may talk to the user.
    pub(super) async fn run(&self, user: &mut AuthInfo, terminal: bool) -> Result<(), Error> {
        let interactive = match self.mode {
            ExecInteractiveMode::Never => false,
            ExecInteractiveMode::IfAvailable => terminal,
            ExecInteractiveMode::Always if terminal => true,
            ExecInteractiveMode::Always => {
                return Err(self.fault(
                    "needs a terminal, and standard input is none",
                    Some("log in from a terminal first, if the plug-in remembers it"),
                ));
            }
        };
        let limit = if interactive {
            LIMIT_WITH_USER
        } else {
            LIMIT_ALONE
        };
        let grouped = group::is_possible();
        let child = self.start(interactive, grouped)?;
        let group = Group::of(&child, grouped);
        let printed = match time::timeout(limit, self.printed(child, group)).await {
            Ok(printed) => printed?,
            Err(_) => {
                return Err(self.fault(
                    &format!("did not end within {} seconds", limit.as_secs()),
                    Some("does it wait for something? run it by itself to see"),
                ));
            }
        };
        self.take(&printed, user)
    }

    fn start(&self, interactive: bool, grouped: bool) -> Result<Child, Error> {
        let path = env::var_os("PATH").unwrap_or_default();
        if place::depends_on_us(&self.command, env::split_paths(&path)) {
            return Err(self.fault(
                "lies in a folder of the PATH that depends on the current one, and is not run",
                Some("name it by its path in the kubeconfig, or its folder by its whole path"),
            ));
        }
        let variables = self.exec.env.iter().flatten();
        let variables =
            variables.filter_map(|variable| Some((variable.get("name")?, variable.get("value")?)));
        let mut info = json!({
            "kind": "ExecCredential",
            "apiVersion": self.version,
            "spec": {"interactive": interactive},
        });
        if let Some(cluster) = &self.cluster {
            info["spec"]["cluster"] = cluster.clone();
        }
        let mut command = Command::new(programs::as_started(&self.command));
        if grouped {
            group::prepare(&mut command);
        }
        command
            .args(self.exec.args.iter().flatten())
            .envs(variables)
            .env("KUBERNETES_EXEC_INFO", info.to_string())
            .stdin(if interactive {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.cannot_run(&error))
    }

    /// Reads what it prints, until it ends well.
    async fn printed(&self, mut child: Child, mut group: Group) -> Result<Vec<u8>, Error> {
        let mut printed = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            let read = stdout.take(MOST_BYTES + 1).read_to_end(&mut printed).await;
            read.map_err(|error| self.cannot_run(&error))?;
        }
        if printed.len() as u64 > MOST_BYTES {
            return Err(self.fault("printed more than a megabyte", None));
        }
        let status = child.wait().await;
        let status = status.map_err(|error| self.cannot_run(&error))?;
        group.has_ended();
        if status.success() {
            return Ok(printed);
        }
        let how = match status.code() {
            Some(code) => format!("failed with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        };
        let hint = "what it said stands above; it may want you to log in";
        Err(self.fault(&how, Some(hint)))
    }

    fn take(&self, printed: &[u8], user: &mut AuthInfo) -> Result<(), Error> {
        // The reason would quote what was printed.
        let Ok(answer) = serde_json::from_slice::<ExecCredential>(printed) else {
            return Err(self.fault(
                "printed no ExecCredential, as JSON",
                Some("it prints something else besides; run it by itself to see"),
            ));
        };
        if answer.kind != "ExecCredential" || answer.api_version != self.version {
            return Err(self.fault(
                "answered in another version than it was asked for",
                Some(&format!("the kubeconfig asks for `{}`", self.version)),
            ));
        }
        let status = answer.status.unwrap_or_default();
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (certificate, key) = match (
            given(status.client_certificate_data),
            given(status.client_key_data),
        ) {
            (Some(certificate), Some(key)) => (Some(certificate), Some(key)),
            (None, None) => (None, None),
            _ => {
                return Err(self.fault("printed one of certificate and key, not both", None));
            }
        };
        let token = given(status.token);
        if token.is_none() && certificate.is_none() {
            return Err(self.fault("printed neither a token nor a certificate", None));
        }
        user.token = token.map(Into::into);
        // Within the answer they are PEM, within the user's entry base64 of it.
        user.client_certificate_data = certificate.map(|pem| STANDARD.encode(pem));
        user.client_key_data = key.map(|pem| STANDARD.encode(pem).into());
        Ok(())
    }

    fn cannot_run(&self, error: &io::Error) -> Error {
        let message = self.named("cannot be run");
        if error.kind() != io::ErrorKind::NotFound {
            return failed_because(message, in_words(error));
        }
        let hint = self.exec.install_hint.as_deref().map(str::trim);
        let hint = hint.filter(|hint| !hint.is_empty());
        Error::Kubeconfig {
            message,
            hint: Some(
                hint.unwrap_or("install it, or put its folder on your PATH")
                    .to_owned(),
            ),
            source: Some("it is not installed".into()),
        }
    }

    fn fault(&self, what: &str, hint: Option<&str>) -> Error {
        failed(self.named(what), hint)
    }

    fn named(&self, what: &str) -> String {
        format!(
            "the credential plug-in `{}` of user \"{}\" {what}",
            self.command, self.user
        )
    }
}

/// What a plug-in prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    kind: String,
    api_version: String,
    status: Option<Status>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Returns what a plug-in is told of the cluster, in the form of `KUBERNETES_EXEC_INFO`.
fn cluster_info(cluster: &Cluster, config: &Config) -> Value {
    let mut info = json!({
        "server": cluster.server,
        "config": cluster.extensions.iter().flatten()
            .find(|extension| extension.name == EXTENSION)
            .map(|extension| &extension.extension),
    });
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            info[name] = value;
        }
    };
    add(
        "tls-server-name",
        config.tls_server_name.clone().map(Value::from),
    );
    add(
        "insecure-skip-tls-verify",
        config.accept_invalid_certs.then_some(Value::Bool(true)),
    );
    let authority = cluster.certificate_authority_data.clone();
    let authority = authority.filter(|data| !data.is_empty()).or_else(|| {
        let path = cluster.certificate_authority.as_ref()?;
        std::fs::read(path).ok().map(|pem| STANDARD.encode(pem))
    });
    add("certificate-authority-data", authority.map(Value::from));
    let proxy = cluster.proxy_url.clone().filter(|url| !url.is_empty());
    add("proxy-url", proxy.map(Value::from));
    info
}

// They need a `sleep`.
#[cfg(test)]
#[cfg(unix)]
mod tests {
    use time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_plugin_that_never_ends_is_ended() {
        let exec = ExecConfig {
            api_version: Some(V1.to_owned()),
            command: Some("sleep".to_owned()),
            args: Some(vec!["1000".to_owned()]),
            interactive_mode: Some(ExecInteractiveMode::IfAvailable),
            ..ExecConfig::default()
        };
        let config = Config::new(http::Uri::from_static("https://x"));
        let plugin = Plugin::new(exec, "me", &Cluster::default(), &config).unwrap();
        for (terminal, seconds) in [(false, 60), (true, 300)] {
            let begin = Instant::now();
            let ended = plugin.run(&mut AuthInfo::default(), terminal).await;
            assert_eq!(
                ended.unwrap_err().to_string(),
                format!(
                    "the credential plug-in `sleep` of user \"me\" did not end within {seconds} seconds"
                )
            );
            assert_eq!(begin.elapsed().as_secs(), seconds);
        }
    }
}
