//! A file has at most 400 lines without its tests, a line at most 100 characters.
//!
//! The length of functions is clippy's (`clippy.toml`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Complaints;
use crate::{sh, stamp};

const FILE_LINES_MAX: usize = 400;
const LINE_CHARS_MAX: usize = 100;
/// Written by a program, or drawn.
const UNMEASURED: [&str; 2] = ["web/src/api/schema.ts", "web/src/ui/Icon.tsx"];

/// Measures every source file of ours.
pub(super) fn check() -> Result<Complaints> {
    let mut complaints = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file)?;
        let name = file.strip_prefix(sh::root()).unwrap_or(&file).display().to_string();
        if UNMEASURED.contains(&name.as_str()) {
            continue;
        }
        let lines = if is_test(&file) { 0 } else { code_lines(&text) };
        if lines > FILE_LINES_MAX {
            complaints.push(format!("{name}: {lines} lines, at most {FILE_LINES_MAX}"));
        }
        for (index, line) in text.lines().enumerate() {
            let chars = line.chars().count();
            if chars > LINE_CHARS_MAX && !is_whole(line) {
                complaints.push(format!("{name}:{}: {chars} characters", index + 1));
            }
        }
    }
    Ok(complaints)
}

/// Rust and TypeScript of ours.
pub(super) fn sources() -> Vec<PathBuf> {
    let folders = ["crates", "tests", "xtask", "web"].map(|name| sh::root().join(name));
    let wanted = |file: &PathBuf| {
        file.extension()
            .is_some_and(|extension| ["rs", "ts", "tsx"].iter().any(|e| extension == *e))
    };
    stamp::files(&folders).into_iter().filter(wanted).collect()
}

/// An address, a raw text or an order to a tool cannot be broken.
fn is_whole(line: &str) -> bool {
    ["://", "r#\"", "oxlint-disable"].iter().any(|mark| line.contains(mark))
}

fn is_test(file: &Path) -> bool {
    let path = file.strip_prefix(sh::root()).unwrap_or(file);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == "tests.rs"
        || name.contains(".test.")
        || name.contains(".spec.")
        || path.components().any(|part| {
            ["tests", "test", "e2e", "blackbox"].iter().any(|folder| part.as_os_str() == *folder)
        })
}

/// Lines before the module of tests that ends a file.
fn code_lines(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::code_lines;

    #[test]
    fn the_tests_at_the_end_do_not_count() {
        assert_eq!(code_lines("a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
        assert_eq!(code_lines("a\n#[cfg(test)]\nmod tests;\nb\n"), 4);
    }
}
