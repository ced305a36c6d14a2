//! npm packages and the web client's build.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::stamp::{self, Stamp};
use crate::{install, sh, tools};

/// Installs what `dir/package-lock.json` says, unless that is what is there.
pub(crate) fn packages(dir: &Path) -> Result<()> {
    let lock = dir.join("package-lock.json");
    if !lock.exists() {
        bail!("{} is missing", lock.display());
    }
    let installed = dir.join("node_modules/.package-lock.json");
    let inputs = [lock, dir.join("package.json")];
    let name = format!("npm-{}", stamp::digest(&[dir.join("package.json")]));
    let stamp = Stamp::new(&name, installed.clone(), &inputs);
    if stamp.is_fresh() || stamp::is_newer(&installed, &inputs) {
        return Ok(());
    }
    install::ensure(&[&tools::NODE, &tools::NPM])?;
    eprintln!("npm packages of {}", dir.display());
    let quiet = ["--no-audit", "--no-fund"];
    if let Err(error) = sh::run(sh::command("npm").current_dir(dir).arg("ci").args(quiet)) {
        // `ci` also refuses a lock file that lacks an optional package of this platform.
        eprintln!("{error:#}; trying `npm install` with the same versions");
        let mut install = sh::command("npm");
        sh::run(install.current_dir(dir).args(["install", "--no-save"]).args(quiet))?;
    }
    stamp.set()
}

/// Builds `web/dist`, unless it was built from the same sources.
pub(crate) fn web() -> Result<()> {
    let web = sh::root().join("web");
    let stamp = Stamp::new("web", web.join("dist/index.html"), &sources(&web));
    if stamp.is_fresh() {
        return Ok(());
    }
    packages(&web)?;
    eprintln!("the web client");
    sh::run(sh::command("npm").current_dir(&web).args(["run", "--silent", "build"]))?;
    stamp.set()
}

fn sources(web: &Path) -> Vec<PathBuf> {
    let names = [
        "index.html",
        "messages",
        "package-lock.json",
        "package.json",
        "project.inlang/settings.json",
        "public",
        "scripts",
        "src",
        "tsconfig.json",
        "vite.config.ts",
    ];
    names.iter().map(|name| web.join(name)).collect()
}
