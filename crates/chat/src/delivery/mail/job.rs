//! Writing to one person of all that waits for them.

use async_trait::async_trait;
use kit::clock::now_ms;
use kit::db::{DbResult, Tx};
use kit::jobs::{Failed, Job, Work};
use kit::problem::Problem;
use serde::Deserialize;
use uuid::Uuid;

use super::letter::To;
use super::{JOB, letter, store};
use crate::{Chat, notices, people};

/// What the job was told.
#[derive(Deserialize)]
struct Asked {
    person: Uuid,
}

impl Asked {
    fn of(job: &Job) -> Result<Self, Failed> {
        serde_json::from_value(job.payload.clone())
            .map_err(|error| Failed::Never(error.to_string()))
    }
}

/// Writes mails.
pub(super) struct Mailing {
    chat: Chat,
}

impl Mailing {
    pub(super) fn new(chat: Chat) -> Self {
        Self { chat }
    }
}

#[async_trait]
impl Work for Mailing {
    async fn run(&self, job: &Job) -> Result<(), Failed> {
        let person = Asked::of(job)?.person;
        let waiting = store::waiting(self.chat.db.reader(), person).await.map_err(later)?;
        let end = write_to(&self.chat, person).await?;
        let written = self.chat.db.write(async |tx| match &end {
            End::Quiet(until) => store::postpone(tx, person, &waiting, *until).await,
            End::NotWanted => store::finish(tx, person, &waiting, "not wanted").await,
            End::Sent(told) => {
                store::finish(tx, person, &waiting, "not wanted").await?;
                store::finish(tx, person, told, "sent").await
            }
        });
        written.await.map_err(later)
    }

    /// It is told when an operator has it tried again, or with the next mail.
    async fn park(&self, tx: &Tx, job: &Job, _reason: &str) -> DbResult<()> {
        match Asked::of(job) {
            Ok(asked) => store::park(tx, asked.person, now_ms()).await,
            Err(_) => Ok(()),
        }
    }
}

/// What became of it.
enum End {
    /// The mail server has the mail about these messages.
    Sent(Vec<Uuid>),
    /// Nothing is left to tell.
    NotWanted,
    /// Not before this moment.
    Quiet(i64),
}

async fn write_to(chat: &Chat, person: Uuid) -> Result<End, Failed> {
    let (db, now) = (chat.db.reader(), now_ms());
    let choice = store::choice(db, person).await.map_err(later)?;
    let Some(choice) = choice.filter(|choice| choice.pace.as_deref() != Some("never")) else {
        return Ok(End::NotWanted);
    };
    let Some(addressee) = people::addressee(chat, person).await.map_err(later)? else {
        return Ok(End::NotWanted);
    };
    if let Some(until) = notices::quiet_until(db, person, now).await.map_err(later)? {
        return Ok(End::Quiet(until));
    }
    let wanted = store::wanted(db, person, now).await.map_err(later)?;
    let to = To { person, addressee, show_text: choice.show_text };
    let letter = letter::of(chat, to, &wanted).await.map_err(later)?;
    let Some(letter) = letter else { return Ok(End::NotWanted) };
    chat.functions.call(JOB, "mail", &letter).await?;
    Ok(End::Sent(wanted.iter().map(|row| row.message_id).collect()))
}

/// A part of ours is not there now.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn later(error: impl Problem) -> Failed {
    Failed::Later(error.to_string())
}
