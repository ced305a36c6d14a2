//! A connection for reading.
//!
//! On PostgreSQL it comes from the pool. sqlx's pool asks each connection that comes back whether
//! it still lives; for SQLite that is one more way to the thread of the connection and back, which
//! costs as much as most statements do. A file does not go away: its connections are kept here
//! without asking.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sea_orm::sqlx::{self, ConnectOptions as _};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Semaphore, SemaphorePermit};

/// So many may read a SQLite file at the same time.
const CONNECTIONS: usize = 4;
/// Longest wait for one of them.
const WAIT: Duration = Duration::from_secs(30);

/// What is told of every statement, without its values.
type Hear = Arc<dyn Fn(&str) + Send + Sync>;

/// Reads; what would write is refused on SQLite. Cheap to clone.
#[derive(Clone)]
pub struct Reader(Source);

#[derive(Clone)]
enum Source {
    Pool(DatabaseConnection),
    File(Arc<File>, Option<Hear>),
}

/// The connections to a SQLite file.
struct File {
    options: SqliteConnectOptions,
    /// Those that nobody uses; nothing stands for one that has yet to be opened.
    free: Mutex<Vec<Option<SqliteConnection>>>,
    turns: Semaphore,
}

impl Reader {
    pub(super) fn pool(pool: DatabaseConnection) -> Self {
        Self(Source::Pool(pool))
    }

    pub(super) fn file(options: SqliteConnectOptions) -> Self {
        let options = options.pragma("query_only", "ON").disable_statement_logging();
        let free = Mutex::new((0..CONNECTIONS).map(|_| None).collect());
        let turns = Semaphore::new(CONNECTIONS);
        Self(Source::File(Arc::new(File { options, free, turns }), None))
    }

    pub(super) fn on_statement(&mut self, hear: impl Fn(&str) + Send + Sync + 'static) {
        match &mut self.0 {
            Source::Pool(pool) => pool.set_metric_callback(move |told| hear(&told.statement.sql)),
            Source::File(_, told) => *told = Some(Arc::new(hear)),
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Source::Pool(pool) => pool.get_database_backend(),
            Source::File(..) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.execute_raw(statement).await,
            Source::File(file, hear) => {
                tell(hear.as_ref(), &statement);
                let mut lent = file.lend().await?;
                let done = query(statement).execute(lent.connection().await?).await;
                lent.checked(done).map(ExecResult::from)
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.execute_unprepared(sql).await,
            Source::File(..) => {
                self.execute_raw(Statement::from_string(DbBackend::Sqlite, sql)).await
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.query_one_raw(statement).await,
            Source::File(file, hear) => {
                tell(hear.as_ref(), &statement);
                let mut lent = file.lend().await?;
                let row = query(statement).fetch_optional(lent.connection().await?).await;
                Ok(lent.checked(row)?.map(QueryResult::from))
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.query_all_raw(statement).await,
            Source::File(file, hear) => {
                tell(hear.as_ref(), &statement);
                let mut lent = file.lend().await?;
                let rows = query(statement).fetch_all(lent.connection().await?).await;
                let rows: Vec<SqliteRow> = lent.checked(rows)?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }
}

fn tell(hear: Option<&Hear>, statement: &Statement) {
    if let Some(hear) = hear {
        hear(&statement.sql);
    }
}

fn query(statement: Statement) -> sqlx::query::Query<'static, sqlx::Sqlite, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), SqlxValues(values))
}

impl File {
    async fn lend(&self) -> Result<Lent<'_>, DbErr> {
        let turn = tokio::time::timeout(WAIT, self.turns.acquire()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(sqlx::Error::PoolTimedOut))));
        };
        let connection = self.free().pop().flatten();
        Ok(Lent { file: self, connection, _turn: turn })
    }

    fn free(&self) -> MutexGuard<'_, Vec<Option<SqliteConnection>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for one statement. Whoever stops waiting for the answer leaves nothing behind: the
/// thread of the connection resets a statement whose rows nobody takes.
struct Lent<'f> {
    file: &'f File,
    connection: Option<SqliteConnection>,
    _turn: SemaphorePermit<'f>,
}

impl Lent<'_> {
    async fn connection(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        let open = match self.connection.take() {
            Some(open) => open,
            None => self.file.options.connect().await.map_err(failed)?,
        };
        Ok(self.connection.insert(open))
    }

    /// The answer; a connection whose thread has ended is opened anew for the next statement.
    fn checked<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        if let Err(sqlx::Error::WorkerCrashed) = &answer {
            self.connection = None;
        }
        answer.map_err(failed)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // Before the turn ends, so that whose turn it is finds one.
        self.file.free().push(self.connection.take());
    }
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::super::{Db, DbConfig, exec, params, scalar};
    use super::*;

    async fn with_a_row(folder: &std::path::Path) -> Db {
        let config = DbConfig { url: None, data_dir: folder.to_owned(), name: "read" };
        let db = Db::open(&config, &[]).await.unwrap();
        let work = db.write(async |tx| {
            exec(tx, "CREATE TABLE names (id BIGINT PRIMARY KEY, name TEXT)", vec![]).await?;
            exec(tx, "INSERT INTO names VALUES ($1, $2)", params![1, "Ana"]).await
        });
        assert_eq!(work.await, Ok::<_, DbErr>(1));
        db
    }

    async fn name(db: &Db) -> Option<String> {
        scalar(db.reader(), "SELECT name FROM names WHERE id = $1", params![1]).await.unwrap()
    }

    #[tokio::test]
    async fn nothing_is_written_by_who_reads() {
        let folder = tempfile::tempdir().unwrap();
        let db = with_a_row(folder.path()).await;
        let written = exec(db.reader(), "UPDATE names SET name = 'Leo'", vec![]).await;
        assert!(written.unwrap_err().to_string().contains("readonly"));
        assert_eq!(name(&db).await.as_deref(), Some("Ana"));
    }

    #[tokio::test]
    async fn who_stops_waiting_for_rows_keeps_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let db = with_a_row(folder.path()).await;
        let many = "WITH RECURSIVE n (i) AS \
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
        assert_eq!(name(&db).await.as_deref(), Some("Ana"), "a connection is open");
        for _ in 0..10 * CONNECTIONS {
            let statement = Statement::from_string(DbBackend::Sqlite, many);
            let asked = db.reader().query_all_raw(statement);
            assert!(asked.now_or_never().is_none(), "the rows are there at once");
        }
        for _ in 0..2 * CONNECTIONS {
            assert_eq!(name(&db).await.as_deref(), Some("Ana"));
        }
        let Source::File(file, _) = &db.reader().0 else { panic!("it is a file") };
        assert_eq!(file.free().len(), CONNECTIONS, "each came back");
        assert!(file.free().iter().any(Option::is_some), "and open");
    }
}
