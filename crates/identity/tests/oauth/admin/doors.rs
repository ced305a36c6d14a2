//! Doors: every operation of identity's document that is not for everybody, tried by who may not.

use kit::clock::uuid_v7;

use super::*;

/// One operation of the document.
#[derive(Debug)]
struct Door {
    method: String,
    path: String,
}

async fn doors(world: &World) -> Vec<Door> {
    let document = call(world, None, "get", &format!("{}/openapi.json", world.issuer), None).await;
    let document = document.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["servers"][0]["url"], world.issuer.as_str());
    let mut doors = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // Who calls the others is an app, or nobody; those have tests of their own.
            if operation["security"] != json!([{}]) {
                doors.push(Door { method: method.clone(), path: path.clone() });
            }
        }
    }
    assert!(doors.len() >= 20, "too few operations to mean anything: {doors:?}");
    doors
}

/// The door's address with ids that may be anything: who may not come in is told so first.
fn address(world: &World, door: &Door) -> String {
    let id = uuid_v7().to_string();
    let mut path = door.path.clone();
    for name in ["{user}", "{session}", "{grant}", "{client}"] {
        path = path.replace(name, &id);
    }
    assert!(!path.contains('{'), "a name that this test does not know: {path}");
    format!("{}{path}", world.issuer)
}

fn body(door: &Door) -> Option<Value> {
    let has = ["put", "patch"].contains(&door.method.as_str()) || door.path.ends_with("/users");
    (has && door.method != "get").then(|| json!({}))
}

#[tokio::test]
async fn without_a_token_every_operation_is_closed() {
    let world = World::open().await;
    let chat = world.tokens(&world.chat()).await;
    for door in doors(&world).await {
        let path = address(&world, &door);
        let nobody = call(&world, None, &door.method, &path, body(&door)).await;
        assert_eq!(nobody.status, 401, "{door:?}: {}", nobody.body);
        assert!(nobody.challenge.contains("Bearer"), "{door:?}: {}", nobody.challenge);
        for token in ["nonsense", "a.b.c", chat["id_token"].as_str().unwrap()] {
            let refused = call(&world, Some(token), &door.method, &path, body(&door)).await;
            assert_eq!(refused.status, 401, "{door:?}: {}", refused.body);
        }
        if door.path.starts_with("/admin/") {
            // The owner's, but made for the chat.
            let token = chat["access_token"].as_str();
            let refused = call(&world, token, &door.method, &path, body(&door)).await;
            refused.problem(401, "unauthenticated");
            assert!(refused.challenge.contains("invalid_token"), "{}", refused.challenge);
        }
    }
}

#[tokio::test]
async fn a_member_is_refused_at_every_operation_of_administrators() {
    let world = World::open().await;
    world.person("leo").await;
    let leo = Caller::strong(&world, "leo").await;
    for door in doors(&world).await {
        if door.path.starts_with("/admin/") {
            let path = address(&world, &door);
            let refused = leo.call(&door.method, &path, body(&door)).await;
            refused.problem(403, "forbidden");
            assert!(refused.challenge.contains("insufficient_scope"), "{}", refused.challenge);
        }
    }
}

#[tokio::test]
async fn an_administrator_is_refused_whose_second_factor_is_too_old_or_missing() {
    let world = World::open().await;
    world.person("leo").await;
    make(&world, "leo", "owner").await;
    let weak = Caller::weak(&world, "leo").await;
    let mut ana = Caller::strong(&world, "ana").await;
    world.sql("UPDATE sessions SET auth_time = auth_time - 901000").await;
    ask(&world, &mut ana.browser, &[]).await;
    let old = redeem(&world, &ana.browser).await;
    for door in doors(&world).await {
        if door.path.starts_with("/admin/") {
            let path = address(&world, &door);
            for token in [weak.token(), old["access_token"].as_str().unwrap()] {
                let refused = call(&world, Some(token), &door.method, &path, body(&door)).await;
                refused.problem(401, "unauthenticated");
                let challenge = &refused.challenge;
                assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
            }
        }
    }
}

#[tokio::test]
async fn who_may_only_read_changes_nothing() {
    let world = World::open().await;
    let mut ana = Caller::strong(&world, "ana").await;
    ask(&world, &mut ana.browser, &[("scope", "openid admin.read")]).await;
    ana.tokens = redeem(&world, &ana.browser).await;
    for door in doors(&world).await {
        if door.path.starts_with("/admin/") {
            let answer = ana.call(&door.method, &address(&world, &door), body(&door)).await;
            if door.method == "get" {
                assert!([200, 404].contains(&answer.status), "{door:?}: {}", answer.body);
            } else {
                answer.problem(403, "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_meant_so_is_a_problem() {
    let world = World::open().await;
    let ana = Caller::strong(&world, "ana").await;
    ana.call("get", "/nothing", None).await.problem(404, "not_found");
    assert_eq!(ana.call("patch", "/keys", None).await.status, 405);
    for path in ["/users?limit=0", "/users?limit=201", "/audit?cursor=x", "/audit?since=tomorrow"] {
        ana.call("get", path, None).await.problem(422, "invalid");
    }
    ana.call("get", "/users?colour=red", None).await.problem(400, "malformed");
    let long = "x".repeat(81);
    ana.call("get", &format!("/users?query={long}"), None).await.problem(422, "invalid");
    ana.put("/users/x/role", json!({"role": "admin"})).await.problem(404, "not_found");
    let me = ana.id("ana").await;
    ana.put(&format!("/users/{me}/role"), json!({"role": "king"})).await.problem(400, "malformed");
}
