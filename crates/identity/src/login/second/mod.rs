//! `/login/2fa`: the second step of a sign-in, or one more step for a session.
//!
//! The factor that its person prefers comes first, else the strongest; the others are on every
//! page. Each kind has its own page, and passkeys have theirs in `factors`.

mod code;
mod misses;
mod typed;

pub(crate) use misses::{MIGRATION, forget};

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::half_done;
use crate::Identity;
use crate::factors::{self, Kind};
use crate::pages::{PageError, redirect};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new()
        .route("/login/2fa", get(choose))
        .route("/login/2fa/{kind}", get(typed::page).post(typed::submit))
        .route("/login/2fa/{kind}/send", post(code::resend))
}

#[derive(Deserialize)]
struct Arrival {
    ix: Option<String>,
}

/// Leads to the factor that comes first.
async fn choose(
    State(identity): State<Identity>,
    visitor: Visitor,
    Query(arrival): Query<Arrival>,
) -> Result<Response, PageError> {
    let Some(half) = half_done(&identity, &visitor, arrival.ix.as_deref()).await? else {
        return Ok(redirect(&identity.path("/login")));
    };
    let enrolled = factors::of(identity.db.reader(), half.user).await?;
    let first = factors::first(&identity, &enrolled, half.needed(&enrolled));
    let kind = first.map_or(Kind::Totp, |factor| factor.kind);
    let ix = half.ix().ok_or(PageError::NotFound)?;
    Ok(redirect(&identity.path(&format!("/login/2fa/{}?ix={ix}", kind.as_str()))))
}
