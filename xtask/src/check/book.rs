//! The book tells the truth: its links, the paths and functions it names, its requirements.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Complaints;
use crate::{sh, stamp};

/// A word in backticks that begins with one of these is a path of the repository.
const OURS: [&str; 9] = [
    "crates/",
    "examples/",
    "tests/",
    "web/",
    "xtask/",
    "docs/",
    ".ci/",
    ".github/",
    "CONTRIBUTING.md",
];
/// Made by building; not there in a fresh clone.
const MADE: [&str; 2] = ["web/dist", "web/node_modules"];
/// What a definition looks like, in any of our languages.
const DEFINES: [&str; 13] = [
    "fn ",
    "struct ",
    "enum ",
    "trait ",
    "mod ",
    "type ",
    "const ",
    "static ",
    "function ",
    "class ",
    "interface ",
    "def ",
    "let ",
];

/// Reads every page of the book and of the root.
pub(super) fn check() -> Result<Complaints> {
    let root = sh::root();
    let book = root.join("docs/src");
    let summary = fs::read_to_string(book.join("SUMMARY.md"))?;
    let mut complaints = Vec::new();
    for page in pages(&root) {
        let text = fs::read_to_string(&page)?;
        let name = page.strip_prefix(&root).unwrap_or(&page).display().to_string();
        let mut say = |line: usize, what: String| complaints.push(format!("{name}:{line}: {what}"));
        for (line, link) in links(&text) {
            let target = page.parent().unwrap_or(&root).join(&link);
            if !target.exists() {
                say(line, format!("the link {link} leads nowhere"));
            }
        }
        for (line, word) in quoted(&text) {
            if let Some(what) = untrue(&root, &word) {
                say(line, what);
            }
        }
        if let Ok(inside) = page.strip_prefix(&book)
            && !inside.ends_with("SUMMARY.md")
            && !summary.contains(&format!("({})", inside.display()))
        {
            say(1, "the page is not in SUMMARY.md".to_owned());
        }
    }
    let requirements = fs::read_to_string(book.join("requirements.md"))?;
    complaints.extend(unproved(&requirements));
    Ok(complaints)
}

fn pages(root: &Path) -> Vec<PathBuf> {
    let names = ["README", "ARCHITECTURE", "STYLE", "CONTRIBUTING", "SECURITY"];
    let mut found: Vec<PathBuf> = names.iter().map(|n| root.join(format!("{n}.md"))).collect();
    let book = stamp::files(&[root.join("docs/src")]);
    found.extend(book.into_iter().filter(|file| file.extension().is_some_and(|e| e == "md")));
    found
}

/// Relative links with their lines; addresses and anchors are not followed.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, prose) in prose(text) {
        for part in prose.split("](").skip(1) {
            let link = part.split(')').next().unwrap_or_default();
            let file = link.split('#').next().unwrap_or_default();
            let elsewhere =
                link.contains("://") || link.starts_with('/') || link.contains("mailto:");
            if !file.is_empty() && !elsewhere {
                found.push((line, file.to_owned()));
            }
        }
    }
    found
}

/// Words in single backticks.
fn quoted(text: &str) -> Vec<(usize, String)> {
    let words = |(line, prose): (usize, &str)| -> Vec<(usize, String)> {
        prose.split('`').skip(1).step_by(2).map(|word| (line, word.to_owned())).collect()
    };
    prose(text).into_iter().flat_map(words).collect()
}

/// Lines outside fenced blocks, numbered from 1. Diagrams name functions, so they are prose too.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// What is wrong with a path, or `path::name`, of ours.
fn untrue(root: &Path, word: &str) -> Option<String> {
    let (path, name) = word.split_once("::").map_or((word, None), |(p, n)| (p, Some(n)));
    let ours = OURS.iter().any(|folder| path.starts_with(folder));
    if !ours || MADE.iter().any(|made| path.starts_with(made)) || path.contains(['<', '*', '…']) {
        return None;
    }
    let file = root.join(path);
    if !file.exists() {
        return Some(format!("{path} does not exist"));
    }
    let name = name?.rsplit("::").next()?;
    let text = fs::read_to_string(&file).unwrap_or_default();
    let identifier = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let there = if identifier { defines(&text, name) } else { text.contains(name) };
    (!there).then(|| format!("{path} has no {name}"))
}

fn defines(text: &str, name: &str) -> bool {
    let named = DEFINES.iter().any(|kind| {
        text.match_indices(&format!("{kind}{name}")).any(|(at, found)| {
            let next = text[at + found.len()..].chars().next();
            !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    });
    // A method in TypeScript has no word before its name.
    named
        || text.lines().any(|line| {
            let line = line.trim().trim_start_matches("async ");
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with('(') && rest.ends_with('{'))
        })
}

/// Rows of the requirements' table that are neither "later" nor shown by code and a test.
fn unproved(page: &str) -> Complaints {
    let mut complaints = Vec::new();
    let mut rows = 0;
    let table = page.split("\n## ").next().unwrap_or_default();
    for line in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| id ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, code, test] = cells[..] else {
            complaints.push(format!("docs/src/requirements.md: not four columns: {line}"));
            continue;
        };
        rows += 1;
        let shown = |cell: &str| cell.starts_with('`') && !cell.contains("later");
        if !(shown(code) && shown(test) || code == "later" && test == "later") {
            complaints.push(format!("docs/src/requirements.md: {id} names no code or no test"));
        }
    }
    if rows == 0 {
        complaints.push("docs/src/requirements.md has no table".to_owned());
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::{defines, links, quoted, unproved};

    #[test]
    fn links_and_words_outside_fences_are_found() {
        let page = "see [a](b.md#c) and [w](https://x.y)\n```\n[no](no.md) `no`\n```\n`crates/kit`";
        assert_eq!(links(page), [(1, "b.md".to_owned())]);
        assert_eq!(quoted(page), [(5, "crates/kit".to_owned())]);
    }

    #[test]
    fn a_name_must_be_defined_whole() {
        assert!(defines("pub async fn post(chat", "post"));
        assert!(!defines("pub fn post_all(chat", "post"));
        assert!(!defines("post(chat)", "post"));
        assert!(defines("class A {\n  flush(room: string): void {\n", "flush"));
    }

    #[test]
    fn a_requirement_needs_code_and_test_or_says_later() {
        let good = "| A-1 | x | `crates/a.rs` | `tests/b.rs` |\n| A-2 | y | later | later |";
        assert!(unproved(good).is_empty());
        assert_eq!(unproved("| A-3 | x | `crates/a.rs` | none |").len(), 1);
        assert_eq!(unproved("nothing").len(), 1);
    }
}
