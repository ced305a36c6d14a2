//! The database of one service: SQLite by default, PostgreSQL by URL, the same SQL on both.
//!
//! SQL is written once, with `$1` and the types UUID, BYTEA, BIGINT, INTEGER, TEXT, BOOLEAN
//! (SQLite takes any type name). A commit that returned is durable: SQLite runs in WAL mode with
//! `synchronous=FULL`, and PostgreSQL is refused when it does not fsync.

mod file;
mod reader;
mod source;
mod tx;

use std::path::Path;
use std::time::Duration;

pub use reader::Reader;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, FromQueryResult, Statement};
pub use sea_orm::{ConnectionTrait as Sql, DbErr, FromQueryResult as Row, Value};
pub use tx::Tx;

use file::File;
use source::Source;

use crate::clock;

/// What a store function returns.
pub type DbResult<T> = Result<T, DbErr>;

/// Values for `$1`, `$2`, …: `params![room, seq]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub use crate::params;

/// One step of a schema; applied once, in order, each in a transaction.
pub struct Migration {
    /// A name that never changes: `0001_rooms`.
    pub name: &'static str,
    /// Statements for both databases, separated by `;`.
    pub sql: &'static str,
    /// Statements for SQLite only; one per item, since triggers contain `;`.
    pub sqlite: &'static [&'static str],
    /// Statements for PostgreSQL only.
    pub postgres: &'static [&'static str],
}

/// Where a service keeps its rows.
#[derive(Debug, Clone)]
pub struct DbConfig {
    /// `postgres://…`, or nothing for a SQLite file in `data_dir`.
    pub url: Option<String>,
    /// Folder of the SQLite file.
    pub data_dir: std::path::PathBuf,
    /// Name of the SQLite file (without `.db`) and of the PostgreSQL schema.
    pub name: &'static str,
}

/// Handles to one database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    reader: Reader,
    writer: Source,
}

impl Db {
    /// Opens the database, creating it when it is not there, and brings its schema up to date.
    pub async fn open(config: &DbConfig, migrations: &[Migration]) -> DbResult<Self> {
        let db = match &config.url {
            Some(url) => open_postgres(url, config.name).await?,
            None => open_sqlite(&config.data_dir.join(format!("{}.db", config.name))).await?,
        };
        migrate(&db, migrations).await?;
        Ok(db)
    }

    /// A connection for reading; never write through it.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Runs `work` in one transaction and commits when it answers `Ok`.
    ///
    /// On SQLite writers queue here (`BEGIN IMMEDIATE` on the one writing connection), so a
    /// transaction never fails for having read before it wrote. Once this returns `Ok`, the
    /// rows survive a power cut.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<DbErr>,
        F: AsyncFnOnce(&Tx) -> Result<T, E>,
    {
        let tx = tx::begin(&self.writer).await?;
        let done = work(&tx).await;
        match done {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                tx.rollback().await?;
                Err(error)
            }
        }
    }

    /// Has `hear` told of every statement from now on, without its values: for measurements, and
    /// for tests that a request's work does not depend on a secret. Clones made before are deaf.
    pub fn on_statement(&mut self, hear: impl Fn(&str) + Clone + Send + Sync + 'static) {
        self.reader.on_statement(hear.clone());
        self.writer.on_statement(hear);
    }

    /// Whether the rows are in PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.writer, Source::Pool(_))
    }
}

/// All rows of a query.
pub async fn all<T: FromQueryResult>(
    c: &impl ConnectionTrait,
    sql: &str,
    params: Vec<Value>,
) -> DbResult<Vec<T>> {
    let rows = c.query_all_raw(statement(c, sql, params)).await?;
    rows.iter().map(|row| T::from_query_result(row, "")).collect()
}

/// The only row of a query, if there is one.
pub async fn one<T: FromQueryResult>(
    c: &impl ConnectionTrait,
    sql: &str,
    params: Vec<Value>,
) -> DbResult<Option<T>> {
    let row = c.query_one_raw(statement(c, sql, params)).await?;
    row.map(|row| T::from_query_result(&row, "")).transpose()
}

/// The single column of the only row of a query, if there is one.
pub async fn scalar<T: sea_orm::TryGetable>(
    c: &impl ConnectionTrait,
    sql: &str,
    params: Vec<Value>,
) -> DbResult<Option<T>> {
    let row = c.query_one_raw(statement(c, sql, params)).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Runs a statement; answers how many rows it changed.
pub async fn exec(c: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> DbResult<u64> {
    Ok(c.execute_raw(statement(c, sql, params)).await?.rows_affected())
}

/// What to append to a `SELECT` that must lock its rows; SQLite's writer already holds the lock.
pub fn for_update(c: &impl ConnectionTrait) -> &'static str {
    match c.get_database_backend() {
        DbBackend::Postgres => " FOR UPDATE",
        _ => "",
    }
}

/// What a list is narrowed by: `WHERE a = $1 AND b < $2`, and the values.
#[derive(Debug, Default)]
pub struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// `what`, such as `user_id =`, followed by the value.
    pub fn add(&mut self, what: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.texts.push(format!("{what} ${}", self.values.len()));
    }

    /// The same if there is a value.
    pub fn add_if(&mut self, what: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.add(what, value);
        }
    }

    /// A condition whose only value is at every `?`, or that has none.
    pub fn also(&mut self, text: &str, value: Option<Value>) {
        self.values.extend(value);
        self.texts.push(text.replace('?', &format!("${}", self.values.len())));
    }

    /// What comes after the table, what comes last, and the values.
    pub fn limited(mut self, limit: i64) -> (String, String, Vec<Value>) {
        let place = self.texts.join(" AND ");
        let place = if place.is_empty() { place } else { format!(" WHERE {place}") };
        self.values.push(limit.into());
        let last = format!(" LIMIT ${}", self.values.len());
        (place, last, self.values)
    }
}

/// `($1, $2), ($3, $4)` for `rows` rows of `columns` columns, starting after `$offset`.
pub fn tuples(rows: usize, columns: usize, offset: usize) -> String {
    let mut sql = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let comma = if column == 0 { "$" } else { ", $" };
            sql.push_str(comma);
            sql.push_str(&(offset + row * columns + column + 1).to_string());
        }
        sql.push(')');
    }
    sql
}

fn statement(c: &impl ConnectionTrait, sql: &str, params: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(c.get_database_backend(), sql, params)
}

/// So many may read a SQLite file at the same time.
const READERS: usize = 4;

async fn open_sqlite(path: &Path) -> DbResult<Db> {
    let options = durable(SqliteConnectOptions::new().filename(path));
    let readers = File::new(options.clone().pragma("query_only", "ON"), READERS);
    let writer = File::new(options.create_if_missing(true), 1);
    let reader = Reader::new(Source::File(readers, None));
    let db = Db { reader, writer: Source::File(writer, None) };
    let mode = db.write(async |tx| scalar::<i64>(tx, "PRAGMA synchronous", vec![]).await).await?;
    if mode != Some(2) {
        return Err(DbErr::Custom("SQLite must run with synchronous=FULL".to_owned()));
    }
    Ok(db)
}

fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
        .statement_cache_capacity(512)
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "MEMORY")
        .pragma("journal_size_limit", "67108864")
        // 16 MiB: a page that changes often is copied from the log to the file less often.
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging()
}

async fn open_postgres(url: &str, schema: &str) -> DbResult<Db> {
    let mut first = ConnectOptions::new(url);
    first.max_connections(1).sqlx_logging(false);
    let bootstrap = Database::connect(first).await?;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: Option<String> = scalar(&bootstrap, &format!("SHOW {setting}"), vec![]).await?;
        if value.as_deref() == Some("off") {
            return Err(DbErr::Custom(format!("PostgreSQL must not run with {setting}=off")));
        }
    }
    // `IF NOT EXISTS` still races with another instance that starts at the same moment.
    let sql = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
    let lock = "SELECT pg_advisory_lock(727368)";
    bootstrap.execute_unprepared(lock).await?;
    bootstrap.execute_unprepared(&sql).await?;
    bootstrap.close().await?;
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .test_before_acquire(false)
        .set_schema_search_path(schema);
    let pool = Database::connect(options).await?;
    Ok(Db { reader: Reader::new(Source::Pool(pool.clone())), writer: Source::Pool(pool) })
}

async fn migrate(db: &Db, migrations: &[Migration]) -> DbResult<()> {
    db.write(async |tx| {
        if db.is_postgres() {
            exec(tx, "SELECT pg_advisory_xact_lock(727369)", vec![]).await?;
        }
        let table = "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, \
                     applied_at BIGINT NOT NULL)";
        tx.execute_unprepared(table).await?;
        for migration in migrations {
            apply(tx, db.is_postgres(), migration).await?;
        }
        Ok(())
    })
    .await
}

async fn apply(tx: &Tx, postgres: bool, migration: &Migration) -> DbResult<()> {
    let known = "SELECT applied_at FROM schema_migrations WHERE name = $1";
    if scalar::<i64>(tx, known, params![migration.name]).await?.is_some() {
        return Ok(());
    }
    let own = if postgres { migration.postgres } else { migration.sqlite };
    let shared = migration.sql.split(';').map(str::trim).filter(|sql| !sql.is_empty());
    for sql in shared.chain(own.iter().copied()) {
        tx.execute_unprepared(sql).await?;
    }
    let done = "INSERT INTO schema_migrations (name, applied_at) VALUES ($1, $2)";
    exec(tx, done, params![migration.name, clock::now_ms()]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_number_their_values() {
        let mut conditions = Conditions::default();
        conditions.add("a =", 1);
        conditions.add_if("b <", None::<i64>);
        conditions.also("(c = ? OR d = ?)", Some(2.into()));
        let (place, last, values) = conditions.limited(9);
        assert_eq!(place, " WHERE a = $1 AND (c = $2 OR d = $2)");
        assert_eq!((last.as_str(), values.len()), (" LIMIT $3", 3));
        assert_eq!(Conditions::default().limited(1).0, "");
    }

    #[test]
    fn tuples_number_on_from_the_offset() {
        assert_eq!(tuples(2, 3, 1), "($2, $3, $4), ($5, $6, $7)");
        assert_eq!(tuples(1, 1, 0), "($1)");
    }
}
