//! Jobs: work for later that a crash does not lose.
//!
//! A job is a row, written in the transaction of its reason ([`enqueue`]) and deleted when it is
//! done. A worker takes a job on a lease that it keeps renewing; when the process dies the lease
//! ends and another takes it. So a job runs at least once, and what it does must be the same when
//! done twice. A job that fails runs again, later each time and not at the same moment as others;
//! after the last try it is parked until an operator has it tried again.
//!
//! A service that uses it has [`SCHEMA`] among its migrations.

mod store;
#[cfg(test)]
mod tests;
mod worker;

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

pub use store::{JobRow, enqueue, list, retry, retry_all};
pub use worker::Queue;

use crate::db::{DbResult, Tx};

/// The table, for both databases.
pub const SCHEMA: &str = include_str!("schema.sql");
/// Most characters of an error that are kept.
const ERROR_CHARS_MAX: usize = 300;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which worker does it.
    pub kind: &'static str,
    /// What it is about. While a job of this kind and key is waiting there is no second; one that
    /// was parked is tried again instead.
    pub key: String,
    /// What the worker must know: ids, never a text of anybody.
    pub payload: Value,
}

/// A job that a worker has now.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub key: String,
    /// What the worker must know.
    pub payload: Value,
    /// Which try this is; the first is 1.
    pub attempt: u32,
}

/// Why a job was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// Another try may help.
    Later(String),
    /// No other try will.
    Never(String),
}

/// Does the jobs of one kind.
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// Does it; doing it twice is the same as doing it once.
    async fn run(&self, job: &Job) -> Result<(), Failed>;

    /// There will be no other try by itself: writes what that means, in the transaction that
    /// parks the job, so that whoever sees it and asks anew finds the job parked.
    async fn park(&self, _tx: &Tx, _job: &Job, _reason: &str) -> DbResult<()> {
        Ok(())
    }

    /// The job was parked.
    async fn parked(&self, _job: &Job) {}
}

/// How jobs of one kind are done.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// So many at once in this process.
    pub at_once: usize,
    /// After so many tries a job is parked.
    pub tries: u32,
    /// The wait after the first failure; it doubles with each.
    pub first_wait: Duration,
    /// It grows to this.
    pub longest_wait: Duration,
}

impl Plan {
    /// How long to wait after try number `attempt` failed: half of it always, and of the other
    /// half so much as `share` (0 to 1) says, so that jobs which failed together part.
    fn wait(&self, attempt: u32, share: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let whole = self.first_wait.saturating_mul(doubled).min(self.longest_wait);
        whole.mul_f64(0.5 + share.clamp(0.0, 1.0) / 2.0)
    }
}

/// A row of the list says what went wrong in a line.
fn short(reason: &str) -> String {
    reason.chars().take(ERROR_CHARS_MAX).collect()
}
