//! Why a file was not taken or is not there.

use kit::blobs::BlobError;
use kit::db::DbErr;
use kit::keys::KeyError;
use kit::problem::{Kind, Problem};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    /// Not a member, or no such room: told apart to nobody.
    #[error("there is no such room for you")]
    NoRoom,
    /// Not there, not yours to see, or expired.
    #[error("there is no such file, or it has expired")]
    NoFile,
    /// A header of the tus protocol is missing or not as it should be.
    #[error("the header {0} is missing or not understood")]
    Header(&'static str),
    /// There is nothing in it.
    #[error("a file has at least one byte")]
    Empty,
    /// Over the limit for one file.
    #[error("a file has at most {max} bytes")]
    Length {
        /// The limit.
        max: u64,
    },
    /// More than was announced.
    #[error("there are more bytes than Upload-Length said")]
    Overrun,
    /// The person's files would be more than their quota.
    #[error("your files would be more than the {max} bytes that each person has")]
    Quota {
        /// The limit.
        max: u64,
    },
    /// Too many uploads that no message has taken.
    #[error("there are {0} uploads already that no message has taken")]
    TooManyWaiting(i64),
    /// Too many at once.
    #[error("{0} uploads of yours are running; wait for one of them")]
    TooManyAtOnce(usize),
    /// The part does not go on where the last one ended.
    #[error("the upload goes on at {0}")]
    Offset(u64),
    /// Another request is sending the same upload.
    #[error("another request is sending this upload")]
    Busy,
    /// The connection ended first.
    #[error("the part ended early")]
    Cut,
    /// It says that it is a picture, and is not one.
    #[error("this picture is damaged")]
    BadPicture,
    /// Its content is no picture that can be shown.
    #[error("a picture is a JPEG, PNG, WebP or GIF file")]
    NoPicture,
    /// It would be too large in memory.
    #[error("a picture has at most {pixels} pixels, and 16,000 in a row or column")]
    Pixels {
        /// The limit.
        pixels: u64,
    },
    /// Few pixels enough, but with too much to say of each.
    #[error("a picture takes at most {max} bytes of memory; this one needs more")]
    Memory {
        /// The limit.
        max: u64,
    },
    /// The folder of parts could not be used.
    #[error("the upload's parts could not be kept")]
    Disk(#[from] std::io::Error),
    /// The blob store did not do it.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The room's key cannot be had, or what it sealed is damaged.
    #[error("the room's key is not available")]
    Keys(#[from] KeyError),
    /// The cause goes to the log, never to the caller.
    #[error("the file store failed")]
    Store(#[from] DbErr),
}

impl Problem for FileError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoRoom | Self::NoFile => Kind::NotFound,
            Self::Header(_) | Self::Cut => Kind::Malformed,
            Self::Length { .. } | Self::Overrun => Kind::TooLarge,
            Self::Quota { .. } => Kind::OverQuota,
            Self::TooManyWaiting(_) | Self::Offset(_) | Self::Busy => Kind::Conflict,
            Self::TooManyAtOnce(_) => Kind::RateLimited,
            Self::Empty
            | Self::BadPicture
            | Self::NoPicture
            | Self::Pixels { .. }
            | Self::Memory { .. } => Kind::Invalid,
            Self::Disk(_) => Kind::Unavailable,
            Self::Blobs(error) => error.kind(),
            Self::Keys(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
}
