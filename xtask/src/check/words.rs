//! Words that must not be in the code, and names that say nothing.

use std::fs;

use anyhow::Result;

use super::{Complaints, sizes};
use crate::sh;

/// Each with the reason.
const WORDS: [(&str, &str); 11] = [
    ("todo!(", "finish it, or leave it out"),
    ("unimplemented!(", "finish it, or leave it out"),
    ("FIXME", "mend it, or open an issue"),
    ("dbg!(", "left over from looking"),
    ("#[allow(", "use #[expect(…, reason = …)]"),
    ("#![allow(", "use #[expect(…, reason = …)]"),
    ("#[ignore", "a test that does not run shows nothing"),
    (".only(", "the other tests would not run"),
    ("<<<<<<< ", "a merge was not finished"),
    ("file:///tmp", "a path of one machine; start from the repository"),
    ("PRIVATE KEY-----", "keys are made at the first start"),
];

/// Module names that could mean anything.
const NAMES: [&str; 7] = ["util", "utils", "helper", "helpers", "manager", "managers", "misc"];

/// Reads every source file of ours but this one.
pub(super) fn check() -> Result<Complaints> {
    let mut complaints = Vec::new();
    let own = sh::root().join("xtask/src/check/words.rs");
    for file in sizes::sources().into_iter().filter(|file| *file != own) {
        let name = file.strip_prefix(sh::root()).unwrap_or(&file).display().to_string();
        let parts = name.split('/').map(|part| part.split('.').next().unwrap_or(part));
        for part in parts.filter(|part| NAMES.contains(part)) {
            complaints.push(format!("{name}: {part:?} does not say what it is"));
        }
        let text = fs::read_to_string(&file)?;
        for (index, line) in text.lines().enumerate() {
            for (word, reason) in WORDS.iter().filter(|(word, _)| line.contains(word)) {
                complaints.push(format!("{name}:{}: {word:?}: {reason}", index + 1));
            }
        }
    }
    Ok(complaints)
}
