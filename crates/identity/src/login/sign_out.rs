//! `/logout` and `/logout/everywhere`: the buttons of the account page.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use http::StatusCode;
use kit::db::Tx;
use serde::Deserialize;

use super::{current_session, end_all_in, end_session, gone_cookie, sensitive};
use crate::Identity;
use crate::pages::{FormFields, PageError, Shell, check_form, message_page, with_cookie};
use crate::visitor::Visitor;

pub(super) fn router() -> Router<Identity> {
    Router::new().route("/logout", post(here)).route("/logout/everywhere", post(everywhere))
}

#[derive(Deserialize)]
struct Confirmation {
    #[serde(default)]
    csrf: String,
}

async fn here(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    if let Some(session) = current_session(&identity, &visitor.headers).await? {
        end_session(&identity, &visitor, session.id, "signed out").await?;
    }
    let shell = Shell::of(&identity, &visitor);
    Ok(goodbye(&identity, &shell, shell.w.signed_out_text))
}

async fn everywhere(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<Confirmation>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match sensitive(&identity, &visitor, "/account/sessions").await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let user = session.user_id;
    let work = async |tx: &Tx| end_all_in(tx, &visitor, user, "signed out everywhere").await;
    identity.db.write(work).await?;
    identity.oauth.wake_sender();
    let shell = Shell::of(&identity, &visitor);
    Ok(goodbye(&identity, &shell, shell.w.signed_out_everywhere_text))
}

fn goodbye(identity: &Identity, shell: &Shell, text: &str) -> Response {
    let text = (shell.w.signed_out_title, text);
    let page = message_page(shell, StatusCode::OK, text, Some((shell.w.sign_in, "/login")));
    with_cookie(page, gone_cookie(identity))
}
