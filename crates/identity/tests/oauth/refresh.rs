use serde_json::Value;

use crate::world::World;

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_has_a_successor() {
    let world = World::open().await;
    for app in [world.chat(), world.app(true).await] {
        let first = world.tokens(&app).await;
        let (status, second) = world.refresh(&app, refresh_token(&first)).await;
        assert_eq!(status, 200, "{second}");
        assert_ne!(refresh_token(&first), refresh_token(&second));
        assert!(second.get("id_token").is_none(), "nobody signed in again: {second}");
        let (status, third) = world.refresh(&app, refresh_token(&second)).await;
        assert_eq!(status, 200);
        let token = third["access_token"].as_str().unwrap();
        let caller = world.issuer().access(token, &world.api).await.unwrap();
        assert_eq!(caller.client_id, app.id);
    }
}

#[tokio::test]
async fn a_confidential_client_gets_the_unused_successor_again() {
    let world = World::open().await;
    let app = world.chat();
    let first = world.tokens(&app).await;
    let (_, second) = world.refresh(&app, refresh_token(&first)).await;
    let (status, again) = world.refresh(&app, refresh_token(&first)).await;
    assert_eq!(status, 200, "{again}");
    assert_eq!(refresh_token(&second), refresh_token(&again));
    let (status, third) = world.refresh(&app, refresh_token(&second)).await;
    assert_eq!(status, 200);

    let (status, _) = world.refresh(&app, refresh_token(&first)).await;
    assert_eq!(status, 400, "its successor is used now: this is a thief");
    let (status, _) = world.refresh(&app, refresh_token(&third)).await;
    assert_eq!(status, 400, "the family is gone");
    assert_eq!(world.userinfo(&third).await.0, 401);
}

#[tokio::test]
async fn a_public_client_has_no_second_try() {
    let world = World::open().await;
    let app = world.app(true).await;
    let first = world.tokens(&app).await;
    let (status, second) = world.refresh(&app, refresh_token(&first)).await;
    assert_eq!(status, 200);
    let (status, error) = world.refresh(&app, refresh_token(&first)).await;
    assert_eq!((status.as_u16(), error["error"].as_str()), (400, Some("invalid_grant")));
    let (status, _) = world.refresh(&app, refresh_token(&second)).await;
    assert_eq!(status, 400, "the family is gone");
    assert_eq!(world.userinfo(&second).await.0, 401);
}

#[tokio::test]
async fn of_25_who_refresh_at_once_a_public_client_gets_one_answer() {
    let world = World::open().await;
    let app = world.app(true).await;
    let first = world.tokens(&app).await;
    let tries = (0..25).map(|_| world.refresh(&app, refresh_token(&first)));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1);
}

#[tokio::test]
async fn of_25_who_refresh_at_once_a_confidential_client_gets_one_successor() {
    let world = World::open().await;
    let app = world.chat();
    let first = world.tokens(&app).await;
    let tries = (0..25).map(|_| world.refresh(&app, refresh_token(&first)));
    let answers = futures::future::join_all(tries).await;
    let mut successors: Vec<_> = answers.iter().map(|(_, body)| refresh_token(body)).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1, "at most one live token in a family");
    assert_eq!(world.refresh(&app, successors[0]).await.0, 200);
}

#[tokio::test]
async fn scopes_can_become_fewer_but_never_more() {
    let world = World::open().await;
    let app = world.chat();
    let first = world.tokens(&app).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&first)),
        ("scope", "openid"),
    ];
    let (status, fewer) = world.token(&app, &form).await;
    assert_eq!((status.as_u16(), fewer["scope"].as_str()), (200, Some("openid")));
    let (_, all) = world.refresh(&app, refresh_token(&fewer)).await;
    assert!(all["scope"].as_str().unwrap().contains("chat"), "the family keeps them all");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&all)),
        ("scope", "openid chat.admin"),
    ];
    let (status, error) = world.token(&app, &form).await;
    assert_eq!((status.as_u16(), error["error"].as_str()), (400, Some("invalid_scope")));
}

#[tokio::test]
async fn a_request_that_is_not_right_costs_neither_code_nor_token() {
    let world = World::open().await;
    let app = world.app(true).await;
    let code = world.code(&mut crate::world::Browser::default(), &app).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", crate::world::VERIFIER),
        ("resource", "https://other.example/"),
    ];
    let (status, error) = world.token(&app, &form).await;
    assert_eq!((status.as_u16(), error["error"].as_str()), (400, Some("invalid_target")));
    let (status, first) = world.exchange(&app, &code).await;
    assert_eq!(status, 200, "{first}");
    for wrong in [("scope", "chat.admin"), ("scope", "x"), ("resource", "https://other.example/")] {
        let form =
            [("grant_type", "refresh_token"), ("refresh_token", refresh_token(&first)), wrong];
        assert_eq!(world.token(&app, &form).await.0, 400, "{wrong:?}");
    }
    assert_eq!(world.refresh(&app, refresh_token(&first)).await.0, 200);
}

#[tokio::test]
async fn a_token_given_back_is_of_no_use() {
    let world = World::open().await;
    let app = world.chat();
    let tokens = world.tokens(&app).await;
    let stranger = world.app(false).await;
    let answer = world.post("/oauth/revoke", &stranger, &[("token", refresh_token(&tokens))]).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(world.userinfo(&tokens).await.0, 200, "a stranger cannot give it back");

    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.post("/oauth/revoke", &app, &[("token", access)]).await.status(), 200);
    assert_eq!(world.userinfo(&tokens).await.0, 401);
    let (status, fresh) = world.refresh(&app, refresh_token(&tokens)).await;
    assert_eq!(status, 200, "only the access token was given back");
    let token = [("token", refresh_token(&fresh))];
    assert_eq!(world.post("/oauth/revoke", &app, &token).await.status(), 200);
    assert_eq!(world.userinfo(&fresh).await.0, 401);
    assert_eq!(world.refresh(&app, refresh_token(&fresh)).await.0, 400);
    assert_eq!(world.post("/oauth/revoke", &app, &[("token", "rt_unknown")]).await.status(), 200);
}
