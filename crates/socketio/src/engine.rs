//! The words of Engine.IO 4 and Socket.IO 5: ids, errors, packets of clients.
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

use crate::{Options, nesting};

/// Between the packets of one long-polling body.
pub(crate) const SEPARATOR: u8 = 0x1e;

/// The secret name of a session: where it lives and 122 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sid {
    pub(crate) shard: u8,
    pub(crate) slot: u32,
    secret: Uuid,
}

impl Sid {
    pub(crate) fn new(shard: u8, slot: u32) -> Self {
        Self { shard, slot, secret: Uuid::new_v4() }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0_u8; 21];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (slot, secret) = (bytes[1..5].try_into().ok()?, bytes[5..].try_into().ok()?);
        (length == bytes.len()).then(|| Self {
            shard: bytes[0],
            slot: u32::from_be_bytes(slot),
            secret: Uuid::from_bytes(secret),
        })
    }
}

impl std::fmt::Display for Sid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = [0_u8; 21];
        bytes[0] = self.shard;
        bytes[1..5].copy_from_slice(&self.slot.to_be_bytes());
        bytes[5..].copy_from_slice(self.secret.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The first packet of the server.
pub(crate) fn open_packet(sid: Sid, options: &Options, upgrades: &[&str]) -> String {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let open = serde_json::json!({
        "sid": sid.to_string(),
        "upgrades": upgrades,
        "pingInterval": milliseconds(options.ping_interval),
        "pingTimeout": milliseconds(options.ping_timeout),
        "maxPayload": options.payload_bytes_max,
    });
    format!("0{open}")
}

/// What a shard answers to an HTTP request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Packets for a GET.
    Payload(Bytes),
    /// The POST was taken.
    Taken,
    /// Refused.
    Error(EngineError),
}

/// Engine.IO's errors, as its clients know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EngineError {
    TransportUnknown,
    SessionUnknown,
    HandshakeMethod,
    BadRequest(&'static str),
    Version,
    TooLarge,
    Full,
    TimedOut,
}

impl EngineError {
    /// HTTP status, Engine.IO code, message.
    pub(crate) fn parts(self) -> (u16, u8, &'static str) {
        match self {
            Self::TransportUnknown => (400, 0, "Transport unknown"),
            Self::SessionUnknown => (400, 1, "Session ID unknown"),
            Self::HandshakeMethod => (400, 2, "Bad handshake method"),
            Self::BadRequest(why) => (400, 3, why),
            Self::Version => (400, 5, "Unsupported protocol version"),
            Self::TooLarge => (413, 3, "Payload too large"),
            Self::Full => (503, 4, "Too many connections"),
            Self::TimedOut => (408, 3, "The request body took too long"),
        }
    }
}

/// A Socket.IO packet of a client, its Engine.IO type removed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// `namespace` is `/` or another name; `rest` the auth payload or nothing.
    Connect {
        namespace: &'a str,
        auth: &'a str,
    },
    Disconnect,
    /// What [`Event::parse`] takes.
    Event(&'a str),
    Ack,
    /// Nothing this server understands, or for a namespace nobody is in.
    Invalid,
}

impl<'a> Message<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let Some((kind, rest)) = text.split_at_checked(1) else { return Self::Invalid };
        let (namespace, rest) = split_namespace(rest);
        match (kind, namespace) {
            ("0", _) => Self::Connect { namespace, auth: rest },
            ("1", "/") => Self::Disconnect,
            ("2", "/") => Self::Event(rest),
            ("3", "/") => Self::Ack,
            _ => Self::Invalid,
        }
    }
}

/// Splits `/name?query,rest`; without a name it is `/`.
fn split_namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return ("/", text);
    }
    let (namespace, rest) = text.split_once(',').unwrap_or((text, ""));
    (namespace.split('?').next().unwrap_or(namespace), rest)
}

/// An EVENT: `<ack id>?["name", args…]`.
#[derive(Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: Option<u64>,
    pub(crate) name: String,
    pub(crate) args: Vec<Value>,
}

/// Names that clients use for their own life cycle; an event may not have them.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

impl Event {
    /// Parses what follows the packet type; `None` if it is no event or beyond the limits.
    pub(crate) fn parse(text: &str, options: &Options) -> Option<Self> {
        let start = text.find('[')?;
        let (id, json) = text.split_at(start);
        let digits = id.bytes().all(|byte| byte.is_ascii_digit());
        let id = if id.is_empty() { None } else { Some(id.parse().ok().filter(|_| digits)?) };
        if !nesting::check(json, options) {
            return None;
        }
        let mut args: Vec<Value> = serde_json::from_str(json).ok()?;
        let Value::String(name) = (!args.is_empty()).then(|| args.remove(0))? else { return None };
        (!RESERVED.contains(&name.as_str())).then_some(Self { id, name, args })
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
