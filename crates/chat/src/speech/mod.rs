//! Speech: any message can be heard.
//!
//! Whoever presses *play* asks for the message's clip. The first to ask has a job queued; the job
//! has the function `speak` say the text, stores the clip and tells everyone who asked. A clip is
//! kept under a keyed hash of voice and text, so the same text is said once. Its link is signed,
//! short-lived and for one person, and ends with their membership and with the message.

mod ask;
mod error;
mod function;
mod http;
mod job;
mod language;
mod link;
mod store;
mod sweep;

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use kit::jobs::Plan;
use uuid::Uuid;

pub(crate) use function::Function;
pub(crate) use http::{media_router, router};

use crate::Chat;

/// What a clip is.
const MEDIA_TYPE: &str = "audio/wav";
/// The kind of the jobs.
const JOB: &str = "speak";
/// Some five minutes in all, while a function that is down comes back.
const PLAN: Plan = Plan {
    at_once: 2,
    tries: 12,
    first_wait: Duration::from_millis(500),
    longest_wait: Duration::from_mins(1),
};
/// Messages whose clip is waited for; beyond it, whoever asks is not told but finds out.
const AWAITED_MAX: usize = 10_000;

/// Who asked for which clip and has not got it.
#[derive(Default)]
pub(crate) struct Askers(Mutex<HashMap<Uuid, HashSet<Uuid>>>);

impl Askers {
    fn add(&self, message: Uuid, person: Uuid) {
        let mut asked = self.0.lock().expect("nobody panics here");
        if asked.len() < AWAITED_MAX || asked.contains_key(&message) {
            asked.entry(message).or_default().insert(person);
        }
    }

    fn of(&self, message: Uuid) -> Vec<Uuid> {
        let asked = self.0.lock().expect("nobody panics here");
        asked.get(&message).into_iter().flatten().copied().collect()
    }

    fn take(&self, message: Uuid) {
        self.0.lock().expect("nobody panics here").remove(&message);
    }
}

/// Starts what makes clips and what clears them away; both end with the process.
pub(crate) fn start(chat: &Chat) {
    chat.jobs.work(JOB, PLAN, job::Speaking::new(chat.clone()));
    tokio::spawn(sweep::run(chat.clone()));
}
