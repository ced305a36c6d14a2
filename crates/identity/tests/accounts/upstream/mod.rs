//! Signing in with other providers, which are real servers on this machine.

pub(crate) mod acme;
mod attacks;
mod github;
mod guard;
mod journey;
mod linking;
mod logout;
mod oidc_provider;

use std::time::{Duration, Instant};

use identity::{Settings, Upstream, UpstreamKind};
use kit::secret::Secret;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::world::{Browser, World};
use acme::Acme;

const CLIENT: &str = "tertulia";
const SECRET: &str = "a secret: with % and +";

/// What an operator writes about the provider `acme`.
pub(crate) fn acme_of(acme: &Acme) -> Upstream {
    Upstream {
        name: "acme".to_owned(),
        label: "Acme".to_owned(),
        issuer: acme.issuer.clone(),
        client_id: CLIENT.to_owned(),
        client_secret: Secret::Text(SECRET.to_owned()),
        ..Upstream::default()
    }
}

/// A service with the provider `acme`, whose word about addresses is believed.
async fn world_with(acme: &Acme, change: impl FnOnce(&mut Upstream)) -> World {
    let mut told = acme_of(acme);
    told.trust_email = true;
    change(&mut told);
    World::with(|settings: &mut Settings| settings.upstream = vec![told]).await
}

/// Clicks on the button of the page that says `text`.
pub(crate) async fn click(browser: &mut Browser<'_>, text: &str) -> u16 {
    let link = link_of(&browser.page, text);
    let link = link.unwrap_or_else(|| panic!("no link {text:?}: {}", browser.page));
    browser.open(&link).await
}

/// Where the link that says `text` leads.
fn link_of(page: &str, text: &str) -> Option<String> {
    let links = page.split("<a ").skip(1).filter_map(|rest| rest.split("</a>").next());
    let link = links.filter(|link| link.contains(text)).last()?;
    let href = link.split("href=\"").nth(1)?.split('"').next()?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Signs in by the provider `acme` from the form for signing in.
async fn by_acme(browser: &mut Browser<'_>) -> u16 {
    browser.open("/id/login").await;
    click(browser, "Continue with Acme").await
}

/// Waits until something holds, with a deadline.
async fn until(mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

/// The first column of the rows of a query, as texts.
async fn column(world: &World, sql: &str) -> Vec<String> {
    let connection = world.connection().await;
    let backend = connection.get_database_backend();
    let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect()
}

/// The details of all events of a kind in the audit, oldest first.
async fn events(world: &World, event: &str) -> Vec<String> {
    let audit = world.table("audit");
    column(world, &format!("SELECT detail FROM {audit} WHERE event = '{event}' ORDER BY seq")).await
}

/// A provider in the style of GitHub, at `url`.
fn github_at(url: &str) -> Upstream {
    Upstream {
        name: "github".to_owned(),
        label: "GitHub".to_owned(),
        kind: UpstreamKind::OAuth2,
        issuer: format!("{url}/login/oauth"),
        client_id: CLIENT.to_owned(),
        client_secret: Secret::Text(SECRET.to_owned()),
        authorization_url: Some(format!("{url}/login/oauth/authorize")),
        token_url: Some(format!("{url}/login/oauth/access_token")),
        user_url: Some(format!("{url}/user")),
        emails_url: Some(format!("{url}/user/emails")),
        scopes: vec!["read:user".to_owned(), "user:email".to_owned()],
        trust_email: true,
        ..Upstream::default()
    }
}
