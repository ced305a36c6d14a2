//! Web Push: a message for one browser, by way of the service that its maker runs.
//!
//! The service learns the address, the size and the time, and never a word: the message is
//! encrypted for the browser (RFC 8291), and we prove with a key of our own who sends it
//! (RFC 8292). A browser that is off gets it later, until it is too old (RFC 8030).

mod encrypt;
mod vapid;

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

use crate::egress::{EgressError, Guard, unreachable};

pub use encrypt::{BrowserKeys, KeysError, PLAIN_BYTES_MAX, encrypt};
pub use vapid::{VapidError, VapidKey};

/// Longest wait that a service may ask us for.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// How soon a browser that sleeps should be woken (RFC 8030 section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// When it is awake anyway.
    Normal,
    /// At once.
    High,
}

/// One message on its way to one browser.
#[derive(Debug)]
pub struct Push<'a> {
    /// The address that the browser gave.
    pub endpoint: &'a str,
    /// The keys that it gave.
    pub keys: &'a BrowserKeys,
    /// What is said: at most [`PLAIN_BYTES_MAX`] bytes.
    pub plain: &'a [u8],
    /// How long the service keeps it for a browser that is off, seconds.
    pub ttl_s: u32,
    /// How soon.
    pub urgency: Urgency,
    /// A later message of the same topic takes the place of this one while it waits: at most 32
    /// letters of base64url.
    pub topic: &'a str,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The browser is gone: forget it.
    #[error("the subscription has ended")]
    Gone,
    /// Of no use to try again.
    #[error("it was refused: {0}")]
    Refused(String),
    /// Try again, not before this if the service said so.
    #[error("it was not delivered: {reason}")]
    Later {
        /// What happened.
        reason: String,
        /// How long to wait.
        after: Option<Duration>,
    },
}

/// Encrypts `push` and hands it to the service of its browser, past the guard.
pub async fn send(
    guard: &Guard,
    key: &VapidKey,
    contact: &str,
    push: &Push<'_>,
) -> Result<(), PushError> {
    let refused = |error: &dyn std::fmt::Display| PushError::Refused(error.to_string());
    let body = encrypt(push.keys, push.plain).map_err(|error| refused(&error))?;
    let url = guard.check(push.endpoint).map_err(|error| refused(&error))?;
    let proof = key.authorization(&url, contact, crate::clock::now_ms() / 1000);
    let urgency = match push.urgency {
        Urgency::Normal => "normal",
        Urgency::High => "high",
    };
    let request = guard
        .post(push.endpoint)
        .map_err(|error| refused(&error))?
        .header(header::AUTHORIZATION, proof.map_err(|error| refused(&error))?)
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header("ttl", push.ttl_s)
        .header("urgency", urgency)
        .header("topic", push.topic)
        .body(body);
    let answer = request.send().await.map_err(|error| later(&unreachable(error)))?;
    judge(answer.status(), answer.headers())
}

fn later(error: &EgressError) -> PushError {
    PushError::Later { reason: error.to_string(), after: None }
}

fn judge(status: StatusCode, headers: &HeaderMap) -> Result<(), PushError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        404 | 410 => Err(PushError::Gone),
        408 | 425 | 429 | 500..=599 => {
            let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            let after = seconds.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
            let after = after.map(|after| after.min(RETRY_AFTER_MAX));
            Err(PushError::Later { reason: format!("it answered {status}"), after })
        }
        _ => Err(PushError::Refused(format!("it answered {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_whether_to_try_again() {
        let mut headers = HeaderMap::new();
        assert!(judge(StatusCode::CREATED, &headers).is_ok());
        for gone in [StatusCode::GONE, StatusCode::NOT_FOUND] {
            assert!(matches!(judge(gone, &headers), Err(PushError::Gone)));
        }
        for refused in [StatusCode::FORBIDDEN, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::FOUND] {
            assert!(matches!(judge(refused, &headers), Err(PushError::Refused(_))));
        }
        headers.insert(header::RETRY_AFTER, "999999".parse().unwrap());
        match judge(StatusCode::TOO_MANY_REQUESTS, &headers) {
            Err(PushError::Later { after, .. }) => assert_eq!(after, Some(RETRY_AFTER_MAX)),
            other => panic!("{other:?}"),
        }
    }
}
