//! `/account/security/phone`: codes to a phone.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use kit::sms::{Country, Number};
use serde::Deserialize;

use super::enrol::PHONES_MAX;
use super::{CodeWords, Destination, enrol, phones};
use crate::Identity;
use crate::factors::{Kind, offered};
use crate::login::{self, Session};
use crate::pages::{FormFields, Lang, PageError, Shell, check_form, show};
use crate::visitor::Visitor;

const PATH: &str = "/account/security/phone";
const NUMBER_CHARS_MAX: usize = 40;

pub(super) fn router() -> Router<Identity> {
    Router::new().route(PATH, get(page).post(submit))
}

#[derive(Template)]
#[template(path = "account/phone.html")]
struct PhonePage<'a> {
    shell: &'a Shell,
    t: &'static CodeWords,
    countries: Vec<Choice>,
    number: String,
    error: &'a str,
}

/// A country in the list.
struct Choice {
    iso: &'static str,
    name: &'static str,
    code: &'static str,
    chosen: bool,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct PhoneForm {
    csrf: String,
    country: String,
    number: String,
}

async fn page(State(identity): State<Identity>, visitor: Visitor) -> Result<Response, PageError> {
    match allowed(&identity, &visitor).await? {
        Ok(_) => Ok(form_page(&identity, &visitor, &PhoneForm::default(), None)),
        Err(response) => Ok(response),
    }
}

/// A number that codes do not go to, by its country or by the day's budget, gets the same page.
async fn submit(
    State(identity): State<Identity>,
    visitor: Visitor,
    FormFields(form): FormFields<PhoneForm>,
) -> Result<Response, PageError> {
    check_form(&identity, &visitor.headers, &form.csrf)?;
    let session = match allowed(&identity, &visitor).await? {
        Ok(session) => session,
        Err(response) => return Ok(response),
    };
    let t = CodeWords::of(visitor.lang);
    let refused = |text| Ok(form_page(&identity, &visitor, &form, Some(text)));
    let Some(number) = Number::parse(&form.number, Country::of(&form.country)) else {
        return refused(t.number_invalid);
    };
    let known = phones(&identity, identity.db.reader(), session.user_id).await?;
    if known.iter().any(|(_, known)| *known == number) {
        return refused(t.number_known);
    }
    if known.len() >= PHONES_MAX {
        return refused(t.too_many);
    }
    enrol::begin(&identity, &visitor, session.user_id, Destination::Sms(number)).await
}

/// The session of somebody who may add a phone now, where phones can be added at all.
async fn allowed(
    identity: &Identity,
    visitor: &Visitor,
) -> Result<Result<Session, Response>, PageError> {
    if !offered(identity, Kind::Sms) {
        return Err(PageError::NotFound);
    }
    login::guarding(identity, visitor, PATH).await
}

fn form_page(
    identity: &Identity,
    visitor: &Visitor,
    form: &PhoneForm,
    refused: Option<&'static str>,
) -> Response {
    let shell = Shell::of(identity, visitor);
    let page = PhonePage {
        shell: &shell,
        t: CodeWords::of(shell.lang()),
        countries: choices(identity, shell.lang(), &form.country),
        number: form.number.chars().take(NUMBER_CHARS_MAX).collect(),
        error: refused.unwrap_or_default(),
    };
    let status = refused.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    show(status, &page, &shell, None)
}

/// The countries that messages go to, by their names in `lang`.
fn choices(identity: &Identity, lang: Lang, chosen: &str) -> Vec<Choice> {
    let choice = |country: &'static Country| Choice {
        iso: country.iso,
        name: if lang == Lang::Es { country.es } else { country.en },
        code: country.calling_code(),
        chosen: country.iso == chosen,
    };
    let mut choices: Vec<Choice> = identity.sms.countries().map(choice).collect();
    choices.sort_by_key(|choice| choice.name);
    choices
}
