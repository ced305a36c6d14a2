use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;
use crate::dpop::tests::key as key_of_app;

const ISSUER: &str = "https://talk.example/id";
const API: &str = "https://talk.example/api";

struct SigningKey {
    kid: &'static str,
    private: EncodingKey,
    jwk: Value,
    point: Vec<u8>,
}

fn signing_key(kid: &'static str) -> SigningKey {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let (x, y) = (B64.encode(&point[1..33]), B64.encode(&point[33..]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
                     "kid": kid, "x": x, "y": y});
    let private = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    SigningKey { kid, private, jwk, point }
}

#[derive(Default)]
struct Provider {
    keys: Mutex<Vec<Value>>,
    asked: AtomicUsize,
}

/// A provider on a port of its own that calls itself [`ISSUER`].
async fn provider(keys: Vec<Value>) -> (Arc<Provider>, Issuer) {
    let provider = Arc::new(Provider { keys: Mutex::new(keys), ..Default::default() });
    let discovery = json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/oauth/jwks"),
        "authorization_endpoint": format!("{ISSUER}/oauth/authorize"),
        "token_endpoint": format!("{ISSUER}/oauth/token")});
    let jwks = async |State(provider): State<Arc<Provider>>| {
        provider.asked.fetch_add(1, Ordering::SeqCst);
        axum::Json(json!({"keys": *provider.keys.lock().unwrap()}))
    };
    let document = axum::Json(discovery);
    let router = Router::new()
        .route("/id/.well-known/openid-configuration", get(async move || document))
        .route("/id/oauth/jwks", get(jwks))
        .with_state(Arc::clone(&provider));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let internal = format!("http://{}/id", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (provider, Issuer::new(http_client(), ISSUER, internal))
}

fn typed(kid: &str, typ: &str) -> Header {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(kid.to_owned());
    header.typ = Some(typ.to_owned());
    header
}

fn access_claims() -> Value {
    let now = now_s();
    json!({"iss": ISSUER, "sub": "ana", "aud": API, "client_id": "chat", "iat": now,
           "exp": now + 300, "jti": "1", "scope": "openid chat", "sid": "s1"})
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

fn sign(key: &SigningKey, typ: &str, claims: &Value) -> String {
    encode(&typed(key.kid, typ), claims, &key.private).unwrap()
}

async fn refused(issuer: &Issuer, token: &str) -> &'static str {
    match issuer.access(token, API).await {
        Err(CallerError::Refused(reason)) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_good_access_token_tells_who_calls() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let token = sign(&key, "at+jwt", &access_claims());
    let caller = issuer.access(&token, API).await.unwrap();
    assert_eq!((caller.sub.as_str(), caller.sid.as_deref()), ("ana", Some("s1")));
    assert_eq!(caller.scopes, ["openid", "chat"]);
    let token = sign(&key, "application/AT+JWT", &access_claims());
    assert!(issuer.access(&token, API).await.is_ok());
}

#[tokio::test]
async fn claims_that_are_not_ours_are_refused() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let now = now_s();
    let cases = [
        ("iss", json!("https://talk.example"), "another issuer"),
        ("aud", json!("https://talk.example/other"), "another audience"),
        ("aud", json!([]), "another audience"),
        ("exp", json!(now - LEEWAY_S - 1), "expired"),
        ("iat", json!(now + LEEWAY_S + 5), "in the future"),
        ("nbf", json!(now + LEEWAY_S + 5), "not valid yet"),
        ("exp", json!("soon"), "wrong type"),
        ("sub", Value::Null, "wrong type"),
        ("jti", Value::Null, "wrong type"),
        ("client_id", json!(1), "wrong type"),
        ("cnf", json!({"jkt": "x"}), "bound to a key"),
        ("cnf", json!({"x5t#S256": "x"}), "not known"),
    ];
    for (name, value, expected) in cases {
        let token = sign(&key, "at+jwt", &with(access_claims(), name, value.clone()));
        let reason = refused(&issuer, &token).await;
        assert!(reason.contains(expected), "{name} = {value}: {reason}");
    }
    let late = with(access_claims(), "exp", json!(now - LEEWAY_S + 20));
    assert!(issuer.access(&sign(&key, "at+jwt", &late), API).await.is_ok(), "within the leeway");
}

#[tokio::test]
async fn a_token_that_is_bound_to_a_key_is_accepted_with_a_proof_for_this_request_once() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let (own, other) = (key_of_app(), key_of_app());
    let token = sign(&key, "at+jwt", &with(access_claims(), "cnf", own.cnf()));
    let bearer = sign(&key, "at+jwt", &access_claims());
    let place = ("GET", "https://talk.example/api/me");
    let show = async |token: &str, proof: &str| {
        let proved = Proved { proof, method: place.0, url: place.1 };
        issuer.bound_access(token, API, proved).await.map_err(|error| error.to_string())
    };
    let now = now_s();
    let proof = own.proof(place, &token, now);
    let caller = show(&token, &proof).await.unwrap();
    assert_eq!(own.cnf(), json!({"jkt": caller.jkt}));
    assert!(show(&token, &proof).await.unwrap_err().contains("used before"));
    let cases = [
        (&token, own.proof(("POST", place.1), &token, now), "another method"),
        (&token, own.proof(("GET", "https://talk.example/api/you"), &token, now), "address"),
        (&token, own.proof(place, &token, now - 61), "not now"),
        (&token, own.proof(place, &bearer, now), "another token"),
        (&token, other.proof(place, &token, now), "another key"),
        (&bearer, own.proof(place, &bearer, now), "bearer token"),
        (&token, String::new(), "no JWT"),
    ];
    for (token, proof, reason) in cases {
        let error = show(token, &proof).await.unwrap_err();
        assert!(error.contains(reason), "{reason}: {error}");
    }
    assert!(show(&token, &own.proof(place, &token, now)).await.is_ok());
    assert!(refused(&issuer, &token).await.contains("bound to a key"), "as a bearer token");
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    for alg in ["none", "None", "nOnE"] {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": "k1"}).to_string();
        let claims = B64.encode(access_claims().to_string());
        refused(&issuer, &format!("{}.{claims}.", B64.encode(&header))).await;
        refused(&issuer, &format!("{}.{claims}", B64.encode(&header))).await;
    }
    let token = sign(&key, "at+jwt", &access_claims());
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    assert!(refused(&issuer, &format!("{unsigned}.")).await.contains("signature"));
}

#[tokio::test]
async fn the_public_key_is_no_hmac_secret() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let mut header = typed("k1", "at+jwt");
    header.alg = Algorithm::HS256;
    for secret in [key.point.clone(), key.jwk.to_string().into_bytes()] {
        let token = encode(&header, &access_claims(), &EncodingKey::from_secret(&secret)).unwrap();
        assert!(refused(&issuer, &token).await.contains("algorithm"));
    }
}

#[tokio::test]
async fn one_kind_of_token_does_not_pass_for_another() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    for typ in ["JWT", "logout+jwt", "at+jwt2", ""] {
        refused(&issuer, &sign(&key, typ, &access_claims())).await;
    }
    let mut untyped = typed("k1", "");
    untyped.typ = None;
    let token = encode(&untyped, &access_claims(), &key.private).unwrap();
    assert!(refused(&issuer, &token).await.contains("another kind"));
    let id = with(access_claims(), "aud", json!("chat"));
    assert!(issuer.id_token(&sign(&key, "at+jwt", &id), "chat", None).await.is_err());
    assert!(issuer.id_token(&sign(&key, "JWT", &id), "chat", None).await.is_ok());
}

#[tokio::test]
async fn a_header_that_brings_its_own_key_is_refused() {
    let (key, thief) = (signing_key("k1"), signing_key("k1"));
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    assert!(
        refused(&issuer, &sign(&thief, "at+jwt", &access_claims())).await.contains("signature")
    );
    let mut headers = vec![typed("k1", "at+jwt"); 4];
    headers[0].jku = Some("https://evil.example/jwks".to_owned());
    headers[1].jwk = Some(serde_json::from_value(thief.jwk.clone()).unwrap());
    headers[2].x5u = Some("https://evil.example/cert".to_owned());
    headers[3].crit = Some(vec!["exp".to_owned()]);
    for header in headers {
        for signer in [&key, &thief] {
            let token = encode(&header, &access_claims(), &signer.private).unwrap();
            assert!(refused(&issuer, &token).await.contains("brings its own"));
        }
    }
}

#[tokio::test]
async fn odd_shapes_are_refused() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let good = sign(&key, "at+jwt", &access_claims());
    let long = with(access_claims(), "scope", json!("x".repeat(TOKEN_BYTES_MAX)));
    let long = sign(&key, "at+jwt", &long);
    let tokens = [String::new(), "..".into(), "a.b.c".into(), format!("{good}."), long];
    for token in tokens {
        refused(&issuer, &token).await;
    }
    let mut nameless = typed("k1", "at+jwt");
    nameless.kid = None;
    let token = encode(&nameless, &access_claims(), &key.private).unwrap();
    assert!(refused(&issuer, &token).await.contains("names no key"));
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once() {
    let (old, new) = (signing_key("k1"), signing_key("k2"));
    let (provider, issuer) = provider(vec![old.jwk.clone()]).await;
    let token = sign(&new, "at+jwt", &access_claims());
    for _ in 0..20 {
        assert!(refused(&issuer, &token).await.contains("not known"));
    }
    assert_eq!(provider.asked.load(Ordering::SeqCst), 1, "the first look is recent enough");
    assert!(issuer.access(&sign(&old, "at+jwt", &access_claims()), API).await.is_ok());
}

#[tokio::test]
async fn an_issuer_that_is_away_is_unavailable_and_not_a_refusal() {
    let key = signing_key("k1");
    let issuer = Issuer::new(http_client(), ISSUER, "http://127.0.0.1:9/id");
    let answer = issuer.access(&sign(&key, "at+jwt", &access_claims()), API).await;
    assert!(matches!(answer, Err(CallerError::Unavailable(_))), "{answer:?}");
}

#[tokio::test]
async fn an_id_token_is_for_one_client_and_one_sign_in() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let now = now_s();
    let good = json!({"iss": ISSUER, "sub": "ana", "aud": "chat", "iat": now, "exp": now + 300,
                      "nonce": "n1", "sid": "s1", "auth_time": now, "acr": "a"});
    let check = async |claims: Value| {
        issuer.id_token(&sign(&key, "JWT", &claims), "chat", Some("n1")).await
    };
    assert_eq!(check(good.clone()).await.unwrap().sid.as_deref(), Some("s1"));
    let cases = [
        ("aud", json!("other")),
        ("aud", json!(["chat", "other"])),
        ("azp", json!("other")),
        ("nonce", json!("n2")),
        ("nonce", Value::Null),
        ("iss", json!("https://evil.example")),
        ("exp", json!(now - LEEWAY_S)),
    ];
    for (name, value) in cases {
        let answer = check(with(good.clone(), name, value.clone())).await;
        assert!(matches!(answer, Err(CallerError::Refused(_))), "{name} = {value}");
    }
}

#[tokio::test]
async fn a_logout_token_may_say_whether_somebody_is_blocked() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let now = now_s();
    let risc = "https://schemas.openid.net/secevent/risc/event-type/account-";
    let cases = [
        (vec![], None),
        (vec![("disabled", json!({}))], Some(true)),
        (vec![("enabled", json!({}))], Some(false)),
        (vec![("enabled", json!({})), ("disabled", json!({}))], Some(true)),
        (vec![("disabled", json!(true))], None),
    ];
    for (place, (said, blocked)) in cases.into_iter().enumerate() {
        let mut events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        for (event, body) in said {
            events[format!("{risc}{event}")] = body;
        }
        let claims = json!({"iss": ISSUER, "aud": "chat", "iat": now, "exp": now + 120,
                            "jti": place.to_string(), "sub": "ana", "events": events});
        let token = sign(&key, "logout+jwt", &claims);
        assert_eq!(issuer.logout_token(&token, "chat").await.unwrap().blocked(), blocked);
    }
}

#[tokio::test]
async fn a_logout_token_works_once_and_says_who() {
    let key = signing_key("k1");
    let (_, issuer) = provider(vec![key.jwk.clone()]).await;
    let now = now_s();
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let good = json!({"iss": ISSUER, "aud": "chat", "iat": now, "exp": now + 120, "jti": "j1",
                      "sub": "ana", "sid": "s1", "events": event});
    let token = sign(&key, "logout+jwt", &good);
    assert_eq!(issuer.logout_token(&token, "chat").await.unwrap().sid.as_deref(), Some("s1"));
    assert!(issuer.logout_token(&token, "chat").await.is_err(), "a replay");
    let mut nobody = with(good.clone(), "jti", json!("j2"));
    nobody.as_object_mut().unwrap().retain(|name, _| name != "sub" && name != "sid");
    let cases = [
        nobody,
        with(with(good.clone(), "jti", json!("j3")), "nonce", json!("n")),
        with(with(good.clone(), "jti", json!("j4")), "events", json!({})),
        with(with(good.clone(), "jti", json!("j5")), "aud", json!("other")),
    ];
    for claims in cases {
        let token = sign(&key, "logout+jwt", &claims);
        assert!(issuer.logout_token(&token, "chat").await.is_err(), "{claims}");
    }
    let plain = sign(&key, "JWT", &with(good, "jti", json!("j6")));
    assert!(issuer.logout_token(&plain, "chat").await.is_err(), "not typed as logout token");
}
