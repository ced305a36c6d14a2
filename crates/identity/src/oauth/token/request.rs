//! What a client sends to the token endpoint, and who it says it is; no I/O.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use crate::oauth::params::Params;
use crate::oauth::pkce;

/// An error of the token endpoint (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub(crate) struct TokenError {
    /// The word of the specification.
    pub code: &'static str,
    /// For the client's developer.
    pub description: &'static str,
}

/// Makes a [`TokenError`].
pub(crate) const fn refuse(code: &'static str, description: &'static str) -> TokenError {
    TokenError { code, description }
}

/// The client was not recognised; the same words whatever the reason.
pub(crate) const INVALID_CLIENT: TokenError =
    refuse("invalid_client", "the client is not known or its secret is wrong");
/// The code or token is of no use; the same words whatever the reason.
pub(crate) const INVALID_GRANT: TokenError =
    refuse("invalid_grant", "it is not valid, has expired, was used or belongs to another client");

/// How a client says who it is (RFC 6749 section 2.3, OpenID Connect Core 9).
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
}

impl Credentials {
    /// Reads them from the `Authorization` header's value and the body.
    pub(crate) fn read(authorization: Option<&str>, body: &Params) -> Result<Self, TokenError> {
        let named = body.get("client_id").map(str::to_owned);
        let posted = body.get("client_secret");
        let Some(header) = authorization else {
            let client_id = named.ok_or(INVALID_CLIENT)?;
            return Ok(match posted {
                Some(secret) => Self::Secret { client_id, secret: secret.to_owned(), basic: false },
                None => Self::None { client_id },
            });
        };
        if posted.is_some() {
            return Err(refuse("invalid_request", "a client proves who it is in one way only"));
        }
        let (client_id, secret) = basic(header).ok_or(INVALID_CLIENT)?;
        if named.is_some_and(|named| named != client_id) {
            return Err(refuse("invalid_request", "client_id is not who signed in"));
        }
        Ok(Self::Secret { client_id, secret, basic: true })
    }

    /// Who the client says it is.
    pub(crate) fn client_id(&self) -> &str {
        match self {
            Self::None { client_id } | Self::Secret { client_id, .. } => client_id,
        }
    }
}

/// What is exchanged for tokens.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    /// An authorization code.
    Code {
        /// The code.
        code: String,
        /// Where it was sent.
        redirect_uri: String,
        /// What its challenge was made of.
        verifier: String,
    },
    /// A refresh token.
    Refresh {
        /// The token.
        token: String,
        /// Fewer scopes for this access token only.
        scope: Option<String>,
    },
}

impl Grant {
    /// Reads the grant from the body.
    pub(crate) fn read(body: &Params) -> Result<Self, TokenError> {
        if body.repeated().is_some() {
            return Err(refuse("invalid_request", "a parameter is given twice"));
        }
        let need = |name: &str, missing| {
            body.get(name).map(str::to_owned).ok_or(refuse("invalid_request", missing))
        };
        match body.get("grant_type") {
            Some("authorization_code") => Ok(Self::Code {
                code: need("code", "code is required")?,
                redirect_uri: need("redirect_uri", "redirect_uri is required")?,
                verifier: verifier(&need("code_verifier", "code_verifier is required")?)?,
            }),
            Some("refresh_token") => Ok(Self::Refresh {
                token: need("refresh_token", "refresh_token is required")?,
                scope: body.get("scope").map(str::to_owned),
            }),
            Some(_) => Err(refuse("unsupported_grant_type", "no such grant_type")),
            None => Err(refuse("invalid_request", "grant_type is required")),
        }
    }
}

fn verifier(text: &str) -> Result<String, TokenError> {
    if pkce::is_verifier(text) {
        return Ok(text.to_owned());
    }
    Err(refuse("invalid_request", "code_verifier must have 43 to 128 unreserved characters"))
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
    fn a_grant_needs_all_its_parts_once() {
        let verifier = "v".repeat(43);
        let code =
            format!("grant_type=authorization_code&code=c&redirect_uri=r&code_verifier={verifier}");
        assert!(Grant::read(&params(&code)).is_ok());
        let cases = [
            ("", "invalid_request"),
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=authorization_code&code=c", "invalid_request"),
            ("grant_type=authorization_code&code=c&redirect_uri=r", "invalid_request"),
            (
                "grant_type=authorization_code&code=c&redirect_uri=r&code_verifier=v",
                "invalid_request",
            ),
            ("grant_type=refresh_token", "invalid_request"),
            ("grant_type=refresh_token&refresh_token=a&refresh_token=a", "invalid_request"),
        ];
        for (body, code) in cases {
            assert_eq!(Grant::read(&params(body)).err().unwrap().code, code, "{body}");
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
                let _ = Grant::read(&body);
            }
        }
    }
}
