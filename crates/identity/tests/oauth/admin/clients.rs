//! Apps by the admin API.

use super::*;

#[tokio::test]
async fn an_app_is_registered_changed_and_removed() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let new = json!({"name": "Calendar", "redirect_uris": ["https://app.example/cb"],
        "scope": "openid chat"});
    let made = ana.post("/clients", Some(new)).await.expect(201);
    let id = made["client_id"].as_str().unwrap().to_owned();
    let secret = made["client_secret"].as_str().unwrap().to_owned();
    let path = format!("/clients/{id}");
    let shown = ana.get(&path).await;
    assert_eq!((&shown["scope"], &shown["first_party"]), (&json!("openid chat"), &json!(false)));
    assert_eq!(
        (&shown["kind"], &shown["auth_method"]),
        (&json!("static"), &json!("client_secret"))
    );
    assert!(!shown.to_string().contains(&secret), "a secret is told once");

    let scope = "openid profile email offline_access chat";
    let edit = json!({"name": "Agenda", "first_party": true, "scope": scope});
    let edited = ana.call("patch", &path, Some(edit)).await.expect(200);
    assert_eq!((&edited["name"], &edited["first_party"]), (&json!("Agenda"), &json!(true)));
    let mut app =
        App { id: id.clone(), secret: Some(secret), redirect_uri: "https://app.example/cb".into() };
    // Ana has a second step by now, which is not what this is about.
    world.person("leo").await;
    let mut leo = Browser::default();
    leo.open(&world, &world.authorize_url(&world.request(&app, &[]))).await;
    leo.submit(&world, &[("username", "leo"), ("password", PASSWORD)]).await;
    let (_, tokens) = world.exchange(&app, &leo.answer()["code"]).await;
    assert_eq!(tokens["scope"], scope, "without being asked for consent");

    let kept = ana.post(&format!("{path}/secret"), Some(json!({"old_life_s": 60}))).await;
    let kept = kept.expect(200)["client_secret"].as_str().unwrap().to_owned();
    let token = tokens["refresh_token"].as_str().unwrap();
    let (status, next) = world.refresh(&app, token).await;
    assert_eq!(status, StatusCode::OK, "the old secret is good for a minute: {next}");
    app.secret = Some(kept.clone());
    let token = next["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh(&app, token).await.0, StatusCode::OK);
    ana.post(&format!("{path}/secret"), Some(json!({}))).await.expect(200);
    assert_eq!(world.refresh(&app, token).await.0, StatusCode::UNAUTHORIZED, "ended at once");

    let listed = ana.get("/clients").await;
    let of = |page: &Value| page["items"].as_array().unwrap().iter().any(|c| c["client_id"] == *id);
    assert!(of(&listed), "{listed}");
    assert!(ana.get("/clients?limit=1").await["next"].is_string());
    ana.delete(&path).await.expect(204);
    ana.delete(&path).await.problem(404, "not_found");
    assert!(!of(&ana.get("/clients").await));
    let me = ana.id("ana").await;
    let audit = ana.get(&format!("/audit?actor={me}&client={id}")).await;
    let events = audit["items"].as_array().unwrap().iter().map(|entry| entry["event"].clone());
    let expected = [
        "client.deleted",
        "client.changed",
        "client.changed",
        "client.changed",
        "client.registered",
    ];
    assert_eq!(events.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn what_an_app_may_not_be_is_refused() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let base = json!({"name": "Calendar", "redirect_uris": ["https://app.example/cb"]});
    let with = |name: &str, value: Value| {
        let mut new = base.clone();
        new[name] = value;
        new
    };
    let refused = [
        with("name", json!("")),
        with("name", json!("x".repeat(101))),
        with("redirect_uris", json!([])),
        with("redirect_uris", json!(["http://app.example/cb"])),
        with("redirect_uris", json!(vec!["https://app.example/cb"; 21])),
        with("scope", json!("telepathy")),
        with("scope", json!("openid admin")),
        with("grant_types", json!(["password"])),
    ];
    for new in refused {
        ana.post("/clients", Some(new.clone())).await.problem(422, "invalid");
    }
    ana.post("/clients", Some(with("auth_method", json!("dance")))).await.problem(400, "malformed");
    ana.post("/clients", Some(with("colour", json!("red")))).await.problem(400, "malformed");
    // A first-party app may administer, and then it stays one.
    let new = json!({"name": "Tool", "redirect_uris": ["https://app.example/cb"],
        "first_party": true, "scope": "openid admin", "auth_method": "none"});
    let made = ana.post("/clients", Some(new)).await.expect(201);
    assert!(made.get("client_secret").is_none());
    let path = format!("/clients/{}", made["client_id"].as_str().unwrap());
    let edit = Some(json!({"first_party": false}));
    ana.call("patch", &path, edit).await.problem(422, "invalid");
    let secret = ana.post(&format!("{path}/secret"), Some(json!({}))).await;
    secret.problem(422, "invalid");
}

#[tokio::test]
async fn what_the_configuration_registers_is_changed_there() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    for id in ["chat", "console"] {
        let path = format!("/clients/{id}");
        assert_eq!(ana.get(&path).await["kind"], "configured");
        let edit = Some(json!({"redirect_uris": ["https://evil.example/"]}));
        ana.call("patch", &path, edit).await.problem(409, "conflict");
        ana.post(&format!("{path}/secret"), Some(json!({}))).await.problem(409, "conflict");
        ana.delete(&path).await.problem(409, "conflict");
    }
}

/// Such an app asks no consent: in the hand of an admin it would make them owner.
#[tokio::test]
async fn only_an_owner_registers_and_changes_an_app_of_this_installation() {
    let world = World::open().await;
    world.person("leo").await;
    world.command(&["user", "role", "leo", "admin"]).await;
    let (ana, leo) = (Caller::strong(&world, "ana").await, Caller::strong(&world, "leo").await);
    let new = |first_party: bool| {
        Some(json!({"name": "Tool", "redirect_uris": ["https://app.example/cb"],
            "first_party": first_party, "scope": "openid"}))
    };
    leo.post("/clients", new(true)).await.problem(403, "forbidden");
    let made = leo.post("/clients", new(false)).await.expect(201);
    let path = format!("/clients/{}", made["client_id"].as_str().unwrap());
    let ours = Some(json!({"first_party": true, "scope": "openid admin"}));
    leo.call("patch", &path, ours.clone()).await.problem(403, "forbidden");
    leo.call("patch", &path, Some(json!({"name": "Calendar"}))).await.expect(200);
    ana.call("patch", &path, ours).await.expect(200);
    let elsewhere = Some(json!({"redirect_uris": ["https://evil.example/"]}));
    leo.call("patch", &path, elsewhere).await.problem(403, "forbidden");
    leo.call("patch", &path, Some(json!({"first_party": false}))).await.problem(403, "forbidden");
    leo.post(&format!("{path}/secret"), Some(json!({}))).await.problem(403, "forbidden");
    leo.delete(&path).await.problem(403, "forbidden");
    ana.delete(&path).await.expect(204);
}

/// Its developer could go on to change it, and have everybody's tokens.
#[tokio::test]
async fn an_app_that_somebody_registered_for_themselves_stays_theirs() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let app = world.app(false).await;
    world.sql("UPDATE clients SET kind = 'developer' WHERE NOT first_party").await;
    let path = format!("/clients/{}", app.id);
    let ours = Some(json!({"first_party": true}));
    ana.call("patch", &path, ours).await.problem(422, "invalid");
    assert_eq!(ana.get(&path).await["first_party"], false);
}
