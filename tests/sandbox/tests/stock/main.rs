//! Conformance by a stranger: stock kubectl on the sandbox prints and sends what it does on a real cluster.
//!
//! `KUBECTL` names another kubectl than that on the PATH. Of the versions that were recorded everything is
//! compared, of others what is common to both. The table of cases is printed with `--nocapture`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot be set up fails, and one that is skipped says so"
)]

mod commands;
mod errors;
mod kubectl;
mod profiles;

use std::fmt::Write as _;

use self::kubectl::Kubectl;

/// What was tried, and what was wrong with it.
#[derive(Default)]
struct Cases(Vec<(String, Option<String>)>);

impl Cases {
    fn add(&mut self, name: impl Into<String>, difference: Option<String>) {
        self.0.push((name.into(), difference));
    }

    fn same(&mut self, name: impl Into<String>, recorded: &str, seen: &str) {
        let differs = recorded != seen;
        let difference = differs.then(|| format!("recorded:\n{recorded}\nsandbox:\n{seen}"));
        self.add(name, difference);
    }

    fn end(self, kubectl: &Kubectl) {
        let mut table = format!("kubectl {}\n", kubectl.version);
        for (name, difference) in &self.0 {
            let ok = if difference.is_none() { "yes" } else { "NO" };
            writeln!(table, "  {ok:4} {name}").unwrap();
        }
        println!("{table}");
        let wrong: Vec<String> = self
            .0
            .iter()
            .filter_map(|(name, difference)| Some(format!("{name}: {}", difference.as_ref()?)))
            .collect();
        assert!(wrong.is_empty(), "{table}\n{}", wrong.join("\n\n"));
    }
}

#[test]
fn profiles_send_and_print_what_was_recorded() {
    let Some(kubectl) = Kubectl::find() else {
        return;
    };
    let mut cases = Cases::default();
    profiles::play(&kubectl, &mut cases);
    cases.end(&kubectl);
}

#[test]
fn what_goes_wrong_is_printed_as_was_recorded() {
    let Some(kubectl) = Kubectl::find() else {
        return;
    };
    let mut cases = Cases::default();
    errors::play(&kubectl, &mut cases);
    cases.end(&kubectl);
}

#[test]
fn the_other_commands_work() {
    let Some(kubectl) = Kubectl::find() else {
        return;
    };
    let mut cases = Cases::default();
    commands::play(&kubectl, &mut cases);
    cases.end(&kubectl);
}
