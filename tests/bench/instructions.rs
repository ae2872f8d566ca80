//! How many instructions our program takes, counted as the tests count them.

use crate::{
    callgrind::{self, Counts},
    scene::Scene,
};

/// Counts, if there is a valgrind.
pub(crate) fn count(scene: &Scene) -> Option<Counts> {
    if !callgrind::is_there() {
        crate::note("note: no valgrind, so no instructions are counted");
        return None;
    }
    crate::note("instructions: one run of each");
    let pods = [scene.next_pod(), scene.next_pod(), scene.next_pod()];
    let counts = callgrind::count(scene.kubeconfig(), pods.each_ref().map(String::as_str));
    counts
        .inspect_err(|error| crate::note(&format!("note: instructions: {error}")))
        .ok()
}
