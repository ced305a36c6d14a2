//! A push service on this machine, and the browser that its messages are for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::signature;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

use crate::wait::eventually;

/// One message that the service was asked to deliver.
#[derive(Debug, Clone)]
pub struct Received {
    /// Which browser it is for.
    pub name: String,
    /// The headers.
    pub headers: HeaderMap,
    /// Encrypted.
    pub body: Vec<u8>,
}

impl Received {
    /// A header, or the empty string.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The claims of the proof of who sends, after looking at its signature by `key`.
    pub fn proof(&self, key: &str) -> Value {
        let proof = self.header("authorization").strip_prefix("vapid t=").expect("a proof");
        let (token, public) = proof.split_once(", k=").expect("a key");
        assert_eq!(public, key, "the key that was subscribed to");
        let (text, signature) = token.rsplit_once('.').expect("a signature");
        let point = BASE64.decode(public).expect("base64url");
        signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, &point)
            .verify(text.as_bytes(), &BASE64.decode(signature).expect("base64url"))
            .expect("signed by the key");
        let claims = BASE64.decode(text.split_once('.').expect("claims").1).expect("base64url");
        serde_json::from_slice(&claims).expect("JSON")
    }
}

/// What the service does with the next message for a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Answers with this status.
    Status(u16),
    /// Never answers.
    Silence,
}

#[derive(Default)]
struct Desk {
    received: Vec<Received>,
    replies: HashMap<String, VecDeque<Reply>>,
}

/// The service.
#[derive(Clone)]
pub struct PushService {
    desk: Arc<Mutex<Desk>>,
    origin: String,
}

impl PushService {
    /// Starts it; it ends with the runtime.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let desk = Arc::new(Mutex::new(Desk::default()));
        let app = Router::new().route("/wpush/{name}", post(take)).with_state(Arc::clone(&desk));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { desk, origin }
    }

    /// Where messages for a browser go.
    pub fn endpoint(&self, name: &str) -> String {
        format!("{}/wpush/{name}", self.origin)
    }

    /// Where it is.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What it does with the next messages for a browser; then it takes them.
    pub fn reply(&self, name: &str, replies: &[Reply]) {
        let mut desk = self.desk.lock().expect("nobody panics here");
        desk.replies.entry(name.to_owned()).or_default().extend(replies);
    }

    /// All that came for a browser.
    pub fn received(&self, name: &str) -> Vec<Received> {
        let desk = self.desk.lock().expect("nobody panics here");
        desk.received.iter().filter(|received| received.name == name).cloned().collect()
    }

    /// The same, once it is so many.
    pub async fn wait_for(&self, name: &str, count: usize) -> Vec<Received> {
        eventually(&format!("{count} messages for {name}"), async || {
            let received = self.received(name);
            (received.len() >= count).then_some(received)
        })
        .await
    }
}

async fn take(
    State(desk): State<Arc<Mutex<Desk>>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1]) {
    let reply = {
        let mut desk = desk.lock().expect("nobody panics here");
        let received = Received { name: name.clone(), headers, body: body.to_vec() };
        desk.received.push(received);
        desk.replies.get_mut(&name).and_then(VecDeque::pop_front)
    };
    match reply.unwrap_or(Reply::Status(201)) {
        Reply::Status(status) => {
            (StatusCode::from_u16(status).expect("a status"), [("retry-after", "1")])
        }
        Reply::Silence => std::future::pending().await,
    }
}

/// A browser that has subscribed.
pub struct Subscriber {
    private: PrivateKey,
    auth: [u8; 16],
    /// What it says of itself: `{endpoint, keys}`.
    pub subscription: Value,
}

impl Subscriber {
    /// A browser whose messages go to `endpoint`.
    pub fn new(endpoint: &str) -> Self {
        let private = PrivateKey::generate(&ECDH_P256).expect("a key");
        let auth = rand::random();
        let point = private.compute_public_key().expect("a point");
        let keys = json!({"p256dh": BASE64.encode(point.as_ref()), "auth": BASE64.encode(auth)});
        Self { private, auth, subscription: json!({"endpoint": endpoint, "keys": keys}) }
    }

    /// What a message says, by RFC 8291 from the browser's side.
    pub fn open(&self, received: &Received) -> Value {
        assert_eq!(received.header("content-encoding"), "aes128gcm");
        let (salt, rest) = received.body.split_at(16);
        assert_eq!((&rest[..4], rest[4]), (4096_u32.to_be_bytes().as_slice(), 65));
        let (theirs, sealed) = rest[5..].split_at(65);
        let public = self.private.compute_public_key().expect("a point");
        let info = [b"WebPush: info\0".as_slice(), public.as_ref(), theirs].concat();
        let peer = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let input: [u8; 32] =
            agree(&self.private, peer, (), |secret| Ok(derive(&self.auth, secret, &info)))
                .expect("a point of theirs");
        let key: [u8; 16] = derive(salt, &input, b"Content-Encoding: aes128gcm\0");
        let nonce: [u8; 12] = derive(salt, &input, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("16 bytes"));
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = key.open_in_place(nonce, Aad::empty(), &mut sealed).expect("it is for us");
        let end = plain.iter().rposition(|byte| *byte != 0).expect("a delimiter");
        assert_eq!(plain[end], 2, "the last record");
        serde_json::from_slice(&plain[..end]).expect("JSON")
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let key = Salt::new(HKDF_SHA256, salt).extract(input);
    let info = [info];
    let made = key.expand(&info, Length(N)).and_then(|made| made.fill(&mut out));
    made.expect("so few bytes");
    out
}
