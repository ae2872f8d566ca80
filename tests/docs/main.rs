//! README.md and docs/ are true: what they show is run, what is generated is up to date, what they name is there.
//!
//! - `pages`     runs what each page shows in a console, as a user would type it
//! - `block`     the parts of a page between its fences; `session` plays one of a console
//! - `shell`     a shell in a terminal, and what its screen shows
//! - `same`      whether a screen shows what the page says, but for what differs from run to run
//! - `world`     the cluster the pages are about, and what is in its containers
//! - `kept`      files of which we write some part; `UPDATE=1` writes it anew
//! - `flags`     the flags in docs/reference/cli.md; `manual` the manual pages
//! - `contract`  exit codes and variables are the same everywhere; `words`: flags and lines that are named in passing
//! - `manifests` YAML and JSON on the pages, and whether the roles among it are enough
//! - `order`     links, fences, and the list of what is not run

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]

mod block;
mod contract;
mod flags;
mod kept;
mod manifests;
mod manual;
mod order;
mod pages;
mod same;
mod session;
mod shell;
mod words;
mod world;
