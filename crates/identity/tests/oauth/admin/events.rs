//! Everything that the audit is to tell, found after somebody has done it. Codes by mail and SMS,
//! passkeys, upstream providers and apps that do not hear are looked for where they are tested.

use super::people::reset_link;
use super::*;
use crate::world::AFTER;

/// What the audit tells of what is done below.
const EVENTS: [&str; 40] = [
    "client.auth_fail",
    "client.changed",
    "client.deleted",
    "client.registered",
    "code.issued",
    "code.replay",
    "consent.granted",
    "consent.revoked",
    "factor.added",
    "factor.failed",
    "factor.removed",
    "factor.used",
    "key.activated",
    "key.compromised",
    "key.created",
    "key.destroyed",
    "key.retired",
    "login.fail",
    "login.ok",
    "login.throttled",
    "logout.everywhere",
    "logout.rp",
    "password.changed",
    "password.disabled",
    "password.reset",
    "password.reset_requested",
    "session.ended",
    "session.started",
    "session.stepped_up",
    "signup.started",
    "signup.verified",
    "token.issued",
    "token.refreshed",
    "token.reuse",
    "token.revoked",
    "user.blocked",
    "user.changed",
    "user.renamed",
    "user.role_changed",
    "user.unblocked",
];

/// What says from where it was done, and all but the first about whom.
const FROM_SOMEWHERE: [&str; 17] = [
    "client.auth_fail",
    "code.issued",
    "code.replay",
    "consent.granted",
    "consent.revoked",
    "login.fail",
    "login.ok",
    "logout.everywhere",
    "logout.rp",
    "password.changed",
    "password.disabled",
    "session.ended",
    "session.started",
    "token.issued",
    "token.refreshed",
    "token.reuse",
    "token.revoked",
];

const CHOSEN: &str = "seven quiet boats at dawn";

/// What must never be in the audit.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn keep(&mut self, tokens: &Value) {
        for name in ["access_token", "refresh_token", "id_token"] {
            self.0.extend(tokens[name].as_str().map(str::to_owned));
        }
    }
}

/// Wrong passwords, until none is looked at any more.
async fn guesses(world: &World, name: &str) {
    let guess = async || {
        let mut browser = Browser::default();
        browser.open(world, &format!("{}/login", world.issuer)).await;
        let fields = [("username", name), ("password", "not the right phrase")];
        browser.submit(world, &fields).await;
    };
    for _ in 0..6 {
        guess().await;
    }
    world.sql("UPDATE throttle SET misses = 49, next_try_at = 0").await;
    guess().await;
    world.sql("DELETE FROM throttle").await;
}

/// Signs `zoe` up, and lets her change what is hers.
async fn a_person(world: &World, secrets: &mut Secrets) {
    let mut zoe = Browser::default();
    zoe.open(world, &format!("{}/signup", world.issuer)).await;
    let fields = [
        ("email", "zoe@example.org"),
        ("username", "zoe"),
        ("display_name", "Zoé"),
        ("password", PASSWORD),
    ];
    zoe.submit(world, &fields).await;
    let link = super::people::link(world, "zoe@example.org", "verify").await;
    secrets.0.push(link.rsplit('/').next().unwrap().to_owned());
    zoe.open(world, &link).await;
    zoe.submit(world, &[]).await;
    let account = format!("{}/account", world.issuer);
    zoe.open(world, &account).await;
    zoe.submit_at(world, "/account/profile", &[("display_name", "Zoé Z.")]).await;
    zoe.open(world, &account).await;
    let fields = [("current_password", PASSWORD), ("password", CHOSEN)];
    zoe.submit_at(world, "/account/password", &fields).await;
    zoe.open(world, &account).await;
    zoe.submit_at(world, "/logout", &[]).await;
    zoe.open(world, &format!("{}/recover", world.issuer)).await;
    zoe.submit(world, &[("email", "zoe@example.org")]).await;
    let link = reset_link(world, "zoe@example.org").await;
    secrets.0.push(link.rsplit('/').next().unwrap().to_owned());
    zoe.open(world, &link).await;
    zoe.submit(world, &[("password", PASSWORD)]).await;
    secrets.0.extend([PASSWORD.to_owned(), CHOSEN.to_owned(), zoe.cookie_header()]);
}

/// Lets an app of others in, and misuses what it gets.
async fn an_app(world: &World, secrets: &mut Secrets) {
    let app = world.app(true).await;
    let mut ana = Browser::default();
    let code = world.code(&mut ana, &app).await;
    let (_, tokens) = world.exchange(&app, &code).await;
    secrets.keep(&tokens);
    secrets.0.push(code.clone());
    let (_, next) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    secrets.keep(&next);
    world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    let code = world.code(&mut ana, &app).await;
    world.exchange(&app, &code).await;
    world.exchange(&app, &code).await;
    let tokens = world.tokens(&world.chat()).await;
    secrets.keep(&tokens);
    let shown = [("token", tokens["access_token"].as_str().unwrap())];
    world.post("/oauth/revoke", &world.chat(), &shown).await;
    let wrong = App { secret: Some("wrong".to_owned()), ..world.chat() };
    world.refresh(&wrong, "rt_x").await;
    ana.open(world, &format!("{}/account/apps", world.issuer)).await;
    ana.submit_at(world, "/revoke", &[]).await;

    let chat = world.chat();
    let code = world.code(&mut ana, &chat).await;
    let (_, tokens) = world.exchange(&chat, &code).await;
    secrets.keep(&tokens);
    let hint = tokens["id_token"].as_str().unwrap();
    ana.open(world, &format!("{}/oauth/logout?id_token_hint={hint}", world.issuer)).await;
}

/// Whether the entry tells all it can: what somebody did by their browser or app, from where, and
/// what is about a person, about whom.
fn is_complete(entry: &Value) -> bool {
    let event = entry["event"].as_str().unwrap();
    if !FROM_SOMEWHERE.contains(&event) || entry["detail"]["by"] == "operator" {
        return true;
    }
    entry["ip"] == "127.0.0.1" && (entry["user"].is_string() || event == FROM_SOMEWHERE[0])
}

/// Has `ana` administer.
async fn an_administrator(world: &World, secrets: &mut Secrets) {
    let mut ana = Caller::strong(world, "ana").await;
    secrets.keep(&ana.tokens);
    let zoe = format!("/users/{}", ana.id("zoe").await);
    ana.call("patch", &zoe, Some(json!({"locale": "es"}))).await.expect(200);
    ana.put(&format!("{zoe}/role"), json!({"role": "moderator"})).await.expect(200);
    ana.put(&format!("{zoe}/block"), json!({})).await.expect(200);
    ana.delete(&format!("{zoe}/block")).await.expect(200);
    let new = json!({"name": "Calendar", "redirect_uris": ["https://app.example/cb"]});
    let made = ana.post("/clients", Some(new)).await.expect(201);
    secrets.0.push(made["client_secret"].as_str().unwrap().to_owned());
    let client = format!("/clients/{}", made["client_id"].as_str().unwrap());
    ana.call("patch", &client, Some(json!({"name": "Agenda"}))).await.expect(200);
    ana.delete(&client).await.expect(204);
    // A wrong code of the second step.
    world.sql("UPDATE sessions SET auth_time = auth_time - 1000000").await;
    ask(world, &mut ana.browser, &[("acr_values", MFA), ("max_age", "900")]).await;
    ana.browser.submit(world, &[("code", "000000")]).await;
    world.command(&["user", "remove-factors", "ana"]).await;
    world.command(&["keys", "rotate"]).await;
    world.sql("UPDATE signing_keys SET retire_at = 1 WHERE state = 'retired'").await;
    world.command(&["keys", "rotate"]).await;
    world.command(&["keys", "rotate", "--compromised"]).await;
}

#[tokio::test]
async fn everything_that_happens_is_told_and_no_secret_is() {
    // A new key signs as soon as it is published.
    let world = World::with(AFTER, |settings| settings.signing.publish_s = 0).await;
    let mut secrets = Secrets::default();
    a_person(&world, &mut secrets).await;
    guesses(&world, "zoe").await;
    an_app(&world, &mut secrets).await;
    an_administrator(&world, &mut secrets).await;
    let reader = Caller::strong(&world, "ana").await;
    let mut missing = Vec::new();
    for event in EVENTS {
        let found = reader.get(&format!("/audit?event={event}&limit=1")).await;
        if found["items"] == json!([]) {
            missing.push(event);
        }
    }
    assert_eq!(missing, Vec::<&str>::new());
    let zoe = reader.id("zoe").await;
    let ended = reader.get(&format!("/audit?user={zoe}&event=session.ended")).await;
    assert!(ended.to_string().contains("signed out"), "she pressed the button: {ended}");
    let mut path = "/audit?limit=200".to_owned();
    loop {
        let page = reader.get(&path).await;
        let text = page["items"].to_string();
        assert!(!text.contains("example.org"), "an address of mail: {text}");
        for entry in page["items"].as_array().unwrap() {
            assert!(is_complete(entry), "from where, or about whom: {entry}");
        }
        for secret in &secrets.0 {
            assert!(!text.contains(secret.as_str()), "{secret} is in {text}");
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/audit?limit=200&cursor={next}");
    }
    assert_eq!(reader.get("/audit/verify").await["whole"], true);
}
