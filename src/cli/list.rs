//! The words of `list`.

use clap::{Args, ValueEnum};

/// The words of `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// One pod: its name, or pod/NAME; or those of a workload: TYPE/NAME [default: all of the namespace]
    #[arg(value_name = "POD | TYPE/NAME")]
    pub pod: Option<String>,
    /// The pods of all namespaces, whatever --namespace says
    #[arg(short = 'A', long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub all_namespaces: Option<bool>,
    /// The pods with these labels, such as `app=web,tier in (front, back)`
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// In which form: wide, json, yaml or name [default: a table]
    #[arg(
        short,
        long,
        value_enum,
        value_name = "FORM",
        hide_possible_values = true
    )]
    pub output: Option<ListOutput>,
    /// Leave out the line with the names of the columns
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL", hide_possible_values = true)]
    pub no_headers: Option<bool>,
}

/// In which form a list is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum ListOutput {
    /// The table, with more columns.
    Wide,
    /// One JSON document.
    Json,
    /// The same as YAML.
    Yaml,
    /// A line for each container, ready for other commands.
    Name,
}
