//! Knowing that nothing changed: a digest of inputs beside what was made from them.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::sh;

/// Folders that are made, never read.
const MADE: [&str; 7] =
    ["node_modules", "target", "dist", "paraglide", "generated", ".git", "data"];

/// Every file below `paths` in a stable order, without what is itself made.
pub(crate) fn files(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = open.pop() {
        let Ok(meta) = fs::symlink_metadata(&path) else { continue };
        if meta.is_file() {
            found.push(path);
        } else if meta.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            open.extend(entries.filter(|e| !is_made(&e.path())).map(|e| e.path()));
        }
    }
    found.sort();
    found
}

/// Every file of ours with that name.
pub(crate) fn named(name: &str) -> Vec<PathBuf> {
    let folders = ["crates", "examples", "tests", "web"].map(|folder| sh::root().join(folder));
    let wanted = |file: &PathBuf| file.file_name().is_some_and(|own| own == name);
    files(&folders).into_iter().filter(wanted).collect()
}

fn is_made(path: &Path) -> bool {
    path.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made))
}

/// A digest of names and contents. Not cryptographic: it guards against forgetting, not attack.
pub(crate) fn digest(paths: &[PathBuf]) -> String {
    let mut hasher = DefaultHasher::new();
    for file in files(paths) {
        file.hash(&mut hasher);
        fs::read(&file).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Something that was made from inputs, and the note of what it was made from.
pub(crate) struct Stamp {
    note: PathBuf,
    product: PathBuf,
    inputs: String,
}

impl Stamp {
    /// `product` is the file that must be exactly as it was when the stamp was set.
    pub(crate) fn new(name: &str, product: PathBuf, inputs: &[PathBuf]) -> Self {
        let note = sh::target().join("xtask").join(name);
        Self { note, product, inputs: digest(inputs) }
    }

    /// Whether the product was made from these very inputs and not touched since.
    pub(crate) fn is_fresh(&self) -> bool {
        let Some(now) = self.text() else { return false };
        fs::read_to_string(&self.note).is_ok_and(|then| then == now)
    }

    /// Notes that the product is now up to date.
    pub(crate) fn set(&self) -> Result<()> {
        let text = self.text().with_context(|| format!("{} is missing", self.product.display()))?;
        fs::create_dir_all(sh::target().join("xtask"))?;
        fs::write(&self.note, text).context("cannot write a stamp")
    }

    fn text(&self) -> Option<String> {
        let meta = fs::metadata(&self.product).ok()?;
        let at = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(format!("{} {} {}", self.inputs, meta.len(), at.as_nanos()))
    }
}

/// Whether `product` exists and is newer than each of `inputs` that exists.
pub(crate) fn is_newer(product: &Path, inputs: &[PathBuf]) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let Some(made) = changed(product) else { return false };
    inputs.iter().filter_map(|input| changed(input)).all(|input| input <= made)
}
