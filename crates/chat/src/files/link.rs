//! Links to files: of public rooms lasting and the same for everyone, so that a CDN can keep what
//! is behind them; of others signed, for one person, short-lived.

use kit::blobs::Folder;
use kit::clock::now_ms;
use serde::Deserialize;
use uuid::Uuid;

use super::kept::{Kept, Size};
use super::store::FileRow;
use crate::{Chat, signed_link};

/// A link is good until the end of the next such while, so that asking again gives the same one
/// and browsers need not fetch again what they have.
const WINDOW_MS: i64 = 300_000;
const CONTEXT: &str = "file link";

/// What a signed link says beside the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    pub(super) person: Uuid,
    pub(super) expires: i64,
    pub(super) signature: String,
}

/// The link that a message shows: where the bytes are, or where whoever may see them is sent to
/// the bytes.
pub(super) fn shown(chat: &Chat, row: &FileRow, kept: &Kept) -> String {
    lasting(chat, row, kept).unwrap_or_else(|| match kept.size {
        Size::Whole => format!("/api/files/{}", row.id),
        Size::Small => format!("/api/files/{}/thumbnail", row.id),
    })
}

/// Where the bytes are, for `person` now.
pub(super) fn direct(chat: &Chat, row: &FileRow, kept: &Kept, person: Uuid) -> String {
    lasting(chat, row, kept).unwrap_or_else(|| signed(chat, row.id, kept.size, person))
}

fn lasting(chat: &Chat, row: &FileRow, kept: &Kept) -> Option<String> {
    let sent = row.message_id.is_some() && row.room_kind == "public";
    (sent && kept.blob.folder() == Folder::Public)
        .then(|| format!("{}/{}", chat.config.settings.files.media_url(), kept.blob))
}

fn signed(chat: &Chat, file: Uuid, size: Size, person: Uuid) -> String {
    let expires = (now_ms() / WINDOW_MS + 2) * WINDOW_MS;
    let said = said(file, size, person, expires);
    let signature = signed_link::signature(chat, CONTEXT, &said);
    let size = size.word();
    format!("/media/files/{file}/{size}?person={person}&expires={expires}&signature={signature}")
}

/// Whether we signed this link and it has not ended.
pub(super) fn is_good(chat: &Chat, file: Uuid, size: Size, claim: &Claim) -> bool {
    let said = said(file, size, claim.person, claim.expires);
    signed_link::is_good(chat, (CONTEXT, &said), claim.expires, &claim.signature)
}

fn said(file: Uuid, size: Size, person: Uuid, expires: i64) -> String {
    format!("{file}|{}|{person}|{expires}", size.word())
}
