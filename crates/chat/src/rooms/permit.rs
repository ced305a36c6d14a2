//! Who may add the next event to a room, and at which place.

use kit::db::{DbResult, Row, Tx, params};
use protocol::{RoomKind, RoomRole};
use uuid::Uuid;

use super::error::RoomError;
use super::store::{has_blocked, kind_from, membership};
use crate::events::{self, EventRow, Fact};

/// The right to write the event at one `seq` of a room, held by one transaction.
///
/// The room's row is locked first and memberships are read after it. Checking first let a member
/// who was being removed post once more in every one of ten races.
#[derive(Debug)]
pub(crate) struct AppendPermit {
    room: Uuid,
    kind: RoomKind,
    seq: i64,
    actor: Uuid,
    role: Option<RoomRole>,
    at: i64,
}

#[derive(Row)]
struct Taken {
    last_seq: i64,
    kind: String,
}

/// Takes the next `seq` of `room` for `actor`, or nothing when there is no such room.
///
/// The actor may be a stranger: call [`AppendPermit::member`] unless strangers may do it. A
/// transaction that then fails rolls back and spends no `seq`.
pub(crate) async fn append_permit(
    tx: &Tx,
    actor: Uuid,
    room: Uuid,
) -> DbResult<Option<AppendPermit>> {
    let sql = "UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq, kind";
    let Some(taken) = kit::db::one::<Taken>(tx, sql, params![room]).await? else {
        return Ok(None);
    };
    let role = membership(tx, room, actor).await?;
    let kind = kind_from(&taken.kind);
    let at = kit::clock::now_ms();
    Ok(Some(AppendPermit { room, kind, seq: taken.last_seq, actor, role, at }))
}

impl AppendPermit {
    /// The room.
    pub(crate) fn room(&self) -> Uuid {
        self.room
    }

    /// Who may enter it.
    pub(crate) fn kind(&self) -> RoomKind {
        self.kind
    }

    /// The place in the log.
    pub(crate) fn seq(&self) -> i64 {
        self.seq
    }

    /// When, by the server's clock, in milliseconds.
    pub(crate) fn at(&self) -> i64 {
        self.at
    }

    /// Who acts.
    pub(crate) fn actor(&self) -> Uuid {
        self.actor
    }

    /// The actor's role; a stranger is told that there is no room.
    pub(crate) fn member(&self) -> Result<RoomRole, RoomError> {
        self.role.ok_or(RoomError::NoRoom)
    }

    /// Refuses whoever is neither owner nor moderator.
    pub(crate) fn moderator(&self) -> Result<(), RoomError> {
        match self.member()? {
            RoomRole::Owner | RoomRole::Moderator => Ok(()),
            RoomRole::Member => Err(RoomError::Role("owners and moderators")),
        }
    }

    /// Refuses whoever is not an owner.
    pub(crate) fn owner(&self) -> Result<(), RoomError> {
        match self.member()? {
            RoomRole::Owner => Ok(()),
            _ => Err(RoomError::Role("owners")),
        }
    }

    /// Refuses changes that a direct room does not have.
    pub(crate) fn not_direct(&self) -> Result<(), RoomError> {
        if self.kind == RoomKind::Direct { Err(RoomError::Direct) } else { Ok(()) }
    }

    /// Whether nobody can write in the room any more: a direct one in which somebody is blocked.
    pub(crate) async fn is_closed(&self, tx: &Tx) -> DbResult<bool> {
        Ok(self.kind == RoomKind::Direct && has_blocked(tx, self.room).await?)
    }

    /// Writes `fact` at the permit's place; the permit is spent.
    pub(crate) async fn append(self, tx: &Tx, fact: Fact) -> DbResult<Appended> {
        let row = EventRow::new(self.room, self.seq, fact, self.actor, self.at);
        events::append(tx, &[row]).await?;
        Ok(Appended { room: self.room, seq: self.seq })
    }
}

/// What to tell the sockets once the transaction is committed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appended {
    pub(crate) room: Uuid,
    pub(crate) seq: i64,
}
