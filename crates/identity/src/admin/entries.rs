//! `/audit`: who did what, and when.

use axum::extract::State;
use kit::clock::{parse_rfc3339, rfc3339};
use kit::json::{Json, Query};
use kit::problem::ApiError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::caller::Reader;
use super::paging;
use crate::Identity;
use crate::audit::{self, Filter, Listed, Verdict};

pub(super) fn router() -> OpenApiRouter<Identity> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(verify))
}

/// How something ended.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// As it should.
    Ok,
    /// It was refused or did not work.
    Failed,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// What happened: all of the name (`login.ok`), or its first word and the dot (`login.`).
    #[param(max_length = 80)]
    event: Option<String>,
    /// How it ended.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// Whom it is about.
    user: Option<Uuid>,
    /// Who did it to somebody else.
    actor: Option<Uuid>,
    /// Which app was part of it.
    #[param(max_length = 80)]
    client: Option<String>,
    /// In which session.
    session: Option<Uuid>,
    /// From then on (RFC 3339).
    #[param(format = "date-time")]
    since: Option<String>,
    /// Until then (RFC 3339).
    #[param(format = "date-time")]
    until: Option<String>,
    /// `next` of the page before.
    #[param(max_length = 200)]
    cursor: Option<String>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct EntryBody {
    /// Its place in the chain.
    seq: i64,
    /// When.
    at: String,
    /// What.
    event: String,
    /// `ok` or `failed`.
    outcome: String,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Uuid>,
    /// Who did it, if that is somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<Uuid>,
    /// Which app was part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// In which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Uuid>,
    /// The address of the network that it came from.
    ip: String,
    /// The program that it came from.
    user_agent: String,
    /// Further facts.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<Listed> for EntryBody {
    fn from(entry: Listed) -> Self {
        Self {
            seq: entry.seq,
            at: rfc3339(entry.at),
            event: entry.event,
            outcome: entry.outcome,
            user: entry.user,
            actor: entry.actor,
            client: entry.client,
            session: entry.session,
            ip: entry.ip,
            user_agent: entry.agent,
            detail: entry.detail,
        }
    }
}

/// Some of the audit, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditList)]
struct EntryList {
    items: Vec<EntryBody>,
    /// The cursor of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What became of the chain.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditVerdict)]
struct VerdictBody {
    /// No entry was changed or taken out.
    whole: bool,
    /// How many entries there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<i64>,
    /// The first of them; those before were kept long enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<i64>,
    /// The entry that does not fit, or is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_at: Option<i64>,
}

/// What happened, the newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", operation_id = "listAudit",
    params(Asked), responses((status = 200, body = EntryList)))]
async fn list(
    State(identity): State<Identity>,
    _by: Reader,
    Query(asked): Query<Asked>,
) -> Result<Json<EntryList>, ApiError> {
    let limit = paging::limit(asked.limit)?;
    let filter = Filter {
        event: paging::text("event", asked.event)?,
        outcome: asked.outcome.map(|outcome| match outcome {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
        }),
        user: asked.user,
        actor: asked.actor,
        client: paging::text("client", asked.client)?,
        session: asked.session,
        since: time("since", asked.since.as_deref())?,
        until: time("until", asked.until.as_deref())?,
        before: paging::after(asked.cursor.as_deref())?,
    };
    let found = audit::list(identity.db.reader(), &filter, limit).await?;
    let next = paging::next(&found, limit, |last| last.seq.to_string());
    Ok(Json(EntryList { items: found.into_iter().map(EntryBody::from).collect(), next }))
}

/// Whether no entry was changed or taken out. Every entry is read.
#[utoipa::path(get, path = "/audit/verify", tag = "audit", operation_id = "verifyAudit",
    responses((status = 200, body = VerdictBody)))]
async fn verify(
    State(identity): State<Identity>,
    _by: Reader,
) -> Result<Json<VerdictBody>, ApiError> {
    let none = VerdictBody { whole: false, entries: None, first: None, broken_at: None };
    Ok(Json(match audit::verify(identity.db.reader()).await? {
        Verdict::Whole { entries, first } => {
            VerdictBody { whole: true, entries: Some(entries), first: Some(first), ..none }
        }
        Verdict::Broken(at) => VerdictBody { broken_at: Some(at), ..none },
    }))
}

fn time(field: &str, text: Option<&str>) -> Result<Option<i64>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || ApiError::field(field, "malformed", format!("{field} is not a time"));
    parse_rfc3339(text).map(Some).ok_or_else(wrong)
}
