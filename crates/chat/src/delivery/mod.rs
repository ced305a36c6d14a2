//! Delivery: telling people of messages while they look elsewhere, in their browsers and by mail.
//!
//! Who is to be told is gathered from the logs of the rooms, up to a stored position in each, so
//! that neither a crash nor a second instance loses or repeats anything. Each message and browser
//! is a row before anything is sent, and stays one for a week, so that no edit tells a second
//! time. At the last moment it is looked at again: who left the room, read it elsewhere, muted the
//! room or has quiet hours is not told, and neither is of what was deleted meanwhile.
//!
//! Nothing leaves for anywhere before a person turned it on in a browser.

mod devices;
mod gather;
mod http;
mod key;
mod mail;
mod payload;
mod push;
mod store;

use kit::db::Db;
use kit::egress::Guard;
use kit::keys::KeyRing;
use kit::web_push::VapidKey;
use tokio::sync::Notify;

pub(crate) use http::router;
pub(crate) use mail::unsubscribe_router;

use crate::config::Config;
use crate::{Chat, StartError};

/// What delivering needs.
pub(crate) struct Delivery {
    key: VapidKey,
    guard: Guard,
    /// Where we are found by the people of a push service.
    contact: String,
    /// There may be something to send.
    due: Notify,
}

impl Delivery {
    /// Opens the key of Web Push, making it at the first start.
    pub(crate) async fn open(config: &Config, db: &Db, keys: &KeyRing) -> Result<Self, StartError> {
        let push = &config.settings.push;
        Ok(Self {
            key: key::open(db, keys).await?,
            guard: Guard::new(&config.settings.egress),
            contact: push.contact.clone().unwrap_or_else(|| config.public_url.to_string()),
            due: Notify::new(),
        })
    }
}

/// Starts the tasks; they end with the process.
pub(crate) fn start(chat: &Chat) {
    let (pushes, mails) = (chat.config.settings.push.enabled, mail::is_offered(chat));
    if pushes || mails {
        tokio::spawn(gather::run(chat.clone()));
    }
    if pushes {
        tokio::spawn(push::run(chat.clone()));
    }
    if mails {
        mail::start(chat);
    }
}
