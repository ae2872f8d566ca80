//! Which cluster, user and namespace of a kubeconfig are meant, by flags and by the context.

use kube::config::{AuthInfo, Cluster, Context, Kubeconfig};

use super::{choice, failed};
use crate::{cli::ConnectionArgs, error::Error};

/// A cluster, a user and a namespace of the kubeconfig.
pub(super) struct Chosen {
    pub(super) cluster_name: String,
    pub(super) cluster: Cluster,
    pub(super) user_name: String,
    pub(super) user: AuthInfo,
    pub(super) namespace: Option<String>,
}

impl Chosen {
    /// Chooses by flags first, then by the context, as client-go does: what is named must be
    /// there, and a flag that names the server makes up for a cluster that nobody names.
    pub(super) fn of(kubeconfig: &Kubeconfig, args: &ConnectionArgs) -> Result<Self, Error> {
        let flag = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let context = current_context(kubeconfig, args.context.as_deref())?;
        let of = |flag: &Option<String>| match (&context, flag) {
            (Some((name, _)), None) => format!(" of context \"{name}\""),
            (Some(_) | None, _) => String::new(),
        };
        let (cluster_flag, user_flag) = (flag(&args.cluster), flag(&args.user));
        let (in_cluster, of_user) = (of(&cluster_flag), of(&user_flag));
        let named = context;
        let context = named.as_ref().map(|(_, context)| context.clone());
        if context.is_none() && cluster_flag.is_none() && flag(&args.server).is_none() {
            return Err(no_context(kubeconfig));
        }
        let in_context = |name: Option<String>| name.filter(|name| !name.is_empty());
        let cluster = cluster_flag
            .or_else(|| in_context(context.as_ref().map(|context| context.cluster.clone())));
        if let (Some((name, _)), None, None) = (&named, &cluster, flag(&args.server)) {
            return Err(no_cluster(name));
        }
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

fn no_cluster(context: &str) -> Error {
    failed(
        format!("context \"{context}\" names no cluster"),
        Some(&format!(
            "`kubectl config set-context {context} --cluster=NAME` names one; --cluster does it for once"
        )),
    )
}

fn contexts(kubeconfig: &Kubeconfig) -> Vec<String> {
    let contexts = kubeconfig.contexts.iter();
    contexts.map(|named| named.name.clone()).collect()
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
        let cases: [(&str, Change, &str); 7] = [
            (
                "{current-context: c, contexts: [{name: c, context: {cluster: '', user: me}}]}",
                none,
                "context \"c\" names no cluster | `kubectl config set-context c --cluster=NAME` names one; \
                 --cluster does it for once",
            ),
            (
                TWO,
                |args| args.context = Some("nope".to_owned()),
                "context \"nope\" does not exist | the kubeconfig has `one`, `two`",
            ),
            (
                TWO,
                |args| args.context = Some("oen".to_owned()),
                "context \"oen\" does not exist | did you mean `one`? the kubeconfig has `one`, `two`",
            ),
            (
                TWO,
                |args| args.user = Some("yuo".to_owned()),
                "user \"yuo\" does not exist | did you mean `you`? the kubeconfig has `me`, `you`",
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
