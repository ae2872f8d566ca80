//! What a container is added for.

use super::Mode;
use crate::{
    cli::{DebugArgs, DocumentForm, DryRun, Format},
    error::Error,
};

/// What a container is added for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Aim {
    /// It is not added: what would be is printed.
    Try(DryRun, Printed),
    /// It is added and left, and printed.
    Leave(Printed),
    /// It is added, waited for, and stayed in until its end.
    Stay,
    /// The same, and how it went is printed at the end, as one record.
    Record(DocumentForm),
}

/// What is printed of a container.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Printed {
    /// A sentence where it was only tried, else its name.
    Plain,
    /// `pod/NAME`.
    PodName,
    /// The pod's manifest with nothing in it but the container.
    Manifest(DocumentForm),
}

impl Aim {
    /// Tells whether the words ask for less than a stay: then it does not matter which terminals
    /// there are now.
    pub(super) fn is_leaving(args: &DebugArgs) -> bool {
        args.attach == Some(false) || dry_run(args).is_some()
    }

    /// Reads what was asked for; `mode` is what the container will have.
    pub(super) fn new(args: &DebugArgs, mode: Mode) -> Result<Self, Error> {
        let printed = match args.outcome.output {
            None => Printed::Plain,
            Some(Format::Name) => Printed::PodName,
            Some(Format::Json) => Printed::Manifest(DocumentForm::Json),
            Some(Format::Yaml) => Printed::Manifest(DocumentForm::Yaml),
        };
        let aim = match (dry_run(args), printed) {
            (Some(dry_run), printed) => Self::Try(dry_run, printed),
            (None, printed) if args.attach == Some(false) => Self::Leave(printed),
            (None, Printed::Plain) => Self::Stay,
            (None, Printed::Manifest(form)) => Self::Record(form),
            (None, Printed::PodName) => {
                return Err(Error::Usage {
                    message: "`-o name` is for a container that is added and left".to_owned(),
                    hint: Some(
                        "add --attach=false, or --dry-run=client to add nothing at all".to_owned(),
                    ),
                });
            }
        };
        // What a file says of it is known later.
        if args.filename.is_none() {
            aim.check_mode(mode)?;
        }
        Ok(aim)
    }

    /// Tells whether we go to the container once it is added.
    pub fn stays(self) -> bool {
        match self {
            Self::Stay | Self::Record(_) => true,
            Self::Try(..) | Self::Leave(_) => false,
        }
    }

    /// Refuses the record of a terminal session: its bytes are for a screen.
    pub fn check_mode(self, mode: Mode) -> Result<(), Error> {
        match (self, mode) {
            (Self::Record(_), Mode::Terminal) => Err(Error::Usage {
                message: "`-o` and a terminal session exclude each other".to_owned(),
                hint: Some(
                    "name a command after `--`, or add --attach=false or --dry-run=client"
                        .to_owned(),
                ),
            }),
            _ => Ok(()),
        }
    }
}

fn dry_run(args: &DebugArgs) -> Option<DryRun> {
    args.outcome.dry_run.and_then(|word| word.wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::Cli, container::DebugRequest};

    fn aim(words: &[&str]) -> Result<Aim, String> {
        let words = ["kubectl-ephemeral", "web"].iter().chain(words);
        let cli = Cli::parse_words(words.map(Into::into)).unwrap();
        let request = DebugRequest::new(&cli.debug, true, true);
        request
            .map(|request| request.aim)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn each_set_of_words_has_one_aim() {
        let yaml = Printed::Manifest(DocumentForm::Yaml);
        let exclude = "`-o` and a terminal session exclude each other";
        for (words, expected) in [
            (&[][..], Ok(Aim::Stay)),
            (&["--dry-run=none"], Ok(Aim::Stay)),
            (&["--dry-run=false"], Ok(Aim::Stay)),
            (&["--attach=false"], Ok(Aim::Leave(Printed::Plain))),
            (
                &["--attach=false", "-o", "name"],
                Ok(Aim::Leave(Printed::PodName)),
            ),
            (&["--attach=false", "-oyaml"], Ok(Aim::Leave(yaml))),
            (&["--dry-run"], Ok(Aim::Try(DryRun::Client, Printed::Plain))),
            (
                &["--dry-run=client", "-o", "YAML"],
                Ok(Aim::Try(DryRun::Client, yaml)),
            ),
            (
                &["--dry-run=server", "--attach=true", "--", "ls"],
                Ok(Aim::Try(DryRun::Server, Printed::Plain)),
            ),
            (
                &["-o", "json", "--", "ls"],
                Ok(Aim::Record(DocumentForm::Json)),
            ),
            (
                &["-o", "yaml", "-i", "--", "cat"],
                Ok(Aim::Record(DocumentForm::Yaml)),
            ),
            (&["-o", "json"], Err(exclude)),
            (&["-o", "json", "-it", "--", "sh"], Err(exclude)),
            (
                &["-o", "name", "--", "ls"],
                Err("`-o name` is for a container that is added and left"),
            ),
        ] {
            assert_eq!(aim(words), expected.map_err(str::to_owned), "{words:?}");
        }
    }
}
