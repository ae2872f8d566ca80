//! Compares the plugin with stock `kubectl debug` and with a bare client: the same sessions on the same
//! sandbox, or on a cluster, in turns.

mod answering;
mod arguments;
mod bare;
#[path = "../instructions/callgrind.rs"]
mod callgrind;
mod client;
mod cluster;
mod contract;
#[path = "../instructions/counted.rs"]
mod counted;
mod document;
mod echo;
mod figure;
mod flow;
mod instructions;
mod json;
mod machine;
mod rounds;
mod running;
mod scene;
mod series;
mod table;
mod terminal;
mod visit;
mod wrapper;

use std::{
    env,
    io::{self, Write as _},
    process::ExitCode,
};

use crate::{
    arguments::{HELP, Options, Request},
    contract::Against,
    table::Table,
};

fn main() -> ExitCode {
    let done = match arguments::parse(env::args_os().skip(1)) {
        Ok(Request::Help) => print(HELP),
        Ok(Request::Measure { file, words }) => return wrapper::run(&file, &words),
        Ok(Request::Attach(pod, container, terminal)) => {
            return bare::run(&pod, &container, terminal);
        }
        Ok(Request::Answer) => return answering::run(),
        Ok(Request::Compare(options)) => compare(&options),
        Err(wrong) => {
            note(&format!("error: {wrong}\nTry --help."));
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> io::Result<()> {
    let clients = client::all()?;
    let measured = if options.on_a_cluster {
        series::on_a_cluster(&clients, options.runs)?
    } else {
        series::on_a_sandbox(&clients, options.runs)?
    };
    let mut rows = contract::rows(&measured);
    if options.on_a_cluster {
        // What only a server can tell.
        rows.retain(contract::Row::is_measured);
    }
    let against = Against::of(&clients);
    if options.json {
        return print(&json::render(&clients, against, &measured, &rows));
    }
    let table = Table::new(&clients, against, &rows);
    if let Some(page) = &options.page {
        let on = format!("Measured on a machine of {}.", machine::describe());
        document::update(page, &[&on, "\n\n", &table.markdown()].concat())?;
    }
    print(&table.aligned())
}

fn print(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", text.trim_end())
}

/// Says something beside the result. Nobody can be told if stderr is closed.
fn note(text: &str) {
    writeln!(io::stderr(), "{text}").ok();
}
