//! Who was blocked before the chat was told of it.

use kit::db::{Db, DbConfig};

use super::*;
use crate::oauth::grants::tests::own_database;
use crate::schema::MIGRATIONS;

async fn run(db: &Db, sql: &str, values: Vec<kit::db::Value>) {
    let done: DbResult<u64> = db.write(async |tx| exec(tx, sql, values.clone()).await).await;
    done.unwrap();
}

async fn person(db: &Db, name: &str, status: &str) -> Uuid {
    let sub = uuid_v7();
    let sql = "INSERT INTO users (id, sub, username, username_norm, display_name, email, \
               email_mac, locale, role, status, created_at, updated_at) \
               VALUES ($1, $2, $3, $3, $3, $4, $4, 'en', 'member', $5, 1, 2)";
    run(db, sql, params![uuid_v7(), sub, name, name.as_bytes().to_vec(), status]).await;
    sub
}

async fn app(db: &Db, id: &str, (first_party, scopes): (bool, &str), uri: Option<&str>) {
    let sql = "INSERT INTO clients (id, name, auth_method, scopes, first_party, \
               backchannel_uri, created_at) VALUES ($1, $1, 'x', $2, $3, $4, 0)";
    run(db, sql, params![id, scopes, first_party, uri.map(str::to_owned)]).await;
}

#[tokio::test]
async fn the_chat_is_told_once_of_those_who_were_blocked_before() {
    let data_dir = std::env::temp_dir().join(format!("tertulia-{}", uuid_v7()));
    std::fs::create_dir_all(&data_dir).unwrap();
    let config = DbConfig { url: own_database().await, data_dir, name: "identity" };
    let told = crate::oauth::TOLD_BLOCKED.name;
    let before = MIGRATIONS.iter().position(|step| step.name == told).unwrap();
    let db = Db::open(&config, &MIGRATIONS[..before]).await.unwrap();
    let leo = person(&db, "leo", "blocked").await;
    person(&db, "ana", "active").await;
    let uri = Some("http://127.0.0.1/out");
    app(&db, "chat", (true, "openid chat"), uri).await;
    app(&db, "deaf", (true, "openid chat"), None).await;
    app(&db, "console", (true, "openid chat.admin"), uri).await;
    app(&db, "theirs", (false, "openid chat"), uri).await;
    for _ in 0..2 {
        let db = Db::open(&config, MIGRATIONS).await.unwrap();
        let found = due(db.reader(), now_ms()).await.unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.client_id.as_str(), one.sub.clone(), one.sid.clone()))
            .collect();
        assert_eq!(told, [("chat", leo.to_string(), None)]);
        assert!(found[0].tells_blocked());
    }
}
