//! Installing what is missing, where we may.

use anyhow::{Result, bail};

use crate::sh;
use crate::tools::{Purpose, Tool};

/// Makes sure that these tools are there; installs Debian packages as root or with `sudo -n`.
pub(crate) fn ensure(wanted: &[&Tool]) -> Result<()> {
    let missing: Vec<&Tool> = wanted.iter().copied().filter(|tool| !tool.present()).collect();
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.apt).copied().collect();
    if !packages.is_empty()
        && let Err(error) = apt(&packages)
    {
        eprintln!("could not install {}: {error:#}", packages.join(", "));
    }
    let (mut fixes, mut names) = (Vec::new(), Vec::new());
    for tool in missing.iter().filter(|tool| !tool.present()) {
        if tool.purpose == Purpose::Optional {
            eprintln!("without {}: {}", tool.name, tool.fix());
            continue;
        }
        fixes.push(tool.fix());
        names.push(tool.name);
    }
    if names.is_empty() {
        return Ok(());
    }
    bail!("missing or too old: {}\nThis fixes it:\n  {}", names.join(", "), fixes.join("\n  "))
}

/// Tries to install; leaves the verdict to whoever looks for the tool afterwards.
fn apt(packages: &[&str]) -> Result<()> {
    if sh::which("apt-get").is_none() || !(sh::is_root() || sh::succeeds("sudo", &["-n", "true"])) {
        return Ok(());
    }
    eprintln!("installing {}", packages.join(", "));
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    if apt_get(&install).is_err() {
        apt_get(&["update"])?; // The lists were missing or too old.
        apt_get(&install)?;
    }
    Ok(())
}

fn apt_get(args: &[&str]) -> Result<()> {
    let words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let mut command = if sh::is_root() {
        sh::command(words[0])
    } else {
        let mut sudo = sh::command("sudo");
        sudo.args(["-n", words[0]]);
        sudo
    };
    sh::run(command.args(&words[1..]).args(args))
}
