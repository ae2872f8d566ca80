//! The forms of what has parts.

use clap::ValueEnum;

/// In which form something with parts is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum DocumentForm {
    /// JSON.
    Json,
    /// The same as YAML.
    Yaml,
}
