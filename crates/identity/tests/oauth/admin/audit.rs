//! The audit by the admin API.

use super::*;

fn events(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|entry| entry["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_somebody_changes_is_in_the_audit_under_their_name() {
    let world = World::open().await;
    world.person("leo").await;
    let ana = Caller::strong(&world, "ana").await;
    let (me, leo) = (ana.id("ana").await, ana.id("leo").await);
    let path = format!("/users/{leo}");
    ana.call("patch", &path, Some(json!({"display_name": "Leo"}))).await.expect(200);
    ana.put(&format!("{path}/role"), json!({"role": "moderator"})).await.expect(200);
    ana.delete(&format!("{path}/sessions")).await.expect(204);
    ana.post(&format!("{path}/password-reset"), None).await.expect(204);
    ana.put(&format!("{path}/block"), json!({"reason": "spam"})).await.expect(200);
    ana.delete(&format!("{path}/block")).await.expect(200);
    ana.post("/keys/rotate", None).await.expect(200);
    let by_ana = ana.get(&format!("/audit?actor={me}")).await;
    let expected = [
        "key.created",
        "key.created",
        "user.unblocked",
        "user.blocked",
        "logout.everywhere",
        "password.reset_requested",
        "logout.everywhere",
        "session.ended",
        "logout.everywhere",
        "user.role_changed",
        "user.changed",
    ];
    assert_eq!(events(&by_ana), expected);
    let blocked = &by_ana["items"][3];
    assert_eq!((&blocked["user"], &blocked["actor"]), (&json!(leo), &json!(me)));
    assert_eq!((&blocked["client"], &blocked["outcome"]), (&json!("console"), &json!("ok")));
    assert_eq!(blocked["detail"], json!({"reason": "spam", "by": "owner"}));
    assert_eq!(by_ana["items"][9]["detail"]["to"], "moderator");
    assert!(!by_ana.to_string().contains("example.org"), "no addresses of mail: {by_ana}");

    world.command(&["user", "block", "leo"]).await;
    let by_operator = ana.get("/audit?event=user.blocked&limit=1").await;
    assert_eq!(by_operator["items"][0]["detail"]["by"], "operator");
    assert!(by_operator["items"][0].get("actor").is_none());
}

#[tokio::test]
async fn the_audit_is_filtered_and_paged_and_holds_together() {
    let world = World::open().await;
    world.person("leo").await;
    let mut wrong = Browser::default();
    wrong.open(&world, &format!("{}/login", world.issuer)).await;
    wrong.submit(&world, &[("username", "leo"), ("password", "not the right phrase")]).await;
    let ana = Caller::strong(&world, "ana").await;
    let (me, leo) = (ana.id("ana").await, ana.id("leo").await);
    let of_leo = ana.get(&format!("/audit?user={leo}&event=login.")).await;
    assert_eq!(events(&of_leo), ["login.fail"]);
    let failed = ana.get("/audit?outcome=failed").await;
    assert!(failed["items"].as_array().unwrap().iter().all(|entry| entry["outcome"] == "failed"));
    let at = failed["items"][0]["at"].as_str().unwrap();
    assert!(!events(&ana.get(&format!("/audit?since={at}")).await).is_empty());
    let later = ana.get("/audit?since=2999-01-01T00:00:00Z").await;
    assert_eq!(later, json!({"items": []}));
    assert!(events(&ana.get("/audit?client=console").await).contains(&"token.issued".to_owned()));
    assert!(events(&ana.get(&format!("/audit?user={me}&event=log")).await).is_empty());

    let whole = ana.get("/audit?limit=200").await;
    let mut seen = Vec::new();
    let mut path = "/audit?limit=3".to_owned();
    while let Some(next) = {
        let page = ana.get(&path).await;
        seen.extend(page["items"].as_array().unwrap().clone());
        page["next"].as_str().map(str::to_owned)
    } {
        path = format!("/audit?limit=3&cursor={next}");
    }
    assert_eq!(json!(seen), whole["items"]);
    let verdict = ana.get("/audit/verify").await;
    assert_eq!(verdict, json!({"whole": true, "entries": seen.len(), "first": 1}));
}
