//! The socket's commands about presence.

use std::collections::HashSet;

use kit::problem::{ApiError, Kind};
use protocol::{PersonPresence, PresenceState};
use serde::Deserialize;
use serde_json::{Value, json};
use socketio::{Packet, Socket};
use uuid::Uuid;

use super::Edge;
use crate::Chat;
use crate::presence::{self, LOOKED_AT_MAX};

/// How the person of a socket is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    state: PresenceState,
}

/// Whom a socket shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    people: Vec<Uuid>,
}

/// A heartbeat: how the person is, in front of this socket.
pub(super) async fn set(chat: &Chat, socket: &Socket<Edge>, set: Set) -> Result<Value, ApiError> {
    let person = socket.session().person;
    chat.limits.reads.check(&person)?;
    let hidden = presence::is_hidden(chat.db.reader(), person).await.map_err(ApiError::from)?;
    chat.presence.beat((person, hidden), socket.id(), set.state);
    Ok(json!({"ok": true}))
}

/// Tells how `people` are, and from now on what changes of it; instead of whom it showed before.
/// Who shares no room with the person is left out.
pub(super) async fn watch(
    chat: &Chat,
    socket: &Socket<Edge>,
    watch: Watch,
) -> Result<Value, ApiError> {
    let person = socket.session().person;
    chat.limits.reads.check(&person)?;
    if watch.people.len() > LOOKED_AT_MAX {
        return Err(ApiError::new(Kind::Invalid, "a socket shows at most 200 people"));
    }
    let people: HashSet<Uuid> = watch.people.into_iter().collect();
    let people = presence::shares_room_with(chat.db.reader(), person, &people).await;
    let people = people.map_err(ApiError::from)?;
    let to = socket.clone();
    let sink = move |people: &[PersonPresence]| {
        to.emit(&Packet::event("presence", &json!({"people": people})));
    };
    let now = chat.presence.look(person, socket.id(), people, Box::new(sink));
    Ok(json!({"ok": true, "people": now}))
}

/// A socket ended.
pub(super) fn gone(chat: &Chat, socket: &Socket<Edge>) {
    chat.presence.gone(socket.session().person, socket.id());
}
