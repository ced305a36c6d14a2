//! `check`: everything CI checks besides tests.

mod book;
mod commits;
mod imports;
mod musts;
mod problems;
mod sizes;
mod socket;
mod words;

use anyhow::{Result, bail};

use crate::{build, codegen, npm, sh, tools};

/// What a step found wrong, one line each.
type Complaints = Vec<String>;
type Step = (&'static str, fn() -> Result<Complaints>);

/// Cheap steps first.
const STEPS: [Step; 14] = [
    ("commits", commits::check),
    ("sizes", sizes::check),
    ("words", words::check),
    ("problems", problems::check),
    ("socket", socket::check),
    ("book", book::check),
    ("musts", musts::check),
    ("imports", imports::check),
    ("format", format),
    ("web", web),
    ("clippy", clippy),
    ("fuzz", fuzz),
    ("generated", generated),
    ("deny", deny),
];

/// `check [step]`.
pub(crate) fn check(args: &[String]) -> Result<()> {
    let names = STEPS.map(|(name, _)| name);
    if let Some(unknown) = args.iter().find(|arg| !names.contains(&arg.as_str())) {
        bail!("no step {unknown:?}; there are {}", names.join(", "));
    }
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        if !args.is_empty() && !args.iter().any(|arg| arg == name) {
            continue;
        }
        let complaints = step().unwrap_or_else(|error| vec![format!("{error:#}")]);
        println!("{} {name}", if complaints.is_empty() { "ok    " } else { "FAILED" });
        for complaint in &complaints {
            println!("         {complaint}");
        }
        if !complaints.is_empty() {
            failed.push(name);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("check: {}", failed.join(", ")) }
}

fn format() -> Result<Complaints> {
    sh::run(sh::cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Vec::new())
}

fn clippy() -> Result<Complaints> {
    std::fs::create_dir_all(sh::root().join("web/dist"))?; // The server embeds it.
    let mut cargo = sh::cargo();
    cargo.args(["clippy", "--workspace", "--all-targets", "--locked"]).args(build::FEATURES);
    cargo.args(["--", "-D", "warnings"]);
    sh::run(&mut cargo)?;
    Ok(Vec::new())
}

/// The fuzz targets are a workspace of their own, which a build of ours does not see. They are
/// checked with our versions of crates and without libFuzzer, which wants a C++ compiler.
fn fuzz() -> Result<Complaints> {
    let fuzz = sh::root().join("fuzz");
    std::fs::copy(sh::root().join("Cargo.lock"), fuzz.join("Cargo.lock"))?;
    let mut cargo = sh::cargo();
    cargo.current_dir(&fuzz).env("CUSTOM_LIBFUZZER_PATH", "/nowhere/libfuzzer.a");
    sh::run(cargo.args(["check", "--bins"]))?;
    Ok(Vec::new())
}

/// The build first: it checks types, and makes the messages that the lint looks for.
fn web() -> Result<Complaints> {
    let web = sh::root().join("web");
    npm::packages(&web)?;
    npm::web()?;
    sh::run(sh::command("npm").current_dir(&web).args(["run", "--silent", "lint"]))?;
    Ok(Vec::new())
}

fn generated() -> Result<Complaints> {
    let mut stale = codegen::stale(&build::dev()?)?;
    stale.extend(codegen::stale_web_types()?);
    let say =
        |path: &std::path::PathBuf| format!("{} is stale: cargo xtask codegen", path.display());
    Ok(stale.iter().map(say).collect())
}

fn deny() -> Result<Complaints> {
    if !tools::DENY.present() {
        println!("skipped: {}", tools::DENY.fix());
        return Ok(Vec::new());
    }
    sh::run(sh::cargo().args(["deny", "check", "bans", "licenses", "sources"]))?;
    Ok(Vec::new())
}
