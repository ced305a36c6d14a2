//! Every MUST of the specifications, and everything that is refused, names the tests that show it,
//! and they are tests.

use std::fs;

use anyhow::{Context, Result};

use super::Complaints;
use crate::sh;

const PAGES: [&str; 2] = ["docs/src/reference/musts.md", "docs/src/reference/refused.md"];

/// Reads the tables of the pages.
pub(super) fn check() -> Result<Complaints> {
    let mut complaints = Complaints::new();
    for page in PAGES {
        check_page(page, &mut complaints)?;
    }
    Ok(complaints)
}

fn check_page(name: &'static str, complaints: &mut Complaints) -> Result<()> {
    let page = fs::read_to_string(sh::root().join(name)).context(name)?;
    let mut rows = 0;
    for (line, text) in page.lines().enumerate() {
        let Some(row) = row(text) else { continue };
        rows += 1;
        let mut say = |what: String| complaints.push(format!("{name}:{}: {what}", line + 1));
        let tests = tests(row);
        if tests.is_empty() {
            say("no test is named".to_owned());
        }
        for (file, test) in tests {
            let source = fs::read_to_string(sh::root().join(file)).unwrap_or_default();
            if !is_test(&source, test) {
                say(format!("{file} has no test {test}"));
            }
        }
    }
    if rows == 0 {
        complaints.push(format!("{name} has no table"));
    }
    if let Some(said) = said(&page).filter(|said| *said != rows.to_string()) {
        complaints.push(format!("{name} says {said} by name, and has {rows}"));
    }
    Ok(())
}

/// How many rows a page says that it has: what stands before `by name`.
fn said(page: &str) -> Option<&str> {
    page.split_once(" by name, ")?.0.split(' ').next_back()
}

/// The last cell of a row with three, unless it is the head.
fn row(line: &str) -> Option<&str> {
    let cells: Vec<&str> = line.strip_prefix("| ")?.trim_end_matches('|').split('|').collect();
    let [clause, _, shown] = cells[..] else { return Some("") };
    (clause.trim() != "clause").then_some(shown)
}

/// Each `file::test` in backticks.
fn tests(cell: &str) -> Vec<(&str, &str)> {
    cell.split('`').skip(1).step_by(2).filter_map(|word| word.split_once("::")).collect()
}

/// Whether `source` has a function of that name that is run as a test.
fn is_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let defines = |line: &str| {
        line.split_once("fn ").is_some_and(|(_, rest)| rest.split('(').next() == Some(name))
    };
    lines.iter().enumerate().any(|(at, line)| {
        let marked = lines[at.saturating_sub(3)..at].iter().any(|before| before.ends_with("test]"));
        defines(line) && marked
    })
}

#[cfg(test)]
mod tests {
    use super::{is_test, row, said, tests};

    #[test]
    fn a_row_names_tests_in_its_last_cell() {
        assert_eq!(row("| clause | what | shown by |"), None);
        assert_eq!(row("|---|---|---|"), None);
        let cell = row("| 2.1 | x | `a/b.rs::it_is`, `c.rs::too` |").unwrap();
        assert_eq!(tests(cell), [("a/b.rs", "it_is"), ("c.rs", "too")]);
        assert!(tests(row("| 2.1 | x | by reading |").unwrap()).is_empty());
        assert!(tests(row("| 2.1 | x |").unwrap()).is_empty());
    }

    #[test]
    fn a_page_may_say_how_many_rows_it_has() {
        assert_eq!(said("It fails: 202 by name, on both."), Some("202"));
        assert_eq!(said("Some are refused."), None);
    }

    #[test]
    fn a_function_that_is_no_test_shows_nothing() {
        let source = "#[tokio::test]\nasync fn it_is() {\n}\n\n\n\nfn step() {}";
        assert!(is_test(source, "it_is"));
        assert!(!is_test(source, "it"));
        assert!(!is_test(source, "step"));
    }
}
