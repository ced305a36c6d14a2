//! Heartbeats and deadlines.
use std::cmp::Reverse;
use std::time::Duration;

use super::close::Farewell;
use super::{Shard, Transport};
use crate::{Application, Packet, Reason};

const SWEEP_EVERY: Duration = Duration::from_secs(15);

impl<A: Application> Shard<A> {
    /// Makes sure that the connection is looked at when its next deadline comes.
    ///
    /// Deadlines that moved away leave their entry behind; it finds nothing to do.
    pub(super) fn schedule(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        let next = connection.deadlines.next();
        if connection.deadlines.timer_at.is_none_or(|at| next < at) {
            connection.deadlines.timer_at = Some(next);
            self.timers.push(Reverse((next, slot, connection.serial)));
        }
    }

    /// Does what is due.
    pub(super) fn expire(&mut self) {
        while let Some(&Reverse((at, slot, serial))) = self.timers.peek() {
            if at > self.now {
                break;
            }
            self.timers.pop();
            let Some(connection) = self.connections.get_mut(slot) else { continue };
            if connection.serial != serial || connection.deadlines.timer_at != Some(at) {
                continue;
            }
            connection.deadlines.timer_at = None;
            if connection.deadlines.next() <= self.now {
                self.due(slot);
            }
            if self.connections.get(slot).is_some_and(|other| other.serial == serial) {
                self.schedule(slot);
            }
        }
        self.expire_probes();
        if self.now >= self.sweep_at {
            self.sweep_at = self.now + SWEEP_EVERY;
            if self.index == 0 {
                self.shared.logs.sweep(self.now);
            }
        }
    }

    fn due(&mut self, slot: usize) {
        let now = self.now;
        let is_due = |deadline: Option<std::time::Instant>| deadline.is_some_and(|by| by <= now);
        let connection = &mut self.connections[slot];
        let deadlines = &mut connection.deadlines;
        if is_due(deadlines.close_by) {
            self.remove(slot);
        } else if is_due(deadlines.connect_by) {
            self.close(slot, Reason::Protocol, Farewell::Close);
        } else if is_due(deadlines.drain_by) {
            self.close(slot, Reason::SlowConsumer, Farewell::None);
        } else if is_due(deadlines.pong_by) {
            // Who is still draining, or whose input we left alone, could not answer.
            if connection.flags.held || deadlines.drain_by.is_some() {
                deadlines.pong_by = Some(now + self.shared.options.ping_timeout);
            } else {
                self.close(slot, Reason::PingTimeout, Farewell::Close);
            }
        } else if deadlines.pong_by.is_none() && deadlines.ping_at <= now {
            self.ping(slot);
        }
    }

    fn ping(&mut self, slot: usize) {
        let connection = &mut self.connections[slot];
        connection.deadlines.pong_by = Some(self.now + self.shared.options.ping_timeout);
        let ping = Packet::raw("2").frame();
        match connection.transport {
            Transport::WebSocket(_) => connection.out.push_first(ping),
            Transport::Polling(_) => connection.out.push(ping),
        }
        let cursors = self.cursors(slot);
        self.mark_dirty(slot);
        if !cursors.is_empty()
            && let Some(packet) = self.shared.app.heartbeat(&cursors)
        {
            self.push_ephemeral(slot, packet.frame());
        }
    }
}
