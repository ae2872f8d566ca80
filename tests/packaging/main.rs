//! What is shipped, and how: it must agree with the program, and pass what krew and its index check.
//!
//! - `manifest`  the rules of krew and its index, and what breaks them
//! - `krew`      `plugin.yaml` and `krew-manifest/ephemeral.yaml`
//! - `archives`  the same bytes each time, and what is in them
//! - `licences`  of what the binary is made of
//! - `workflows` what runs in CI, and with which rights

#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a file that cannot be read fails the test; one that is skipped says so"
)]

mod archives;
mod krew;
mod licences;
mod manifest;
mod workflows;
