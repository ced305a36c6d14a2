//! What the rest of the server asks of a shard.
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::http::request::Parts;
use bytes::Bytes;
use mio::{Interest, Token};
use uuid::Uuid;

use super::close::Farewell;
use super::{Connection, Deadlines, Flags, Outbox, Shard, Stage, Transport};
use crate::core::{Address, Command, Filter, Seat};
use crate::engine::{Sid, open_packet};
use crate::inbound::Core;
use crate::{Application, Packet, Reason, SocketId};

/// Disconnections remembered for sockets that are connecting.
const DISCONNECTIONS_MAX: usize = 4096;

impl<A: Application> Shard<A> {
    pub(super) fn command(&mut self, command: Command<A>) {
        match command {
            Command::Open { request, seat, reply } => self.open_polling(request, seat, reply),
            Command::Poll { sid, reply } => self.poll_request(sid, reply),
            Command::Post { sid, body, reply } => self.post_request(sid, body, reply),
            Command::Attach { stream, read_ahead, request, seat } => {
                self.attach((stream, read_ahead), request, seat);
            }
            Command::Probe { stream, read_ahead, sid } => self.begin_probe(stream, read_ahead, sid),
            Command::Connected { core } => self.connected(&core),
            Command::Refused { address, frame } => self.refused(address, frame),
            Command::Emit { address, frame } => {
                if let Some(slot) = self.find(address) {
                    self.push_direct(slot, frame);
                }
            }
            Command::Follow { address, topic, after, verified } => {
                if let Some(slot) = self.find(address) {
                    self.follow(slot, topic, after, verified);
                }
            }
            Command::Unfollow { address, topic } => {
                if let Some(slot) = self.find(address) {
                    self.unfollow(slot, topic);
                }
            }
            Command::Resume { address } => self.resume(address),
            Command::Disconnect { address, reason } => self.disconnect(address, reason),
            Command::Wake(topic) => self.news.push(topic),
            Command::ReadDone { topic, after, epoch, result } => {
                self.read_done(topic, after, epoch, result);
            }
            Command::EmitWhere { filter, frame } => self.emit_where(&filter, &frame),
            Command::EmitKey { key, frame } => self.emit_key(key, &frame),
            Command::EmitTopic { topic, except, frame } => self.emit_topic(topic, except, &frame),
            Command::DisconnectWhere { filter } => {
                self.disconnect_all(self.sockets_where(&filter), filter);
            }
            Command::DisconnectKey { key } => {
                let sockets = self.keys.get(&key).cloned().unwrap_or_default();
                self.disconnect_all(sockets, Arc::new(move |session| A::key(session) == key));
            }
            Command::UnfollowKey { topic, key } => {
                for slot in self.keys.get(&key).cloned().unwrap_or_default() {
                    self.unfollow(slot, topic);
                }
            }
            Command::Shutdown => self.begin_shutdown(),
        }
    }

    /// The connection a command is meant for, if it is still that one.
    pub(super) fn find(&self, address: Address) -> Option<usize> {
        let slot = address.slot as usize;
        let connection = self.connections.get(slot)?;
        (connection.serial == address.serial && !connection.is_closing()).then_some(slot)
    }

    /// Makes a connection and queues its `open` packet.
    pub(super) fn insert(
        &mut self,
        transport: Transport,
        request: Arc<Parts>,
        seat: Seat,
    ) -> usize {
        let options = &self.shared.options;
        self.last_serial += 1;
        let entry = self.connections.vacant_entry();
        let slot = entry.key();
        let index = u8::try_from(self.index).expect("there are at most 64 shards");
        let sid = Sid::new(index, u32::try_from(slot).expect("far fewer connections"));
        let upgrades: &[&str] = match transport {
            Transport::Polling(_) => &["websocket"],
            Transport::WebSocket(_) => &[],
        };
        let mut out = Outbox::default();
        out.push(Packet::raw(&open_packet(sid, options, upgrades)).frame());
        entry.insert(Connection {
            serial: self.last_serial,
            sid,
            transport,
            out,
            stage: Stage::Waiting,
            request: Some(request),
            attempts: 0,
            follows: Vec::new(),
            lagging: std::collections::VecDeque::new(),
            flags: Flags::default(),
            deadlines: Deadlines {
                ping_at: self.now + options.ping_interval,
                pong_by: None,
                drain_by: None,
                connect_by: Some(self.now + options.connect_timeout),
                close_by: None,
                timer_at: None,
            },
            mark: 0,
            _seat: seat,
        });
        self.schedule(slot);
        self.mark_dirty(slot);
        slot
    }

    fn attach(
        &mut self,
        (stream, mut read_ahead): (std::net::TcpStream, Bytes),
        request: Arc<Parts>,
        seat: Seat,
    ) {
        if self.stop_by.is_some() {
            return;
        }
        let Some(socket) = Self::adopt(stream, &mut read_ahead) else { return };
        let slot = self.insert(Transport::WebSocket(socket), request, seat);
        if self.register(slot, Token(slot)).is_err() {
            return self.close(slot, Reason::Transport, Farewell::None);
        }
        self.connections[slot].flags.unread = true;
        self.read_again(slot);
    }

    /// Lets the poll report what happens on the connection's stream.
    pub(super) fn register(&mut self, slot: usize, token: Token) -> std::io::Result<()> {
        let Transport::WebSocket(socket) = &mut self.connections[slot].transport else {
            return Ok(());
        };
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket.stream, token, interest)
    }

    fn connected(&mut self, core: &Arc<Core<A>>) {
        let Some(slot) = self.find(core.address) else { return };
        let Some(session) = core.session() else { return };
        let connection = &mut self.connections[slot];
        connection.stage = Stage::Connected(Arc::clone(core));
        connection.request = None;
        let mark = connection.mark;
        self.keys.entry(A::key(&session)).or_default().push(slot);
        let frame = Packet::raw(&format!(r#"40{{"sid":"{}"}}"#, core.id)).frame();
        self.push_direct(slot, frame);
        let mut recent = self.disconnections.recent.iter();
        let gone = recent.any(|(at, filter)| *at >= mark && filter(&session));
        self.disconnections.ended_connecting();
        if gone {
            self.close(slot, Reason::Server, Farewell::Disconnect);
        }
    }

    fn refused(&mut self, address: Address, frame: Bytes) {
        let Some(slot) = self.find(address) else { return };
        self.disconnections.ended_connecting();
        let connection = &mut self.connections[slot];
        connection.stage = Stage::Waiting;
        connection.deadlines.connect_by = Some(self.now + self.shared.options.connect_timeout);
        self.schedule(slot);
        self.push_direct(slot, frame);
    }

    fn disconnect(&mut self, address: Address, reason: Reason) {
        let Some(slot) = self.find(address) else { return };
        let farewell = match reason {
            Reason::Server => Farewell::Disconnect,
            _ => Farewell::Violation(crate::ws::close::POLICY),
        };
        self.close(slot, reason, farewell);
    }

    fn resume(&mut self, address: Address) {
        let Some(slot) = self.find(address) else { return };
        self.connections[slot].flags.blocked = false;
        self.go_on_reading(slot);
    }

    fn emit_where(&mut self, filter: &Filter<A>, frame: &Bytes) {
        for slot in self.sockets_where(filter) {
            self.push_ephemeral(slot, frame.clone());
        }
    }

    fn sockets_where(&self, filter: &Filter<A>) -> Vec<usize> {
        let connected = self.connections.iter().filter_map(|(slot, connection)| {
            let session = connection.connected()?.session()?;
            filter(&session).then_some(slot)
        });
        connected.collect()
    }

    fn emit_key(&mut self, key: Uuid, frame: &Bytes) {
        for slot in self.keys.get(&key).cloned().unwrap_or_default() {
            self.push_direct(slot, frame.clone());
        }
    }

    fn emit_topic(&mut self, topic: Uuid, except: Option<SocketId>, frame: &Bytes) {
        let Some(topic) = self.topics.get(&topic) else { return };
        let slots: Vec<usize> = topic.followers.keys().copied().collect();
        for slot in slots {
            let core = self.connections.get(slot).and_then(Connection::core);
            if core.is_some_and(|core| except != Some(core.id)) {
                self.push_ephemeral(slot, frame.clone());
            }
        }
    }

    /// Ends `sockets`, and those that are connecting if `filter` says so of their session.
    fn disconnect_all(&mut self, sockets: Vec<usize>, filter: Filter<A>) {
        for slot in sockets {
            self.connections[slot].out.drop_unsent(); // Delivery ends at once.
            self.close(slot, Reason::Server, Farewell::Disconnect);
        }
        let disconnections = &mut self.disconnections;
        if disconnections.connecting > 0 {
            disconnections.recent.push_back((disconnections.next_mark, filter));
            disconnections.next_mark += 1;
            if disconnections.recent.len() > DISCONNECTIONS_MAX {
                disconnections.recent.pop_front();
            }
        }
    }

    pub(super) fn follow(&mut self, slot: usize, topic: Uuid, after: u64, verified: u64) {
        let connection = &mut self.connections[slot];
        let Some(core) = connection.connected() else { return };
        let is_new =
            self.topics.get(&topic).is_none_or(|known| !known.followers.contains_key(&slot));
        if is_new {
            core.followed.fetch_add(1, Ordering::Relaxed);
            connection.follows.push(topic);
        }
        self.enter_topic(slot, topic, after, verified);
    }
}

impl<A: Application> super::Disconnections<A> {
    pub(super) fn ended_connecting(&mut self) {
        self.connecting -= 1;
        if self.connecting == 0 {
            self.recent.clear();
        }
    }
}
