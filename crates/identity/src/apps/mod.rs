//! Apps of others, as their people and their developers see them: what each may do, taken back at
//! any time, and the apps that somebody looks after.
//!
//! The rules for apps are the provider's (`oauth::clients`); here are the pages. Whoever may not
//! register apps finds no page that could.

mod config;
mod developer;
mod granted;
mod store;
mod words;

pub use config::{Apps, Developers, Registration};

use axum::Router;
use kit::db::DbResult;

use crate::Identity;
use crate::accounts::{self, Role};
use crate::login::Session;
use words::AppWords;

/// The pages below `/account/apps` and `/account/developer`.
pub(crate) fn router() -> Router<Identity> {
    granted::router().merge(developer::router())
}

/// Whether this person may register apps.
async fn may_register(identity: &Identity, session: &Session) -> DbResult<bool> {
    match identity.config.settings.apps.developers {
        Developers::Everybody => Ok(true),
        Developers::Nobody => Ok(false),
        Developers::Admins => {
            let account = accounts::for_claims(identity, session.user_id).await;
            let account = account.map_err(|error| kit::db::DbErr::Custom(error.to_string()))?;
            Ok(account.is_some_and(|own| matches!(own.role, Role::Owner | Role::Admin)))
        }
    }
}

/// The day of a time in UTC: `2026-11-24`.
fn day(at_ms: i64) -> String {
    kit::clock::rfc3339(at_ms).chars().take(10).collect()
}

/// A time to the minute: `2026-11-24 04:05 UTC`.
fn minute(at_ms: i64) -> String {
    let text: String = kit::clock::rfc3339(at_ms).chars().take(16).collect();
    format!("{} UTC", text.replace('T', " "))
}
