//! An identity service of one's own, browsers, and the folder of mails.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine as _;
use clap::Parser as _;
use identity::{Config, Identity, Settings};
use reqwest::{Method, header};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::Value;
use url::Url;

pub(crate) const PASSWORD: &str = "nine yellow boats at dawn";

/// A service with its own database and folder.
pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) config: Config,
    pub(crate) origin: String,
    http: reqwest::Client,
    dir: tempfile::TempDir,
    postgres: Option<Postgres>,
}

/// A database of one test, emptied after it.
struct Postgres {
    server: String,
    name: String,
}

#[derive(clap::Parser)]
struct Cli {
    #[command(subcommand)]
    command: identity::cli::Command,
}

impl World {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::configured(|config| change(&mut config.settings)).await
    }

    pub(crate) async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::start(dir, Postgres::create().await, change).await
    }

    /// Another process on the same database and folder.
    pub(crate) async fn reopen(self, change: impl FnOnce(&mut Settings)) -> Self {
        let change = |config: &mut Config| change(&mut config.settings);
        Self::start(self.dir, self.postgres, change).await
    }

    async fn start(
        dir: tempfile::TempDir,
        postgres: Option<Postgres>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let listener = kit::http::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let mut settings = Settings::default();
        settings.passwords.memory_kib = 64;
        settings.passwords.passes = 1;
        settings.limits.sign_ins_per_min = 10_000;
        settings.limits.sign_ins_per_h = 10_000;
        settings.limits.mails_per_h = 10_000;
        let mut config = Config {
            issuer: Url::parse(&format!("{origin}/id")).unwrap(),
            resources: vec![format!("{origin}/api")],
            home_url: Url::parse(&format!("{origin}/home")).unwrap(),
            data_dir: dir.path().to_owned(),
            database_url: postgres.as_ref().map(Postgres::url),
            mail: kit::mail::MailConfig::default(),
            sms: kit::sms::SmsConfig::default(),
            settings,
        };
        change(&mut config);
        let identity = identity::build(config.clone()).await.unwrap();
        let router = axum::Router::new()
            .nest("/id", identity.router())
            .merge(identity::root_router(&identity))
            .route("/home", axum::routing::get(async || "home"));
        let router = kit::http::with_common_layers(router, "test", false);
        let options = kit::http::ServeOptions::default();
        tokio::spawn(kit::http::serve(listener, router, options, std::future::pending()));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { identity, config, origin, http: http.build().unwrap(), dir, postgres }
    }

    pub(crate) fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser {
            world: self,
            cookies: BTreeMap::new(),
            abroad: BTreeMap::new(),
            language: "en",
            headers: Vec::new(),
            status: 0,
            address: String::new(),
            page: String::new(),
            last: header::HeaderMap::new(),
        }
    }

    /// One of the operator's commands, as on the command line.
    pub(crate) async fn command(&self, words: &[&str]) -> Result<Value, String> {
        let words = std::iter::once("identity").chain(words.iter().copied());
        let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
        let answer = identity::cli::answer(&self.identity, cli.command).await;
        answer.map_err(|error| error.to_string())
    }

    /// An account that an operator made.
    pub(crate) async fn person(&self, name: &str) -> Value {
        let email = format!("{name}@example.org");
        let words = [
            "user",
            "create",
            "--email",
            &email,
            "--username",
            name,
            "--password",
            PASSWORD,
            "--verified",
        ];
        self.command(&words).await.unwrap()
    }

    pub(crate) async fn people(&self) -> Vec<Value> {
        self.command(&["user", "list"]).await.unwrap()["items"].as_array().unwrap().clone()
    }

    /// A look behind the service's back.
    pub(crate) async fn connection(&self) -> DatabaseConnection {
        let file = self.dir.path().join("identity.db");
        let sqlite = || format!("sqlite://{}", file.display());
        let url = self.config.database_url.clone().unwrap_or_else(sqlite);
        Database::connect(&url).await.unwrap()
    }

    /// A table's name for [`Self::connection`].
    pub(crate) fn table(&self, name: &str) -> String {
        match self.config.database_url {
            Some(_) => format!("identity.{name}"),
            None => name.to_owned(),
        }
    }

    /// Statements with which somebody who owns the database could change the audit.
    pub(crate) fn without_triggers(&self) -> Vec<String> {
        match self.config.database_url {
            Some(_) => vec!["DROP TRIGGER audit_keep ON identity.audit".to_owned()],
            None => vec!["DROP TRIGGER audit_keep_update".to_owned()],
        }
    }

    /// Waits for the newest mail to `address` with a link to `part`.
    pub(crate) async fn link(&self, address: &str, part: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mails = self.mails(address);
            if let Some(link) = mails.iter().rev().find_map(|mail| link(mail, part)) {
                return link;
            }
            assert!(Instant::now() < deadline, "no mail to {address} with {part}: {mails:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for a mail to `address` that says `part`.
    pub(crate) async fn told(&self, address: &str, part: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.mails(address).iter().any(|mail| mail.contains(part)) {
            assert!(Instant::now() < deadline, "no mail to {address} that says {part}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All mails to `address`, oldest first, decoded.
    pub(crate) fn mails(&self, address: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.dir.path().join("mail")) else { return vec![] };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        paths.sort();
        let mails = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
        mails.filter(|mail| mail.contains(&format!("To: {address}"))).map(|m| decode(&m)).collect()
    }
}

/// Databases that no test uses now. Making and dropping one costs seconds, emptying it nothing.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Postgres {
    /// An empty database, when there is a server to test on.
    async fn create() -> Option<Self> {
        let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
        let free = FREE.lock().unwrap().pop();
        if let Some(name) = free {
            return Some(Self { server, name });
        }
        let name = format!("accounts_{}", kit::clock::uuid_v4().simple());
        execute(&server, &[&format!("CREATE DATABASE {name}")]).await;
        Some(Self { server, name })
    }

    fn url(&self) -> String {
        let mut url = Url::parse(&self.server).unwrap();
        url.set_path(&self.name);
        url.into()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let url = self.url();
        let emptied = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                         WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let empty = "DROP SCHEMA identity CASCADE";
            runtime.unwrap().block_on(execute(&url, &[leave, empty]));
        });
        if emptied.join().is_ok() {
            FREE.lock().unwrap().push(std::mem::take(&mut self.name));
        }
    }
}

async fn execute(url: &str, statements: &[&str]) {
    let connection = Database::connect(url).await.unwrap();
    for sql in statements {
        connection.execute_unprepared(sql).await.unwrap();
    }
    connection.close().await.unwrap();
}

pub(crate) fn link(mail: &str, part: &str) -> Option<String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>');
    let starts = mail.match_indices("http").map(|(at, _)| &mail[at..]);
    let mut links = starts.map(|rest| &rest[..rest.find(ends).unwrap_or(rest.len())]);
    links.find(|link| link.contains(part)).map(ToOwned::to_owned)
}

pub(crate) fn decode(mail: &str) -> String {
    let mail = mail.replace("\r\n", "\n");
    let mut decoded = mail.replace("=\n", "").replace("=3D", "=");
    for block in mail.split("\n\n") {
        let packed: String = block.split_whitespace().collect();
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed) {
            decoded.push('\n');
            decoded.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    decoded
}

/// A browser without script.
pub(crate) struct Browser<'w> {
    pub(crate) world: &'w World,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Cookies of other hosts.
    abroad: BTreeMap<String, String>,
    pub(crate) language: &'static str,
    /// Sent with every request.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) status: u16,
    pub(crate) address: String,
    pub(crate) page: String,
    pub(crate) last: header::HeaderMap,
}

impl Browser<'_> {
    /// Opens a page, following redirects.
    pub(crate) async fn open(&mut self, path: &str) -> u16 {
        self.go(Method::GET, path, None).await
    }

    /// Sends the form of the page shown: its hidden fields, and these.
    pub(crate) async fn submit(&mut self, fields: &[(&str, &str)]) -> u16 {
        let form = self.form().unwrap_or_else(|| panic!("no form: {}", self.page));
        let (action, mut all) = form;
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.go(Method::POST, &action, Some(all)).await
    }

    /// The first POST form of the page: where it goes, and its hidden fields.
    pub(crate) fn form(&self) -> Option<(String, BTreeMap<String, String>)> {
        let forms = self.page.split("<form").skip(1);
        let form = forms.map(|rest| rest.split("</form>").next().unwrap()).next()?;
        let action = attribute(form.split('>').next()?, "action")?;
        let inputs = form.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
        let hidden = inputs.filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
        let fields = hidden.map(|tag| {
            (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap_or_default())
        });
        Some((action, fields.collect()))
    }

    /// Fills in the sign-up form.
    pub(crate) async fn sign_up(&mut self, name: &str) -> u16 {
        self.open("/id/signup").await;
        let email = format!("{name}@example.org");
        self.submit(&[
            ("email", &email),
            ("username", name),
            ("display_name", name),
            ("password", PASSWORD),
        ])
        .await
    }

    /// Signs up and confirms the mail.
    pub(crate) async fn join(&mut self, name: &str) {
        assert_eq!(self.sign_up(name).await, 200, "{}", self.page);
        let link = self.world.link(&format!("{name}@example.org"), "/verify/").await;
        assert_eq!(self.open(&link).await, 200, "{}", self.page);
        assert_eq!(self.submit(&[]).await, 200, "{}", self.page);
    }

    pub(crate) async fn sign_in(&mut self, username: &str, password: &str) -> u16 {
        self.open("/id/login").await;
        self.submit(&[("username", username), ("password", password)]).await
    }

    /// Whether somebody is signed in here.
    pub(crate) async fn is_in(&mut self) -> bool {
        self.open("/id/account").await;
        self.address.ends_with("/id/account")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.last.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) async fn go(
        &mut self,
        method: Method,
        path: &str,
        form: Option<BTreeMap<String, String>>,
    ) -> u16 {
        self.address = self.absolute(path);
        let mut request = self.request(method, form.is_some());
        if let Some(form) = &form {
            request = request.form(form);
        }
        let mut answer = request.send().await.unwrap();
        for _ in 0..10 {
            self.keep_cookies(answer.headers());
            self.status = answer.status().as_u16();
            self.last = answer.headers().clone();
            let Some(next) = answer.headers().get(header::LOCATION) else {
                self.page = answer.text().await.unwrap();
                return self.status;
            };
            let base = Url::parse(&self.address).unwrap();
            self.address = base.join(next.to_str().unwrap()).unwrap().into();
            answer = self.request(Method::GET, false).send().await.unwrap();
        }
        panic!("too many redirects, now at {}", self.address);
    }

    /// Follows one link and nothing more; answers where it leads.
    pub(crate) async fn step(&mut self, path: &str) -> String {
        self.address = self.absolute(path);
        let answer = self.request(Method::GET, false).send().await.unwrap();
        self.keep_cookies(answer.headers());
        let next = answer.headers()[header::LOCATION].to_str().unwrap();
        Url::parse(&self.address).unwrap().join(next).unwrap().into()
    }

    /// Sends JSON as the script of a page would, and answers what comes back.
    pub(crate) async fn post_json(&mut self, path: &str, body: &Value) -> Value {
        self.address = self.absolute(path);
        let answer = self.request(Method::POST, true).json(body).send().await.unwrap();
        self.keep_cookies(answer.headers());
        self.status = answer.status().as_u16();
        self.last = answer.headers().clone();
        answer.json().await.unwrap()
    }

    /// The token of the forms of the page shown.
    pub(crate) fn csrf(&self) -> String {
        let rest = self.page.split("name=\"csrf\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn request(&self, method: Method, is_form: bool) -> reqwest::RequestBuilder {
        let jar = if self.is_home() { &self.cookies } else { &self.abroad };
        let pairs = jar.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = pairs.collect::<Vec<_>>().join("; ");
        let request = self.world.http.request(method, &self.address);
        let mut request =
            request.header("cookie", cookies).header("accept-language", self.language);
        let own = self.headers.iter().any(|(name, _)| *name == "origin");
        if is_form && !own {
            let origin = Url::parse(&self.address).unwrap().origin().ascii_serialization();
            request = request.header("origin", origin);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request
    }

    /// Whether the address is one of the service.
    pub(crate) fn is_home(&self) -> bool {
        self.address.starts_with(&format!("{}/", self.world.origin))
    }

    fn keep_cookies(&mut self, headers: &header::HeaderMap) {
        let home = self.is_home();
        for value in headers.get_all(header::SET_COOKIE) {
            let value = value.to_str().unwrap();
            let (pair, attributes) = value.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let safe = attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax");
            assert!(safe || !home, "{name}: {attributes}");
            let jar = if home { &mut self.cookies } else { &mut self.abroad };
            if attributes.contains("Max-Age=0") || attributes.contains(" 1970 ") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { self.world.origin.clone() + path }
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(tag[at..at + tag[at..].find('"')?].replace("&amp;", "&"))
}

/// The text of the page's alert.
pub(crate) fn alert(page: &str) -> &str {
    let alert = page.split("role=\"alert\">").nth(1).unwrap_or_default();
    alert.split("</").next().unwrap_or_default()
}
