//! Originals: edits and deletions add; nothing that was said is ever overwritten.

use blackbox::TestServer;
use blackbox::person::id;
use serde_json::json;

const TABLE: &str = "revisions";

#[tokio::test]
async fn every_revision_stays_sealed_after_edits_and_deletion() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let room = ana.room("private", "Kitchen").await;
    let message = id(&ana.say(&room, "first words").await);
    let path = format!("/api/rooms/{room}/messages/{message}");
    let sql = format!("SELECT * FROM {TABLE} ORDER BY revision");
    let before = server.look("chat", &sql).await;
    assert_eq!(before.len(), 1, "{before:?}");
    ana.patch(&path, json!({"text": "second words"})).await.expect(200);
    ana.patch(&path, json!({"text": "third words"})).await.expect(200);
    ana.delete(&path).await.expect(204);
    let after = server.look("chat", &sql).await;
    assert!(after.len() >= 3, "{after:?}");
    assert_eq!(after[0], before[0], "the first is as it was");
    let all = format!("{after:?}");
    for word in ["first words", "second words", "third words"] {
        let hex = blackbox::database::hex(word.as_bytes());
        assert!(!all.contains(word) && !all.contains(&hex), "sealed: {all}");
    }
}
