//! Links to clips: signed, for one person, short-lived.

use std::fmt::Write as _;

use kit::clock::{now_ms, rfc3339};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::Chat;

/// How long a link is good for; whoever listens longer has fetched the clip by then.
const LINK_MS: i64 = 300_000;
const CONTEXT: &str = "clip link";

/// A link, and when it ends.
pub(super) struct Link {
    pub(super) url: String,
    pub(super) expires: String,
}

/// What a link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) message: Uuid,
    pub(super) revision: i32,
    pub(super) person: Uuid,
    pub(super) expires: i64,
}

/// A link for `person` to the clip of that revision of a message.
pub(super) fn make(chat: &Chat, person: Uuid, message: Uuid, revision: i32) -> Link {
    let claim = Claim { message, revision, person, expires: now_ms() + LINK_MS };
    let signature = signature(chat, &claim);
    let path = format!(
        "media/clips/{message}/{revision}?person={person}&expires={}&signature={signature}",
        claim.expires
    );
    let origin = chat.config.public_url.as_str().trim_end_matches('/');
    Link { url: format!("{origin}/{path}"), expires: rfc3339(claim.expires) }
}

/// Whether we signed this claim and it has not ended.
pub(super) fn is_good(chat: &Chat, claim: &Claim, shown: &str) -> bool {
    let same: bool = signature(chat, claim).as_bytes().ct_eq(shown.as_bytes()).into();
    same && claim.expires > now_ms()
}

fn signature(chat: &Chat, claim: &Claim) -> String {
    let Claim { message, revision, person, expires } = claim;
    let said = format!("{message}|{revision}|{person}|{expires}");
    let mac = chat.keys.mac(CONTEXT, said.as_bytes());
    mac.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
