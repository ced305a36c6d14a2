//! Of what one wants to be told: kept, bounded, one's own.

use blackbox::TestServer;
use serde_json::json;

#[tokio::test]
async fn choices_are_kept_for_all_devices_and_bounded() {
    let server = TestServer::start().await;
    let (ana, eve) = (server.person("ana").await, server.person("eve").await);
    let room = ana.room("private", "Kitchen").await;
    let fresh = ana.get("/api/me/notices").await.expect(200);
    assert_eq!(fresh, json!({"everywhere": {"level": "mentions"}, "rooms": []}));
    let desk = ana.socket().await;
    let hours = json!({"from_minute": 1320, "to_minute": 420, "time_zone": "Europe/Madrid"});
    let everywhere = json!({"level": "all", "quiet_hours": hours});
    ana.put("/api/me/notices", everywhere.clone()).await.expect(204);
    desk.event("noticesChanged", |_| true).await;
    let path = format!("/api/rooms/{room}/notices");
    let muted = ana.put(&path, json!({"level": "none", "muted_for_s": 3600})).await.expect(200);
    assert!(muted["muted_until"].is_string(), "{muted}");
    let kept = ana.get("/api/me/notices").await.expect(200);
    assert_eq!(kept, json!({"everywhere": everywhere, "rooms": [muted]}));
    let loud = ana.put(&path, json!({})).await.expect(200);
    assert_eq!(loud, json!({"room": room}));
    eve.put(&path, json!({"level": "all"})).await.problem(404, "not_found");
    assert_eq!(eve.get("/api/me/notices").await.expect(200), fresh, "nobody else's");
    ana.put(&path, json!({"muted_for_s": 0})).await.problem(422, "invalid");
    for (from, to, zone) in [(1440, 0, "UTC"), (0, -1, "UTC"), (0, 0, ""), (0, 0, "a b")] {
        let hours = json!({"from_minute": from, "to_minute": to, "time_zone": zone});
        let bad = json!({"level": "all", "quiet_hours": hours});
        ana.put("/api/me/notices", bad).await.problem(422, "invalid");
    }
    ana.put("/api/me/notices", json!({"level": "loud"})).await.problem(400, "malformed");
}
