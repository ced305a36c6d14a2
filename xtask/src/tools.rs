//! The programs we need, how to find each, and the command that installs it.

use std::path::{Path, PathBuf};

use crate::sh;

/// What a tool is needed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `cargo xtask run` stops without it.
    Run,
    /// `cargo xtask test` and `check` stop without it.
    Test,
    /// Some step is skipped, and says so.
    Optional,
}

/// A tool as found: its version, if it told one, and where it is.
pub(crate) struct Found {
    pub(crate) version: Vec<u32>,
    pub(crate) path: PathBuf,
}

/// One program.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) purpose: Purpose,
    /// The least version that works.
    pub(crate) least: &'static [u32],
    pub(crate) find: fn() -> Option<Found>,
    /// Debian's packages; empty where Debian's are of no use.
    pub(crate) apt: &'static [&'static str],
    /// What to type where there is no apt, or no right to use it.
    pub(crate) hint: &'static str,
}

impl Tool {
    /// Found, and new enough.
    pub(crate) fn present(&self) -> bool {
        (self.find)().is_some_and(|found| self.accepts(&found))
    }

    /// Whether that version is new enough.
    pub(crate) fn accepts(&self, found: &Found) -> bool {
        found.version.as_slice() >= self.least
    }

    /// The exact command that fixes its absence.
    pub(crate) fn fix(&self) -> String {
        if self.apt.is_empty() || sh::which("apt-get").is_none() {
            return self.hint.to_owned();
        }
        let sudo = if sh::is_root() { "" } else { "sudo " };
        format!("{sudo}apt-get install -y {}", self.apt.join(" "))
    }
}

/// Every tool, in the order `doctor` shows them.
pub(crate) const ALL: [&Tool; 14] = [
    &RUST, &CC, &NODE, &NPM, &GIT, &PYTHON, &POSTGRES, &CHROMIUM, &FIREFOX, &ESPEAK, &FUSE,
    &MDBOOK, &DENY, &CLIFF,
];

/// The compiler; rustup reads `rust-toolchain.toml`.
pub(crate) const RUST: Tool = Tool {
    name: "rustc",
    purpose: Purpose::Run,
    least: &[1, 95],
    find: || program("rustc", &["--version"]),
    apt: &[],
    hint: "rustup update stable",
};

/// For the C inside SQLite and the TLS library.
pub(crate) const CC: Tool = Tool {
    name: "cc",
    purpose: Purpose::Run,
    least: &[],
    find: || program("cc", &["--version"]),
    apt: &["build-essential"],
    hint: "install a C compiler (on macOS: xcode-select --install)",
};

/// Builds the web client.
pub(crate) const NODE: Tool = Tool {
    name: "node",
    purpose: Purpose::Run,
    least: &[20, 19],
    find: || program("node", &["--version"]),
    apt: &[],
    hint: "install Node.js 20.19 or newer: https://nodejs.org/en/download",
};

/// Comes with Node, except in Debian.
pub(crate) const NPM: Tool = Tool {
    name: "npm",
    purpose: Purpose::Run,
    least: &[9],
    find: || program("npm", &["--version"]),
    apt: &["npm"],
    hint: "npm comes with Node.js: https://nodejs.org/en/download",
};

/// For the commit titles in `check`.
pub(crate) const GIT: Tool = Tool {
    name: "git",
    purpose: Purpose::Test,
    least: &[2],
    find: || program("git", &["--version"]),
    apt: &["git"],
    hint: "https://git-scm.com/downloads",
};

/// Runs the `python-socketio` client.
pub(crate) const PYTHON: Tool = Tool {
    name: "python3 (venv)",
    purpose: Purpose::Test,
    least: &[3, 9],
    find: || {
        let found = program("python3", &["--version"])?;
        sh::succeeds("python3", &["-c", "import ensurepip, venv"]).then_some(found)
    },
    apt: &["python3", "python3-venv"],
    hint: "install Python 3.9 or newer with venv",
};

/// The second database that every store test runs on.
pub(crate) const POSTGRES: Tool = Tool {
    name: "postgresql",
    purpose: Purpose::Test,
    least: &[15],
    find: || program(postgres_bin()?.join("postgres"), &["--version"]),
    apt: &["postgresql"],
    hint: "install PostgreSQL 15 or newer",
};

/// The browser of the browser tests.
pub(crate) const CHROMIUM: Tool = Tool {
    name: "chromium",
    purpose: Purpose::Test,
    least: &[],
    find: || program(chromium()?, &["--version"]),
    apt: &["chromium", "fonts-liberation"],
    hint: "install Chrome or Chromium, or set CHROMIUM to its path",
};

/// Another engine, for what depends on how a browser scrolls.
pub(crate) const FIREFOX: Tool = Tool {
    name: "firefox",
    purpose: Purpose::Test,
    least: &[],
    find: || program(firefox()?, &["--version"]),
    apt: &["firefox-esr"],
    hint: "install Firefox, or set FIREFOX to its path",
};

/// The voice of messages.
pub(crate) const ESPEAK: Tool = Tool {
    name: "espeak-ng",
    purpose: Purpose::Optional,
    least: &[],
    find: || program("espeak-ng", &["--version"]),
    apt: &["espeak-ng"],
    hint: "install espeak-ng; without it no message can be heard, and its test is skipped",
};

/// The power-cut test's file system.
pub(crate) const FUSE: Tool = Tool {
    name: "fuse3",
    purpose: Purpose::Optional,
    least: &[],
    find: || program("fusermount3", &["--version"]),
    apt: &["fuse3"],
    hint: "install fuse3 (Linux only); the power-cut test is skipped without it",
};

/// Renders the book.
pub(crate) const MDBOOK: Tool = Tool {
    name: "mdbook",
    purpose: Purpose::Optional,
    least: &[],
    find: || program("mdbook", &["--version"]),
    apt: &[],
    hint: "cargo install --locked mdbook",
};

/// Looks at licences and sources of dependencies.
pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    purpose: Purpose::Optional,
    least: &[],
    find: || program("cargo-deny", &["--version"]),
    apt: &[],
    hint: "cargo install --locked cargo-deny",
};

/// Writes the changelog.
pub(crate) const CLIFF: Tool = Tool {
    name: "git-cliff",
    purpose: Purpose::Optional,
    least: &[],
    find: || program("git-cliff", &["--version"]),
    apt: &[],
    hint: "cargo install --locked git-cliff",
};

/// Any Chrome or Chromium: named by `CHROMIUM`, in the PATH, or where installers put it.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(named) = sh::env("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
    let elsewhere = [
        "/snap/bin/chromium",
        "/opt/google/chrome/chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    let known = elsewhere.iter().map(PathBuf::from).find(|path| path.is_file());
    names.iter().find_map(|name| sh::which(name)).or(known)
}

/// Any Firefox: named by `FIREFOX`, or in the PATH.
pub(crate) fn firefox() -> Option<PathBuf> {
    if let Some(named) = sh::env("FIREFOX") {
        return Some(PathBuf::from(named));
    }
    ["firefox-esr", "firefox"].iter().find_map(|name| sh::which(name))
}

/// The folder with `initdb` and `postgres`, the newest where there are several.
pub(crate) fn postgres_bin() -> Option<PathBuf> {
    let entries = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, bin): &(u32, PathBuf)| bin.join("initdb").is_file())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, bin)| bin);
    newest.or_else(|| {
        let real = std::fs::canonicalize(sh::which("initdb")?).ok()?;
        real.parent().map(Path::to_path_buf)
    })
}

fn program(program: impl AsRef<Path>, args: &[&str]) -> Option<Found> {
    let path = program.as_ref();
    let path =
        if path.is_absolute() { path.to_path_buf() } else { sh::which(&path.to_string_lossy())? };
    let said = sh::output(sh::command(&path).args(args)).ok()?;
    Some(Found { version: version(&said), path })
}

/// The first number in what a program says of itself.
pub(crate) fn version(said: &str) -> Vec<u32> {
    // What stands in brackets is about the packager.
    let mut inside = 0;
    let outside: String = said
        .chars()
        .filter(|c| {
            inside += i32::from(*c == '(') - i32::from(*c == ')');
            inside == 0
        })
        .collect();
    let mut words = outside.split_whitespace().map(|word| word.trim_start_matches('v'));
    let dotted = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let numbers = dotted.unwrap_or_default().split(|c: char| !c.is_ascii_digit());
    numbers.map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_the_first_number_outside_brackets() {
        assert_eq!(version("rustc 1.95.0 (f2d3ce0bd 2026-03-21)"), [1, 95, 0]);
        assert_eq!(version("v20.20.2\n"), [20, 20, 2]);
        assert_eq!(version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), [15, 14]);
        assert_eq!(version("cc (Debian 12.2.0-14) 12.2.0\nCopyright (C)"), [12, 2, 0]);
        assert_eq!(version("no number"), Vec::<u32>::new());
        assert!(version("v18.19.1").as_slice() < &[20, 19][..]);
    }
}
