//! Cookies with the names and flags of a service's origin.
//!
//! On https a cookie is `__Host-<name>` and `Secure`. On plain-http loopback it has the port in
//! its name, because cookies ignore ports and two programs on one machine would share them.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue, header};
use url::Url;

/// How long a cookie lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Until the browser closes.
    Session,
    /// So many seconds.
    Seconds(u64),
    /// Removed now.
    Gone,
}

/// The name that the cookie `name` has on the origin of `public_url`.
pub fn name(public_url: &Url, name: &str) -> String {
    if public_url.scheme() == "https" {
        format!("__Host-{name}")
    } else {
        format!("{name}-{}", public_url.port_or_known_default().unwrap_or(80))
    }
}

/// The value of the cookie `name` on this origin, when the request has exactly one.
pub fn read<'h>(headers: &'h HeaderMap, public_url: &Url, name: &str) -> Option<&'h str> {
    let wanted = self::name(public_url, name);
    let mut found = None;
    for line in headers.get_all(header::COOKIE) {
        // Cookies of other programs on this host may be anything.
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let Ok(pair) = std::str::from_utf8(pair) else { continue };
            let Some((key, value)) = pair.trim().split_once('=') else { continue };
            if key == wanted {
                if found.is_some() {
                    return None;
                }
                found = Some(value);
            }
        }
    }
    found
}

/// The `Set-Cookie` value: `HttpOnly`, `SameSite=Lax`, `Path=/`, and `Secure` on https.
/// `value` must be of token characters; ours are base64url.
pub fn set(public_url: &Url, name: &str, value: &str, life: Life) -> HeaderValue {
    let mut text =
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", self::name(public_url, name));
    if public_url.scheme() == "https" {
        text.push_str("; Secure");
    }
    match life {
        Life::Session => {}
        Life::Seconds(seconds) => {
            let _ = write!(text, "; Max-Age={seconds}");
        }
        Life::Gone => text.push_str("; Max-Age=0"),
    }
    HeaderValue::from_str(&text).expect("cookie values are base64url")
}

/// Whether the request says that it comes from a page of `public_url`'s own origin.
pub fn same_origin(headers: &HeaderMap, public_url: &Url) -> bool {
    let own = public_url.origin().ascii_serialization();
    headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == own.as_bytes())
}

/// Whether an address is this machine itself, by name or number.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A cookie is found among all others, and not when there are two of its name.
        #[test]
        fn a_cookie_is_read_when_there_is_one(
            value in "[A-Za-z0-9_=-]{0,40}",
            others in proptest::collection::vec("[ -:<-~]{0,20}", 0..6),
            at in 0..6usize,
            twice: bool,
        ) {
            let url = Url::parse("https://chat.example").unwrap();
            prop_assume!(others.iter().all(|other| !other.contains("__Host-sid")));
            let own = format!("__Host-sid={value}");
            let mut pairs = others;
            pairs.insert(at.min(pairs.len()), own.clone());
            if twice {
                pairs.push(own);
            }
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(&pairs.join("; ")).unwrap());
            let expected = (!twice).then_some(value.as_str());
            prop_assert_eq!(read(&headers, &url, "sid"), expected);
        }
    }

    #[test]
    fn on_https_the_cookie_is_bound_to_the_host() {
        let url = Url::parse("https://chat.example").unwrap();
        let cookie = set(&url, "tertulia", "x", Life::Session);
        assert_eq!(cookie, "__Host-tertulia=x; Path=/; HttpOnly; SameSite=Lax; Secure");
    }

    #[test]
    fn on_loopback_the_port_is_in_the_name_and_twice_the_same_name_is_nothing() {
        let url = Url::parse("http://localhost:8080").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; tertulia-8080=x"));
        assert_eq!(read(&headers, &url, "tertulia"), Some("x"));
        headers.append(header::COOKIE, HeaderValue::from_static("tertulia-8080=y"));
        assert_eq!(read(&headers, &url, "tertulia"), None);
    }
}
