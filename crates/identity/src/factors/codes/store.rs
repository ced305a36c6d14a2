//! The tables `otp_challenges` and `phones`.

use kit::clock::now_ms;
use kit::db::{DbErr, DbResult, Row, Sql, Tx, all, exec, for_update, one, params, scalar};
use kit::keys::{KeyError, KeyRing};
use kit::sms::Number;
use uuid::Uuid;

use super::{Destination, LIFE_MS, PAUSE_MS, SENT_MAX};
use crate::factors::Kind;

const PHONE_CONTEXT: &str = "phone";
const DESTINATION_CONTEXT: &str = "code destination";

/// The codes of one interaction.
#[derive(Row)]
pub(super) struct Challenge {
    pub(super) user_id: Uuid,
    pub(super) kind: String,
    /// None while the destination is on its way to become a factor.
    pub(super) factor_id: Option<Uuid>,
    destination: Vec<u8>,
    pub(super) code_mac: Vec<u8>,
    pub(super) sent: i32,
    pub(super) tries: i32,
    pub(super) sent_at: i64,
    pub(super) expires_at: i64,
}

impl Challenge {
    /// Where its code went.
    pub(super) fn destination(&self, keys: &KeyRing, ix: Uuid) -> Result<Destination, DbErr> {
        let plain = keys.open_value(DESTINATION_CONTEXT, ix.as_bytes(), &self.destination);
        let plain = plain.map_err(|error| DbErr::Custom(error.to_string()))?;
        serde_json::from_slice(&plain).map_err(|error| DbErr::Custom(error.to_string()))
    }
}

/// A code that somebody waits for, as a page shows it.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// The factor; none while the destination is on its way to become one.
    pub(crate) factor: Option<Uuid>,
    /// Where it went.
    pub(crate) masked: String,
    /// Seconds until another can be asked for.
    pub(crate) wait_s: i64,
    /// Whether another can be asked for at all.
    pub(crate) more: bool,
}

/// Locks the interaction, if it still waits; whoever counts in it comes one after the other.
pub(super) async fn lock(tx: &Tx, ix: Uuid) -> DbResult<bool> {
    let sql = "SELECT id FROM interactions WHERE id = $1 AND expires_at > $2";
    let sql = format!("{sql}{}", for_update(tx));
    Ok(scalar::<Uuid>(tx, &sql, params![ix, now_ms()]).await?.is_some())
}

/// The codes of an interaction.
pub(super) async fn challenge(c: &impl Sql, ix: Uuid) -> DbResult<Option<Challenge>> {
    let sql = "SELECT user_id, kind, factor_id, destination, code_mac, sent, tries, sent_at, \
               expires_at FROM otp_challenges WHERE interaction_id = $1";
    one(c, sql, params![ix]).await
}

/// What is to be stored of a new code.
pub(super) struct NewCode<'a> {
    pub(super) ix: Uuid,
    pub(super) user: Uuid,
    pub(super) factor: Option<Uuid>,
    pub(super) destination: &'a Destination,
    pub(super) mac: Vec<u8>,
}

/// Puts a new code in the place of the one before; the counts go on.
pub(super) async fn replace(tx: &Tx, keys: &KeyRing, new: NewCode<'_>) -> Result<(), KeyOrDb> {
    let plain = serde_json::to_vec(new.destination).expect("a destination is plain text");
    let sealed = keys.seal(DESTINATION_CONTEXT, new.ix.as_bytes(), &plain)?;
    let sql = "INSERT INTO otp_challenges (interaction_id, user_id, kind, factor_id, destination, \
               code_mac, sent, tries, sent_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, 1, 0, $7, $8) \
               ON CONFLICT (interaction_id) DO UPDATE SET user_id = excluded.user_id, \
               kind = excluded.kind, factor_id = excluded.factor_id, \
               destination = excluded.destination, code_mac = excluded.code_mac, \
               sent = otp_challenges.sent + 1, sent_at = excluded.sent_at, \
               expires_at = excluded.expires_at";
    let now = now_ms();
    let kind = new.destination.kind().as_str();
    let values = params![new.ix, new.user, kind, new.factor, sealed, new.mac, now, now + LIFE_MS];
    exec(tx, sql, values).await?;
    Ok(())
}

/// Why a code was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyOrDb {
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl From<KeyOrDb> for crate::accounts::AccountError {
    fn from(error: KeyOrDb) -> Self {
        match error {
            KeyOrDb::Keys(error) => error.into(),
            KeyOrDb::Db(error) => error.into(),
        }
    }
}

/// Spends the code of an interaction.
pub(super) async fn spend(tx: &Tx, ix: Uuid) -> DbResult<()> {
    let sql = "UPDATE otp_challenges SET expires_at = 0 WHERE interaction_id = $1";
    exec(tx, sql, params![ix]).await?;
    Ok(())
}

/// Counts a wrong code.
pub(super) async fn missed(tx: &Tx, ix: Uuid) -> DbResult<()> {
    let sql = "UPDATE otp_challenges SET tries = tries + 1 WHERE interaction_id = $1";
    exec(tx, sql, params![ix]).await?;
    Ok(())
}

/// The code that `user` waits for in an interaction, of this kind and for a factor or for a new
/// destination.
pub(crate) async fn waiting(
    keys: &KeyRing,
    c: &impl Sql,
    (ix, user): (Uuid, Uuid),
    (kind, is_new): (Kind, bool),
) -> DbResult<Option<Waiting>> {
    let Some(challenge) = challenge(c, ix).await? else { return Ok(None) };
    let fits = challenge.user_id == user
        && challenge.kind == kind.as_str()
        && challenge.factor_id.is_none() == is_new
        && challenge.expires_at > 0;
    if !fits {
        return Ok(None);
    }
    let wait_ms = challenge.sent_at + PAUSE_MS - now_ms();
    Ok(Some(Waiting {
        factor: challenge.factor_id,
        masked: challenge.destination(keys, ix)?.masked(),
        wait_s: (wait_ms + 999).div_euclid(1000).clamp(0, PAUSE_MS / 1000),
        more: challenge.sent < SENT_MAX,
    }))
}

/// The phones of a person, by the ids of their factors.
pub(super) async fn phones(
    keys: &KeyRing,
    c: &impl Sql,
    user: Uuid,
) -> DbResult<Vec<(Uuid, Number)>> {
    #[derive(Row)]
    struct PhoneRow {
        id: Uuid,
        number: Vec<u8>,
    }
    let sql = "SELECT id, number FROM phones WHERE user_id = $1 ORDER BY id";
    let rows: Vec<PhoneRow> = all(c, sql, params![user]).await?;
    let open = |row: PhoneRow| {
        let plain = keys.open_value(PHONE_CONTEXT, row.id.as_bytes(), &row.number);
        let plain = plain.map_err(|error| DbErr::Custom(error.to_string()))?;
        let number = serde_json::from_slice(&plain);
        Ok((row.id, number.map_err(|error| DbErr::Custom(error.to_string()))?))
    };
    rows.into_iter().map(open).collect()
}

/// Stores the number of a new factor; says no when its person has it already.
pub(super) async fn add_phone(
    tx: &Tx,
    keys: &KeyRing,
    (user, factor): (Uuid, Uuid),
    number: &Number,
) -> Result<bool, KeyOrDb> {
    let plain = serde_json::to_vec(number).expect("a number is plain text");
    let sealed = keys.seal(PHONE_CONTEXT, factor.as_bytes(), &plain)?;
    let mac = keys.mac("phone", number.as_str().as_bytes()).to_vec();
    let sql = "INSERT INTO phones (id, user_id, number, number_mac, verified_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    Ok(exec(tx, sql, params![factor, user, sealed, mac, now_ms()]).await? == 1)
}
