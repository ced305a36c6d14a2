//! A provider of one's own, a browser and an app.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser as _;
use identity::{FirstParty, Identity};
use reqwest::{Method, Response, StatusCode, header};
use sea_orm::ConnectionTrait as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

pub(crate) const PASSWORD: &str = "a long walk along the river";
pub(crate) const REDIRECT: &str = "https://app.example/cb";
pub(crate) const AFTER: &str = "https://app.example/bye";
const SECRET: &str = "first-party-secret";

/// A provider with its own database, and the person `ana`.
pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) config: identity::Config,
    pub(crate) issuer: String,
    pub(crate) api: String,
    pub(crate) http: reqwest::Client,
    data_dir: PathBuf,
    chat: App,
}

/// An app as it knows itself.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
}

#[derive(clap::Parser)]
struct Cli {
    #[command(subcommand)]
    command: identity::cli::Command,
}

impl World {
    pub(crate) async fn open() -> Self {
        Self::with_backchannel("https://app.example/backchannel").await
    }

    /// With a first-party app `chat` that is told at `uri` when somebody signs out.
    pub(crate) async fn with_backchannel(uri: &str) -> Self {
        Self::with(uri, |_| ()).await
    }

    /// With other settings.
    pub(crate) async fn with(uri: &str, change: impl FnOnce(&mut identity::Settings)) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let mut config = config(&origin).await;
        change(&mut config.settings);
        let data_dir = config.data_dir.clone();
        let identity = identity::build(config.clone()).await.unwrap();
        let first_party = FirstParty {
            client_id: "chat",
            name: "Tertulia",
            secret: SECRET,
            redirect_uri: REDIRECT.to_owned(),
            post_logout_redirect_uri: AFTER.to_owned(),
            backchannel_logout_uri: Some(uri.to_owned()),
            scope: FirstParty::CHAT,
        };
        identity.ensure_first_party(first_party).await.unwrap();
        let router = axum::Router::new()
            .nest("/id", identity.router())
            .merge(identity::root_router(&identity));
        let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let world = Self {
            identity,
            config,
            issuer: format!("{origin}/id"),
            api: format!("{origin}/api"),
            http: http.build().unwrap(),
            data_dir,
            chat: App {
                id: "chat".to_owned(),
                secret: Some(SECRET.to_owned()),
                redirect_uri: REDIRECT.to_owned(),
            },
        };
        world.person("ana").await;
        world
    }

    pub(crate) async fn person(&self, name: &str) {
        let email = format!("{name}@example.org");
        let words = [
            "user",
            "create",
            "--email",
            &email,
            "--username",
            name,
            "--display-name",
            name,
            "--password",
            PASSWORD,
            "--verified",
        ];
        self.command(&words).await;
    }

    /// Somebody besides `ana` without whom nobody could close her account.
    pub(crate) async fn another_owner(&self) {
        self.person("zoe").await;
        self.command(&["user", "role", "zoe", "owner"]).await;
    }

    /// One of the operator's commands, as on the command line.
    pub(crate) async fn command(&self, words: &[&str]) -> Value {
        self.try_command(words).await.unwrap()
    }

    /// The same where it may be refused.
    pub(crate) async fn try_command(&self, words: &[&str]) -> Result<Value, String> {
        Self::command_of(&self.identity, words).await
    }

    /// The same by another process on this database.
    pub(crate) async fn command_of(identity: &Identity, words: &[&str]) -> Result<Value, String> {
        let words = std::iter::once("identity").chain(words.iter().copied());
        let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
        let answer = identity::cli::answer(identity, cli.command).await;
        answer.map_err(|error| error.to_string())
    }

    /// What no page or command does yet.
    pub(crate) async fn sql(&self, statement: &str) {
        let db = self.database().await;
        db.write(async |tx| kit::db::exec(tx, statement, vec![]).await).await.unwrap();
    }

    /// The database as another process has it.
    pub(crate) async fn database(&self) -> kit::db::Db {
        let place = kit::db::DbConfig {
            url: self.config.database_url.clone(),
            data_dir: self.config.data_dir.clone(),
            name: "identity",
        };
        kit::db::Db::open(&place, &[]).await.unwrap()
    }

    /// All mails so far, their soft line breaks taken out.
    pub(crate) fn mails(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.data_dir.join("mail")) else { return vec![] };
        let paths = entries.map(|entry| entry.unwrap().path());
        let mails = paths.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        let texts = mails.filter_map(|path| std::fs::read_to_string(path).ok());
        texts.map(|text| text.replace("=\r\n", "").replace("=\n", "")).collect()
    }

    /// Our own app.
    pub(crate) fn chat(&self) -> App {
        self.chat.clone()
    }

    /// Somebody else's app.
    pub(crate) async fn app(&self, public: bool) -> App {
        let mut words = vec!["client", "create", "--name", "Notas <b>", "--redirect-uri", REDIRECT];
        words.extend(["--post-logout-redirect-uri", AFTER]);
        words.extend(public.then_some("--public"));
        let made = self.command(&words).await;
        App {
            id: made["client_id"].as_str().unwrap().to_owned(),
            secret: made["client_secret"].as_str().map(str::to_owned),
            redirect_uri: REDIRECT.to_owned(),
        }
    }

    /// What an app asks for, with `changes`; an empty value takes a parameter out.
    pub(crate) fn request(&self, app: &App, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = [
            ("response_type", "code"),
            ("client_id", &app.id),
            ("redirect_uri", &app.redirect_uri),
            ("scope", "openid profile email offline_access chat"),
            ("resource", &self.api),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", &challenge()),
            ("code_challenge_method", "S256"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        for (name, value) in changes {
            pairs.retain(|(found, _)| found != name);
            if !value.is_empty() {
                pairs.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        pairs
    }

    pub(crate) fn authorize_url(&self, pairs: &[(String, String)]) -> String {
        let query =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{}/oauth/authorize?{query}", self.issuer)
    }

    /// A code for `ana`, who signs in by the form if she has not yet.
    pub(crate) async fn code(&self, browser: &mut Browser, app: &App) -> String {
        let back = self.signed_in(browser, app, &[]).await;
        back.get("code").unwrap_or_else(|| panic!("no code in {back:?}")).clone()
    }

    /// Where the browser ends up, as the parameters of the redirect URI.
    pub(crate) async fn signed_in(
        &self,
        browser: &mut Browser,
        app: &App,
        changes: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let url = self.authorize_url(&self.request(app, changes));
        browser.open(self, &url).await;
        if browser.address.contains("/login") {
            browser.submit(self, &[("username", "ana"), ("password", PASSWORD)]).await;
        }
        if browser.address.contains("/consent") {
            browser.submit(self, &[("decision", "allow")]).await;
        }
        browser.answer()
    }

    pub(crate) async fn tokens(&self, app: &App) -> Value {
        let code = self.code(&mut Browser::default(), app).await;
        let (status, tokens) = self.exchange(app, &code).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        tokens
    }

    pub(crate) async fn exchange(&self, app: &App, code: &str) -> (StatusCode, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &app.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.token(app, &form).await
    }

    pub(crate) async fn refresh(&self, app: &App, token: &str) -> (StatusCode, Value) {
        self.token(app, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn token(&self, app: &App, form: &[(&str, &str)]) -> (StatusCode, Value) {
        json(self.post("/oauth/token", app, form).await).await
    }

    pub(crate) async fn post(&self, path: &str, app: &App, form: &[(&str, &str)]) -> Response {
        let mut form = form.to_vec();
        let mut request = self.http.post(format!("{}{path}", self.issuer));
        match &app.secret {
            Some(secret) => request = request.basic_auth(&app.id, Some(secret)),
            None => form.push(("client_id", &app.id)),
        }
        request.form(&form).send().await.unwrap()
    }

    /// Posts a form as it is, with a name and a secret in the header if there are any.
    pub(crate) async fn send(
        &self,
        path: &str,
        header: Option<(&str, &str)>,
        form: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let mut request = self.http.post(format!("{}{path}", self.issuer));
        if let Some((id, secret)) = header {
            request = request.basic_auth(id, Some(secret));
        }
        json(request.form(form).send().await.unwrap()).await
    }

    pub(crate) async fn userinfo(&self, tokens: &Value) -> (StatusCode, Value) {
        let token = tokens["access_token"].as_str().unwrap();
        let url = format!("{}/oauth/userinfo", self.issuer);
        json(self.http.get(url).bearer_auth(token).send().await.unwrap()).await
    }

    /// The provider as an API sees it.
    pub(crate) fn issuer(&self) -> kit::caller::Issuer {
        kit::caller::Issuer::new(kit::caller::http_client(), &self.issuer, &self.issuer)
    }
}

pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

async fn json(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn config(origin: &str) -> identity::Config {
    let data_dir = std::env::temp_dir().join(format!("tertulia-{}", kit::clock::uuid_v7()));
    std::fs::create_dir_all(&data_dir).unwrap();
    let mut settings = identity::Settings::default();
    settings.passwords.memory_kib = 64;
    settings.passwords.passes = 1;
    identity::Config {
        issuer: Url::parse(&format!("{origin}/id")).unwrap(),
        resources: vec![format!("{origin}/api")],
        home_url: Url::parse(origin).unwrap(),
        data_dir: PathBuf::from(&data_dir),
        database_url: own_database().await,
        mail: kit::mail::MailConfig::default(),
        sms: kit::sms::SmsConfig::default(),
        settings,
    }
}

async fn own_database() -> Option<String> {
    let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("oauth_{}", kit::clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

/// A browser: cookies, redirects within the provider, and forms.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
    pub(crate) address: String,
    pub(crate) page: String,
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
}

impl Browser {
    pub(crate) async fn open(&mut self, world: &World, url: &str) {
        self.go(world, Method::GET, url.to_owned(), None).await;
    }

    /// Sends the page's last form with its hidden fields and `fields`.
    pub(crate) async fn submit(&mut self, world: &World, fields: &[(&str, &str)]) {
        let (url, all) = self.filled_in(fields);
        self.go(world, Method::POST, url, Some(all)).await;
    }

    /// Sends the form of the page whose address ends with `path`.
    pub(crate) async fn submit_at(&mut self, world: &World, path: &str, fields: &[(&str, &str)]) {
        let forms = self.page.split("<form").skip(1);
        let ends = |form: &&str| attribute(form, "action").is_some_and(|at| at.ends_with(path));
        let form = forms.into_iter().find(ends);
        let form = form.unwrap_or_else(|| panic!("no form {path}: {}", self.page)).to_owned();
        self.page = format!("<form{form}");
        self.submit(world, fields).await;
    }

    /// Sends the same as if the page were of elsewhere: with this header, and going nowhere after.
    pub(crate) async fn send_from(
        &self,
        world: &World,
        (name, value): (&str, &str),
        fields: &[(&str, &str)],
    ) -> StatusCode {
        let (url, all) = self.filled_in(fields);
        let request = world.http.post(url).header(name, value).form(&all);
        let request = request.header(header::COOKIE, self.cookie_header());
        request.send().await.unwrap().status()
    }

    /// What the browser sends of its cookies.
    pub(crate) fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn filled_in(&self, fields: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        // The last form that asks for it; a page may have several.
        let asks = |form: &&str| {
            fields.iter().all(|(name, _)| form.contains(&format!(r#"name="{name}""#)))
        };
        let mut forms = self.page.split("<form").skip(1).collect::<Vec<_>>().into_iter().rev();
        let last = forms.clone().next();
        let form = forms.find(asks).or(last);
        let form = form.unwrap_or_else(|| panic!("no form: {}", self.page));
        let action = attribute(form, "action").unwrap_or_default();
        let mut all: Vec<(String, String)> = Vec::new();
        for input in form.split("<input").skip(1) {
            let input = input.split('>').next().unwrap();
            if attribute(input, "type").as_deref() == Some("hidden") {
                let name = attribute(input, "name").unwrap();
                all.push((name, attribute(input, "value").unwrap_or_default()));
            }
        }
        for (name, value) in fields {
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        let base = Url::parse(&self.address).unwrap();
        (base.join(&action).unwrap().into(), all)
    }

    /// The parameters that the browser brings to the app.
    pub(crate) fn answer(&self) -> BTreeMap<String, String> {
        assert!(
            self.address.starts_with(REDIRECT),
            "{} {}: {}",
            self.status,
            self.address,
            self.page
        );
        let url = Url::parse(&self.address).unwrap();
        url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect()
    }

    async fn go(
        &mut self,
        world: &World,
        mut method: Method,
        mut url: String,
        mut form: Option<Vec<(String, String)>>,
    ) {
        for _ in 0..10 {
            let mut request = world.http.request(method.clone(), &url);
            request = request.header(header::COOKIE, self.cookie_header());
            if let Some(form) = form.take() {
                request = request.form(&form).header("sec-fetch-site", "same-origin");
            }
            let response = request.send().await.unwrap();
            self.keep(&response);
            self.address.clone_from(&url);
            self.status = response.status().as_u16();
            self.headers = response.headers().clone();
            let next = response.headers().get(header::LOCATION);
            let next = next.map(|value| value.to_str().unwrap().to_owned());
            self.page = response.text().await.unwrap();
            let Some(next) = next else { return };
            url = Url::parse(&url).unwrap().join(&next).unwrap().into();
            self.address.clone_from(&url);
            if !url.starts_with(&world.issuer) {
                return;
            }
            method = Method::GET;
        }
        panic!("too many redirects, last to {url}");
    }

    fn keep(&mut self, response: &Response) {
        for value in response.headers().get_all(header::SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (name, rest) = text.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    Some(value.replace("&amp;", "&").replace("&#38;", "&").replace("&quot;", "\""))
}
