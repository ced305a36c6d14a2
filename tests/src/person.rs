//! Somebody with an account and a token.

use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Answer;
use crate::server::TestServer;
use crate::socket::Socket;

/// A person as a client of the API.
#[derive(Debug, Clone)]
pub struct Person {
    /// The unique name.
    pub username: String,
    /// Identity's name for the person in tokens.
    pub sub: String,
    /// An access token for the chat API.
    pub token: String,
    client: reqwest::Client,
    origin: String,
}

impl Person {
    /// The person of an account that the operator's command printed.
    pub fn new(server: &TestServer, username: &str, account: &Value, token: String) -> Self {
        let sub = account["sub"].as_str().expect("an account has a sub").to_owned();
        let client = server.client().clone();
        Self { username: username.to_owned(), sub, token, client, origin: server.url("") }
    }

    /// The person in the eyes of chat: `{id, username, display_name}`.
    pub async fn card(&self) -> Value {
        self.get("/api/me").await.expect(200)["person"].clone()
    }

    /// Chat's id of this person.
    pub async fn id(&self) -> String {
        self.card().await["id"].as_str().expect("a person has an id").to_owned()
    }

    /// Begins a request with the token.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.origin)).bearer_auth(&self.token)
    }

    /// Sends a request with or without a body; an error when no answer comes.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.request(crate::client::method(method), path);
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request).await
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await.expect("the server answers")
    }

    /// POST.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, Some(&body)).await.expect("the server answers")
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask("PUT", path, Some(&body)).await.expect("the server answers")
    }

    /// PATCH.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.ask("PATCH", path, Some(&body)).await.expect("the server answers")
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, None).await.expect("the server answers")
    }

    /// Makes a room and answers its id.
    pub async fn room(&self, kind: &str, name: &str) -> String {
        let room = self.post("/api/rooms", json!({"kind": kind, "name": name})).await.expect(201);
        id(&room)
    }

    /// Brings a person who is known to chat into a room.
    pub async fn bring(&self, room: &str, other: &Person) {
        let body = json!({"username": other.username});
        let answer = self.post(&format!("/api/rooms/{room}/members"), body).await.expect(201);
        assert_eq!(answer["status"], "joined", "{answer}");
    }

    /// Says something in a room and answers the message.
    pub async fn say(&self, room: &str, text: &str) -> Value {
        let path = format!("/api/rooms/{room}/messages/{}", Uuid::new_v4());
        self.put(&path, json!({"text": text})).await.expect(201)
    }

    /// Begins an upload by the tus protocol.
    pub async fn begin_upload(&self, room: &str, name: &str, bytes: usize) -> Answer {
        let name = base64::engine::general_purpose::STANDARD.encode(name);
        let request = self.request(Method::POST, &format!("/api/rooms/{room}/uploads"));
        let request = request
            .header("tus-resumable", "1.0.0")
            .header("upload-length", bytes)
            .header("upload-metadata", format!("filename {name}"));
        Answer::of(request).await.expect("the server answers")
    }

    /// Sends a part of an upload.
    pub async fn send_part(&self, path: &str, offset: usize, bytes: &[u8]) -> Answer {
        let request = self.request(Method::PATCH, path);
        let request = request
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(bytes.to_vec());
        Answer::of(request).await.expect("the server answers")
    }

    /// HEAD or DELETE of an upload.
    pub async fn tus(&self, method: &str, path: &str) -> Answer {
        let request = self.request(crate::client::method(method), path);
        let request = request.header("tus-resumable", "1.0.0");
        Answer::of(request).await.expect("the server answers")
    }

    /// Uploads a file to a room and answers its id.
    pub async fn upload(&self, room: &str, name: &str, bytes: &[u8]) -> String {
        let begun = self.begin_upload(room, name, bytes.len()).await;
        assert_eq!(begun.status, 201, "{}", begun.text);
        let path = begun.header("location").to_owned();
        let sent = self.send_part(&path, 0, bytes).await;
        assert_eq!(sent.status, 204, "{}", sent.text);
        path.rsplit('/').next().expect("a path has a last part").to_owned()
    }

    /// One page of messages: `query` is like `before=5&limit=2`.
    pub async fn messages(&self, room: &str, query: &str) -> Value {
        self.get(&format!("/api/rooms/{room}/messages?{query}")).await.expect(200)
    }

    /// All messages of a room in order, by following `after`.
    pub async fn history(&self, room: &str) -> Vec<Value> {
        self.pages(&format!("/api/rooms/{room}/messages"), 0).await
    }

    /// All events of a room after `after`, in order.
    pub async fn events(&self, room: &str, after: u64) -> Vec<Value> {
        self.pages(&format!("/api/rooms/{room}/events"), after).await
    }

    async fn pages(&self, path: &str, after: u64) -> Vec<Value> {
        let mut items: Vec<Value> = Vec::new();
        let mut after = after;
        loop {
            let page = self.get(&format!("{path}?after={after}&limit=200")).await.expect(200);
            let got = page["items"].as_array().expect("a page has items").clone();
            items.extend(got);
            match page["next"].as_u64() {
                Some(next) => {
                    assert!(next > after, "{path} does not move on from {after}");
                    after = next;
                }
                None => return items,
            }
        }
    }

    /// A connected socket.
    pub async fn socket(&self) -> Socket {
        let socket = Socket::connect(&self.origin, json!({"token": self.token})).await;
        socket.unwrap_or_else(|refusal| panic!("{} is refused: {refusal}", self.username))
    }

    /// A connected socket with small buffers in the kernel, so that not reading is soon felt.
    pub async fn narrow_socket(&self, window_bytes: u32) -> Socket {
        let auth = json!({"token": self.token});
        let socket = Socket::connect_narrow(&self.origin, auth, window_bytes).await;
        socket.unwrap_or_else(|refusal| panic!("{} is refused: {refusal}", self.username))
    }

    /// A connected socket, or nothing when the server cannot be reached.
    pub async fn try_socket(&self) -> Option<Socket> {
        Socket::connect(&self.origin, json!({"token": self.token})).await.ok()
    }

    /// A socket that follows `room` from now on.
    pub async fn listen(&self, room: &str) -> Socket {
        let socket = self.socket().await;
        socket.call("join", json!({"room": room})).await;
        socket
    }
}

/// The `id` of something.
pub fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id: {thing}")).to_owned()
}
