//! Replay: an old view brought up to date by events is what a fresh look shows.

use std::collections::BTreeMap;

use blackbox::person::id;
use blackbox::{Person, TestServer};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

/// What a client keeps of a room.
#[derive(Debug, Default, Clone, PartialEq)]
struct View {
    head: u64,
    name: Value,
    topic: Value,
    messages: BTreeMap<u64, Value>,
    aside: BTreeMap<u64, Value>,
    members: BTreeMap<String, String>,
}

impl View {
    /// What the API shows now.
    async fn fresh(person: &Person, room: &str) -> Self {
        let now = person.get(&format!("/api/rooms/{room}")).await.expect(200);
        let members = person.get(&format!("/api/rooms/{room}/members")).await.expect(200);
        let members = members["items"].as_array().expect("items").iter();
        let members = members.map(|m| (text(&m["person"]["id"]), text(&m["role"]))).collect();
        let history = person.history(room).await.into_iter();
        let messages = history.map(|m| (m["seq"].as_u64().expect("a seq"), m)).collect();
        let head = now["head"].as_u64().expect("a head");
        let (name, topic) = (now["name"].clone(), now["topic"].clone());
        let mut aside = BTreeMap::new();
        for event in person.events(room, 0).await {
            let beside = event.get("thread").is_some() && event["also_to_room"] != true;
            if event["type"] == "message" && beside {
                aside.insert(event["seq"].as_u64().expect("a seq"), event);
            }
        }
        Self { head, name, topic, messages, aside, members }
    }

    /// Applies the next event, as a client does; anything but the next is an error.
    fn apply(&mut self, event: &Value) {
        let seq = event["seq"].as_u64().expect("a seq");
        assert_eq!(seq, self.head + 1, "not the next: {event}");
        self.head = seq;
        match event["type"].as_str().expect("a type") {
            "message" => {
                let mut message = event.clone();
                message.as_object_mut().expect("an object").remove("type");
                // A reply is beside the timeline, but later events speak of it.
                let aside = message.get("thread").is_some() && message["also_to_room"] != true;
                let place = if aside { &mut self.aside } else { &mut self.messages };
                place.insert(seq, message);
            }
            "messageEdited" => {
                let message = self.message(&event["message"]);
                if message["deleted"] != true && event.get("text").is_some() {
                    for field in ["text", "revision", "edited_at"] {
                        message[field] = event[field].clone();
                    }
                }
            }
            "messageDeleted" => {
                let message = self.message(&event["message"]);
                message["deleted"] = json!(true);
                message.as_object_mut().expect("an object").remove("text");
            }
            "memberJoined" | "memberChanged" => {
                self.members.insert(text(&event["person"]["id"]), text(&event["role"]));
            }
            "reactionAdded" | "reactionRemoved" => {
                let (emoji, count) = (text(&event["emoji"]), event["count"].clone());
                let message = self.message(&event["message"]);
                message["by_emoji"][emoji] = count;
            }
            "memberLeft" => drop(self.members.remove(&text(&event["person"]["id"]))),
            "roomChanged" => {
                self.name = event["name"].clone();
                self.topic = event["topic"].clone();
            }
            other => panic!("an event that clients do not know: {other}"),
        }
    }

    fn message(&mut self, id: &Value) -> &mut Value {
        let found = self
            .messages
            .values_mut()
            .chain(self.aside.values_mut())
            .find(|message| message["id"] == *id);
        found.expect("events speak of messages that came before")
    }

    /// What must agree: texts, states and people; not when a deleted message was edited last.
    fn essence(&self) -> Value {
        let messages = self.messages.values().map(|message| {
            json!([
                message["seq"],
                message["id"],
                message["sender"],
                message["text"],
                message["deleted"],
                message["client_message_id"],
                reactions(message),
                message["created_at"]
            ])
        });
        json!([self.head, self.name, self.topic, messages.collect::<Vec<_>>(), self.members])
    }
}

/// How often each emoji is at a message, by the events or as history tells it.
fn reactions(message: &Value) -> BTreeMap<String, u64> {
    let none = serde_json::Map::new();
    if message["deleted"] == true {
        return BTreeMap::new();
    }
    let told = message["reactions"].as_array().into_iter().flatten();
    let told = told.map(|reaction| (text(&reaction["emoji"]), reaction["count"].clone()));
    let counted = message["by_emoji"].as_object().unwrap_or(&none).clone();
    let all: BTreeMap<String, Value> = told.chain(counted).collect();
    let all = all.into_iter().map(|(emoji, count)| (emoji, count.as_u64().unwrap_or(0)));
    all.filter(|(_, count)| *count > 0).collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// One verb at random; what may not be done is refused and changes nothing, which is fine here.
async fn act(random: &mut StdRng, people: &[Person], room: &str, said: &mut Vec<String>) {
    let who = &people[random.random_range(0..people.len())];
    let path = format!("/api/rooms/{room}");
    let word = format!("word {}", random.random::<u32>());
    match random.random_range(0..13) {
        0..=3 => {
            let put = format!("{path}/messages/{}", uuid::Uuid::new_v4());
            let answer = who.put(&put, json!({"text": word})).await;
            if answer.status == 201 {
                said.push(id(&answer.body));
            }
        }
        4 | 5 if !said.is_empty() => {
            let message = &said[random.random_range(0..said.len())];
            who.patch(&format!("{path}/messages/{message}"), json!({"text": word})).await;
        }
        6 if !said.is_empty() => {
            let message = &said[random.random_range(0..said.len())];
            who.delete(&format!("{path}/messages/{message}")).await;
        }
        10 | 11 if !said.is_empty() => {
            let message = &said[random.random_range(0..said.len())];
            let emoji = ["👍", "❤️", "😀"][random.random_range(0..3)];
            let path = format!("{path}/messages/{message}/reactions/{emoji}");
            if random.random_bool(0.7) {
                who.put(&path, json!({})).await;
            } else {
                who.delete(&path).await;
            }
        }
        12 if !said.is_empty() => {
            let thread = &said[random.random_range(0..said.len())];
            let also_to_room = random.random_bool(0.5);
            let put = format!("{path}/messages/{}", uuid::Uuid::new_v4());
            let body = json!({"text": word, "thread": thread, "also_to_room": also_to_room});
            let answer = who.put(&put, body).await;
            if answer.status == 201 {
                said.push(id(&answer.body));
            }
        }
        7 => drop(who.patch(&path, json!({"name": word})).await),
        8 => {
            let other = people[random.random_range(1..people.len())].id().await;
            let role = ["member", "moderator"][random.random_range(0..2)];
            people[0].patch(&format!("{path}/members/{other}"), json!({"role": role})).await;
        }
        _ => {
            let other = &people[random.random_range(1..people.len())];
            let member = format!("{path}/members/{}", other.id().await);
            if people[0].delete(&member).await.status == 204 {
                people[0].bring(room, other).await;
            }
        }
    }
}

#[tokio::test]
async fn an_old_view_and_the_events_since_are_a_fresh_view() {
    let seed = blackbox::environment::number("TERTULIA_TEST_SEED", rand::random());
    eprintln!("TERTULIA_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let server = TestServer::start().await;
    let people =
        [server.person("ana").await, server.person("leo").await, server.person("zoe").await];
    let room = people[0].room("private", "Kitchen").await;
    people[0].bring(&room, &people[1]).await;
    people[0].bring(&room, &people[2]).await;
    let mut said = Vec::new();
    for _ in 0..20 {
        act(&mut random, &people, &room, &mut said).await;
    }
    let mut old = View::fresh(&people[0], &room).await;
    let socket = people[0].socket().await;
    socket.call("join", json!({"room": room, "after": old.head})).await;
    let start = old.head;
    for _ in 0..60 {
        act(&mut random, &people, &room, &mut said).await;
    }
    let fresh = View::fresh(&people[0], &room).await;
    assert!(fresh.head > start + 30, "too little happened: {start} to {}", fresh.head);
    let mut lived = old.clone();
    for event in people[0].events(&room, start).await {
        old.apply(&event);
    }
    assert_eq!(old.essence(), fresh.essence(), "by HTTP");
    let mut from_nothing = View::default();
    for event in people[0].events(&room, 0).await {
        from_nothing.apply(&event);
    }
    from_nothing.name = fresh.name.clone();
    from_nothing.topic = fresh.topic.clone();
    assert_eq!(from_nothing.essence(), fresh.essence(), "from nothing");
    blackbox::eventually("all events on the socket", async || {
        let last = socket.seen().iter().filter_map(|e| e.body["seq"].as_u64()).max();
        (last == Some(fresh.head)).then_some(())
    })
    .await;
    for event in socket.seen().iter().filter(|event| event.body["seq"].is_u64()) {
        lived.apply(&event.body);
    }
    assert_eq!(lived.essence(), fresh.essence(), "by the socket");
}
