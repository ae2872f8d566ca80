//! The user's kubeconfig and flags, resolved to one cluster, one user and one namespace.
//!
//! kube reads and merges the files; the rules on which file, context and field counts are
//! kubectl's, and live here.

mod choice;
mod client_certificate;
mod credentials;
mod files;
mod in_cluster;
mod overrides;
mod plugin;
mod policy;
mod proxy;
mod server;

pub use credentials::Credentials;
pub use proxy::{Proxy, ProxyKind};

use std::{io, time::Duration};

use kube::{
    Config,
    config::{AuthInfo, Cluster, Context, Kubeconfig},
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

/// A cluster, a user and a namespace of the kubeconfig.
struct Chosen {
    cluster_name: String,
    cluster: Cluster,
    user_name: String,
    user: AuthInfo,
    namespace: Option<String>,
}

impl Chosen {
    /// Chooses by flags first, then by the context, as client-go does: what is named must be
    /// there, and a flag that names the server makes up for a cluster that nobody names.
    fn of(kubeconfig: &Kubeconfig, args: &ConnectionArgs) -> Result<Self, Error> {
        let flag = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let context = current_context(kubeconfig, args.context.as_deref())?;
        let of = |flag: &Option<String>| match (&context, flag) {
            (Some((name, _)), None) => format!(" of context \"{name}\""),
            (Some(_) | None, _) => String::new(),
        };
        let (cluster_flag, user_flag) = (flag(&args.cluster), flag(&args.user));
        let (in_cluster, of_user) = (of(&cluster_flag), of(&user_flag));
        let context = context.map(|(_, context)| context);
        if context.is_none() && cluster_flag.is_none() && flag(&args.server).is_none() {
            return Err(no_context(kubeconfig));
        }
        let in_context = |name: Option<String>| name.filter(|name| !name.is_empty());
        let cluster = cluster_flag
            .or_else(|| in_context(context.as_ref().map(|context| context.cluster.clone())));
        let user =
            user_flag.or_else(|| in_context(context.as_ref().and_then(|it| it.user.clone())));
        Ok(Self {
            cluster: match &cluster {
                Some(name) => find_cluster(kubeconfig, name, &in_cluster)?,
                None => Cluster::default(),
            },
            cluster_name: cluster.unwrap_or_default(),
            user: match &user {
                Some(name) => find_user(kubeconfig, name, &of_user)?,
                None => AuthInfo::default(),
            },
            user_name: user.unwrap_or_default(),
            namespace: context.and_then(|context| context.namespace),
        })
    }
}

fn find_cluster(kubeconfig: &Kubeconfig, name: &str, of: &str) -> Result<Cluster, Error> {
    let mut named = kubeconfig.clusters.iter();
    let found = named.find(|named| named.name == name);
    found
        .and_then(|named| named.cluster.clone())
        .ok_or_else(|| {
            let known = kubeconfig.clusters.iter().map(|named| named.name.clone());
            choice::unknown("cluster", name, of, &known.collect::<Vec<_>>())
        })
}

fn find_user(kubeconfig: &Kubeconfig, name: &str, of: &str) -> Result<AuthInfo, Error> {
    let mut named = kubeconfig.auth_infos.iter();
    match named.find(|named| named.name == name) {
        Some(named) => Ok(named.auth_info.clone().unwrap_or_default()),
        None => {
            let known = kubeconfig.auth_infos.iter().map(|named| named.name.clone());
            Err(choice::unknown(
                "user",
                name,
                of,
                &known.collect::<Vec<_>>(),
            ))
        }
    }
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

/// Returns the context that is named by flag, else the current one, if there is any.
fn current_context(
    kubeconfig: &Kubeconfig,
    wanted: Option<&str>,
) -> Result<Option<(String, Context)>, Error> {
    let wanted = wanted.filter(|name| !name.is_empty());
    let Some(name) = wanted
        .or(kubeconfig.current_context.as_deref())
        .filter(|name| !name.is_empty())
    else {
        return Ok(None);
    };
    let found = kubeconfig.contexts.iter().find(|named| named.name == name);
    match found.and_then(|named| named.context.clone()) {
        Some(context) => Ok(Some((name.to_owned(), context))),
        None => Err(choice::unknown("context", name, "", &contexts(kubeconfig))),
    }
}

fn no_context(kubeconfig: &Kubeconfig) -> Error {
    let known = choice::some(&contexts(kubeconfig));
    failed(
        "the kubeconfig has no current context".to_owned(),
        Some(&format!("name one with --context; there are {known}")),
    )
}

fn contexts(kubeconfig: &Kubeconfig) -> Vec<String> {
    let contexts = kubeconfig.contexts.iter();
    contexts.map(|named| named.name.clone()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r"
apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: {cluster: a, user: me, namespace: shop}
- name: two
  context: {cluster: b, user: me}
clusters: [{name: a, cluster: {}}, {name: b, cluster: {}}]
users: [{name: me, user: {}}, {name: you}]
";

    fn pick(text: &str, change: impl Fn(&mut ConnectionArgs)) -> Result<String, String> {
        let mut args = ConnectionArgs::default();
        change(&mut args);
        let kubeconfig = Kubeconfig::from_yaml(text).unwrap();
        match Chosen::of(&kubeconfig, &args) {
            Ok(chosen) => Ok(format!(
                "{}/{}/{}",
                chosen.cluster_name,
                chosen.user_name,
                chosen.namespace.unwrap_or_default()
            )),
            Err(error) => Err(format!("{error} | {}", error.hint().unwrap_or_default())),
        }
    }

    #[test]
    fn flags_win_over_the_context() {
        let picked = |change: fn(&mut ConnectionArgs)| pick(TWO, change).unwrap();
        assert_eq!(picked(|_| {}), "a/me/shop");
        assert_eq!(
            picked(|args| args.context = Some("two".to_owned())),
            "b/me/"
        );
        assert_eq!(
            picked(|args| args.context = Some(String::new())),
            "a/me/shop"
        );
        assert_eq!(
            picked(|args| args.cluster = Some("b".to_owned())),
            "b/me/shop"
        );
        assert_eq!(
            picked(|args| args.user = Some("you".to_owned())),
            "a/you/shop"
        );
    }

    #[test]
    fn a_name_that_is_not_there_is_told_with_those_that_are() {
        type Change = fn(&mut ConnectionArgs);
        let none: Change = |_| {};
        let cases: [(&str, Change, &str); 6] = [
            (
                TWO,
                |args| args.context = Some("nope".to_owned()),
                "context \"nope\" does not exist | the kubeconfig has `one`, `two`",
            ),
            (
                TWO,
                |args| args.context = Some("oen".to_owned()),
                "context \"oen\" does not exist | the kubeconfig has `one`, `two`",
            ),
            (
                TWO,
                |args| args.user = Some("yuo".to_owned()),
                "user \"yuo\" does not exist | the kubeconfig has `me`, `you`",
            ),
            (
                TWO,
                |args| args.cluster = Some("x".to_owned()),
                "cluster \"x\" does not exist | the kubeconfig has `a`, `b`",
            ),
            (
                "{current-context: c, contexts: [{name: c, context: {cluster: gone}}]}",
                none,
                "cluster \"gone\" of context \"c\" does not exist | the kubeconfig has none",
            ),
            (
                "{}",
                none,
                "the kubeconfig has no current context | name one with --context; there are none",
            ),
        ];
        for (text, change, expected) in cases {
            assert_eq!(pick(text, change), Err(expected.to_owned()));
        }
    }

    #[test]
    fn a_server_named_by_flag_needs_no_context() {
        let picked = pick("{}", |args| args.server = Some("https://x".to_owned()));
        assert_eq!(picked.as_deref(), Ok("//"));
    }
}
