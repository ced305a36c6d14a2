//! When keys change: on schedule, on demand, at once.

use kit::clock::now_ms;
use kit::db::{Db, Tx};
use kit::keys::KeyRing;
use serde_json::json;

use super::store::{self, Described};
use super::{Alg, Schedule, SigningError, SigningKeys};
use crate::accounts::Actor;
use crate::audit::{self, Entry};

/// A retired key is published for so long: a token of the command line lives a day.
const LONGEST_TOKEN_MS: i64 = (86_400 + 120) * 1000;

/// How keys are changed on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// New keys are published now and sign once everybody has them; old tokens stay good.
    Planned,
    /// Somebody else may know the keys: new ones sign at once, old tokens are refused at once.
    Compromised,
}

/// One change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A new key signs from now on.
    MakeActive(Alg),
    /// A new key is published that will sign from a time on.
    MakeNext(Alg, i64),
    /// The published key signs from a time on, unless earlier.
    Hasten(String, i64),
    Activate(String),
    Retire(String),
    Destroy(String),
    /// The same, because somebody else may know it.
    Compromise(String),
}

/// Does what is due; asks only to read when nothing is.
pub(super) async fn on_schedule(
    db: &Db,
    ring: &KeyRing,
    schedule: &Schedule,
    now: i64,
) -> Result<(), SigningError> {
    let keys = store::described(db.reader()).await?;
    if due(&keys, schedule, now).is_empty() {
        return Ok(());
    }
    apply((db, ring), None, |keys| due(keys, schedule, now), now).await
}

/// Changes all keys on demand and answers with what is there then.
pub(crate) async fn rotate(
    keys: &SigningKeys,
    by: &Actor,
    how: Rotation,
) -> Result<Vec<Described>, SigningError> {
    let shared = &keys.0;
    let now = now_ms();
    let steps = |known: &[Described]| asked(known, how, &shared.schedule, now);
    apply((&shared.db, &shared.ring), Some(by), steps, now).await?;
    on_schedule(&shared.db, &shared.ring, &shared.schedule, now).await?;
    keys.reload().await?;
    Ok(store::described(shared.db.reader()).await?)
}

fn due(keys: &[Described], schedule: &Schedule, now: i64) -> Vec<Step> {
    let (publish, life) = spans(schedule);
    let mut steps = Vec::new();
    for alg in Alg::ALL {
        let active = in_state(keys, alg, "active");
        let next = in_state(keys, alg, "next");
        match (active, next) {
            (None, Some(next)) => steps.push(Step::Activate(next.kid.clone())),
            (None, None) => steps.push(Step::MakeActive(alg)),
            (Some(active), Some(next)) if next.not_before <= now => {
                steps.push(Step::Retire(active.kid.clone()));
                steps.push(Step::Activate(next.kid.clone()));
            }
            (Some(active), None) if now >= active.not_before + life - publish => {
                steps.push(Step::MakeNext(alg, now + publish));
            }
            (Some(_), _) => {}
        }
    }
    let gone = |key: &&Described| key.retire_at.is_some_and(|at| at <= now);
    let over = keys.iter().filter(|key| key.state == "retired").filter(gone);
    steps.extend(over.map(|key| Step::Destroy(key.kid.clone())));
    steps
}

fn asked(keys: &[Described], how: Rotation, schedule: &Schedule, now: i64) -> Vec<Step> {
    let (publish, _) = spans(schedule);
    if how == Rotation::Compromised {
        let known = keys.iter().filter(|key| key.state != "destroyed");
        let gone = known.map(|key| Step::Compromise(key.kid.clone()));
        return gone.chain(Alg::ALL.map(Step::MakeActive)).collect();
    }
    let mut steps = Vec::new();
    for alg in Alg::ALL {
        steps.push(match in_state(keys, alg, "next") {
            None => Step::MakeNext(alg, now + publish),
            Some(next) => Step::Hasten(next.kid.clone(), now.max(next.created_at + publish)),
        });
    }
    steps
}

fn spans(schedule: &Schedule) -> (i64, i64) {
    (i64::from(schedule.publish_s) * 1000, i64::from(schedule.life_s) * 1000)
}

fn in_state<'a>(keys: &'a [Described], alg: Alg, state: &str) -> Option<&'a Described> {
    keys.iter().find(|key| key.alg == alg.name() && key.state == state)
}

/// Takes the steps that `plan` says are right for the keys that are there. No other process makes
/// or changes one meanwhile, so none is missed that was made just now.
async fn apply(
    (db, ring): (&Db, &KeyRing),
    by: Option<&Actor>,
    plan: impl FnOnce(&[Described]) -> Vec<Step>,
    now: i64,
) -> Result<(), SigningError> {
    db.write(async |tx| {
        store::lock(tx).await?;
        let steps = plan(&store::described(tx).await?);
        let mut events = Vec::new();
        for step in &steps {
            events.extend(take(tx, ring, step, now).await?);
        }
        if steps.iter().any(|step| matches!(step, Step::Compromise(_))) {
            store::disown(tx).await?;
        }
        for (event, kid) in events {
            tracing::info!(kid, event, "the signing key {kid}: {event}");
            let entry = Entry::new(event).detail(json!({ "kid": kid }));
            let entry = by.into_iter().fold(entry, Entry::actor);
            audit::record(tx, &entry).await?;
        }
        Ok::<_, SigningError>(())
    })
    .await
}

/// Takes one step unless another process has; answers what to write down.
async fn take(
    tx: &Tx,
    ring: &KeyRing,
    step: &Step,
    now: i64,
) -> Result<Option<(&'static str, String)>, SigningError> {
    let done = |done: bool, event, kid: &String| done.then(|| (event, kid.clone()));
    Ok(match step {
        Step::MakeActive(alg) => {
            let made = store::insert(tx, ring, (*alg, "active"), (now, now)).await?;
            made.map(|kid| ("key.activated", kid))
        }
        Step::MakeNext(alg, from) => {
            let made = store::insert(tx, ring, (*alg, "next"), (now, *from)).await?;
            made.map(|kid| ("key.created", kid))
        }
        Step::Hasten(kid, from) => {
            store::hasten(tx, kid, *from).await?;
            None
        }
        Step::Activate(kid) => done(store::activate(tx, kid, now).await?, "key.activated", kid),
        Step::Retire(kid) => {
            let until = now + LONGEST_TOKEN_MS;
            done(store::retire(tx, kid, until).await?, "key.retired", kid)
        }
        Step::Destroy(kid) => done(store::destroy(tx, kid).await?, "key.destroyed", kid),
        Step::Compromise(kid) => done(store::destroy(tx, kid).await?, "key.compromised", kid),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEDULE: Schedule = Schedule { publish_s: 10, life_s: 100 };

    fn key(alg: Alg, state: &str, created_at: i64, not_before: i64) -> Described {
        Described {
            kid: format!("{alg}-{state}"),
            alg: alg.name().to_owned(),
            state: state.to_owned(),
            created_at,
            not_before,
            retire_at: (state == "retired").then_some(not_before),
        }
    }

    fn both(state: &str, created_at: i64, not_before: i64) -> Vec<Described> {
        Alg::ALL.map(|alg| key(alg, state, created_at, not_before)).to_vec()
    }

    #[test]
    fn the_first_keys_sign_at_once() {
        let steps = due(&[], &SCHEDULE, 5);
        assert_eq!(steps, Alg::ALL.map(Step::MakeActive));
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_after_it_signed() {
        let mut keys = both("active", 0, 0);
        assert_eq!(due(&keys, &SCHEDULE, 89_999), []);
        let made = due(&keys, &SCHEDULE, 90_000);
        assert_eq!(made, Alg::ALL.map(|alg| Step::MakeNext(alg, 100_000)));
        keys.extend(both("next", 90_000, 100_000));
        assert_eq!(due(&keys, &SCHEDULE, 99_999), []);
        let changed = due(&keys, &SCHEDULE, 100_000);
        let kid = |state: &str| format!("ES256-{state}");
        assert_eq!(changed[..2], [Step::Retire(kid("active")), Step::Activate(kid("next"))]);
        let old = [key(Alg::Es256, "retired", 0, 300_000)];
        let over = |now| due(&old, &SCHEDULE, now).contains(&Step::Destroy(kid("retired")));
        assert!(!over(299_999) && over(300_000));
    }

    #[test]
    fn on_demand_a_key_still_waits_until_everybody_has_it() {
        let mut keys = both("active", 0, 0);
        let made = asked(&keys, Rotation::Planned, &SCHEDULE, 5_000);
        assert_eq!(made, Alg::ALL.map(|alg| Step::MakeNext(alg, 15_000)));
        keys.extend(both("next", 5_000, 100_000));
        let sooner = asked(&keys, Rotation::Planned, &SCHEDULE, 6_000);
        assert_eq!(sooner[0], Step::Hasten("ES256-next".to_owned(), 15_000));
    }

    #[test]
    fn a_compromised_key_does_not_wait() {
        let mut keys = both("active", 0, 0);
        keys.extend(both("retired", 0, 0));
        keys.extend(both("destroyed", 0, 0));
        let steps = asked(&keys, Rotation::Compromised, &SCHEDULE, 5_000);
        let gone = steps.iter().filter(|step| matches!(step, Step::Compromise(_))).count();
        assert_eq!((gone, &steps[4..]), (4, &Alg::ALL.map(Step::MakeActive)[..]));
    }
}
