//! Sessions, grants, keys and providers by the admin API.

use super::*;

const BACKCHANNEL: &str = "https://app.example/backchannel";

async fn refreshes(world: &World, app: &App, tokens: &Value) -> bool {
    let token = tokens["refresh_token"].as_str().unwrap();
    world.refresh(app, token).await.0 == StatusCode::OK
}

/// Signs `leo` in to the chat; the tokens that it gets.
async fn leo_in_chat(world: &World) -> Value {
    let mut browser = Browser::default();
    sign_in(world, &mut browser, "leo").await;
    let (status, tokens) = world.exchange(&world.chat(), &browser.answer()["code"]).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

#[tokio::test]
async fn one_session_is_ended_or_all_of_a_person() {
    let world = World::open().await;
    world.person("leo").await;
    let (one, two) = (leo_in_chat(&world).await, leo_in_chat(&world).await);
    let ana = Caller::strong(&world, "ana").await;
    let leo = ana.id("leo").await;
    let sessions = async || {
        let page = ana.get(&format!("/sessions?user={leo}")).await;
        page["items"].as_array().unwrap().clone()
    };
    let listed = sessions().await;
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|session| session["user"] == leo.as_str()));
    assert!(ana.get("/sessions").await["items"].as_array().unwrap().len() >= 3, "everybody's");
    // The newest first: the second sign-in.
    let path = format!("/sessions/{}", listed[0]["id"].as_str().unwrap());
    ana.delete(&path).await.expect(204);
    ana.delete(&path).await.expect(204);
    assert!(!refreshes(&world, &world.chat(), &two).await);
    assert!(refreshes(&world, &world.chat(), &one).await, "the other goes on");
    assert_eq!(sessions().await.len(), 1);
    ana.delete(&format!("/users/{leo}/sessions")).await.expect(204);
    assert_eq!(sessions().await.len(), 0);
    let nothing = format!("/sessions/{}", kit::clock::uuid_v7());
    ana.delete(&nothing).await.problem(404, "not_found");
    let paged = ana.get("/sessions?limit=1").await;
    assert!(paged["next"].is_string(), "{paged}");
}

#[tokio::test]
async fn what_a_person_let_an_app_do_is_ended() {
    let world = World::open().await;
    let app = world.app(false).await;
    let tokens = world.tokens(&app).await;
    let ana = Caller::strong(&world, "ana").await;
    let path = format!("/grants?client={}", app.id);
    let found = ana.get(&path).await;
    let grant = &found["items"][0];
    assert_eq!(grant["scope"], "openid profile email offline_access chat");
    assert_eq!((&grant["client"], &grant["resource"]), (&json!(app.id), &json!(world.api)));
    let end = format!("/grants/{}", grant["id"].as_str().unwrap());
    ana.delete(&end).await.expect(204);
    ana.delete(&end).await.expect(204);
    assert!(!refreshes(&world, &app, &tokens).await);
    assert_eq!(world.userinfo(&tokens).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ana.get(&path).await["items"], json!([]));
    let id = ana.id("ana").await;
    let own = ana.get(&format!("/grants?user={id}&limit=1")).await;
    assert!(own["next"].is_string(), "{own}");
    let nothing = format!("/grants/{}", kit::clock::uuid_v7());
    ana.delete(&nothing).await.problem(404, "not_found");
}

#[tokio::test]
async fn keys_change_on_demand_and_at_once() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    let states = |list: &Value| {
        let keys = list["items"].as_array().unwrap().iter();
        let mut states: Vec<_> =
            keys.map(|key| key["state"].as_str().unwrap().to_owned()).collect();
        states.sort();
        states
    };
    assert_eq!(states(&ana.get("/keys").await), ["active", "active"]);
    let rotated = ana.post("/keys/rotate", None).await.expect(200);
    assert_eq!(states(&rotated), ["active", "active", "next", "next"]);
    assert_eq!(ana.post("/keys/rotate", None).await.expect(200), rotated, "again is the same");
    assert!(!rotated.to_string().contains("private"), "{rotated}");
    let gone = ana.post("/keys/compromise", None).await.expect(200);
    let expected = ["active", "active", "destroyed", "destroyed", "destroyed", "destroyed"];
    assert_eq!(states(&gone), expected);
    ana.call("get", "/keys", None).await.problem(401, "unauthenticated");
    let by = world.command(&["audit", "verify"]).await;
    assert!(by["entries"].as_i64() > Some(8), "{by}");
}

#[tokio::test]
async fn the_issuer_is_listed_with_what_it_signs_and_the_others_without_our_secret_there() {
    let acme = identity::Upstream {
        name: "acme".to_owned(),
        label: "Acme".to_owned(),
        issuer: "https://acme.example".to_owned(),
        client_id: "tertulia".to_owned(),
        client_secret: kit::secret::Secret::Text("our secret there".to_owned()),
        create_accounts: true,
        ..identity::Upstream::default()
    };
    let world = World::with(BACKCHANNEL, |settings| settings.upstream = vec![acme]).await;
    let ana = Caller::strong(&world, "ana").await;
    let listed = ana.get("/providers").await;
    let local = &listed["items"][0];
    assert_eq!((&local["kind"], &local["issuer"]), (&json!("local"), &json!(world.issuer)));
    assert_eq!(local["resources"], json!([world.api, resource(&world)]));
    let other = &listed["items"][1];
    let expected = json!({
        "kind": "oidc",
        "name": "acme",
        "label": "Acme",
        "issuer": "https://acme.example",
        "algorithms": [],
        "resources": [],
        "creates_accounts": true,
    });
    assert_eq!(other, &expected);
    assert!(!listed.to_string().contains("secret"), "{listed}");
}
