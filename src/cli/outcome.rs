//! The words that say whether the container is added, and what is printed of it.

use clap::Args;

/// What is done and what is printed.
#[derive(Args, Clone, Debug)]
pub struct OutcomeArgs {
    /// Add nothing: with client print what would be sent, with server what the server would make of it
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "", value_name = "none|client|server", value_parser = dry_run)]
    pub dry_run: Option<DryRunWord>,
    /// Print what was added; with a command: one record of how it went. One of json, yaml, name
    #[arg(short = 'o', long, value_name = "FORMAT", value_parser = format)]
    pub output: Option<Format>,
}

/// What `--dry-run` asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DryRun {
    /// Nothing is sent.
    Client,
    /// The server checks it, and forgets it.
    Server,
}

/// How `--dry-run` was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DryRunWord {
    /// What it asks for.
    pub wanted: Option<DryRun>,
    /// What should be written instead, where kubectl calls it deprecated.
    pub deprecated: Option<&'static str>,
}

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
    /// `pod/NAME` alone.
    Name,
}

/// Reads `--dry-run` as kubectl 1.32 does: alone it is `client`, and booleans are deprecated.
fn dry_run(word: &str) -> Result<DryRunWord, String> {
    let (wanted, deprecated) = match word {
        "client" => (Some(DryRun::Client), None),
        "server" => (Some(DryRun::Server), None),
        "none" => (None, None),
        "" => (
            Some(DryRun::Client),
            Some("--dry-run is deprecated and can be replaced with --dry-run=client"),
        ),
        "true" => (
            Some(DryRun::Client),
            Some("--dry-run=true is deprecated and can be replaced with --dry-run=client"),
        ),
        "false" => (
            None,
            Some("--dry-run=false is deprecated and can be replaced with --dry-run=none"),
        ),
        _ => return Err("it must be `none`, `server` or `client`".to_owned()),
    };
    Ok(DryRunWord { wanted, deprecated })
}

/// Reads `-o`, in capitals too, as kubectl does.
fn format(word: &str) -> Result<Format, String> {
    match word.to_ascii_lowercase().as_str() {
        "json" => Ok(Format::Json),
        "yaml" => Ok(Format::Yaml),
        "name" => Ok(Format::Name),
        _ => Err("the formats are `json`, `yaml` and `name`".to_owned()),
    }
}
