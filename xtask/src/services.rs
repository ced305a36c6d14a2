//! `services`: a private PostgreSQL in a temporary folder on a free port.
//!
//! It keeps its own folder, port and random password, so it disturbs no other PostgreSQL of the
//! machine, and `down` leaves nothing behind. `target/services.json` says what is up.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{install, sh, tools};

/// A running cluster.
pub(crate) struct Postgres {
    /// `postgres://…`: a server where tests make their own databases.
    pub(crate) url: String,
    dir: PathBuf,
    /// The process to whose life it is bound; none after `services up`.
    owner: Option<u32>,
}

/// `services up|down|status`.
pub(crate) fn command(args: &[String]) -> Result<()> {
    match args.first().map(String::as_str) {
        Some("up") => {
            let postgres = match Postgres::noted() {
                Some(running) if running.answers() => running,
                _ => Postgres::start(None)?,
            };
            println!("TERTULIA_TEST_POSTGRES={}", postgres.url);
            postgres.note()
        }
        Some("down") => Postgres::noted().map_or(Ok(()), |running| running.stop()),
        Some("status") => {
            match Postgres::noted().filter(Postgres::answers) {
                Some(running) => println!("PostgreSQL is up: {}", running.url),
                None => println!("nothing is up"),
            }
            Ok(())
        }
        _ => bail!("services up|down|status"),
    }
}

/// A cluster for the length of one command; one that `services up` started is shared and stays.
pub(crate) struct Borrowed {
    postgres: Option<Postgres>,
    pub(crate) url: String,
}

impl Borrowed {
    /// Finds or starts one.
    pub(crate) fn take() -> Result<Self> {
        if let Some(url) = sh::env("TERTULIA_TEST_POSTGRES") {
            return Ok(Self { postgres: None, url });
        }
        if let Some(noted) = Postgres::noted() {
            if noted.owner.is_none() && noted.answers() {
                return Ok(Self { url: noted.url, postgres: None });
            }
            if !noted.is_owned() {
                noted.stop()?; // Left by a command that was killed.
            }
        }
        let postgres = Postgres::start(Some(std::process::id()))?;
        if Postgres::noted().is_none() {
            postgres.note()?;
        }
        Ok(Self { url: postgres.url.clone(), postgres: Some(postgres) })
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.postgres.as_ref().map(Postgres::stop) {
            eprintln!("PostgreSQL was not stopped: {error:#}");
        }
    }
}

impl Postgres {
    fn start(owner: Option<u32>) -> Result<Self> {
        install::ensure(&[&tools::POSTGRES])?;
        let made = as_server("mktemp").args(["-d", "/tmp/tertulia-postgres-XXXXXX"]).output()?;
        let dir = PathBuf::from(String::from_utf8(made.stdout)?.trim());
        if !made.status.success() || !dir.is_absolute() {
            bail!("mktemp: {}", String::from_utf8_lossy(&made.stderr));
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let password = random_word()?;
        let url = format!("postgres://tertulia:{password}@127.0.0.1:{port}/postgres");
        let postgres = Self { url, dir, owner };
        let started = postgres.initialise(&password).and_then(|()| postgres.launch(port));
        if let Err(error) = started {
            let log = fs::read_to_string(postgres.dir.join("log")).unwrap_or_default();
            postgres.stop().ok();
            return Err(error.context(format!("PostgreSQL did not start\n{log}")));
        }
        Ok(postgres)
    }

    /// `initdb`; the password goes in through a file that only the server's user reads.
    fn initialise(&self, password: &str) -> Result<()> {
        let file = self.dir.join("password");
        let mut write = as_server("sh");
        write.args(["-c", "umask 077; cat > \"$0\""]).arg(&file).stdin(Stdio::piped());
        let mut child = write.spawn()?;
        child.stdin.take().context("no pipe")?.write_all(password.as_bytes())?;
        if !child.wait()?.success() {
            bail!("cannot write {}", file.display());
        }
        let mut initdb = as_server(program("initdb")?);
        initdb.args(["--username=tertulia", "--auth=scram-sha-256", "--encoding=UTF8"]);
        initdb.args(["--no-locale", "--no-sync"]); // An empty cluster is no loss.
        initdb.arg("--pgdata").arg(self.dir.join("data"));
        initdb.arg("--pwfile").arg(&file);
        sh::output(&mut initdb).map(drop)
    }

    fn launch(&self, port: u16) -> Result<()> {
        let dir = self.dir.display();
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={dir} \
             -c max_connections=500"
        );
        let mut start = as_server(program("pg_ctl")?);
        start.args(["start", "--wait", "--timeout=60", "--silent", "--options"]).arg(options);
        start.arg("--log").arg(self.dir.join("log"));
        start.arg("--pgdata").arg(self.dir.join("data"));
        sh::output(&mut start).map(drop)
    }

    fn stop(&self) -> Result<()> {
        let data = self.dir.join("data");
        if sh::succeeds_as(&mut self.pg_ctl("status")?) {
            let mut stop = self.pg_ctl("stop")?;
            stop.args(["--mode=immediate", "--wait", "--silent"]);
            sh::output(&mut stop).with_context(|| format!("stopping {}", data.display()))?;
        }
        sh::output(as_server("rm").arg("-rf").arg(&self.dir))?;
        if Self::noted().is_some_and(|noted| noted.dir == self.dir) {
            fs::remove_file(note_path())?;
        }
        Ok(())
    }

    fn pg_ctl(&self, verb: &str) -> Result<Command> {
        let mut command = as_server(program("pg_ctl")?);
        command.arg(verb).arg("--pgdata").arg(self.dir.join("data"));
        Ok(command)
    }

    fn answers(&self) -> bool {
        self.pg_ctl("status").is_ok_and(|mut status| sh::succeeds_as(&mut status))
    }

    /// Whether the command that started it is still running.
    fn is_owned(&self) -> bool {
        self.owner.is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists())
    }

    fn note(&self) -> Result<()> {
        let note = json!({ "postgres": self.url, "dir": self.dir, "owner": self.owner });
        fs::create_dir_all(sh::target())?;
        fs::write(note_path(), format!("{note:#}\n")).context("cannot write services.json")
    }

    fn noted() -> Option<Self> {
        let note: Value = serde_json::from_str(&fs::read_to_string(note_path()).ok()?).ok()?;
        Some(Self {
            url: note["postgres"].as_str()?.to_owned(),
            dir: PathBuf::from(note["dir"].as_str()?),
            owner: note["owner"].as_u64().and_then(|pid| pid.try_into().ok()),
        })
    }
}

fn note_path() -> PathBuf {
    sh::target().join("services.json")
}

fn program(name: &str) -> Result<PathBuf> {
    Ok(tools::postgres_bin().context("PostgreSQL's programs are not found")?.join(name))
}

/// PostgreSQL refuses to run as root; then it runs as its package's own user.
fn as_server(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = if sh::is_root() {
        let mut command = sh::command("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        sh::command(program)
    };
    command.current_dir("/");
    command
}

fn random_word() -> Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
