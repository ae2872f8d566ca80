//! Which entry of a list in the kubeconfig is meant.

use super::failed;
use crate::{
    error::{Error, listed},
    nearest::nearest,
};

/// How many names are told where there are more.
const TOLD: usize = 10;

/// Says that a name is not there, which is most like it, and which are.
pub(super) fn unknown(what: &str, name: &str, of: &str, known: &[String]) -> Error {
    let near = nearest(name, known);
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let known = some(known);
    failed(
        format!("{what} \"{name}\"{of} does not exist"),
        Some(&format!("{near}the kubeconfig has {known}")),
    )
}

/// Writes names as a sentence has them, not more than one can read.
pub(super) fn some(known: &[String]) -> String {
    match known.len().checked_sub(TOLD) {
        None | Some(0) => listed(known),
        Some(more) => format!("{} and {more} more", listed(&known[..TOLD])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_no_longer_than_one_can_read() {
        let many: Vec<_> = (0..12).map(|number| format!("c{number}")).collect();
        assert!(some(&many).ends_with("`c9` and 2 more"));
        assert_eq!(some(&many[..2]), "`c0`, `c1`");
    }
}
