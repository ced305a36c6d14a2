use futures::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::authenticator::{Device, bytes, text_of};
use crate::world::{Browser, PASSWORD, World, alert};

const NEW: &str = "/id/account/security/passkeys";
const SECURITY: &str = "/id/account/security";
const OPTIONS: &str = "/id/login/passkey/options";
const VERIFY: &str = "/id/login/passkey/verify";

/// Asks for a new passkey of the account that is signed in.
async fn offered(browser: &mut Browser<'_>) -> Value {
    assert_eq!(browser.open(NEW).await, 200, "{}", browser.page);
    let csrf = browser.csrf();
    browser.post_json(&format!("{NEW}/options"), &json!({"csrf": csrf})).await
}

/// Sends what a device made, with the form of the page.
async fn send(browser: &mut Browser<'_>, offer: &Value, made: &Value) -> u16 {
    let (ticket, made) = (offer["ticket"].as_str().unwrap(), made.to_string());
    browser.submit(&[("name", "Laptop"), ("ticket", ticket), ("credential", &made)]).await
}

/// A passkey of `name`, whose session goes on in the browser.
async fn enrol<'w>(world: &'w World, name: &str) -> (Browser<'w>, Device) {
    world.person(name).await;
    let mut browser = world.browser();
    browser.sign_in(name, PASSWORD).await;
    let device = add(&mut browser).await;
    (browser, device)
}

/// A passkey of whoever is signed in.
pub(crate) async fn add(browser: &mut Browser<'_>) -> Device {
    let mut device = Device::new(&browser.world.origin);
    device.counts = true;
    let offer = offered(browser).await;
    let made = device.create(&offer["publicKey"]).await;
    assert_eq!(send(browser, &offer, &made).await, 200, "{}", browser.page);
    device
}

/// A challenge for whoever has a passkey.
async fn challenge(browser: &mut Browser<'_>) -> Value {
    browser.open("/id/recover").await;
    let csrf = browser.csrf();
    browser.post_json(OPTIONS, &json!({"csrf": csrf})).await
}

/// The answer to it.
async fn answer(browser: &mut Browser<'_>, offer: &Value, said: &Value) -> Value {
    let csrf = browser.csrf();
    let body = json!({"csrf": csrf, "ticket": offer["ticket"], "credential": said});
    browser.post_json(VERIFY, &body).await
}

/// A challenge and the answer to it, in one browser.
pub(crate) async fn sign_in(browser: &mut Browser<'_>, device: &mut Device) -> Value {
    let offer = challenge(browser).await;
    let said = device.get(&offer["publicKey"]).await;
    answer(browser, &offer, &said).await
}

/// Two columns of a table.
async fn pairs(world: &World, table: &str, columns: (&str, &str), only: &str) -> Vec<[String; 2]> {
    let connection = world.connection().await;
    let (one, two) = columns;
    let table = world.table(table);
    let sql = format!("SELECT {one} AS one, {two} AS two FROM {table} WHERE {only}");
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    connection.close().await.unwrap();
    let pair = |row: &sea_orm::QueryResult| {
        [row.try_get::<String>("", "one").unwrap(), row.try_get::<String>("", "two").unwrap()]
    };
    rows.iter().map(pair).collect()
}

async fn levels(world: &World) -> Vec<[String; 2]> {
    pairs(world, "sessions", ("acr", "amr"), "ended_at IS NULL ORDER BY id").await
}

fn refused() -> Value {
    json!([{"field": "credential", "kind": "refused"}])
}

fn stale() -> Value {
    json!([{"field": "ticket", "kind": "stale"}])
}

#[tokio::test]
async fn a_passkey_alone_signs_its_person_in() {
    let world = World::open().await;
    let (mut first, mut device) = enrol(&world, "ana").await;
    assert_eq!(first.page.matches("<li><code>").count(), 10, "recovery codes: {}", first.page);
    let told = "Added to your account: Passkey";
    world.link("ana@example.org", "/account/security").await;
    assert!(world.mails("ana@example.org").iter().any(|mail| mail.contains(told)));
    first.open(SECURITY).await;
    assert!(first.page.contains("Laptop") && first.page.contains("Last used never"));

    let mut second = world.browser();
    let said = sign_in(&mut second, &mut device).await;
    assert_eq!(said, json!({"to": format!("{}/home", world.origin)}));
    assert!(second.is_in().await);
    let all = levels(&world).await;
    assert_eq!(all[1], ["phr".to_owned(), "swk user mfa".to_owned()], "{all:?}");
    second.open(SECURITY).await;
    assert!(second.page.matches("Last used never").count() < 2, "{}", second.page);

    let offer = challenge(&mut world.browser()).await;
    assert_eq!(offer["publicKey"]["allowCredentials"], json!([]), "nobody is named");
    assert_eq!(offer["publicKey"]["userVerification"], "required");
    assert_eq!(offer["publicKey"]["rpId"], "localhost");
}

#[tokio::test]
async fn a_passkey_is_the_second_step_after_the_password() {
    let world = World::open().await;
    let (_, mut device) = enrol(&world, "ana").await;
    for (verifies, acr, amr) in
        [(true, "phr", "pwd swk user mfa"), (false, "urn:tertulia:acr:mfa", "pwd swk user")]
    {
        let mut browser = world.browser();
        browser.sign_in("ana", PASSWORD).await;
        assert!(browser.address.contains("/id/login/2fa/passkey?ix="), "{}", browser.address);
        let page = browser.address.clone();
        assert!(browser.page.contains("/id/login/2fa/recovery?ix="), "another way");
        let csrf = browser.csrf();
        let options = page.replace("/passkey?", "/passkey/options?");
        let offer = browser.post_json(&options, &json!({"csrf": csrf})).await;
        let known = &offer["publicKey"]["allowCredentials"][0];
        assert_eq!(bytes(&known["id"]), device.id());
        assert_eq!(offer["publicKey"]["userVerification"], "preferred");
        device.verifies = verifies;
        let said = device.get(&offer["publicKey"]).await;
        let body = json!({"csrf": csrf, "ticket": offer["ticket"], "credential": said});
        let said = browser.post_json(&page, &body).await;
        assert_eq!(said, json!({"to": format!("{}/home", world.origin)}));
        assert!(browser.is_in().await);
        let all = levels(&world).await;
        assert_eq!(all.last().unwrap(), &[acr.to_owned(), amr.to_owned()]);
    }
}

/// Changes what an authenticator said.
type Spoil = fn(&mut Value);

#[tokio::test]
async fn what_does_not_fit_signs_nobody_in_and_is_told_to_the_audit_only() {
    let world = World::open().await;
    let (_, device) = enrol(&world, "ana").await;
    let mut wrong: Vec<(&str, Device)> = Vec::new();
    let mut change = |reason, change: fn(&mut Device)| {
        let mut device = device.clone();
        change(&mut device);
        wrong.push((reason, device));
    };
    change("origin", |device| device.origin = "https://evil.example".to_owned());
    change("origin", |device| device.origin = "http://localhost.evil.example".to_owned());
    change("origin", |device| {
        device.origin = device.origin.replace("http://", "https://");
    });
    change("origin", |device| device.cross_origin = true);
    change("rp_id", |device| device.rp_id = Some("evil.example".to_owned()));
    change("user_verification", |device| device.verifies = false);
    let mut browser = world.browser();
    let mut reasons = Vec::new();
    for (reason, mut device) in wrong {
        let said = sign_in(&mut browser, &mut device).await;
        assert_eq!((browser.status, &said["errors"]), (422, &refused()), "{reason}: {said}");
        reasons.push(reason);
    }
    let spoil: [(&str, Spoil); 5] = [
        ("signature", |said| {
            let mut signature = bytes(&said["response"]["signature"]);
            *signature.last_mut().unwrap() ^= 1;
            said["response"]["signature"] = json!(text_of(&signature));
        }),
        ("user_handle", |said| said["response"]["userHandle"] = Value::Null),
        ("user_handle", |said| said["response"]["userHandle"] = json!(text_of(&[7; 32]))),
        ("unknown", |said| said["rawId"] = json!(text_of(&[7; 16]))),
        ("malformed", |said| said["response"]["authenticatorData"] = json!("AAAA")),
    ];
    for (reason, spoil) in spoil {
        let offer = challenge(&mut browser).await;
        let mut said = device.clone().get(&offer["publicKey"]).await;
        spoil(&mut said);
        let said = answer(&mut browser, &offer, &said).await;
        assert_eq!((browser.status, &said["errors"]), (422, &refused()), "{reason}: {said}");
        reasons.push(reason);
    }
    assert!(!browser.is_in().await);
    let only = "event = 'factor.failed' ORDER BY seq";
    let details = pairs(&world, "audit", ("detail", "outcome"), only).await;
    let told = |pair: &[String; 2]| {
        serde_json::from_str::<Value>(&pair[0]).unwrap()["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(details.iter().map(told).collect::<Vec<_>>(), reasons);
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_its_browser_for_its_purpose() {
    let world = World::open().await;
    let (mut owner, mut device) = enrol(&world, "ana").await;
    let mut browser = world.browser();
    let offer = challenge(&mut browser).await;
    let said = device.get(&offer["publicKey"]).await;
    let mut thief = world.browser();
    thief.open("/id/login").await;
    assert_eq!(answer(&mut thief, &offer, &said).await["errors"], stale());
    assert!(!thief.is_in().await, "of another browser");
    browser.open("/id/login").await;
    assert_eq!(answer(&mut browser, &offer, &said).await["errors"], Value::Null);
    let mut again = world.browser();
    again.cookies.extend(browser.cookies.clone());
    again.cookies.retain(|name, _| !name.starts_with("idsid"));
    again.open("/id/login").await;
    assert_eq!(answer(&mut again, &offer, &said).await["errors"], stale(), "replayed");
    assert!(!again.is_in().await);

    // A challenge that was refused once is spent as well.
    let offer = challenge(&mut again).await;
    let mut evil = device.clone();
    evil.origin = "https://evil.example".to_owned();
    let said = evil.get(&offer["publicKey"]).await;
    assert_eq!(answer(&mut again, &offer, &said).await["errors"], refused());
    let said = device.get(&offer["publicKey"]).await;
    assert_eq!(answer(&mut again, &offer, &said).await["errors"], stale());

    // The challenge for a new passkey opens nothing, and one to sign in with makes none.
    sign_in(&mut owner, &mut device).await;
    let offer = offered(&mut owner).await;
    let said = device.get(&offer["publicKey"].as_object().map(asking).unwrap()).await;
    assert_eq!(answer(&mut owner, &offer, &said).await["errors"], stale());
    let offer = offered(&mut owner).await;
    let sign_in_offer = {
        let csrf = owner.csrf();
        owner.post_json(OPTIONS, &json!({"csrf": csrf})).await
    };
    let made = Device::new(&world.origin).create(&offer["publicKey"]).await;
    assert_eq!(send(&mut owner, &sign_in_offer, &made).await, 422);
    assert!(alert(&owner.page).contains("too long"), "{}", owner.page);
    let nonsense = json!({"ticket": "bm9uc2Vuc2U"});
    assert_eq!(answer(&mut owner, &nonsense, &said).await["errors"], stale());
}

/// The options to make a passkey, as if they were options to use one.
fn asking(options: &serde_json::Map<String, Value>) -> Value {
    json!({"challenge": options["challenge"], "rpId": options["rp"]["id"]})
}

#[tokio::test]
async fn twenty_five_answers_at_once_are_one_session() {
    let world = World::open().await;
    let (_, mut device) = enrol(&world, "ana").await;
    let before = levels(&world).await.len();
    let mut browser = world.browser();
    let offer = challenge(&mut browser).await;
    let said = device.get(&offer["publicKey"]).await;
    browser.open("/id/login").await;
    let csrf = browser.csrf();
    let mut browsers = Vec::new();
    for _ in 0..25 {
        let mut one = world.browser();
        one.cookies = browser.cookies.clone();
        browsers.push(one);
    }
    let body = json!({"csrf": csrf, "ticket": offer["ticket"], "credential": said});
    let all = browsers.iter_mut().map(async |one| {
        one.post_json(VERIFY, &body).await;
        one.status
    });
    let all = join_all(all).await;
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "{all:?}");
    assert_eq!(levels(&world).await.len(), before + 1);
}

#[tokio::test]
async fn a_passkey_opens_only_the_account_it_belongs_to() {
    let world = World::open().await;
    let (_, ana) = enrol(&world, "ana").await;
    let (_, mut leo) = enrol(&world, "leo").await;

    // Leo's passkey in Ana's second step.
    let mut browser = world.browser();
    browser.sign_in("ana", PASSWORD).await;
    let page = browser.address.clone();
    let csrf = browser.csrf();
    let options = page.replace("/passkey?", "/passkey/options?");
    let offer = browser.post_json(&options, &json!({"csrf": csrf})).await;
    let said = leo.get(&offer["publicKey"]).await;
    let body = json!({"csrf": csrf, "ticket": offer["ticket"], "credential": said});
    let said = browser.post_json(&page, &body).await;
    assert_eq!((browser.status, &said["errors"]), (422, &refused()));
    assert!(!browser.is_in().await);

    // Ana's credential id for a key of Eva's.
    world.person("eva").await;
    let mut eva = world.browser();
    eva.sign_in("eva", PASSWORD).await;
    let offer = offered(&mut eva).await;
    let mut device = Device::new(&world.origin);
    let mut made = device.create(&offer["publicKey"]).await;
    let object = bytes(&made["response"]["attestationObject"]);
    let object = replaced(&object, &device.id(), &ana.id());
    made["response"]["attestationObject"] = json!(text_of(&object));
    assert_eq!(send(&mut eva, &offer, &made).await, 422);
    assert!(alert(&eva.page).contains("already has a passkey"), "{}", eva.page);
    eva.open(SECURITY).await;
    assert!(!eva.page.contains("Laptop"), "nothing of it was kept");
}

fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = text.windows(old.len()).position(|window| window == old).unwrap();
    [&text[..at], new, &text[at + old.len()..]].concat()
}

#[tokio::test]
async fn a_copy_of_a_passkey_is_noticed_by_its_count() {
    let world = World::open().await;
    let (_, mut device) = enrol(&world, "ana").await;
    let mut copy = device.clone();
    for _ in 0..2 {
        assert!(sign_in(&mut world.browser(), &mut device).await["to"].is_string());
    }
    let mut thief = world.browser();
    let said = sign_in(&mut thief, &mut copy).await;
    assert_eq!((thief.status, &said["errors"]), (422, &refused()));
    assert!(!thief.is_in().await);
    let only = "event = 'passkey.counter_regress'";
    assert_eq!(pairs(&world, "audit", ("event", "outcome"), only).await.len(), 1);
    let told = "There may be a copy of your passkey";
    for _ in 0..500 {
        if world.mails("ana@example.org").iter().any(|mail| mail.contains(told)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no mail: {:?}", world.mails("ana@example.org"));
}

#[tokio::test]
async fn a_passkey_that_was_removed_or_whose_account_is_blocked_opens_nothing() {
    let world = World::open().await;
    world.person("the-owner").await;
    let (_, mut device) = enrol(&world, "ana").await;
    world.command(&["user", "block", "ana"]).await.unwrap();
    let mut browser = world.browser();
    let said = sign_in(&mut browser, &mut device).await;
    assert_eq!((browser.status, &said["kind"]), (403, &json!("forbidden")));
    assert_eq!(said["errors"][0]["kind"], "blocked");
    world.command(&["user", "unblock", "ana"]).await.unwrap();

    let said = sign_in(&mut browser, &mut device).await;
    assert!(said["to"].is_string(), "{said}");
    browser.open(SECURITY).await;
    let (rename, hidden) = browser.form().unwrap();
    let fields = [("csrf".to_owned(), hidden["csrf"].clone())];
    let named = [fields[0].clone(), ("name".to_owned(), "Old laptop".to_owned())];
    browser.go(reqwest::Method::POST, &rename, Some(named.into())).await;
    assert!(browser.page.contains("Old laptop"), "{}", browser.page);
    world.told("ana@example.org", "Has another name in your account").await;
    let remove = rename.replace("/rename", "/remove");
    browser.go(reqwest::Method::POST, &remove, Some(fields.into())).await;
    assert!(!browser.page.contains("Old laptop"), "{}", browser.page);
    let mut again = world.browser();
    let said = sign_in(&mut again, &mut device).await;
    assert_eq!((again.status, &said["errors"]), (422, &refused()));
    assert!(!again.is_in().await);
}

#[tokio::test]
async fn a_new_passkey_must_fit_as_well() {
    let world = World::open().await;
    world.person("ana").await;
    let mut browser = world.browser();
    browser.sign_in("ana", PASSWORD).await;
    let wrong: [fn(&mut Device); 3] = [
        |device| device.origin = "https://evil.example".to_owned(),
        |device| device.rp_id = Some("evil.example".to_owned()),
        |device| device.verifies = false,
    ];
    for change in wrong {
        let offer = offered(&mut browser).await;
        assert_eq!(offer["publicKey"]["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(bytes(&offer["publicKey"]["user"]["id"]).len(), 32);
        let mut device = Device::new(&world.origin);
        change(&mut device);
        let made = device.create(&offer["publicKey"]).await;
        assert_eq!(send(&mut browser, &offer, &made).await, 422);
        assert!(alert(&browser.page).contains("did not make"), "{}", browser.page);
    }
    browser.open(SECURITY).await;
    assert!(!browser.page.contains("Laptop"));
}

#[tokio::test]
async fn a_second_passkey_excludes_the_first_and_twenty_are_enough() {
    let world = World::open().await;
    let (mut browser, mut device) = enrol(&world, "ana").await;
    browser.open(NEW).await;
    assert!(browser.address.contains("/id/login/2fa/passkey"), "a session of one step");
    sign_in(&mut browser, &mut device).await;
    for number in 1..20 {
        let offer = offered(&mut browser).await;
        let excluded = offer["publicKey"]["excludeCredentials"].as_array().unwrap();
        assert_eq!(excluded.len(), number);
        assert_eq!(bytes(&excluded[0]["id"]), device.id());
        let made = Device::new(&world.origin).create(&offer["publicKey"]).await;
        assert_eq!(send(&mut browser, &offer, &made).await, 200, "{}", browser.page);
    }
    let said = offered(&mut browser).await;
    assert_eq!((browser.status, &said["errors"][0]["kind"]), (409, &json!("too_many")));
}

#[tokio::test]
async fn strangers_forged_requests_and_large_bodies_are_refused_as_problems() {
    let world = World::open().await;
    let mut stranger = world.browser();
    stranger.open("/id/login").await;
    let csrf = stranger.csrf();
    let body = json!({"csrf": csrf});
    for path in [&format!("{NEW}/options"), "/id/login/2fa/passkey/options"] {
        let said = stranger.post_json(path, &body).await;
        assert_eq!((stranger.status, &said["kind"]), (401, &json!("unauthenticated")), "{path}");
    }
    let said = stranger.post_json(OPTIONS, &json!({"csrf": "x"})).await;
    assert_eq!((stranger.status, &said["kind"]), (403, &json!("forbidden")));
    let said = stranger.post_json(OPTIONS, &json!({"csrf": csrf, "more": 1})).await;
    assert_eq!((stranger.status, &said["kind"]), (400, &json!("malformed")));
    let said = stranger.post_json(VERIFY, &json!({"csrf": csrf, "ticket": "x"})).await;
    assert_eq!((stranger.status, &said["kind"]), (400, &json!("malformed")));
    let large = json!({"csrf": "x".repeat(17 * 1024)});
    let said = stranger.post_json(OPTIONS, &large).await;
    assert_eq!((stranger.status, &said["kind"]), (413, &json!("too_large")));
    stranger.headers.push(("sec-fetch-site", "cross-site".to_owned()));
    stranger.post_json(OPTIONS, &body).await;
    assert_eq!(stranger.status, 403, "of another site");
    let mut again = world.browser();
    again.open(NEW).await;
    assert!(again.address.contains("/id/login"), "{}", again.address);
}

/// Sends a body as it would succeed, but from another site, with a token of another browser, and
/// with none; then as it should be, which is still good.
async fn only_from_its_own_page(browser: &mut Browser<'_>, path: &str, body: &Value) -> Value {
    let mut foreign = browser.world.browser();
    foreign.open("/id/login").await;
    let from = |name, value: &str| vec![(name, value.to_owned())];
    let with = |csrf: Option<String>| {
        let mut body = body.clone();
        match csrf {
            Some(csrf) => body["csrf"] = json!(csrf),
            None => drop(body.as_object_mut().unwrap().remove("csrf")),
        }
        body
    };
    let cases = [
        ("another site", from("sec-fetch-site", "cross-site"), body.clone(), 403),
        ("a sister", from("sec-fetch-site", "same-site"), body.clone(), 403),
        ("another origin", from("origin", "https://evil.example"), body.clone(), 403),
        ("no origin", from("origin", "null"), body.clone(), 403),
        ("another browser's token", Vec::new(), with(Some(foreign.csrf())), 403),
        ("an empty token", Vec::new(), with(Some(String::new())), 403),
        ("no token", Vec::new(), with(None), 400),
    ];
    for (name, headers, body, status) in cases {
        browser.headers = headers;
        let said = browser.post_json(path, &body).await;
        assert_eq!(browser.status, status, "{path}, {name}: {said}");
    }
    browser.headers = vec![("sec-fetch-site", "same-origin".to_owned())];
    let said = browser.post_json(path, body).await;
    assert_eq!(browser.status, 200, "{path}: {said}");
    browser.headers.clear();
    said
}

#[tokio::test]
async fn what_would_succeed_is_refused_from_another_site_or_without_the_page_s_token() {
    let world = World::open().await;
    let (_, mut device) = enrol(&world, "ana").await;
    world.person("leo").await;
    let mut new = world.browser();
    new.sign_in("leo", PASSWORD).await;
    new.open(NEW).await;
    let asked = json!({"csrf": new.csrf()});
    let offer = only_from_its_own_page(&mut new, &format!("{NEW}/options"), &asked).await;
    assert!(offer["publicKey"]["challenge"].is_string(), "{offer}");

    let mut alone = world.browser();
    alone.open("/id/recover").await;
    let csrf = alone.csrf();
    let offer = only_from_its_own_page(&mut alone, OPTIONS, &json!({"csrf": csrf})).await;
    let said = device.get(&offer["publicKey"]).await;
    let body = json!({"csrf": csrf, "ticket": offer["ticket"], "credential": said});
    assert!(!alone.is_in().await);
    only_from_its_own_page(&mut alone, VERIFY, &body).await;
    assert!(alone.is_in().await);

    let mut second = world.browser();
    second.sign_in("ana", PASSWORD).await;
    let (page, csrf) = (second.address.clone(), second.csrf());
    let options = page.replace("/passkey?", "/passkey/options?");
    let offer = only_from_its_own_page(&mut second, &options, &json!({"csrf": csrf})).await;
    let said = device.get(&offer["publicKey"]).await;
    let body = json!({"csrf": csrf, "ticket": offer["ticket"], "credential": said});
    only_from_its_own_page(&mut second, &page, &body).await;
    assert!(second.is_in().await);
}

#[tokio::test]
async fn a_page_with_passkeys_lets_in_one_script_by_its_address() {
    let world = World::open().await;
    let mut browser = world.browser();
    browser.open("/id/login").await;
    let policy = browser.header("content-security-policy").to_owned();
    let script = format!("script-src {}/id/assets/passkeys.js;", world.origin);
    assert!(policy.contains(&script) && policy.contains("connect-src 'self'"), "{policy}");
    assert!(browser.page.contains("autocomplete=\"username webauthn\""));
    assert_eq!(browser.open("/id/assets/passkeys.js").await, 200);
    assert!(browser.header("content-type").starts_with("text/javascript"));
    browser.open("/id/recover").await;
    assert!(!browser.header("content-security-policy").contains("script-src"));
    assert_eq!(browser.open("/.well-known/passkey-endpoints").await, 200);
    let told: Value = serde_json::from_str(&browser.page).unwrap();
    assert_eq!(told["enroll"], format!("{}{NEW}", world.origin));
}

#[tokio::test]
async fn an_issuer_that_is_an_address_has_no_passkeys() {
    let change = |config: &mut identity::Config| config.issuer.set_host(Some("127.0.0.1")).unwrap();
    let world = World::configured(change).await;
    world.person("ana").await;
    let mut browser = world.browser();
    browser.open("/id/login").await;
    assert!(!browser.page.contains("passkey") && !browser.page.contains("webauthn"));
    assert!(!browser.header("content-security-policy").contains("script-src"));
    browser.headers.push(("origin", world.config.issuer.origin().ascii_serialization()));
    browser.sign_in("ana", PASSWORD).await;
    browser.open(SECURITY).await;
    assert!(browser.address.ends_with(SECURITY) && !browser.page.contains("passkeys"));
    assert_eq!(browser.open(NEW).await, 404);
    assert_eq!(browser.open("/.well-known/passkey-endpoints").await, 404);
}
