//! Making a clip.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use kit::blobs::{BlobName, Folder, Label};
use kit::db::{DbResult, Tx};
use kit::jobs::{Failed, Job, Work};
use kit::problem::Problem;
use protocol::{Message, RoomKind};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::function::Voices;
use super::{MEDIA_TYPE, ask, language, store};
use crate::{Chat, messages, rooms};

/// What the job was told.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Asked {
    room: Uuid,
    message: Uuid,
    revision: i32,
}

impl Asked {
    fn of(job: &Job) -> Result<Self, Failed> {
        serde_json::from_value(job.payload.clone())
            .map_err(|error| Failed::Never(error.to_string()))
    }

    fn place(self) -> (Uuid, i32) {
        (self.message, self.revision)
    }
}

/// What is said, how, and where it goes.
struct Plan {
    text: String,
    language: String,
    name: BlobName,
}

/// Makes clips.
pub(super) struct Speaking {
    chat: Chat,
    turns: Turns,
}

/// One makes a clip at a time.
#[derive(Default)]
struct Turns(Mutex<HashMap<BlobName, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    async fn of(&self, name: &BlobName) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock().expect("nobody panics here");
            turns.retain(|_, turn| turn.strong_count() > 0);
            let known = turns.get(name).and_then(Weak::upgrade);
            let turn = known.unwrap_or_default();
            turns.insert(name.clone(), Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }
}

#[async_trait]
impl Work for Speaking {
    async fn run(&self, job: &Job) -> Result<(), Failed> {
        let asked = Asked::of(job)?;
        let made = self.make(asked).await;
        if matches!(made, Err(Failed::Later(_))) {
            self.delay(asked).await;
        }
        if made.is_ok() {
            self.tell(asked).await;
            self.chat.askers.take(asked.message);
        }
        made
    }

    async fn park(&self, tx: &Tx, job: &Job, _reason: &str) -> DbResult<()> {
        match Asked::of(job) {
            Ok(asked) => store::not_ready(tx, asked.place(), "failed").await,
            Err(_) => Ok(()),
        }
    }

    async fn parked(&self, job: &Job) {
        if let Ok(asked) = Asked::of(job) {
            self.tell(asked).await;
            self.chat.askers.take(asked.message);
        }
    }
}

impl Speaking {
    pub(super) fn new(chat: Chat) -> Self {
        Self { chat, turns: Turns::default() }
    }

    /// Says the text and stores the clip, unless the same was said before.
    async fn make(&self, asked: Asked) -> Result<(), Failed> {
        let chat = &self.chat;
        let found = messages::by_ids(chat, &[asked.message]).await.map_err(later)?.pop();
        let current = found.filter(|message| ask::revision(message) == asked.revision);
        let said = current.and_then(|message| Some((ask::spoken_text(&message)?, message)));
        let Some((text, message)) = said else {
            // Deleted or edited meanwhile: nobody can hear it any more.
            return Ok(());
        };
        let voices = chat.speech.voices().await;
        let voices = voices.filter(|voices| voices.available);
        let voices = voices.ok_or_else(|| Failed::Later("nothing speaks now".to_owned()))?;
        let plan = self.plan(&message, text, &voices).await?;
        // Two messages of one text: the second waits for the clip of the first.
        let _turn = self.turns.of(&plan.name).await;
        let known = store::known_blob(chat.db.reader(), plan.name.as_str()).await.map_err(later)?;
        let there = chat.blobs.size(&plan.name).await.map_err(later)?.is_some();
        let duration_ms = match known.filter(|_| there) {
            Some(duration_ms) => duration_ms,
            None => self.say(&message, &plan).await?,
        };
        let Plan { name, language, .. } = &plan;
        let done: DbResult<()> = chat
            .db
            .write(async |tx| {
                store::ready(tx, asked.place(), name.as_str(), duration_ms, language).await
            })
            .await;
        done.map_err(later)
    }

    /// The clip's name is a keyed hash of voice and text: it tells neither.
    async fn plan(&self, message: &Message, text: String, voices: &Voices) -> Result<Plan, Failed> {
        let kind = rooms::kind_of(self.chat.db.reader(), message.room).await.map_err(later)?;
        let (folder, context) = match kind {
            Some(RoomKind::Public) => (Folder::Public, "clips".to_owned()),
            _ => (Folder::Sealed, format!("clips|{}", message.room)),
        };
        let language = language::most_likely(&text, &voices.languages);
        let language = language.ok_or_else(|| Failed::Never("there are no voices".to_owned()))?;
        let voice = format!("{}|{language}|{text}", voices.engine);
        let hash = self.chat.keys.mac(&context, voice.as_bytes());
        let name = BlobName::of_hash(folder, &hash);
        Ok(Plan { language: language.to_owned(), text, name })
    }

    /// Has the function say it; answers how long it takes to hear.
    async fn say(&self, message: &Message, plan: &Plan) -> Result<i64, Failed> {
        let chat = &self.chat;
        let spoken = chat.speech.speak(&plan.text, &plan.language).await?;
        let name = &plan.name;
        let put = match name.folder() {
            Folder::Public => {
                let label = Label { media_type: MEDIA_TYPE, disposition: "inline" };
                chat.blobs.put_public(name, spoken.wav, label).await
            }
            Folder::Sealed => {
                let key = chat.room_keys.of(chat, message.room).await.map_err(later)?;
                let key = key.ok_or_else(|| Failed::Never("the room is gone".to_owned()))?;
                let sealed = key.seal_blob(name.as_str(), &spoken.wav).map_err(later)?;
                chat.blobs.put(name, sealed.into()).await
            }
        };
        put.map_err(later)?;
        Ok(spoken.duration_ms)
    }

    /// Writes down that a try failed, and tells who waits.
    async fn delay(&self, asked: Asked) {
        let written: DbResult<()> = self
            .chat
            .db
            .write(async |tx| store::not_ready(tx, asked.place(), "preparing").await)
            .await;
        if let Err(error) = written {
            tracing::error!(%error, "the state of a clip was not written");
        }
        self.tell(asked).await;
    }

    /// Tells the sockets of everyone who asked and is a member still.
    async fn tell(&self, asked: Asked) {
        let (chat, db) = (&self.chat, self.chat.db.reader());
        let Ok(Some(row)) = store::clip(db, asked.message, asked.revision).await else { return };
        let Ok(Some(kind)) = rooms::kind_of(db, asked.room).await else { return };
        for person in chat.askers.of(asked.message) {
            if let Ok(Some(_)) = rooms::membership(db, asked.room, person).await {
                let place = (asked.room, asked.message, kind);
                let clip = ask::clip(chat, person, place, &row);
                chat.tell_person(person, "clipChanged", &json!(clip));
            }
        }
    }
}

/// A part of ours is not there now.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn later(error: impl Problem) -> Failed {
    Failed::Later(error.to_string())
}
