//! Writing: transactions.
//!
//! Of SQLite they are begun and ended by plain statements: sqlx's own begin and commit keep the
//! thread of the connection until the answer was taken, one more switch of threads each.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionTrait as _,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, MutexGuard};

use super::file::{Hear, Lent, plain, tell};
use super::source::Source;

/// Begins a transaction; on SQLite as the only one that writes: the file has one connection for it,
/// and waiting for that is the queue of writers.
pub(super) async fn begin(writer: &Source) -> Result<Tx, DbErr> {
    match writer {
        Source::Pool(pool) => Ok(Tx(Open::Pool(pool.begin().await?))),
        Source::File(file, hear) => {
            let lent = Mutex::new(file.lend().await?);
            let mut tx = OfFile { lent, hear: hear.clone(), ended: false };
            tx.lent.get_mut().execute(plain("BEGIN IMMEDIATE")).await?;
            Ok(Tx(Open::File(tx)))
        }
    }
}

/// An open transaction: undone if it is dropped before it was committed.
pub struct Tx(Open);

enum Open {
    Pool(DatabaseTransaction),
    File(OfFile),
}

struct OfFile {
    lent: Mutex<Lent>,
    hear: Option<Hear>,
    ended: bool,
}

impl Tx {
    /// Once this returns `Ok`, the rows survive a power cut.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            Open::Pool(tx) => tx.commit().await,
            Open::File(tx) => tx.end("COMMIT").await,
        }
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        match self.0 {
            Open::Pool(tx) => tx.rollback().await,
            Open::File(tx) => tx.end("ROLLBACK").await,
        }
    }
}

impl OfFile {
    /// Whatever `how` fails with, nothing stays open.
    async fn end(mut self, how: &str) -> Result<(), DbErr> {
        let done = self.lent.get_mut().execute(plain(how)).await;
        self.ended = done.is_ok();
        done.map(drop)
    }

    async fn lent(&self, statement: &Statement) -> MutexGuard<'_, Lent> {
        tell(self.hear.as_ref(), statement);
        self.lent.lock().await
    }
}

impl Drop for OfFile {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // Comes after what the connection was told before, also if nobody waits for that any more.
        let mut lent = self.lent.get_mut().give();
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                if lent.execute(plain("ROLLBACK")).await.is_err() {
                    lent.close();
                }
            })),
            Err(_) => lent.close(),
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Open::Pool(tx) => tx.get_database_backend(),
            Open::File(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Open::Pool(tx) => tx.execute_raw(statement).await,
            Open::File(tx) => tx.lent(&statement).await.execute(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Open::Pool(tx) => tx.execute_unprepared(sql).await,
            Open::File(tx) => tx.lent(&plain(sql)).await.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Open::Pool(tx) => tx.query_one_raw(statement).await,
            Open::File(tx) => tx.lent(&statement).await.one(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Open::Pool(tx) => tx.query_all_raw(statement).await,
            Open::File(tx) => tx.lent(&statement).await.all(statement).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Db, DbConfig, DbResult, exec, params, scalar};
    use super::*;

    async fn empty(folder: &std::path::Path) -> Db {
        let config = DbConfig { url: None, data_dir: folder.to_owned(), name: "write" };
        let db = Db::open(&config, &[]).await.unwrap();
        let table = "CREATE TABLE names (id BIGINT PRIMARY KEY)";
        db.write(async |tx| exec(tx, table, vec![]).await).await.unwrap();
        db
    }

    async fn insert(tx: &Tx, id: i64) -> DbResult<u64> {
        exec(tx, "INSERT INTO names VALUES ($1)", params![id]).await
    }

    async fn count(db: &Db) -> i64 {
        scalar(db.reader(), "SELECT COUNT(*) FROM names", vec![]).await.unwrap().unwrap()
    }

    fn open_ones(db: &Db) -> Vec<bool> {
        let Source::File(file, _) = &db.writer else { panic!("it is a file") };
        file.open_ones()
    }

    #[tokio::test]
    async fn a_transaction_that_nobody_ends_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        let db = empty(folder.path()).await;
        let (written, was_written) = tokio::sync::oneshot::channel();
        let work = db.write(async |tx| {
            insert(tx, 1).await?;
            written.send(()).unwrap();
            std::future::pending::<DbResult<()>>().await
        });
        tokio::select! {
            _ = work => panic!("it ended"),
            told = was_written => told.unwrap(),
        }
        assert_eq!(db.write(async |tx| insert(tx, 2).await).await, Ok(1));
        assert_eq!(count(&db).await, 1);
        assert_eq!(open_ones(&db), [true], "on the same connection");
    }

    #[tokio::test]
    async fn an_error_undoes_what_was_written_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let db = empty(folder.path()).await;
        let twice = db.write(async |tx| {
            insert(tx, 1).await?;
            insert(tx, 1).await
        });
        assert!(twice.await.unwrap_err().to_string().contains("UNIQUE"));
        assert_eq!(count(&db).await, 0);
    }

    /// At whatever moment: while it waits, begins, writes or commits.
    #[tokio::test]
    async fn whoever_stops_waiting_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let db = empty(folder.path()).await;
        let mut known = 0;
        for id in 0..300 {
            let work = db.write(async |tx| insert(tx, id).await);
            let patience = Duration::from_micros(10 * u64::try_from(id).unwrap());
            if let Ok(done) = tokio::time::timeout(patience, work).await {
                assert_eq!(done, Ok(1));
                known += 1;
            }
        }
        assert_eq!(db.write(async |tx| insert(tx, -1).await).await, Ok(1));
        let count = count(&db).await;
        assert!(count > known, "{count} are there, {known} were told of, and one more");
        assert_eq!(open_ones(&db).len(), 1);
    }
}
