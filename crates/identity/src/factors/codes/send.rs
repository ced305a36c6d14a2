//! Making a code and sending it.

use kit::clock::{now_ms, random_bytes};
use kit::db::Tx;
use kit::sms::Number;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, NewCode};
use super::{CodeWords, DAILY_MAX, Destination, LIFE_MS, PAUSE_MS, SENT_MAX, of_factor};
use crate::Identity;
use crate::accounts::{self, Account, AccountError};
use crate::audit::{self, Entry};
use crate::factors::{Enrolled, Kind};
use crate::mail::{self, Letter};
use crate::pages::Lang;
use crate::sms;
use crate::visitor::Visitor;

/// A code to be sent.
pub(crate) struct Errand {
    /// The interaction that it is good in.
    pub(crate) ix: Uuid,
    /// Who types it.
    pub(crate) user: Uuid,
    /// The factor; none while the destination is on its way to become one.
    pub(crate) factor: Option<Uuid>,
    /// Where it goes.
    pub(crate) destination: Destination,
}

/// What asking for a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// It is on its way, or looks as if it were.
    Done,
    /// The one before is too young.
    Wait {
        /// Seconds to wait.
        seconds: u64,
    },
    /// This interaction has had all its codes.
    Enough,
    /// The interaction is over.
    Over,
}

/// Sends the first code of a sign-in by itself, when its person's first choice is a code.
pub(crate) async fn begin(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    (ix, user): (Uuid, Uuid),
    factor: &Enrolled,
) -> Result<(), AccountError> {
    let Some(destination) = of_factor(identity, tx, user, factor).await? else { return Ok(()) };
    let errand = Errand { ix, user, factor: Some(factor.id), destination };
    send_in(tx, (identity, visitor), &errand).await.map(drop)
}

/// Sends a code that was asked for.
pub(crate) async fn send(
    identity: &Identity,
    visitor: &Visitor,
    errand: &Errand,
) -> Result<Sending, AccountError> {
    let work = async |tx: &Tx| send_in(tx, (identity, visitor), errand).await;
    let sending = identity.db.write(work).await?;
    identity.outbox.wake();
    Ok(sending)
}

async fn send_in(
    tx: &Tx,
    (identity, visitor): (&Identity, &Visitor),
    errand: &Errand,
) -> Result<Sending, AccountError> {
    if !store::lock(tx, errand.ix).await? {
        return Ok(Sending::Over);
    }
    if let Some(before) = store::challenge(tx, errand.ix).await? {
        if before.sent >= SENT_MAX {
            return Ok(Sending::Enough);
        }
        let wait_ms = before.sent_at + PAUSE_MS - now_ms();
        if wait_ms > 0 {
            let seconds = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000);
            return Ok(Sending::Wait { seconds });
        }
    }
    let Some(account) = accounts::for_notice(identity, tx, errand.user).await? else {
        return Ok(Sending::Over);
    };
    let code = digits();
    let new = NewCode {
        ix: errand.ix,
        user: errand.user,
        factor: errand.factor,
        destination: &errand.destination,
        mac: mac(identity, errand.ix, errand.user, (errand.destination.kind(), &code)),
    };
    store::replace(tx, &identity.keys, new).await?;
    let refused = post(identity, tx, (&account, errand), &code).await?;
    let entry = Entry::new("otp.sent").user(errand.user).visitor(visitor);
    audit::record(tx, &about(entry, errand, refused)).await?;
    Ok(Sending::Done)
}

fn about(entry: Entry, errand: &Errand, refused: Option<&'static str>) -> Entry {
    let kind = errand.destination.kind().as_str();
    let purpose = if errand.factor.is_some() { "sign_in" } else { "enrolment" };
    match refused {
        None => entry.detail(json!({"kind": kind, "for": purpose})),
        Some(why) => entry.detail(json!({"kind": kind, "for": purpose, "why": why})).failed(),
    }
}

/// Puts the code into the outbox; answers why not, for the audit alone.
async fn post(
    identity: &Identity,
    tx: &Tx,
    (account, errand): (&Account, &Errand),
    code: &str,
) -> Result<Option<&'static str>, AccountError> {
    if !sms::daily(tx, &errand.destination.key(identity), DAILY_MAX).await? {
        return Ok(Some("destination"));
    }
    let lang = Lang::of_tag(&account.locale).unwrap_or(Lang::En);
    let until = now_ms() + LIFE_MS;
    match &errand.destination {
        Destination::Mail(address) => {
            let letter = Letter::code(lang, &account.display_name, code);
            mail::post_until(identity, tx, (address, until), letter).await?;
            Ok(None)
        }
        Destination::Sms(number) => text(identity, tx, (number, until), (lang, code)).await,
    }
}

async fn text(
    identity: &Identity,
    tx: &Tx,
    (number, until): (&Number, i64),
    (lang, code): (Lang, &str),
) -> Result<Option<&'static str>, AccountError> {
    if !identity.config.settings.codes.sms {
        return Ok(Some("policy"));
    }
    // The last line binds the code to our host: browsers offer it nowhere else.
    let host = identity.config.issuer.host_str().unwrap_or_default();
    let text = CodeWords::of(lang).sms_text.replace("{}", code);
    let text = format!("{text}\n\n@{host} #{code}");
    let posted = sms::post(identity, tx, (number, until), text).await?;
    Ok(posted.err().map(sms::Refused::as_str))
}

/// Six digits, each code as likely as every other.
fn digits() -> String {
    const CODES: u32 = 1_000_000;
    const FAIR: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let number = u32::from_be_bytes(random_bytes());
        if number < FAIR {
            return format!("{:06}", number % CODES);
        }
    }
}

/// What is kept of a code: of use for one interaction, person and kind.
pub(super) fn mac(
    identity: &Identity,
    ix: Uuid,
    user: Uuid,
    (kind, code): (Kind, &str),
) -> Vec<u8> {
    let parts = [ix.as_bytes().as_slice(), user.as_bytes(), kind.as_str().as_bytes()];
    let mac = identity.keys.mac("one-time code", &[&parts.concat()[..], code.as_bytes()].concat());
    mac.to_vec()
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn a_code_has_six_digits_also_when_it_begins_with_zeros() {
        let codes: Vec<String> = (0..2_000).map(|_| digits()).collect();
        assert!(codes.iter().all(|code| code.len() == 6 && code.parse::<u32>().is_ok()));
        assert!(codes.iter().any(|code| code.starts_with('0')));
    }
}
