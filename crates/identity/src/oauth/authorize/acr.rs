//! How strong a sign-in an app asks for; no I/O.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refusal;
use crate::login::Acr;
use crate::oauth::params::Params;

/// Longest `claims`, bytes.
const CLAIMS_BYTES_MAX: usize = 4096;

/// The levels that an app asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The one it likes best first; none if anything will do.
    pub levels: Vec<Acr>,
    /// What becomes of the request when none of them is reached.
    pub need: Need,
}

/// How much an app needs what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Need {
    /// It takes what it gets (OpenID Connect Core 5.5.1.1).
    #[default]
    Wish,
    /// An API has refused less (RFC 9470 section 5).
    Least,
    /// The ID token must say one of them and nothing else.
    Essential,
}

/// What a sign-in is to what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It will do.
    Good,
    /// The person can do better, and should.
    More,
    /// The person cannot reach it.
    Never,
}

impl Wanted {
    /// What `acr_values` and the claim `acr` of `claims` ask for; the claim is the finer of the
    /// two and wins. Levels that we do not know are ignored, unless nothing else is left of an
    /// essential claim.
    pub(super) fn read(params: &Params, claims: &Claims) -> Result<Self, Refusal> {
        if let Some(claim) = claims.acr() {
            return Self::of_claim(claim);
        }
        let words = params.get("acr_values").unwrap_or_default().split_ascii_whitespace();
        Ok(Self { levels: known(words), need: Need::Least })
    }

    /// What to do about a sign-in of level `reached` whose person can reach `best`.
    pub(crate) fn fit(&self, reached: Acr, best: Acr) -> Fit {
        match self.aim(reached.max(best)) {
            Some(aim) if reached >= aim => Fit::Good,
            Some(_) => Fit::More,
            None if self.levels.is_empty() || self.need == Need::Wish => Fit::Good,
            None => Fit::Never,
        }
    }

    /// Whether a sign-in of level `reached` will do when nothing can be asked of the person.
    pub(crate) fn accepts(&self, reached: Acr) -> bool {
        let soft = self.levels.is_empty() || self.need == Need::Wish;
        soft || self.levels.iter().any(|level| reached >= *level)
    }

    /// The level that tokens tell of a sign-in: its own, or the highest that an essential claim
    /// names and that it has.
    pub(crate) fn told(&self, reached: Acr) -> Acr {
        let named = self.levels.iter().copied().filter(|level| *level <= reached);
        match self.need {
            Need::Essential => named.max().unwrap_or(reached),
            Need::Wish | Need::Least => reached,
        }
    }

    /// What the app likes best of what a person can reach.
    fn aim(&self, best: Acr) -> Option<Acr> {
        self.levels.iter().copied().find(|level| *level <= best)
    }

    fn of_claim(claim: &Value) -> Result<Self, Refusal> {
        let words = claim["values"].as_array().into_iter().flatten();
        let words: Vec<&str> =
            claim.get("value").into_iter().chain(words).filter_map(Value::as_str).collect();
        let essential = claim["essential"] == true;
        let levels = known(words.iter().copied());
        if essential && levels.is_empty() && !words.is_empty() {
            let code = "unmet_authentication_requirements";
            return Err(Refusal::new(code, "there is no such acr"));
        }
        Ok(Self { levels, need: if essential { Need::Essential } else { Need::Wish } })
    }
}

/// The parameter `claims` (OpenID Connect Core 5.5).
pub(super) struct Claims(Value);

impl Claims {
    /// Reads it; nothing said is nothing asked for.
    pub(super) fn read(params: &Params) -> Result<Self, Refusal> {
        let refuse = |reason| Err(Refusal::new("invalid_request", reason));
        let Some(text) = params.get("claims") else { return Ok(Self(Value::Null)) };
        if text.len() > CLAIMS_BYTES_MAX {
            return refuse("claims is too long");
        }
        match serde_json::from_str::<Value>(text) {
            Ok(claims) if claims.is_object() => Ok(Self(claims)),
            _ => refuse("claims must be a JSON object"),
        }
    }

    /// The only account that will do (OpenID Connect Core 5.5.1).
    pub(super) fn sub(&self) -> Option<&str> {
        self.0["id_token"]["sub"]["value"].as_str()
    }

    fn acr(&self) -> Option<&Value> {
        let says = |claim: &&Value| claim.get("value").or_else(|| claim.get("values")).is_some();
        ["id_token", "userinfo"].iter().map(|place| &self.0[place]["acr"]).find(says)
    }
}

fn known<'w>(words: impl Iterator<Item = &'w str>) -> Vec<Acr> {
    let mut levels: Vec<Acr> = Vec::new();
    for level in words.filter_map(|word| word.parse().ok()) {
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const MFA: &str = "urn:tertulia:acr:mfa";
    const PWD: &str = "urn:tertulia:acr:pwd";

    fn read(acr_values: &str, claims: &Value) -> Result<Wanted, Refusal> {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.append_pair("acr_values", acr_values);
        if !claims.is_null() {
            text.append_pair("claims", &claims.to_string());
        }
        let params = Params::parse(text.finish().as_bytes()).unwrap();
        Wanted::read(&params, &Claims::read(&params)?)
    }

    fn of_claim(claim: &Value) -> Result<Wanted, Refusal> {
        read("", &json!({"id_token": {"acr": claim}}))
    }

    #[test]
    fn the_level_that_is_liked_best_and_can_be_reached_is_asked_for() {
        let wanted = read(&format!("phr {MFA} gold {PWD} {MFA}"), &Value::Null).unwrap();
        assert_eq!(wanted.levels, [Acr::Phr, Acr::Mfa, Acr::Pwd]);
        assert_eq!(wanted.fit(Acr::Pwd, Acr::Pwd), Fit::Good);
        assert_eq!(wanted.fit(Acr::Pwd, Acr::Mfa), Fit::More);
        assert_eq!(wanted.fit(Acr::Mfa, Acr::Mfa), Fit::Good);
        assert_eq!(wanted.fit(Acr::Mfa, Acr::Phr), Fit::More);
        assert!(wanted.accepts(Acr::Pwd));
        assert_eq!(wanted.told(Acr::Mfa), Acr::Mfa);
    }

    #[test]
    fn what_cannot_be_reached_is_said_unless_it_was_a_wish() {
        let least = read(MFA, &Value::Null).unwrap();
        assert_eq!(least.fit(Acr::Pwd, Acr::TwoSteps), Fit::Never);
        assert!(!least.accepts(Acr::TwoSteps));
        assert_eq!(least.fit(Acr::Phr, Acr::Phr), Fit::Good, "more is enough");
        let wish = of_claim(&json!({"values": [MFA]})).unwrap();
        assert_eq!(wish.fit(Acr::Pwd, Acr::TwoSteps), Fit::Good);
        assert_eq!(wish.fit(Acr::Pwd, Acr::Mfa), Fit::More);
        assert!(wish.accepts(Acr::Pwd));
        let anything = read("gold", &Value::Null).unwrap();
        assert_eq!(anything.fit(Acr::Pwd, Acr::Phr), Fit::Good);
    }

    #[test]
    fn an_essential_claim_is_answered_in_its_own_words() {
        let wanted = of_claim(&json!({"essential": true, "values": [PWD, MFA]})).unwrap();
        assert_eq!(wanted.told(Acr::Phr), Acr::Mfa);
        assert_eq!(wanted.told(Acr::TwoSteps), Acr::Pwd);
        let one = of_claim(&json!({"essential": true, "value": MFA})).unwrap();
        assert_eq!((one.fit(Acr::Pwd, Acr::Pwd), one.told(Acr::Phr)), (Fit::Never, Acr::Mfa));
        let unknown = of_claim(&json!({"essential": true, "value": "gold"})).unwrap_err();
        assert_eq!(unknown.code, "unmet_authentication_requirements");
        assert_eq!(of_claim(&json!({"essential": true})).unwrap().levels, []);
        assert_eq!(of_claim(&Value::Null).unwrap().levels, []);
        assert_eq!(of_claim(&json!({"value": "gold"})).unwrap().levels, []);
        let claims = json!({"id_token": {"acr": {"value": MFA}}});
        assert_eq!(read(PWD, &claims).unwrap().levels, [Acr::Mfa], "the claim wins");
    }

    #[test]
    fn claims_that_are_no_object_are_refused() {
        for claims in [json!([]), json!("x"), json!(1)] {
            assert_eq!(read("", &claims).unwrap_err().code, "invalid_request");
        }
        let long = json!({"id_token": "x".repeat(CLAIMS_BYTES_MAX)});
        assert_eq!(read("", &long).unwrap_err().code, "invalid_request");
    }

    proptest! {
        #[test]
        fn any_claims_are_read_or_refused(claims in any::<String>(), values in any::<String>()) {
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            text.append_pair("claims", &claims).append_pair("acr_values", &values);
            if let Ok(params) = Params::parse(text.finish().as_bytes()) {
                let _ = Claims::read(&params).map(|claims| Wanted::read(&params, &claims));
            }
        }
    }
}
