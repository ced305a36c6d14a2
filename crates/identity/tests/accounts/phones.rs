use crate::sent::{PHONE, eventually, with_file};
use crate::world::{Browser, PASSWORD, World, alert};

/// Adds a Spanish number to the account that is signed in.
pub(crate) async fn add(browser: &mut Browser<'_>, number: &str, count: usize) {
    assert_eq!(browser.open(PHONE).await, 200, "{}", browser.page);
    assert_eq!(browser.submit(&[("country", "ES"), ("number", number)]).await, 200);
    let code = browser.world.texted_code(count).await;
    let status = browser.submit(&[("code", &code), ("name", "Old phone")]).await;
    assert_eq!(status, 200, "{}", browser.page);
}

#[tokio::test]
async fn a_phone_that_was_confirmed_becomes_the_second_step() {
    let world = World::configured(with_file).await;
    let mut first = world.signed_in("ana").await;
    first.open(PHONE).await;
    assert!(first.page.contains("Spain (+34)"), "{}", first.page);
    for bad in ["", "12", "not a number", "+999 1234567"] {
        assert_eq!(first.submit(&[("country", "ES"), ("number", bad)]).await, 422, "{bad}");
        assert!(first.page.contains("number-error"), "{}", first.page);
    }
    assert_eq!(first.submit(&[("country", "ES"), ("number", "600 111 222")]).await, 200);
    assert!(first.page.contains("+34 ••• 22"), "{}", first.page);
    let code = world.texted_code(1).await;
    let sent = world.texts()[0].clone();
    assert_eq!(sent["to"], "+34600111222");
    let last = sent["text"].as_str().unwrap().lines().last().unwrap().to_owned();
    assert_eq!(last, format!("@localhost #{code}"), "bound to our host");
    assert_eq!(first.miss(&code).await, 422);
    assert_eq!(first.submit(&[("code", &code), ("name", "Old phone")]).await, 200);
    assert_eq!(first.page.matches("<li><code>").count(), 10, "{}", first.page);

    let mut second = world.half_in("ana", "sms").await;
    assert!(second.page.contains("+34 ••• 22"), "{}", second.page);
    assert!(!second.page.contains("600111222") && !second.page.contains("600 111"));
    let code = world.texted_code(2).await;
    assert_eq!(second.submit(&[("code", &code)]).await, 200, "{}", second.page);
    assert!(second.is_in().await);

    first.open("/id/account/security").await;
    first.press("/remove").await;
    assert!(first.address.contains("/login/2fa/sms"), "a session of one step: {}", first.address);
    assert_eq!(first.press("/send").await, 200);
    let code = world.texted_code(3).await;
    assert_eq!(first.submit(&[("code", &code)]).await, 200, "{}", first.page);
    first.open("/id/account/security").await;
    assert!(first.page.contains("Last used 20"), "{}", first.page);
    assert_eq!(first.press("/remove").await, 200, "{}", first.page);
    assert!(!second.is_in().await, "other sessions have ended");
    let told = "Removed from your account: Code by SMS";
    let mails = || world.mails("ana@example.org").iter().any(|mail| mail.contains(told));
    eventually("the notice", || mails().then_some(())).await;
    let mut third = world.browser();
    third.sign_in("ana", PASSWORD).await;
    assert!(third.is_in().await, "one step is enough again");
}

#[tokio::test]
async fn a_number_is_in_an_account_once_and_a_second_phone_is_a_choice() {
    let world = World::configured(with_file).await;
    let mut ana = world.signed_in("ana").await;
    add(&mut ana, "600111222", 1).await;
    ana.open(PHONE).await;
    assert!(ana.address.contains("/login/2fa/sms"), "{}", ana.address);
    ana.press("/send").await;
    let code = world.texted_code(2).await;
    assert_eq!(ana.submit(&[("code", &code)]).await, 200, "{}", ana.page);
    assert!(ana.address.ends_with("/security/phone"), "{}", ana.address);
    let twice = [("country", "ES"), ("number", "+34 600-111-222")];
    assert_eq!(ana.submit(&twice).await, 422, "{}", ana.page);
    assert!(ana.page.contains("in your account already"), "{}", ana.page);
    add(&mut ana, "600111333", 3).await;
    let half = world.half_in("ana", "sms").await;
    world.texted_code(4).await;
    assert!(half.page.contains("Send another code"), "{}", half.page);
    assert!(half.page.contains("Send a code to +34 ••• 33"), "{}", half.page);
}

#[tokio::test]
async fn what_may_not_be_sent_looks_as_if_it_were() {
    let world = World::configured(|config| {
        with_file(config);
        config.sms.daily_max = 2;
    })
    .await;
    let mut ana = world.signed_in("ana").await;
    let mut pages = Vec::new();
    for number in ["+34 600111222", "+44 7911 123422", "+34 600111322", "+34 600222122"] {
        ana.open(PHONE).await;
        let status = ana.submit(&[("country", "ES"), ("number", number)]).await;
        let ix = ana.address.split("ix=").nth(1).unwrap();
        let page = ana.page.replace(ix, "IX").replace("+44", "+34");
        let page: String = page.chars().filter(|c| !c.is_ascii_digit()).collect();
        pages.push((status, page));
    }
    world.texted_code(2).await;
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    assert_eq!(world.audited("otp.sent", "\"why\":\"country\"").await, 1);
    assert_eq!(world.audited("otp.sent", "\"why\":\"budget\"").await, 1);
    let to: Vec<String> = world.texts().iter().map(|text| text["to"].to_string()).collect();
    assert_eq!(to, ["\"+34600111222\"", "\"+34600111322\""]);
}

#[tokio::test]
async fn an_unconfirmed_phone_is_no_second_step() {
    let world = World::configured(with_file).await;
    let mut ana = world.by_mail("ana").await;
    ana.open(PHONE).await;
    ana.raise("ana", 2).await;
    ana.submit(&[("country", "ES"), ("number", "600111222")]).await;
    let code = world.texted_code(1).await;
    let ix = ana.address.split("ix=").nth(1).unwrap().to_owned();
    let csrf = ana.csrf();
    let fields =
        || Some([("csrf".to_owned(), csrf.clone()), ("code".to_owned(), code.clone())].into());
    let second = format!("/id/login/2fa/sms?ix={ix}");
    assert_eq!(ana.go(reqwest::Method::POST, &second, fields()).await, 422, "{}", ana.page);
    world.person("leo").await;
    let mut leo = world.browser();
    leo.sign_in("leo", PASSWORD).await;
    leo.open(&format!("/id/account/security/code?ix={ix}")).await;
    assert!(leo.address.ends_with("/account/security"), "not their browser: {}", leo.address);
    assert!(alert(&leo.page).is_empty());
}

#[tokio::test]
async fn without_a_gateway_there_is_nothing_about_phones() {
    let world = World::open().await;
    let mut ana = world.signed_in("ana").await;
    assert_eq!(ana.open(PHONE).await, 404);
    ana.open("/id/account/security").await;
    assert!(!ana.page.contains("security/phone"), "{}", ana.page);
    assert!(!world.data_dir().join("sms").exists());
}

#[tokio::test]
async fn an_operator_takes_phones_and_codes_away_too() {
    let world = World::configured(with_file).await;
    let mut ana = world.signed_in("ana").await;
    add(&mut ana, "600111222", 1).await;
    let half = world.half_in("ana", "sms").await;
    let code = world.texted_code(2).await;
    let said = world.command(&["user", "remove-factors", "ana"]).await.unwrap();
    assert_eq!(said["removed"], 2, "{said}");
    assert_eq!(world.count("SELECT COUNT(*) FROM {phones}", &["phones"]).await, 0);
    let mut half = half;
    half.submit(&[("code", &code)]).await;
    assert!(!half.is_in().await, "the half-done sign-in is over");
    let told = "Whoever runs Tertulia removed all second steps";
    let mails = || world.mails("ana@example.org").iter().any(|mail| mail.contains(told));
    eventually("the notice", || mails().then_some(())).await;
}

#[tokio::test]
async fn no_number_and_no_code_is_readable_in_the_database() {
    let world = World::configured(with_file).await;
    let mut ana = world.signed_in("ana").await;
    add(&mut ana, "600111222", 1).await;
    world.half_in("ana", "sms").await;
    let code = world.texted_code(2).await;
    for table in ["phones", "otp_challenges", "outbox", "sms_messages", "audit", "interactions"] {
        for row in world.rows(table).await {
            assert!(!row.contains("600111222"), "{table}: {row}");
            assert!(!row.contains(&format!("\"{code}\"")), "{table}: {row}");
        }
    }
}
