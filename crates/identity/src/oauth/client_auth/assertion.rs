//! What a client signs to prove who it is (RFC 7523 section 3, `private_key_jwt`); no I/O, the
//! time is an argument.

use kit::jose::Signed;

/// Longest assertion that is looked at, bytes.
const BYTES_MAX: usize = 8 * 1024;
/// How far ahead an assertion may end, seconds.
const LIFE_S_MAX: i64 = 300;
/// How far two clocks may be apart, seconds.
const LEEWAY_S: i64 = 10;
/// Longest `jti`, bytes.
const JTI_BYTES_MAX: usize = 256;

/// An assertion that says the right things; whether its client signed it is another question.
pub(super) struct Assertion<'t> {
    /// The token, to find its key and check its signature.
    pub signed: Signed<'t>,
    /// Its own id; to be accepted once.
    pub jti: String,
    /// When it ends, seconds since the epoch.
    pub exp: i64,
}

/// Whose assertion this says it is.
pub(super) fn subject(assertion: &str) -> Option<String> {
    Signed::parse(assertion, BYTES_MAX)?.text("sub").map(str::to_owned)
}

/// Reads an assertion of `client_id` for this issuer. Its audience is the issuer and nothing
/// else: not the token endpoint, no list, so that no other server can be made to take it.
pub(super) fn read<'t>(
    assertion: &'t str,
    client_id: &str,
    issuer: &str,
    now_s: i64,
) -> Option<Assertion<'t>> {
    let signed = Signed::parse(assertion, BYTES_MAX)?;
    let typ = signed.typ();
    // The name of the next version of RFC 7523, or what everybody writes, or nothing.
    let typed = matches!(typ.as_deref(), None | Some("jwt" | "client-authentication+jwt"));
    let theirs = signed.text("iss") == Some(client_id) && signed.text("sub") == Some(client_id);
    let ours = signed.text("aud") == Some(issuer);
    if !typed || !theirs || !ours || signed.header.contains_key("jwk") {
        return None;
    }
    let exp = signed.seconds("exp")?;
    let latest = now_s + LEEWAY_S;
    let begun = |name| {
        let absent = !signed.claims.contains_key(name);
        absent || signed.seconds(name).is_some_and(|at| at <= latest)
    };
    let in_time = exp > now_s - LEEWAY_S && exp <= latest + LIFE_S_MAX;
    let jti = signed.text("jti").filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len()))?.to_owned();
    (in_time && begun("iat") && begun("nbf")).then_some(Assertion { signed, jti, exp })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://id.example";
    const NOW: i64 = 1_000_000;

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AA", part(header), part(claims))
    }

    fn claims() -> Value {
        json!({"iss": "app", "sub": "app", "aud": ISSUER, "jti": "1", "exp": NOW + 300})
    }

    fn good(header: &Value, claims: &Value) -> bool {
        read(&token(header, claims), "app", ISSUER, NOW).is_some()
    }

    #[test]
    fn every_claim_counts() {
        let header = json!({"alg": "ES256"});
        assert!(good(&header, &claims()));
        assert!(good(&json!({"alg": "PS256", "typ": "JWT"}), &claims()));
        let bad = [
            ("iss", json!("other")),
            ("sub", json!("other")),
            ("aud", json!(format!("{ISSUER}/oauth/token"))),
            ("aud", json!([ISSUER])),
            ("aud", json!(format!("{ISSUER}/"))),
            ("exp", json!(NOW - 10)),
            ("exp", json!(NOW + 311)),
            ("exp", json!("soon")),
            ("exp", Value::Null),
            ("iat", json!(NOW + 11)),
            ("iat", json!("now")),
            ("nbf", json!(NOW + 11)),
            ("jti", json!("")),
            ("jti", json!("j".repeat(257))),
            ("jti", Value::Null),
        ];
        for (name, value) in bad {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(!good(&header, &claims), "{name} {value}");
        }
        for header in [
            json!({"alg": "none"}),
            json!({"alg": "HS256"}),
            json!({"alg": "ES256", "typ": "at+jwt"}),
            json!({"alg": "ES256", "jwk": {}}),
            json!({"alg": "ES256", "jku": "https://evil.example"}),
            json!({"alg": "ES256", "crit": ["exp"]}),
        ] {
            assert!(!good(&header, &claims()), "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), claims in any::<String>()) {
            prop_assert!(read(&text, "app", ISSUER, NOW).is_none());
            let made = format!("eyJhbGciOiJFUzI1NiJ9.{}.AA", URL_SAFE_NO_PAD.encode(claims));
            prop_assert!(read(&made, "app", ISSUER, NOW).is_none());
            let _ = subject(&made);
        }
    }
}
