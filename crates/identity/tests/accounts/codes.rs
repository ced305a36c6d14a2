use futures::future::join_all;

use crate::phones;
use crate::sent::{MAIL, eventually, with_file};
use crate::world::{Browser, PASSWORD, World, alert};

#[tokio::test]
async fn a_code_by_mail_becomes_the_second_step() {
    let world = World::open().await;
    let mut first = world.signed_in("ana").await;
    assert_eq!(first.open(MAIL).await, 200);
    assert_eq!(first.submit(&[]).await, 200, "{}", first.page);
    assert!(first.page.contains("a***@e***"), "{}", first.page);
    let code = world.mailed_code("ana", 1).await;
    assert_eq!(first.miss(&code).await, 422, "{}", first.page);
    assert_eq!(first.submit(&[("code", &code), ("name", "My mail")]).await, 200);
    assert_eq!(first.page.matches("<li><code>").count(), 10, "recovery codes: {}", first.page);
    let told = |text: &'static str| {
        let mails = world.mails("ana@example.org");
        mails.iter().any(|mail| mail.contains(text)).then_some(())
    };
    eventually("the notice", || told("Added to your account: Code by mail")).await;
    first.open("/id/account/security").await;
    assert!(first.page.contains("My mail") && first.page.contains("a***@e***"), "{}", first.page);
    assert!(!first.page.contains("security/mail\""), "it is there once: {}", first.page);

    let mut second = world.half_in("ana", "mail").await;
    let code = world.mailed_code("ana", 2).await;
    let page = second.address.clone();
    assert!(second.page.contains("autocomplete=\"one-time-code\""), "{}", second.page);
    assert!(!second.page.contains("ana@example.org"), "the address is not shown whole");
    assert!(!second.is_in().await, "the password alone opens nothing");
    second.open(&page).await;
    let pasted = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(second.submit(&[("code", &pasted)]).await, 200, "{}", second.page);
    assert!(second.is_in().await);
    assert_eq!(world.audited("otp.sent", "sign_in").await, 1);
    assert_eq!(world.audited("otp.ok", "mail").await, 2);
    assert_eq!(world.audited("otp.fail", "mail").await, 1);
}

#[tokio::test]
async fn a_code_is_good_in_its_own_interaction_for_its_own_person_and_once() {
    let world = World::open().await;
    world.by_mail("ana").await;
    world.by_mail("leo").await;
    let mut one = world.half_in("ana", "mail").await;
    let code = world.mailed_code("ana", 2).await;
    let mut two = world.half_in("ana", "mail").await;
    world.mailed_code("ana", 3).await;
    let mut leo = world.half_in("leo", "mail").await;
    world.mailed_code("leo", 2).await;
    assert_eq!(two.submit(&[("code", &code)]).await, 422, "another interaction");
    assert_eq!(leo.submit(&[("code", &code)]).await, 422, "another person");
    let mut thief = world.browser();
    thief.open(&one.address).await;
    assert!(thief.address.ends_with("/id/login"), "another browser: {}", thief.address);
    let replay = one.address.clone();
    assert_eq!(one.submit(&[("code", &code)]).await, 200, "{}", one.page);
    assert!(one.is_in().await);
    one.open(&replay).await;
    let csrf = ("csrf".to_owned(), two.csrf());
    let again = [csrf, ("code".to_owned(), code.clone())].into();
    let action = two.address.clone();
    two.go(reqwest::Method::POST, &action, Some(again)).await;
    assert_eq!(two.status, 422, "a spent code is good nowhere");
}

#[tokio::test]
async fn another_code_comes_after_thirty_seconds_cancels_the_one_before_and_is_the_third_at_most() {
    let world = World::open().await;
    world.by_mail("ana").await;
    let mut browser = world.half_in("ana", "mail").await;
    let old = world.mailed_code("ana", 2).await;
    assert!(browser.page.contains("class=\"count\""), "the wait is shown: {}", browser.page);
    assert_eq!(browser.press("/send").await, 429, "too soon");
    assert!(browser.header("retry-after").parse::<u64>().unwrap() > 0);
    world.pause_is_over().await;
    assert_eq!(browser.press("/send").await, 200, "{}", browser.page);
    let new = world.mailed_code("ana", 3).await;
    if old != new {
        assert_eq!(browser.submit(&[("code", &old)]).await, 422, "the old one is cancelled");
    }
    world.pause_is_over().await;
    assert_eq!(browser.press("/send").await, 200);
    let last = world.mailed_code("ana", 4).await;
    world.pause_is_over().await;
    let page = browser.address.clone();
    browser.open(&page).await;
    assert!(browser.page.contains("no more codes"), "{}", browser.page);
    assert!(!browser.page.contains("/send"), "{}", browser.page);
    assert_eq!(browser.submit(&[("code", &last)]).await, 200, "{}", browser.page);
    assert!(browser.is_in().await);
    assert_eq!(world.mailed("ana").len(), 4);
}

#[tokio::test]
async fn five_wrong_codes_end_the_sign_in_and_another_code_gives_no_try_back() {
    let world = World::open().await;
    world.by_mail("ana").await;
    let mut browser = world.half_in("ana", "mail").await;
    let code = world.mailed_code("ana", 2).await;
    let page = browser.address.clone();
    for _ in 0..3 {
        assert_eq!(browser.miss(&code).await, 422, "{}", browser.page);
        assert!(alert(&browser.page).contains("not good any more"), "{}", browser.page);
    }
    world.pause_is_over().await;
    assert_eq!(browser.press("/send").await, 200);
    let code = world.mailed_code("ana", 3).await;
    let before = browser.page.clone();
    // The account's own count of five minutes is another one, and might begin anew just now.
    world.sql("DELETE FROM {throttle}", &["throttle"]).await;
    assert_eq!(browser.miss(&code).await, 422);
    assert_eq!(browser.miss(&code).await, 429, "the fifth: {}", browser.page);
    assert!(browser.page.contains("Too many wrong codes"), "{}", browser.page);
    browser.page = before;
    browser.submit(&[("code", &code)]).await;
    assert!(!browser.is_in().await, "not even the right one");
    browser.open(&page).await;
    assert!(browser.address.ends_with("/id/login"), "it is over: {}", browser.address);
    assert_eq!(world.audited("otp.exhausted", "mail").await, 1);
}

#[tokio::test]
async fn a_new_sign_in_does_not_lift_the_count_of_wrong_codes() {
    let world = World::open().await;
    world.by_mail("ana").await;
    let mut misses = 0;
    for count in 2..6 {
        let mut browser = world.half_in("ana", "mail").await;
        let code = world.mailed_code("ana", count).await;
        for _ in 0..3 {
            match browser.miss(&code).await {
                422 => misses += 1,
                status => {
                    assert_eq!(status, 429, "{}", browser.page);
                    assert_eq!(browser.submit(&[("code", &code)]).await, 429, "nor the right one");
                    assert!(browser.header("retry-after").parse::<u64>().unwrap() > 0);
                    assert!(misses >= 5, "{misses}");
                    return;
                }
            }
        }
    }
    panic!("{misses} wrong codes were not enough");
}

#[tokio::test]
async fn a_code_is_good_for_five_minutes() {
    let world = World::open().await;
    world.by_mail("ana").await;
    let mut browser = world.half_in("ana", "mail").await;
    let code = world.mailed_code("ana", 2).await;
    let life = "SELECT expires_at - sent_at FROM {otp_challenges} WHERE expires_at > 0";
    assert_eq!(world.count(life, &["otp_challenges"]).await, 300_000);
    world.sql("UPDATE {otp_challenges} SET expires_at = 1", &["otp_challenges"]).await;
    assert_eq!(browser.submit(&[("code", &code)]).await, 422, "{}", browser.page);
    world.pause_is_over().await;
    assert_eq!(browser.press("/send").await, 200, "{}", browser.page);
    let code = world.mailed_code("ana", 3).await;
    assert_eq!(browser.submit(&[("code", &code)]).await, 200);
    assert!(browser.is_in().await);
}

/// The code is typed 25 times at once in a sign-in that waits for it.
async fn typed_25_times(browser: &Browser<'_>, code: &str) {
    let world = browser.world;
    let sessions = "SELECT COUNT(*) FROM {sessions} WHERE ended_at IS NULL";
    let before = world.count(sessions, &["sessions"]).await;
    let taken = world.audited("otp.ok", "").await;
    let mut copies: Vec<_> = (0..25).map(|_| world.browser()).collect();
    for copy in &mut copies {
        copy.cookies.clone_from(&browser.cookies);
        copy.page.clone_from(&browser.page);
    }
    let fields = [("code", code)];
    join_all(copies.iter_mut().map(|copy| copy.submit(&fields))).await;
    let mut open = 0;
    for copy in &mut copies {
        open += i64::from(copy.is_in().await);
    }
    assert_eq!(open, 1);
    assert_eq!(world.count(sessions, &["sessions"]).await, before + 1);
    assert_eq!(world.audited("otp.ok", "").await, taken + 1, "it was right once");
}

#[tokio::test]
async fn a_code_typed_25_times_at_once_opens_one_session() {
    let world = World::open().await;
    world.by_mail("ana").await;
    let browser = world.half_in("ana", "mail").await;
    let code = world.mailed_code("ana", 2).await;
    typed_25_times(&browser, &code).await;
}

#[tokio::test]
async fn a_code_by_sms_typed_25_times_at_once_opens_one_session() {
    let world = World::configured(with_file).await;
    let mut ana = world.signed_in("ana").await;
    phones::add(&mut ana, "600111222", 1).await;
    let browser = world.half_in("ana", "sms").await;
    let code = world.texted_code(2).await;
    typed_25_times(&browser, &code).await;
}

#[tokio::test]
async fn after_ten_codes_in_a_day_the_page_looks_the_same_and_nothing_is_sent() {
    let world = World::open().await;
    world.by_mail("ana").await;
    world.by_mail("leo").await;
    let full = "UPDATE {send_counts} SET sent = 9";
    world.sql(full, &["send_counts"]).await;
    let tenth = world.half_in("ana", "mail").await;
    world.mailed_code("ana", 2).await;
    let eleventh = world.half_in("ana", "mail").await;
    let plain = |browser: &crate::world::Browser<'_>| {
        let ix = browser.address.split("ix=").nth(1).unwrap().to_owned();
        let page = browser.page.replace(&ix, "IX").replace(&browser.csrf(), "TOKEN");
        let digits = |c: char| !c.is_ascii_digit();
        (browser.status, page.chars().filter(|c| digits(*c)).collect::<String>())
    };
    assert_eq!(plain(&tenth), plain(&eleventh));
    world.half_in("leo", "mail").await;
    world.mailed_code("leo", 2).await;
    assert_eq!(world.mailed("ana").len(), 2, "leo's mail has left, and ana's never will");
    assert_eq!(world.audited("otp.sent", "\"why\":\"destination\"").await, 1);
}

#[tokio::test]
async fn codes_that_were_switched_off_do_not_leave_the_password_alone() {
    let world = World::open().await;
    world.by_mail("ana").await;
    let world = world.reopen(|settings| settings.codes.mail = false).await;
    let mut ana = world.browser();
    ana.sign_in("ana", PASSWORD).await;
    assert!(ana.address.contains("/id/login/2fa/recovery?ix="), "{}", ana.address);
    assert!(!ana.page.contains("/2fa/mail"), "it is not offered: {}", ana.page);
    let page = ana.address.replace("/recovery", "/mail");
    assert_eq!(ana.open(&page).await, 404);
    assert!(!ana.is_in().await);
    assert_eq!(world.mailed("ana").len(), 1, "no code was sent");
    let mut leo = world.signed_in("leo").await;
    assert_eq!(leo.open(MAIL).await, 404);
    leo.open("/id/account/security").await;
    assert!(!leo.page.contains("security/mail"), "{}", leo.page);
}

#[tokio::test]
async fn the_strongest_factor_comes_first_unless_its_person_prefers_another() {
    let world = World::configured(with_file).await;
    let mut ana = world.by_mail("ana").await;
    ana.open("/id/account/security/totp").await;
    ana.raise("ana", 2).await;
    let key = ana.page.split("class=\"key\">").nth(1).unwrap().split('<').next().unwrap();
    let secret = totp_rs::Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).with_account_name("ana");
    let now = u64::try_from(kit::clock::now_ms() / 1000).unwrap();
    let app = app.build().unwrap();
    let code = app.generate(now).to_string();
    ana.submit(&[("name", "Phone"), ("code", &code)]).await;
    assert!(ana.address.ends_with("/account/security"), "{}: {}", ana.address, ana.page);
    let mut half = world.half_in("ana", "totp").await;
    for way in ["mail", "recovery"] {
        assert!(half.page.contains(&format!("/login/2fa/{way}?ix=")), "{way}: {}", half.page);
    }
    assert_eq!(world.mailed("ana").len(), 2, "nothing is sent before it is asked for");
    let by_mail = half.address.replace("/totp", "/mail");
    half.open(&by_mail).await;
    assert!(half.page.contains("Send a code to a***@e***"), "{}", half.page);
    half.raise("ana", 3).await;
    assert!(half.is_in().await);

    ana.open("/id/account/security").await;
    let line = ana.page.split("<h3>Mail").nth(1).unwrap();
    let prefer =
        line.split("action=\"").find(|rest| rest.split('"').next().unwrap().ends_with("/prefer"));
    let prefer = prefer.unwrap().split('"').next().unwrap().to_owned();
    let security = ana.page.clone();
    assert_eq!(ana.press(&prefer).await, 200);
    assert!(ana.address.contains("/login/2fa/totp?ix="), "the strongest first: {}", ana.address);
    assert_eq!(ana.submit(&[("code", &app.generate(now + 30).to_string())]).await, 200);
    ana.page = security;
    assert_eq!(ana.press(&prefer).await, 200);
    assert!(ana.page.contains("Asked for first"), "{}", ana.page);
    world.half_in("ana", "mail").await;
    world.mailed_code("ana", 4).await;
    ana.press("/strongest").await;
    world.half_in("ana", "totp").await;
    let told = "Is now asked for first when you sign in: Code by mail";
    let mails = || world.mails("ana@example.org").iter().any(|mail| mail.contains(told));
    eventually("the notice", || mails().then_some(())).await;
}

#[tokio::test]
async fn a_code_goes_to_ones_own_factors_only() {
    let world = World::open().await;
    world.by_mail("ana").await;
    world.by_mail("leo").await;
    let ana = world.half_in("ana", "mail").await;
    let mut leo = world.half_in("leo", "mail").await;
    world.mailed_code("leo", 2).await;
    world.mailed_code("ana", 2).await;
    world.pause_is_over().await;
    let theirs = ana.page.split("name=\"factor\" value=\"").nth(1).unwrap();
    let theirs = theirs.split('"').next().unwrap().to_owned();
    let own = leo.page.split("name=\"factor\" value=\"").nth(1).unwrap();
    let own = own.split('"').next().unwrap().to_owned();
    leo.page = leo.page.replace(&own, &theirs);
    assert_eq!(leo.press("/send").await, 404);
    assert_eq!(world.mailed("ana").len(), 2);
}

#[tokio::test]
async fn asking_for_codes_to_new_destinations_has_a_budget() {
    let world = World::configured(with_file).await;
    let mut ana = world.signed_in("ana").await;
    for number in 0..5 {
        ana.open(crate::sent::PHONE).await;
        let number = format!("60011122{number}");
        assert_eq!(ana.submit(&[("country", "ES"), ("number", &number)]).await, 200);
    }
    ana.open(crate::sent::PHONE).await;
    let status = ana.submit(&[("country", "ES"), ("number", "600111229")]).await;
    assert_eq!(status, 429, "{}", ana.page);
    assert!(ana.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(alert(&ana.page).is_empty());
    world.texted_code(5).await;
    assert_eq!(world.texts().len(), 5);
}
