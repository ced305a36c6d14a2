//! HTTP as a client sees it: one answer with status, headers and body.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// Sends `request` and reads the answer to its end.
    pub async fn of(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let (client, request) = request.build_split();
        let request = request?;
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = client.execute(request).await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self { asked, status, headers, text, body })
    }

    /// The body, when the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self.body
    }

    /// Asserts an RFC 9457 problem of this status and kind.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        let kind_of_body = self.header("content-type");
        assert!(kind_of_body.starts_with("application/problem+json"), "{}", self.asked);
        assert_eq!(self.body["kind"], kind, "{}: {}", self.asked, self.text);
        assert_eq!(self.body["status"], status, "{}: {}", self.asked, self.text);
        for field in ["type", "title", "instance"] {
            assert!(self.body[field].is_string(), "{} has no {field}: {}", self.asked, self.text);
        }
    }

    /// A header, or the empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A client that finds `localhost` at 127.0.0.1, follows no redirect and reuses connections.
pub fn new(port: u16) -> reqwest::Client {
    reqwest::Client::builder()
        .resolve("localhost", ([127, 0, 0, 1], port).into())
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .expect("a client without TLS options can be built")
}

/// A method by its name.
pub fn method(name: &str) -> Method {
    Method::from_bytes(name.to_uppercase().as_bytes()).expect("a method of HTTP")
}
