//! `doctor`: what is here, what is missing, and the command that fixes it.

use anyhow::{Result, bail};

use crate::tools::{self, Purpose, Tool};

/// Lists every tool; fails when one that `run` or `test` needs is missing.
pub(crate) fn doctor() -> Result<()> {
    println!("{:<8} {:<15} {:<10} {:<9} fix", "", "tool", "found", "needed");
    let bad: Vec<&str> =
        tools::ALL.iter().filter(|tool| !report(tool)).map(|tool| tool.name).collect();
    if bad.is_empty() {
        println!("\nEverything is here: `cargo xtask run` starts Tertulia.");
        return Ok(());
    }
    bail!("missing or too old: {} (`cargo xtask setup` installs what it may)", bad.join(", "))
}

/// Prints one line; false when something necessary is missing.
fn report(tool: &Tool) -> bool {
    let found = (tool.find)();
    let good = found.as_ref().is_some_and(|found| tool.accepts(found));
    let version = found.as_ref().map_or("-".to_owned(), |found| dotted(&found.version));
    let needed = match (tool.least, tool.purpose) {
        ([], Purpose::Optional) => "optional".to_owned(),
        ([], _) => "any".to_owned(),
        (least, _) => format!("{}+", dotted(least)),
    };
    let (mark, fix) = match (good, tool.purpose) {
        (true, _) => ("ok", found.map_or(String::new(), |f| f.path.display().to_string())),
        (false, Purpose::Optional) => ("without", tool.fix()),
        (false, Purpose::Test) => ("tests", tool.fix()),
        (false, Purpose::Run) => ("MISSING", tool.fix()),
    };
    println!("{mark:<8} {:<15} {version:<10} {needed:<9} {fix}", tool.name);
    good || tool.purpose == Purpose::Optional
}

fn dotted(version: &[u32]) -> String {
    let numbers: Vec<String> = version.iter().map(u32::to_string).collect();
    if numbers.is_empty() { "yes".to_owned() } else { numbers.join(".") }
}
