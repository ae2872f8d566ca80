//! The plugin as users have it, from argv to exit code, against a sandbox.
//!
//! - `plugin`    runs the binary without a terminal; `screen` runs it, or another program, in one
//! - `servers`   Kubernetes of other ages
//! - `session`   the main job with a terminal: prompt, keys, size, Ctrl-C, exit code
//! - `output`    the main job without one: output, errors, pipes, exit codes
//! - `refusals`  each thing that can go wrong: one clear error, the right code
//! - `restored`  the terminal comes back as it was, however it ends
//! - `faults`    what network and server do to a session, and what becomes of it
//! - `traffic`   what is asked of the API server, and how often
//! - `attach`    going back to a container
//! - `access`    which cluster, and as whom: files and flags; `access_credentials`, `access_proxy`,
//!   `access_tls`, `access_wire`, `access_stock`; `listener` has the small servers they need
//! - `help`      what the words of the command line are
//! - `workloads` one of the pods of a workload
//! - `watching`  a pod, across what interrupts watches
//! - `stock`     stock kubectl on the sandbox, so that the sandbox stays honest

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up fails"
)]

mod access;
mod access_credentials;
mod access_proxy;
mod access_stock;
mod access_tls;
mod access_wire;
mod attach;
mod faults;
mod help;
mod listener;
mod output;
mod plugin;
mod refusals;
mod restored;
mod screen;
mod servers;
mod session;
mod stock;
mod traffic;
mod watching;
mod workloads;
