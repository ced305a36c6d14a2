//! Reading.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::file::{plain, tell};
use super::source::Source;

/// Reads; what would write is refused on SQLite. Cheap to clone.
#[derive(Clone)]
pub struct Reader(Source);

impl Reader {
    /// A file's connections must be unable to write.
    pub(super) fn new(source: Source) -> Self {
        Self(source)
    }

    pub(super) fn on_statement(&mut self, hear: impl Fn(&str) + Send + Sync + 'static) {
        self.0.on_statement(hear);
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
                file.lend().await?.execute(statement).await
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.execute_unprepared(sql).await,
            Source::File(file, hear) => {
                tell(hear.as_ref(), &plain(sql));
                file.lend().await?.execute_unprepared(sql).await
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.query_one_raw(statement).await,
            Source::File(file, hear) => {
                tell(hear.as_ref(), &statement);
                file.lend().await?.one(statement).await
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Source::Pool(pool) => pool.query_all_raw(statement).await,
            Source::File(file, hear) => {
                tell(hear.as_ref(), &statement);
                file.lend().await?.all(statement).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::super::{Db, DbConfig, READERS, exec, params, scalar};
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
        for _ in 0..10 * READERS {
            let statement = Statement::from_string(DbBackend::Sqlite, many);
            let asked = db.reader().query_all_raw(statement);
            assert!(asked.now_or_never().is_none(), "the rows are there at once");
        }
        for _ in 0..2 * READERS {
            assert_eq!(name(&db).await.as_deref(), Some("Ana"));
        }
        let Source::File(file, _) = &db.reader().0 else { panic!("it is a file") };
        let open = file.open_ones();
        assert_eq!(open.len(), READERS, "each came back");
        assert!(open.contains(&true), "and open");
    }
}
