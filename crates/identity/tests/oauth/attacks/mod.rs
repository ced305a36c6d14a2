//! What attackers try, one try after the other, each with its name and the exact answer.

mod browsers;
mod clients;
mod devices;
mod dpop;
mod grants;
mod hints;
mod jwt;
mod parameters;
mod pkce;
mod redirects;
mod userinfo;

use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::world::{Browser, World};

/// A table of tries; says which one failed.
struct Tries(Vec<String>);

impl Tries {
    fn new() -> Self {
        Self(Vec::new())
    }

    /// Notes a try that was not answered as it must be.
    #[expect(clippy::needless_pass_by_value, reason = "tables are easier to read without `&`")]
    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, name: &str, answer: T, expected: T) {
        if answer != expected {
            self.0.push(format!("{name}: {answer:?}, expected {expected:?}"));
        }
    }

    /// All of them were.
    fn hold(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// How the authorization endpoint answers: `page 400`, or the error that the app is told.
async fn authorize(world: &World, pairs: &[(String, String)]) -> String {
    raw_authorize(world, &world.authorize_url(pairs)).await
}

async fn raw_authorize(world: &World, url: &str) -> String {
    let mut browser = Browser::default();
    browser.open(world, url).await;
    verdict(world, &browser)
}

/// What a browser was told in the end; a code or token in an address is told as such.
fn verdict(world: &World, browser: &Browser) -> String {
    if browser.address.starts_with(&world.issuer) {
        let path = browser.address[world.issuer.len()..].split('?').next().unwrap_or_default();
        return if browser.status == 200 {
            path.to_owned()
        } else {
            format!("page {}", browser.status)
        };
    }
    let told = url::Url::parse(&browser.address).unwrap();
    let pairs: std::collections::BTreeMap<_, _> = told.query_pairs().into_owned().collect();
    assert_eq!(pairs.get("iss"), Some(&world.issuer), "{}", browser.address);
    assert_eq!(told.fragment(), None, "{}", browser.address);
    match pairs.get("error") {
        Some(error) => error.clone(),
        None => format!("a code at {}", told.host_str().unwrap_or_default()),
    }
}

/// Status and `error` of a JSON answer; it is never to be kept.
async fn refusal(response: Response) -> (u16, String) {
    let status = response.status();
    assert_eq!(response.headers().get("cache-control").unwrap(), "no-store", "{status}");
    assert!(status != StatusCode::OK, "it was accepted: {}", response.text().await.unwrap());
    let body: Value = response.json().await.unwrap();
    (status.as_u16(), body["error"].as_str().unwrap_or_default().to_owned())
}

fn wrong(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}
