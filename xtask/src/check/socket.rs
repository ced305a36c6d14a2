//! `docs/asyncapi.yaml` names every command and event of the socket, and no other.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::Complaints;
use crate::{sh, stamp};

/// Compares the document with the names in the code.
pub(super) fn check() -> Result<Complaints> {
    let root = sh::root();
    let document = fs::read_to_string(root.join("docs/asyncapi.yaml"))?;
    let messages =
        document.split("\n  messages:\n").nth(1).context("asyncapi.yaml: no messages")?;
    let messages = messages.split("\n  schemas:").next().unwrap_or_default();
    let told = messages.lines().filter_map(|line| line.strip_prefix("      name: "));
    let told: BTreeSet<&str> = told.filter(|name| !name.starts_with("ack")).collect();

    let events = fs::read_to_string(root.join("crates/protocol/src/events.rs"))?;
    let mut spoken = after(&events, "=> \"");
    for file in stamp::files(&[root.join("crates/chat/src")]) {
        let text = fs::read_to_string(file)?;
        spoken.extend(after(&text, "Packet::event(\""));
        for call in text.split("tell_person(").skip(1) {
            let name = call.split(';').next().and_then(|call| call.split('"').nth(1));
            spoken.extend(name.map(str::to_owned));
        }
    }
    let edge = fs::read_to_string(root.join("crates/chat/src/edge/socket.rs"))?;
    spoken.extend(after(&edge, "name == \""));
    let commands = edge.split("match name {").nth(1).context("edge/socket.rs has no commands")?;
    let arms = commands.lines().filter(|line| line.contains("\" => "));
    spoken.extend(arms.filter_map(|arm| arm.split('"').nth(1)).map(str::to_owned));

    let spoken: BTreeSet<&str> = spoken.iter().map(String::as_str).collect();
    let missing = spoken.difference(&told).map(|name| format!("asyncapi.yaml lacks {name}"));
    let spare = told.difference(&spoken).map(|name| format!("asyncapi.yaml: no code says {name}"));
    Ok(missing.chain(spare).collect())
}

/// The text from each `mark` to the next quote.
fn after(text: &str, mark: &str) -> Vec<String> {
    let parts = text.split(mark).skip(1).filter_map(|part| part.split('"').next());
    parts.filter(|word| word.chars().all(char::is_alphanumeric)).map(str::to_owned).collect()
}
