//! How a client says who it is; no I/O.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::assertion;
use crate::oauth::endpoint::{INVALID_CLIENT, TokenError, refuse};
use crate::oauth::params::Params;

/// The only kind of assertion (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client shows (RFC 6749 section 2.3, OpenID Connect Core 9).
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// A public client: only its id.
    None {
        /// Who it says it is.
        client_id: String,
    },
    /// `client_secret_basic` or `client_secret_post`.
    Secret {
        /// Who it says it is.
        client_id: String,
        /// What it knows.
        secret: String,
        /// Whether it came in the `Authorization` header; then a refusal names the scheme.
        basic: bool,
    },
    /// `private_key_jwt`.
    Assertion {
        /// Who it says it is.
        client_id: String,
        /// What it signed.
        assertion: String,
    },
}

impl Credentials {
    /// Reads them from the `Authorization` header's value and the body.
    pub(crate) fn read(authorization: Option<&str>, body: &Params) -> Result<Self, TokenError> {
        let named = body.get("client_id").map(str::to_owned);
        let asserted = Self::asserted(named.as_deref(), body)?;
        let posted = body.get("client_secret");
        let ways = [authorization.is_some(), asserted.is_some(), posted.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(refuse("invalid_request", "a client proves who it is in one way only"));
        }
        if let Some(asserted) = asserted {
            return Ok(asserted);
        }
        let Some(header) = authorization else {
            let client_id = named.ok_or(INVALID_CLIENT)?;
            return Ok(match posted {
                Some(secret) => Self::Secret { client_id, secret: secret.to_owned(), basic: false },
                None => Self::None { client_id },
            });
        };
        let (client_id, secret) = basic(header).ok_or(INVALID_CLIENT)?;
        if named.is_some_and(|named| named != client_id) {
            return Err(refuse("invalid_request", "client_id is not who signed in"));
        }
        Ok(Self::Secret { client_id, secret, basic: true })
    }

    /// Who the client says it is.
    pub(crate) fn client_id(&self) -> &str {
        match self {
            Self::None { client_id }
            | Self::Secret { client_id, .. }
            | Self::Assertion { client_id, .. } => client_id,
        }
    }

    fn asserted(named: Option<&str>, body: &Params) -> Result<Option<Self>, TokenError> {
        let kind = body.get("client_assertion_type");
        let Some(assertion) = body.get("client_assertion") else {
            return match kind {
                Some(_) => Err(refuse("invalid_request", "client_assertion is required")),
                None => Ok(None),
            };
        };
        if kind != Some(ASSERTION_TYPE) {
            return Err(refuse("invalid_request", "no such client_assertion_type"));
        }
        let client_id = assertion::subject(assertion).ok_or(INVALID_CLIENT)?;
        if named.is_some_and(|named| named != client_id) {
            return Err(refuse("invalid_request", "client_id is not who signed the assertion"));
        }
        Ok(Some(Self::Assertion { client_id, assertion: assertion.to_owned() }))
    }
}

/// `Basic base64(form(id):form(secret))` (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    // A lone word is a parameter without a value, unless it has `=` or `&` in it.
    if text.contains(['=', '&']) {
        return Some(text.to_owned());
    }
    let mut words = form_urlencoded::parse(text.as_bytes());
    match (words.next(), words.next()) {
        (Some((word, _)), None) => Some(word.into_owned()),
        (None, _) => Some(String::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
    }

    fn header(id: &str, secret: &str) -> String {
        let form =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        format!("Basic {}", STANDARD.encode(format!("{}:{}", form(id), form(secret))))
    }

    #[test]
    fn a_client_proves_who_it_is_in_one_way() {
        let basic = header("app", "s");
        let read = |header: Option<&str>, body| Credentials::read(header, &params(body));
        assert!(read(Some(&basic), "client_id=app").is_ok());
        assert_eq!(read(Some(&basic), "client_secret=s").err().unwrap().code, "invalid_request");
        assert_eq!(read(Some(&basic), "client_id=other").err().unwrap().code, "invalid_request");
        assert_eq!(read(Some("Bearer x"), "client_id=app").err().unwrap().code, "invalid_client");
        assert_eq!(read(Some("Basic ###"), "").err().unwrap().code, "invalid_client");
        assert_eq!(read(None, "").err().unwrap().code, "invalid_client");
        let none = Credentials::None { client_id: "app".to_owned() };
        assert!(read(None, "client_id=app").unwrap() == none);
    }

    #[test]
    fn an_assertion_stands_alone_and_names_its_client() {
        // {"alg":"ES256"} {"sub":"app"}
        let jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhcHAifQ.AA";
        let kind = ASSERTION_TYPE.replace(':', "%3A");
        let body = format!("client_assertion_type={kind}&client_assertion={jwt}");
        let read = |header: Option<&str>, body: &str| Credentials::read(header, &params(body));
        assert_eq!(read(None, &body).unwrap().client_id(), "app");
        assert!(read(None, &format!("{body}&client_id=app")).is_ok());
        for (header, body, code) in [
            (None, format!("{body}&client_id=other"), "invalid_request"),
            (None, format!("{body}&client_secret=s"), "invalid_request"),
            (Some(self::header("app", "s")), body.clone(), "invalid_request"),
            (None, format!("client_assertion={jwt}"), "invalid_request"),
            (None, format!("client_assertion_type={kind}"), "invalid_request"),
            (None, format!("client_assertion_type={kind}&client_assertion=x"), "invalid_client"),
        ] {
            assert_eq!(read(header.as_deref(), &body).err().unwrap().code, code, "{body}");
        }
    }

    proptest! {
        #[test]
        fn what_a_client_writes_is_read(id in "[^\u{FFFD}]{1,20}", secret in "[^\u{FFFD}]{1,40}") {
            let read = Credentials::read(Some(&header(&id, &secret)), &Params::default());
            let expected = Credentials::Secret { client_id: id, secret, basic: true };
            prop_assert!(read.ok() == Some(expected));
        }

        #[test]
        fn any_header_is_read_or_refused(header in any::<String>(), body in any::<Vec<u8>>()) {
            if let Ok(body) = Params::parse(&body) {
                let _ = Credentials::read(Some(&header), &body);
            }
        }
    }
}
