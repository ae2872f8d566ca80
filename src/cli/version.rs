//! The words of `version`.

use clap::Args;

use super::DocumentForm;

/// The words of `version`.
#[derive(Args, Debug)]
pub struct VersionArgs {
    /// Leave out the server, and so need no cluster
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub client: Option<bool>,
    /// In which form: json or yaml [default: lines]
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORM",
        hide_possible_values = true
    )]
    pub output: Option<DocumentForm>,
}
