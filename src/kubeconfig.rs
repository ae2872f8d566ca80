//! The user's kubeconfig and flags, resolved to one cluster, one user and one namespace.
//!
//! kube reads and merges the files; the rules on which file, context and field counts are
//! kubectl's, and live here.

mod choice;
mod chosen;
mod client_certificate;
mod credentials;
mod files;
mod in_cluster;
mod overrides;
mod plugin;
mod policy;
mod proxy;
mod reading;
mod server;

pub use credentials::Credentials;
pub use proxy::{Proxy, ProxyKind};

use std::{io, time::Duration};

use chosen::Chosen;
use kube::{
    Config,
    config::{AuthInfo, Cluster, Kubeconfig},
};

use crate::{
    cli::ConnectionArgs,
    container::name,
    error::{Error, Source, listed},
};

/// How to reach a cluster, and as whom.
#[derive(Debug)]
pub struct Access {
    /// The server, its certificates and the user's credentials.
    pub config: Config,
    /// The namespace: the flag's, the context's, or `default`.
    pub namespace: String,
    /// Through what the server is reached.
    pub proxy: Option<Proxy>,
    /// Where the credentials come from, for when they are not accepted any more.
    pub credentials: Credentials,
    /// How long one request may take; zero for as long as it likes, nothing for our own limit.
    pub request_timeout: Option<Duration>,
}

/// Resolves flags, environment and files, and logs in where a plug-in does that.
///
/// With a terminal on standard input, the plug-in may talk to the user.
pub async fn resolve(args: &ConnectionArgs, terminal: bool) -> Result<Access, Error> {
    overrides::check(args)?;
    let files = files::read(args.kubeconfig.as_deref())?;
    let found = files.kubeconfig.is_some();
    let named = |flag: &Option<String>| flag.as_ref().is_some_and(|name| !name.is_empty());
    let usable = files
        .kubeconfig
        .filter(|kubeconfig| named(&args.context) || named(&args.server) || !is_empty(kubeconfig));
    let kubeconfig = match usable {
        Some(kubeconfig) => kubeconfig,
        None if named(&args.server) => Kubeconfig::default(),
        None => {
            return match in_cluster::access()? {
                Some((config, namespace)) => {
                    let mut user = config.auth_info.clone();
                    overrides::user(&mut user, args);
                    let cluster = ("", &Cluster::default());
                    finished(
                        config,
                        ("of this pod", user),
                        cluster,
                        namespace,
                        args,
                        terminal,
                    )
                    .await
                }
                None if found => Err(nothing_configured(&[])),
                None => Err(nothing_configured(&files.missing)),
            };
        }
    };
    let chosen = Chosen::of(&kubeconfig, args)?;
    let mut cluster = chosen.cluster;
    overrides::cluster(&mut cluster, args);
    let config = server::config(&cluster, &chosen.cluster_name)?;
    let mut user = chosen.user;
    overrides::user(&mut user, args);
    let namespace = chosen
        .namespace
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "default".to_owned());
    let user = (chosen.user_name.as_str(), user);
    let cluster = (chosen.cluster_name.as_str(), &cluster);
    finished(config, user, cluster, namespace, args, terminal).await
}

/// Refuses a kubeconfig on standard input where the container is to have that.
pub fn leave_stdin_alone(args: &ConnectionArgs) -> Result<(), Error> {
    if !files::read_stdin(args.kubeconfig.as_deref()) {
        return Ok(());
    }
    Err(Error::Usage {
        message: "standard input cannot be both the kubeconfig and what the container reads"
            .to_owned(),
        hint: Some("save the kubeconfig in a file".to_owned()),
    })
}

async fn finished(
    mut config: Config,
    (name, user): (&str, AuthInfo),
    (cluster_name, cluster): (&str, &Cluster),
    namespace: String,
    args: &ConnectionArgs,
    terminal: bool,
) -> Result<Access, Error> {
    let flag = args.namespace.clone().filter(|name| !name.is_empty());
    let namespace = flag.unwrap_or(namespace);
    if !name::is_label(&namespace) {
        return Err(Error::Usage {
            message: format!("`{namespace}` cannot be the name of a namespace"),
            hint: Some(name::LABEL_RULE.to_owned()),
        });
    }
    config.default_namespace.clone_from(&namespace);
    let proxy_url = cluster.proxy_url.as_deref();
    let proxy = proxy::of(&config.cluster_url, proxy_url, cluster_name)?;
    let credentials = Credentials::of_user(user, name, cluster, &config)?;
    config.auth_info = credentials.obtain(terminal).await?;
    Ok(Access {
        config,
        namespace,
        proxy,
        credentials,
        request_timeout: args.request_timeout,
    })
}

/// Tells a file that says nothing, which counts as none.
fn is_empty(kubeconfig: &Kubeconfig) -> bool {
    kubeconfig.contexts.is_empty()
        && kubeconfig.clusters.is_empty()
        && kubeconfig.auth_infos.is_empty()
        && kubeconfig.current_context.is_none()
}

fn nothing_configured(missing: &[String]) -> Error {
    let why = match missing {
        [] => "the kubeconfig is empty".to_owned(),
        missing => format!("there is no kubeconfig: {} not found", listed(missing)),
    };
    let hint = "name one with --kubeconfig or the variable KUBECONFIG";
    failed(why, Some(hint))
}

fn failed(message: String, hint: Option<&str>) -> Error {
    Error::Kubeconfig {
        message,
        hint: hint.map(str::to_owned),
        source: None,
    }
}

fn failed_because(message: String, source: impl Into<Source>) -> Error {
    Error::Kubeconfig {
        message,
        hint: None,
        source: Some(source.into()),
    }
}

/// Says an operating system's error without its number.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split_once(" (os error").map(|(words, _)| words);
    words.map_or_else(|| text.clone(), str::to_lowercase)
}
