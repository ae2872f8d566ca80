//! `kubectl ephemeral`: an ephemeral debug container in a running pod, and a terminal in it.
//!
//! The library is for this package's program, tests and benchmarks; nobody else is meant to use
//! it. `docs/design.md` says which module does what and which way the imports point.

pub mod cli;
pub mod cluster;
pub mod command;
pub mod container;
pub mod core_dumps;
pub mod error;
pub mod exit_status;
pub mod keys;
pub mod kubeconfig;
pub mod nearest;
pub mod picker;
pub mod progress;
pub mod report;
pub mod rights;
pub mod session;
pub mod shell;
pub mod signals;
pub mod size;
pub mod terminal;

#[cfg(test)]
mod properties;
