use crate::world::{App, Browser, VERIFIER, World};

#[tokio::test]
async fn a_code_used_again_takes_everything_back() {
    let world = World::open().await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let (status, tokens) = world.exchange(&app, &code).await;
    assert_eq!(status, 200);
    let (status, error) = world.exchange(&app, &code).await;
    assert_eq!((status.as_u16(), error["error"].as_str()), (400, Some("invalid_grant")));
    let (status, _) = world.userinfo(&tokens).await;
    assert_eq!(status, 401, "the access token is of no use");
    let (status, _) = world.refresh(&app, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "nor the refresh token");
}

#[tokio::test]
async fn of_25_who_spend_a_code_one_gets_tokens() {
    let world = World::open().await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let tries = (0..25).map(|_| world.exchange(&app, &code));
    let answers = futures::future::join_all(tries).await;
    let good: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!(good.len(), 1);
    let refused = answers.iter().filter(|(_, body)| body["error"] == "invalid_grant").count();
    assert_eq!(refused, 24);
    let (status, _) = world.refresh(&app, good[0].1["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, 400, "the replays took the grant back");
}

#[tokio::test]
async fn a_code_is_of_one_client_one_address_and_one_verifier() {
    let world = World::open().await;
    let app = world.chat();
    let other = world.app(false).await;
    let code = world.code(&mut Browser::default(), &app).await;
    let wrong = "w".repeat(43);
    let cases: [(&App, &str, &str); 3] = [
        (&other, &app.redirect_uri, VERIFIER),
        (&app, "https://app.example/other", VERIFIER),
        (&app, &app.redirect_uri, &wrong),
    ];
    for (client, uri, verifier) in cases {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", uri),
            ("code_verifier", verifier),
        ];
        let (status, error) = world.token(client, &form).await;
        assert_eq!((status.as_u16(), error["error"].as_str()), (400, Some("invalid_grant")));
    }
    let (status, _) = world.exchange(&app, &code).await;
    assert_eq!(status, 200, "who cannot use a code cannot spend it");
}

#[tokio::test]
async fn a_client_must_show_who_it_is() {
    let world = World::open().await;
    let app = world.chat();
    let code = world.code(&mut Browser::default(), &app).await;
    let wrong = App { secret: Some("wrong".to_owned()), ..app.clone() };
    let answer = world.post("/oauth/token", &wrong, &[("grant_type", "authorization_code")]).await;
    assert_eq!(answer.status(), 401);
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let none = App { secret: None, ..app.clone() };
    let (status, error) = world.exchange(&none, &code).await;
    assert_eq!((status.as_u16(), error["error"].as_str()), (401, Some("invalid_client")));
    let posted = [
        ("client_secret", "first-party-secret"),
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri.as_str()),
        ("code_verifier", VERIFIER),
    ];
    let (status, body) = world.token(&none, &posted).await;
    assert_eq!(status, 200, "client_secret_post: {body}");
}

#[tokio::test]
async fn wrong_secrets_are_answered_more_slowly_in_the_end() {
    let world = World::open().await;
    let wrong = App { secret: Some("wrong".to_owned()), ..world.chat() };
    let mut statuses = Vec::new();
    for _ in 0..25 {
        let (status, _) = world.refresh(&wrong, "rt_x").await;
        statuses.push(status.as_u16());
    }
    assert!(statuses[..20].iter().all(|status| *status == 401), "{statuses:?}");
    assert!(statuses[20..].contains(&429), "{statuses:?}");
}

#[tokio::test]
async fn the_token_endpoint_reads_forms_and_nothing_else() {
    let world = World::open().await;
    let url = format!("{}/oauth/token", world.issuer);
    assert_eq!(world.http.get(&url).send().await.unwrap().status(), 405);
    let json = world.http.post(&url).json(&serde_json::json!({"grant_type": "x"})).send();
    assert_eq!(json.await.unwrap().status(), 400);
    let form = [("grant_type", "password"), ("username", "ana"), ("password", "x")];
    let (status, error) = world.token(&world.chat(), &form).await;
    assert_eq!((status.as_u16(), error["error"].as_str()), (400, Some("unsupported_grant_type")));
    let preflight = world.http.request(reqwest::Method::OPTIONS, &url);
    let answer = preflight.header("origin", "https://app.example").send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(answer.headers().get("access-control-allow-credentials").is_none());
}
