//! Forged tokens: what RFC 8725 warns of, made from a true token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::world::World;

/// The parts of a token.
pub(super) struct Parts {
    pub(super) header: Value,
    pub(super) claims: Value,
    signature: String,
}

impl Parts {
    pub(super) fn of(token: &str) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        let read =
            |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        Self { header: read(parts[0]), claims: read(parts[1]), signature: parts[2].to_owned() }
    }

    /// The token with other words and the signature of the true one.
    pub(super) fn signed_as_before(&self, header: &Value, claims: &Value) -> String {
        format!("{}.{}.{}", part(header), part(claims), self.signature)
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn with(value: &Value, name: &str, changed: Value) -> Value {
    let mut value = value.clone();
    value[name] = changed;
    value
}

/// Tokens like `token` that nobody may accept, each with its name.
pub(super) async fn forgeries(world: &World, token: &str) -> Vec<Forgery> {
    let parts = Parts::of(token);
    let keys = world.http.get(format!("{}/oauth/jwks", world.issuer)).send().await.unwrap();
    let keys = keys.text().await.unwrap();
    let mut all = confused(&parts, &keys);
    all.extend(misled(&parts, &keys));
    all.extend(changed(&parts));
    all.extend(unsigned(&parts));
    let made = world.command(&["token", "create", "--user", "ana"]).await;
    let other = made.as_str().unwrap().rsplit('.').next().unwrap();
    let signed = token.rsplit_once('.').unwrap().0;
    all.push(("another token's signature", format!("{signed}.{other}")));
    all.push(("another provider's", foreign(parts.header["kid"].as_str().unwrap()).await));
    all.push(("a fourth part", format!("{token}.{}", parts.signature)));
    all.push(("a long one", format!("{token}{}", "A".repeat(20_000))));
    all.push(("dots", "..".to_owned()));
    all.push(("nothing", String::new()));
    all
}

/// A name, and a token.
type Forgery = (&'static str, String);

/// Another algorithm than the key's.
fn confused(parts: &Parts, keys: &str) -> Vec<Forgery> {
    let key: Value = serde_json::from_str::<Value>(keys).unwrap()["keys"][0].clone();
    let coordinate = key["x"].as_str().unwrap_or("x").to_owned();
    let alg = |alg: &str| with(&parts.header, "alg", json!(alg));
    let none = |name: &str| format!("{}.{}.", part(&alg(name)), part(&parts.claims));
    let again = |name: &str| parts.signed_as_before(&alg(name), &parts.claims);
    let mut bare = parts.header.clone();
    bare.as_object_mut().unwrap().remove("alg");
    vec![
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("alg nOnE", none("nOnE")),
        ("no alg", parts.signed_as_before(&bare, &parts.claims)),
        ("HS256 with the published keys as secret", hs256(parts, keys.as_bytes())),
        ("HS256 with the published key as secret", hs256(parts, key.to_string().as_bytes())),
        ("HS256 with a coordinate as secret", hs256(parts, coordinate.as_bytes())),
        ("HS256 with no secret", hs256(parts, b"")),
        ("alg RS256", again("RS256")),
        ("alg ES384", again("ES384")),
        ("alg EdDSA", again("EdDSA")),
    ]
}

/// A header that leads to another key, or to another use.
fn misled(parts: &Parts, keys: &str) -> Vec<Forgery> {
    let key: Value = serde_json::from_str::<Value>(keys).unwrap()["keys"][0].clone();
    let again = |name: &str, value: Value| {
        parts.signed_as_before(&with(&parts.header, name, value), &parts.claims)
    };
    vec![
        ("another kid", again("kid", json!("other"))),
        ("a kid that is a path", again("kid", json!("../../dev/null"))),
        ("a kid that is SQL", again("kid", json!("' OR 1=1 --"))),
        ("a key of its own", again("jwk", key)),
        ("keys from elsewhere", again("jku", json!("https://evil.example/jwks"))),
        ("a certificate from elsewhere", again("x5u", json!("https://evil.example/x"))),
        ("an extension that must be understood", again("crit", json!(["exp"]))),
        ("another type", again("typ", json!("JOSE"))),
    ]
}

/// Other words with the signature of the true ones.
fn changed(parts: &Parts) -> Vec<Forgery> {
    let again = |name: &str, value: Value| {
        parts.signed_as_before(&parts.header, &with(&parts.claims, name, value))
    };
    vec![
        ("another subject", again("sub", json!("somebody"))),
        ("another issuer", again("iss", json!("https://evil.example"))),
        ("another audience", again("aud", json!("https://evil.example"))),
        ("a longer life", again("exp", json!(4_000_000_000_u32))),
    ]
}

/// No signature, or half of one.
fn unsigned(parts: &Parts) -> Vec<Forgery> {
    let signed = format!("{}.{}", part(&parts.header), part(&parts.claims));
    let cut = &parts.signature[..parts.signature.len() - 4];
    let first = if parts.signature.starts_with('A') { "B" } else { "A" };
    let flipped = format!("{first}{}", &parts.signature[1..]);
    let zeros = URL_SAFE_NO_PAD.encode([0_u8; 64]);
    vec![
        ("no signature", format!("{signed}.")),
        ("no third part", signed.clone()),
        ("half a signature", format!("{signed}.{cut}")),
        ("a signature with one letter changed", format!("{signed}.{flipped}")),
        ("a signature of zeros", format!("{signed}.{zeros}")),
    ]
}

fn hs256(parts: &Parts, secret: &[u8]) -> String {
    let mut forged = Header::new(Algorithm::HS256);
    forged.kid = parts.header["kid"].as_str().map(str::to_owned);
    forged.typ = parts.header["typ"].as_str().map(str::to_owned);
    jsonwebtoken::encode(&forged, &parts.claims, &EncodingKey::from_secret(secret)).unwrap()
}

/// A token of another provider, with our key's name.
async fn foreign(kid: &str) -> String {
    let world = World::open().await;
    let made = world.command(&["token", "create", "--user", "ana"]).await;
    let parts = Parts::of(made.as_str().unwrap());
    parts.signed_as_before(&with(&parts.header, "kid", json!(kid)), &parts.claims)
}
