//! The user's kubeconfig and flags, resolved to one cluster, one user and one namespace.
//!
//! kube reads and merges the files; the rules on which file, context and field counts are
//! kubectl's, and live here.

mod credentials;
mod files;
mod in_cluster;
mod server;

use kube::{
    Config,
    config::{Context, Kubeconfig},
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
}

/// Resolves flags, environment and files.
pub fn resolve(args: &ConnectionArgs) -> Result<Access, Error> {
    let files = files::read(args.kubeconfig.as_deref())?;
    let Some(kubeconfig) = files.kubeconfig else {
        return match in_cluster::access()? {
            Some(access) => with_namespace(access, args),
            None => Err(failed(
                format!(
                    "there is no kubeconfig: {} not found",
                    listed(&files.missing)
                ),
                Some("name one with --kubeconfig or the variable KUBECONFIG"),
            )),
        };
    };
    let (name, context) = current_context(&kubeconfig, args.context.as_deref())?;
    let mut config = server::config(&kubeconfig, &name, &context.cluster)?;
    if let Some(user) = context.user.as_deref().filter(|user| !user.is_empty()) {
        config.auth_info = credentials::of_user(&kubeconfig, &name, user)?;
    }
    let namespace = context
        .namespace
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "default".to_owned());
    with_namespace(Access { config, namespace }, args)
}

fn with_namespace(mut access: Access, args: &ConnectionArgs) -> Result<Access, Error> {
    if let Some(namespace) = args.namespace.as_ref().filter(|name| !name.is_empty()) {
        access.namespace.clone_from(namespace);
    }
    if !name::is_label(&access.namespace) {
        return Err(Error::Usage {
            message: format!("`{}` cannot be the name of a namespace", access.namespace),
            hint: Some(name::LABEL_RULE.to_owned()),
        });
    }
    access
        .config
        .default_namespace
        .clone_from(&access.namespace);
    Ok(access)
}

fn current_context(
    kubeconfig: &Kubeconfig,
    wanted: Option<&str>,
) -> Result<(String, Context), Error> {
    let known = || {
        listed(
            &kubeconfig
                .contexts
                .iter()
                .map(|named| named.name.clone())
                .collect::<Vec<_>>(),
        )
    };
    let wanted = wanted.filter(|name| !name.is_empty());
    let Some(name) = wanted
        .or(kubeconfig.current_context.as_deref())
        .filter(|name| !name.is_empty())
    else {
        return Err(failed(
            "the kubeconfig has no current context".to_owned(),
            Some(&format!("name one with --context; there are {}", known())),
        ));
    };
    let found = kubeconfig.contexts.iter().find(|named| named.name == name);
    match found.and_then(|named| named.context.clone()) {
        Some(context) => Ok((name.to_owned(), context)),
        None => Err(failed(
            format!("context \"{name}\" does not exist"),
            Some(&format!("the kubeconfig has {}", known())),
        )),
    }
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
";

    fn pick(text: &str, wanted: Option<&str>) -> Result<String, String> {
        let kubeconfig = Kubeconfig::from_yaml(text).unwrap();
        match current_context(&kubeconfig, wanted) {
            Ok((name, _)) => Ok(name),
            Err(error) => Err(format!("{error} | {}", error.hint().unwrap_or_default())),
        }
    }

    #[test]
    fn the_flag_wins_over_the_current_context() {
        assert_eq!(pick(TWO, None).as_deref(), Ok("one"));
        assert_eq!(pick(TWO, Some("two")).as_deref(), Ok("two"));
        assert_eq!(pick(TWO, Some("")).as_deref(), Ok("one"));
    }

    #[test]
    fn a_context_that_is_not_there_is_named_with_those_that_are() {
        assert_eq!(
            pick(TWO, Some("nope")),
            Err("context \"nope\" does not exist | the kubeconfig has `one`, `two`".to_owned())
        );
        assert_eq!(
            pick("{}", None),
            Err(
                "the kubeconfig has no current context | name one with --context; there are none"
                    .to_owned()
            )
        );
    }
}
