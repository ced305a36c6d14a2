//! Proofs of keys that are forged, stolen, old or for something else (RFC 9449 sections 4.3, 11).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use serde_json::{Value, json};

use super::Tries;
use crate::app_keys::{Key, proof_claims};
use crate::dpop::of_code;
use crate::world::{Browser, World};

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// The same proof under another header; its signature is of what it was before.
fn under(proof: &str, name: &str, value: Value) -> String {
    let (header, rest) = proof.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let header = with(header, name, value).to_string();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

/// Proofs that are no good for a request to `place` with `token`, each with its name.
fn bad_proofs(place: (&str, &str), token: Option<&str>) -> Vec<(&'static str, String)> {
    let (key, other) = (Key::new("one"), Key::new("two"));
    let good = || proof_claims(place, token);
    let now = kit::clock::now_ms() / 1000;
    let proof = key.proof(place, token);
    let elsewhere = format!("{}x", place.1);
    let secret = with(key.jwk.clone(), "d", json!("AA"));
    vec![
        ("another method", key.proof_of(&with(good(), "htm", json!("DELETE")))),
        ("another address", key.proof_of(&with(good(), "htu", json!(elsewhere)))),
        ("another origin", key.proof_of(&with(good(), "htu", json!("https://evil.example/")))),
        ("no method", key.proof_of(&with(good(), "htm", Value::Null))),
        ("too old", key.proof_of(&with(good(), "iat", json!(now - 90)))),
        ("of the future", key.proof_of(&with(good(), "iat", json!(now + 90)))),
        ("no time", key.proof_of(&with(good(), "iat", Value::Null))),
        ("no name", key.proof_of(&with(good(), "jti", Value::Null))),
        ("a very long name", key.proof_of(&with(good(), "jti", json!("j".repeat(300))))),
        ("no algorithm", under(&proof, "alg", json!("none"))),
        ("a shared secret", under(&proof, "alg", json!("HS256"))),
        ("an algorithm of another key", under(&proof, "alg", json!("RS256"))),
        ("another key", under(&proof, "jwk", other.jwk.clone())),
        ("a private key", under(&proof, "jwk", secret)),
        ("no key", under(&proof, "jwk", Value::Null)),
        ("another kind", under(&proof, "typ", json!("JWT"))),
        ("rules that nobody knows", under(&proof, "crit", json!(["x"]))),
        ("an assertion of a client", key.assertion("app", "https://id.example")),
        ("no signature", proof[..=proof.rfind('.').unwrap()].to_owned()),
        ("nothing of the kind", "x".to_owned()),
        ("a very long one", "x".repeat(9000)),
    ]
}

#[tokio::test]
async fn a_bad_proof_gets_no_token_and_does_not_cost_the_code() {
    let world = World::open().await;
    let app = world.app(true).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let form = of_code(&app, &code);
    let mut tries = Tries::new();
    let url = world.token_url();
    for (name, proof) in bad_proofs(("POST", &url), None) {
        let (status, error) = world.token_with(&app, &form, &[&proof]).await;
        let told = (status.as_u16(), error["error"].as_str().unwrap_or_default());
        tries.expect(name, told, (400, "invalid_dpop_proof"));
    }
    let (one, two) = (Key::new("one"), Key::new("two"));
    let place = ("POST", url.as_str());
    let (one, two) = (one.proof(place, None), two.proof(place, None));
    let (status, error) = world.token_with(&app, &form, &[&one, &two]).await;
    let told = (status.as_u16(), error["error"].as_str().unwrap_or_default());
    tries.expect("two proofs", told, (400, "invalid_dpop_proof"));
    tries.hold();
    assert_eq!(world.token_by(&app, &form, &Key::new("three")).await.0, 200);
}

#[tokio::test]
async fn a_bad_proof_opens_nothing() {
    let world = World::open().await;
    let (app, key) = (world.app(true).await, Key::new("own"));
    let code = world.code(&mut Browser::default(), &app).await;
    let (_, tokens) = world.token_by(&app, &of_code(&app, &code), &key).await;
    let access = &tokens["access_token"];
    let url = format!("{}/oauth/userinfo", world.issuer);
    let place = ("GET", url.as_str());
    let mut bad = bad_proofs(place, access.as_str());
    let claims = || proof_claims(place, access.as_str());
    bad.push(("another key of somebody", Key::new("other").proof(place, access.as_str())));
    bad.push(("no token", key.proof(place, None)));
    bad.push(("another token", key.proof(place, Some("x"))));
    bad.push(("an old proof", key.proof_of(&with(claims(), "iat", json!(1)))));
    bad.push(("for the token endpoint", key.proof(("POST", &world.token_url()), None)));
    let mut tries = Tries::new();
    for (name, proof) in bad {
        let (status, told) = world.userinfo_by(("DPoP", access), &[&proof]).await;
        let told = told.starts_with("DPoP error=\"invalid_dpop_proof\"");
        tries.expect(name, (status, told), (401, true));
    }
    tries.expect("none", world.userinfo_by(("DPoP", access), &[]).await.0, 401);
    let bearer = world.tokens(&app).await["access_token"].clone();
    let proof = world.userinfo_proof(&key, &bearer);
    let free = world.userinfo_by(("DPoP", &bearer), &[&proof]).await.0;
    tries.expect("a token that is bound to nothing", free, 401);
    tries.hold();
    let proof = world.userinfo_proof(&key, access);
    assert_eq!(world.userinfo_by(("DPoP", access), &[&proof]).await.0, 200);
}

#[tokio::test]
async fn of_25_who_show_one_proof_at_once_one_is_let_in() {
    let world = World::open().await;
    let app = world.register(&["--grant-type", "client_credentials", "--scope", "chat"]).await;
    let key = Key::new("one");
    let proof = key.proof(("POST", &world.token_url()), None);
    let form = [("grant_type", "client_credentials")];
    let shown = [proof.as_str()];
    let tries = (0..25).map(|_| world.token_with(&app, &form, &shown));
    let answers = join_all(tries).await;
    let good = answers.iter().filter(|(status, _)| *status == 200).count();
    let refused = answers.iter().filter(|(_, body)| body["error"] == "invalid_dpop_proof").count();
    assert_eq!((good, refused), (1, 24));
}
