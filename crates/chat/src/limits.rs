//! Budgets per person, and the extractors that spend them.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::request::Parts;
use kit::limit::Limiter;
use kit::problem::ApiError;
use uuid::Uuid;

use crate::config::Limits;
use crate::{Chat, Viewer};

const TYPING_EVERY: Duration = Duration::from_secs(3);
/// A page names three who write, and says of more that they are several.
const TYPING_IN_ROOM: u32 = 5;
/// Others see a change beyond it when they read the person anew.
const PICTURES_BURST: u32 = 20;
const PICTURE_EVERY: Duration = Duration::from_secs(30);

/// The budgets of everyone.
pub(crate) struct Budgets {
    pub(crate) messages: Limiter<Uuid>,
    pub(crate) changes: Limiter<Uuid>,
    pub(crate) reads: Limiter<Uuid>,
    /// By person and room.
    pub(crate) typing: Limiter<(Uuid, Uuid)>,
    /// By room: everybody in it is told, so what all of them cause must not grow with their square.
    pub(crate) typing_in: Limiter<Uuid>,
    /// Of pictures that are told to everyone who may see them.
    pub(crate) pictures: Limiter<Uuid>,
}

impl Budgets {
    pub(crate) fn new(limits: &Limits) -> Self {
        let limiter =
            |burst, per_s: u32| Limiter::new(burst, Duration::from_secs(1) / per_s.max(1));
        Self {
            messages: limiter(limits.messages_burst, limits.messages_per_s),
            changes: limiter(limits.changes_burst, limits.changes_per_s),
            reads: limiter(limits.reads_burst, limits.reads_per_s),
            typing: Limiter::new(1, TYPING_EVERY),
            typing_in: Limiter::new(TYPING_IN_ROOM, TYPING_EVERY / TYPING_IN_ROOM),
            pictures: Limiter::new(PICTURES_BURST, PICTURE_EVERY),
        }
    }

    /// Forgets people who have their whole budget again.
    pub(crate) fn tidy(&self) {
        self.messages.tidy();
        self.changes.tidy();
        self.reads.tidy();
        self.typing.tidy();
        self.typing_in.tidy();
        self.pictures.tidy();
    }
}

/// A person who reads; spends one of their reads.
pub(crate) struct Reader(pub(crate) Uuid);

/// A person who changes something other than messages; spends one of their changes.
pub(crate) struct Changer(pub(crate) Uuid);

/// A person who writes a message; spends one of their messages.
pub(crate) struct Author(pub(crate) Uuid);

impl FromRequestParts<Chat> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, chat: &Chat) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, chat).await?;
        chat.limits.reads.check(&viewer.person)?;
        Ok(Self(viewer.person))
    }
}

impl FromRequestParts<Chat> for Changer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, chat: &Chat) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, chat).await?;
        chat.limits.changes.check(&viewer.person)?;
        Ok(Self(viewer.person))
    }
}

impl FromRequestParts<Chat> for Author {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, chat: &Chat) -> Result<Self, ApiError> {
        let viewer = Viewer::from_request_parts(parts, chat).await?;
        chat.limits.messages.check(&viewer.person)?;
        Ok(Self(viewer.person))
    }
}
