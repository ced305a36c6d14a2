//! Every form of every page, found by following links: none is sent without its token or from
//! another site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use reqwest::Method;
use serde_json::json;

use crate::factors::enrol;
use crate::interactions::{authorize_path, consent_path};
use crate::sent::{PHONE, with_file};
use crate::upstream::acme::{Acme, person};
use crate::upstream::{acme_of, click};
use crate::world::{Browser, PASSWORD, World};

/// What takes a POST and is no form of ours: programs send it, with secrets and tokens of their
/// own or with none, and no cookie of a session counts there.
const FOR_PROGRAMS: &[&str] = &[
    "/federation/{provider}/logout",
    "/hooks/sms/{gateway}",
    "/oauth/authorize",
    "/oauth/device",
    "/oauth/introspect",
    "/oauth/logout",
    "/oauth/par",
    "/oauth/register",
    "/oauth/revoke",
    "/oauth/token",
    "/oauth/userinfo",
];
const PAGES_MAX: usize = 200;

/// A form: where it is sent, and the fields that are filled in already.
type Form = (String, BTreeMap<String, String>);

/// What one browser can come to.
struct Crawl<'w> {
    browser: Browser<'w>,
    forms: BTreeMap<String, BTreeMap<String, String>>,
    /// What the script of a page sends.
    scripts: BTreeSet<String>,
}

impl<'w> Crawl<'w> {
    /// Follows all links from the page that the browser shows.
    async fn from(browser: Browser<'w>) -> Self {
        let mut waiting = vec![browser.address.clone()];
        let mut seen = BTreeSet::new();
        let mut crawl = Self { browser, forms: BTreeMap::new(), scripts: BTreeSet::new() };
        crawl.note();
        while let Some(address) = waiting.pop() {
            if !seen.insert(address.clone()) {
                continue;
            }
            assert!(seen.len() <= PAGES_MAX, "does it ever end? {seen:?}");
            if crawl.browser.address != address {
                crawl.browser.open(&address).await;
                crawl.note();
            }
            waiting.extend(crawl.links());
        }
        crawl
    }

    fn links(&self) -> Vec<String> {
        let base = url::Url::parse(&self.browser.address).unwrap();
        let links = self.browser.page.split(" href=\"").skip(1).map(value);
        let links = links.map(|link| base.join(&link).unwrap());
        let own = format!("{}/id/", self.browser.world.origin);
        let links = links.filter(|link| link.as_str().starts_with(&own));
        // The way to a provider and back ends at another page each time.
        let again = |link: &url::Url| link.as_str().contains("to=account%2Fproviders%2F");
        let links = links.filter(|link| !again(link));
        let dull = ["/id/assets/", "/id/language"];
        let links = links.filter(|link| !dull.iter().any(|part| link.path().starts_with(part)));
        links
            .map(|mut link| {
                link.set_fragment(None);
                link.into()
            })
            .collect()
    }

    /// Keeps the forms of the page that the browser shows.
    fn note(&mut self) {
        for (action, fields) in forms(&self.browser.page) {
            let path = action.strip_prefix(&self.browser.world.origin).unwrap_or(&action);
            if path.starts_with("/id/") {
                self.forms.insert(path.to_owned(), fields);
            }
        }
        for attribute in ["data-options", "data-verify"] {
            let start = format!(" {attribute}=\"");
            let starts = self.browser.page.split(&start).skip(1);
            self.scripts.extend(starts.map(value));
        }
    }

    /// Sends every form in every way in which it must be refused.
    async fn attack(&mut self, stolen: &str) -> Vec<String> {
        let origin = self.browser.world.origin.clone();
        let mut wrong = Vec::new();
        for (action, fields) in self.forms.clone() {
            let without: BTreeMap<_, _> =
                fields.clone().into_iter().filter(|(name, _)| name != "csrf").collect();
            let with = |token: &str| {
                let mut fields = without.clone();
                fields.insert("csrf".to_owned(), token.to_owned());
                fields
            };
            assert!(fields.contains_key("csrf"), "{action} has no token");
            let own = ("origin", origin.clone());
            let site = |site: &str| ("sec-fetch-site", site.to_owned());
            let tries = [
                ("no token, our origin", own.clone(), without.clone()),
                ("no token, our site", site("same-origin"), without.clone()),
                ("a made-up token", own.clone(), with("nonsense")),
                ("another browser's token", own, with(stolen)),
                ("from another site", site("cross-site"), fields.clone()),
                ("from a neighbour", site("same-site"), fields.clone()),
                ("from another origin", ("origin", "https://evil.example".to_owned()), fields),
            ];
            for (name, header, fields) in tries {
                self.browser.headers = vec![header];
                let status = self.browser.go(Method::POST, &action, Some(fields)).await;
                if status != 403 {
                    wrong.push(format!("{action}, {name}: {status}"));
                }
            }
            self.browser.headers.clear();
        }
        wrong.extend(self.attack_scripts(stolen).await);
        wrong
    }

    /// The same for what scripts send.
    async fn attack_scripts(&mut self, stolen: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for action in self.scripts.clone() {
            for token in ["", "nonsense", stolen] {
                self.browser.post_json(&action, &json!({ "csrf": token })).await;
                // What is incomplete besides may be told first.
                if !(400..500).contains(&self.browser.status) {
                    wrong.push(format!("{action}, {token:?}: {}", self.browser.status));
                }
            }
        }
        wrong
    }

    /// Sends every form as it should be sent, with nothing filled in: not one is refused as
    /// forged, or the attacks would have shown nothing.
    async fn send_all(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (action, fields) in self.forms.clone() {
            let status = self.browser.go(Method::POST, &action, Some(fields)).await;
            if status == 403 || status >= 500 {
                wrong.push(format!("{action}, as it should be: {status}"));
            }
        }
        wrong
    }
}

/// The forms of a page that post.
fn forms(page: &str) -> Vec<Form> {
    let forms = page.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap());
    let posting = forms.filter(|form| form.split('>').next().unwrap().contains("method=\"post\""));
    let read = |form: &str| {
        let action = value(form.split(" action=\"").nth(1).unwrap());
        let hidden = form.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
        let hidden = hidden.filter(|tag| tag.contains("type=\"hidden\""));
        let fields = hidden.map(|tag| {
            let of = |name: &str| tag.split(&format!(" {name}=\"")).nth(1).map(value);
            (of("name").unwrap(), of("value").unwrap_or_default())
        });
        (action, fields.collect())
    };
    posting.map(read).collect()
}

/// The value of an attribute that starts here.
fn value(rest: &str) -> String {
    let value = rest.split('"').next().unwrap();
    value.replace("&amp;", "&").replace("&#38;", "&")
}

/// All paths that take a POST, as the code names them.
fn posting_routes(folder: &Path, routes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            posting_routes(&path, routes);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for rest in text.split(".route(").skip(1) {
            let call = balanced(rest);
            if !call.contains("post(") {
                continue;
            }
            let name = call.split(',').next().unwrap().trim();
            let quoted = if name.starts_with('"') {
                name
            } else {
                let constant = format!("const {name}: &str = ");
                text.split(&constant).nth(1).unwrap_or_else(|| panic!("what is {name}?"))
            };
            routes.insert(quoted.split('"').nth(1).unwrap().to_owned());
        }
    }
}

/// Up to the parenthesis that closes the call.
fn balanced(rest: &str) -> &str {
    let mut depth = 1;
    let end = rest.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    &rest[..end.unwrap_or(rest.len())]
}

fn is_of(route: &str, action: &str) -> bool {
    let action = action.strip_prefix("/id").unwrap().split('?').next().unwrap();
    let (route, action): (Vec<_>, Vec<_>) =
        (route.split('/').collect(), action.split('/').collect());
    let fits = |(route, part): (&&str, &&str)| route.starts_with('{') || route == part;
    route.len() == action.len() && route.iter().zip(&action).all(fits)
}

/// Browsers at every place from where there are forms.
async fn everybody<'w>(world: &'w World, acme: &Acme) -> Vec<Browser<'w>> {
    world.person("ana").await;
    world.person("leo").await;
    let mut nobody = world.browser();
    nobody.open("/id/login").await;
    let mut of_app = world.browser();
    of_app.open(&authorize_path(world, "login").await).await;
    let mut new = world.browser();
    new.sign_up("eva").await;
    new.open(&world.link("eva@example.org", "/verify/").await).await;
    let mut forgetful = world.browser();
    forgetful.open("/id/recover").await;
    forgetful.submit(&[("email", "leo@example.org")]).await;
    forgetful.open(&world.link("leo@example.org", "/reset/").await).await;
    let mut leo = world.browser();
    leo.sign_in("leo", PASSWORD).await;
    leo.open(&consent_path(world).await).await;
    assert!(leo.address.contains("/consent"), "{}", leo.address);
    let mut leaving = world.browser();
    leaving.sign_in("leo", PASSWORD).await;
    leaving.open("/id/oauth/logout").await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    enrol(&mut ana).await;
    ana.open("/id/account").await;
    // Without a second step, so that every page of the app opens.
    world.person("eli").await;
    let mut eli = world.browser();
    eli.sign_in("eli", PASSWORD).await;
    has_apps(&mut eli).await;
    eli.open("/id/account/providers").await;
    click(&mut eli, "Link Acme").await;
    assert_eq!(eli.submit(&[]).await, 200, "{}", eli.page);
    acme.tricks().person = person("8", "another");
    let mut device = world.browser();
    device.sign_in("eli", PASSWORD).await;
    device.open("/id/device").await;
    let mut half = world.browser();
    half.sign_in("ana", PASSWORD).await;
    assert!(half.address.contains("/login/2fa/"), "{}", half.address);
    let mut by_key = world.browser();
    by_key.sign_in("ana", PASSWORD).await;
    let page = by_key.address.replace("/totp", "/passkey");
    by_key.open(&page).await;
    let mut all =
        vec![nobody, of_app, new, forgetful, leo, leaving, ana, eli, device, half, by_key];
    all.extend(with_codes(world).await);
    all.extend(moving(world).await);
    all
}

/// Somebody who moves to another address, at the new one and at the old one.
async fn moving(world: &World) -> [Browser<'_>; 2] {
    let mut new = world.signed_in("max").await;
    new.open("/id/account/email").await;
    assert_eq!(new.submit(&[("email", "max@new.example")]).await, 200, "{}", new.page);
    new.open(&world.link("max@new.example", "/address/").await).await;
    let mut old = world.browser();
    old.open(&world.link("max@example.org", "/address/undo/").await).await;
    [new, old]
}

/// Somebody who prefers codes by mail, on the way in and inside, and somebody who adds a phone.
async fn with_codes(world: &World) -> Vec<Browser<'_>> {
    let mut mia = world.by_mail("mia").await;
    mia.open(PHONE).await;
    mia.raise("mia", 2).await;
    mia.open("/id/account/security").await;
    mia.press("/prefer").await;
    let half = world.half_in("mia", "mail").await;
    let mut noa = world.signed_in("noa").await;
    noa.open(PHONE).await;
    assert_eq!(noa.submit(&[("country", "ES"), ("number", "600111222")]).await, 200);
    vec![mia, half, noa]
}

/// Somebody with an app of their own, whose secret was changed, and another that they let in.
async fn has_apps(browser: &mut Browser<'_>) {
    browser.open(&consent_path(browser.world).await).await;
    browser.submit(&[("decision", "allow")]).await;
    browser.open("/id/account/developer/new").await;
    let uri = format!("{}/home", browser.world.origin);
    let app = [("name", "Mine"), ("kind", "server"), ("redirect_uris", &uri), ("profile", "1")];
    assert_eq!(browser.submit(&app).await, 200, "{}", browser.page);
    assert_eq!(browser.submit(&[("keep", "24")]).await, 200, "{}", browser.page);
}

#[tokio::test]
async fn no_form_of_any_page_is_sent_without_its_token_or_from_another_site() {
    let acme = Acme::open(person("7", "eli")).await;
    let world = World::configured(|config| {
        with_file(config);
        config.settings.upstream = vec![acme_of(&acme)];
    })
    .await;
    let mut stranger = world.browser();
    stranger.open("/id/login").await;
    let stolen = stranger.csrf();
    let mut crawls = Vec::new();
    for browser in everybody(&world, &acme).await {
        crawls.push(Crawl::from(browser).await);
    }
    let mut wrong = Vec::new();
    for crawl in &mut crawls {
        wrong.extend(crawl.attack(&stolen).await);
    }
    for crawl in &mut crawls {
        wrong.extend(crawl.send_all().await);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    let found: BTreeSet<&String> =
        crawls.iter().flat_map(|crawl| crawl.forms.keys().chain(&crawl.scripts)).collect();
    let mut routes = BTreeSet::new();
    posting_routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut routes);
    assert!(routes.len() > 20, "{routes:?}");
    let is_known = |route: &String| {
        FOR_PROGRAMS.contains(&route.as_str()) || found.iter().any(|form| is_of(route, form))
    };
    let missed: Vec<_> = routes.iter().filter(|route| !is_known(route)).collect();
    assert!(missed.is_empty(), "no page leads to these: {missed:?}; there are {found:#?}");
}
