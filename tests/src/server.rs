//! `tertulia all` in a process and a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;

use crate::client::{self, Answer};
use crate::database::Database;
use crate::environment;
use crate::person::Person;
use crate::process::Process;

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--set key=value`, each.
    pub set: Vec<String>,
    /// A data folder that somebody else owns, instead of a new temporary one.
    pub data_dir: Option<PathBuf>,
    /// A PostgreSQL server other than the one that this run is for.
    pub postgres: Option<String>,
    /// Words before the program's name, such as `taskset -c 0`.
    pub prefix: Vec<String>,
    /// A public URL other than `http://localhost:<port>`.
    pub public_url: Option<String>,
}

impl Options {
    /// Rate limits out of the way, for tests of anything else than the limits.
    pub fn unlimited(mut self) -> Self {
        self.set.extend(UNLIMITED.iter().map(ToString::to_string));
        self
    }
}

/// Settings that lift the limits on requests of one person and of one address.
pub const UNLIMITED: &[&str] = &[
    "chat.limits.messages_burst=1000000",
    "chat.limits.messages_per_s=1000000",
    "chat.limits.changes_burst=1000000",
    "chat.limits.changes_per_s=1000000",
    "chat.limits.reads_burst=1000000",
    "chat.limits.reads_per_s=1000000",
];

/// A running server; killed and its database dropped when this goes out of scope.
#[derive(Debug)]
pub struct TestServer {
    process: Option<Process>,
    folder: tempfile::TempDir,
    data_dir: PathBuf,
    options: Options,
    database: Database,
    port: u16,
    client: reqwest::Client,
}

impl TestServer {
    /// Starts a server with generous limits in an empty folder.
    pub async fn start() -> Self {
        Self::with(Options::default().unlimited()).await
    }

    /// Starts a server with these options.
    pub async fn with(options: Options) -> Self {
        let folder = tempfile::Builder::new().prefix("tertulia-test-").tempdir();
        let folder = folder.expect("a temporary folder can be made");
        let data_dir = options.data_dir.clone().unwrap_or_else(|| folder.path().join("data"));
        let server = options.postgres.clone().or_else(environment::postgres_server);
        let database = Database::create(server).await;
        let port = free_port();
        let client = client::new(port);
        let mut server = Self { process: None, folder, data_dir, options, database, port, client };
        server.restart().await;
        server
    }

    /// Starts the process (again), and waits until it says that it is healthy.
    pub async fn restart(&mut self) {
        let deadline = Instant::now() + 2 * environment::PATIENCE;
        while !self.attempt(deadline).await {
            assert!(Instant::now() < deadline, "the server does not start: {}", self.log());
        }
    }

    /// The same with one setting more, which comes before those that were there.
    pub async fn restart_with(&mut self, setting: &str) {
        self.options.set.push(setting.to_owned());
        self.restart().await;
    }

    /// One start; false when the process ended by itself, as when the port was taken.
    async fn attempt(&mut self, deadline: Instant) -> bool {
        let mut words = self.options.prefix.clone();
        words.push(environment::program().display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let listen = format!("127.0.0.1:{}", self.port);
        command.arg("all").args(["--listen", &listen]).args(self.common());
        for setting in &self.options.set {
            command.args(["--set", setting]);
        }
        let process = Process::spawn(command, &self.folder.path().join("server.log"));
        self.process = Some(process.expect("the program can be started"));
        let health = self.url("/health");
        loop {
            let ended = self.process.as_mut().and_then(Process::ended);
            if let Some(status) = ended {
                if self.log().contains("in use") {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    return false;
                }
                panic!("the server ended with {status}:\n{}", self.log());
            }
            let answer = self.client.get(&health).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return true;
            }
            assert!(Instant::now() < deadline, "never healthy:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Options that the server and the operator's commands share.
    fn common(&self) -> Vec<String> {
        let mut args = vec!["--data-dir".to_owned(), self.data_dir.display().to_string()];
        args.extend(["--public-url".to_owned(), self.public_url()]);
        if let Some(url) = self.database.url() {
            args.extend(["--database-url".to_owned(), url]);
        }
        args
    }

    /// SIGKILL, without a word.
    pub fn kill9(&mut self) {
        self.process.as_mut().expect("the server runs").kill9();
    }

    /// SIGTERM; how it ended, if it did in time.
    pub fn terminate(&mut self, patience: Duration) -> Option<std::process::ExitStatus> {
        self.process.as_mut().expect("the server runs").terminate(patience)
    }

    /// The program, and the options that say which server a command of the operator is for.
    pub fn operator_words(&self) -> Vec<String> {
        let mut words = vec![environment::program().display().to_string()];
        words.extend(self.common());
        words
    }

    /// Runs `tertulia identity …` and answers what it printed.
    pub async fn operator(&self, words: &[&str]) -> String {
        let mut command = tokio::process::Command::new(environment::program());
        command.arg("identity").args(words).args(self.common());
        let output = command.output().await.expect("the program can be started");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tertulia identity {words:?}: {error}");
        String::from_utf8(output.stdout).expect("the program prints UTF-8")
    }

    /// A verified account, known to chat, with a token for an hour.
    pub async fn person(&self, username: &str) -> Person {
        let person = self.stranger(username).await;
        person.get("/api/me").await.expect(200);
        person
    }

    /// A verified account that chat has not seen yet.
    pub async fn stranger(&self, username: &str) -> Person {
        let email = format!("{username}@example.org");
        let words = ["user", "create", "--verified", "--email", &email, "--username", username];
        let named = ["--display-name", username, "--password", PASSWORD];
        let printed = self.operator(&[&words[..], &named[..]].concat()).await;
        let account: Value = serde_json::from_str(&printed).expect("it prints JSON");
        let token = self.token(username, 3600).await;
        Person::new(self, username, &account, token)
    }

    /// An access token for the chat API.
    pub async fn token(&self, username: &str, ttl_s: u32) -> String {
        let ttl = ttl_s.to_string();
        let words = ["token", "create", "--user", username, "--ttl", &ttl];
        self.operator(&words).await.trim().to_owned()
    }

    /// Asks without any credentials.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await.expect("the server answers")
    }

    /// Begins a request.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// The absolute URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// What the server calls itself.
    pub fn public_url(&self) -> String {
        self.options.public_url.clone().unwrap_or_else(|| self.url(""))
    }

    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the server runs").id()
    }

    /// The folder of all its data.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The HTTP client, shared by all who ask this server.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Rows of a service, read behind the server's back.
    pub async fn look(&self, service: &str, sql: &str) -> Vec<Vec<String>> {
        self.database.look(&self.data_dir, service, sql).await
    }

    /// All that the server has printed.
    pub fn log(&self) -> String {
        self.process.as_ref().map(Process::output).unwrap_or_default()
    }
}

/// The password of everybody made by [`TestServer::person`].
pub const PASSWORD: &str = "a-long-enough-passphrase-41";

impl Drop for TestServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(40)..];
            eprintln!("--- the server's last lines ---\n{}", tail.join("\n"));
        }
        self.process = None;
        let database = self.database.clone();
        if matches!(database, Database::Postgres { .. }) {
            let dropping = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime can be built").block_on(database.drop());
            });
            dropping.join().ok();
        }
    }
}

/// A port below the ephemeral range that nobody listens at; tests of one process never share it.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = u16::try_from(std::process::id() % 100).expect("below 100") * 120;
    for _ in 0..12_000 {
        let port = 20_000 + (base + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 20000 and 32000");
}
