//! Authenticator apps: time-based codes (RFC 6238).
//!
//! 160-bit secrets, SHA-1, six digits, 30 s, because that is what every app can do; one step of
//! drift either way. A step that was used is not accepted again (section 5.2).

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use kit::clock::{now_ms, random_bytes};
use kit::db::{DbErr, DbResult, Row, Tx, all, exec, params};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use totp_rs::{Builder, Totp};
use uuid::Uuid;

use super::{Change, FactorWords, Kind, changed, page, recovery, store};
use crate::Identity;
use crate::accounts::{self, AccountError};
use crate::login::{self, Session};
use crate::pages::{FormFields, Notice, PageError, Shell, check_form, redirect, show};
use crate::visitor::Visitor;

const PATH: &str = "/account/security/totp";
const SECRET_CONTEXT: &str = "totp secret";
const SETUP_CONTEXT: &str = "totp setup";
/// How long somebody may take to scan the picture.
const SETUP_LIFE_MS: i64 = 10 * 60_000;
/// Most apps of one person.
const APPS_MAX: usize = 10;
const SIDE_PX: u32 = 232;

pub(super) fn router() -> Router<Identity> {
    Router::new().route(PATH, get(start).post(confirm))
}

#[derive(Template)]
#[template(path = "account/totp.html")]
struct TotpPage<'a> {
    shell: &'a Shell,
    t: &'static FactorWords,
    qr: String,
    secret: String,
    setup: String,
    name: &'a str,
    notice: Option<Notice>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct TotpForm {
    csrf: String,
    setup: String,
    name: String,
    code: String,
}

async fn start(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    offer(&identity, &visitor, &session, (random_bytes(), None)).await
}

/// The page with a secret to scan, and what a form came to.
async fn offer(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    (secret, refused): ([u8; 20], Option<(&'static str, &TotpForm)>),
) -> Result<Response, PageError> {
    let shell = Shell::of(identity, visitor);
    let t = FactorWords::of(shell.lang());
    let account = accounts::for_claims(identity, session.user_id).await?;
    let account = account.ok_or(PageError::NotFound)?;
    let totp = app_of(secret, &account.username)?;
    let url = totp.to_url().map_err(|error| DbErr::Custom(error.to_string()))?;
    let page = TotpPage {
        shell: &shell,
        t,
        qr: picture(&url)?,
        secret: grouped(&totp_rs::Secret::from(secret).to_base32()),
        setup: sealed(identity, session.user_id, secret)?,
        name: refused.map_or(t.totp_name, |(_, form)| &form.name),
        notice: refused.map(|(text, _)| Notice::bad(text)),
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(show(status, &page, &shell, None))
}

/// The right code makes the app a factor, and recovery codes for who has none yet.
async fn confirm(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<TotpForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let t = FactorWords::of(visitor.lang);
    let Some(secret) = unsealed(&identity, session.user_id, &form.setup) else {
        let refused = Some((t.stale_setup, &form));
        return offer(&identity, &visitor, &session, (random_bytes(), refused)).await;
    };
    let name = accounts::display_name(&form.name).ok_or(PageError::Malformed)?;
    let Some(step) = app_of(secret, "")?.check(&digits(&form.code), now_s()) else {
        let refused = Some((t.wrong_code, &form));
        return offer(&identity, &visitor, &session, (secret, refused)).await;
    };
    match enrol(&identity, &visitor, &session, (&secret, step, &name)).await? {
        Some(codes) if !codes.is_empty() => Ok(recovery::page(&identity, &visitor, codes)),
        Some(_) => Ok(redirect(&identity.path(page::PATH))),
        None => Err(PageError::Malformed),
    }
}

/// Stores the app; answers the recovery codes that came with the first factor, or nothing when
/// there are too many apps or this secret is enrolled already.
async fn enrol(
    identity: &Identity,
    visitor: &Visitor,
    session: &Session,
    (secret, step, name): (&[u8; 20], u64, &str),
) -> Result<Option<Vec<String>>, AccountError> {
    let user = session.user_id;
    let work = async |tx: &Tx| {
        login::hold(tx, session).await?;
        let enrolled = store::of(tx, user).await?;
        let apps = apps(identity, tx, user).await?;
        if apps.len() >= APPS_MAX || apps.iter().any(|app| app.secret == *secret) {
            return Ok(None);
        }
        let Some(id) = store::add(tx, user, Kind::Totp, name).await? else { return Ok(None) };
        let sealed = identity.keys.seal(SECRET_CONTEXT, id.as_bytes(), secret);
        let sealed = sealed.map_err(|error| DbErr::Custom(error.to_string()))?;
        let sql = "INSERT INTO totp (id, secret, last_step) VALUES ($1, $2, $3)";
        exec(tx, sql, params![id, sealed, i64::try_from(step).unwrap_or(i64::MAX)]).await?;
        let codes = recovery::first(identity, tx, user, &enrolled).await?;
        changed(tx, (identity, visitor), user, (Kind::Totp, Change::Added)).await?;
        Ok::<_, AccountError>(Some(codes))
    };
    let codes = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(codes)
}

/// Accepts a code of one of the person's apps, if its step was not used before.
pub(super) async fn accept(
    identity: &Identity,
    user: Uuid,
    code: &str,
) -> Result<bool, AccountError> {
    let code = digits(code);
    let mut right = None;
    for app in apps(identity, identity.db.reader(), user).await? {
        if let Some(step) = app_of(app.secret, "")?.check(&code, now_s()) {
            right = Some((app.id, i64::try_from(step).unwrap_or(i64::MAX)));
        }
    }
    let Some((id, step)) = right else { return Ok(false) };
    let work = async |tx: &Tx| {
        let sql = "UPDATE totp SET last_step = $2 WHERE id = $1 AND last_step < $2";
        let first = exec(tx, sql, params![id, step]).await? == 1;
        if first {
            store::mark_used(tx, id).await?;
        }
        DbResult::Ok(first)
    };
    Ok(identity.db.write(work).await?)
}

struct App {
    id: Uuid,
    secret: [u8; 20],
}

async fn apps(
    identity: &Identity,
    c: &impl kit::db::Sql,
    user: Uuid,
) -> Result<Vec<App>, AccountError> {
    #[derive(Row)]
    struct AppRow {
        id: Uuid,
        secret: Vec<u8>,
    }
    let sql = "SELECT t.id, t.secret FROM totp t JOIN factors f ON f.id = t.id \
               WHERE f.user_id = $1 ORDER BY t.id";
    let rows: Vec<AppRow> = all(c, sql, params![user]).await?;
    let open = |row: AppRow| {
        let plain = identity.keys.open_value(SECRET_CONTEXT, row.id.as_bytes(), &row.secret);
        let plain = plain.map_err(|error| DbErr::Custom(error.to_string()))?;
        let secret = plain.try_into().map_err(|_| DbErr::Custom("a TOTP secret".to_owned()))?;
        Ok(App { id: row.id, secret })
    };
    rows.into_iter().map(open).collect()
}

fn app_of(secret: [u8; 20], account: &str) -> Result<Totp, DbErr> {
    let builder = Builder::new().with_secret(secret).with_skew(1).with_step_duration(30);
    let builder = builder.with_digits(6).with_issuer(Some("Tertulia")).with_account_name(account);
    builder.build().map_err(|error| DbErr::Custom(error.to_string()))
}

/// An image of the address, as the source of an `img`.
fn picture(url: &str) -> Result<String, DbErr> {
    let code = QrCode::new(url).map_err(|error| DbErr::Custom(error.to_string()))?;
    let image = code.render::<svg::Color<'_>>().min_dimensions(SIDE_PX, SIDE_PX).build();
    Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(image)))
}

/// The secret on its way through the form, of use to its person for a few minutes only.
fn sealed(identity: &Identity, user: Uuid, secret: [u8; 20]) -> Result<String, DbErr> {
    let plain = [&secret[..], &now_ms().to_be_bytes()].concat();
    let sealed = identity.keys.seal(SETUP_CONTEXT, user.as_bytes(), &plain);
    Ok(URL_SAFE_NO_PAD.encode(sealed.map_err(|error| DbErr::Custom(error.to_string()))?))
}

fn unsealed(identity: &Identity, user: Uuid, setup: &str) -> Option<[u8; 20]> {
    let cell = URL_SAFE_NO_PAD.decode(setup).ok()?;
    let plain = identity.keys.open_value(SETUP_CONTEXT, user.as_bytes(), &cell).ok()?;
    let (secret, at) = plain.split_at_checked(20)?;
    let at = i64::from_be_bytes(at.try_into().ok()?);
    let is_young = (0..=SETUP_LIFE_MS).contains(&(now_ms() - at));
    is_young.then(|| secret.try_into().ok()).flatten()
}

/// What was typed, without the spaces that apps show.
fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).take(8).collect()
}

/// Four letters at a time, as they are typed.
pub(super) fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

fn now_s() -> u64 {
    u64::try_from(now_ms() / 1000).unwrap_or(0)
}
