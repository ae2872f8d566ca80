//! Compares the plugin with stock `kubectl debug`: the same sessions on the same sandbox, in turns.

mod arguments;
mod client;
mod contract;
mod figure;
mod json;
mod rounds;
mod running;
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

use crate::arguments::{HELP, Options, Request};

fn main() -> ExitCode {
    let done = match arguments::parse(env::args_os().skip(1)) {
        Ok(Request::Help) => print(HELP),
        Ok(Request::Measure { file, words }) => return wrapper::run(&file, &words),
        Ok(Request::Compare(options)) => compare(options),
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

fn compare(options: Options) -> io::Result<()> {
    let clients = client::all();
    let measured = series::measure(&clients, options.runs)?;
    let rows = contract::rows(&measured);
    let newest = client::newest(&clients);
    print(&if options.json {
        json::render(&clients, newest, &measured, &rows)
    } else {
        table::render(&clients, newest, &rows)
    })
}

fn print(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{}", text.trim_end())
}

/// Says something beside the result. Nobody can be told if stderr is closed.
fn note(text: &str) {
    writeln!(io::stderr(), "{text}").ok();
}
