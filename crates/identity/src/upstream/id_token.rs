//! The rules for a provider's tokens; no I/O, the time is an argument.
//!
//! That the signature is one of the provider's keys is checked before; here is what the token
//! says. An ID token does not pass for a logout token, nor the other way round.

use kit::caller::LEEWAY_S;
use kit::jose::Signed;
use serde_json::Value;

/// The event that makes a JWT a logout token (Back-Channel Logout 2.4).
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const TEXT_BYTES_MAX: usize = 255;

/// Who a token is to be from and for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parties<'a> {
    /// The provider.
    pub(super) issuer: &'a str,
    /// We.
    pub(super) client_id: &'a str,
    /// Seconds since the epoch.
    pub(super) now: i64,
}

/// The sign-in that an ID token must belong to.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignIn<'a> {
    /// What it was begun with.
    pub(super) nonce: &'a str,
    /// The person must have proved who they are since then, in seconds.
    pub(super) proved_since: Option<i64>,
}

/// What an ID token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdToken {
    pub(super) sub: String,
    pub(super) sid: Option<String>,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
    /// Seconds since the epoch.
    pub(super) auth_time: Option<i64>,
}

/// What a logout token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogoutToken {
    pub(super) sub: Option<String>,
    pub(super) sid: Option<String>,
    pub(super) jti: String,
    /// Seconds since the epoch.
    pub(super) exp: i64,
}

/// Why a token is refused, for the log.
pub(super) type Refused = &'static str;

/// `OpenID` Connect Core 3.1.3.7.
pub(super) fn id_token(
    signed: &Signed<'_>,
    parties: Parties<'_>,
    sign_in: SignIn<'_>,
) -> Result<IdToken, Refused> {
    typed(signed, &["jwt"])?;
    common(signed, parties)?;
    if signed.claims.contains_key("azp") && signed.text("azp") != Some(parties.client_id) {
        return Err("it was given to another client");
    }
    if signed.text("nonce") != Some(sign_in.nonce) {
        return Err("it belongs to another sign-in");
    }
    let auth_time = signed.seconds("auth_time");
    if let Some(since) = sign_in.proved_since
        && auth_time.is_none_or(|at| at.saturating_add(LEEWAY_S) < since)
    {
        return Err("its person did not prove anew who they are");
    }
    let amr = signed.claims.get("amr").and_then(Value::as_array).into_iter().flatten();
    Ok(IdToken {
        sub: bounded(signed, "sub").ok_or("it does not say who signed in")?,
        sid: bounded(signed, "sid"),
        acr: bounded(signed, "acr"),
        amr: amr.take(20).filter_map(|word| word.as_str().map(str::to_owned)).collect(),
        auth_time,
    })
}

/// Back-Channel Logout 2.6.
pub(super) fn logout_token(
    signed: &Signed<'_>,
    parties: Parties<'_>,
) -> Result<LogoutToken, Refused> {
    typed(signed, &["jwt", "logout+jwt"])?;
    common(signed, parties)?;
    let event = signed.claims.get("events").and_then(|events| events.get(LOGOUT_EVENT));
    if !event.is_some_and(Value::is_object) {
        return Err("it does not say that somebody signed out");
    }
    if signed.claims.contains_key("nonce") {
        return Err("a logout token has no nonce");
    }
    let (sub, sid) = (bounded(signed, "sub"), bounded(signed, "sid"));
    if sub.is_none() && sid.is_none() {
        return Err("it does not say who signed out");
    }
    let jti = bounded(signed, "jti").ok_or("it has no id of its own")?;
    let exp = signed.seconds("exp").ok_or("it does not say when it ends")?;
    Ok(LogoutToken { sub, sid, jti, exp })
}

/// A key that the token brings along is not the provider's.
fn typed(signed: &Signed<'_>, types: &[&str]) -> Result<(), Refused> {
    if signed.header.contains_key("jwk") {
        return Err("it brings a key of its own");
    }
    match signed.typ() {
        None if !signed.header.contains_key("typ") => Ok(()),
        Some(typ) if types.contains(&typ.as_str()) => Ok(()),
        _ => Err("it is another kind of token"),
    }
}

fn common(signed: &Signed<'_>, parties: Parties<'_>) -> Result<(), Refused> {
    if signed.text("iss") != Some(parties.issuer) {
        return Err("it is of another issuer");
    }
    let for_us = match signed.claims.get("aud") {
        Some(Value::String(one)) => one == parties.client_id,
        Some(Value::Array(many)) => many.len() == 1 && many[0] == parties.client_id,
        _ => false,
    };
    if !for_us {
        return Err("it is for another client");
    }
    let exp = signed.seconds("exp").ok_or("it does not say when it ends")?;
    let iat = signed.seconds("iat").ok_or("it does not say when it was made")?;
    if exp.saturating_add(LEEWAY_S) <= parties.now {
        return Err("it has expired");
    }
    let latest = parties.now.saturating_add(LEEWAY_S);
    if iat > latest || signed.seconds("nbf").is_some_and(|nbf| nbf > latest) {
        return Err("it is from the future");
    }
    Ok(())
}

fn bounded(signed: &Signed<'_>, name: &str) -> Option<String> {
    let fits = |text: &&str| (1..=TEXT_BYTES_MAX).contains(&text.len());
    signed.text(name).filter(fits).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const PARTIES: Parties<'static> =
        Parties { issuer: "https://acme.example", client_id: "us", now: NOW };
    const SIGN_IN: SignIn<'static> = SignIn { nonce: "n", proved_since: None };

    /// A token as it is when its signature was found to be good.
    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AA", part(header), part(claims))
    }

    fn plain() -> Value {
        json!({"alg": "RS256"})
    }

    fn good() -> Value {
        json!({"iss": "https://acme.example", "aud": "us", "sub": "7", "nonce": "n",
               "iat": NOW, "exp": NOW + 60})
    }

    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        claims[name] = value;
        claims
    }

    fn verdict(header: &Value, claims: &Value) -> Result<IdToken, Refused> {
        let token = token(header, claims);
        id_token(&Signed::parse(&token, 4096).unwrap(), PARTIES, SIGN_IN)
    }

    #[test]
    fn an_id_token_is_of_its_issuer_for_us_in_time_and_of_this_sign_in() {
        assert_eq!(verdict(&plain(), &good()).unwrap().sub, "7");
        let one = with(good(), "aud", json!(["us"]));
        assert!(verdict(&json!({"alg": "ES256", "typ": "JWT"}), &one).is_ok());
        let cases = [
            ("iss", json!("https://acme.example/"), "another issuer"),
            ("aud", json!("them"), "another client"),
            ("aud", json!(["us", "them"]), "another client"),
            ("aud", json!([]), "another client"),
            ("azp", json!("them"), "another client"),
            ("nonce", json!("m"), "another sign-in"),
            ("nonce", json!(null), "another sign-in"),
            ("exp", json!(NOW - LEEWAY_S), "expired"),
            ("exp", json!(null), "when it ends"),
            ("iat", json!(NOW + LEEWAY_S + 1), "future"),
            ("iat", json!("now"), "when it was made"),
            ("nbf", json!(NOW + LEEWAY_S + 1), "future"),
            ("sub", json!(""), "who signed in"),
            ("sub", json!("x".repeat(256)), "who signed in"),
        ];
        for (name, value, part) in cases {
            let refused = verdict(&plain(), &with(good(), name, value.clone())).unwrap_err();
            assert!(refused.contains(part), "{name} {value}: {refused}");
        }
        let own_key = json!({"alg": "RS256", "jwk": {"kty": "RSA"}});
        assert!(verdict(&own_key, &good()).unwrap_err().contains("key of its own"));
        for typ in ["at+jwt", "logout+jwt"] {
            let header = json!({"alg": "RS256", "typ": typ});
            assert!(verdict(&header, &good()).unwrap_err().contains("another kind"));
        }
    }

    #[test]
    fn who_was_to_prove_it_anew_must_have_done_so() {
        let check = |auth_time: Value, expected: bool| {
            let token = token(&plain(), &with(good(), "auth_time", auth_time.clone()));
            let sign_in = SignIn { nonce: "n", proved_since: Some(NOW) };
            let verdict = id_token(&Signed::parse(&token, 4096).unwrap(), PARTIES, sign_in);
            assert_eq!(verdict.is_ok(), expected, "{auth_time}");
        };
        check(json!(NOW), true);
        check(json!(NOW - LEEWAY_S), true);
        check(json!(NOW - LEEWAY_S - 1), false);
        check(json!(null), false);
    }

    #[test]
    fn a_logout_token_says_that_somebody_signed_out_and_is_no_id_token() {
        let mut told = good();
        told.as_object_mut().unwrap().remove("nonce");
        let told = with(told, "events", json!({LOGOUT_EVENT: {}}));
        let told = with(told, "jti", json!("j"));
        let check = |header: &Value, claims: &Value, expected: Result<(), &str>| {
            let token = token(header, claims);
            let verdict = logout_token(&Signed::parse(&token, 4096).unwrap(), PARTIES);
            match (verdict, expected) {
                (Ok(_), Ok(())) => {}
                (Err(refused), Err(part)) if refused.contains(part) => {}
                (verdict, _) => panic!("{claims}: {verdict:?}, expected {expected:?}"),
            }
        };
        let typed = json!({"alg": "RS256", "typ": "logout+jwt"});
        check(&typed, &told, Ok(()));
        check(&plain(), &told, Ok(()));
        check(&plain(), &good(), Err("signed out"));
        check(&typed, &with(told.clone(), "nonce", json!("n")), Err("nonce"));
        check(&typed, &with(told.clone(), "jti", json!(null)), Err("id of its own"));
        check(&typed, &with(told.clone(), "aud", json!("them")), Err("another client"));
        let nobody = with(told.clone(), "sub", json!(null));
        check(&typed, &nobody, Err("who signed out"));
        check(&typed, &with(nobody, "sid", json!("s")), Ok(()));
        check(&json!({"alg": "RS256", "typ": "at+jwt"}), &told, Err("another kind"));
    }

    /// What a claim may be: the right thing, nearly the right thing, or anything.
    fn claim() -> impl Strategy<Value = Value> {
        let words = ["https://acme.example", "us", "them", "7", "n", ""];
        prop_oneof![
            3 => proptest::sample::select(words.to_vec()).prop_map(Value::from),
            3 => (-600..600_i64).prop_map(|off| Value::from(NOW + off)),
            1 => any::<f64>().prop_map(Value::from),
            1 => any::<i64>().prop_map(Value::from),
            1 => ".{0,300}".prop_map(Value::from),
            1 => Just(json!({LOGOUT_EVENT: {}})),
            1 => proptest::collection::vec("us|them|.{0,9}", 0..30).prop_map(Value::from),
            1 => Just(Value::Null),
        ]
    }

    /// Claims of a good token of either kind, some of them replaced, some left out.
    fn claims() -> impl Strategy<Value = Value> {
        let names = [
            "iss",
            "aud",
            "azp",
            "sub",
            "sid",
            "nonce",
            "iat",
            "exp",
            "nbf",
            "auth_time",
            "acr",
            "amr",
            "jti",
            "events",
        ];
        let change = (proptest::sample::select(names.to_vec()), proptest::option::of(claim()));
        let changes = proptest::collection::vec(change, 0..4);
        (any::<bool>(), changes).prop_map(|(logout, changes)| {
            let mut claims = good();
            let object = claims.as_object_mut().unwrap();
            if logout {
                object.remove("nonce");
                object.insert("events".to_owned(), json!({LOGOUT_EVENT: {}}));
                object.insert("jti".to_owned(), json!("j"));
            }
            for (name, value) in changes {
                match value {
                    Some(value) => object.insert(name.to_owned(), value),
                    None => object.remove(name),
                };
            }
            claims
        })
    }

    /// What holds for every token that is taken, as the specification says it.
    fn is_ours_and_in_time(claims: &Value) -> bool {
        let ours = claims["aud"] == "us" || claims["aud"] == json!(["us"]);
        let time = |name: &str| claims[name].as_f64();
        let bound = |seconds: i64| f64::from(u32::try_from(seconds).unwrap());
        let soon = |at: f64| at.floor() <= bound(NOW + LEEWAY_S);
        let begun = time("iat").is_some_and(soon) && time("nbf").is_none_or(soon);
        let over = time("exp").is_none_or(|at| at.floor() <= bound(NOW - LEEWAY_S));
        claims["iss"] == "https://acme.example" && ours && begun && !over
    }

    fn fits(text: &str) -> bool {
        (1..=TEXT_BYTES_MAX).contains(&text.len())
    }

    proptest! {
        #[test]
        fn whatever_a_provider_says_what_is_taken_is_for_us_in_time_and_short(
            claims in claims(),
            since in proptest::option::weighted(0.2, NOW - 600..NOW + 600),
            typ in prop_oneof![8 => Just("JWT"), 2 => Just("logout+jwt"), 1 => Just("at+jwt")],
        ) {
            let token = token(&json!({"alg": "ES256", "typ": typ}), &claims);
            let signed = Signed::parse(&token, 65_536).unwrap();
            let sign_in = SignIn { nonce: "n", proved_since: since };
            let taken = id_token(&signed, PARTIES, sign_in);
            let told = logout_token(&signed, PARTIES);
            prop_assert!(taken.is_err() || told.is_err(), "one kind or the other");
            if taken.is_ok() || told.is_ok() {
                prop_assert!(is_ours_and_in_time(&claims), "{claims}");
            }
            if let Ok(taken) = taken {
                prop_assert_eq!(typ, "JWT");
                prop_assert_eq!(&claims["nonce"], "n");
                prop_assert!(claims.get("azp").is_none_or(|azp| azp == "us"), "{claims}");
                prop_assert_eq!(claims["sub"].as_str(), Some(taken.sub.as_str()));
                prop_assert!(fits(&taken.sub) && taken.amr.len() <= 20);
                prop_assert!([&taken.sid, &taken.acr].into_iter().flatten().all(|text| fits(text)));
                let anew = |since| taken.auth_time.is_some_and(|at| at >= since - LEEWAY_S);
                prop_assert!(since.is_none_or(anew), "{claims}");
            }
            if let Ok(told) = told {
                prop_assert!(["JWT", "logout+jwt"].contains(&typ));
                prop_assert!(claims.get("nonce").is_none(), "{claims}");
                let who = [&told.sub, &told.sid];
                prop_assert!(who.into_iter().any(Option::is_some) && fits(&told.jti));
                prop_assert!(who.into_iter().flatten().all(|text| fits(text)));
            }
        }
    }
}
