//! Adding and taking back a reaction.

use kit::clock::uuid_v7;
use protocol::ReactionList;
use serde_json::json;
use uuid::Uuid;

use super::error::ReactionError;
use super::store::{self, AuthorRow, NewReaction};
use crate::Chat;
use crate::events::{self, Fact};
use crate::rooms::{self, AppendPermit, Appended, append_permit};
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
            let (permit, author) = permit(tx, person, (room, message)).await?;
            let (id, seq) = (uuid_v7(), permit.seq());
            let new = NewReaction { id, message, author: author.author_id, emoji, person, seq };
            if !store::insert(tx, new).await? {
                return Err(Undone::Already);
            }
            if permit.is_closed(tx).await? {
                return Err(ReactionError::Closed.into());
            }
            if store::kinds(tx, message).await? > KINDS_MAX {
                return Err(ReactionError::TooMany.into());
            }
            let count = store::count(tx, message, emoji).await?;
            let appended = permit.append(tx, Fact::ReactionAdded { message, emoji, count }).await?;
            Ok((appended, author))
        })
        .await;
    if let Some((appended, author)) = Undone::written(added)? {
        tell(chat, person, appended, &author);
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
            let (permit, author) = permit(tx, person, (room, message)).await?;
            if !store::delete(tx, message, (emoji, person)).await? {
                return Err(Undone::Already);
            }
            let count = store::count(tx, message, emoji).await?;
            let fact = Fact::ReactionRemoved { message, emoji, count };
            Ok((permit.append(tx, fact).await?, author))
        })
        .await;
    if let Some((appended, author)) = Undone::written(removed)? {
        tell(chat, person, appended, &author);
    }
    Ok(())
}

/// Tells the room, and the author of the message, if in it still, that their inbox is another.
fn tell(chat: &Chat, person: Uuid, appended: Appended, author: &AuthorRow) {
    events::announce(chat, appended.room, appended.seq);
    if author.is_member && author.author_id != person {
        chat.tell_person(author.author_id, "unreadChanged", &json!({"room": appended.room}));
    }
}

/// Who reacted to a message of a room that `viewer` is in.
pub(super) async fn list(
    chat: &Chat,
    viewer: Uuid,
    (room, message): (Uuid, Uuid),
) -> Result<ReactionList, ReactionError> {
    let db = chat.db.reader();
    rooms::membership(db, room, viewer).await?.ok_or(ReactionError::NoRoom)?;
    store::author(db, room, message).await?.ok_or(ReactionError::NoMessage)?;
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
) -> Result<(AppendPermit, AuthorRow), ReactionError> {
    let permit = append_permit(tx, person, room).await?.ok_or(ReactionError::NoRoom)?;
    permit.member()?;
    let author = store::author(tx, room, message).await?.ok_or(ReactionError::NoMessage)?;
    Ok((permit, author))
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
