//! An OpenID provider of the test's own that signs everybody in as whom the test says, checks its
//! client as a provider does, and lies where the test wants it to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use http::{HeaderMap, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CLIENT, SECRET};

/// The provider. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Acme {
    pub(crate) issuer: String,
    own: Arc<Own>,
}

struct Own {
    key: Key,
    tricks: Mutex<Tricks>,
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
}

/// Who signs in, and what is not as it should be.
pub(crate) struct Tricks {
    /// Claims of the person.
    pub(crate) person: Value,
    /// Claims that the ID token has besides, or instead; null takes one out.
    pub(crate) claims: Value,
    /// What userinfo says instead of the person.
    pub(crate) userinfo: Option<Value>,
    /// How the ID token is made, if not by the right key.
    pub(crate) forged: Option<Forged>,
    /// What the answer says about its issuer.
    pub(crate) iss: Iss,
    /// The answer is this error.
    pub(crate) error: Option<&'static str>,
    /// These paths answer 503.
    pub(crate) down: Vec<&'static str>,
    /// What the document of the provider has besides, or instead.
    pub(crate) document: Value,
    /// What was asked for at the authorization endpoint, last.
    pub(crate) asked: HashMap<String, String>,
    /// How often the token endpoint was asked.
    pub(crate) redeemed: u32,
}

/// A token that nobody should believe.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Forged {
    /// `alg: none`, and no signature.
    Unsigned,
    /// HMAC with the public key.
    Shared,
    /// By a key that is not the provider's, under its name.
    Foreign,
    /// By a key that the header brings along.
    Brought,
    /// Right but for one byte.
    Spoilt,
    /// Another type.
    Typed(&'static str),
}

/// What the answer says about its issuer.
#[derive(Debug, Clone)]
pub(crate) enum Iss {
    Own,
    Hidden,
    Another(String),
}

struct Key {
    private: EncodingKey,
    jwk: Value,
}

fn key() -> Key {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (B64.encode(&point[1..33]), B64.encode(&point[33..]));
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "k1", "x": x, "y": y});
    Key { private: EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()), jwk }
}

/// A person whose address is known to be theirs.
pub(crate) fn person(sub: &str, name: &str) -> Value {
    json!({"sub": sub, "preferred_username": name, "name": format!("{name} of Acme"),
           "email": format!("{name}@example.org"), "email_verified": true})
}

impl Acme {
    pub(crate) async fn open(person: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let tricks = Tricks {
            person,
            claims: json!({}),
            userinfo: None,
            forged: None,
            iss: Iss::Own,
            error: None,
            down: Vec::new(),
            document: json!({}),
            asked: HashMap::new(),
            redeemed: 0,
        };
        let own = Own { key: key(), tricks: Mutex::new(tricks), codes: Mutex::default() };
        let acme = Self { issuer, own: Arc::new(own) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(acme.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        acme
    }

    /// What can be changed while it runs.
    pub(crate) fn tricks(&self) -> MutexGuard<'_, Tricks> {
        self.own.tricks.lock().unwrap()
    }

    /// A logout token with `changes`; null takes a claim out.
    pub(crate) fn logout_token(&self, changes: &Value) -> String {
        let now = now_s();
        let mut claims = json!({"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120,
            "jti": kit::clock::random_token(),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}});
        change(&mut claims, changes);
        self.signed(&self.own.key, &header("logout+jwt"), &claims)
    }

    /// A good ID token for `nonce`, with what the test changed.
    pub(crate) fn id_token(&self, nonce: Option<&str>, anew: bool) -> String {
        let tricks = self.tricks();
        let now = now_s();
        let mut claims = json!({"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": nonce, "sub": tricks.person["sub"], "sid": "sid-1"});
        if anew {
            claims["auth_time"] = json!(now);
        }
        change(&mut claims, &tricks.claims);
        let (own, plain) = (&self.own.key, header("JWT"));
        match tricks.forged {
            None => self.signed(own, &plain, &claims),
            Some(Forged::Typed(typ)) => self.signed(own, &header(typ), &claims),
            Some(Forged::Foreign) => self.signed(&key(), &plain, &claims),
            Some(Forged::Brought) => {
                let stranger = key();
                let mut head = json!({"alg": "ES256", "typ": "JWT", "kid": "k1"});
                head["jwk"] = stranger.jwk.clone();
                let good = self.signed(&stranger, &plain, &claims);
                let rest = good.split_once('.').unwrap().1;
                format!("{}.{rest}", B64.encode(head.to_string()))
            }
            Some(Forged::Spoilt) => {
                let good = self.signed(own, &plain, &claims);
                let (rest, signature) = good.rsplit_once('.').unwrap();
                let mut bytes = B64.decode(signature).unwrap();
                bytes[7] ^= 1;
                format!("{rest}.{}", B64.encode(bytes))
            }
            Some(Forged::Unsigned) => {
                let head = B64.encode(json!({"alg": "none", "typ": "JWT"}).to_string());
                format!("{head}.{}.", B64.encode(claims.to_string()))
            }
            Some(Forged::Shared) => {
                let secret = EncodingKey::from_secret(own.jwk.to_string().as_bytes());
                encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap()
            }
        }
    }

    fn signed(&self, key: &Key, header: &Header, claims: &Value) -> String {
        assert!(self.issuer.starts_with("http"));
        encode(header, claims, &key.private).unwrap()
    }

    fn is_down(&self, path: &str) -> bool {
        self.tricks().down.contains(&path)
    }
}

fn header(typ: &str) -> Header {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".to_owned());
    header.typ = Some(typ.to_owned());
    header
}

fn change(claims: &mut Value, changes: &Value) {
    let claims = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.clone(), value.clone())),
        }
    }
}

pub(crate) fn now_s() -> i64 {
    kit::clock::now_ms() / 1000
}

fn away() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

async fn document(State(acme): State<Acme>) -> Response {
    if acme.is_down("document") {
        return away();
    }
    let at = |path: &str| format!("{}{path}", acme.issuer);
    let mut document = json!({"issuer": acme.issuer, "jwks_uri": at("/jwks"),
        "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "authorization_response_iss_parameter_supported": true});
    change(&mut document, &acme.tricks().document);
    Json(document).into_response()
}

async fn jwks(State(acme): State<Acme>) -> Response {
    if acme.is_down("jwks") {
        return away();
    }
    Json(json!({"keys": [acme.own.key.jwk]})).into_response()
}

/// Signs the person in without asking anything, as a provider does who knows the browser.
async fn authorize(
    State(acme): State<Acme>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["client_id"], CLIENT);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
    let code = kit::clock::random_token();
    let (error, iss) = {
        let mut tricks = acme.tricks();
        tricks.asked.clone_from(&asked);
        let iss = match &tricks.iss {
            Iss::Own => Some(acme.issuer.clone()),
            Iss::Hidden => None,
            Iss::Another(issuer) => Some(issuer.clone()),
        };
        (tricks.error, iss)
    };
    let mut back = url::Url::parse(&asked["redirect_uri"]).unwrap();
    back.query_pairs_mut().append_pair("state", &asked["state"]);
    match error {
        Some(error) => back.query_pairs_mut().append_pair("error", error),
        None => back.query_pairs_mut().append_pair("code", &code),
    };
    if let Some(iss) = iss {
        back.query_pairs_mut().append_pair("iss", &iss);
    }
    acme.own.codes.lock().unwrap().insert(code, asked);
    Redirect::to(back.as_str()).into_response()
}

/// Takes a code once, from the client that it was made for, with its verifier.
async fn token(
    State(acme): State<Acme>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if acme.is_down("token") {
        return away();
    }
    acme.tricks().redeemed += 1;
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error})));
    if headers["authorization"].to_str().unwrap() != basic() {
        return refused("invalid_client").into_response();
    }
    let asked = acme.own.codes.lock().unwrap().remove(&form["code"]);
    let Some(asked) = asked else { return refused("invalid_grant").into_response() };
    let proven = B64.encode(Sha256::digest(&form["code_verifier"])) == asked["code_challenge"];
    let same = form["redirect_uri"] == asked["redirect_uri"];
    if form["grant_type"] != "authorization_code" || !proven || !same {
        return refused("invalid_grant").into_response();
    }
    let anew = asked.get("max_age").is_some_and(|age| age == "0");
    let id_token = acme.id_token(asked.get("nonce").map(String::as_str), anew);
    let tokens = json!({"access_token": "for-userinfo", "token_type": "Bearer",
                        "id_token": id_token});
    Json(tokens).into_response()
}

async fn userinfo(State(acme): State<Acme>, headers: HeaderMap) -> Response {
    if acme.is_down("userinfo") {
        return away();
    }
    if headers["authorization"] != "Bearer for-userinfo" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let tricks = acme.tricks();
    Json(tricks.userinfo.clone().unwrap_or_else(|| tricks.person.clone())).into_response()
}

/// RFC 6749 section 2.3.1, written down by hand.
fn basic() -> String {
    assert_eq!(SECRET, "a secret: with % and +");
    format!("Basic {}", STANDARD.encode(format!("{CLIENT}:a+secret%3A+with+%25+and+%2B")))
}
