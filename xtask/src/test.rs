//! `test`: every kind of test, with what it needs, and one summary at the end.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

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
    firefox: Option<PathBuf>,
    filter: Option<String>,
    outcomes: Vec<Outcome>,
}

/// `test [unit|blackbox|browser|clients|lambda|all] [filter]`.
pub(crate) fn test(args: &[String]) -> Result<()> {
    let kinds = ["unit", "blackbox", "browser", "clients", "lambda", "all"];
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
        setting.unit()?;
    }
    if kind == "clients" {
        setting.clients();
    }
    if wants("lambda") {
        setting.lambda();
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
        wanted.extend([&tools::PYTHON, &tools::POSTGRES, &tools::FUSE, &tools::ESPEAK]);
    }
    if kind == "all" || kind == "browser" {
        wanted.extend([&tools::CHROMIUM, &tools::FIREFOX]);
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
        let (chromium, firefox) = (tools::chromium(), tools::firefox());
        Ok(Self { binary, postgres, chromium, firefox, filter, outcomes: Vec::new() })
    }

    /// Tests inside the crates: pure parts, stores, official Socket.IO clients; then the stores
    /// once more, on PostgreSQL.
    fn unit(&mut self) -> Result<()> {
        let mut cargo = workspace_tests();
        cargo.args(["--lib", "--bins"]);
        for name in test_targets(|package| package != "blackbox")? {
            cargo.args(["--test", &name]);
        }
        self.filtered(&mut cargo);
        self.step("unit tests, SQLite", cargo);
        let mut cargo = workspace_tests();
        cargo.arg("--lib");
        for name in test_targets(|package| package == "identity" || package == "chat")? {
            cargo.args(["--test", &name]);
        }
        self.filtered(&mut cargo);
        self.on_postgres(&mut cargo);
        self.step("unit tests, PostgreSQL", cargo);
        let mut npm = sh::command("npm");
        npm.current_dir(sh::root().join("web")).args(["test", "--silent"]);
        if let Some(filter) = &self.filter {
            npm.args(["--", "--testNamePattern", filter]);
        }
        self.step("web unit tests", npm);
        Ok(())
    }

    /// Official clients against the real-time crate alone; `unit` runs them, too.
    fn clients(&mut self) {
        let mut cargo = workspace_tests();
        cargo.args(["--test", "clients"]);
        self.filtered(&mut cargo);
        self.step("official clients", cargo);
    }

    /// The functions as AWS Lambda calls them.
    fn lambda(&mut self) {
        let mut cargo = workspace_tests();
        cargo.args(["--test", "lambda"]);
        self.filtered(&mut cargo);
        self.step("functions as Lambda", cargo);
    }

    /// A real server from the outside, on each database.
    fn blackbox(&mut self) {
        let mut cargo = workspace_tests();
        cargo.args(["--test", "blackbox"]).env("TERTULIA_TEST_DATABASE", "sqlite");
        self.filtered(&mut cargo);
        self.step("black-box tests, SQLite", cargo);
        let mut cargo = workspace_tests();
        cargo.args(["--test", "blackbox"]).env("TERTULIA_TEST_DATABASE", "postgres");
        self.filtered(&mut cargo);
        self.on_postgres(&mut cargo);
        self.step("black-box tests, PostgreSQL", cargo);
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

    fn on_postgres(&self, command: &mut Command) {
        if let Some(postgres) = &self.postgres {
            command.env("TERTULIA_TEST_POSTGRES", &postgres.url);
        }
    }

    /// Runs one kind; a failure is remembered and the rest still runs.
    fn step(&mut self, name: &'static str, mut command: Command) {
        command.env("TERTULIA_BIN", &self.binary);
        command.env("TERTULIA_VENV", sh::target().join("venv"));
        if let Some(chromium) = &self.chromium {
            command.env("CHROMIUM", chromium);
        }
        if let Some(firefox) = &self.firefox {
            command.env("FIREFOX", firefox);
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

/// Always the whole workspace, narrowed by targets: naming packages would give dependencies other
/// features and build them again.
fn workspace_tests() -> Command {
    let mut cargo = sh::cargo();
    cargo.args(["test", "--workspace", "--no-fail-fast"]).args(build::FEATURES);
    cargo.env_remove("TERTULIA_TEST_POSTGRES");
    cargo
}

/// The names of integration tests of the packages that are wanted.
fn test_targets(wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let mut cargo = sh::cargo();
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
    let metadata: Value = serde_json::from_str(&sh::output(&mut cargo)?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let packages = packages.filter(|package| package["name"].as_str().is_some_and(&wanted));
    let targets = packages.filter_map(|package| package["targets"].as_array()).flatten();
    let tests = targets.filter(|target| target["kind"][0] == "test");
    Ok(tests.filter_map(|target| target["name"].as_str()).map(str::to_owned).collect())
}
