//! The user's kubeconfig and flags, resolved to one cluster, one user and one namespace.
//!
//! kube reads and merges the files; the rules on which file, context and field counts are
//! kubectl's, and live here.

mod choice;
mod chosen;
mod client_certificate;
mod credentials;
mod files;
mod home;
mod in_cluster;
mod names;
mod openid;
mod overrides;
mod pem;
mod plugin;
mod proxy;
mod reading;
mod server;

pub use credentials::Credentials;
pub use in_cluster::Surroundings;
pub use names::Names;
pub use openid::{OpenId, Tokens};
pub use proxy::{Proxy, ProxyKind};

use std::{path::PathBuf, time::Duration};

use chosen::Chosen;
use http::uri::Scheme;
use kube::{
    Config,
    config::{AuthInfo, Cluster, Kubeconfig},
};

use crate::{
    cli::ConnectionArgs,
    container::name,
    error::{Error, Source, listed},
    shell::There,
};

/// How to reach a cluster, and as whom.
#[derive(Debug)]
pub struct Access {
    /// The server, its certificates and the user's credentials.
    pub config: Config,
    /// The namespace: the flag's, the context's, or `default`; and the flags that led to this cluster.
    pub there: There,
    /// Through what the server is reached.
    pub proxy: Option<Proxy>,
    /// Where the credentials come from, for when they are not accepted any more.
    pub credentials: Credentials,
    /// How long one request may take; zero for as long as it likes, nothing for our own limit.
    pub request_timeout: Option<Duration>,
}

/// A cluster and a user, found in files or around us, with what flags change.
struct Found {
    config: Config,
    cluster: Cluster,
    cluster_name: String,
    user: AuthInfo,
    user_name: String,
    namespace: Option<String>,
    /// Where new tokens of the user are kept.
    files: Vec<PathBuf>,
}

/// Resolves flags, environment and files, and logs in where a plug-in does that.
///
/// With a terminal on standard input, the plug-in may talk to the user.
pub async fn resolve(args: &ConnectionArgs, terminal: bool) -> Result<Access, Error> {
    resolve_in(args, terminal, &Surroundings::of_this_process()).await
}

/// The same, where the pod that we may run in is known already.
pub async fn resolve_in(
    args: &ConnectionArgs,
    terminal: bool,
    around: &Surroundings,
) -> Result<Access, Error> {
    overrides::check(args)?;
    let files = files::read(args.kubeconfig.as_deref())?;
    let exists = files.kubeconfig.is_some();
    let named = |flag: &Option<String>| flag.as_ref().is_some_and(|name| !name.is_empty());
    let usable = files
        .kubeconfig
        .filter(|kubeconfig| named(&args.context) || named(&args.server) || !is_empty(kubeconfig));
    let found = match usable {
        Some(kubeconfig) => in_files(&kubeconfig, args, files.paths)?,
        None if named(&args.server) => in_files(&Kubeconfig::default(), args, files.paths)?,
        None => match in_cluster::found(around)? {
            Some(found) => found,
            None if exists => return Err(nothing_configured(&[])),
            None => return Err(nothing_configured(&files.missing)),
        },
    };
    logged_in(found, args, terminal).await
}

fn in_files(
    kubeconfig: &Kubeconfig,
    args: &ConnectionArgs,
    files: Vec<PathBuf>,
) -> Result<Found, Error> {
    let chosen = Chosen::of(kubeconfig, args)?;
    let mut cluster = chosen.cluster;
    overrides::cluster(&mut cluster, args);
    Ok(Found {
        config: server::config(&cluster, &chosen.cluster_name)?,
        cluster,
        cluster_name: chosen.cluster_name,
        user: chosen.user,
        user_name: chosen.user_name,
        namespace: chosen.namespace,
        files,
    })
}

async fn logged_in(found: Found, args: &ConnectionArgs, terminal: bool) -> Result<Access, Error> {
    let flag = args.namespace.clone().filter(|name| !name.is_empty());
    let namespace = flag.or(found.namespace.filter(|name| !name.is_empty()));
    let namespace = namespace.unwrap_or_else(|| "default".to_owned());
    if !name::is_label(&namespace) {
        return Err(Error::Usage {
            message: format!("`{namespace}` cannot be the name of a namespace"),
            hint: Some(name::LABEL_RULE.to_owned()),
        });
    }
    let (mut config, cluster) = (found.config, found.cluster);
    config.default_namespace.clone_from(&namespace);
    let proxy_url = cluster.proxy_url.as_deref();
    let proxy = proxy::of(&config.cluster_url, proxy_url, &found.cluster_name)?;
    let mut user = found.user;
    overrides::user(&mut user, args);
    let mut credentials =
        Credentials::of_user(user, &found.user_name, &cluster, &config, found.files)?;
    if config.cluster_url.scheme() != Some(&Scheme::HTTPS) {
        credentials = credentials.without_proof();
    }
    config.auth_info = credentials.obtain(terminal).await?;
    Ok(Access {
        config,
        there: There::new(namespace, args.words()),
        proxy,
        credentials,
        request_timeout: args.request_timeout,
    })
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
