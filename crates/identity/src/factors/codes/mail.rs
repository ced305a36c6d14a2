//! `/account/security/mail`: codes to the account's own address.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde::Deserialize;

use super::{CodeWords, Destination, enrol};
use crate::Identity;
use crate::accounts;
use crate::factors::{Kind, offered};
use crate::login;
use crate::pages::{FormFields, PageError, Shell, check_form, show};
use crate::visitor::Visitor;

const PATH: &str = "/account/security/mail";

pub(super) fn router() -> Router<Identity> {
    Router::new().route(PATH, get(page).post(submit))
}

#[derive(Template)]
#[template(path = "account/mail.html")]
struct MailPage<'a> {
    shell: &'a Shell,
    t: &'static CodeWords,
    address: &'a str,
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    if !offered(&identity, Kind::Mail) {
        return Err(PageError::NotFound);
    }
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let account = accounts::for_claims(&identity, session.user_id).await?;
    let account = account.ok_or(PageError::NotFound)?;
    let shell = Shell::of(&identity, &visitor);
    let t = CodeWords::of(shell.lang());
    let page = MailPage { shell: &shell, t, address: &account.email };
    Ok(show(StatusCode::OK, &page, &shell, None))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct MailForm {
    csrf: String,
}

async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<MailForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    if !offered(&identity, Kind::Mail) {
        return Err(PageError::NotFound);
    }
    let session = match login::guarding(&identity, &visitor, PATH).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let account = accounts::for_claims(&identity, session.user_id).await?;
    let destination = Destination::Mail(account.ok_or(PageError::NotFound)?.email);
    enrol::begin(&identity, &visitor, session.user_id, destination).await
}
