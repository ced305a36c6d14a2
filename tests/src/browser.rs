//! A browser without a screen: cookies, redirects and forms, for pages that need no script.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use crate::client::Answer;
use crate::server::TestServer;

/// One browser profile on one server.
#[derive(Debug)]
pub struct Browser {
    client: reqwest::Client,
    origin: String,
    /// Addresses that begin with this are shown without being opened: an app of nobody's.
    stop_at: Option<String>,
    cookies: BTreeMap<String, String>,
    /// The address shown.
    pub address: String,
    /// The page shown.
    pub page: String,
}

impl Browser {
    /// A fresh profile.
    pub fn new(server: &TestServer) -> Self {
        Self::at(server.client().clone(), server.url(""))
    }

    /// A fresh profile for the pages of any origin.
    pub fn at(client: reqwest::Client, origin: String) -> Self {
        let (cookies, address, page, stop_at) = Default::default();
        Self { client, origin, stop_at, cookies, address, page }
    }

    /// Stops where a redirect leads to an address that begins like this.
    pub fn stopping_at(mut self, address: &str) -> Self {
        self.stop_at = Some(address.to_owned());
        self
    }

    /// Opens a page, following redirects.
    pub async fn open(&mut self, path: &str) -> u16 {
        self.go(Method::GET, path, None).await
    }

    /// Sends the form of the page shown: its hidden fields, and these.
    pub async fn submit(&mut self, fields: &[(&str, &str)]) -> u16 {
        self.send(Form::first(&self.page), fields).await
    }

    /// The same with the first form that asks for all of these.
    pub async fn fill_in(&mut self, fields: &[(&str, &str)]) -> u16 {
        let asks =
            |form: &str| fields.iter().all(|(name, _)| form.contains(&format!("name=\"{name}\"")));
        self.send(Form::found(&self.page, asks), fields).await
    }

    /// Presses the button of the form that is sent to this address.
    pub async fn press(&mut self, action: &str) -> u16 {
        let to = format!("action=\"{action}\"");
        self.send(Form::found(&self.page, |form| form.contains(&to)), &[]).await
    }

    async fn send(&mut self, form: Form, fields: &[(&str, &str)]) -> u16 {
        let mut all: BTreeMap<String, String> = form.hidden.into_iter().collect();
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let action = match form.action {
            Some(action) if !action.is_empty() => action,
            _ => self.address.clone(),
        };
        self.go(Method::POST, &action, Some(all)).await
    }

    /// Signs in through identity's form, to the chat's first page.
    pub async fn sign_in(&mut self, username: &str, password: &str) {
        let status = self.open("/auth/login?return_to=/").await;
        assert_eq!(status, 200, "the form of {}: {}", self.address, self.page);
        let status = self.submit(&[("username", username), ("password", password)]).await;
        assert_eq!(status, 200, "after the form, {}: {}", self.address, self.page);
        let me = self.api("GET", "/api/me", None).await;
        me.expect(200);
    }

    /// A request of the web client: same origin, with the header against forgery.
    pub async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = self.request(crate::client::method(method), path);
        let mut request = request.header("origin", &self.origin).header("x-tertulia-csrf", "1");
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request).await.expect("the server answers")
    }

    /// Begins a request with the cookies and nothing else.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.absolute(path)).header("cookie", self.cookie_header())
    }

    /// All cookies as one header.
    pub fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// The names of the cookies.
    pub fn cookie_names(&self) -> Vec<&str> {
        self.cookies.keys().map(String::as_str).collect()
    }

    async fn go(
        &mut self,
        method: Method,
        path: &str,
        form: Option<BTreeMap<String, String>>,
    ) -> u16 {
        let mut request = self.request(method, path).header("origin", &self.origin);
        if let Some(form) = form {
            request = request.form(&form);
        }
        self.address = self.absolute(path);
        let mut answer = Answer::of(request).await.expect("the server answers");
        for _ in 0..20 {
            self.keep_cookies(&answer);
            if !(300..400).contains(&answer.status) {
                self.page = answer.text;
                return answer.status;
            }
            let base = url::Url::parse(&self.address).expect("an address");
            let next = base.join(answer.header("location")).expect("a location");
            self.address = next.into();
            if self.stop_at.as_deref().is_some_and(|stop| self.address.starts_with(stop)) {
                return answer.status;
            }
            let request = self.request(Method::GET, &self.address.clone());
            answer = Answer::of(request).await.expect("the server answers");
        }
        panic!("too many redirects, now at {}", self.address);
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for value in answer.headers.get_all("set-cookie") {
            let value = value.to_str().expect("a cookie is ASCII");
            let (pair, attributes) = value.split_once(';').unwrap_or((value, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            let attributes = attributes.to_lowercase();
            let gone = attributes.contains("max-age=0") || attributes.contains("1970");
            if gone || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.origin) }
    }
}

/// The first form of a page that is sent with POST.
struct Form {
    action: Option<String>,
    hidden: Vec<(String, String)>,
}

impl Form {
    fn first(page: &str) -> Self {
        Self::found(page, |_| true)
    }

    fn found(page: &str, fits: impl Fn(&str) -> bool) -> Self {
        let forms = page.split("<form").skip(1);
        let forms = forms.map(|rest| rest.split("</form>").next().unwrap_or(rest));
        let posts = |form: &&str| {
            let head = form.split('>').next().unwrap_or_default();
            attribute(head, "method").is_some_and(|m| m.eq_ignore_ascii_case("post"))
        };
        let form = forms.into_iter().filter(posts).find(|form| fits(form));
        let form = form.unwrap_or_else(|| panic!("no form on this page: {page}"));
        let head = form.split('>').next().unwrap_or_default();
        let inputs = form.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or(""));
        let hidden = inputs.filter(|tag| attribute(tag, "type").as_deref() == Some("hidden"));
        let hidden = hidden.filter_map(|tag| {
            Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
        });
        Self { action: attribute(head, "action"), hidden: hidden.collect() }
    }
}

/// The value of an attribute in a tag, with the entities of HTML undone.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[at..at + tag[at..].find('"')?];
    let value = value.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#x2F;", "/");
    let value = value.replace("&#x27;", "'").replace("&#39;", "'").replace("&#38;", "&");
    let value = value.replace("&lt;", "<").replace("&gt;", ">").replace("&#61;", "=");
    Some(value.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_is_posted_is_found_with_its_hidden_fields() {
        let page = r#"<form action="/search" method="get"></form>
            <form class="x" method="post" action="/login?a=1&amp;b=2">
            <input type="hidden" name="csrf" value="t&#39;"><input name="username"></form>"#;
        let form = Form::first(page);
        assert_eq!(form.action.as_deref(), Some("/login?a=1&b=2"));
        assert_eq!(form.hidden, [("csrf".to_owned(), "t'".to_owned())]);
    }
}
