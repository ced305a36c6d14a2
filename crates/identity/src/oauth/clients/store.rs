//! The rows of clients.

use kit::db::{DbResult, Row, Sql, Tx, all, exec, for_update, one, params, scalar};
use uuid::Uuid;

use super::{AuthMethod, Client, ClientKind, Details, OldSecret};
use crate::oauth::scope::Scopes;

/// The columns of a client, in the order of [`ClientRow`].
const COLUMNS: &str = "id, name, auth_method, secret_hash, scopes, first_party, backchannel_uri, \
                       created_at, kind, application_type, grant_types, jwks, jwks_uri, \
                       client_uri, logo_uri, policy_uri, tos_uri, require_par, require_dpop, \
                       id_token_alg, owner_id, last_used_at, old_secret_hash, \
                       old_secret_until, registration_hash";

/// The client with this id, which nobody else changes or removes until the transaction ends.
pub(crate) async fn lock(tx: &Tx, id: &str) -> DbResult<Option<Client>> {
    if id.contains('\0') {
        return Ok(None);
    }
    // Locked first and read then: one statement could see addresses of before the wait.
    let sql = format!("SELECT id FROM clients WHERE id = $1{}", for_update(tx));
    scalar::<String>(tx, &sql, params![id]).await?;
    find(tx, id).await
}

/// The client with this id.
pub(crate) async fn find(c: &impl Sql, id: &str) -> DbResult<Option<Client>> {
    if id.contains('\0') {
        return Ok(None); // PostgreSQL takes no such text.
    }
    // Asked on almost every request of an app, so its addresses come along: none has a space.
    let sql = format!(
        "SELECT {COLUMNS}, (SELECT string_agg(kind || ' ' || uri, ' ' ORDER BY uri) \
         FROM client_uris WHERE client_id = clients.id) AS uris FROM clients WHERE id = $1"
    );
    Ok(one::<ClientRow>(c, &sql, params![id]).await?.map(ClientRow::client))
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
    old_secret_hash: Option<Vec<u8>>,
    old_secret_until: Option<i64>,
    registration_hash: Option<Vec<u8>>,
    /// `kind uri kind uri …`
    uris: Option<String>,
}

impl ClientRow {
    fn client(self) -> Client {
        let words: Vec<&str> = self.uris.as_deref().unwrap_or_default().split(' ').collect();
        let of = |wanted: &str| {
            let pairs = words.chunks_exact(2).filter(|pair| pair[0] == wanted);
            pairs.map(|pair| pair[1].to_owned()).collect()
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
            old_secret: self
                .old_secret_hash
                .zip(self.old_secret_until)
                .map(|(hash, until)| OldSecret { hash, until }),
            registration_hash: self.registration_hash,
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
pub(crate) async fn store(tx: &Tx, client: &Client) -> DbResult<()> {
    let known = COLUMNS.split(", ").filter(|column| !matches!(*column, "id" | "created_at"));
    let updates: Vec<String> =
        known.map(|column| format!("{column} = excluded.{column}")).collect();
    let sql = format!(
        "INSERT INTO clients ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) \
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
        client.old_secret.as_ref().map(|old| old.hash.clone()),
        client.old_secret.as_ref().map(|old| old.until),
        client.registration_hash.clone(),
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

/// Keeps that a client got a token.
pub(super) async fn touch(tx: &Tx, id: &str, now: i64) -> DbResult<()> {
    exec(tx, "UPDATE clients SET last_used_at = $2 WHERE id = $1", params![id, now]).await.map(drop)
}

/// What refers to a client, in the order in which it can be removed.
const REFERENCES: [&str; 10] = [
    "DELETE FROM codes WHERE grant_id IN (SELECT id FROM grants WHERE client_id = $1)",
    "DELETE FROM refresh_tokens WHERE grant_id IN (SELECT id FROM grants WHERE client_id = $1)",
    "DELETE FROM grants WHERE client_id = $1",
    "DELETE FROM session_clients WHERE client_id = $1",
    "DELETE FROM consents WHERE client_id = $1",
    "DELETE FROM logout_deliveries WHERE client_id = $1",
    "DELETE FROM par_requests WHERE client_id = $1",
    "DELETE FROM device_codes WHERE client_id = $1",
    "DELETE FROM client_uris WHERE client_id = $1",
    "DELETE FROM clients WHERE id = $1",
];

/// Removes a client that is locked, and everything that people gave it.
pub(super) async fn remove(tx: &Tx, id: &str) -> DbResult<()> {
    for sql in REFERENCES {
        exec(tx, sql, params![id]).await?;
    }
    Ok(())
}

/// A client in a list.
#[derive(Debug, Clone, Row)]
pub(crate) struct Listed {
    /// Its id on the wire.
    pub id: String,
    /// What people are shown.
    pub name: String,
    /// Who registered it.
    pub kind: String,
    /// When it was registered, milliseconds.
    pub created_at: i64,
    /// When it last got a token.
    pub last_used_at: Option<i64>,
}

const LISTED: &str = "SELECT id, name, kind, created_at, last_used_at FROM clients";

/// Clients after `after`, by id.
pub(crate) async fn list(c: &impl Sql, after: &str, limit: i64) -> DbResult<Vec<Listed>> {
    let sql = format!("{LISTED} WHERE id > $1 ORDER BY id LIMIT $2");
    all(c, &sql, params![after, limit]).await
}

/// The clients that a person looks after, by name.
pub(crate) async fn of_owner(c: &impl Sql, owner: Uuid) -> DbResult<Vec<Listed>> {
    let sql = format!("{LISTED} WHERE owner_id = $1 ORDER BY name, id");
    all(c, &sql, params![owner]).await
}

/// How many clients a person looks after.
pub(crate) async fn count_of_owner(c: &impl Sql, owner: Uuid) -> DbResult<i64> {
    let sql = "SELECT COUNT(*) FROM clients WHERE owner_id = $1";
    Ok(scalar(c, sql, params![owner]).await?.unwrap_or(0))
}

/// Waits until nobody else counts and registers clients of this person.
pub(crate) async fn one_at_a_time(tx: &Tx, owner: Uuid) -> DbResult<()> {
    let sql = format!("SELECT id FROM users WHERE id = $1{}", for_update(tx));
    scalar::<Uuid>(tx, &sql, params![owner]).await.map(drop)
}

/// Clients that registered themselves and that nobody used since `before`.
pub(super) async fn unused(c: &impl Sql, before: i64, limit: i64) -> DbResult<Vec<Listed>> {
    let sql = format!(
        "{LISTED} WHERE kind = 'dynamic' AND COALESCE(last_used_at, created_at) < $1 LIMIT $2"
    );
    all(c, &sql, params![before, limit]).await
}
