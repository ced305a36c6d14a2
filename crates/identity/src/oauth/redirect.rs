//! Where an answer may be sent: the rules for redirect URIs, and the answer's URL.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use url::{Host, Url, form_urlencoded};

/// Longest redirect URI, bytes.
pub(crate) const URI_BYTES_MAX: usize = 2048;

/// Why a URI cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UriError {
    /// Not an absolute URI, or longer than we keep.
    #[error("it is not an absolute URI of at most {URI_BYTES_MAX} bytes")]
    NotAbsolute,
    /// Parts that have no place in a redirect URI.
    #[error("it has a fragment, a user name, a wildcard or a backslash")]
    Parts,
    /// Neither https nor the machine of the person who signs in.
    #[error("only https is allowed, or http on 127.0.0.1, [::1] or localhost")]
    Insecure,
    /// A machine on the internet without a name.
    #[error("its host is an address and not a name")]
    Nameless,
    /// What only an app on its person's own device can receive.
    #[error("an app that is not native has only https addresses")]
    NotNative,
}

/// Whether `uri` may be registered: https, or http on the loopback interface (RFC 8252 section
/// 7.3), or an app's own scheme with a dot in it (section 7.1).
pub(crate) fn registrable(uri: &str) -> Result<(), UriError> {
    if uri.len() > URI_BYTES_MAX || uri.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(UriError::NotAbsolute);
    }
    if uri.contains(['#', '*', '\\']) {
        return Err(UriError::Parts);
    }
    let url = Url::parse(uri).map_err(|_| UriError::NotAbsolute)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UriError::Parts);
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        scheme if scheme.contains('.') => Ok(()),
        _ => Err(UriError::Insecure),
    }
}

/// Whether an app that nobody checked may register `uri`. Such an app has a name on the internet,
/// or it is native and receives the answer on its person's device: by a loopback address or its
/// own scheme. `here` says that this server is for its own machine only; there everything else on
/// this machine will do, too.
pub(crate) fn registrable_by_others(uri: &str, native: bool, here: bool) -> Result<(), UriError> {
    registrable(uri)?;
    let url = Url::parse(uri).map_err(|_| UriError::NotAbsolute)?;
    match (url.scheme(), url.host()) {
        ("https", Some(Host::Domain(_))) => Ok(()),
        ("https", _) if here && is_loopback(&url) => Ok(()),
        ("https", _) => Err(UriError::Nameless),
        // `localhost` may resolve to another machine (RFC 8252 section 8.3).
        ("http", Some(Host::Domain(_))) if !here => Err(UriError::Insecure),
        _ if native || (here && url.scheme() == "http") => Ok(()),
        _ => Err(UriError::NotNative),
    }
}

/// Whether people can be sent to the page `uri`.
pub(crate) fn page(uri: &str, here: bool) -> Result<(), UriError> {
    let url = Url::parse(uri).map_err(|_| UriError::NotAbsolute)?;
    let secure = url.scheme() == "https" || (here && url.scheme() == "http" && is_loopback(&url));
    let plain = url.username().is_empty() && url.password().is_none();
    match (secure, plain) {
        (true, true) => Ok(()),
        (true, false) => Err(UriError::Parts),
        (false, _) => Err(UriError::Insecure),
    }
}

/// Whether `asked` is the `registered` URI: the same characters, except that an app on a loopback
/// *address* may listen on any port (RFC 8252 section 7.3).
pub(crate) fn matches(registered: &str, asked: &str) -> bool {
    registered == asked || any_port(registered).is_some_and(|one| any_port(asked) == Some(one))
}

/// Sends the browser to `url`, which is kept nowhere on the way; nothing if no header can carry it.
pub(super) fn see_other(url: &str) -> Option<Response> {
    let headers = [
        (header::LOCATION, HeaderValue::from_str(url).ok()?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Some((StatusCode::SEE_OTHER, headers).into_response())
}

/// `url` with `pairs` added to its query.
pub(crate) fn with_query(uri: &str, pairs: &[(&str, String)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    let joint = match uri.find('?') {
        None => "?",
        Some(at) if at + 1 == uri.len() => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{}", query.finish())
}

/// What a page's `form-action` needs so that a form may end at `uri`; never anything that could
/// end the directive.
pub(crate) fn form_action(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    match url.scheme() {
        "http" | "https" => Some(url.origin().ascii_serialization()),
        scheme => Some(format!("{scheme}:")),
    }
}

/// The parts of a loopback-address URI without its port.
fn any_port(uri: &str) -> Option<(String, String)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let numbered = port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    (port.is_empty() || numbered).then(|| (host.to_owned(), path.to_owned()))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_may_be_registered() {
        let good = [
            "https://app.example/cb",
            "https://app.example/cb?x=1",
            "http://127.0.0.1/cb",
            "http://localhost:3000/cb",
            "http://[::1]:9/cb",
            "com.example.app:/cb",
        ];
        for uri in good {
            assert_eq!(registrable(uri), Ok(()), "{uri}");
        }
        let bad = [
            "/cb",
            "http://app.example/cb",
            "https://app.example/#x",
            "https://*.example/cb",
            "https://a:b@app.example/",
            "https://app.example\\@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            "https://app.example/ cb",
            "http://127.0.0.1.example/",
        ];
        for uri in bad {
            assert!(registrable(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn a_uri_matches_by_its_characters() {
        assert!(matches("https://app.example/cb", "https://app.example/cb"));
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?x",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/%63b",
            "https://app.example.evil/cb",
        ] {
            assert!(!matches("https://app.example/cb", other), "{other}");
        }
    }

    #[test]
    fn only_a_loopback_address_may_change_its_port() {
        assert!(matches("http://127.0.0.1/cb", "http://127.0.0.1:4711/cb"));
        assert!(matches("http://[::1]:1/cb", "http://[::1]:2/cb"));
        for other in [
            "http://127.0.0.1:4711/other",
            "http://127.0.0.1:x/cb",
            "http://[::1]/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "https://127.0.0.1:4711/cb",
            "http://127.0.0.1:99999/cb",
        ] {
            assert!(!matches("http://127.0.0.1/cb", other), "{other}");
        }
        assert!(!matches("http://localhost:1/cb", "http://localhost:2/cb"));
        assert!(!matches("https://app.example:1/cb", "https://app.example:2/cb"));
    }

    #[test]
    fn an_app_that_nobody_checked_has_a_name_or_is_on_its_person_s_device() {
        let check = |uri: &str, native, here| registrable_by_others(uri, native, here);
        for native in [false, true] {
            assert_eq!(check("https://app.example/cb", native, false), Ok(()));
            for uri in ["https://1.1.1.1/cb", "https://10.0.0.1/cb", "https://[::1]/cb"] {
                assert_eq!(check(uri, native, false), Err(UriError::Nameless), "{uri}");
            }
            for uri in ["http://localhost/cb", "http://app.example/cb", "javascript:alert(1)"] {
                assert_eq!(check(uri, native, false), Err(UriError::Insecure), "{uri}");
            }
            for uri in ["https://*.example/", "https://a.example/#", "https://a:b@a.example/"] {
                assert_eq!(check(uri, native, true), Err(UriError::Parts), "{uri}");
            }
            assert_eq!(check("http://localhost:8080/cb", native, true), Ok(()));
            assert_eq!(check("http://127.0.0.1:8080/cb", native, true), Ok(()));
        }
        for uri in ["http://127.0.0.1/cb", "http://[::1]/cb", "org.example.app:/cb"] {
            assert_eq!(check(uri, true, false), Ok(()), "{uri}");
            assert_eq!(check(uri, false, false), Err(UriError::NotNative), "{uri}");
        }
        assert_eq!(check("org.example.app:/cb", false, true), Err(UriError::NotNative));
    }

    #[test]
    fn a_page_of_an_app_is_secure() {
        assert_eq!(page("https://app.example/about#us", false), Ok(()));
        assert_eq!(page("http://localhost/", true), Ok(()));
        for uri in ["http://app.example/", "javascript:alert(1)", "data:,x", "http://localhost/"] {
            assert_eq!(page(uri, false), Err(UriError::Insecure), "{uri}");
        }
        assert_eq!(page("https://a@app.example/", false), Err(UriError::Parts));
    }

    #[test]
    fn an_answer_keeps_the_registered_query() {
        let pairs = [("code", "a b&c".to_owned())];
        assert_eq!(with_query("https://a.example/cb", &pairs), "https://a.example/cb?code=a+b%26c");
        assert_eq!(
            with_query("https://a.example/?x=1", &pairs),
            "https://a.example/?x=1&code=a+b%26c"
        );
        assert_eq!(with_query("https://a.example/?", &pairs), "https://a.example/?code=a+b%26c");
    }

    proptest! {
        #[test]
        fn an_answer_never_leaves_the_registered_origin(
            state in any::<String>(),
            path in "[a-z/]{0,9}",
        ) {
            let uri = format!("https://app.example/{path}");
            let answer = Url::parse(&with_query(&uri, &[("state", state.clone())])).unwrap();
            prop_assert_eq!(answer.origin(), Url::parse(&uri).unwrap().origin());
            let told = answer.query_pairs().next().map(|(_, value)| value.into_owned());
            prop_assert_eq!(told, Some(state));
        }

        #[test]
        fn a_match_has_the_registered_host(asked in "http://127\\.0\\.0\\.1[:@./a-z0-9]{0,12}") {
            if matches("http://127.0.0.1/cb", &asked) {
                let url = Url::parse(&asked).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), "/cb");
            }
        }
    }
}
