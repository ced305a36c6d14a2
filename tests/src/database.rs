//! A database of its own for each test: SQLite files, or a fresh PostgreSQL database.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database as Connector, DatabaseConnection, DbBackend, Statement};

/// Where a server keeps its rows.
#[derive(Debug, Clone)]
pub enum Database {
    /// Files in the data folder.
    Sqlite,
    /// A database of a PostgreSQL server, dropped with its test.
    Postgres {
        /// The server's own URL, with a database that always exists.
        server: String,
        /// The name of the test's database.
        name: String,
    },
}

impl Database {
    /// A new one, on this PostgreSQL server or in files.
    pub async fn create(server: Option<String>) -> Self {
        let Some(server) = server else { return Self::Sqlite };
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        Self::Postgres { server, name }
    }

    /// What `--database-url` needs, if anything.
    pub fn url(&self) -> Option<String> {
        let Self::Postgres { server, name } = self else { return None };
        let mut url = url::Url::parse(server).expect("TERTULIA_TEST_POSTGRES is a URL");
        url.set_path(name);
        Some(url.into())
    }

    /// Reads rows behind the server's back: all columns of `sql` as text, from one service.
    pub async fn look(&self, data_dir: &Path, service: &str, sql: &str) -> Vec<Vec<String>> {
        let connection = match self.url() {
            None => connect(&sqlite_url(&data_dir.join(format!("{service}.db")))).await,
            Some(url) => {
                let connection = connect(&url).await;
                let path = format!("SET search_path TO {service}");
                connection.execute_unprepared(&path).await.expect("the schema exists");
                connection
            }
        };
        let backend = connection.get_database_backend();
        let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await;
        let rows = rows.expect("the query is right");
        let texts = rows.iter().map(|row| {
            let width = row.column_names().len();
            (0..width).map(|at| column(row, at)).collect()
        });
        texts.collect()
    }

    /// Drops it; what fails is left to the end of the whole cluster.
    pub async fn drop(&self) {
        if let Self::Postgres { server, name } = self {
            execute(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=ro", file.display())
}

fn column(row: &sea_orm::QueryResult, at: usize) -> String {
    if let Ok(text) = row.try_get_by_index::<Option<String>>(at) {
        return text.unwrap_or_default();
    }
    if let Ok(number) = row.try_get_by_index::<Option<i64>>(at) {
        return number.map(|n| n.to_string()).unwrap_or_default();
    }
    if let Ok(number) = row.try_get_by_index::<Option<i32>>(at) {
        return number.map(|n| n.to_string()).unwrap_or_default();
    }
    if let Ok(id) = row.try_get_by_index::<Option<uuid::Uuid>>(at) {
        return id.map(|id| hex(id.as_bytes())).unwrap_or_default();
    }
    let bytes = row.try_get_by_index::<Option<Vec<u8>>>(at).ok().flatten().unwrap_or_default();
    hex(&bytes)
}

/// Bytes as PostgreSQL and people write them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Connector::connect(options).await.unwrap_or_else(|e| panic!("cannot reach the database: {e}"))
}

async fn execute(server: &str, sql: &str) {
    let connection = connect(server).await;
    assert_eq!(connection.get_database_backend(), DbBackend::Postgres);
    connection.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    connection.close().await.expect("an idle connection closes");
}
