//! `tertulia jobs`: what waits, what was given up, and trying it again. Works beside a running
//! server on the same database.

use anyhow::{Result, bail};
use clap::Subcommand;
use kit::clock::rfc3339;
use kit::db::DbErr;
use kit::jobs;
use serde_json::json;
use uuid::Uuid;

use crate::config::Config;

/// Longest list; whoever has more than that has another problem.
const LIST_MAX: i64 = 1_000;

/// `tertulia jobs …`
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Prints the jobs as JSON, those first that were given up: `{items: […]}`.
    List,
    /// Has a job tried again that was given up, or all of them.
    Retry {
        /// The job's id, or `all`.
        job: String,
    },
}

/// Runs the command on the database of chat.
pub(crate) async fn run(config: Config, command: Command) -> Result<()> {
    config.prepare_data_dir()?;
    let db = chat::open_database(config.database_url.as_deref(), &config.data_dir).await?;
    match command {
        Command::List => {
            let rows = jobs::list(db.reader(), LIST_MAX).await?;
            let items: Vec<_> = rows.iter().map(shown).collect();
            println!("{}", json!({"items": items}));
        }
        Command::Retry { job } if job == "all" => {
            let count = db.write(async |tx| jobs::retry_all(tx).await).await?;
            println!("{}", json!({"retried": count}));
        }
        Command::Retry { job } => {
            let id: Uuid = job.parse()?;
            let found = db.write(async |tx| Ok::<_, DbErr>(jobs::retry(tx, id).await?)).await?;
            if !found {
                bail!("no job with this id was given up");
            }
            println!("{}", json!({"retried": 1}));
        }
    }
    Ok(())
}

fn shown(row: &jobs::JobRow) -> serde_json::Value {
    json!({
        "id": row.id,
        "kind": row.kind,
        "key": row.job_key,
        "state": row.state,
        "attempts": row.attempts,
        "next_try_at": rfc3339(row.run_at),
        "last_error": row.last_error,
        "created_at": rfc3339(row.created_at),
    })
}
