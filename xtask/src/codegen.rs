//! `codegen`: files that the program itself writes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{build, npm, sh};

/// The documents the binary prints: where each is kept, and the words that print it.
pub(crate) const PRINTED: [(&str, &[&str]); 2] =
    [("web/openapi.json", &["openapi"]), ("tertulia.example.toml", &["config", "example"])];

/// Writes every generated file anew.
pub(crate) fn codegen() -> Result<()> {
    let binary = build::dev()?;
    for (path, words) in PRINTED {
        fs::write(sh::root().join(path), print(&binary, words)?)?;
        println!("wrote {path}");
    }
    let web = sh::root().join("web");
    npm::packages(&web)?;
    sh::run(sh::command("npm").current_dir(&web).args(["run", "--silent", "codegen"]))
}

/// What the binary prints for these words, with one newline at the end.
pub(crate) fn print(binary: &Path, words: &[&str]) -> Result<String> {
    let text = sh::output(sh::command(binary).args(words))?;
    Ok(format!("{}\n", text.trim_end()))
}

/// The generated files that are not as the binary would print them now.
pub(crate) fn stale(binary: &Path) -> Result<Vec<PathBuf>> {
    let mut stale = Vec::new();
    for (path, words) in PRINTED {
        let kept = fs::read_to_string(sh::root().join(path)).unwrap_or_default();
        let now = print(binary, words).with_context(|| format!("for {path}"))?;
        if kept != now {
            stale.push(PathBuf::from(path));
        }
    }
    Ok(stale)
}

/// The web client's types, if they are not what `web/openapi.json` says.
pub(crate) fn stale_web_types() -> Result<Option<PathBuf>> {
    let web = sh::root().join("web");
    let fresh = sh::target().join("xtask/schema.ts");
    let mut npm = sh::command("npm");
    npm.current_dir(&web).args(["exec", "--", "openapi-typescript", "openapi.json", "--output"]);
    sh::output(npm.arg(&fresh))?;
    let kept = fs::read(web.join("src/api/schema.ts")).unwrap_or_default();
    Ok((kept != fs::read(&fresh)?).then(|| PathBuf::from("web/src/api/schema.ts")))
}
