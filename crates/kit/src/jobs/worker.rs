//! Taking jobs, doing them, and putting back what failed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::{Failed, Job, Plan, Work, store};
use crate::clock::{now_ms, random_bytes, uuid_v4};
use crate::db::{Db, DbErr, DbResult};

/// Whoever has a job has it for so long after the last renewal.
const LEASE: Duration = Duration::from_secs(15);
/// How often a lease is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often one looks for jobs that another process or a clock made due.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// After the database failed.
const FAILED_WAIT: Duration = Duration::from_secs(1);

/// The jobs of one service. Cheap to clone.
#[derive(Clone)]
pub struct Queue {
    db: Db,
    worker: Uuid,
    wake: Arc<watch::Sender<()>>,
}

impl Queue {
    /// The queue in `db`, which has its table. On SQLite, which one process works on, what an
    /// earlier one had begun is due at once.
    pub async fn open(db: &Db) -> DbResult<Self> {
        if !db.is_postgres() {
            db.write(async |tx| store::release(tx).await).await?;
        }
        let (wake, _) = watch::channel(());
        Ok(Self { db: db.clone(), worker: uuid_v4(), wake: Arc::new(wake) })
    }

    /// Has every worker of this process look for what was enqueued.
    pub fn wake(&self) {
        self.wake.send_replace(());
    }

    /// Does jobs of `kind` as long as the process runs.
    pub fn work(&self, kind: &'static str, plan: Plan, work: impl Work) {
        let each = Each { queue: self.clone(), kind, plan, work: Arc::new(work) };
        tokio::spawn(each.run());
    }
}

/// What does the jobs of one kind.
struct Each<W> {
    queue: Queue,
    kind: &'static str,
    plan: Plan,
    work: Arc<W>,
}

impl<W: Work> Each<W> {
    async fn run(self) {
        let each = Arc::new(self);
        let slots = Arc::new(Semaphore::new(each.plan.at_once));
        let mut wake = each.queue.wake.subscribe();
        loop {
            let Ok(slot) = slots.clone().acquire_owned().await else { return };
            wake.borrow_and_update();
            match each.claim().await {
                Ok(Some(job)) => {
                    let each = each.clone();
                    tokio::spawn(async move {
                        each.attempt(&job).await;
                        drop(slot);
                    });
                }
                Ok(None) => {
                    drop(slot);
                    let pause = each.pause().await;
                    let _ = tokio::time::timeout(pause, wake.changed()).await;
                }
                Err(error) => {
                    drop(slot);
                    tracing::error!(%error, job.kind = each.kind, "the job queue failed");
                    tokio::time::sleep(FAILED_WAIT).await;
                }
            }
        }
    }

    async fn claim(&self) -> DbResult<Option<Job>> {
        // Looking is free; writing would wake the disk for nothing.
        let due = store::next_due(self.queue.db.reader(), self.kind).await?;
        if due.is_none_or(|at| at > now_ms()) {
            return Ok(None);
        }
        let (queue, until) = (&self.queue, lease_end());
        queue.db.write(async |tx| store::claim(tx, self.kind, queue.worker, until).await).await
    }

    /// Until the next job is due, or until one looks anyway.
    async fn pause(&self) -> Duration {
        let due = store::next_due(self.queue.db.reader(), self.kind).await.ok().flatten();
        let until = due.map_or(LOOK_EVERY, |at| {
            Duration::from_millis(u64::try_from(at - now_ms()).unwrap_or(0) + 1)
        });
        until.min(LOOK_EVERY)
    }

    async fn attempt(&self, job: &Job) {
        let done = if job.attempt > self.plan.tries {
            Err(Failed::Never("the process ended during the last try".to_owned()))
        } else {
            self.under_lease(job).await
        };
        let place = (job.id, self.queue.worker);
        let (reason, run_at) = match done {
            Ok(()) => {
                let finished =
                    self.queue.db.write(async |tx| store::finish(tx, place.0, place.1).await);
                return self.log_failure(finished.await);
            }
            Err(Failed::Later(reason)) if job.attempt < self.plan.tries => {
                let wait = self.plan.wait(job.attempt, share());
                let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                (reason, Some(now_ms().saturating_add(wait)))
            }
            Err(Failed::Later(reason) | Failed::Never(reason)) => (reason, None),
        };
        tracing::warn!(job.kind = self.kind, job.id = %job.id, attempt = job.attempt,
            parked = run_at.is_none(), "job {} failed: {reason}", job.id);
        let put = self.queue.db.write(async |tx| {
            let ours = store::put_back(tx, place, &reason, run_at).await?;
            if ours && run_at.is_none() {
                self.work.park(tx, job, &reason).await?;
            }
            Ok::<_, DbErr>(ours)
        });
        match put.await {
            Ok(ours) if ours && run_at.is_none() => self.work.parked(job).await,
            put => self.log_failure(put.map(drop)),
        }
        self.queue.wake();
    }

    /// Does the job, renewing its lease meanwhile. It runs in a task of its own, so that a panic
    /// is a failed try.
    async fn under_lease(&self, job: &Job) -> Result<(), Failed> {
        let (work, own) = (self.work.clone(), job.clone());
        let mut task = tokio::spawn(async move { work.run(&own).await });
        loop {
            tokio::select! {
                done = &mut task => {
                    return done.unwrap_or_else(|broken| Err(Failed::Later(broken.to_string())));
                }
                () = tokio::time::sleep(RENEW_EVERY) => {
                    let (id, worker, until) = (job.id, self.queue.worker, lease_end());
                    let renewed = self.queue.db
                        .write(async |tx| store::renew(tx, id, worker, until).await);
                    self.log_failure(renewed.await);
                }
            }
        }
    }

    /// What was not written is done again after the lease, which is allowed.
    fn log_failure(&self, written: Result<(), DbErr>) {
        if let Err(error) = written {
            tracing::error!(%error, job.kind = self.kind, "the state of a job was not written");
        }
    }
}

fn lease_end() -> i64 {
    now_ms() + i64::try_from(LEASE.as_millis()).expect("a lease is short")
}

/// A random number from 0 to 1.
fn share() -> f64 {
    f64::from(u16::from_be_bytes(random_bytes())) / f64::from(u16::MAX)
}
