//! Tokens that are not ours, not for us, not yet or no longer valid.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use blackbox::server::Options;
use blackbox::{Socket, TestServer, eventually, eventually_for};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn status(server: &TestServer, token: &str) -> u16 {
    let request = server.request(Method::GET, "/api/me").bearer_auth(token);
    let answer = blackbox::Answer::of(request).await.expect("an answer");
    answer.status
}

fn parts(token: &str) -> (Value, Value, String) {
    let parts: Vec<_> = token.split('.').collect();
    let read = |part: &str| -> Value {
        serde_json::from_slice(&BASE64.decode(part).expect("base64")).expect("JSON")
    };
    (read(parts[0]), read(parts[1]), parts[2].to_owned())
}

fn join(header: &Value, claims: &Value, signature: &str) -> String {
    let (header, claims) = (BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    format!("{header}.{claims}.{signature}")
}

#[tokio::test]
async fn a_token_is_an_es256_access_token_for_the_api() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (header, claims, _) = parts(&ana.token);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("at+jwt")));
    assert_eq!(claims["iss"], server.url("/id"));
    assert!(claims["aud"].to_string().contains(&server.url("/api")), "{claims}");
    assert_eq!(claims["sub"], ana.sub.as_str());
    assert!(claims["jti"].is_string() && claims["client_id"].is_string(), "{claims}");
}

#[tokio::test]
async fn every_forged_token_is_refused_by_http_and_socket() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (header, claims, signature) = parts(&ana.token);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        join(&header, &claims, &signature)
    };
    let under = |name: &str, value: Value, signature: &str| {
        let mut header = header.clone();
        header[name] = value;
        join(&header, &claims, signature)
    };
    let zeros = BASE64.encode([0_u8; 64]);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": zeros, "y": zeros});
    let forged = [
        with("sub", json!(leo.sub)),
        with("roles", json!(["owner", "admin"])),
        with("exp", json!(4_102_444_800_u64)),
        with("aud", json!("https://elsewhere.example/api")),
        under("alg", json!("none"), ""),
        under("alg", json!("None"), ""),
        under("alg", json!("HS256"), &signature),
        under("alg", json!("RS256"), &signature),
        under("typ", json!("JWT"), &signature),
        under("kid", json!("../../dev/null"), &signature),
        under("jwk", jwk, &signature),
        under("jku", json!("https://evil.example/jwks"), &signature),
        under("crit", json!(["exp"]), &signature),
        join(&header, &claims, ""),
        join(&header, &claims, &zeros),
        join(&header, &claims, &signature[..signature.len() - 4]),
        format!("{}.", ana.token),
        ana.token.replacen('.', "", 1),
        "a.b.c".to_owned(),
        "x".repeat(6000),
    ];
    assert_eq!(status(&server, &ana.token).await, 200, "the real one is good");
    for token in forged {
        assert_eq!(status(&server, &token).await, 401, "{token}");
        let socket = Socket::connect(&server.url(""), json!({"token": token})).await;
        assert!(socket.is_err(), "{token}");
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_or_audience_is_refused() {
    let server = TestServer::start().await;
    let other = TestServer::start().await;
    server.person("ana").await;
    let foreign = other.person("ana").await;
    assert_eq!(status(&other, &foreign.token).await, 200);
    assert_eq!(status(&server, &foreign.token).await, 401);
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let server = TestServer::start().await;
    server.person("ana").await;
    let token = server.token("ana", 1).await;
    eventually_for(Duration::from_mins(2), "the token expires", async || {
        (status(&server, &token).await == 401).then_some(())
    })
    .await;
}

/// Declares the keys that sign now known to somebody else.
async fn compromise(server: &TestServer) {
    server.operator(&["keys", "rotate", "--compromised"]).await;
}

#[tokio::test]
async fn a_token_of_a_key_that_somebody_else_may_know_is_refused_once_a_new_key_is_seen() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    compromise(&server).await;
    let fresh = server.token("ana", 3600).await;
    assert_ne!(parts(&fresh).0["kid"], parts(&ana.token).0["kid"]);
    eventually("a token of the new key is good", async || {
        (status(&server, &fresh).await == 200).then_some(())
    })
    .await;
    assert_eq!(status(&server, &ana.token).await, 401);
    let old = Socket::connect(&server.url(""), json!({"token": ana.token})).await;
    assert!(old.is_err());
    let new = Socket::connect(&server.url(""), json!({"token": fresh})).await;
    assert!(new.is_ok());
}

#[tokio::test]
async fn a_token_of_a_key_that_somebody_else_may_know_is_refused_although_nobody_shows_a_new_one() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    compromise(&server).await;
    eventually_for(Duration::from_mins(2), "the token of the old key is refused", async || {
        (status(&server, &ana.token).await == 401).then_some(())
    })
    .await;
    let old = Socket::connect(&server.url(""), json!({"token": ana.token})).await;
    assert!(old.is_err());
    assert_eq!(status(&server, &server.token("ana", 60).await).await, 200);
}

#[tokio::test]
async fn a_socket_closes_once_somebody_else_may_know_the_key_of_its_token() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let old = Socket::connect(&server.url(""), json!({"token": ana.token})).await.expect("in");
    compromise(&server).await;
    let fresh = server.token("ana", 3600).await;
    let new = eventually("a token of the new key opens a socket", async || {
        Socket::connect(&server.url(""), json!({"token": fresh})).await.ok()
    })
    .await;
    old.closed().await;
    new.call("setPresence", json!({"state": "online"})).await;
    assert_eq!(new.has_closed(), None);
}

#[tokio::test]
async fn a_socket_goes_on_when_keys_change_as_planned() {
    const AT_ONCE: &str = "identity.signing.publish_s=0";
    let mut options = Options::default().unlimited();
    options.set.push(AT_ONCE.to_owned());
    let server = TestServer::with(options).await;
    let ana = server.person("ana").await;
    let old = Socket::connect(&server.url(""), json!({"token": ana.token})).await.expect("in");
    server.operator(&["keys", "rotate", "--set", AT_ONCE]).await;
    let fresh = server.token("ana", 3600).await;
    assert_ne!(parts(&fresh).0["kid"], parts(&ana.token).0["kid"]);
    eventually("a token of the new key is good", async || {
        (status(&server, &fresh).await == 200).then_some(())
    })
    .await;
    // By the time that one ends which is good for so long, all have been looked at.
    let short = eventually("a short token opens a socket", async || {
        let token = server.token("ana", 12).await;
        Socket::connect(&server.url(""), json!({"token": token})).await.ok()
    })
    .await;
    short.closed().await;
    old.call("setPresence", json!({"state": "online"})).await;
    assert_eq!(old.has_closed(), None);
    assert_eq!(status(&server, &ana.token).await, 200);
}

#[tokio::test]
async fn a_token_in_the_address_is_not_looked_at() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    for name in ["access_token", "token"] {
        let answer = server.get(&format!("/api/me?{name}={}", ana.token)).await;
        assert!([400, 401, 422].contains(&answer.status), "{}", answer.status);
    }
}
