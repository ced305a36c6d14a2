//! Who may import whom: crates by `cargo metadata`, chat's features by their text.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Complaints;
use crate::{sh, stamp};

/// Every package of ours and those of ours that it may use.
const CRATES: [(&str, &[&str]); 9] = [
    ("kit", &[]),
    ("protocol", &[]),
    ("socketio", &[]),
    ("identity", &["kit"]),
    ("chat", &["kit", "protocol", "socketio"]),
    ("functions", &["kit"]),
    ("server", &["chat", "functions", "identity", "kit"]),
    ("blackbox", &["protocol"]),
    ("xtask", &[]),
];

/// Chat's features from the top down: each may use only what comes after it.
const CHAT: [&str; 18] = [
    "edge",
    "delivery",
    "sign_in",
    "speech",
    "inbox",
    "threads",
    "drafts",
    "messages",
    "saved",
    "previews",
    "files",
    "reactions",
    "notices",
    "rooms",
    "mentions",
    "presence",
    "people",
    "events",
];

/// Compares both tables with the code.
pub(super) fn check() -> Result<Complaints> {
    let mut complaints = crates()?;
    complaints.extend(features(&sh::root().join("crates/chat/src"))?);
    Ok(complaints)
}

fn crates() -> Result<Complaints> {
    let mut cargo = sh::cargo();
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
    let metadata: Value = serde_json::from_str(&sh::output(&mut cargo)?)?;
    let packages = metadata["packages"].as_array().context("metadata without packages")?;
    let names: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let mut complaints = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
            complaints.push(format!("{name} is not in the table of xtask/src/check/imports.rs"));
            continue;
        };
        let used = package["dependencies"].as_array().into_iter().flatten();
        for other in used.filter_map(|used| used["name"].as_str()) {
            if names.contains(&other) && !allowed.contains(&other) {
                complaints.push(format!("{name} must not use {other}"));
            }
        }
    }
    Ok(complaints)
}

fn features(src: &Path) -> Result<Complaints> {
    let mut complaints = Vec::new();
    for entry in fs::read_dir(src)?.flatten() {
        let name = entry.file_name().to_string_lossy().trim_end_matches(".rs").to_owned();
        if entry.path().is_dir() && name != "migrations" && !CHAT.contains(&name.as_str()) {
            complaints.push(format!("chat's feature {name} has no place in the order"));
        }
        let Some(place) = CHAT.iter().position(|feature| *feature == name) else { continue };
        for file in stamp::files(&[entry.path()]) {
            let text = fs::read_to_string(&file)?;
            for (number, above) in upward(&text, &CHAT[..place]) {
                let path = file.strip_prefix(sh::root()).unwrap_or(&file).display();
                complaints.push(format!("{path}:{number}: {name} must not use {above}"));
            }
        }
    }
    Ok(complaints)
}

/// The lines that name a feature above: `crate::edge`, or inside `use crate::{…}`.
fn upward<'a>(text: &str, above: &[&'a str]) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    let mut grouped = false;
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        grouped |= code.contains("use crate::{");
        for feature in above {
            let names = |word: &str| word == *feature;
            let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let direct = words.any(|word| {
                word.split_once("crate::")
                    .is_some_and(|(_, path)| path.split("::").next().is_some_and(names))
            });
            let mut plain = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            if direct || (grouped && plain.any(names)) {
                found.push((index + 1, *feature));
            }
        }
        grouped &= !code.contains(';');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::upward;

    #[test]
    fn a_lower_feature_that_names_a_higher_one_is_found() {
        let above = ["edge", "messages"];
        let bad = "use crate::edge::Socket;\nlet x = crate::messages::post();";
        assert_eq!(upward(bad, &above), [(1, "edge"), (2, "messages")]);
        let grouped = "use crate::{\n    Chat,\n    messages::post,\n};\nlet messages = 1;";
        assert_eq!(upward(grouped, &above), [(3, "messages")]);
        let good =
            "use crate::{Chat, events};\nlet messages = 1; // crate::edge\nuse crate::rooms;";
        assert!(upward(good, &above).is_empty());
    }
}
