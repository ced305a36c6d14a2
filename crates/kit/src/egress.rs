//! Asking URLs that strangers wrote: a guard against requests into our own network.
//!
//! Whoever registers an app names URLs that this server then visits (its keys, its logout
//! address). Nothing of that may reach this machine or the network behind it, so the guard looks
//! at every address a name resolves to and connects only to the ones it has looked at; a name that
//! resolves differently the next time gains nothing. It follows no redirect, speaks only https,
//! waits 3 s, and reads no more than it was told to.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Method, RequestBuilder, Response};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::network::{Network, is_special};

/// How long one request may take, from the question about its name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Where requests to URLs of others may go.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EgressConfig {
    /// Host names and networks (such as `10.1.0.0/16`) inside of our own network that URLs of
    /// apps may name; plain http is good enough for them.
    pub allow: Vec<String>,
}

impl EgressConfig {
    /// The same, and this machine itself: for a server that only this machine uses.
    pub fn with_loopback(mut self) -> Self {
        self.allow.extend(["127.0.0.0/8".to_owned(), "::1".to_owned()]);
        self
    }
}

/// Why a URL was not asked, or why its answer is of no use.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// The URL itself is refused.
    #[error("{0}")]
    Refused(&'static str),
    /// No connection, or none to an address that may be visited; or too slow.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// Anything but success; a redirect too.
    #[error("it answered {0}")]
    Status(u16),
    /// More than was asked for.
    #[error("it answered more than {0} bytes")]
    TooLong(usize),
    /// Not what it should be.
    #[error("its answer cannot be read: {0}")]
    Unreadable(String),
}

/// The guard. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Guard {
    client: Client,
    allowed: Arc<Allowed>,
}

#[derive(Debug, Default)]
struct Allowed {
    names: Vec<String>,
    networks: Vec<Network>,
}

impl Guard {
    /// A guard with these exceptions.
    pub fn new(config: &EgressConfig) -> Self {
        let mut allowed = Allowed::default();
        for text in &config.allow {
            match Network::parse(text) {
                Some(network) => allowed.networks.push(network),
                None => allowed.names.push(text.to_ascii_lowercase()),
            }
        }
        let allowed = Arc::new(allowed);
        let client = Client::builder()
            .dns_resolver(Checked(Arc::clone(&allowed)))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(TIMEOUT)
            .build()
            .expect("a client without files or proxies can be built");
        Self { client, allowed }
    }

    /// A request to read `url`, to be sent by the caller.
    pub fn get(&self, url: &str) -> Result<RequestBuilder, EgressError> {
        self.request(Method::GET, url)
    }

    /// A request that sends something to `url`, to be filled and sent by the caller.
    pub fn post(&self, url: &str) -> Result<RequestBuilder, EgressError> {
        self.request(Method::POST, url)
    }

    /// The JSON at `url`, if it has at most `bytes_max` bytes.
    pub async fn get_json<T: DeserializeOwned>(
        &self,
        url: &str,
        bytes_max: usize,
    ) -> Result<T, EgressError> {
        let response = self.get(url)?.send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(EgressError::Status(response.status().as_u16()));
        }
        let body = body(response, bytes_max).await?;
        serde_json::from_slice(&body).map_err(|error| EgressError::Unreadable(error.to_string()))
    }

    /// Whether `url` may be asked, as far as the URL itself tells: https and a name, or an
    /// exception. What the name resolves to is looked at when it is asked.
    pub fn check(&self, url: &str) -> Result<Url, EgressError> {
        let url = Url::parse(url).map_err(|_| EgressError::Refused("it is not a URL"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::Refused("it has a user name or a password in it"));
        }
        let host = url.host().ok_or(EgressError::Refused("it has no host"))?;
        let excepted = self.allowed.host(&host);
        match (url.scheme(), host) {
            ("https" | "http", _) if excepted => Ok(url),
            ("https", Host::Domain(_)) => Ok(url),
            ("https", _) => Err(EgressError::Refused("its host is an address and not a name")),
            _ => Err(EgressError::Refused("it is not https")),
        }
    }

    // The client itself stays in here: it asks addresses in a URL without asking the resolver.
    fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, EgressError> {
        Ok(self.client.request(method, self.check(url)?))
    }
}

/// The body of `response`, if it has at most `bytes_max` bytes.
pub async fn body(mut response: Response, bytes_max: usize) -> Result<Vec<u8>, EgressError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(EgressError::TooLong(bytes_max));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The error of a request with all its causes; the last one tells what happened.
pub fn unreachable(error: reqwest::Error) -> EgressError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    EgressError::Unreachable(text)
}

impl Allowed {
    fn host(&self, host: &Host<&str>) -> bool {
        match host {
            Host::Ipv4(ip) => self.network(IpAddr::V4(*ip)),
            Host::Ipv6(ip) => self.network(IpAddr::V6(*ip)),
            Host::Domain(name) => {
                let here = *name == "localhost" && self.network(IpAddr::from([127, 0, 0, 1]));
                here || self.name(name)
            }
        }
    }

    fn name(&self, name: &str) -> bool {
        self.names.iter().any(|allowed| allowed == name)
    }

    fn network(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(ip.to_canonical()))
    }
}

/// Resolves names as the machine does, and keeps only addresses that may be visited.
struct Checked(Arc<Allowed>);

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            let name = name.as_str().to_ascii_lowercase();
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let may = |at: &SocketAddr| {
                allowed.name(&name) || allowed.network(at.ip()) || !is_special(at.ip())
            };
            let good: Vec<SocketAddr> = found.filter(may).collect();
            if good.is_empty() {
                return Err(io::Error::other("its address is not one of the internet").into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::response::Redirect;
    use axum::routing::get;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::net::TcpListener;

    fn guard(allow: &[&str]) -> Guard {
        Guard::new(&EgressConfig { allow: allow.iter().map(|text| (*text).to_owned()).collect() })
    }

    /// A server on this machine; its port, and how many connections it has had.
    async fn listener() -> (u16, Arc<AtomicUsize>) {
        let seen = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&seen);
        let one_more = move || {
            count.fetch_add(1, Ordering::SeqCst);
            async { r#"{"keys":[]}"# }
        };
        let app = Router::new()
            .route("/keys", get(one_more))
            .route("/away", get(|| async { Redirect::to("/keys") }))
            .route("/long", get(|| async { "\"".repeat(5000) }))
            .route("/slow", get(std::future::pending::<&str>));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (port, seen)
    }

    #[test]
    fn only_https_to_a_name_passes_without_an_exception() {
        let guard = guard(&["10.1.0.0/16", "keys.internal"]);
        let good = [
            "https://app.example/keys",
            "https://app.example:8443/",
            "http://10.1.2.3/",
            "https://10.1.2.3/",
            "http://keys.internal/",
            "http://KEYS.internal:8080/",
        ];
        for url in good {
            assert!(guard.check(url).is_ok(), "{url}");
        }
        let bad = [
            "",
            "/keys",
            "http://app.example/",
            "ftp://app.example/",
            "file:///etc/passwd",
            "gopher://app.example/",
            "https://a:b@app.example/",
            "https://1.1.1.1/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://[::1]/",
            "https://[::ffff:10.2.0.1]/",
            "https://[2606:4700::1111]/",
            "http://localhost/",
            "http://10.2.0.1/",
            "http://keys.internal.example/",
        ];
        for url in bad {
            assert!(guard.check(url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_never_connected_to() {
        let (port, seen) = listener().await;
        let url = format!("https://localhost:{port}/keys");
        let refused = guard(&[]).get_json::<serde_json::Value>(&url, 100).await.unwrap_err();
        assert!(refused.to_string().contains("not one of the internet"), "{refused}");
        assert_eq!(seen.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn an_exception_is_asked_within_its_bounds() {
        let (port, seen) = listener().await;
        let by_address = guard(&["127.0.0.1"]);
        let keys = by_address
            .get_json::<serde_json::Value>(&format!("http://127.0.0.1:{port}/keys"), 100)
            .await
            .unwrap();
        assert_eq!(keys["keys"], serde_json::json!([]));
        let url = format!("http://localhost:{port}/keys");
        assert!(by_address.get_json::<serde_json::Value>(&url, 100).await.is_ok());
        assert_eq!(seen.load(Ordering::SeqCst), 2);
        let away = format!("http://127.0.0.1:{port}/away");
        let refused = by_address.get_json::<serde_json::Value>(&away, 100).await.unwrap_err();
        assert!(matches!(refused, EgressError::Status(303)), "{refused}");
        let long = format!("http://127.0.0.1:{port}/long");
        let refused = by_address.get_json::<serde_json::Value>(&long, 4096).await.unwrap_err();
        assert!(matches!(refused, EgressError::TooLong(4096)), "{refused}");
        assert_eq!(seen.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_is_given_up() {
        let (port, _) = listener().await;
        let url = format!("http://127.0.0.1:{port}/slow");
        let begun = std::time::Instant::now();
        let refused = guard(&["127.0.0.1"]).get_json::<serde_json::Value>(&url, 100).await;
        assert!(matches!(refused, Err(EgressError::Unreachable(_))));
        assert!(begun.elapsed() < TIMEOUT * 2);
    }
}
