//! The tables `send_counts` and `sms_messages`.

use kit::clock::now_ms;
use kit::db::{DbResult, Tx, exec, params, scalar};
use kit::sms::{Receipt, Taken};
use uuid::Uuid;

use crate::Identity;

const DAY_MS: i64 = 86_400_000;
/// Providers tell of a message within this time.
const KEPT_MS: i64 = 30 * DAY_MS;

/// Counts one more under `key` today (UTC); says no, and counts nothing, above `most`.
pub(crate) async fn daily(tx: &Tx, key: &[u8], most: u32) -> DbResult<bool> {
    if most == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO send_counts (key, day, sent) VALUES ($1, $2, 1) \
               ON CONFLICT (key, day) DO UPDATE SET sent = send_counts.sent + 1 \
               WHERE send_counts.sent < $3 RETURNING sent";
    let most = i32::try_from(most).unwrap_or(i32::MAX);
    let values = params![key.to_vec(), now_ms().div_euclid(DAY_MS), most];
    Ok(scalar::<i32>(tx, sql, values).await?.is_some())
}

/// Writes down which gateway has taken a message.
pub(crate) async fn taken(identity: &Identity, id: Uuid, taken: &Taken) -> DbResult<()> {
    let sql = "INSERT INTO sms_messages (id, gateway, gateway_id, state, created_at, updated_at) \
               VALUES ($1, $2, $3, 'sent', $4, $4) ON CONFLICT DO NOTHING";
    let values = params![id, taken.gateway.clone(), taken.gateway_id.clone(), now_ms()];
    identity.db.write(async |tx: &Tx| exec(tx, sql, values).await).await?;
    Ok(())
}

/// Writes down what a provider tells; says no when it tells of a message that is not ours. What
/// has arrived does not go back on its way.
pub(super) async fn told(identity: &Identity, gateway: &str, receipt: &Receipt) -> DbResult<bool> {
    let sql = "UPDATE sms_messages SET state = CASE WHEN state = 'sent' THEN $3 ELSE state END, \
               updated_at = $4 WHERE gateway = $1 AND gateway_id = $2";
    let state = receipt.state.as_str();
    let values = params![gateway, receipt.gateway_id.clone(), state, now_ms()];
    Ok(identity.db.write(async |tx: &Tx| exec(tx, sql, values).await).await? == 1)
}

/// Forgets counts of other days, and messages that nothing more will be told of.
pub(crate) async fn forget(tx: &Tx, now: i64) -> DbResult<()> {
    let day = now.div_euclid(DAY_MS) - 1;
    exec(tx, "DELETE FROM send_counts WHERE day < $1", params![day]).await?;
    let old = "DELETE FROM sms_messages WHERE created_at < $1";
    exec(tx, old, params![now - KEPT_MS]).await?;
    Ok(())
}
