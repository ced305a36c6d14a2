//! Commands that only start another: measurements, screenshots, the book.

use anyhow::Result;

use crate::{build, install, npm, sh, tools};

/// The load generator against a release build; `identity` measures the provider instead, and
/// `web` the web client.
pub(crate) fn bench(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|word| word == "web") {
        return in_browser("bench", &args[1..]);
    }
    let binary = build::release()?;
    if args.first().is_some_and(|word| word == "identity") {
        npm::packages(&sh::root().join("tests/clients/oidc-provider"))?;
    }
    let mut cargo = sh::cargo();
    cargo.args(["run", "--release", "--package", "blackbox", "--bin", "bench", "--"]);
    sh::run(cargo.args(args).env("TERTULIA_BIN", binary))
}

/// Every screen, light and dark, wide and phone: into `docs/src/screenshots` what the book shows,
/// the rest into `target/screenshots`.
pub(crate) fn screenshots(args: &[String]) -> Result<()> {
    in_browser("screenshots", args)
}

/// A script of `web/e2e` against the development build, whose web client is the real one.
fn in_browser(script: &str, args: &[String]) -> Result<()> {
    install::ensure(&[&tools::CHROMIUM])?;
    let folder = sh::root().join("web/e2e");
    npm::packages(&folder)?;
    npm::packages(&sh::root().join("tests/clients/oidc-provider"))?;
    npm::web()?;
    let mut npm = sh::command("npm");
    npm.current_dir(&folder).args(["run", "--silent", script, "--"]).args(args);
    npm.env("TERTULIA_BIN", build::dev()?);
    if let Some(chromium) = tools::chromium() {
        npm.env("CHROMIUM", chromium);
    }
    sh::run(&mut npm)
}

/// The book, rendered.
pub(crate) fn docs() -> Result<()> {
    let out = sh::target().join("book");
    if !tools::MDBOOK.present() {
        anyhow::bail!("the book needs mdbook: {}", tools::MDBOOK.fix());
    }
    sh::run(sh::command("mdbook").args(["build", "docs", "--dest-dir"]).arg(&out))?;
    println!("{}", out.join("index.html").display());
    Ok(())
}
