//! Building the server, and nothing when nothing changed.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::stamp::Stamp;
use crate::{npm, sh};

/// The release binary with the web client inside it; cargo runs only if a source changed.
pub(crate) fn release() -> Result<PathBuf> {
    npm::web()?;
    let binary = sh::target().join("release/tertulia");
    let mut inputs = sources();
    inputs.push(sh::root().join("web/dist/index.html"));
    let stamp = Stamp::new("server", binary.clone(), &inputs);
    if stamp.is_fresh() {
        return Ok(binary);
    }
    eprintln!("the server (the first time this takes some minutes)");
    embed_anew(&binary)?;
    sh::run(sh::cargo().args(["build", "--release", "--package", "server"]))?;
    stamp.set()?;
    Ok(binary)
}

/// What every build for tests and checks turns on, so that each crate is built once.
pub(crate) const FEATURES: [&str; 2] = ["--features", "functions/lambda"];

/// The binary that tests start: quick to build, reads `web/dist` from the folder; and beside it
/// that of the functions as AWS Lambda. The whole workspace is named so that dependencies have the
/// same features as for the tests.
pub(crate) fn dev() -> Result<PathBuf> {
    std::fs::create_dir_all(sh::root().join("web/dist"))?;
    let mut cargo = sh::cargo();
    cargo.args(["build", "--workspace", "--bin", "tertulia", "--bin", "lambda"]).args(FEATURES);
    sh::run(&mut cargo)?;
    Ok(sh::target().join("debug/tertulia"))
}

/// Cargo does not know of files in `web/dist` that were not there at the last build: a source that
/// is newer makes it look again.
fn embed_anew(binary: &Path) -> Result<()> {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let web = changed(&sh::root().join("web/dist/index.html"));
    if let (Some(web), Some(built)) = (web, changed(binary))
        && web > built
    {
        let embedding = sh::root().join("crates/server/src/web.rs");
        std::fs::File::options().append(true).open(embedding)?.set_modified(web)?;
    }
    Ok(())
}

fn sources() -> Vec<PathBuf> {
    let root = sh::root();
    let names = ["crates", "docs/src/problems", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];
    names.iter().map(|name| root.join(name)).collect()
}
