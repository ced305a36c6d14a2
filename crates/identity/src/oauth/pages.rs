//! The provider's own pages: consent, signing out, and what cannot be done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kit::db::DbErr;
use url::Url;
use uuid::Uuid;

use super::authorize::{Asked, NoTarget};
use super::clients::{Client, Details};
use super::logout::Fields;
use super::redirect;
use super::scope::Scopes;
use crate::Identity;
use crate::pages::{self, Shell};
use crate::visitor::Visitor;

/// Why the person sees a page instead of going back to the app.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// It is not known where to answer.
    #[error(transparent)]
    NoTarget(NoTarget),
    /// No such pushed request, or one that was used, is too old or another app's.
    #[error("the pushed request is not there any more")]
    Pushed,
    /// The interaction is over, or of another browser.
    #[error("this sign-in took too long or began in another browser")]
    TooOld,
    /// An app asks to sign out in a way that is not right.
    #[error("the request to sign out is not right")]
    Logout,
    /// The cause goes to the log, never to the person.
    #[error("the store failed")]
    Store(#[from] DbErr),
}

crate::words! {
    pub(crate) struct OauthWords {
        consent_title: "¿Compartir con esta aplicación?", "Share with this app?";
        wants: "quiere entrar con tu cuenta y poder:", "wants to sign you in and be able to:";
        returns_to: "Volverás a", "You will return to";
        not_verified: "Sin verificar", "Not verified";
        nobody_checked: "Nadie ha comprobado quién está detrás de esta aplicación. \
                         Sigue solo si la conoces.",
            "Nobody has checked who is behind this app. Go on only if you know it.";
        app_page: "Su página", "Its page";
        app_policy: "Qué hace con tus datos", "What it does with your data";
        app_terms: "Sus condiciones", "Its terms";
        allow: "Permitir", "Allow";
        deny: "Cancelar", "Cancel";
        logout_title: "¿Salir?", "Sign out?";
        logout_lead: "Saldrás de todas las aplicaciones en las que entraste con este navegador.",
            "You will be signed out of all apps that you signed in to with this browser.";
        logout_asked: "Te lo pide:", "You are asked by:";
        logout_button: "Salir", "Sign out";
        stay: "Quedarme", "Stay";
        left_title: "Has salido", "You are signed out";
        left_lead: "Ya puedes cerrar esta página.", "You can close this page now.";
        left_unchecked: "Ya puedes cerrar esta página. Nadie ha comprobado quién está detrás de la \
                         aplicación que te envió aquí.",
            "You can close this page now. Nobody has checked who is behind the app that sent you \
             here.";
        failed_title: "No podemos seguir", "We cannot go on";
        no_client: "La aplicación que te envió aquí no es conocida.",
            "The app that sent you here is not known.";
        no_uri: "La dirección de vuelta no es de la aplicación que te envió aquí.",
            "The address to return to does not belong to the app that sent you here.";
        too_old: "Esta entrada tardó demasiado o empezó en otro navegador. \
                  Vuelve a la aplicación y prueba otra vez.",
            "This sign-in took too long or began in another browser. \
             Go back to the app and try again.";
        bad_logout: "La aplicación pidió salir de una manera que no es correcta. No has salido.",
            "The app asked to sign out in a way that is not right. You are still signed in.";
        misled: "La aplicación que te envió aquí pidió algo que no es correcto. Nadie ha \
                 comprobado quién está detrás de ella.",
            "The app that sent you here asked for something that is not right. Nobody has checked \
             who is behind it.";
        back_to: "Volver a", "Go back to";
        broken: "Algo falló de nuestro lado. Prueba otra vez en un momento.",
            "Something broke on our side. Try again in a moment.";
        going_back: "Volviendo a la aplicación…", "Going back to the app…";
        go_on: "Continuar", "Continue";
        scope_openid: "saber quién eres", "know who you are";
        scope_profile: "ver tu nombre", "see your name";
        scope_email: "ver tu dirección de correo", "see your e-mail address";
        scope_offline: "seguir dentro cuando no estás", "stay signed in while you are away";
        scope_chat: "leer y escribir mensajes en tu nombre", "read and write messages as you";
        scope_admin: "administrar el chat en tu nombre", "administer the chat as you";
    }
}

#[derive(Template)]
#[template(path = "oauth/consent.html")]
struct Consent<'a> {
    shell: &'a Shell,
    o: &'static OauthWords,
    action: String,
    client: &'a str,
    unverified: bool,
    links: Vec<(&'static str, &'a str)>,
    host: String,
    wishes: Vec<&'static str>,
    ix: Uuid,
}

#[derive(Template)]
#[template(path = "oauth/logout.html")]
struct Confirm<'a> {
    shell: &'a Shell,
    o: &'static OauthWords,
    action: String,
    stay: String,
    client: Option<&'a Client>,
    fields: &'a Fields<'a>,
}

#[derive(Template)]
#[template(path = "oauth/message.html")]
struct Message<'a> {
    shell: &'a Shell,
    title: &'static str,
    text: &'static str,
    bad: bool,
    /// What leads on, and to where.
    link: Option<(String, &'a str)>,
}

#[derive(Template)]
#[template(path = "oauth/form_post.html")]
struct FormPost<'a> {
    shell: &'a Shell,
    o: &'static OauthWords,
    action: &'a str,
    pairs: &'a [(&'static str, String)],
}

/// The page that asks whether an app may have what it wants.
pub(crate) fn consent(identity: &Identity, visitor: &Visitor, asked: &Asked, ix: Uuid) -> Response {
    let shell = Shell::of(identity, visitor);
    let o = OauthWords::of(shell.lang());
    let uri = &asked.request.target.redirect_uri;
    let page = Consent {
        shell: &shell,
        o,
        action: identity.path("/consent"),
        client: &asked.client.name,
        unverified: asked.client.is_unverified(),
        links: links(o, &asked.client.details),
        host: host_of(uri),
        wishes: wishes(o, asked.request.scopes()),
        ix,
    };
    let action = redirect::form_action(uri);
    pages::show(StatusCode::OK, &page, &shell, action.as_deref())
}

/// The pages that an app has about itself.
fn links<'a>(o: &'static OauthWords, details: &'a Details) -> Vec<(&'static str, &'a str)> {
    let all = [
        (o.app_page, &details.client_uri),
        (o.app_policy, &details.policy_uri),
        (o.app_terms, &details.tos_uri),
    ];
    all.into_iter().filter_map(|(name, uri)| Some((name, uri.as_deref()?))).collect()
}

/// The page that asks whether to sign out.
pub(crate) fn confirm_logout(
    identity: &Identity,
    visitor: &Visitor,
    fields: &Fields<'_>,
    client: Option<&Client>,
) -> Response {
    let shell = Shell::of(identity, visitor);
    let page = Confirm {
        shell: &shell,
        o: OauthWords::of(shell.lang()),
        action: identity.path("/oauth/logout/confirm"),
        stay: identity.path("/account"),
        client,
        fields,
    };
    let action = redirect::form_action(fields.post_logout_redirect_uri);
    pages::show(StatusCode::OK, &page, &shell, action.as_deref())
}

/// The page after signing out, if the app said nothing.
pub(crate) fn signed_out(identity: &Identity, visitor: &Visitor) -> Response {
    let shell = Shell::of(identity, visitor);
    let o = OauthWords::of(shell.lang());
    let page =
        Message { shell: &shell, title: o.left_title, text: o.left_lead, bad: false, link: None };
    pages::show(StatusCode::OK, &page, &shell, None)
}

/// The page after signing out for who was sent here by an app that nobody checked: `back` is where
/// it wants to have them, and they go there only by their own will.
pub(crate) fn signed_out_of_unchecked(
    identity: &Identity,
    visitor: &Visitor,
    client: &Client,
    back: &str,
) -> Response {
    let shell = Shell::of(identity, visitor);
    let o = OauthWords::of(shell.lang());
    let page = Message {
        shell: &shell,
        title: o.left_title,
        text: o.left_unchecked,
        bad: false,
        link: Some((way_back(o, client, back), back)),
    };
    pages::show(StatusCode::OK, &page, &shell, None)
}

/// The page that says what cannot be done.
pub(crate) fn failed(identity: &Identity, visitor: &Visitor, failed: &Failed) -> Response {
    let shell = Shell::of(identity, visitor);
    let o = OauthWords::of(shell.lang());
    let (status, text) = match failed {
        Failed::NoTarget(NoTarget::Client) => (StatusCode::BAD_REQUEST, o.no_client),
        Failed::NoTarget(NoTarget::RedirectUri) => (StatusCode::BAD_REQUEST, o.no_uri),
        Failed::TooOld | Failed::Pushed => (StatusCode::BAD_REQUEST, o.too_old),
        Failed::Logout => (StatusCode::BAD_REQUEST, o.bad_logout),
        Failed::Store(error) => {
            tracing::error!(%error, "a page of the provider failed: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, o.broken)
        }
    };
    let page = Message { shell: &shell, title: o.failed_title, text, bad: true, link: None };
    pages::show(status, &page, &shell, None)
}

/// The page for who was sent here by an app that nobody checked, in a way that is not right.
pub(crate) fn misled(
    identity: &Identity,
    visitor: &Visitor,
    client: &Client,
    (redirect_uri, back): (&str, &str),
) -> Response {
    let shell = Shell::of(identity, visitor);
    let o = OauthWords::of(shell.lang());
    let page = Message {
        shell: &shell,
        title: o.failed_title,
        text: o.misled,
        bad: true,
        link: Some((way_back(o, client, redirect_uri), back)),
    };
    pages::show(StatusCode::BAD_REQUEST, &page, &shell, None)
}

/// What a link to an app says: its name, and where that really is.
fn way_back(o: &'static OauthWords, client: &Client, uri: &str) -> String {
    format!("{} {} ({})", o.back_to, client.name, host_of(uri))
}

/// Where a redirect URI leads, in short.
fn host_of(uri: &str) -> String {
    let url = Url::parse(uri).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| uri.to_owned())
}

/// The page that posts an answer to the app; without scripts a button does.
pub(crate) fn form_post(
    identity: &Identity,
    visitor: &Visitor,
    action: &str,
    pairs: &[(&'static str, String)],
) -> Response {
    let shell = Shell::of(identity, visitor);
    let page = FormPost { shell: &shell, o: OauthWords::of(shell.lang()), action, pairs };
    let target = redirect::form_action(action).unwrap_or_default();
    pages::show_sending(StatusCode::OK, (&page, &shell), &target, SUBMIT_HASH)
}

/// The script of the page that posts an answer, and its hash for the content security policy.
#[cfg(test)]
const SUBMIT: &str = "document.forms[0].submit()";
const SUBMIT_HASH: &str = "sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE=";

/// What an app will be able to do, in words.
pub(crate) fn wishes(o: &'static OauthWords, scopes: Scopes) -> Vec<&'static str> {
    scopes.words().map(|scope| wish(o, scope)).collect()
}

/// What a scope lets an app do, in words.
pub(crate) fn wish(o: &'static OauthWords, scope: &str) -> &'static str {
    match scope {
        "profile" => o.scope_profile,
        "email" => o.scope_email,
        "offline_access" => o.scope_offline,
        "chat" => o.scope_chat,
        "chat.admin" => o.scope_admin,
        _ => o.scope_openid,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_just_the_script_that_submits() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SUBMIT));
        assert_eq!(SUBMIT_HASH, format!("sha256-{hash}"));
        let template = include_str!("../../templates/oauth/form_post.html");
        assert!(template.contains(&format!("<script>{SUBMIT}</script>")));
    }
}
