//! That an answer costs the same whoever it is about: counted, because a stopwatch would tell
//! more about the machine than about the code.

use std::path::Path;
use std::sync::{Arc, Mutex};

use clap::Parser as _;
use http::header;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use url::Url;

use crate::outbox::{self, Way};
use crate::{Config, Identity, Settings, cli};

const PASSWORD: &str = "nine yellow boats at dawn";
/// One account of each kind, and a name that nobody has.
const NAMES: [&str; 4] = ["ana", "pia", "bruno", "nobody"];

/// What a request cost, and what came of it.
#[derive(Debug, PartialEq, Eq)]
struct Work {
    status: u16,
    hashes: u64,
    statements: Vec<String>,
}

/// A service whose background tasks do not run, and a record of its statements.
struct World {
    identity: Identity,
    issuer: String,
    http: reqwest::Client,
    statements: Arc<Mutex<Vec<String>>>,
    dir: tempfile::TempDir,
}

#[derive(clap::Parser)]
struct Cli {
    #[command(subcommand)]
    command: cli::Command,
}

impl World {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://localhost:{}/id", listener.local_addr().unwrap().port());
        let dir = tempfile::tempdir().unwrap();
        let mut identity = crate::open(config(&issuer, dir.path()).await).await.unwrap();
        let statements = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&statements);
        let parts = Arc::get_mut(&mut identity.0).unwrap();
        parts.db.on_statement(move |sql| heard.lock().unwrap().push(sql.to_owned()));
        let router = axum::Router::new().nest("/id", identity.router());
        let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let world = Self { identity, issuer, http: reqwest::Client::new(), statements, dir };
        world.command(&["user", "create", "--username", "ana", "--verified"]).await;
        world.command(&["user", "create", "--username", "pia"]).await;
        world.command(&["user", "create", "--username", "bruno", "--verified"]).await;
        world.command(&["user", "block", "bruno"]).await;
        world
    }

    async fn command(&self, words: &[&str]) {
        let mut all = vec!["identity"];
        all.extend_from_slice(words);
        let email = words.get(3).map(|name| format!("{name}@example.org"));
        if let Some(email) = &email {
            all.extend(["--email", email, "--password", PASSWORD]);
        }
        let cli = Cli::try_parse_from(all).unwrap();
        cli::answer(&self.identity, cli.command).await.unwrap();
    }

    /// Sends the form of a page from a fresh browser.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Work {
        let url = format!("{}{path}", self.issuer);
        let page = self.http.get(&url).send().await.unwrap();
        let cookie = page.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let page = page.text().await.unwrap();
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let request = self.http.post(&url).header(header::COOKIE, cookie);
        let fields = [&[("csrf", csrf)], fields].concat();
        self.counted(request.form(&fields)).await
    }

    async fn counted(&self, request: reqwest::RequestBuilder) -> Work {
        self.statements.lock().unwrap().clear();
        let before = self.identity.hasher.done();
        let status = request.send().await.unwrap().status().as_u16();
        let hashes = self.identity.hasher.done() - before;
        Work { status, hashes, statements: self.statements.lock().unwrap().clone() }
    }

    /// Who gets a mail in the end.
    async fn receivers(&self) -> Vec<String> {
        for way in [Way::Recovery, Way::Mail] {
            while outbox::deliver_due(&self.identity, way).await.unwrap() > 0 {}
        }
        let mails = std::fs::read_dir(self.dir.path().join("mail")).unwrap();
        let mails = mails.map(|mail| std::fs::read_to_string(mail.unwrap().path()).unwrap());
        let to =
            |mail: &str| mail.lines().find_map(|line| line.strip_prefix("To: ")).map(str::to_owned);
        mails.filter_map(|mail| to(&mail)).collect()
    }
}

async fn config(issuer: &str, dir: &Path) -> Config {
    let mut settings = Settings::default();
    settings.passwords.memory_kib = 64;
    settings.passwords.passes = 1;
    Config {
        issuer: Url::parse(issuer).unwrap(),
        resources: vec![],
        home_url: Url::parse(issuer).unwrap(),
        data_dir: dir.to_owned(),
        database_url: own_database().await,
        mail: kit::mail::MailConfig::default(),
        sms: kit::sms::SmsConfig::default(),
        settings,
    }
}

async fn own_database() -> Option<String> {
    let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("same_work_{}", kit::clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

#[tokio::test]
async fn a_wrong_password_costs_one_hash_and_the_same_statements_for_every_name() {
    let world = World::open().await;
    for address in ["", "@example.org"] {
        let mut works = Vec::new();
        for name in NAMES {
            let name = format!("{name}{address}");
            let fields = [("username", name.as_str()), ("password", "not the right phrase")];
            works.push(world.post("/login", &fields).await);
        }
        assert_eq!((works[0].status, works[0].hashes), (422, 1));
        assert!(works[0].statements.len() > 4, "{works:?}");
        for (name, work) in NAMES.iter().zip(&works) {
            assert_eq!(work, &works[0], "{name}{address}");
        }
    }
}

#[tokio::test]
async fn who_waits_costs_no_hash_and_the_same_statements_for_every_name() {
    let world = World::open().await;
    let mut works = Vec::new();
    for name in NAMES {
        let fields = [("username", name), ("password", "not the right phrase")];
        for _ in 0..5 {
            assert_eq!(world.post("/login", &fields).await.status, 422, "{name}");
        }
        works.push(world.post("/login", &fields).await);
    }
    assert_eq!((works[0].status, works[0].hashes), (429, 0));
    for (name, work) in NAMES.iter().zip(&works) {
        assert_eq!(work, &works[0], "{name}");
    }
}

#[tokio::test]
async fn to_ask_for_a_new_password_costs_one_statement_whoever_it_is_for() {
    let world = World::open().await;
    for name in NAMES {
        let address = format!("{name}@example.org");
        let work = world.post("/recover", &[("email", &address)]).await;
        assert_eq!((work.status, work.hashes), (200, 0), "{name}");
        assert_eq!(work.statements.len(), 1, "{name}: {work:?}");
        assert!(work.statements[0].starts_with("INSERT INTO outbox"), "{name}: {work:?}");
    }
    let receivers = world.receivers().await;
    assert_eq!(receivers, ["ana@example.org"], "only who can use it gets a link");
}

#[tokio::test]
async fn to_sign_up_costs_one_hash_and_as_many_statements_for_every_address() {
    let world = World::open().await;
    let mut costs = Vec::new();
    for (at, name) in NAMES.iter().enumerate() {
        let (address, username) = (format!("{name}@example.org"), format!("new-person-{at}"));
        let fields = [
            ("email", address.as_str()),
            ("username", username.as_str()),
            ("display_name", "Somebody"),
            ("password", PASSWORD),
        ];
        let work = world.post("/signup", &fields).await;
        costs.push((work.status, work.hashes, work.statements.len()));
    }
    assert_eq!((costs[0].0, costs[0].1), (200, 1), "{costs:?}");
    assert!(costs[0].2 > 5, "{costs:?}");
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}

/// Whoever asks for a passkey's challenge names nobody, so there is nobody to tell anything about.
#[tokio::test]
async fn a_challenge_for_passkeys_is_made_without_a_name_and_without_a_statement() {
    let world = World::open().await;
    let page = world.http.get(format!("{}/login", world.issuer)).send().await.unwrap();
    let cookie = page.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let page = page.text().await.unwrap();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let ask = |body| {
        let url = format!("{}/login/passkey/options", world.issuer);
        world.http.post(url).header(header::COOKIE, cookie).json(&body)
    };
    let work = world.counted(ask(json!({"csrf": csrf}))).await;
    assert_eq!(work, Work { status: 200, hashes: 0, statements: vec![] });
    for name in NAMES {
        let named = world.counted(ask(json!({"csrf": csrf, "username": name}))).await;
        assert_eq!((named.status, named.statements.len()), (400, 0), "{name}");
    }
}
