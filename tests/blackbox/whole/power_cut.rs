//! Power cut: what was acknowledged is there although everything that was not synced is gone.
//!
//! SIGKILL alone never finds a missing fsync, since the kernel keeps what was written. The file
//! system in `tests/powercut` does not. Skipped with a message where there is no FUSE or no
//! Python with `tests/requirements.txt`. `TERTULIA_POWER_CUTS` sets the number of cuts (6).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use blackbox::environment::{self, number};
use blackbox::process::Process;
use blackbox::{Options, TestServer, eventually};

use super::crash::{Ledger, random_moment, start_writers};

/// How the power goes.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// Nothing unsynced remains.
    Clean,
    /// A random half of the unsynced pages remains.
    Torn,
}

/// A disk that loses its power.
#[derive(Debug)]
struct Disk {
    folder: tempfile::TempDir,
    process: Option<Process>,
}

impl Disk {
    /// A mounted empty disk, or nothing (with a message) where that is not possible.
    async fn new() -> Option<Self> {
        let reason = match environment::python() {
            _ if !Path::new("/dev/fuse").exists() => "no /dev/fuse",
            None => "no Python environment (TERTULIA_VENV)",
            Some(_) if which("fusermount3").is_none() => "no fusermount3 (package fuse3)",
            Some(python) if !has_module(&python) => "no mfusepy in the Python environment",
            Some(_) => "",
        };
        if !reason.is_empty() {
            assert!(environment::variable("TERTULIA_REQUIRE_FUSE").is_none(), "{reason}");
            eprintln!("SKIPPED: the power cut needs FUSE: {reason}");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("tertulia-disk-").tempdir().expect("a folder");
        for name in ["store", "mount"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let mut disk = Self { folder, process: None };
        disk.mount().await;
        Some(disk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn mount(&mut self) {
        let script = environment::repository().join("tests/powercut/powercut_fs.py");
        let mut command = Command::new(environment::python().expect("checked"));
        command.arg(script).arg(self.path("store")).arg(self.path("mount"));
        let process = Process::spawn(command, &self.path("log"));
        self.process = Some(process.expect("the file system can be started"));
        let mount = self.path("mount").display().to_string();
        eventually("the disk is mounted", async || {
            let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
            mounts.contains(&mount).then_some(())
        })
        .await;
    }

    /// The power goes: after this nothing can be read or written until it is mounted again.
    fn cut(&mut self, how: Cut) {
        let process = self.process.as_mut().expect("mounted");
        match how {
            Cut::Clean => process.kill9(),
            Cut::Torn => process.die(rustix::process::Signal::USR1, Duration::from_secs(30)),
        }
    }

    async fn mount_again(&mut self) {
        self.unmount();
        self.mount().await;
    }

    fn unmount(&mut self) {
        self.process = None;
        Command::new("fusermount3").args(["-u", "-z"]).arg(self.path("mount")).status().ok();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
    }
}

fn which(program: &str) -> Option<PathBuf> {
    let folders = environment::variable("PATH").unwrap_or_default();
    let mut paths = folders.split(':').map(|folder| Path::new(folder).join(program));
    paths.find(|path| path.exists())
}

fn has_module(python: &Path) -> bool {
    let output = Command::new(python).args(["-c", "import mfusepy"]).output();
    output.is_ok_and(|output| output.status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_and_doubles_nothing() {
    if environment::postgres_server().is_some() {
        eprintln!("SKIPPED: PostgreSQL keeps its own disk; its settings are checked at start");
        return;
    }
    let Some(mut disk) = Disk::new().await else { return };
    let cuts = number("TERTULIA_POWER_CUTS", 6);
    let data_dir = Some(disk.path("mount/data"));
    let options = Options { data_dir, ..Options::default() }.unlimited();
    let mut server = TestServer::with(options).await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let room = ana.room("private", "Kitchen").await;
    ana.bring(&room, &leo).await;
    let ledger = Arc::new(Ledger::on_failing_disk());
    let writers = start_writers(&[ana.clone(), leo], &room, &ledger);
    for round in 1..=cuts {
        random_moment(&ledger).await;
        let in_flight = ledger.in_flight();
        disk.cut(if round % 2 == 0 { Cut::Torn } else { Cut::Clean });
        server.kill9();
        assert!(in_flight > 0, "nothing was in flight at cut {round}");
        disk.mount_again().await;
        server.restart().await;
    }
    random_moment(&ledger).await;
    ledger.end();
    for writer in writers {
        writer.await.expect("a writer does not panic");
    }
    eprintln!("{cuts} power cuts, {} acknowledged", ledger.acknowledged());
    ledger.audit(&ana, &room).await;
    drop(server);
}

#[tokio::test]
async fn the_disk_keeps_what_was_synced_and_loses_the_rest() {
    let Some(mut disk) = Disk::new().await else { return };
    let (kept, lost) = (disk.path("mount/kept"), disk.path("mount/lost"));
    let mut file = std::fs::File::create(&kept).expect("a file");
    std::io::Write::write_all(&mut file, b"synced").expect("written");
    file.sync_data().expect("synced");
    std::io::Write::write_all(&mut file, b" and not synced").expect("written");
    std::fs::write(&lost, b"never synced").expect("written");
    assert_eq!(std::fs::read(&kept).expect("read"), b"synced and not synced");
    assert_eq!(std::fs::read(&lost).expect("read"), b"never synced");
    disk.cut(Cut::Clean);
    disk.mount_again().await;
    assert_eq!(std::fs::read(&kept).expect("read"), b"synced");
    assert_eq!(std::fs::read(&lost).expect("read"), b"");
}

/// Rows that SQLite acknowledged and that are gone after a cut.
async fn rows_lost(disk: &mut Disk, synchronous: &str) -> u64 {
    let script = environment::repository().join("tests/powercut/commits.py");
    let (file, log) = (disk.path("mount/rows.db"), disk.path("rows.log"));
    let mut command = Command::new(environment::python().expect("checked"));
    command.arg(script).arg(&file).arg(synchronous);
    let mut process = Process::spawn(command, &log).expect("python starts");
    eventually("five hundred rows are acknowledged", async || {
        assert!(process.ended().is_none(), "{}", process.output());
        (process.output().lines().count() >= 500).then_some(())
    })
    .await;
    disk.cut(Cut::Clean);
    process.kill9();
    let output = process.output();
    let complete = output.rfind('\n').map_or("", |end| &output[..end]);
    let acknowledged: u64 =
        complete.lines().filter_map(|line| line.parse().ok()).max().unwrap_or(0);
    assert!(acknowledged >= 500);
    disk.mount_again().await;
    let count = "import sqlite3, sys\ntry:\n print(sqlite3.connect(sys.argv[1]).execute('SELECT \
                 count(*) FROM row').fetchone()[0])\nexcept sqlite3.Error:\n print(0)";
    let python = environment::python().expect("checked");
    let output = Command::new(python).args(["-c", count]).arg(&file).output().expect("it runs");
    let kept: u64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a count");
    acknowledged.saturating_sub(kept)
}

#[tokio::test]
async fn the_power_cut_finds_a_missing_fsync() {
    let Some(mut disk) = Disk::new().await else { return };
    assert_eq!(rows_lost(&mut disk, "FULL").await, 0, "with every commit synced");
    let Some(mut disk) = Disk::new().await else { return };
    let lost = rows_lost(&mut disk, "OFF").await;
    assert!(lost > 0, "a database that never syncs must lose something here");
}
