//! Tokens of ours that come back to us.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, crypto, decode_header};
use kit::db::{DbResult, params, scalar};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::grants::{self, Grant};
use super::keys::Alg;
use super::verified::Known;
use super::{Provider, clients, tokens};

/// Longest token that is looked at, bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// What an access token of ours says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Access {
    iss: String,
    /// The API that it is for.
    pub aud: String,
    /// The account.
    pub sub: String,
    /// Who got it.
    pub client_id: String,
    /// What it may be used for.
    pub scope: String,
    /// When it ends, seconds.
    pub exp: i64,
    iat: i64,
    /// Its own id.
    pub jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// When its person last proved who they are, seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How they proved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// The key that it is bound to (RFC 7800).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Value>,
}

/// What an ID token of ours says; it may have expired, as a hint it still tells who is meant.
#[derive(Debug, Deserialize)]
pub(crate) struct Hint {
    iss: String,
    /// The client.
    pub aud: String,
    /// The account.
    pub sub: String,
    /// The sign-in, as the client knows it.
    pub sid: Option<String>,
}

/// Whose an access token is.
pub(crate) enum Holder {
    /// A person's, by this grant.
    Person(Box<Grant>),
    /// The app's own.
    App,
}

/// An access token of ours that is good now and that a person gave to an app, and its grant.
pub(crate) async fn access(
    provider: &Provider,
    token: &str,
    now_s: i64,
) -> DbResult<Option<(Arc<Access>, Grant)>> {
    Ok(match any_access(provider, token, now_s).await? {
        Some((access, Holder::Person(grant))) => Some((access, *grant)),
        Some((_, Holder::App)) | None => None,
    })
}

/// An access token of ours that is good now, and whose it is.
pub(crate) async fn any_access(
    provider: &Provider,
    token: &str,
    now_s: i64,
) -> DbResult<Option<(Arc<Access>, Holder)>> {
    let Some(access) = signed_access(provider, token).await else { return Ok(None) };
    let apis = provider.resources.iter().chain([&provider.issuer, &provider.admin_resource]);
    let ours = apis.into_iter().any(|api| *api == access.aud);
    if access.iss != provider.issuer || !ours || access.exp <= now_s {
        return Ok(None);
    }
    let Some(grant) = tokens::grant_of(&access.jti) else { return Ok(None) };
    let reader = provider.db.reader();
    if !grant.is_nil() {
        let grant = grants::live(reader, grant, &access.jti).await?;
        return Ok(grant.map(|grant| (access, Holder::Person(Box::new(grant)))));
    }
    let sql = "SELECT until FROM revoked WHERE kind = 'jti' AND value = $1";
    if scalar::<i64>(reader, sql, params![access.jti.clone()]).await?.is_some() {
        return Ok(None);
    }
    // For as long as the app could ask for another one.
    let client = clients::find(reader, &access.client_id).await?;
    let may = client.is_some_and(|client| client.may("client_credentials"));
    Ok((may && access.sub == access.client_id).then_some((access, Holder::App)))
}

/// What an access token says that a published key of ours signed.
async fn signed_access(provider: &Provider, token: &str) -> Option<Arc<Access>> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    if let Some(known) = provider.verified.get(token)
        && provider.keys.knows(&known.kid)
    {
        return Some(Arc::clone(&known.access));
    }
    let kid = decode_header(token).ok()?.kid?;
    provider.keys.learn(&kid).await;
    let access = Arc::new(signed::<Access>(token, "at+jwt", |kid| provider.keys.public(kid))?);
    provider.verified.put(token, Known { kid, access: Arc::clone(&access) });
    Some(access)
}

/// An ID token of ours, however old.
pub(crate) fn hint(provider: &Provider, token: &str) -> Option<Hint> {
    let hint = signed::<Hint>(token, "JWT", |kid| provider.keys.once_public(kid));
    hint.filter(|hint| hint.iss == provider.issuer)
}

fn signed<T: for<'de> Deserialize<'de>>(
    token: &str,
    typ: &str,
    key_of: impl Fn(&str) -> Option<(Alg, DecodingKey)>,
) -> Option<T> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let header = decode_header(token).ok()?;
    let (alg, key) = key_of(&header.kid?)?;
    // The key says what it is for, never the token (RFC 8725 section 3.1).
    if header.alg != alg.of_library() || header.typ.as_deref() != Some(typ) {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    if !crypto::verify(signature, message.as_bytes(), &key, alg.of_library()).ok()? {
        return None;
    }
    let (_, claims) = message.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    /// A pair of ours named `k`.
    struct Ours {
        private: EncodingKey,
        public: DecodingKey,
    }

    impl Ours {
        fn make() -> Self {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            let point = pair.public_key().as_ref();
            let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let (x, y) = (part(&point[1..33]), part(&point[33..]));
            Self {
                private: EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()),
                public: DecodingKey::from_ec_components(&x, &y).unwrap(),
            }
        }

        fn token(&self, (typ, kid): (Option<&str>, Option<&str>), claims: &Value) -> String {
            let mut header = Header::new(Algorithm::ES256);
            header.typ = typ.map(str::to_owned);
            header.kid = kid.map(str::to_owned);
            encode(&header, claims, &self.private).unwrap()
        }

        fn read(&self, token: &str) -> Option<Map<String, Value>> {
            let key_of = |kid: &str| (kid == "k").then(|| (Alg::Es256, self.public.clone()));
            signed(token, "at+jwt", key_of)
        }
    }

    const KIND: (Option<&str>, Option<&str>) = (Some("at+jwt"), Some("k"));

    proptest! {
        #[test]
        fn what_we_signed_is_read_as_it_is_and_nothing_that_was_altered(
            said in ".{0,60}",
            at in any::<proptest::sample::Index>(),
            other in proptest::sample::select(b"AZaz09-_.= \n\xc3".to_vec()),
            kid in "[a-z]{0,2}",
            typ in "JWT|at\\+jwt|AT\\+JWT|logout\\+jwt|",
        ) {
            let (ours, theirs) = (Ours::make(), Ours::make());
            let claims = json!({"said": said});
            let token = ours.token(KIND, &claims);
            prop_assert_eq!(ours.read(&token), claims.as_object().cloned());
            prop_assert_eq!(ours.read(&theirs.token(KIND, &claims)), None);
            let named = ours.token((Some(&typ), Some(&kid)), &claims);
            prop_assert_eq!(ours.read(&named).is_some(), kid == "k" && typ == "at+jwt");
            for half in [(None, Some("k")), (Some("at+jwt"), None)] {
                prop_assert_eq!(ours.read(&ours.token(half, &claims)), None);
            }
            let mut bytes = token.clone().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = other;
            let altered = String::from_utf8_lossy(&bytes);
            prop_assert!(altered == token || ours.read(&altered).is_none(), "{altered}");
            prop_assert_eq!(ours.read(&token[..at]), None);
            prop_assert_eq!(ours.read(&format!("{token}{}", char::from(other))), None);
        }

        #[test]
        fn noise_is_no_token(noise in any::<String>(), parts in "[A-Za-z0-9_.-]{0,80}") {
            let ours = Ours::make();
            prop_assert_eq!(ours.read(&noise), None);
            prop_assert_eq!(ours.read(&parts), None);
            let _ = tokens::grant_of(&noise);
            prop_assert!(tokens::grant_of(&parts).is_none_or(|_| parts.len() == 38));
        }
    }

    #[test]
    fn a_token_that_is_too_long_is_not_looked_at() {
        let ours = Ours::make();
        let of = |bytes: usize| ours.token(KIND, &json!({"said": "x".repeat(bytes)}));
        let (short, long) = (of(12_000), of(12_288));
        assert!(short.len() <= TOKEN_BYTES_MAX && ours.read(&short).is_some());
        assert!(long.len() > TOKEN_BYTES_MAX && ours.read(&long).is_none());
    }
}
