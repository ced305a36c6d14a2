//! The tests' own Python environment: `target/venv`.

use std::path::PathBuf;

use anyhow::Result;

use crate::stamp::Stamp;
use crate::{install, sh, tools};

/// Makes the environment and installs every `requirements.txt` of the tests.
pub(crate) fn packages() -> Result<()> {
    let wanted: Vec<PathBuf> = requirements().into_iter().filter(|file| file.exists()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let venv = sh::target().join("venv");
    let stamp = Stamp::new("venv", venv.join("pyvenv.cfg"), &wanted);
    if stamp.is_fresh() {
        return Ok(());
    }
    install::ensure(&[&tools::PYTHON])?;
    eprintln!("Python packages of the tests");
    sh::run(sh::command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = sh::command(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    for file in &wanted {
        pip.arg("-r").arg(file);
    }
    sh::run(&mut pip)?;
    stamp.set()
}

fn requirements() -> Vec<PathBuf> {
    let root = sh::root();
    ["crates/socketio/tests/clients", "tests/clients", "tests"]
        .iter()
        .map(|dir| root.join(dir).join("requirements.txt"))
        .collect()
}
