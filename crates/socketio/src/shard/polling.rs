//! Long-polling: GET takes what is queued, POST brings packets.
use std::sync::Arc;

use ::http::request::Parts;
use bytes::Bytes;
use tokio::sync::oneshot;

use super::close::Farewell;
use super::connection::Polling;
use super::{Shard, Transport};
use crate::core::Seat;
use crate::engine::{Answer, EngineError, SEPARATOR, Sid};
use crate::{Application, Reason};

type Reply = oneshot::Sender<Answer>;

impl<A: Application> Shard<A> {
    pub(super) fn open_polling(&mut self, request: Arc<Parts>, seat: Seat, reply: Reply) {
        if self.stop_by.is_some() {
            return;
        }
        let polling = Box::new(Polling { get: Some(reply), ..Polling::default() });
        self.insert(Transport::Polling(polling), request, seat);
    }

    /// A GET waits here until something is queued.
    pub(super) fn poll_request(&mut self, sid: Sid, reply: Reply) {
        let Some((slot, polling)) = self.polling(sid) else {
            return refuse(reply, EngineError::SessionUnknown);
        };
        if polling.get.as_ref().is_some_and(|get| !get.is_closed()) {
            refuse(reply, EngineError::BadRequest("There is another poll"));
            return self.close(slot, Reason::Protocol, Farewell::Close);
        }
        let upgrading = polling.upgrading;
        if upgrading && self.connections[slot].out.is_empty() {
            return answer(reply, Answer::Payload(Bytes::from_static(b"6")));
        }
        if let Some((_, polling)) = self.polling(sid) {
            polling.get = Some(reply);
        }
        self.mark_dirty(slot);
    }

    pub(super) fn post_request(&mut self, sid: Sid, body: Bytes, reply: Reply) {
        let Some((slot, polling)) = self.polling(sid) else {
            return refuse(reply, EngineError::SessionUnknown);
        };
        if polling.post.is_some() {
            refuse(reply, EngineError::BadRequest("There is another post"));
            return self.close(slot, Reason::Protocol, Farewell::Close);
        }
        if std::str::from_utf8(&body).is_err() {
            refuse(reply, EngineError::BadRequest("The body is not UTF-8"));
            return self.close(slot, Reason::Protocol, Farewell::Close);
        }
        polling.post = Some((reply, body));
        self.take_post(slot);
    }

    /// Takes packets of the POST that waits, as long as there is room.
    pub(super) fn take_post(&mut self, slot: usize) {
        let Transport::Polling(polling) = &mut self.connections[slot].transport else { return };
        let Some((reply, mut body)) = polling.post.take() else { return };
        while !body.is_empty() {
            if self.connections[slot].is_closing() {
                break;
            }
            if !self.may_read(slot) {
                let connection = &mut self.connections[slot];
                connection.flags.held = true;
                if let Transport::Polling(polling) = &mut connection.transport {
                    polling.post = Some((reply, body));
                }
                return;
            }
            let end = body.iter().position(|byte| *byte == SEPARATOR);
            let packet = body.split_to(end.unwrap_or(body.len()));
            body = body.slice(usize::from(end.is_some())..);
            // The whole body was checked, and the separator never splits a character.
            let text = std::str::from_utf8(&packet).unwrap_or_default();
            if text.starts_with('b') {
                refuse(reply, EngineError::BadRequest("Binary packets are not supported"));
                return self.close(slot, Reason::Protocol, Farewell::Close);
            }
            self.packet(slot, text);
        }
        answer(reply, Answer::Taken);
    }

    /// The session of `sid`, while it polls.
    pub(super) fn polling(&mut self, sid: Sid) -> Option<(usize, &mut Polling)> {
        let slot = sid.slot as usize;
        let connection = self.connections.get_mut(slot).filter(|other| other.sid == sid)?;
        match &mut connection.transport {
            Transport::Polling(polling) => Some((slot, polling)),
            Transport::WebSocket(_) => None,
        }
    }
}

pub(super) fn answer(reply: Reply, answer: Answer) {
    // Whoever asked may have gone.
    let _ = reply.send(answer);
}

fn refuse(reply: Reply, error: EngineError) {
    answer(reply, Answer::Error(error));
}
