//! A stay that only listens: the container's log, from its first byte to its last.

use futures_util::{Stream, StreamExt};

use super::{
    Place,
    ending::{self, REPORTED_WITHIN},
    sink::Sink,
};
use crate::{
    cluster::PodWatch, error::Error, exit_status::ExitStatus, progress::Ended, report::Reporter,
    terminal::Target,
};

/// How the reading of the log ended.
enum Read {
    ToItsEnd,
    BrokeOff(Error),
    /// Nobody takes what we write.
    Unread,
}

/// Shows what the container has written and writes, until it ends.
///
/// `known` is how it ended, if that is known already.
pub(in crate::command) async fn logged(
    place: &Place<'_>,
    mut watch: PodWatch,
    known: Option<Ended>,
    report: &Reporter,
) -> Result<ExitStatus, Error> {
    let log = place.cluster.log(&place.pod, &place.container).await?;
    let read = show(log, place).await?;
    match read {
        Read::ToItsEnd => {}
        Read::Unread => return Ok(ending::unread(place, report)),
        Read::BrokeOff(error) => {
            return Err(ending::lost(place, format!("its log broke off: {error}")));
        }
    }
    let ended = match known {
        Some(ended) => Some(ended),
        None => ending::reported(place, &mut watch, REPORTED_WITHIN, report).await,
    };
    match ended {
        Some(ended) => Ok(ending::with(&ended, report)),
        None => Err(Error::ExitCodeUnknown {
            container: place.container.clone(),
        }),
    }
}

async fn show(
    mut log: impl Stream<Item = Result<bytes::Bytes, Error>> + Unpin,
    place: &Place<'_>,
) -> Result<Read, Error> {
    let stdout = Sink::start(Target::Stdout, place.shelf.as_ref());
    let stdout_tx = stdout.sender();
    let read = loop {
        match log.next().await {
            Some(Ok(bytes)) => {
                if stdout_tx.send(bytes).await.is_err() {
                    break Read::Unread;
                }
            }
            Some(Err(error)) => break Read::BrokeOff(error),
            None => break Read::ToItsEnd,
        }
    };
    drop(stdout_tx);
    ending::written(stdout).await?;
    Ok(read)
}
