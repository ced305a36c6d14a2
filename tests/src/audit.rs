//! The audit of a room after a crash: what was acknowledged is there, once, and in order.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use serde_json::Value;
use uuid::Uuid;

/// One post as its author saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The author's id of the message.
    pub client_message_id: Uuid,
    /// What the server called it.
    pub id: String,
    /// Its position.
    pub seq: u64,
    /// What was said.
    pub text: String,
}

impl Acknowledged {
    /// Reads the message object of an acknowledgement.
    pub fn read(message: &Value) -> Option<Self> {
        let word = |name: &str| message[name].as_str().map(ToOwned::to_owned);
        Some(Self {
            client_message_id: word("client_message_id")?.parse().ok()?,
            id: word("id")?,
            seq: message["seq"].as_u64()?,
            text: word("text")?,
        })
    }
}

/// What an audit found; all lists are empty when the promise holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Acknowledged and not in the room.
    pub lost: Vec<Uuid>,
    /// More than once in the room.
    pub twice: Vec<Uuid>,
    /// In the room with another id, position or text than acknowledged.
    pub changed: Vec<Uuid>,
    /// In the room and never sent by anybody.
    pub foreign: Vec<Uuid>,
    /// Positions that are missing, repeated or out of order in the events.
    pub gaps: Vec<u64>,
}

impl Findings {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares what was sent and acknowledged with all events of the room.
///
/// * `acknowledged`: every acknowledgement, repeated ones included.
/// * `sent`: the ids of all that was ever sent, acknowledged or not.
/// * `events`: the room's whole log from 1, as `GET …/events?after=0` tells it.
pub fn audit<S: BuildHasher>(
    acknowledged: &[Acknowledged],
    sent: &HashSet<Uuid, S>,
    events: &[Value],
) -> Findings {
    let mut findings = Findings::default();
    let mut stored: HashMap<Uuid, Acknowledged> = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        let seq = event["seq"].as_u64().unwrap_or(0);
        if seq != at as u64 + 1 {
            findings.gaps.push(seq);
        }
        if event["type"] != "message" {
            continue;
        }
        let Some(message) = Acknowledged::read(event) else {
            findings.gaps.push(seq);
            continue;
        };
        if !sent.contains(&message.client_message_id) {
            findings.foreign.push(message.client_message_id);
        }
        if let Some(first) = stored.insert(message.client_message_id, message) {
            findings.twice.push(first.client_message_id);
        }
    }
    for promise in acknowledged {
        match stored.get(&promise.client_message_id) {
            None => findings.lost.push(promise.client_message_id),
            Some(found) if found != promise => findings.changed.push(promise.client_message_id),
            Some(_) => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Three messages after the event of the room's making, all acknowledged.
    fn story() -> (Vec<Acknowledged>, HashSet<Uuid>, Vec<Value>) {
        let mut events = vec![json!({"type": "memberJoined", "seq": 1})];
        for seq in 2..=4 {
            let client_message_id = Uuid::from_u128(seq);
            let id = format!("m{seq}");
            let text = format!("word {seq}");
            events.push(json!({"type": "message", "seq": seq, "id": id, "text": text,
                "client_message_id": client_message_id}));
        }
        let acknowledged: Vec<_> = events.iter().filter_map(Acknowledged::read).collect();
        let sent = acknowledged.iter().map(|a| a.client_message_id).collect();
        (acknowledged, sent, events)
    }

    /// What the audit says after `plant` has spoilt the story.
    fn findings(plant: impl FnOnce(&mut Vec<Value>)) -> Findings {
        let (acknowledged, sent, mut events) = story();
        plant(&mut events);
        audit(&acknowledged, &sent, &events)
    }

    #[test]
    fn a_room_without_a_defect_is_clean() {
        assert!(findings(|_| {}).is_clean());
    }

    #[test]
    fn a_lost_message_is_found() {
        let found = findings(|events| drop(events.pop()));
        assert_eq!(found.lost, [Uuid::from_u128(4)]);
    }

    #[test]
    fn a_message_stored_twice_is_found() {
        let found = findings(|events| {
            let mut again = events[1].clone();
            again["seq"] = json!(5);
            again["id"] = json!("m5");
            events.push(again);
        });
        assert_eq!(found.twice, [Uuid::from_u128(2)]);
        assert!(found.gaps.is_empty());
    }

    #[test]
    fn a_gap_a_repeated_and_a_late_position_are_found() {
        let gap = findings(|events| drop(events.remove(0)));
        assert_eq!(gap.gaps, [2, 3, 4]);
        let repeated = findings(|events| events[3]["seq"] = json!(3));
        assert_eq!(repeated.gaps, [3]);
        let late = findings(|events| events.swap(2, 3));
        assert_eq!(late.gaps, [4, 3]);
    }

    #[test]
    fn another_text_id_or_position_than_acknowledged_is_found() {
        for (field, value) in [("text", json!("other")), ("id", json!("m9"))] {
            let found = findings(|events| events[2][field] = value);
            assert_eq!(found.changed, [Uuid::from_u128(3)], "{field}");
        }
    }

    #[test]
    fn a_message_that_nobody_sent_is_found() {
        let (acknowledged, mut sent, events) = story();
        sent.remove(&Uuid::from_u128(4));
        assert_eq!(audit(&acknowledged, &sent, &events).foreign, [Uuid::from_u128(4)]);
    }
}
