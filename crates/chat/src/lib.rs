//! Chat: rooms, messages and real time; an ordinary OpenID Connect client of an identity service.
//!
//! Features import only downwards: `edge → delivery → sign_in → speech → inbox → threads →
//! drafts → messages → saved → previews → files → reactions → notices → rooms → mentions →
//! presence → people → events`.
//! The store is the truth and the socket a hint: every durable event has a `seq` in its room's
//! log, written in the transaction of its fact.

mod config;
mod cursor;
mod delivery;
mod drafts;
mod edge;
mod events;
mod files;
mod functions;
mod inbox;
mod limits;
mod mentions;
mod messages;
mod notices;
mod people;
mod presence;
mod previews;
mod reactions;
mod room_keys;
mod rooms;
mod saved;
mod schema;
mod sign_in;
mod signed_link;
mod speech;
#[cfg(test)]
mod tests;
mod threads;
mod undone;

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use kit::blobs::Blobs;
use kit::caller::Issuer;
use kit::db::{Db, DbConfig, DbResult};
use kit::jobs::Queue;
use kit::keys::KeyRing;
use socketio::{Packet, Server};
use uuid::Uuid;

pub use config::{
    Config, FilesSettings, FunctionsAt, FunctionsSettings, Limits, MailSettings, PreviewSettings,
    PushSettings, Settings,
};
pub use edge::{openapi, router};
pub use sign_in::Viewer;

/// A running chat service: a bundle of handles, cheap to clone.
#[derive(Clone)]
pub struct Chat(Arc<Inner>);

/// What every feature may use.
pub struct Inner {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) keys: KeyRing,
    pub(crate) room_keys: room_keys::RoomKeys,
    pub(crate) writer: messages::Writer,
    pub(crate) http: reqwest::Client,
    pub(crate) issuer: Issuer,
    pub(crate) limits: limits::Budgets,
    pub(crate) heads: events::Heads,
    pub(crate) presence: presence::Presence,
    pub(crate) blobs: Blobs,
    pub(crate) uploads: files::Uploads,
    pub(crate) jobs: Queue,
    pub(crate) functions: functions::Functions,
    pub(crate) speech: speech::Function,
    pub(crate) askers: speech::Askers,
    pub(crate) delivery: delivery::Delivery,
    pub(crate) previews: previews::Previews,
    sockets: OnceLock<Server<edge::Edge>>,
}

impl Deref for Chat {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Why chat did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be opened or brought up to date.
    #[error("chat's database: {0}")]
    Db(#[from] kit::db::DbErr),
    /// The key ring could not be opened.
    #[error(transparent)]
    Keys(#[from] kit::keys::KeyError),
    /// The blob store could not be opened.
    #[error(transparent)]
    Blobs(#[from] kit::blobs::BlobError),
    /// The key of Web Push could not be made or opened.
    #[error(transparent)]
    Push(#[from] kit::web_push::VapidError),
    /// The real-time server could not start.
    #[error("the real-time server: {0}")]
    Sockets(#[from] socketio::StartError),
}

/// Chat's database, up to date: for the service, and for what operators do beside it.
pub async fn open_database(url: Option<&str>, data_dir: &Path) -> DbResult<Db> {
    let data_dir = data_dir.to_owned();
    let config = DbConfig { url: url.map(str::to_owned), data_dir, name: "chat" };
    Db::open(&config, schema::MIGRATIONS).await
}

/// Opens the stores and starts the tasks of a chat service.
pub async fn build(config: Config) -> Result<Chat, StartError> {
    let http = kit::caller::http_client();
    let db = open_database(config.database_url.as_deref(), &config.data_dir).await?;
    let keys = KeyRing::open(&config.data_dir.join("keys"), "chat")?;
    kit::keys::check(&db, &keys).await?;
    sign_in::release(&db).await?;
    let jobs = Queue::open(&db).await?;
    let functions = functions::Functions::new(config.functions.clone());
    let delivery = delivery::Delivery::open(&config, &db, &keys).await?;
    let chat = Chat(Arc::new(Inner {
        blobs: Blobs::open(&config.blobs, &config.data_dir)?,
        uploads: files::Uploads::new(),
        jobs,
        speech: speech::Function::new(functions.clone()),
        functions,
        askers: speech::Askers::default(),
        db,
        keys,
        room_keys: room_keys::RoomKeys::new(),
        writer: messages::Writer::new(),
        issuer: Issuer::new(http.clone(), &config.issuer, &config.identity_internal_url),
        http,
        limits: limits::Budgets::new(&config.settings.limits),
        heads: events::Heads::new(),
        presence: presence::Presence::new(),
        delivery,
        previews: previews::Previews::new(&config.settings),
        sockets: OnceLock::new(),
        config,
    }));
    let sockets =
        Server::new(Arc::new(edge::Edge::new(chat.clone())), socketio::Options::default())?;
    let _ = chat.sockets.set(sockets);
    chat.writer.start(&chat);
    speech::start(&chat);
    tokio::spawn(files::sweep(chat.clone()));
    tokio::spawn(sign_in::resume(chat.clone()));
    tokio::spawn(edge::end_expired(chat.clone()));
    tokio::spawn(edge::end_distrusted(chat.clone()));
    delivery::start(&chat);
    Ok(chat)
}

impl Chat {
    /// The real-time server.
    pub(crate) fn sockets(&self) -> &Server<edge::Edge> {
        self.sockets.get().expect("build sets the server before anyone has a Chat")
    }

    /// Ends every socket whose viewer matches.
    pub(crate) fn end_sockets(&self, filter: impl Fn(&Viewer) -> bool + Send + Sync + 'static) {
        self.sockets().disconnect_where(filter);
    }

    /// Emits an event to all sockets of `person`.
    pub(crate) fn tell_person(&self, person: Uuid, event: &str, body: &serde_json::Value) {
        self.sockets().emit_to_key(person, &Packet::event(event, body));
    }

    /// Tells people that their list of rooms is another now.
    pub(crate) fn tell_rooms_changed(&self, people: &[Uuid]) {
        let packet = Packet::event("roomsChanged", &serde_json::json!({}));
        for person in people {
            self.sockets().emit_to_key(*person, &packet);
        }
    }

    /// Ends what is delivered of `room` to `person` now.
    pub(crate) fn unfollow(&self, room: Uuid, person: Uuid) {
        self.sockets().unfollow_key(room, person);
        self.presence.part(person);
    }

    /// Closes every socket, telling the clients to come back; for the end of the process.
    pub fn close_sockets(&self) {
        self.sockets().shutdown();
    }
}
