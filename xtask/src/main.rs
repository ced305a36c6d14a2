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

const HELP: &str = "\
cargo xtask <command>

  run [all|identity|chat] [options]   build what changed, start the server, say what to do next
        --data-dir DIR     where everything is kept            (default ./data)
        --listen ADDRESS   where to listen                     (default 127.0.0.1:8080)
        --public-url URL   how people reach it                 (default http://localhost:8080)
        any other option of `tertulia` is passed on
  test [unit|blackbox|browser|clients|all] [filter]
                                      run tests; installs what they need
  check [step]                        everything CI checks besides tests
  doctor                              what is missing, and the command that fixes it
  setup                               install everything that tests need
  services up|down|status             a private PostgreSQL for tests
  codegen                             openapi.json, web types, tertulia.example.toml
  bench [arguments]                   the load generator, on a release build
  screenshots                         every screen, into docs/screenshots
  docs                                the book, into target/book
";

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
