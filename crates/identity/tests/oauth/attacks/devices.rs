//! Codes of devices that are guessed, stolen, shown twice, or allowed by nobody (RFC 8628
//! section 5).

use futures::future::join_all;

use super::{Tries, refusal, wrong};
use crate::device::of_device;
use crate::world::{Browser, PASSWORD, World};

#[tokio::test]
async fn a_device_code_is_of_one_client() {
    let world = World::open().await;
    let (app, other) = (world.television().await, world.television().await);
    let begun = world.begin_device(&app).await;
    let mut browser = world.desk().await;
    world.allow(&mut browser, &begun).await;
    assert_eq!(world.told(&other, &begun).await, "invalid_grant");
    assert_eq!(world.poll(&app, &begun).await.0, 200, "who cannot use it cannot spend it");
}

#[tokio::test]
async fn what_is_no_device_code_gets_nothing() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let real = begun["device_code"].as_str().unwrap();
    let typed = begun["user_code"].as_str().unwrap();
    let mut tries = Tries::new();
    for (name, code) in [
        ("nothing known", "dc_unknown".to_owned()),
        ("a letter more", format!("{real}x")),
        ("without its prefix", real.trim_start_matches("dc_").to_owned()),
        ("the code that people type", typed.to_owned()),
    ] {
        let form = [of_device(&begun)[0], ("device_code", code.as_str())];
        let answer = world.post("/oauth/token", &app, &form).await;
        tries.expect(name, refusal(answer).await, wrong(400, "invalid_grant"));
    }
    let answer = world.post("/oauth/token", &app, &of_device(&begun)[..1]).await;
    tries.expect("none", refusal(answer).await, wrong(400, "invalid_request"));
    tries.hold();
}

#[tokio::test]
async fn of_25_who_spend_a_device_code_one_gets_tokens_and_the_replays_end_them() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let mut browser = world.desk().await;
    world.allow(&mut browser, &begun).await;
    let answers = join_all((0..25).map(|_| world.poll(&app, &begun))).await;
    let good: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(good.len(), 1);
    let refused = answers.iter().filter(|(_, body)| body["error"] == "invalid_grant").count();
    assert_eq!(refused, 24);
    let (status, _) = world.refresh(&app, good[0].1["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "somebody else has the code");
}

#[tokio::test]
async fn of_25_who_decide_at_once_one_is_heard() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let mut browser = world.desk().await;
    world.type_code(&mut browser, &begun).await;
    let mut browsers: Vec<_> = (0..25).map(|_| browser.clone()).collect();
    let answer = [("decision", "allow")];
    join_all(browsers.iter_mut().map(|one| one.submit(&world, &answer))).await;
    let heard = browsers.iter().filter(|one| one.status == 200).count();
    assert_eq!(heard, 1, "{:?}", browsers.iter().map(|one| one.status).collect::<Vec<_>>());
    assert_eq!(world.poll(&app, &begun).await.0, 200);
}

#[tokio::test]
async fn codes_that_people_type_cannot_be_guessed_for_long() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let mut browser = world.desk().await;
    let mut told = Vec::new();
    // There is budget for another guess every six seconds.
    while told.len() < 200 && told[told.len().saturating_sub(2)..] != [429, 429] {
        browser.open(&world, &format!("{}/device", world.issuer)).await;
        let guess = ["BBBBBBBC", "BBBBBBBD", "BBBBBBBF"][told.len() % 3];
        browser.submit(&world, &[("user_code", guess)]).await;
        told.push(browser.status);
        if browser.status == 429 {
            assert!(browser.headers.contains_key("retry-after"));
            world.type_code(&mut browser, &begun).await;
            told.push(browser.status);
        }
    }
    assert!(told[..10].iter().all(|status| *status == 422), "{told:?}");
    assert!(told.ends_with(&[429, 429]), "the right one is not told from a wrong one: {told:?}");
    assert_eq!(world.told(&app, &begun).await, "authorization_pending");
    browser.open(&world, &format!("{}/device", world.issuer)).await;
    for nonsense in ["", "AEIOU", "BCDF-GHJ", &"B".repeat(200)] {
        browser.submit(&world, &[("user_code", nonsense)]).await;
        assert_eq!(browser.status, 422, "what cannot be a code costs nothing: {nonsense}");
    }
}

#[tokio::test]
async fn nobody_is_made_to_allow_a_device() {
    let world = World::open().await;
    let app = world.television().await;
    let begun = world.begin_device(&app).await;
    let mut browser = world.desk().await;
    world.type_code(&mut browser, &begun).await;
    let fields = [("decision", "allow")];
    let mut tries = Tries::new();
    for (name, header) in [
        ("another site", ("sec-fetch-site", "cross-site")),
        ("a sister site", ("sec-fetch-site", "same-site")),
        ("another origin", ("origin", "https://evil.example")),
    ] {
        let status = browser.send_from(&world, header, &fields).await;
        tries.expect(name, status.as_u16(), 403);
    }
    let url = format!("{}/device", world.issuer);
    let code = begun["user_code"].as_str().unwrap();
    for token in ["", "x"] {
        let form = [("csrf", token), ("user_code", code), ("decision", "allow")];
        let request = world.http.post(&url).header("cookie", browser.cookie_header());
        let status = request.form(&form).send().await.unwrap().status();
        tries.expect("without the token of the form", status.as_u16(), 403);
    }
    let mut stranger = Browser::default();
    stranger.open(&world, &url).await;
    assert!(stranger.address.contains("/login"), "{}", stranger.address);
    let form = [("user_code", code), ("decision", "allow")];
    let status = world.http.post(&url).form(&form).send().await.unwrap().status();
    tries.expect("nobody", status.as_u16(), 403);
    tries.hold();
    assert_eq!(world.told(&app, &begun).await, "authorization_pending");
    assert!(browser.headers["content-security-policy"].to_str().unwrap().contains("frame-anc"));
}

#[tokio::test]
async fn a_blocked_person_connects_no_device_and_loses_those_that_wait() {
    let world = World::open().await;
    world.another_owner().await;
    let app = world.television().await;
    let (first, second) = (world.begin_device(&app).await, world.begin_device(&app).await);
    let mut browser = world.desk().await;
    world.allow(&mut browser, &first).await;
    world.type_code(&mut browser, &second).await;
    world.command(&["user", "block", "ana"]).await;
    browser.submit(&world, &[("decision", "allow")]).await;
    assert!(browser.address.contains("/login"), "{}", browser.address);
    browser.submit(&world, &[("username", "ana"), ("password", PASSWORD)]).await;
    assert_eq!(browser.status, 403);
    assert_eq!(world.told(&app, &second).await, "authorization_pending");
    assert_eq!(world.told(&app, &first).await, "access_denied", "allowed before the block");
}
