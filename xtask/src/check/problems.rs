//! Every kind of problem has a page in the book, and every page a kind.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::Complaints;
use crate::sh;

/// Compares the names in `kit::problem` with the pages.
pub(super) fn check() -> Result<Complaints> {
    let source = fs::read_to_string(sh::root().join("crates/kit/src/problem.rs"))?;
    let kinds = kinds(&source).context("crates/kit/src/problem.rs has no `fn name`")?;
    let mut pages = BTreeSet::new();
    for entry in fs::read_dir(sh::root().join("docs/src/problems"))?.flatten() {
        let name = entry.file_name().to_string_lossy().trim_end_matches(".md").to_owned();
        if name != "index" {
            pages.insert(name);
        }
    }
    let missing = kinds.difference(&pages);
    let spare = pages.difference(&kinds);
    let mut complaints: Complaints =
        missing.map(|kind| format!("docs/src/problems/{kind}.md is missing")).collect();
    complaints.extend(spare.map(|page| format!("docs/src/problems/{page}.md: no such kind")));
    Ok(complaints)
}

/// The words that `Kind::name` answers.
fn kinds(source: &str) -> Option<BTreeSet<String>> {
    let body = source.split("fn name(self)").nth(1)?.split("\n    }\n").next()?;
    let words = body.split('"').skip(1).step_by(2).map(str::to_owned);
    Some(words.collect()).filter(|set: &BTreeSet<String>| !set.is_empty())
}
