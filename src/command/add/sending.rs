//! Sends the container that was built: once, under a name that is free, in the form of the server.

use k8s_openapi::api::core::v1::Pod;

use crate::{
    cluster::{Added, Addition, Cluster, Keep},
    container::{self, Batch, Weakening, name, parts},
    error::Error,
    report::Reporter,
    shell,
};

/// How many names are tried where we choose them. A second one is a chance of one in millions,
/// unless something else chooses names as we do.
const NAMES: usize = 3;
/// How many warnings of one answer are shown.
const MOST_WARNINGS: usize = 10;

/// Who chose the name of the container.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Naming {
    /// We did, and another one is as good.
    Ours,
    /// The user did.
    Theirs,
}

/// How a container is sent.
#[derive(Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) cluster: &'a Cluster,
    /// The pod as it was read.
    pub(super) pod: &'a Pod,
    pub(super) naming: Naming,
    pub(super) keep: Keep,
    /// Whether an old server may get it without its security context.
    pub(super) weakening: Weakening,
    pub(super) report: &'a Reporter,
}

impl Sending<'_> {
    /// Adds the containers, and says what the server had to say.
    pub(super) async fn send(self, mut batch: Batch) -> Result<Added, Error> {
        let mut names = 1;
        let added = loop {
            let unsure = Unsure::new(self, &batch.ours().name);
            let sent = self.in_its_form(&batch).await;
            unsure.over();
            match sent {
                Err(Error::NameTaken { .. }) if self.naming == Naming::Ours && names < NAMES => {
                    batch.rename(name::of_debugger(|end| fastrand::usize(..end)));
                    names += 1;
                }
                Err(Error::NotServed { .. }) => {
                    let version = self.cluster.version().await.ok();
                    return Err(Error::NotServed { version });
                }
                sent => break sent?,
            }
        };
        let (shown, more) = added
            .warnings
            .split_at(added.warnings.len().min(MOST_WARNINGS));
        for warning in shown {
            self.report.warning(warning);
        }
        if !more.is_empty() {
            let count = more.len();
            self.report
                .warning(&format!("the server has {count} more warnings like these"));
        }
        Ok(added)
    }

    async fn in_its_form(self, batch: &Batch) -> Result<Added, Error> {
        let adding = self.cluster.add(self.pod, batch, self.keep);
        match Box::pin(adding).await? {
            Addition::Added(added) => Ok(*added),
            Addition::Historic => {
                let mut given_up = None;
                let batch = batch.clone().map(|container| {
                    let historic = container::for_historic_server(container, self.weakening)?;
                    given_up = given_up.or(historic.given_up);
                    Ok(historic.container)
                })?;
                if let Some(given_up) = given_up {
                    self.report.notice(given_up);
                }
                let cluster = self.cluster;
                Box::pin(cluster.add_historic(self.pod, &batch, self.keep)).await
            }
        }
    }
}

/// Says that the container may be there, if we are stopped before the server has answered.
struct Unsure<'a> {
    line: Option<String>,
    report: &'a Reporter,
}

impl<'a> Unsure<'a> {
    fn new(sending: Sending<'a>, container: &str) -> Self {
        let pod = parts::name(sending.pod);
        let line = format!(
            "container `{container}` may have been added to pod `{pod}`; if it was, \
             `{}` goes to it",
            shell::line_back(pod, container, sending.cluster.there())
        );
        Self {
            line: (sending.keep == Keep::ForGood).then_some(line),
            report: sending.report,
        }
    }

    /// Nothing is left to tell: the server has answered, or an error says what is known.
    fn over(mut self) {
        self.line = None;
    }
}

impl Drop for Unsure<'_> {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            self.report.hint(line);
        }
    }
}
