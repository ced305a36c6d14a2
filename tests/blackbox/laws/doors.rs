//! Doors: every operation of the API and every command of the socket, tried from outside.

use blackbox::client::{Answer, method};
use blackbox::person::id;
use blackbox::{Person, TestServer};
use serde_json::{Value, json};
use uuid::Uuid;

/// Operations that need no identity: they begin or end one, or show nobody's things.
const PUBLIC: [&str; 5] =
    ["/health", "/auth/login", "/auth/callback", "/auth/logout", "/auth/backchannel-logout"];

/// Paths with a name in them that leave nobody out: a link lets its holder in, and the names of
/// devices mean something to their owner only.
const OF_THE_CALLER: [&str; 2] = ["/api/invites/{token}", "/api/me/push/{device}"];

/// People are known to everyone here; of their rooms only those are told that are shared.
const OF_PEOPLE: [&str; 2] = ["/api/people/{person}", "/api/people/{person}/rooms"];

/// What a plain member may not do to a room, its people and the words of others.
const ABOVE_A_MEMBER: [(&str, &str); 8] = [
    ("patch", "/api/rooms/{room}"),
    ("patch", "/api/rooms/{room}/members/{person}"),
    ("delete", "/api/rooms/{room}/members/{person}"),
    ("get", "/api/rooms/{room}/invitations"),
    ("delete", "/api/rooms/{room}/invitations/{invitation}"),
    ("post", "/api/rooms/{room}/invite-links"),
    ("patch", "/api/rooms/{room}/messages/{message}"),
    ("delete", "/api/rooms/{room}/messages/{message}"),
];

/// One operation of `/openapi.json`.
#[derive(Debug)]
struct Door {
    method: String,
    path: String,
}

async fn doors(server: &TestServer) -> Vec<Door> {
    let document = server.get("/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "OpenAPI 3.1");
    let paths = document["paths"].as_object().expect("paths").clone();
    let methods = ["get", "put", "post", "patch", "delete"];
    let all = paths.iter().flat_map(|(path, item)| {
        let found = methods.iter().filter(|method| item.get(**method).is_some());
        found.map(|method| Door { method: (*method).to_owned(), path: path.clone() })
    });
    let doors: Vec<_> = all.filter(|door| !PUBLIC.contains(&door.path.as_str())).collect();
    assert!(doors.len() >= 20, "too few operations to mean anything: {doors:?}");
    doors
}

/// A room with one of everything, and the names of it all.
struct House {
    server: TestServer,
    owner: Person,
    member: Person,
    room: String,
    message: Value,
    file: String,
    upload: String,
    invitation: String,
    link: String,
}

impl House {
    async fn build() -> Self {
        let server = TestServer::start().await;
        let owner = server.person("ana").await;
        let leo = server.person("leo").await;
        let room = owner.room("private", "Kitchen").await;
        owner.bring(&room, &leo).await;
        let tiny = blackbox::files::picture(8, 8, image::ImageFormat::Png);
        let file = owner.upload(&room, "tiny.png", &tiny).await;
        let begun = owner.begin_upload(&room, "half.png", 100).await;
        let upload = begun.header("location").rsplit('/').next().expect("a name").to_owned();
        let said = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        let body = json!({"text": "@leo secret", "files": [file]});
        let message = owner.put(&said, body).await.expect(201);
        let links = format!("/api/rooms/{room}/invite-links");
        let made = owner.post(&links, json!({})).await.expect(201);
        let url = made["url"].as_str().expect("a url");
        let link = url.rsplit('/').next().expect("a token").to_owned();
        let pending = format!("/api/rooms/{room}/members");
        let named = owner.post(&pending, json!({"username": "nobody-yet"})).await.expect(202);
        let invitation = id(&named["invitation"]);
        Self { server, owner, member: leo, room, message, file, upload, invitation, link }
    }

    /// The path with real names, so that only the door itself can refuse.
    async fn path(&self, door: &Door) -> String {
        let owner = self.owner.id().await;
        let fresh = Uuid::new_v4().to_string();
        let message = id(&self.message);
        let names = [
            ("{room}", self.room.as_str()),
            ("{person}", &owner),
            ("{client_message_id}", &fresh),
            ("{message}", &message),
            ("{emoji}", "👍"),
            ("{file}", &self.file),
            ("{upload}", &self.upload),
            ("{invitation}", &self.invitation),
            ("{id}", &self.invitation),
            ("{device}", &self.invitation),
            ("{token}", &self.link),
        ];
        let filled =
            names.iter().fold(door.path.clone(), |path, (name, real)| path.replace(name, real));
        assert!(!filled.contains('{'), "a name that this test does not know: {filled}");
        filled
    }

    async fn remove_member(&self) {
        let member = format!("/api/rooms/{}/members/{}", self.room, self.member.id().await);
        self.owner.delete(&member).await.expect(204);
    }

    /// What `person` hears at a door, with all that the protocol asks for.
    async fn try_door(&self, door: &Door, person: &Person) -> Answer {
        let mut request = person.request(method(&door.method), &self.path(door).await);
        if door.path.contains("/uploads") {
            request = request
                .header("tus-resumable", "1.0.0")
                .header("upload-length", 100)
                .header("upload-metadata", "filename eA==");
        }
        request = match (door.method.as_str(), door.path.as_str()) {
            ("patch" | "post", "/api/uploads/{upload}") => request
                .header("x-http-method-override", "PATCH")
                .header("upload-offset", 0)
                .header("content-type", "application/offset+octet-stream")
                .body("x"),
            _ => match Self::body(door) {
                Some(body) => request.json(&body),
                None => request,
            },
        };
        Answer::of(request).await.expect("the server answers")
    }

    fn body(door: &Door) -> Option<Value> {
        let body = match (door.method.as_str(), door.path.as_str()) {
            ("get" | "delete", _) => return None,
            (_, path) if path.ends_with("/read") || path.ends_with("/unread") => json!({"seq": 1}),
            (_, path) if path.ends_with("/presence") => json!({"hidden": false}),
            (_, path) if path.ends_with("/me/notices") => json!({"level": "all"}),
            (_, path) if path.ends_with("/draft") => json!({"text": "forced"}),
            ("post", path) if path.ends_with("/members") || path.ends_with("/direct") => {
                json!({"username": "leo"})
            }
            ("patch", path) if path.contains("/members/") => json!({"role": "moderator"}),
            ("post", "/api/rooms") => json!({"kind": "public", "name": "New"}),
            (_, path) if path.contains("/messages/") => json!({"text": "forced"}),
            ("patch", _) => json!({"name": "Forced"}),
            _ => json!({}),
        };
        Some(body)
    }

    /// The whole log and the room, to see that a refused call changed nothing.
    async fn state(&self) -> (Vec<Value>, Value) {
        let room = self.owner.get(&format!("/api/rooms/{}", self.room)).await.expect(200);
        (self.owner.events(&self.room, 0).await, room)
    }
}

/// The commands in `docs/asyncapi.yaml`, so that none is forgotten here.
fn socket_commands() -> Vec<String> {
    let path = blackbox::environment::repository().join("docs/asyncapi.yaml");
    let text = std::fs::read_to_string(path).expect("the socket is documented");
    let lines: Vec<_> = text.lines().collect();
    let received = lines.windows(2).filter(|pair| pair[1].trim() == "action: receive");
    let names: Vec<_> = received.map(|pair| pair[0].trim().trim_end_matches(':').into()).collect();
    assert!(names.len() >= 8, "{names:?}");
    names
}

#[tokio::test]
async fn without_a_token_every_operation_is_closed() {
    let house = House::build().await;
    let before = house.state().await;
    for door in doors(&house.server).await {
        let path = house.path(&door).await;
        for token in ["", "Bearer nonsense", "Basic YTpi", "Bearer "] {
            let mut request = house.server.request(method(&door.method), &path);
            if !token.is_empty() {
                request = request.header("authorization", token);
            }
            if let Some(body) = House::body(&door) {
                request = request.json(&body);
            }
            let answer = Answer::of(request).await.expect("an answer");
            assert_eq!(answer.status, 401, "{door:?} with {token:?}: {}", answer.text);
            answer.problem(401, "unauthenticated");
        }
    }
    assert_eq!(house.state().await, before, "a refused call changes nothing");
}

#[tokio::test]
async fn a_stranger_meets_not_found_at_every_operation_of_a_room() {
    let house = House::build().await;
    let eve = house.server.person("eve").await;
    assert_closed_to(&house, &eve).await;
}

#[tokio::test]
async fn who_was_removed_meets_not_found_at_every_operation_of_the_room() {
    let house = House::build().await;
    house.remove_member().await;
    assert_closed_to(&house, &house.member).await;
}

/// Every operation that names something of the house answers `person` as if it was not there.
async fn assert_closed_to(house: &House, person: &Person) {
    let before = house.state().await;
    let mut tried = 0;
    for door in doors(&house.server).await {
        if !door.path.contains('{') || OF_THE_CALLER.contains(&door.path.as_str()) {
            continue;
        }
        let answer = house.try_door(&door, person).await;
        if OF_PEOPLE.contains(&door.path.as_str()) {
            assert_eq!(answer.status, 200, "{door:?}: {}", answer.text);
        } else {
            assert_eq!(answer.status, 404, "{door:?}: {}", answer.text);
            answer.problem(404, "not_found");
        }
        let leaks = ["Kitchen", "secret", "tiny.png"].map(|word| answer.text.contains(word));
        assert_eq!(leaks, [false; 3], "{door:?}: {}", answer.text);
        tried += 1;
    }
    assert!(tried >= 35, "only {tried} operations of a room");
    assert_eq!(house.state().await, before, "a refused call changes nothing");
}

#[tokio::test]
async fn a_plain_member_is_forbidden_what_is_above_them() {
    let house = House::build().await;
    let before = house.state().await;
    let doors = doors(&house.server).await;
    for (method, path) in ABOVE_A_MEMBER {
        let door = doors.iter().find(|door| door.method == method && door.path == path);
        let door = door.unwrap_or_else(|| panic!("there is no {method} {path}"));
        let answer = house.try_door(door, &house.member).await;
        assert_eq!(answer.status, 403, "{door:?}: {}", answer.text);
        answer.problem(403, "forbidden");
    }
    let socket = house.member.socket().await;
    let (room, message) = (&house.room, &house.message["id"]);
    let edit = json!({"room": room, "message": message, "text": "forced"});
    assert_eq!(socket.refused("editMessage", edit).await["kind"], "forbidden");
    let delete = json!({"room": room, "message": message});
    assert_eq!(socket.refused("deleteMessage", delete).await["kind"], "forbidden");
    assert_eq!(house.state().await, before, "a refused call changes nothing");
}

#[tokio::test]
async fn the_same_operations_are_open_to_the_owner() {
    let house = House::build().await;
    for door in doors(&house.server).await {
        if door.method != "get" {
            continue;
        }
        let path = house.path(&door).await + "?query=a";
        let path = if door.path.ends_with("/people") { path } else { path.replace("?query=a", "") };
        let answer = house.owner.get(&path).await;
        // A file is somewhere else, and no page stands behind the house's message.
        let opened = match door.path.as_str() {
            path if path.starts_with("/api/files/") => 302,
            path if path.ends_with("/preview") => 204,
            _ => 200,
        };
        assert_eq!(answer.status, opened, "{door:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_stranger_meets_not_found_at_every_command_of_the_socket() {
    let house = House::build().await;
    let eve = house.server.person("eve").await;
    assert_commands_closed_to(&house, &eve).await;
}

#[tokio::test]
async fn who_was_removed_meets_not_found_at_every_command_of_the_socket() {
    let house = House::build().await;
    house.remove_member().await;
    assert_commands_closed_to(&house, &house.member).await;
}

/// Every command about the house is refused to `person`, who hears nothing of it afterwards.
async fn assert_commands_closed_to(house: &House, person: &Person) {
    let before = house.state().await;
    let socket = person.socket().await;
    let (room, message) = (&house.room, &house.message["id"]);
    let commands = [
        ("join", json!({"room": room})),
        ("join", json!({"room": room, "after": 0})),
        ("sendMessage", json!({"room": room, "text": "x", "client_message_id": Uuid::new_v4()})),
        ("editMessage", json!({"room": room, "message": message, "text": "x"})),
        ("deleteMessage", json!({"room": room, "message": message})),
        ("markRead", json!({"room": room, "seq": 1})),
        ("typing", json!({"room": room, "thread": message})),
    ];
    for (name, body) in &commands {
        let no = socket.refused(name, body.clone()).await;
        assert_eq!(no["kind"], "not_found", "{name}: {no}");
    }
    // These say nothing about the room and change nothing in it, whatever they answer.
    let harmless = [
        ("leave", json!({"room": room})),
        ("setPresence", json!({"state": "online"})),
        ("watchPresence", json!({"people": [house.owner.id().await]})),
    ];
    for (name, body) in &harmless {
        socket.try_call(name, body.clone()).await.expect("an answer");
    }
    let others = ["authenticate"];
    for documented in socket_commands() {
        let mut tried = commands.iter().chain(&harmless).map(|command| command.0).chain(others);
        assert!(tried.any(|name| name == documented), "{documented} was not tried");
    }
    house.owner.say(room, "after").await;
    let own = person.room("private", "Own").await;
    socket.call("join", json!({"room": own})).await;
    let sentinel = person.say(&own, "sentinel").await;
    socket.event("message", |event| event["id"] == sentinel["id"]).await;
    assert_eq!(socket.count("message"), 1);
    let after = house.state().await;
    assert_eq!(after.0[..before.0.len()], before.0[..], "nothing old was changed");
    assert_eq!(after.0.len(), before.0.len() + 1, "and only the owner said something");
}
