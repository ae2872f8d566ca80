//! The containers that are added together.

use k8s_openapi::api::core::v1::EphemeralContainer;

/// Containers that are added in one request, all or none, and the one of them that we attach to.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    before: Vec<EphemeralContainer>,
    ours: EphemeralContainer,
    after: Vec<EphemeralContainer>,
}

impl Batch {
    /// Returns the containers with that at a place as ours, or nothing if none is there.
    pub fn of(mut before: Vec<EphemeralContainer>, ours: usize) -> Option<Self> {
        let mut after = (ours < before.len()).then(|| before.split_off(ours))?;
        let ours = after.remove(0);
        Some(Self {
            before,
            ours,
            after,
        })
    }

    /// Returns the container that we attach to.
    pub fn ours(&self) -> &EphemeralContainer {
        &self.ours
    }

    /// Returns all, in their order.
    pub fn all(&self) -> Vec<EphemeralContainer> {
        let before = self.before.iter();
        before
            .chain([&self.ours])
            .chain(&self.after)
            .cloned()
            .collect()
    }

    /// Returns the names of all.
    pub fn names(&self) -> Vec<String> {
        let all = self.all().into_iter();
        all.map(|container| container.name).collect()
    }

    /// Gives ours another name.
    pub fn rename(&mut self, name: String) {
        self.ours.name = name;
    }

    /// Changes each in the same way.
    pub fn map<E>(
        self,
        mut change: impl FnMut(EphemeralContainer) -> Result<EphemeralContainer, E>,
    ) -> Result<Self, E> {
        let mut changed = |containers: Vec<_>| {
            let containers = containers.into_iter();
            containers.map(&mut change).collect::<Result<Vec<_>, E>>()
        };
        let (before, after) = (changed(self.before)?, changed(self.after)?);
        Ok(Self {
            before,
            ours: change(self.ours)?,
            after,
        })
    }
}

impl From<EphemeralContainer> for Batch {
    fn from(ours: EphemeralContainer) -> Self {
        Self {
            before: Vec::new(),
            ours,
            after: Vec::new(),
        }
    }
}
