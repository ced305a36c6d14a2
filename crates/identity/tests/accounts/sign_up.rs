use std::time::{Duration, Instant};

use futures::future::join_all;
use sea_orm::ConnectionTrait as _;

use crate::world::{PASSWORD, World, alert};

#[tokio::test]
async fn a_person_signs_up_confirms_the_mail_and_is_signed_in() {
    let world = World::open().await;
    let mut ana = world.browser();
    assert_eq!(ana.sign_up("ana").await, 200, "{}", ana.page);
    let link = world.link("ana@example.org", "/verify/").await;
    assert!(link.starts_with(&world.origin), "{link}");
    assert!(ana.page.contains(&link), "shown on the page in development");
    ana.open(&link).await;
    assert_eq!(world.people().await[0]["status"], "pending", "opening the link confirms nothing");
    assert_eq!(ana.submit(&[]).await, 200);
    assert_eq!(ana.address, format!("{}/home", world.origin));
    assert!(ana.is_in().await);
    let people = world.people().await;
    assert_eq!(people[0]["status"], "active");
    assert_eq!(people[0]["role"], "owner");
}

#[tokio::test]
async fn a_confirmation_works_once_and_its_own_person_may_press_the_button_twice() {
    let world = World::open().await;
    let mut ana = world.browser();
    ana.sign_up("ana").await;
    let link = world.link("ana@example.org", "/verify/").await;
    ana.open(&link).await;
    ana.submit(&[]).await;
    ana.open(&link).await;
    assert_eq!(ana.address, format!("{}/home", world.origin));
    let mut other = world.browser();
    assert_eq!(other.open(&link).await, 410);
    assert_eq!(other.open(&format!("{}/id/verify/nonsense", world.origin)).await, 410);
}

#[tokio::test]
async fn another_browser_confirms_the_address_with_the_password_that_was_chosen_only() {
    let world = World::open().await;
    world.browser().sign_up("ana").await;
    let link = world.link("ana@example.org", "/verify/").await;
    let mut phone = world.browser();
    phone.open(&link).await;
    for wrong in ["", "not the right phrase"] {
        assert_eq!(phone.submit(&[("password", wrong)]).await, 422, "{}", phone.page);
        assert!(phone.page.contains("id=\"password-error\""), "{}", phone.page);
        assert!(phone.page.contains("/id/signup\""), "what to do who is a stranger");
    }
    assert_eq!(world.people().await[0]["status"], "pending");
    assert_eq!(phone.submit(&[("password", PASSWORD)]).await, 200, "{}", phone.page);
    assert_eq!(world.people().await[0]["status"], "active");
    assert!(phone.is_in().await);
}

#[tokio::test]
async fn guessing_at_a_link_has_an_end_and_does_not_hold_up_the_browser_that_signed_up() {
    let world = World::open().await;
    let mut ana = world.browser();
    ana.sign_up("ana").await;
    let link = world.link("ana@example.org", "/verify/").await;
    let mut stranger = world.browser();
    stranger.open(&link).await;
    for _ in 0..5 {
        assert_eq!(stranger.submit(&[("password", "not the right phrase")]).await, 422);
    }
    assert_eq!(stranger.submit(&[("password", PASSWORD)]).await, 429, "{}", stranger.page);
    assert_eq!(world.people().await[0]["status"], "pending");
    ana.open(&link).await;
    assert_eq!(ana.submit(&[]).await, 200);
    assert!(ana.is_in().await);
}

/// The link of the second mail to `ana`.
async fn second_link(world: &World) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    while world.mails("ana@example.org").len() < 2 {
        assert!(Instant::now() < deadline, "no second mail");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.link("ana@example.org", "/verify/").await
}

#[tokio::test]
async fn whose_address_a_stranger_signed_up_with_makes_an_account_of_their_own_instead() {
    let world = World::open().await;
    let mut stranger = world.browser();
    stranger.open("/id/signup").await;
    let fields = [
        ("email", "ana@example.org"),
        ("username", "strange"),
        ("display_name", "Strange"),
        ("password", "a phrase of the stranger"),
    ];
    assert_eq!(stranger.submit(&fields).await, 200);
    let mut ana = world.browser();
    ana.open(&world.link("ana@example.org", "/verify/").await).await;
    assert!(ana.page.contains("Was it not you"), "{}", ana.page);
    assert_eq!(ana.sign_up("ana").await, 200, "{}", ana.page);
    ana.open(&second_link(&world).await).await;
    assert_eq!(ana.submit(&[]).await, 200);
    let people = world.people().await;
    assert_eq!((people.len(), &people[0]["username"]), (1, &"ana".into()));
    assert_eq!(world.browser().sign_in("strange", "a phrase of the stranger").await, 422);
}

#[tokio::test]
async fn of_25_who_confirm_at_once_one_is_the_owner() {
    let world = World::open().await;
    let mut browsers = Vec::new();
    for number in 0..25 {
        let name = format!("person{number}");
        let mut browser = world.browser();
        assert_eq!(browser.sign_up(&name).await, 200, "{}", browser.page);
        let link = world.link(&format!("{name}@example.org"), "/verify/").await;
        assert_eq!(browser.open(&link).await, 200, "{}", browser.page);
        browsers.push(browser);
    }
    let statuses =
        join_all(browsers.iter_mut().map(async |browser| browser.submit(&[]).await)).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let people = world.people().await;
    assert_eq!(people.len(), 25);
    assert_eq!(people.iter().filter(|person| person["role"] == "owner").count(), 1);
    assert!(people.iter().all(|person| person["status"] == "active"));
}

#[tokio::test]
async fn the_same_link_pressed_25_times_at_once_confirms_once() {
    let world = World::open().await;
    let mut first = world.browser();
    first.sign_up("ana").await;
    first.open(&world.link("ana@example.org", "/verify/").await).await;
    let mut copies: Vec<_> = (0..25).map(|_| world.browser()).collect();
    for copy in &mut copies {
        copy.cookies.clone_from(&first.cookies);
        copy.page.clone_from(&first.page);
    }
    let statuses = join_all(copies.iter_mut().map(async |copy| copy.submit(&[]).await)).await;
    let confirmed = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!(confirmed, 1, "{statuses:?}");
}

#[tokio::test]
async fn a_known_and_an_unknown_address_get_the_same_answer() {
    let world = World::open().await;
    world.person("ana").await;
    let mut pages = Vec::new();
    for (address, name) in [("ana@example.org", "eva"), ("leo@example.org", "leo")] {
        let mut browser = world.browser();
        browser.open("/id/signup").await;
        let fields =
            [("email", address), ("username", name), ("display_name", "X"), ("password", PASSWORD)];
        let status = browser.submit(&fields).await;
        let link = world.link(address, "/verify/").await;
        let token = link.rsplit('/').next().unwrap();
        let page = browser.page.replace(address, "ADDRESS").replace(token, "TOKEN");
        pages.push((status, page));
    }
    assert_eq!(pages[0], pages[1]);
    let mail = world.mails("ana@example.org").pop().unwrap();
    assert!(mail.contains("You already have a Tertulia account"), "{mail}");
    assert!(!world.people().await.iter().any(|person| person["username"] == "eva"));
    let mut ana = world.browser();
    ana.open(&world.link("ana@example.org", "/verify/").await).await;
    assert!(ana.page.contains("You already have an account"), "{}", ana.page);
    assert!(ana.form().is_none(), "there is nothing to confirm");
}

#[tokio::test]
async fn a_mail_to_an_address_that_anybody_may_have_typed_carries_nothing_that_they_typed() {
    let world = World::open().await;
    let mut stranger = world.browser();
    stranger.open("/id/signup").await;
    let fields = [
        ("email", "ana@example.org"),
        ("username", "win-a-prize"),
        ("display_name", "You won, see prize.example"),
        ("password", PASSWORD),
    ];
    assert_eq!(stranger.submit(&fields).await, 200);
    world.link("ana@example.org", "/verify/").await;
    let mail = world.mails("ana@example.org").pop().unwrap();
    assert!(!mail.contains("prize"), "{mail}");
}

/// What a sign-up is answered, from a browser of its own.
async fn answer(world: &World, address: &str, username: &str) -> (u16, String) {
    let mut browser = world.browser();
    browser.open("/id/signup").await;
    let fields =
        [("email", address), ("username", username), ("display_name", "X"), ("password", PASSWORD)];
    let status = browser.submit(&fields).await;
    (status, browser.page.split("id=\"username-error\"").nth(1).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_name_of_a_sign_up_does_not_tell_whether_its_address_has_an_account() {
    let world = World::open().await;
    world.person("ana").await;
    let connection = world.connection().await;
    let mut stories = Vec::new();
    for (victim, name) in [("ana@example.org", "rnd1"), ("nobody@example.org", "rnd2")] {
        let other = format!("other-{name}@example.org");
        let mut story = vec![
            answer(&world, victim, name).await,
            answer(&world, &other, name).await,
            answer(&world, victim, name).await,
            // Another name is taken instead of the first one.
            answer(&world, victim, &format!("{name}-new")).await,
            answer(&world, &other, name).await,
            answer(&world, &other, &format!("{name}-new")).await,
        ];
        for change in
            ["users SET created_at = 1 WHERE status = 'pending'", "reserved_names SET until = 1"]
        {
            let (table, rest) = change.split_once(' ').unwrap();
            let sql = format!("UPDATE {} {rest}", world.table(table));
            connection.execute_unprepared(&sql).await.unwrap();
        }
        story.push(answer(&world, &other, &format!("{name}-new")).await);
        let statuses: Vec<u16> = story.iter().map(|(status, _)| *status).collect();
        assert_eq!(statuses, [200, 422, 200, 200, 200, 422, 200], "{victim}");
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let world = World::open().await;
    let mut browser = world.browser();
    browser.open("/id/signup").await;
    let good = [
        ("email", "ana@example.org"),
        ("username", "ana"),
        ("display_name", "Ana"),
        ("password", PASSWORD),
    ];
    let wrong = [
        ("email", "ana"),
        ("email", "ana@exa mple.org"),
        ("username", "a"),
        ("username", "añá"),
        ("display_name", "\u{202e}"),
        ("password", "fourteen chars"),
        ("password", "passwordpassword"),
        ("password", "ana@example.org"),
    ];
    for (field, value) in wrong {
        let fields: Vec<_> = good
            .iter()
            .map(|(name, good)| (*name, if *name == field { value } else { good }))
            .collect();
        assert_eq!(browser.submit(&fields).await, 422, "{field}={value}");
        assert!(browser.page.contains(&format!("id=\"{field}-error\"")), "{field}={value}");
        assert!(browser.page.contains("aria-invalid=\"true\""));
        assert_eq!(browser.page.matches("class=\"error\"").count(), 1, "{field}={value}");
        assert!(!browser.page.contains(PASSWORD), "a password is never sent back");
    }
    assert!(world.people().await.is_empty());
    assert_eq!(browser.submit(&good).await, 200);
}

#[tokio::test]
async fn a_taken_name_is_told_whatever_its_capitals() {
    let world = World::open().await;
    world.person("ana").await;
    let mut browser = world.browser();
    browser.open("/id/signup").await;
    let fields = [
        ("email", "other@example.org"),
        ("username", "ANA"),
        ("display_name", "Ana"),
        ("password", PASSWORD),
    ];
    assert_eq!(browser.submit(&fields).await, 422);
    assert!(browser.page.contains("That name is taken"), "{}", browser.page);
}

#[tokio::test]
async fn who_signs_up_again_before_confirming_starts_anew() {
    let world = World::open().await;
    let mut ana = world.browser();
    ana.sign_up("ana").await;
    let first = world.link("ana@example.org", "/verify/").await;
    assert_eq!(ana.sign_up("ana").await, 200, "her own name is not in her way");
    assert_eq!(ana.open(&first).await, 410, "the first link is over");
    assert_eq!(world.people().await.len(), 1);
}

#[tokio::test]
async fn impatient_clicks_make_one_account_and_its_last_link_works() {
    let world = World::with(|settings| settings.limits.mails_per_receiver_h = 50).await;
    let mut first = world.browser();
    first.open("/id/signup").await;
    let mut clicks: Vec<_> = (0..5).map(|_| world.browser()).collect();
    for click in &mut clicks {
        click.cookies.clone_from(&first.cookies);
        click.page.clone_from(&first.page);
    }
    let fields = [
        ("email", "ana@example.org"),
        ("username", "ana"),
        ("display_name", "Ana"),
        ("password", PASSWORD),
    ];
    let statuses = join_all(clicks.iter_mut().map(async |click| click.submit(&fields).await)).await;
    assert_eq!(statuses, [200; 5]);
    assert_eq!(world.people().await.len(), 1);
    let mut working = 0;
    for click in &mut clicks {
        let link = click.page.split("href=\"").find(|rest| rest.contains("/verify/")).unwrap();
        let link = link.split('"').next().unwrap().to_owned();
        working += u32::from(click.open(&link).await == 200);
    }
    assert_eq!(working, 1);
}

#[tokio::test]
async fn one_receiver_gets_five_mails_an_hour_and_nobody_is_told() {
    let world = World::open().await;
    let mut pages = Vec::new();
    for _ in 0..8 {
        let mut browser = world.browser();
        pages.push(browser.sign_up("ana").await);
        if pages.len() <= 5 {
            world.link("ana@example.org", "/verify/").await;
        }
    }
    assert!(pages.iter().all(|status| *status == 200), "{pages:?}");
    world.browser().sign_up("leo").await;
    world.link("leo@example.org", "/verify/").await;
    assert_eq!(world.mails("ana@example.org").len(), 5);
}

#[tokio::test]
async fn a_network_that_asks_for_too_many_mails_is_told_to_wait() {
    let world = World::with(|settings| settings.limits.mails_per_h = 1).await;
    let mut statuses = Vec::new();
    let mut last = world.browser();
    for number in 0..11 {
        last = world.browser();
        statuses.push(last.sign_up(&format!("person{number}")).await);
    }
    assert_eq!(statuses[..10], [200; 10], "ten times the budget on one's own machine");
    assert_eq!(statuses[10], 429);
    assert!(last.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(last.page.contains("Wait a moment"), "{}", last.page);
}

#[tokio::test]
async fn pages_and_mails_speak_spanish_to_a_spanish_browser() {
    let world = World::open().await;
    let mut ana = world.browser();
    ana.language = "es-CL,es;q=0.9,en;q=0.5";
    ana.open("/id/signup").await;
    assert!(ana.page.contains("<html lang=\"es\">") && ana.page.contains("Crea tu cuenta"));
    ana.sign_up("ana").await;
    world.link("ana@example.org", "/verify/").await;
    let mail = world.mails("ana@example.org").pop().unwrap();
    assert!(mail.contains("Confirma tu correo en Tertulia"), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(alert(&ana.page).is_empty());
}
