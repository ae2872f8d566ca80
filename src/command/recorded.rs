//! Tells how a command went as one record, instead of passing its output on.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use super::{add::Addition, stay::Place};
use crate::{
    cluster::Added,
    container::{Standing, parts},
    error::Error,
    exit_status::ExitStatus,
    report::{Phases, Record},
};

/// What is known of a container once it was added.
#[derive(Debug)]
pub(super) struct Began {
    record: Record,
    uid: Option<String>,
}

impl Began {
    /// Begins a record; `requested` is when the container was sent.
    pub(super) fn new(addition: &Addition<'_>, requested: Timestamp) -> Self {
        let Added { pod, container, .. } = &addition.added;
        let place = &addition.place;
        let mut record = Record::new();
        place.cluster.namespace().clone_into(&mut record.namespace);
        record.pod.clone_from(&place.pod);
        record.uid.clone_from(&pod.metadata.uid);
        record.container.clone_from(&container.name);
        record.image.clone_from(&container.image);
        record.target.clone_from(&container.target_container_name);
        record.profile = addition.profile.map(|profile| profile.name().to_owned());
        record.user = Standing::of(container, pod).user;
        record.phases = Phases {
            requested: Some(requested),
            added: Some(Timestamp::now()),
            ..Phases::default()
        };
        Self {
            record,
            uid: pod.metadata.uid.clone(),
        }
    }

    /// Completes it once the container has ended, or will not start.
    pub(super) async fn ended(
        self,
        place: &Place<'_>,
        ended: &Result<ExitStatus, Error>,
    ) -> Record {
        let mut record = self.record;
        if let Some(shelf) = &place.shelf {
            let (stdout, stderr) = shelf.take();
            record.output(stdout, stderr);
        }
        match ended {
            Ok(ExitStatus::Container(code)) => record.exit_code = Some(*code),
            Ok(_) => {}
            Err(error) => record.failed(error),
        }
        // What the pod says last has the image and the times. Without it the rest is still true.
        let last = Box::pin(place.cluster.pod(&place.pod)).await.ok();
        if let Some(pod) = last.filter(|pod| pod.metadata.uid == self.uid) {
            enter(&mut record, &pod, &place.container);
        }
        record.signal = record.exit_code.and_then(signal);
        record
    }
}

fn enter(record: &mut Record, pod: &Pod, container: &str) {
    let spec = pod.spec.as_ref();
    record.node = spec.and_then(|spec| spec.node_name.clone());
    let Some(status) = parts::ephemeral_status(pod, container) else {
        return;
    };
    let image_id = Some(status.image_id.clone());
    record.image_id = image_id.filter(|image_id| !image_id.is_empty());
    let state = status.state.as_ref();
    if let Some(terminated) = state.and_then(|state| state.terminated.as_ref()) {
        record.phases.started = terminated.started_at.as_ref().map(|time| time.0);
        record.phases.finished = terminated.finished_at.as_ref().map(|time| time.0);
        record.exit_code = Some(terminated.exit_code);
        record.reason.clone_from(&terminated.reason);
    } else if let Some(running) = state.and_then(|state| state.running.as_ref()) {
        record.phases.started = running.started_at.as_ref().map(|time| time.0);
    } else if let Some(waiting) = state.and_then(|state| state.waiting.as_ref()) {
        record.reason.clone_from(&waiting.reason);
    }
}

/// Returns the signal that ended a command, as its exit code has it.
fn signal(code: i32) -> Option<i32> {
    (129..=128 + 64).contains(&code).then(|| code - 128)
}
