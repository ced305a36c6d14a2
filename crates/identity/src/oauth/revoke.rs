//! Giving a token back (RFC 7009).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use kit::clock::now_ms;
use kit::db::{DbErr, Tx};
use serde_json::json;

use super::endpoint::{self, Failure};
use super::ground::{self, About};
use super::verify::{self, Holder};
use super::{backchannel, client_auth, grants};
use crate::Identity;
use crate::visitor::Visitor;

/// Answers `POST /oauth/revoke`. A refresh token ends its whole grant, and the APIs of ours are
/// told; an access token ends only itself, and only where this service is asked about it. What is
/// unknown or somebody else's is answered the same.
pub(crate) async fn answer(
    State(identity): State<Identity>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let provider = &identity.oauth;
    let body = endpoint::form(&headers, &body)?;
    let client = client_auth::authenticate(provider, &visitor, &headers, &body).await?;
    let missing = endpoint::refuse("invalid_request", "token is required");
    let token = body.get("token").ok_or(missing)?;
    let from = || (&visitor, json!({}));
    let now = now_ms();
    let reader = provider.db.reader();
    let of_refresh = grants::of_refresh_token(reader, token).await?;
    if let Some(grant) = of_refresh.filter(|grant| grant.client_id == client.id) {
        provider
            .db
            .write(async |tx| {
                if grants::revoke(tx, grant.id, "given back", now).await? {
                    backchannel::given_back(tx, &grant, now).await?;
                    let about = About::grant(&grant);
                    ground::record_from(tx, "token.revoked", about, from()).await?;
                }
                Ok::<_, DbErr>(())
            })
            .await?;
        provider.wake_sender();
    } else if let Some((access, holder)) = verify::any_access(provider, token, now / 1000).await?
        && access.client_id == client.id
    {
        let about = match &holder {
            Holder::Person(grant) => About::grant(grant),
            Holder::App => About { client: Some(&client.id), ..About::default() },
        };
        let work = async |tx: &Tx| {
            if grants::end_token(tx, &access.jti, access.exp.saturating_mul(1000)).await? {
                ground::record_from(tx, "token.revoked", about, from()).await?;
            }
            Ok::<_, DbErr>(())
        };
        provider.db.write(work).await?;
    }
    Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response())
}
