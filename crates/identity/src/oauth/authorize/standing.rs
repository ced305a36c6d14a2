//! Whether who is signed in is who the app asked for, and signed in as it asked.

use kit::clock::now_ms;
use kit::db::DbErr;

use super::acr::Fit;
use super::{Asked, From, Request};
use crate::Identity;
use crate::login::{self, Acr, Session};
use crate::oauth::ground;

/// Who is there, as the app's request sees it.
pub(super) enum Standing {
    /// The one it wants, as it wants them.
    Good(Session),
    /// Nobody, or somebody who is to sign in once more.
    Nobody,
    /// Somebody else than it wants.
    Another,
    /// The one it wants, who can prove more than they have.
    Weak,
    /// The one it wants, who cannot prove what it needs.
    Unable,
}

/// Looks at the session of this browser.
pub(super) async fn standing(
    identity: &Identity,
    from: &From,
    asked: &Asked,
) -> Result<Standing, DbErr> {
    let request = &asked.request;
    let session = login::current_session(identity, &from.headers).await?;
    let since = asked.waiting.map(|(_, since)| since);
    let Some(session) = session else { return Ok(Standing::Nobody) };
    let good = is_good(session.auth_time, request, since, now_ms());
    if !good && (request.prompt.wants_anew() || request.acr.levels.is_empty()) {
        return Ok(Standing::Nobody);
    }
    if !is_expected(identity, request, &session).await? {
        return Ok(Standing::Another);
    }
    if !good {
        // Too old: a second step of today is enough, if it alone makes the level.
        let best = ground::reachable(identity, session.user_id).await?;
        let step = request.acr.fit(Acr::Pwd, best);
        return Ok(if step == Fit::More { Standing::Weak } else { Standing::Nobody });
    }
    if request.acr.levels.is_empty() {
        return Ok(Standing::Good(session));
    }
    if request.prompt.none && request.acr.accepts(session.acr) {
        return Ok(Standing::Good(session));
    }
    let best = ground::reachable(identity, session.user_id).await?;
    Ok(match request.acr.fit(session.acr, best) {
        Fit::Good => Standing::Good(session),
        Fit::More => Standing::Weak,
        Fit::Never => Standing::Unable,
    })
}

/// Whether it is the account that the app expects, if it expects one.
async fn is_expected(
    identity: &Identity,
    request: &Request,
    session: &Session,
) -> Result<bool, DbErr> {
    let Some(expected) = &request.expected_sub else { return Ok(true) };
    let person = ground::person(identity, session.user_id).await?;
    Ok(person.is_some_and(|person| person.sub == *expected))
}

/// Whether a sign-in of `auth_time` is what the request wants.
fn is_good(auth_time: i64, request: &Request, since: Option<i64>, now: i64) -> bool {
    let during = since.is_some_and(|since| auth_time >= since);
    if request.prompt.wants_anew() && !during {
        return false;
    }
    let young = |max_age_s: u32| now - auth_time <= i64::from(max_age_s) * 1000;
    during || request.max_age_s.is_none_or(young)
}

#[cfg(test)]
mod tests {
    use super::super::tests::request;
    use super::*;

    #[test]
    fn a_sign_in_must_be_as_young_as_was_asked() {
        let plain = request(|_| ());
        assert!(is_good(0, &plain, None, 1_000_000));
        let young = request(|request| request.max_age_s = Some(10));
        assert!(is_good(990_000, &young, None, 1_000_000));
        assert!(!is_good(989_999, &young, None, 1_000_000));
        let now = request(|request| request.max_age_s = Some(0));
        assert!(!is_good(999_999, &now, None, 1_000_000));
        assert!(is_good(999_999, &now, Some(999_000), 1_000_000), "signed in for this request");
    }

    #[test]
    fn a_prompt_wants_a_sign_in_that_was_made_for_it() {
        for change in [
            |request: &mut Request| request.prompt.login = true,
            |request: &mut Request| request.prompt.select_account = true,
            |request: &mut Request| request.prompt.create = true,
        ] {
            let request = request(change);
            assert!(!is_good(5, &request, None, 6));
            assert!(!is_good(5, &request, Some(6), 7));
            assert!(is_good(6, &request, Some(6), 7));
        }
    }
}
