//! The chain, with entries of any age.

use kit::clock::now_ms;
use kit::db::{Db, DbConfig, DbResult, exec, params, scalar};
use sea_orm::ConnectionTrait as _;

use super::chain::{self, Verdict, verify};
use super::*;

const DAY_MS: i64 = 86_400_000;

async fn open() -> Db {
    let data_dir = std::env::temp_dir().join(format!("tertulia-{}", kit::clock::uuid_v7()));
    std::fs::create_dir_all(&data_dir).unwrap();
    let config = DbConfig { url: own_database().await, data_dir, name: "identity" };
    Db::open(&config, crate::schema::MIGRATIONS).await.unwrap()
}

async fn own_database() -> Option<String> {
    let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("audit_{}", kit::clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

/// Writes an entry as if it were so many days old.
async fn write(db: &Db, days: i64, event: &'static str) {
    let written: DbResult<()> = db
        .write(async |tx| {
            let mut row = chain::next(tx, &Entry::new(event)).await?;
            row.at -= days * DAY_MS;
            let sql = "INSERT INTO audit (seq, at, event, outcome, ip, user_agent, detail, \
                       prev_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            let hash = row.own_hash();
            let values = params![
                row.seq,
                row.at,
                row.event,
                row.outcome,
                row.ip,
                row.user_agent,
                row.detail,
                row.prev_hash,
                hash
            ];
            exec(tx, sql, values).await.map(drop)
        })
        .await;
    written.unwrap();
}

async fn change(db: &Db, sql: &str) -> DbResult<u64> {
    db.write(async |tx| exec(tx, sql, vec![]).await).await
}

async fn trim(db: &Db, days: i64) -> bool {
    keep::trim(db, now_ms() - days * DAY_MS).await.unwrap()
}

#[tokio::test]
async fn old_entries_go_and_the_rest_can_still_be_verified() {
    let db = open().await;
    for days in [500, 450, 401, 399, 10] {
        write(&db, days, "login.ok").await;
    }
    let whole = |entries, first| Verdict::Whole { entries, first };
    assert_eq!(verify(db.reader()).await.unwrap(), whole(5, 1));
    assert!(trim(&db, 400).await);
    assert!(!trim(&db, 400).await, "once is enough");
    // Two are left, and the entry that says that three went.
    assert_eq!(verify(db.reader()).await.unwrap(), whole(3, 4));
    let sql = "SELECT detail FROM audit WHERE event = 'audit.trimmed'";
    let detail: Option<String> = scalar(db.reader(), sql, vec![]).await.unwrap();
    assert!(detail.unwrap().contains(r#""through":3"#));
    write(&db, 0, "login.ok").await;
    assert!(trim(&db, 5).await, "and once more");
    assert_eq!(verify(db.reader()).await.unwrap(), whole(3, 6));
}

#[tokio::test]
async fn only_what_was_kept_long_enough_can_be_deleted() {
    let db = open().await;
    for days in [500, 450, 10] {
        write(&db, days, "login.ok").await;
    }
    assert!(change(&db, "DELETE FROM audit WHERE seq = 1").await.is_err());
    assert!(trim(&db, 400).await);
    assert!(change(&db, "DELETE FROM audit WHERE seq = 3").await.is_err());
    assert!(change(&db, "UPDATE audit SET event = 'x' WHERE seq = 3").await.is_err());
}

#[tokio::test]
async fn who_moves_the_start_by_hand_is_found_out() {
    let db = open().await;
    for _ in 0..4 {
        write(&db, 1, "login.fail").await;
    }
    let sql = "INSERT INTO audit_start (seat, seq, hash) SELECT 1, seq, hash FROM audit \
               WHERE seq = 2";
    change(&db, sql).await.unwrap();
    change(&db, "DELETE FROM audit WHERE seq <= 2").await.unwrap();
    assert_eq!(verify(db.reader()).await.unwrap(), Verdict::Broken(2));
}

#[tokio::test]
async fn many_writers_make_one_chain() {
    let db = open().await;
    let writers = (0..25).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let entry = Entry::new("login.ok").detail(json!({"n": 1}));
            let written: DbResult<()> = db.write(async |tx| record(tx, &entry).await).await;
            written.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let verdict = verify(db.reader()).await.unwrap();
    assert_eq!(verdict, Verdict::Whole { entries: 25, first: 1 });
}
