//! What the environment tells the tests.

use std::path::PathBuf;
use std::time::Duration;

/// The longest that any condition may take to become true on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An environment variable that is there and not empty.
#[expect(clippy::disallowed_methods, reason = "tests have no kit::config")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A number in an environment variable, or `default`.
pub fn number(name: &str, default: u64) -> u64 {
    let Some(text) = variable(name) else { return default };
    text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}"))
}

/// The root of the source tree.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("tests has a parent").to_path_buf()
}

/// The program under test: `TERTULIA_BIN`, or the debug build.
pub fn program() -> PathBuf {
    if let Some(path) = variable("TERTULIA_BIN") {
        return PathBuf::from(path);
    }
    let target = variable("CARGO_TARGET_DIR").map(PathBuf::from);
    let path = target.unwrap_or_else(|| repository().join("target")).join("debug/tertulia");
    assert!(path.exists(), "no {}: run `cargo build` or set TERTULIA_BIN", path.display());
    path
}

/// The PostgreSQL server that this run is for, or nothing when it is for SQLite.
pub fn postgres_server() -> Option<String> {
    match variable("TERTULIA_TEST_DATABASE").as_deref() {
        None | Some("sqlite") => None,
        Some("postgres") => Some(
            variable("TERTULIA_TEST_POSTGRES").expect("TERTULIA_TEST_POSTGRES=postgres://… is set"),
        ),
        Some(other) => panic!("TERTULIA_TEST_DATABASE is sqlite or postgres, not {other:?}"),
    }
}

/// The Python that has `tests/requirements.txt` installed, if there is one.
pub fn python() -> Option<PathBuf> {
    let folder = variable("TERTULIA_VENV").map(PathBuf::from);
    let python = folder.unwrap_or_else(|| repository().join("target/venv")).join("bin/python3");
    python.exists().then_some(python)
}

/// Whether this machine has more to do than it can, so that a measured time means nothing.
pub fn is_busy() -> bool {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0.0);
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    load > f64::from(u32::try_from(cpus).unwrap_or(u32::MAX))
}
