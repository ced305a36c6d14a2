//! Why a message was not posted, changed or found.

use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{FieldError, Kind, Problem};
use protocol::{FILES_MAX, TEXT_BYTES_MAX};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MessageError {
    /// Not a member, or no such room: told apart to nobody.
    #[error("there is no such room for you")]
    NoRoom,
    /// The other person of a direct room is blocked.
    #[error("the other person is blocked: nobody can write here until their account is open")]
    Closed,
    /// No such message in this room.
    #[error("there is no such message here")]
    NoMessage,
    /// Only blank characters.
    #[error("a message has some text")]
    Empty,
    /// Some of its files are not there, not whole, not the author's or in another message.
    #[error("a message takes files that you uploaded to this room and that no message has")]
    NoFile,
    /// Over the number of files.
    #[error("a message has at most {FILES_MAX} files")]
    TooManyFiles,
    /// Over the limit.
    #[error("a message has 1 to {TEXT_BYTES_MAX} bytes, this one has {bytes}")]
    Length {
        /// How many bytes it has.
        bytes: usize,
    },
    /// A reply in a thread begins none.
    #[error("a thread begins with a message that is not itself a reply")]
    NotRoot,
    /// Every other message is in the timeline anyway.
    #[error("only a reply in a thread can be shown in the room, too")]
    OnlyReplies,
    /// The client used this id before, for another room or text.
    #[error("this client_message_id was used for another message")]
    IdUsed,
    /// Someone else's message.
    #[error("only {0} may do this")]
    NotYours(&'static str),
    /// A deleted message cannot be edited.
    #[error("the message was deleted")]
    Deleted,
    /// The room's key cannot be had.
    #[error("the room's key is not available")]
    Keys(#[from] KeyError),
    /// The writer gave up on the batch; the message may be sent again under the same id.
    #[error("the message could not be stored now; send it again under the same id")]
    NotStored,
    /// The cause goes to the log, never to the caller.
    #[error("the message store failed")]
    Store(#[from] DbErr),
}

impl Problem for MessageError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRoom | Self::NoMessage => Kind::NotFound,
            Self::Empty | Self::NotRoot | Self::OnlyReplies | Self::NoFile | Self::TooManyFiles => {
                Kind::Invalid
            }
            Self::Length { .. } => Kind::TooLarge,
            Self::IdUsed | Self::Deleted => Kind::Conflict,
            Self::NotYours(_) | Self::Closed => Kind::Forbidden,
            Self::NotStored => Kind::Unavailable,
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        let (field, kind) = match self {
            Self::Empty => ("text", "required"),
            Self::Length { .. } => ("text", "too_long"),
            Self::NoFile => ("files", "not_allowed"),
            Self::TooManyFiles => ("files", "too_long"),
            Self::NotRoot => ("thread", "not_allowed"),
            Self::OnlyReplies => ("also_to_room", "not_allowed"),
            _ => return Vec::new(),
        };
        vec![FieldError { field: field.to_owned(), kind: kind.to_owned() }]
    }
}
