//! The queue on a real database: SQLite always, PostgreSQL when `TERTULIA_TEST_POSTGRES` names a
//! server.

use std::sync::Mutex;

use sea_orm::ConnectionTrait as _;
use serde_json::json;
use url::Url;

use super::*;
use crate::clock;
use crate::db::{Db, DbConfig, DbErr, DbResult, Migration, Tx, exec, params};

const PLAN: Plan = Plan {
    at_once: 2,
    tries: 3,
    first_wait: Duration::from_millis(20),
    longest_wait: Duration::from_millis(50),
};

async fn open() -> Db {
    let data_dir = std::env::temp_dir().join(format!("tertulia-jobs-{}", clock::uuid_v7()));
    std::fs::create_dir_all(&data_dir).unwrap();
    let url = own_database().await;
    let migration = Migration { name: "jobs", sql: SCHEMA, sqlite: &[], postgres: &[] };
    Db::open(&DbConfig { url, data_dir, name: "jobs" }, &[migration]).await.unwrap()
}

async fn own_database() -> Option<String> {
    let server = crate::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("jobs_{}", clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

async fn ask(db: &Db, key: &str) {
    let job = NewJob { kind: "greet", key: key.to_owned(), payload: json!({"to": key}) };
    db.write(async |tx| enqueue(tx, &job).await).await.unwrap();
}

/// Fails as often as it is told, and writes down every try.
#[derive(Clone, Default)]
struct Greeter {
    failures: u32,
    never: bool,
    tries: std::sync::Arc<Mutex<Vec<String>>>,
    parked: std::sync::Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Work for Greeter {
    async fn run(&self, job: &Job) -> Result<(), Failed> {
        self.tries.lock().unwrap().push(job.payload["to"].as_str().unwrap().to_owned());
        match job.attempt {
            _ if self.never => Err(Failed::Never("no such person".to_owned())),
            attempt if attempt <= self.failures => Err(Failed::Later("not in".to_owned())),
            _ => Ok(()),
        }
    }

    async fn park(&self, _tx: &Tx, job: &Job, reason: &str) -> DbResult<()> {
        self.parked.lock().unwrap().push(format!("{}: {reason}", job.key));
        Ok(())
    }
}

impl Greeter {
    fn tries(&self) -> usize {
        self.tries.lock().unwrap().len()
    }
}

async fn until(what: &str, mut fits: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !fits().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn rows(db: &Db) -> Vec<JobRow> {
    list(db.reader(), 100).await.unwrap()
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_until_it_is_done() {
    let db = open().await;
    let queue = Queue::open(&db).await.unwrap();
    let greeter = Greeter { failures: 2, ..Greeter::default() };
    queue.work("greet", PLAN, greeter.clone());
    ask(&db, "ana").await;
    queue.wake();
    until("the job is done", async || rows(&db).await.is_empty()).await;
    assert_eq!(greeter.tries(), 3);
    assert!(greeter.parked.lock().unwrap().is_empty());
}

/// Fails once; whoever hears that it was parked asks anew at once.
#[derive(Clone)]
struct Insisting {
    db: Db,
    greeter: Greeter,
}

#[async_trait]
impl Work for Insisting {
    async fn run(&self, job: &Job) -> Result<(), Failed> {
        self.greeter.run(job).await?;
        if self.greeter.tries() == 1 { Err(Failed::Never("not now".to_owned())) } else { Ok(()) }
    }

    async fn parked(&self, job: &Job) {
        ask(&self.db, &job.key).await;
    }
}

#[tokio::test]
async fn who_hears_that_a_job_was_parked_and_asks_anew_has_it_done() {
    let db = open().await;
    let queue = Queue::open(&db).await.unwrap();
    let insisting = Insisting { db: db.clone(), greeter: Greeter::default() };
    queue.work("greet", PLAN, insisting.clone());
    ask(&db, "ana").await;
    queue.wake();
    until("the job is done", async || rows(&db).await.is_empty()).await;
    assert_eq!(insisting.greeter.tries(), 2);
}

#[tokio::test]
async fn after_the_last_try_a_job_is_parked_until_someone_has_it_tried_again() {
    let db = open().await;
    let queue = Queue::open(&db).await.unwrap();
    let greeter = Greeter { failures: 3, ..Greeter::default() };
    queue.work("greet", PLAN, greeter.clone());
    ask(&db, "ana").await;
    queue.wake();
    until("it is parked", async || rows(&db).await.iter().any(|row| row.state == "parked")).await;
    let row = rows(&db).await.remove(0);
    assert_eq!((row.attempts, row.last_error.as_deref()), (3, Some("not in")));
    assert_eq!(*greeter.parked.lock().unwrap(), ["ana: not in"]);
    assert!(!db.write(async |tx| retry(tx, clock::uuid_v4()).await).await.unwrap());
    assert!(db.write(async |tx| retry(tx, row.id).await).await.unwrap());
    queue.wake();
    until("it is parked again", async || greeter.parked.lock().unwrap().len() == 2).await;
    assert_eq!(greeter.tries(), 6);
    until("so the row says", async || rows(&db).await[0].state == "parked").await;
    // Asking anew is another way.
    ask(&db, "ana").await;
    assert_eq!(rows(&db).await[0].state, "waiting");
}

#[tokio::test]
async fn what_no_try_will_help_is_parked_at_once() {
    let db = open().await;
    let queue = Queue::open(&db).await.unwrap();
    let greeter = Greeter { never: true, ..Greeter::default() };
    queue.work("greet", PLAN, greeter.clone());
    ask(&db, "ana").await;
    queue.wake();
    until("it is parked", async || rows(&db).await[0].state == "parked").await;
    assert_eq!(greeter.tries(), 1);
    assert_eq!(db.write(async |tx| retry_all(tx).await).await.unwrap(), 1);
}

#[tokio::test]
async fn two_processes_and_many_askers_do_a_job_once() {
    let db = open().await;
    let (one, two) = (Queue::open(&db).await.unwrap(), Queue::open(&db).await.unwrap());
    for _ in 0..3 {
        for key in ["ana", "ben", "eva", "leo"] {
            ask(&db, key).await;
        }
    }
    assert_eq!(rows(&db).await.len(), 4, "one for each key");
    let greeter = Greeter::default();
    one.work("greet", PLAN, greeter.clone());
    two.work("greet", PLAN, greeter.clone());
    until("all are done", async || rows(&db).await.is_empty()).await;
    let mut tries = greeter.tries.lock().unwrap().clone();
    tries.sort();
    assert_eq!(tries, ["ana", "ben", "eva", "leo"]);
}

#[tokio::test]
async fn a_job_whose_worker_died_is_done_when_its_lease_ends() {
    let db = open().await;
    ask(&db, "ana").await;
    let dead = clock::uuid_v4();
    let far = clock::now_ms() + 3_600_000;
    let claimed = db.write(async |tx| store::claim(tx, "greet", dead, far).await).await.unwrap();
    assert_eq!(claimed.unwrap().attempt, 1);
    let again = db.write(async |tx| store::claim(tx, "greet", dead, far).await).await.unwrap();
    assert!(again.is_none(), "a job on lease is nobody else's");
    let ended = "UPDATE jobs SET run_at = $1";
    let ended = db.write(async |tx| exec(tx, ended, params![clock::now_ms()]).await);
    ended.await.unwrap();
    let queue = Queue::open(&db).await.unwrap();
    let greeter = Greeter::default();
    queue.work("greet", PLAN, greeter.clone());
    until("the job is done", async || rows(&db).await.is_empty()).await;
    assert_eq!(greeter.tries(), 1);
}

#[tokio::test]
async fn a_job_is_asked_for_with_its_reason_or_not_at_all() {
    let db = open().await;
    let job = NewJob { kind: "greet", key: "ana".to_owned(), payload: json!({}) };
    let undone: Result<(), DbErr> = db
        .write(async |tx| {
            enqueue(tx, &job).await?;
            Err(DbErr::Custom("the reason went away".to_owned()))
        })
        .await;
    assert!(undone.is_err());
    assert!(rows(&db).await.is_empty());
}

#[test]
fn waits_double_to_a_bound_and_differ() {
    let ms = |attempt, share| PLAN.wait(attempt, share).as_millis();
    assert_eq!([ms(1, 1.0), ms(2, 1.0), ms(3, 1.0), ms(40, 1.0)], [20, 40, 50, 50]);
    assert_eq!([ms(1, 0.0), ms(2, 0.5)], [10, 30]);
}
