use super::*;
use crate::Packet;

const TOPIC: Uuid = Uuid::nil();

fn entry(seq: u64) -> LogEntry {
    LogEntry { seq, packet: Packet::event("e", &seq), ends: None }
}

fn logs() -> Logs {
    let logs = Logs::new(&Options { ring_entries_max: 4, ..Options::default() });
    let epoch = logs.enter(TOPIC, 1).epoch;
    assert_eq!(logs.learn(TOPIC, 0, epoch, &[]), Some(0b10));
    logs.awake(TOPIC, 1);
    logs
}

fn copied(logs: &Logs, after: u64) -> Vec<u64> {
    let mut entries = Vec::new();
    logs.copy(TOPIC, after, usize::MAX, &mut entries);
    entries.iter().map(|entry| entry.seq).collect()
}

#[test]
fn what_nobody_follows_is_not_kept() {
    let logs = Logs::new(&Options::default());
    assert_eq!(logs.publish(TOPIC, entry(1)), News::default());
    assert_eq!(copied(&logs, 0), [0_u64; 0]);
}

#[test]
fn a_shard_is_woken_once_until_it_looks() {
    let logs = logs();
    let news = |seq| logs.publish(TOPIC, entry(seq)).wake;
    assert_eq!((news(1), news(2)), (0b10, 0));
    logs.awake(TOPIC, 1);
    assert_eq!(news(3), 0b10);
    assert_eq!(copied(&logs, 1), [2, 3]);
}

#[test]
fn entries_that_come_too_early_wait_for_the_others() {
    let logs = logs();
    logs.publish(TOPIC, entry(1));
    assert_eq!(logs.publish(TOPIC, entry(4)), News { wake: 0, gap: true });
    assert_eq!(logs.publish(TOPIC, entry(3)), News { wake: 0, gap: false });
    assert_eq!(copied(&logs, 0), [1]);
    logs.publish(TOPIC, entry(2));
    assert_eq!(copied(&logs, 0), [1, 2, 3, 4]);
}

#[test]
fn a_gap_that_stays_is_left_to_the_log() {
    let logs = logs();
    logs.publish(TOPIC, entry(1));
    logs.awake(TOPIC, 1);
    logs.publish(TOPIC, entry(3));
    assert_eq!(logs.heal(TOPIC), 0b10);
    assert_eq!(copied(&logs, 1), [0_u64; 0]);
    assert_eq!(copied(&logs, 2), [3]);
    assert_eq!(logs.copy(TOPIC, 1, 9, &mut Vec::new()).head, Some(3));
}

#[test]
fn the_ring_keeps_the_latest_within_its_bounds() {
    let logs = logs();
    for seq in 1..=9 {
        logs.publish(TOPIC, entry(seq));
    }
    assert_eq!(copied(&logs, 5), [6, 7, 8, 9]);
    assert_eq!(copied(&logs, 4), [0_u64; 0]);
    let total = logs.limits.total.load(Ordering::Relaxed);
    assert_eq!(total, 4 * cost(&entry(9)));
    logs.leave(TOPIC, 1, Instant::now());
    logs.sweep(Instant::now() + IDLE_KEPT);
    assert_eq!(logs.limits.total.load(Ordering::Relaxed), 0);
}

#[test]
fn what_is_forgotten_is_not_taken_back_from_late_publishers_or_readers() {
    let logs = logs();
    logs.publish(TOPIC, entry(1));
    let epoch = logs.copy(TOPIC, 0, 9, &mut Vec::new()).epoch;
    logs.forget(TOPIC, 3);
    assert_eq!(logs.learn(TOPIC, 0, epoch, &[entry(1)]), None);
    logs.publish(TOPIC, entry(2));
    assert_eq!(copied(&logs, 0), [0_u64; 0]);
    logs.publish(TOPIC, entry(3));
    logs.heal(TOPIC);
    assert_eq!(copied(&logs, 2), [3]);
}

#[test]
fn a_read_extends_the_ring_on_both_sides_and_wakes_who_did_not_know() {
    let logs = logs();
    logs.publish(TOPIC, entry(3));
    logs.awake(TOPIC, 1);
    let epoch = logs.copy(TOPIC, 0, 9, &mut Vec::new()).epoch;
    let read: Vec<_> = (1..=4).map(entry).collect();
    assert_eq!(logs.learn(TOPIC, 0, epoch, &read), Some(0b10));
    assert_eq!(copied(&logs, 0), [1, 2, 3, 4]);
}

#[test]
fn the_end_is_known_only_after_a_page_that_is_not_full() {
    let logs = Logs::new(&Options { read_entries_max: 2, ..Options::default() });
    let view = logs.enter(TOPIC, 0);
    let head = || logs.copy(TOPIC, 0, 9, &mut Vec::new()).head;
    logs.publish(TOPIC, entry(3));
    assert_eq!(head(), None, "entry 4 may have been published before anybody listened");
    logs.learn(TOPIC, 0, view.epoch, &[entry(1), entry(2)]);
    assert_eq!(head(), None);
    logs.learn(TOPIC, 2, view.epoch, &[entry(3)]);
    assert_eq!(head(), Some(3));
}

#[test]
fn what_was_announced_before_the_survey_is_not_forgotten_by_it() {
    let logs = Logs::new(&Options::default());
    let view = logs.enter(TOPIC, 0);
    assert_eq!(logs.announce(TOPIC, 9).wake, 0);
    logs.learn(TOPIC, 7, view.epoch, &[entry(8)]);
    assert_eq!(logs.copy(TOPIC, 8, 9, &mut Vec::new()).head, Some(9));
}
