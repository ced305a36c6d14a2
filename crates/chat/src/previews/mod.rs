//! Link previews: what the page behind a message's first link says of itself.
//!
//! Off unless the operator turns them on, since the server then asks pages that people name. The
//! server asks and not the reader, so no page learns who reads; it asks once for each revision of
//! a message, behind the egress guard ([`kit::egress`]), and takes words only, no picture. What it
//! was told is kept sealed with the room's key, as the message is.

mod error;
mod fetch;
mod find;
mod http;
mod page;
mod store;

use kit::egress::Guard;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

pub(crate) use find::{add_known, preview};
pub(crate) use http::router;

use crate::config::Settings;

/// So many pages are asked for at once at most.
const TURNS: usize = 64;

/// What asks for pages.
pub(crate) struct Previews {
    guard: Option<Guard>,
    /// A message always waits for the same turn, so that no page is asked for twice at a time.
    turns: [Mutex<()>; TURNS],
}

impl Previews {
    pub(crate) fn new(settings: &Settings) -> Self {
        let guard = settings.previews.enabled.then(|| Guard::new(&settings.egress));
        Self { guard, turns: [const { Mutex::const_new(()) }; TURNS] }
    }

    async fn turn(&self, message: Uuid) -> MutexGuard<'_, ()> {
        let place = usize::from(message.as_bytes()[15]) % TURNS;
        self.turns[place].lock().await
    }
}
