//! Pages of history: before, after, around.

use blackbox::{Person, TestServer};
use serde_json::Value;

/// A room with `count` messages "1", "2", …
async fn room_with(ana: &Person, count: usize) -> (String, Vec<Value>) {
    let room = ana.room("private", "Kitchen").await;
    let mut said = Vec::new();
    for number in 1..=count {
        said.push(ana.say(&room, &number.to_string()).await);
    }
    (room, said)
}

fn texts(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().expect("a page has items").iter();
    items.map(|m| m["text"].as_str().expect("a text").parse().expect("a number")).collect()
}

#[tokio::test]
async fn without_a_place_the_newest_page_comes_in_ascending_order() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, _) = room_with(&ana, 60).await;
    let page = ana.messages(&room, "").await;
    assert_eq!(texts(&page), (11..=60).collect::<Vec<_>>());
    assert_eq!(page["has_older"], true);
    assert_eq!(page["has_newer"], false);
}

#[tokio::test]
async fn before_walks_back_to_the_beginning_without_a_hole() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, _) = room_with(&ana, 25).await;
    let mut page = ana.messages(&room, "limit=10").await;
    let mut all = texts(&page);
    while page["has_older"] == true {
        let oldest = page["items"][0]["seq"].as_u64().expect("a seq");
        page = ana.messages(&room, &format!("before={oldest}&limit=10")).await;
        let mut older = texts(&page);
        older.extend(all);
        all = older;
    }
    assert_eq!(all, (1..=25).collect::<Vec<_>>());
}

#[tokio::test]
async fn after_walks_forward_and_ends_without_next() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, said) = room_with(&ana, 25).await;
    let history = ana.history(&room).await;
    assert_eq!(history, said);
    let seventh = said[6]["seq"].as_u64().expect("a seq");
    let page = ana.messages(&room, &format!("after={seventh}&limit=5")).await;
    assert_eq!(texts(&page), [8, 9, 10, 11, 12]);
    assert_eq!((&page["has_older"], &page["has_newer"]), (&true.into(), &true.into()));
    let last = said[24]["seq"].as_u64().expect("a seq");
    let end = ana.messages(&room, &format!("after={last}&limit=5")).await;
    assert_eq!(texts(&end), Vec::<u64>::new());
    assert!(end.get("next").is_none(), "{end}");
    assert_eq!(end["has_newer"], false);
}

#[tokio::test]
async fn around_shows_a_message_in_the_middle_of_its_neighbours() {
    let server = TestServer::start().await;
    let ana = server.person("ana").await;
    let (room, said) = room_with(&ana, 40).await;
    let place = blackbox::person::id(&said[19]);
    let page = ana.messages(&room, &format!("around={place}&limit=10")).await;
    let found = texts(&page);
    assert!(found.contains(&20) && found.len() <= 11, "{found:?}");
    assert!(found.contains(&17) && found.contains(&23), "neighbours on both sides: {found:?}");
    assert!(found.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{found:?}");
    assert_eq!((&page["has_older"], &page["has_newer"]), (&true.into(), &true.into()));
    let unknown = format!("/api/rooms/{room}/messages?around={}", uuid::Uuid::new_v4());
    ana.get(&unknown).await.problem(404, "not_found");
}

#[tokio::test]
async fn history_keeps_its_order_when_other_events_lie_between() {
    let server = TestServer::start().await;
    let (ana, leo) = (server.person("ana").await, server.person("leo").await);
    let (room, said) = room_with(&ana, 3).await;
    ana.bring(&room, &leo).await;
    let first = blackbox::person::id(&said[0]);
    let path = format!("/api/rooms/{room}/messages/{first}");
    ana.patch(&path, serde_json::json!({"text": "100"})).await.expect(200);
    ana.say(&room, "4").await;
    let page = ana.messages(&room, "limit=2").await;
    assert_eq!(texts(&page), [3, 4]);
    let oldest = page["items"][0]["seq"].as_u64().expect("a seq");
    let older = ana.messages(&room, &format!("before={oldest}&limit=2")).await;
    assert_eq!(texts(&older), [100, 2]);
    assert_eq!(older["has_older"], false);
}
