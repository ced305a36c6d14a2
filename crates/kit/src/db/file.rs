//! The connections to a SQLite file.
//!
//! Each has a thread of its own, and a statement costs little beside the way there and back. sqlx's
//! pool goes it once more for each connection that comes back, to ask whether it still lives; a
//! file does not go away, so its connections are kept here without asking.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sea_orm::sqlx::{self, ConnectOptions as _, Executor as _};
use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest wait for a connection.
const WAIT: Duration = Duration::from_secs(30);

/// What is told of every statement, without its values.
pub(super) type Hear = Arc<dyn Fn(&str) + Send + Sync>;

/// Tells of a statement.
pub(super) fn tell(hear: Option<&Hear>, statement: &Statement) {
    if let Some(hear) = hear {
        hear(&statement.sql);
    }
}

/// A SQLite file, and so many connections to it.
pub(super) struct File {
    options: SqliteConnectOptions,
    /// Those that nobody uses; nothing stands for one that has yet to be opened.
    free: Mutex<Vec<Option<SqliteConnection>>>,
    turns: Arc<Semaphore>,
}

impl File {
    /// Opens nothing yet.
    pub(super) fn new(options: SqliteConnectOptions, connections: usize) -> Arc<Self> {
        let free = Mutex::new((0..connections).map(|_| None).collect());
        Arc::new(Self { options, free, turns: Arc::new(Semaphore::new(connections)) })
    }

    /// Waits for a connection.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent, DbErr> {
        let turn = tokio::time::timeout(WAIT, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(sqlx::Error::PoolTimedOut))));
        };
        let connection = self.free().pop().flatten();
        Ok(Lent { file: self.clone(), connection, turn: Some(turn) })
    }

    fn free(&self) -> MutexGuard<'_, Vec<Option<SqliteConnection>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that comes back when this is dropped. Whoever stops waiting for the answer to a
/// statement leaves nothing of it behind: the thread of the connection resets a statement whose
/// rows nobody takes.
pub(super) struct Lent {
    file: Arc<File>,
    connection: Option<SqliteConnection>,
    /// Nothing once it was given on.
    turn: Option<OwnedSemaphorePermit>,
}

impl Lent {
    /// Runs a statement.
    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let done = query(statement).execute(self.open().await?).await;
        self.checked(done).map(ExecResult::from)
    }

    /// Runs one or more statements without values.
    pub(super) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = self.open().await?.execute(sqlx::AssertSqlSafe(sql.to_owned())).await;
        self.checked(done).map(ExecResult::from)
    }

    /// The first row.
    pub(super) async fn one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let row = query(statement).fetch_optional(self.open().await?).await;
        Ok(self.checked(row)?.map(QueryResult::from))
    }

    /// All rows.
    pub(super) async fn all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let rows = query(statement).fetch_all(self.open().await?).await;
        let rows: Vec<SqliteRow> = self.checked(rows)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Gives the connection on; what stays here comes back to nobody.
    pub(super) fn give(&mut self) -> Self {
        let (connection, turn) = (self.connection.take(), self.turn.take());
        Self { file: self.file.clone(), connection, turn }
    }

    /// The next who gets it will open another one: SQLite ends what was open in this one.
    pub(super) fn close(&mut self) {
        self.connection = None;
    }

    async fn open(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        let open = match self.connection.take() {
            Some(open) => open,
            None => self.file.options.connect().await.map_err(failed)?,
        };
        Ok(self.connection.insert(open))
    }

    /// The answer; a connection whose thread has ended is opened anew for the next statement.
    fn checked<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        if let Err(sqlx::Error::WorkerCrashed) = &answer {
            self.close();
        }
        answer.map_err(failed)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(turn) = self.turn.take() {
            // Before the turn ends, so that whose turn it is finds one.
            self.file.free().push(self.connection.take());
            drop(turn);
        }
    }
}

/// A statement without values.
pub(super) fn plain(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, sql)
}

fn query(statement: Statement) -> sqlx::query::Query<'static, sqlx::Sqlite, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

#[cfg(test)]
impl File {
    /// Whether each connection that nobody uses is open.
    pub(super) fn open_ones(&self) -> Vec<bool> {
        self.free().iter().map(Option::is_some).collect()
    }
}
