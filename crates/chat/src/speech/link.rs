//! Links to clips: of public rooms lasting and the same for everyone, so that a CDN can keep what
//! is behind them; of others signed, for one person, short-lived.

use kit::blobs::{BlobName, Folder};
use kit::clock::{now_ms, rfc3339};
use protocol::RoomKind;
use uuid::Uuid;

use crate::{Chat, signed_link};

/// How long a link is good for; whoever listens longer has fetched the clip by then.
const LINK_MS: i64 = 300_000;
const CONTEXT: &str = "clip link";

/// A link, and when it ends, if it does.
pub(super) struct Link {
    pub(super) url: String,
    pub(super) expires: Option<String>,
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
    let signature = signed_link::signature(chat, CONTEXT, &said(&claim));
    let path = format!(
        "media/clips/{message}/{revision}?person={person}&expires={}&signature={signature}",
        claim.expires
    );
    Link { url: absolute(chat, &format!("/{path}")), expires: Some(rfc3339(claim.expires)) }
}

/// The link to a clip that is kept as it is, in a room of that kind.
pub(super) fn lasting(chat: &Chat, name: &BlobName, kind: RoomKind) -> Option<Link> {
    let public = name.folder() == Folder::Public && kind == RoomKind::Public;
    let base = chat.config.settings.files.media_url();
    public.then(|| Link { url: absolute(chat, &format!("{base}/{name}")), expires: None })
}

fn absolute(chat: &Chat, address: &str) -> String {
    if !address.starts_with('/') {
        return address.to_owned();
    }
    let origin = chat.config.public_url.as_str().trim_end_matches('/');
    format!("{origin}{address}")
}

/// Whether we signed this claim and it has not ended.
pub(super) fn is_good(chat: &Chat, claim: &Claim, shown: &str) -> bool {
    signed_link::is_good(chat, (CONTEXT, &said(claim)), claim.expires, shown)
}

fn said(claim: &Claim) -> String {
    let Claim { message, revision, person, expires } = claim;
    format!("{message}|{revision}|{person}|{expires}")
}
