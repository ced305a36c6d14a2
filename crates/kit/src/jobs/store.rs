//! The rows of jobs.

use serde_json::Value;
use uuid::Uuid;

use super::{Job, NewJob, short};
use crate::clock::{now_ms, uuid_v7};
use crate::db::{self, DbResult, Row, Sql, Tx, exec, params};

/// A job as an operator sees it.
#[derive(Debug, Clone, Row)]
pub struct JobRow {
    /// Its id.
    pub id: Uuid,
    /// Which worker does it.
    pub kind: String,
    /// What it is about.
    pub job_key: String,
    /// `waiting` or `parked`.
    pub state: String,
    /// Tries so far.
    pub attempts: i32,
    /// The next try; of a job that a worker has, when its lease ends.
    pub run_at: i64,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: i64,
}

/// Asks for a job in the transaction of its reason. Whoever commits then calls
/// [`super::Queue::wake`], or the job waits for the next look.
pub async fn enqueue(tx: &Tx, job: &NewJob) -> DbResult<()> {
    let sql = "INSERT INTO jobs (id, kind, job_key, payload, state, attempts, run_at, created_at) \
               VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5) ON CONFLICT (kind, job_key) DO UPDATE \
               SET state = 'waiting', attempts = 0, run_at = excluded.run_at, last_error = NULL \
               WHERE jobs.state = 'parked'";
    let payload = job.payload.to_string();
    exec(tx, sql, params![uuid_v7(), job.kind, job.key.as_str(), payload, now_ms()]).await?;
    Ok(())
}

/// At most `limit` jobs: the parked ones first, then in the order in which they were asked for.
pub async fn list(c: &impl Sql, limit: i64) -> DbResult<Vec<JobRow>> {
    let sql = "SELECT id, kind, job_key, state, attempts, run_at, last_error, created_at \
               FROM jobs ORDER BY state, id LIMIT $1";
    db::all(c, sql, params![limit]).await
}

/// Has a parked job tried again; false when there is none with this id.
pub async fn retry(tx: &Tx, id: Uuid) -> DbResult<bool> {
    let sql = "UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $2 \
               WHERE id = $1 AND state = 'parked'";
    Ok(exec(tx, sql, params![id, now_ms()]).await? == 1)
}

/// Has all parked jobs tried again; answers how many.
pub async fn retry_all(tx: &Tx) -> DbResult<u64> {
    let sql = "UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $1 \
               WHERE state = 'parked'";
    exec(tx, sql, params![now_ms()]).await
}

#[derive(Row)]
struct Claimed {
    id: Uuid,
    job_key: String,
    payload: String,
    attempts: i32,
}

/// The next job that is due, which `worker` then has until `lease_end`.
pub(super) async fn claim(
    tx: &Tx,
    kind: &str,
    worker: Uuid,
    lease_end: i64,
) -> DbResult<Option<Job>> {
    let lock = db::for_update(tx);
    let lock = if lock.is_empty() { "" } else { " FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE jobs SET attempts = attempts + 1, worker = $1, run_at = $2 WHERE id IN \
         (SELECT id FROM jobs WHERE kind = $3 AND state = 'waiting' AND run_at <= $4 \
         ORDER BY run_at, id LIMIT 1{lock}) RETURNING id, job_key, payload, attempts"
    );
    let claimed: Option<Claimed> =
        db::one(tx, &sql, params![worker, lease_end, kind, now_ms()]).await?;
    Ok(claimed.map(|row| Job {
        id: row.id,
        key: row.job_key,
        payload: serde_json::from_str(&row.payload).unwrap_or(Value::Null),
        attempt: row.attempts.unsigned_abs(),
    }))
}

/// When the next job of `kind` is due.
pub(super) async fn next_due(c: &impl Sql, kind: &str) -> DbResult<Option<i64>> {
    let sql = "SELECT run_at FROM jobs WHERE kind = $1 AND state = 'waiting' \
               ORDER BY run_at LIMIT 1";
    db::scalar(c, sql, params![kind]).await
}

/// `worker` has the job for longer.
pub(super) async fn renew(tx: &Tx, id: Uuid, worker: Uuid, lease_end: i64) -> DbResult<()> {
    let sql = "UPDATE jobs SET run_at = $3 WHERE id = $1 AND worker = $2 AND state = 'waiting'";
    exec(tx, sql, params![id, worker, lease_end]).await?;
    Ok(())
}

/// The job is done.
pub(super) async fn finish(tx: &Tx, id: Uuid, worker: Uuid) -> DbResult<()> {
    let sql = "DELETE FROM jobs WHERE id = $1 AND worker = $2";
    exec(tx, sql, params![id, worker]).await?;
    Ok(())
}

/// The job failed and is tried again at `run_at`, or is parked.
pub(super) async fn put_back(
    tx: &Tx,
    (id, worker): (Uuid, Uuid),
    reason: &str,
    run_at: Option<i64>,
) -> DbResult<bool> {
    let state = if run_at.is_some() { "waiting" } else { "parked" };
    let sql = "UPDATE jobs SET state = $3, run_at = $4, last_error = $5, worker = NULL \
               WHERE id = $1 AND worker = $2";
    let run_at = run_at.unwrap_or_else(now_ms);
    Ok(exec(tx, sql, params![id, worker, state, run_at, short(reason)]).await? == 1)
}

/// Ends every lease: for a database that only this process works on.
pub(super) async fn release(tx: &Tx) -> DbResult<()> {
    let sql = "UPDATE jobs SET run_at = $1, worker = NULL WHERE worker IS NOT NULL";
    exec(tx, sql, params![now_ms()]).await?;
    Ok(())
}
