//! Recovery codes: ten, shown once, each good for one sign-in when another factor is missing.
//!
//! A code has 80 random bits, so that a keyed hash guards it as well as a slow one would, and
//! whoever reads the database without the key ring cannot even try.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use kit::clock::{now_ms, random_bytes, uuid_v7};
use kit::db::{DbErr, DbResult, Tx, exec, params};
use serde::Deserialize;
use uuid::Uuid;

use super::totp::grouped;
use super::{Change, Enrolled, FactorWords, Kind, changed, page as security, store};
use crate::Identity;
use crate::accounts::AccountError;
use crate::login;
use crate::pages::{FormFields, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

const PATH: &str = "/account/security/recovery";
const CODES: usize = 10;

pub(super) fn router() -> Router<Identity> {
    Router::new().route(PATH, post(make))
}

#[derive(Template)]
#[template(path = "account/recovery.html")]
struct RecoveryPage<'a> {
    shell: &'a Shell,
    t: &'static FactorWords,
    codes: Vec<String>,
}

/// Shows codes, for the only time.
pub(super) fn page(identity: &Identity, visitor: &Visitor, codes: Vec<String>) -> Response {
    let shell = Shell::of(identity, visitor);
    let page = RecoveryPage { shell: &shell, t: FactorWords::of(shell.lang()), codes };
    show(StatusCode::OK, &page, &shell, None)
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct MakeForm {
    csrf: String,
}

async fn make(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<MakeForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, security::PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let user = session.user_id;
    let work = async |tx: &Tx| {
        login::hold(tx, &session).await?;
        if store::of(tx, user).await?.iter().all(|factor| factor.kind == Kind::Recovery) {
            return Ok(None);
        }
        let codes = renew(&identity, tx, user).await?;
        changed(tx, (&identity, &visitor), user, (Kind::Recovery, Change::Added)).await?;
        Ok::<_, AccountError>(Some(codes))
    };
    let codes = identity.db.write(work).await?;
    identity.outbox.wake();
    match codes {
        Some(codes) => Ok(page(&identity, &visitor, codes)),
        // Codes that stand in for nothing would only be a weaker way in.
        None => Ok(redirect(&identity.path(security::PATH))),
    }
}

/// The codes that come with a first factor; none for somebody who has some.
pub(super) async fn first(
    identity: &Identity,
    tx: &Tx,
    user: Uuid,
    enrolled: &[Enrolled],
) -> DbResult<Vec<String>> {
    if enrolled.iter().any(|factor| factor.kind == Kind::Recovery) {
        return Ok(Vec::new());
    }
    renew(identity, tx, user).await
}

/// Makes ten codes in place of those of before.
async fn renew(identity: &Identity, tx: &Tx, user: Uuid) -> DbResult<Vec<String>> {
    let old = store::of(tx, user).await?.into_iter().find(|one| one.kind == Kind::Recovery);
    if let Some(old) = old {
        store::remove(tx, user, old.id).await?;
    }
    let factor = store::add(tx, user, Kind::Recovery, "").await?;
    let factor = factor.ok_or_else(|| DbErr::Custom("recovery codes came twice".to_owned()))?;
    let mut codes = Vec::new();
    for _ in 0..CODES {
        let code = totp_rs::Secret::from(random_bytes::<10>().to_vec()).to_base32();
        let sql = "INSERT INTO recovery_codes (id, factor_id, hash) VALUES ($1, $2, $3)";
        exec(tx, sql, params![uuid_v7(), factor, hash(identity, user, &code)]).await?;
        codes.push(grouped(&code));
    }
    Ok(codes)
}

/// Accepts a code that was not used before, and tells the person by mail.
pub(super) async fn accept(
    identity: &Identity,
    visitor: &Visitor,
    user: Uuid,
    code: &str,
) -> Result<bool, AccountError> {
    let hash = hash(identity, user, &plain(code));
    let work = async |tx: &Tx| {
        let enrolled = store::of(tx, user).await?;
        let Some(factor) = enrolled.iter().find(|one| one.kind == Kind::Recovery) else {
            return Ok(false);
        };
        let sql = "UPDATE recovery_codes SET used_at = $3 WHERE factor_id = $1 AND hash = $2 \
                   AND used_at IS NULL";
        if exec(tx, sql, params![factor.id, hash.clone(), now_ms()]).await? == 0 {
            return Ok(false);
        }
        store::mark_used(tx, factor.id).await?;
        changed(tx, (identity, visitor), user, (Kind::Recovery, Change::Used)).await?;
        Ok::<_, AccountError>(true)
    };
    let right = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(right)
}

/// What was typed, as the code was made: letters and digits only.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(32).collect::<String>().to_uppercase()
}

fn hash(identity: &Identity, user: Uuid, code: &str) -> String {
    let both = [user.as_bytes().as_slice(), code.as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(identity.keys.mac("recovery code", &both))
}
