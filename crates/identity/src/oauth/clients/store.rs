//! The rows of clients.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, one, params};
use uuid::Uuid;

use super::{AuthMethod, Client, ClientKind, Details};
use crate::oauth::scope::Scopes;

/// The columns of a client, in the order of [`ClientRow`].
const COLUMNS: &str = "id, name, auth_method, secret_hash, scopes, first_party, backchannel_uri, \
                       created_at, kind, application_type, grant_types, jwks, jwks_uri, \
                       client_uri, logo_uri, policy_uri, tos_uri, require_par, require_dpop, \
                       id_token_alg, owner_id, last_used_at";

/// The client with this id.
pub(crate) async fn find(c: &impl Sql, id: &str) -> DbResult<Option<Client>> {
    if id.contains('\0') {
        return Ok(None); // PostgreSQL takes no such text.
    }
    let sql = format!("SELECT {COLUMNS} FROM clients WHERE id = $1");
    let Some(row) = one::<ClientRow>(c, &sql, params![id]).await? else { return Ok(None) };
    let sql = "SELECT kind, uri FROM client_uris WHERE client_id = $1 ORDER BY uri";
    let uris = all::<UriRow>(c, sql, params![id]).await?;
    Ok(Some(row.client(&uris)))
}

#[derive(Row)]
struct ClientRow {
    id: String,
    name: String,
    auth_method: String,
    secret_hash: Option<Vec<u8>>,
    scopes: String,
    first_party: bool,
    backchannel_uri: Option<String>,
    created_at: i64,
    kind: String,
    application_type: String,
    grant_types: String,
    jwks: Option<String>,
    jwks_uri: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    require_par: bool,
    require_dpop: bool,
    id_token_alg: String,
    owner_id: Option<Uuid>,
    last_used_at: Option<i64>,
}

#[derive(Row)]
struct UriRow {
    kind: String,
    uri: String,
}

impl ClientRow {
    fn client(self, uris: &[UriRow]) -> Client {
        let of = |kind: &str| {
            let some = uris.iter().filter(|row| row.kind == kind);
            some.map(|row| row.uri.clone()).collect()
        };
        Client {
            redirect_uris: of("redirect"),
            post_logout_uris: of("post_logout"),
            id: self.id,
            name: self.name,
            scopes: Scopes::parse(&self.scopes),
            first_party: self.first_party,
            backchannel_uri: self.backchannel_uri,
            // An unknown word must never make a client public.
            method: AuthMethod::of(&self.auth_method).unwrap_or(AuthMethod::Secret),
            secret_hash: self.secret_hash,
            grant_types: self.grant_types.split_ascii_whitespace().map(str::to_owned).collect(),
            kind: ClientKind::of(&self.kind),
            owner: self.owner_id,
            details: Details {
                native: self.application_type == "native",
                jwks: self.jwks,
                jwks_uri: self.jwks_uri,
                client_uri: self.client_uri,
                logo_uri: self.logo_uri,
                policy_uri: self.policy_uri,
                tos_uri: self.tos_uri,
            },
            require_par: self.require_par,
            require_dpop: self.require_dpop,
            id_token_alg: self.id_token_alg,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        }
    }
}

/// Writes a client and its URIs, or brings its row to what `client` says.
pub(super) async fn store(tx: &Tx, client: &Client) -> DbResult<()> {
    let known = COLUMNS.split(", ").filter(|column| !matches!(*column, "id" | "created_at"));
    let updates: Vec<String> =
        known.map(|column| format!("{column} = excluded.{column}")).collect();
    let sql = format!(
        "INSERT INTO clients ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
         ON CONFLICT (id) DO UPDATE SET {}",
        updates.join(", ")
    );
    let details = client.details.clone();
    let values = params![
        client.id.clone(),
        client.name.clone(),
        client.method.as_str(),
        client.secret_hash.clone(),
        client.scopes.to_string(),
        client.first_party,
        client.backchannel_uri.clone(),
        client.created_at,
        client.kind.as_str(),
        if details.native { "native" } else { "web" },
        client.grant_types.join(" "),
        details.jwks,
        details.jwks_uri,
        details.client_uri,
        details.logo_uri,
        details.policy_uri,
        details.tos_uri,
        client.require_par,
        client.require_dpop,
        client.id_token_alg.clone(),
        client.owner,
        client.last_used_at,
    ];
    exec(tx, &sql, values).await?;
    store_uris(tx, client).await
}

async fn store_uris(tx: &Tx, client: &Client) -> DbResult<()> {
    exec(tx, "DELETE FROM client_uris WHERE client_id = $1", params![client.id.clone()]).await?;
    let redirects = client.redirect_uris.iter().map(|uri| ("redirect", uri));
    let afterwards = client.post_logout_uris.iter().map(|uri| ("post_logout", uri));
    for (kind, uri) in redirects.chain(afterwards) {
        let sql = "INSERT INTO client_uris (client_id, kind, uri) VALUES ($1, $2, $3) \
                   ON CONFLICT (client_id, kind, uri) DO NOTHING";
        exec(tx, sql, params![client.id.clone(), kind, uri.clone()]).await?;
    }
    Ok(())
}
