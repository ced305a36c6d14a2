//! What the browser keeps while it is at the provider: a sealed cookie of ten minutes.
//!
//! Each attempt has a cookie of its own, so that two tabs can sign in at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};
use kit::clock::random_token;
use kit::cookie::{self, Life};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::SignInError;
use crate::Chat;

const CONTEXT: &str = "sign_in:flow";
/// How long a sign-in may take, seconds.
const LIFE_S: u64 = 600;
/// Longest address to return to, bytes.
const RETURN_BYTES_MAX: usize = 1024;
/// How much of `state` is in the cookie's name.
const NAME_CHARS: usize = 10;

/// One attempt to sign in.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) return_to: String,
    pub(super) at: i64,
}

impl Flow {
    /// Begins an attempt that ends at `return_to`, a path of ours.
    pub(super) fn new(return_to: Option<&str>, now: i64) -> Self {
        let return_to = return_to.filter(|path| is_own_path(path)).unwrap_or("/").to_owned();
        let (state, nonce, verifier) = (random_token(), random_token(), random_token());
        Self { state, nonce, verifier, return_to, at: now }
    }

    /// The `S256` challenge (RFC 7636 section 4.2).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }

    /// The cookie that keeps the attempt.
    pub(super) fn cookie(&self, chat: &Chat) -> Result<HeaderValue, SignInError> {
        let name = name(&self.state);
        let text = serde_json::to_vec(self).map_err(|error| {
            SignInError::Provider(format!("the attempt cannot be written: {error}"))
        })?;
        let sealed = chat.keys.seal(CONTEXT, name.as_bytes(), &text)?;
        let value = URL_SAFE_NO_PAD.encode(sealed);
        Ok(cookie::set(&chat.config.public_url, &name, &value, Life::Seconds(LIFE_S)))
    }

    /// The attempt that `state` belongs to, if this browser began it and it is not too old.
    pub(super) fn of(chat: &Chat, headers: &HeaderMap, state: &str, now: i64) -> Option<Self> {
        let name = name(state);
        let value = cookie::read(headers, &chat.config.public_url, &name)?;
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let text = chat.keys.open_value(CONTEXT, name.as_bytes(), &sealed).ok()?;
        let flow: Self = serde_json::from_slice(&text).ok()?;
        let same: bool = flow.state.as_bytes().ct_eq(state.as_bytes()).into();
        let age_ms = now - flow.at;
        let young = age_ms < i64::try_from(LIFE_S * 1000).unwrap_or(i64::MAX);
        (same && young).then_some(flow)
    }

    /// The cookie that forgets the attempt with this `state`.
    pub(super) fn gone(chat: &Chat, state: &str) -> HeaderValue {
        cookie::set(&chat.config.public_url, &name(state), "", Life::Gone)
    }
}

/// Whether `path` stays on our origin, however a browser reads it.
fn is_own_path(path: &str) -> bool {
    let plain = path.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\');
    let inside = path.starts_with('/') && !path.starts_with("//");
    plain && inside && path.len() <= RETURN_BYTES_MAX && !path.starts_with("/auth/")
}

fn name(state: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '_';
    let part: String = state.chars().filter(safe).take(NAME_CHARS).collect();
    format!("tertulia-sign-in-{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_returns_to_a_path_of_ours() {
        for path in ["/", "/rooms/1?at=2#x", "/invite/abc"] {
            assert_eq!(Flow::new(Some(path), 0).return_to, path);
        }
        let bad = [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "rooms",
            "/a\nb",
            "/\tx",
            "/auth/login",
            "/ñ",
        ];
        for path in bad {
            assert_eq!(Flow::new(Some(path), 0).return_to, "/", "{path:?}");
        }
    }

    #[test]
    fn two_attempts_share_nothing() {
        let (one, two) = (Flow::new(None, 0), Flow::new(None, 0));
        assert_ne!(one.state, two.state);
        assert_ne!(one.nonce, two.nonce);
        assert_ne!(one.challenge(), two.challenge());
        assert_ne!(name(&one.state), name(&two.state));
    }
}
