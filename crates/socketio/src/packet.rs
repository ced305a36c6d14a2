//! Packets to clients, encoded once as a whole WebSocket frame.
use bytes::Bytes;
use serde::Serialize;

use crate::ws;

/// An encoded packet. Cloning shares the bytes.
///
/// The bytes are a complete unmasked WebSocket text frame; long-polling sends its payload alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    frame: Bytes,
}

impl Packet {
    /// Encodes the event `name` with one argument.
    ///
    /// A payload that cannot be JSON (a map with keys that are not text, a failing `Serialize`)
    /// is a bug of the caller: it is logged and `null` is sent instead.
    pub fn event(name: &str, payload: &impl Serialize) -> Self {
        Self::build(|text| {
            text.extend_from_slice(b"42[");
            write_json(text, &name);
            text.push(b',');
            write_json(text, payload);
            text.push(b']');
        })
    }

    /// What the client parses: the Engine.IO packet type, then the Socket.IO packet.
    pub fn text(&self) -> &[u8] {
        ws::payload(&self.frame)
    }

    /// Bytes on the wire over WebSocket.
    pub fn bytes_len(&self) -> usize {
        self.frame.len()
    }

    pub(crate) fn frame(&self) -> Bytes {
        self.frame.clone()
    }

    pub(crate) fn ack(id: u64, payload: &impl Serialize) -> Self {
        Self::build(|text| {
            text.extend_from_slice(format!("43{id}[").as_bytes());
            write_json(text, payload);
            text.push(b']');
        })
    }

    pub(crate) fn raw(text: &str) -> Self {
        Self::build(|bytes| bytes.extend_from_slice(text.as_bytes()))
    }

    /// CONNECT_ERROR in `namespace` (with its trailing comma, empty for `/`).
    pub(crate) fn connect_error(namespace: &str, message: &str, data: &serde_json::Value) -> Self {
        Self::build(|text| {
            text.extend_from_slice(b"44");
            text.extend_from_slice(namespace.as_bytes());
            let mut body = serde_json::json!({ "message": message });
            if !data.is_null() {
                body["data"] = data.clone();
            }
            write_json(text, &body);
        })
    }

    fn build(write: impl FnOnce(&mut Vec<u8>)) -> Self {
        Self { frame: ws::text_frame(write) }
    }
}

impl std::fmt::Debug for Packet {
    /// Only the size: packets carry what people wrote.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packet({} bytes)", self.frame.len())
    }
}

fn write_json(text: &mut Vec<u8>, value: &impl Serialize) {
    let start = text.len();
    if let Err(error) = serde_json::to_writer(&mut *text, value) {
        tracing::error!(%error, "a packet could not be encoded");
        text.truncate(start);
        text.extend_from_slice(b"null");
    }
}
