//! What a client sends to the token endpoint; no I/O.

use crate::oauth::endpoint::{TokenError, refuse};
use crate::oauth::params::Params;
use crate::oauth::{device, pkce};

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
    /// The code of a device whose person decides elsewhere.
    Device {
        /// The code.
        code: String,
    },
    /// Who the client is, for a token of its own.
    Client {
        /// What the token is to be good for.
        scope: Option<String>,
    },
}

impl Grant {
    /// Its name, as a client registers for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Code { .. } => "authorization_code",
            Self::Refresh { .. } => "refresh_token",
            Self::Device { .. } => device::GRANT_TYPE,
            Self::Client { .. } => "client_credentials",
        }
    }

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
            Some(device::GRANT_TYPE) => {
                Ok(Self::Device { code: need("device_code", "device_code is required")? })
            }
            Some("client_credentials") => {
                Ok(Self::Client { scope: body.get("scope").map(str::to_owned) })
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params(text: &str) -> Params {
        Params::parse(text.as_bytes()).unwrap()
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
        fn any_body_is_read_or_refused(body in any::<Vec<u8>>()) {
            if let Ok(body) = Params::parse(&body) {
                let _ = Grant::read(&body);
            }
        }
    }
}
