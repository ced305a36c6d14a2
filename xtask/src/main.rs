//! Project commands: `cargo xtask help`.
//!
//! One list of steps for a laptop and for CI. Each command installs what it needs where it may
//! (as root, or with `sudo -n`) and otherwise names the command that would.

mod bench;
mod build;
mod check;
mod codegen;
mod doctor;
mod install;
mod npm;
mod python;
mod run;
mod services;
mod sh;
mod stamp;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = include_str!("help.txt");

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let Some((command, rest)) = args.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    match command.as_str() {
        "run" => run::run(rest),
        "announce" => run::announce(rest),
        "test" => test::test(rest),
        "check" => check::check(rest),
        "doctor" => doctor::doctor(),
        "setup" => test::setup(),
        "services" => services::command(rest),
        "codegen" => codegen::codegen(),
        "bench" => bench::bench(rest),
        "screenshots" => bench::screenshots(rest),
        "docs" => bench::docs(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("no command {other:?}; `cargo xtask help` lists them"),
    }
}
