//! Adding and taking back a reaction.

use protocol::ReactionList;
use uuid::Uuid;

use super::error::ReactionError;
use super::store;
use crate::Chat;
use crate::events::{self, Fact};
use crate::rooms::{self, AppendPermit, append_permit};
use crate::undone::Undone;

const KINDS_MAX: i64 = 20;

/// `person` reacts to a message with `emoji`; again is the same.
pub(super) async fn add(
    chat: &Chat,
    person: Uuid,
    (room, message): (Uuid, Uuid),
    emoji: &str,
) -> Result<(), ReactionError> {
    let emoji = spelled(emoji)?;
    let added = chat
        .db
        .write(async |tx| {
            let permit = permit(tx, person, (room, message)).await?;
            if !store::insert(tx, message, (emoji, person), permit.seq()).await? {
                return Err(Undone::Already);
            }
            if store::kinds(tx, message).await? > KINDS_MAX {
                return Err(ReactionError::TooMany.into());
            }
            let count = store::count(tx, message, emoji).await?;
            Ok(permit.append(tx, Fact::ReactionAdded { message, emoji, count }).await?)
        })
        .await;
    if let Some(appended) = Undone::written(added)? {
        events::announce(chat, appended.room, appended.seq);
    }
    Ok(())
}

/// `person` takes their reaction back; again is the same.
pub(super) async fn remove(
    chat: &Chat,
    person: Uuid,
    (room, message): (Uuid, Uuid),
    emoji: &str,
) -> Result<(), ReactionError> {
    let emoji = spelled(emoji)?;
    let removed = chat
        .db
        .write(async |tx| {
            let permit = permit(tx, person, (room, message)).await?;
            if !store::delete(tx, message, (emoji, person)).await? {
                return Err(Undone::Already);
            }
            let count = store::count(tx, message, emoji).await?;
            Ok(permit.append(tx, Fact::ReactionRemoved { message, emoji, count }).await?)
        })
        .await;
    if let Some(appended) = Undone::written(removed)? {
        events::announce(chat, appended.room, appended.seq);
    }
    Ok(())
}

/// Who reacted to a message of a room that `viewer` is in.
pub(super) async fn list(
    chat: &Chat,
    viewer: Uuid,
    (room, message): (Uuid, Uuid),
) -> Result<ReactionList, ReactionError> {
    let db = chat.db.reader();
    rooms::membership(db, room, viewer).await?.ok_or(ReactionError::NoRoom)?;
    if !store::is_there(db, room, message).await? {
        return Err(ReactionError::NoMessage);
    }
    Ok(ReactionList { items: store::reactors(db, message).await? })
}

/// The one spelling of an emoji.
fn spelled(emoji: &str) -> Result<&'static str, ReactionError> {
    Ok(emojis::get(emoji).ok_or(ReactionError::NotEmoji)?.as_str())
}

async fn permit(
    tx: &kit::db::Tx,
    person: Uuid,
    (room, message): (Uuid, Uuid),
) -> Result<AppendPermit, ReactionError> {
    let permit = append_permit(tx, person, room).await?.ok_or(ReactionError::NoRoom)?;
    permit.member()?;
    if store::is_there(tx, room, message).await? {
        Ok(permit)
    } else {
        Err(ReactionError::NoMessage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_has_one_spelling_and_a_word_is_none() {
        assert_eq!(spelled("❤").unwrap(), spelled("❤\u{fe0f}").unwrap());
        assert_eq!(spelled("👍🏽").unwrap(), "👍🏽");
        for other in ["", "a", "hola", "👍👍", "👍a", ":+1:", " "] {
            assert!(spelled(other).is_err(), "{other:?}");
        }
    }
}
