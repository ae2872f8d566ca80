//! The words of `check`.

use clap::Args;

use super::DocumentForm;

/// The words of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The pod: its name, or pod/NAME; or one of a workload: TYPE/NAME [default: what can be told without one]
    #[arg(value_name = "POD | TYPE/NAME")]
    pub pod: Option<String>,
    /// In which form: json or yaml [default: a table]
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORM",
        hide_possible_values = true
    )]
    pub output: Option<DocumentForm>,
}
