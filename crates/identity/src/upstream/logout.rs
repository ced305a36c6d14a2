//! `POST /federation/{provider}/logout`: a provider tells that somebody signed out there
//! (OpenID Connect Back-Channel Logout 1.0), and what rests on that here ends, with the sign-ins
//! of every app.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use kit::clock::now_ms;
use kit::db::{DbResult, Tx};
use kit::jose::Signed;
use serde_json::json;

use super::callback::{TOKEN_BYTES_MAX, parties};
use super::id_token::{self, LogoutToken};
use super::{Provider, UpstreamError, store};
use crate::Identity;
use crate::login;
use crate::oauth::replay;
use crate::pages::PageError;
use crate::visitor::Visitor;

/// Longest body that is looked at: a token in a form.
pub(super) const BODY_BYTES_MAX: usize = 2 * TOKEN_BYTES_MAX;
/// How long a token's id is kept after its end, so that it counts once.
const KEPT_MS: i64 = 5 * 60_000;
/// No token is kept for longer than this, whatever it says.
const KEPT_MS_MAX: i64 = 86_400_000;

pub(super) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, PageError> {
    let provider = identity.upstream.find(&name).ok_or(PageError::NotFound)?;
    let heard = match token_of(&body) {
        Some(token) => hear(&identity, &visitor, provider, &token).await,
        None => Err(UpstreamError::Refused("there is no logout token")),
    };
    let response = match heard {
        Ok(ended) => {
            tracing::info!(provider = name, ended, "{name} signed somebody out");
            StatusCode::OK.into_response()
        }
        Err(UpstreamError::Refused(reason)) => {
            tracing::warn!(provider = name, reason, "a logout token of {name} was refused");
            let error = json!({"error": "invalid_request", "error_description": reason});
            (StatusCode::BAD_REQUEST, axum::Json(error)).into_response()
        }
        Err(error) => return Err(error.into()),
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], response).into_response())
}

/// The token of a form that has it once.
fn token_of(body: &[u8]) -> Option<String> {
    let pairs = url::form_urlencoded::parse(body);
    let mut tokens = pairs.filter(|(name, _)| name == "logout_token").map(|(_, value)| value);
    let token = tokens.next()?.into_owned();
    tokens.next().is_none().then_some(token)
}

/// Ends what rests on the sign-in there; answers how many sessions there were.
async fn hear(
    identity: &Identity,
    visitor: &Visitor,
    provider: &Provider,
    text: &str,
) -> Result<usize, UpstreamError> {
    let signed = Signed::parse(text, TOKEN_BYTES_MAX);
    let signed = signed.ok_or(UpstreamError::Refused("it is no signed token"))?;
    if !provider.has_signed(&signed).await? {
        return Err(UpstreamError::Refused("its signature is wrong"));
    }
    let token = id_token::logout_token(&signed, parties(provider));
    let token = token.map_err(UpstreamError::Refused)?;
    let ended = identity.db.write(async |tx: &Tx| end(tx, visitor, provider, &token).await).await?;
    identity.oauth.wake_sender();
    ended.ok_or(UpstreamError::Refused("it was used already"))
}

async fn end(
    tx: &Tx,
    visitor: &Visitor,
    provider: &Provider,
    token: &LogoutToken,
) -> DbResult<Option<usize>> {
    let iss = provider.told.issuer.as_str();
    let id = replay::id(&[iss, &token.jti]);
    let until = token.exp.saturating_mul(1000).saturating_add(KEPT_MS);
    if !replay::once(tx, "upstream logout", &id, until.min(now_ms() + KEPT_MS_MAX)).await? {
        return Ok(None);
    }
    let who = (token.sub.as_deref(), token.sid.as_deref());
    let sessions = store::resting(tx, iss, who).await?;
    if let Some(sub) = token.sub.as_deref() {
        store::forget_halves(tx, (iss, sub)).await?;
    }
    login::end_each_in(tx, visitor, &sessions, "signed out at the provider").await?;
    Ok(Some(sessions.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_has_one_logout_token() {
        assert_eq!(token_of(b"logout_token=a.b.c&x=y").as_deref(), Some("a.b.c"));
        assert_eq!(token_of(b"logout_token=a&logout_token=b"), None);
        assert_eq!(token_of(b"token=a"), None);
        assert_eq!(token_of(b""), None);
    }

    proptest! {
        #[test]
        fn a_token_comes_out_of_a_form_as_it_went_in(
            token in any::<String>(),
            others in proptest::collection::vec(("[a-z_]{0,12}", any::<String>()), 0..4),
            at in any::<proptest::sample::Index>(),
        ) {
            let mut pairs = others;
            pairs.retain(|(name, _)| name != "logout_token");
            let form = |pairs: &[(String, String)]| {
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
            };
            prop_assert_eq!(token_of(form(&pairs).as_bytes()), None);
            pairs.insert(at.index(pairs.len() + 1), ("logout_token".to_owned(), token.clone()));
            prop_assert_eq!(token_of(form(&pairs).as_bytes()), Some(token.clone()));
            pairs.insert(at.index(pairs.len() + 1), ("logout_token".to_owned(), token));
            prop_assert_eq!(token_of(form(&pairs).as_bytes()), None);
        }

        /// Bytes that are no UTF-8 are replaced, by at most three each.
        #[test]
        fn no_body_is_more_than_a_token_of_its_own_size(body in any::<Vec<u8>>()) {
            let named = [b"logout_token=".as_slice(), &body].concat();
            for body in [&body, &named] {
                let token = token_of(body);
                prop_assert!(token.is_none_or(|token| token.len() <= 3 * body.len()));
            }
        }
    }
}
