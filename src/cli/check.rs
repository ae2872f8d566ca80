//! The words of `check`.

use clap::{Args, ValueEnum};

use super::debug::image;

/// The words of `check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The pod: its name, or pod/NAME [default: the rights alone are checked]
    #[arg(value_name = "POD")]
    pub pod: Option<String>,
    /// The image of the debug container that would be added
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// How to print it: a table [default], or json
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORM",
        default_value = "table",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub output: CheckForm,
}

/// How the outcome of a check is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum CheckForm {
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl CheckArgs {
    /// Returns the image that would be used: by flag, else by the environment, else the default.
    pub fn image(&self) -> String {
        image(self.image.as_deref())
    }
}
