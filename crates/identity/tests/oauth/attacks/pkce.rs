//! Whoever has a code must also have the verifier (OAuth 2.1 section 7.5, RFC 9700 2.1.1).

use super::{Tries, authorize, refusal, wrong};
use crate::world::{Browser, VERIFIER, World, challenge};

#[tokio::test]
async fn every_request_has_a_challenge_of_s256() {
    let world = World::open().await;
    let good = challenge();
    let (short, long) = (&good[..42], format!("{good}A"));
    let padded = format!("{good}=");
    let slashes = format!("{}+/", &good[..41]);
    let unicode = format!("{}é", &good[..42]);
    let spaced = format!("{} ", &good[..42]);
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("no challenge", &[("code_challenge", "")]),
        ("no challenge and no method", &[("code_challenge", ""), ("code_challenge_method", "")]),
        ("a challenge without a method, which means plain", &[("code_challenge_method", "")]),
        ("plain", &[("code_challenge_method", "plain")]),
        (
            "plain with a verifier",
            &[("code_challenge_method", "plain"), ("code_challenge", VERIFIER)],
        ),
        ("a method in small letters", &[("code_challenge_method", "s256")]),
        ("a method that is none", &[("code_challenge_method", "S512")]),
        ("two methods", &[("code_challenge_method", "S256 plain")]),
        ("a short challenge", &[("code_challenge", short)]),
        ("a long challenge", &[("code_challenge", &long)]),
        ("a padded challenge", &[("code_challenge", &padded)]),
        ("plain base64", &[("code_challenge", &slashes)]),
        ("another alphabet", &[("code_challenge", &unicode)]),
        ("a space", &[("code_challenge", &spaced)]),
    ];
    let public = world.app(true).await;
    let mut tries = Tries::new();
    for (name, changes) in cases {
        for app in [&world.chat(), &public] {
            let pairs = world.request(app, changes);
            tries.expect(name, authorize(&world, &pairs).await, "invalid_request".to_owned());
        }
    }
    tries.hold();
}

#[tokio::test]
async fn a_code_without_its_verifier_is_worth_nothing() {
    let world = World::open().await;
    let app = world.app(true).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let challenge = challenge();
    let another = "w".repeat(43);
    let (short, long) = ("v".repeat(42), "v".repeat(129));
    let almost = format!("{}Z", &VERIFIER[..42]);
    let capital = VERIFIER.to_uppercase();
    let cases = [
        ("no verifier", "", "invalid_request"),
        ("a short one", &short, "invalid_request"),
        ("a long one", &long, "invalid_request"),
        (
            "characters that are not allowed",
            "+/=+/=+/=+/=+/=+/=+/=+/=+/=+/=+/=+/=+/=+/=+",
            "invalid_request",
        ),
        ("another one", &another, "invalid_grant"),
        ("the challenge, as if it were plain", &challenge, "invalid_grant"),
        ("one letter wrong", &almost, "invalid_grant"),
        ("in capitals", &capital, "invalid_grant"),
    ];
    let mut tries = Tries::new();
    for (name, verifier, error) in cases {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", app.redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        let answer = world.post("/oauth/token", &app, &form).await;
        tries.expect(name, refusal(answer).await, wrong(400, error));
    }
    tries.hold();
    assert_eq!(world.exchange(&app, &code).await.0, 200, "none of them cost its owner the code");
}
