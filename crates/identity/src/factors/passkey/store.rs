//! The tables `passkeys` and `passkey_handles`.

use kit::clock::random_bytes;
use kit::db::{DbErr, DbResult, Row, Sql, Tx, all, exec, one, params, scalar};
use uuid::Uuid;
use webauthn_rs_core::proto::{
    AttestationFormat, AuthenticatorTransport, Credential, ParsedAttestation, RegisteredExtensions,
    UserVerificationPolicy,
};

use crate::factors::store::mark_used;

/// A passkey that somebody has.
#[derive(Debug, Clone)]
pub(super) struct Passkey {
    /// Of the factor.
    pub(super) id: Uuid,
    /// Whose it is.
    pub(super) user: Uuid,
    /// What verifies its signatures.
    pub(super) credential: Credential,
}

#[derive(Row)]
struct PasskeyRow {
    id: Uuid,
    user_id: Uuid,
    credential_id: Vec<u8>,
    public_key: String,
    sign_count: i64,
    backup_eligible: bool,
    backed_up: bool,
    transports: String,
}

const SELECT: &str = "SELECT p.id, f.user_id, p.credential_id, p.public_key, p.sign_count, \
                      p.backup_eligible, p.backed_up, p.transports \
                      FROM passkeys p JOIN factors f ON f.id = p.id";

impl PasskeyRow {
    fn open(self) -> DbResult<Passkey> {
        let broken = |error: serde_json::Error| DbErr::Custom(format!("a passkey: {error}"));
        let words = self.transports.split_ascii_whitespace();
        let transports: Vec<AuthenticatorTransport> =
            words.filter_map(|word| word.parse().ok()).collect();
        let credential = Credential {
            cred_id: self.credential_id,
            cred: serde_json::from_str(&self.public_key).map_err(broken)?,
            counter: u32::try_from(self.sign_count).unwrap_or(u32::MAX),
            transports: (!transports.is_empty()).then_some(transports),
            // Whether its person must be verified is decided by each challenge, not by what was
            // asked when it was made.
            user_verified: false,
            registration_policy: UserVerificationPolicy::Discouraged_DO_NOT_USE,
            backup_eligible: self.backup_eligible,
            backup_state: self.backed_up,
            extensions: RegisteredExtensions::none(),
            attestation: ParsedAttestation::default(),
            attestation_format: AttestationFormat::None,
        };
        Ok(Passkey { id: self.id, user: self.user_id, credential })
    }
}

/// The passkeys of a person, oldest first.
pub(super) async fn of(c: &impl Sql, user: Uuid) -> DbResult<Vec<Passkey>> {
    let sql = format!("{SELECT} WHERE f.user_id = $1 ORDER BY p.id");
    let rows: Vec<PasskeyRow> = all(c, &sql, params![user]).await?;
    rows.into_iter().map(PasskeyRow::open).collect()
}

/// The passkey with this credential id, whosever it is.
pub(super) async fn find(c: &impl Sql, credential_id: &[u8]) -> DbResult<Option<Passkey>> {
    let sql = format!("{SELECT} WHERE p.credential_id = $1");
    let row: Option<PasskeyRow> = one(c, &sql, params![credential_id.to_vec()]).await?;
    row.map(PasskeyRow::open).transpose()
}

/// Stores a new passkey under the id of its factor; says no when its credential id is known.
pub(super) async fn add(tx: &Tx, id: Uuid, credential: &Credential) -> DbResult<bool> {
    let key = serde_json::to_string(&credential.cred);
    let key = key.map_err(|error| DbErr::Custom(format!("a passkey: {error}")))?;
    let transports = credential.transports.iter().flatten().map(AsRef::as_ref);
    let transports: Vec<&str> = transports.filter(|word: &&str| *word != "unknown").collect();
    let sql = "INSERT INTO passkeys (id, credential_id, public_key, sign_count, \
               backup_eligible, backed_up, transports) VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT DO NOTHING";
    let values = params![
        id,
        credential.cred_id.clone(),
        key,
        i64::from(credential.counter),
        credential.backup_eligible,
        credential.backup_state,
        transports.join(" "),
    ];
    Ok(exec(tx, sql, values).await? == 1)
}

/// Writes down a use; says no when another one with the same or a later count came first.
pub(super) async fn used(tx: &Tx, id: Uuid, count: u32, backed_up: bool) -> DbResult<bool> {
    let sql = "UPDATE passkeys SET sign_count = $2, backed_up = $3 WHERE id = $1 \
               AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))";
    if exec(tx, sql, params![id, i64::from(count), backed_up]).await? == 0 {
        return Ok(false);
    }
    mark_used(tx, id).await?;
    Ok(true)
}

/// What authenticators call this person; made at the first call.
pub(super) async fn handle(tx: &Tx, user: Uuid) -> DbResult<Vec<u8>> {
    let sql = "INSERT INTO passkey_handles (user_id, handle) VALUES ($1, $2) \
               ON CONFLICT DO NOTHING";
    exec(tx, sql, params![user, random_bytes::<32>().to_vec()]).await?;
    let handle = handle_of(tx, user).await?;
    handle.ok_or_else(|| DbErr::Custom("a handle went away".to_owned()))
}

/// What authenticators call this person, if they ever did.
pub(super) async fn handle_of(c: &impl Sql, user: Uuid) -> DbResult<Option<Vec<u8>>> {
    scalar(c, "SELECT handle FROM passkey_handles WHERE user_id = $1", params![user]).await
}
