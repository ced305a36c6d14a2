//! What packets of clients do.
use std::sync::Arc;

use super::close::Farewell;
use super::{Shard, Stage};
use crate::core::Address;
use crate::engine::Message;
use crate::inbound::{Core, Item};
use crate::ws::close;
use crate::{Application, Packet, Reason};

/// CONNECTs one connection may try, refused ones and other namespaces included.
const ATTEMPTS_MAX: u8 = 8;
const NAMESPACE_BYTES_MAX: usize = 256;

impl<A: Application> Shard<A> {
    /// Takes one Engine.IO packet. The connection may be closed afterwards.
    pub(super) fn packet(&mut self, slot: usize, text: &str) {
        if self.connections[slot].is_closing() {
            return;
        }
        match text.as_bytes().first() {
            Some(b'4') => self.message(slot, &text[1..]),
            Some(b'3') => self.pong(slot),
            Some(b'1') => self.close(slot, Reason::Transport, Farewell::Close),
            Some(b'6') => {}
            _ => self.violation(slot, close::POLICY),
        }
    }

    /// The client broke a rule.
    pub(super) fn violation(&mut self, slot: usize, code: u16) {
        tracing::debug!(shard = self.index, code, "a client broke the protocol");
        self.close(slot, Reason::Protocol, Farewell::Violation(code));
    }

    fn pong(&mut self, slot: usize) {
        let deadlines = &mut self.connections[slot].deadlines;
        if deadlines.pong_by.take().is_some() {
            deadlines.ping_at = self.now + self.shared.options.ping_interval;
            self.schedule(slot);
        }
    }

    fn message(&mut self, slot: usize, text: &str) {
        match Message::parse(text) {
            Message::Connect { namespace, auth } => self.connect(slot, namespace, auth),
            Message::Event(event) => self.event(slot, event),
            Message::Disconnect => self.close(slot, Reason::Client, Farewell::Close),
            Message::Ack => {} // This server asks for none.
            Message::Invalid => self.violation(slot, close::POLICY),
        }
    }

    fn connect(&mut self, slot: usize, namespace: &str, auth: &str) {
        let connection = &mut self.connections[slot];
        connection.attempts += 1;
        if connection.attempts > ATTEMPTS_MAX || namespace.len() > NAMESPACE_BYTES_MAX {
            return self.violation(slot, close::POLICY);
        }
        if namespace != "/" {
            let null = serde_json::Value::Null;
            let error = Packet::connect_error(&format!("{namespace},"), "Invalid namespace", &null);
            return self.push_direct(slot, error.frame());
        }
        let (Stage::Waiting, Some(request)) = (&connection.stage, &connection.request) else {
            return self.violation(slot, close::POLICY);
        };
        let address = Address {
            shard: u32::from(connection.sid.shard),
            slot: connection.sid.slot,
            serial: connection.serial,
        };
        let request = Arc::clone(request);
        let core = Arc::new(Core::new(Arc::clone(&self.shared), address));
        connection.deadlines.connect_by = None;
        connection.mark = self.disconnections.next_mark;
        connection.stage = Stage::Connecting(Arc::clone(&core));
        self.disconnections.connecting += 1;
        core.push(Item::Connect { request, auth: auth.to_owned() });
    }

    fn event(&mut self, slot: usize, event: &str) {
        let connection = &mut self.connections[slot];
        let Some(core) = connection.core() else {
            return self.violation(slot, close::POLICY);
        };
        if core.push(Item::Event(event.to_owned())) {
            connection.flags.blocked = true;
        }
    }
}
