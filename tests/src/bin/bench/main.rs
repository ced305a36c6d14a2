//! `cargo xtask bench`: the server beside a bare broadcast loop, in one interleaved run.
//!
//! `cargo xtask bench identity` measures sign-ins, refreshes, introspection and userinfo beside
//! npm `oidc-provider` in the same way (`--sessions N` (10000) for the memory).
//!
//! The server is pinned to CPU 0 and this process to CPU 1. Options: `--repeat N` (3),
//! `--seconds N` (5), `--members N` (1000), `--idle N` (10000),
//! `--only fan-out|rooms|idle|posts|floor`,
//! `--data FOLDER` (nothing) keeps the thousand people there for further runs within an hour,
//! and `--out FOLDER` (target/bench). `TERTULIA_BIN` is the release build to measure,
//! `TERTULIA_TEST_POSTGRES` adds durable posts on PostgreSQL.

mod bare;
mod company;
mod identity;
mod provider;
mod report;
mod scenarios;

use anyhow::{Context, bail};

/// What the command line asks for.
#[derive(Debug, Clone)]
struct Settings {
    repeat: usize,
    seconds: u64,
    members: usize,
    idle: usize,
    sessions: usize,
    only: Option<String>,
    data: Option<std::path::PathBuf>,
    out: std::path::PathBuf,
}

impl Settings {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let out = blackbox::environment::repository().join("target/bench");
        let mut settings = Self {
            repeat: 3,
            seconds: 5,
            members: 1000,
            idle: 10_000,
            sessions: 10_000,
            only: None,
            data: None,
            out,
        };
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value"))?;
            match word.as_str() {
                "--repeat" => settings.repeat = value.parse()?,
                "--seconds" => settings.seconds = value.parse()?,
                "--members" => settings.members = value.parse()?,
                "--idle" => settings.idle = value.parse()?,
                "--sessions" => settings.sessions = value.parse()?,
                "--only" => settings.only = Some(value),
                "--data" => settings.data = Some(value.into()),
                "--out" => settings.out = value.into(),
                _ => bail!("no such option: {word}"),
            }
        }
        Ok(settings)
    }

    fn wants(&self, scenario: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == scenario)
    }
}

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    if words.peek().map(String::as_str) == Some("bare") {
        return Ok(bare::serve()?);
    }
    let identity = words.next_if_eq("identity").is_some();
    let settings = Settings::read(words)?;
    if let Some(cpu) = std::thread::available_parallelism().ok().filter(|cpus| cpus.get() > 1) {
        let mut set = rustix::thread::CpuSet::new();
        set.set(1);
        rustix::thread::sched_setaffinity(None, &set)
            .with_context(|| format!("cannot pin to CPU 1 of {cpu}"))?;
    }
    if identity {
        return identity::run(&settings);
    }
    let mut report = report::Report::new();
    scenarios::run(&settings, &mut report)?;
    report.write(&settings.out)?;
    Ok(())
}
