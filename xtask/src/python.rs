//! The tests' own Python environment: `target/venv`.

use anyhow::Result;

use crate::stamp::{self, Stamp};
use crate::{install, sh, tools};

/// Makes the environment and installs every `requirements.txt` of the tests.
pub(crate) fn packages() -> Result<()> {
    let wanted = stamp::named("requirements.txt");
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
