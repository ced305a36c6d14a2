//! Commit titles follow Conventional Commits 1.0.

use anyhow::Result;

use super::Complaints;
use crate::sh;

const TYPES: [&str; 11] =
    ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"];
const TITLE_CHARS_MAX: usize = 100;

/// Looks at the titles there are; a checkout without history has none.
pub(super) fn check() -> Result<Complaints> {
    if !sh::succeeds("git", &["rev-parse", "HEAD"]) {
        return Ok(Vec::new());
    }
    let log = sh::output(sh::command("git").args(["log", "--no-merges", "--format=%h %s"]))?;
    let bad = log.lines().filter(|line| !line.split_once(' ').is_some_and(|(_, t)| is_good(t)));
    Ok(bad.map(|line| format!("not `type(scope): title`: {line}")).collect())
}

fn is_good(title: &str) -> bool {
    let Some((head, text)) = title.split_once(": ") else { return false };
    let head = head.strip_suffix('!').unwrap_or(head);
    let (kind, scope) = match head.split_once('(') {
        Some((kind, rest)) => (kind, rest.strip_suffix(')').unwrap_or("(")),
        None => (head, "none"),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_,./ ".contains(c);
    TYPES.contains(&kind)
        && !scope.is_empty()
        && scope.chars().all(plain)
        && !text.trim().is_empty()
        && title.chars().count() <= TITLE_CHARS_MAX
}

#[cfg(test)]
mod tests {
    use super::is_good;

    #[test]
    fn a_title_has_a_known_type_and_says_something() {
        for title in ["feat(rooms): leave a room", "fix!: no", "chore: begin", "docs(a-b): x"] {
            assert!(is_good(title), "{title}");
        }
        for title in ["Feat: x", "feat(rooms) x", "feat():x", "feat(): x", "wip: x", "feat: "] {
            assert!(!is_good(title), "{title}");
        }
        assert!(!is_good(&format!("feat: {}", "x".repeat(100))));
    }
}
