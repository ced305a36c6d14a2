//! Where connections come from.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use super::file::{File, Hear};

/// A pool of PostgreSQL, or a SQLite file and who is told of its statements. Cheap to clone.
#[derive(Clone)]
pub(super) enum Source {
    Pool(DatabaseConnection),
    File(Arc<File>, Option<Hear>),
}

impl Source {
    /// Has `hear` told of every statement from now on, without its values.
    pub(super) fn on_statement(&mut self, hear: impl Fn(&str) + Send + Sync + 'static) {
        match self {
            Self::Pool(pool) => pool.set_metric_callback(move |told| hear(&told.statement.sql)),
            Self::File(_, told) => *told = Some(Arc::new(hear)),
        }
    }
}
