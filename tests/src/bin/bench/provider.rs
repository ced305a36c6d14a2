//! An OpenID provider to be measured: ours alone in a process, or npm `oidc-provider`.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use blackbox::process::Process;
use blackbox::server::{PASSWORD, free_port};
use blackbox::{browser::Browser, client, environment};
use serde_json::Value;

use crate::company::PINNED;

/// Where codes are sent; nobody listens there.
const REDIRECT: &str = "http://127.0.0.1:9/callback";
/// `BASE64URL(SHA256(VERIFIER))`, from RFC 7636 appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Who signs in; the name is known to ours, and anything will do for the peer.
const USERNAME: &str = "ana";

/// Budgets out of the way, and a cheap hash: what a password costs is chosen elsewhere.
const SETTINGS: [&str; 5] = [
    "identity.limits.sign_ins_per_min=100000000",
    "identity.limits.sign_ins_per_h=100000000",
    "identity.limits.begun_per_min=100000000",
    "identity.passwords.memory_kib=1024",
    "identity.passwords.passes=1",
];

/// A running provider with one client and one account.
pub(crate) struct Provider {
    pub(crate) name: &'static str,
    process: Process,
    _folder: tempfile::TempDir,
    http: reqwest::Client,
    issuer: String,
    discovery: Value,
    client_id: String,
    client_secret: String,
    /// The fields of its sign-in form.
    fields: [&'static str; 2],
}

/// What a client gets for a code or a refresh token.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
}

impl Provider {
    /// `tertulia identity` on SQLite.
    pub(crate) async fn ours() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("tertulia-test-").tempdir()?;
        let port = free_port();
        let issuer = format!("http://localhost:{port}");
        let mut command = pinned(&environment::program());
        command.args(["identity", "--listen", &format!("127.0.0.1:{port}")]);
        command.arg("--data-dir").arg(folder.path());
        for setting in SETTINGS {
            command.args(["--set", setting]);
        }
        let process = Process::spawn(command, &folder.path().join("identity.log"))?;
        let (http, discovery) = ready(port, &issuer, &process).await?;
        let user = ["--email", "ana@example.org", "--username", USERNAME, "--display-name", "Ana"];
        let create = ["user", "create", "--verified", "--password", PASSWORD];
        operator(folder.path(), &issuer, &[&create[..], &user[..]].concat())?;
        let create = ["client", "create", "--name", "Measured", "--redirect-uri", REDIRECT];
        let client: Value = serde_json::from_str(&operator(folder.path(), &issuer, &create)?)?;
        let word = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            name: "tertulia identity",
            process,
            _folder: folder,
            http,
            issuer,
            discovery,
            client_id: word("client_id"),
            client_secret: word("client_secret"),
            fields: ["username", "password"],
        })
    }

    /// npm `oidc-provider`, in memory.
    pub(crate) async fn peer() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("tertulia-test-").tempdir()?;
        let port = free_port();
        let issuer = format!("http://localhost:{port}");
        let script = environment::repository().join("tests/clients/oidc-provider/measured.mjs");
        let mut command = pinned(Path::new("node"));
        command.arg(script).args([&port.to_string(), REDIRECT]);
        command.env("NODE_ENV", "production");
        let process = Process::spawn(command, &folder.path().join("peer.log"))?;
        let (http, discovery) = ready(port, &issuer, &process).await?;
        Ok(Self {
            name: "oidc-provider",
            process,
            _folder: folder,
            http,
            issuer,
            discovery,
            client_id: "measured".to_owned(),
            client_secret: "measured-secret".to_owned(),
            fields: ["login", "password"],
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// A browser whose person has signed in with the password and agreed to everything; answers
    /// tokens with a refresh token, too.
    pub(crate) async fn sign_in(&self) -> anyhow::Result<(Browser, Tokens)> {
        let browser = Browser::at(self.http.clone(), self.issuer.clone());
        let mut browser = browser.stopping_at(REDIRECT);
        let scope = "openid profile email offline_access";
        browser.open(&self.authorize(scope, Some("consent"))).await;
        for _ in 0..4 {
            if browser.address.starts_with(REDIRECT) {
                let tokens = self.code(&browser.address).await?;
                return Ok((browser, tokens));
            }
            let [name, password] = self.fields;
            let agree = [(name, USERNAME), (password, PASSWORD), ("decision", "allow")];
            browser.submit(&agree).await;
        }
        anyhow::bail!("{}: no code, but {}: {}", self.name, browser.address, browser.page)
    }

    /// The same person once more, who is signed in: a code without a page, and its tokens.
    pub(crate) async fn sign_in_again(&self, browser: &mut Browser) -> anyhow::Result<()> {
        browser.open(&self.authorize("openid profile email", None)).await;
        let at = &browser.address;
        ensure!(at.starts_with(REDIRECT), "{}: a page at {at}", self.name);
        self.code(at).await.map(drop)
    }

    /// New tokens for a refresh token.
    pub(crate) async fn refresh(&self, token: &str) -> anyhow::Result<Tokens> {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// What the client that owns it may know of an access token.
    pub(crate) async fn introspect(&self, access: &str) -> anyhow::Result<()> {
        let request = self.http.post(self.endpoint("introspection_endpoint"));
        let request = request.basic_auth(&self.client_id, Some(&self.client_secret));
        let body: Value = request.form(&[("token", access)]).send().await?.json().await?;
        ensure!(body["active"] == true, "{}: {body}", self.name);
        Ok(())
    }

    /// Claims for an access token.
    pub(crate) async fn userinfo(&self, access: &str) -> anyhow::Result<()> {
        let request = self.http.get(self.endpoint("userinfo_endpoint")).bearer_auth(access);
        let body: Value = request.send().await?.json().await?;
        ensure!(body["email"].is_string(), "{}: {body}", self.name);
        Ok(())
    }

    fn endpoint(&self, name: &str) -> &str {
        self.discovery[name].as_str().unwrap_or_default()
    }

    fn authorize(&self, scope: &str, prompt: Option<&str>) -> String {
        let mut url = url::Url::parse(self.endpoint("authorization_endpoint")).expect("a URL");
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code").append_pair("client_id", &self.client_id);
        query.append_pair("redirect_uri", REDIRECT).append_pair("scope", scope);
        query.append_pair("code_challenge", CHALLENGE).append_pair("code_challenge_method", "S256");
        if let Some(prompt) = prompt {
            query.append_pair("prompt", prompt);
        }
        drop(query);
        url.into()
    }

    async fn code(&self, callback: &str) -> anyhow::Result<Tokens> {
        let url = url::Url::parse(callback)?;
        let code = url.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.with_context(|| format!("{}: no code in {callback}", self.name))?;
        let grant = ("grant_type", "authorization_code");
        let proof = [("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)];
        self.token(&[&[grant, ("code", &code)], &proof[..]].concat()).await
    }

    async fn token(&self, form: &[(&str, &str)]) -> anyhow::Result<Tokens> {
        let request = self.http.post(self.endpoint("token_endpoint")).form(form);
        let request = request.basic_auth(&self.client_id, Some(&self.client_secret));
        let body: Value = request.send().await?.json().await?;
        let word = |name: &str| body[name].as_str().map(str::to_owned);
        let access = word("access_token").with_context(|| format!("{}: {body}", self.name))?;
        Ok(Tokens { access, refresh: word("refresh_token") })
    }
}

fn pinned(program: &Path) -> Command {
    let mut command = Command::new(PINNED[0]);
    command.args(&PINNED[1..]).arg(program);
    command
}

/// Waits until the provider tells about itself.
async fn ready(
    port: u16,
    issuer: &str,
    process: &Process,
) -> anyhow::Result<(reqwest::Client, Value)> {
    let http = client::new(port);
    let deadline = Instant::now() + environment::PATIENCE;
    let url = format!("{issuer}/.well-known/openid-configuration");
    loop {
        if let Ok(answer) = http.get(&url).send().await {
            return Ok((http, answer.json().await?));
        }
        ensure!(Instant::now() < deadline, "it does not start: {}", process.output());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn operator(data: &Path, issuer: &str, words: &[&str]) -> anyhow::Result<String> {
    let mut command = Command::new(environment::program());
    command.arg("identity").args(words).arg("--data-dir").arg(data);
    let output = command.args(["--set", &format!("identity.issuer={issuer}")]).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{words:?}: {error}");
    Ok(String::from_utf8(output.stdout)?)
}
