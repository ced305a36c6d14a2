//! `check`: everything CI checks besides tests.

use anyhow::{Result, bail};

pub(crate) fn check(_args: &[String]) -> Result<()> {
    bail!("not yet")
}
