//! `test`: every kind of test, with what it needs, and one summary at the end.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::services::Borrowed;
use crate::{build, install, npm, python, sh, stamp, tools};

/// One kind of test, and how it went.
struct Outcome {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// What every test process is told by its environment.
struct Setting {
    binary: PathBuf,
    postgres: Option<Borrowed>,
    chromium: Option<PathBuf>,
    filter: Option<String>,
    outcomes: Vec<Outcome>,
}

/// `test [unit|blackbox|browser|clients|all] [filter]`.
pub(crate) fn test(args: &[String]) -> Result<()> {
    let kinds = ["unit", "blackbox", "browser", "clients", "all"];
    let (kind, filter) = match args {
        [] => ("all", None),
        [kind] if kinds.contains(&kind.as_str()) => (kind.as_str(), None),
        [filter] => ("all", Some(filter.clone())),
        [kind, filter] if kinds.contains(&kind.as_str()) => (kind.as_str(), Some(filter.clone())),
        _ => bail!("test [{}] [filter]", kinds.join("|")),
    };
    let wants = |name: &str| kind == "all" || kind == name;
    let begun = Instant::now();
    let mut setting = Setting::prepare(kind, filter)?;
    if wants("unit") {
        setting.unit();
    }
    if wants("clients") {
        setting.clients();
    }
    if wants("blackbox") {
        setting.blackbox();
    }
    if wants("browser") {
        setting.browser();
    }
    setting.summary(begun.elapsed())
}

/// Installs everything that tests need, and runs none.
pub(crate) fn setup() -> Result<()> {
    prepare_tools("all")?;
    println!("ready: `cargo xtask test`");
    Ok(())
}

fn prepare_tools(kind: &str) -> Result<()> {
    let mut wanted = vec![&tools::RUST, &tools::CC, &tools::NODE, &tools::NPM];
    if kind != "browser" {
        wanted.extend([&tools::PYTHON, &tools::POSTGRES, &tools::FUSE]);
    }
    if kind == "all" || kind == "browser" {
        wanted.push(&tools::CHROMIUM);
    }
    install::ensure(&wanted)?;
    for dir in node_folders() {
        npm::packages(&dir)?;
    }
    if kind == "browser" { Ok(()) } else { python::packages() }
}

/// Each folder with npm packages of its own.
fn node_folders() -> Vec<PathBuf> {
    stamp::named("package-lock.json")
        .iter()
        .filter_map(|lock| lock.parent())
        .map(Into::into)
        .collect()
}

impl Setting {
    fn prepare(kind: &str, filter: Option<String>) -> Result<Self> {
        prepare_tools(kind)?;
        npm::web()?;
        let binary = build::dev()?;
        let postgres = if kind == "browser" { None } else { Some(Borrowed::take()?) };
        let chromium = tools::chromium();
        Ok(Self { binary, postgres, chromium, filter, outcomes: Vec::new() })
    }

    /// Tests inside the crates: pure parts, stores on both databases, official Socket.IO clients.
    fn unit(&mut self) {
        let mut cargo = sh::cargo();
        cargo.args(["test", "--workspace", "--exclude", "blackbox", "--no-fail-fast"]);
        self.filtered(&mut cargo);
        self.step("unit tests", cargo);
        let mut npm = sh::command("npm");
        npm.current_dir(sh::root().join("web")).args(["test", "--silent"]);
        if let Some(filter) = &self.filter {
            npm.args(["--", "--testNamePattern", filter]);
        }
        self.step("web unit tests", npm);
    }

    /// Official clients against the real-time crate alone; `unit` runs them, too.
    fn clients(&mut self) {
        if self.outcomes.is_empty() {
            let mut cargo = sh::cargo();
            cargo.args(["test", "--package", "socketio", "--tests", "--no-fail-fast"]);
            self.filtered(&mut cargo);
            self.step("official clients", cargo);
        }
    }

    /// A real server from the outside, on each database.
    fn blackbox(&mut self) {
        for (name, database) in
            [("black-box tests, SQLite", "sqlite"), ("black-box tests, PostgreSQL", "postgres")]
        {
            let mut cargo = sh::cargo();
            cargo.args(["test", "--package", "blackbox", "--no-fail-fast"]);
            cargo.env("TERTULIA_TEST_DATABASE", database);
            self.filtered(&mut cargo);
            self.step(name, cargo);
        }
    }

    /// People in browsers.
    fn browser(&mut self) {
        let folder = sh::root().join("web/e2e");
        let mut npm = sh::command("npm");
        npm.current_dir(&folder).args(["run", "--silent", "e2e"]);
        self.filtered(&mut npm);
        self.step("browser tests", npm);
    }

    fn filtered(&self, command: &mut Command) {
        if let Some(filter) = &self.filter {
            command.args(["--", filter]);
        }
    }

    /// Runs one kind; a failure is remembered and the rest still runs.
    fn step(&mut self, name: &'static str, mut command: Command) {
        command.env("TERTULIA_BIN", &self.binary);
        command.env("TERTULIA_VENV", sh::target().join("venv"));
        if let Some(postgres) = &self.postgres {
            command.env("TERTULIA_TEST_POSTGRES", &postgres.url);
        }
        if let Some(chromium) = &self.chromium {
            command.env("CHROMIUM", chromium);
        }
        eprintln!("\n== {name}");
        let begun = Instant::now();
        let failure = sh::run(&mut command).err().map(|error| format!("{error:#}"));
        self.outcomes.push(Outcome { name, took: begun.elapsed(), failure });
    }

    fn summary(&self, took: Duration) -> Result<()> {
        println!("\n== summary");
        for outcome in &self.outcomes {
            let word = if outcome.failure.is_some() { "FAILED" } else { "passed" };
            println!("{word}  {:<28} {:>6.1} s", outcome.name, outcome.took.as_secs_f64());
        }
        println!("        {:<28} {:>6.1} s", "with builds", took.as_secs_f64());
        let failed: Vec<&str> =
            self.outcomes.iter().filter_map(|outcome| outcome.failure.as_deref()).collect();
        if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n       ")) }
    }
}
