//! Sockets as views of logs: resume, catch-up, live delivery, slow readers, ends.
mod common;

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::app::{id_of, lock, message};
use common::{Site, Ws, removal, site, until};
use serde_json::json;
use socketio::{Options, Reason};

const ROOM: &str = "room";

fn post(site: &Site, text: &str) -> u64 {
    site.app().append(ROOM, |seq| message(seq, ROOM, "nobody", text))
}

fn all(range: std::ops::RangeInclusive<u64>) -> Vec<u64> {
    range.collect()
}

async fn join(ws: &mut Ws, after: u64) {
    // Messages may come before the answer, so it is not waited for.
    ws.emit(9, "join", &json!({ "room": ROOM, "after": after })).await;
}

#[tokio::test]
async fn a_cursor_goes_through_the_past_into_the_present() {
    let site = site(Options::default()).await;
    for text in 0..1_000 {
        post(&site, &text.to_string());
    }
    let mut early = site.connect("ana").await;
    let mut late = site.connect("ben").await;
    join(&mut early, 0).await;
    join(&mut late, 990).await;
    for text in 1_000..1_500 {
        post(&site, &text.to_string());
        if text % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(early.seqs(1_500).await, all(1..=1_500));
    assert_eq!(late.seqs(510).await, all(991..=1_500));
}

#[tokio::test]
async fn a_resume_from_memory_needs_no_read() {
    let site = site(Options::default()).await;
    let mut witness = site.connect("ana").await;
    witness.ask("join", &json!({ "room": ROOM })).await;
    for text in 0..100 {
        post(&site, &text.to_string());
    }
    witness.seqs(100).await;
    let reads = site.app().reads.load(Ordering::Relaxed);
    let mut back = site.connect("ben").await;
    join(&mut back, 50).await;
    assert_eq!(back.seqs(50).await, all(51..=100));
    assert_eq!(site.app().reads.load(Ordering::Relaxed), reads);
}

#[tokio::test]
async fn those_who_need_the_same_share_a_read() {
    let site = site(Options { shards: 1, ..Options::default() }).await;
    for text in 0..2_000 {
        post(&site, &text.to_string());
    }
    site.app().read_ms.store(100, Ordering::Relaxed);
    let mut sockets = Vec::new();
    for name in 0..20 {
        sockets.push(site.connect(&format!("p{name}")).await);
    }
    for socket in &mut sockets {
        join(socket, 1_900).await;
    }
    for socket in &mut sockets {
        assert_eq!(socket.seqs(100).await, all(1_901..=2_000));
    }
    assert!(site.app().reads.load(Ordering::Relaxed) <= 3);
}

#[tokio::test]
async fn entries_published_out_of_order_arrive_in_order() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.ask("join", &json!({ "room": ROOM })).await;
    for seq in 1..=400 {
        site.app().append_silently(ROOM, &seq.to_string());
    }
    let publish = |seq| {
        let entry = site.app().entry(ROOM, seq).expect("it was appended");
        site.server.publish(id_of(ROOM), entry);
    };
    for block in 0..40 {
        for offset in [7, 2, 9, 0, 4, 1, 8, 3, 6, 5] {
            publish(block * 10 + offset + 1);
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(ws.seqs(400).await, all(1..=400));
}

#[tokio::test]
async fn entries_that_are_never_published_are_read() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.ask("join", &json!({ "room": ROOM })).await;
    post(&site, "1");
    site.app().append_silently(ROOM, "2");
    site.app().append_silently(ROOM, "3");
    post(&site, "4");
    assert_eq!(ws.seqs(4).await, all(1..=4));
    site.app().append_silently(ROOM, "5");
    site.server.announce(id_of(ROOM), 5);
    assert_eq!(ws.seqs(1).await, [5]);
    // A head that the log does not have yet is asked for again until it has.
    site.server.announce(id_of(ROOM), 6);
    tokio::time::sleep(Duration::from_millis(100)).await;
    site.app().append_silently(ROOM, "6");
    assert_eq!(ws.seqs(1).await, [6]);
}

#[tokio::test]
async fn joining_while_others_post_leaves_nothing_out() {
    let site = site(Options { ring_entries_max: 16, ..Options::default() }).await;
    site.app().read_ms.store(2, Ordering::Relaxed);
    let writer = async {
        for text in 0..3_000 {
            post(&site, &text.to_string());
            if text % 10 == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    };
    let reader = async |name: String| {
        let mut ws = site.connect(&name).await;
        join(&mut ws, 0).await;
        assert_eq!(ws.seqs(1_000).await, all(1..=1_000));
        drop(ws);
        let mut ws = site.connect(&name).await;
        join(&mut ws, 1_000).await;
        assert_eq!(ws.seqs(2_000).await, all(1_001..=3_000));
    };
    let readers = futures::future::join_all((0..8).map(|name| reader(name.to_string())));
    tokio::join!(writer, readers);
}

#[tokio::test]
async fn leaving_ends_the_delivery_and_joining_again_does_not_repeat() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.ask("join", &json!({ "room": ROOM })).await;
    post(&site, "1");
    assert_eq!(ws.seqs(1).await, [1]);
    ws.ask("join", &json!({ "room": ROOM, "after": 0 })).await;
    ws.ask("leave", &json!({ "room": ROOM })).await;
    post(&site, "2");
    assert_eq!(ws.ask("echo", &json!(1)).await, json!([1]));
    join(&mut ws, 1).await;
    assert_eq!(ws.seqs(1).await, [2]);
}

#[tokio::test]
async fn membership_ends_at_its_entry() {
    let site = site(Options::default()).await;
    let mut ana = site.connect("ana").await;
    let mut ben = site.connect("ben").await;
    for ws in [&mut ana, &mut ben] {
        ws.ask("join", &json!({ "room": ROOM })).await;
    }
    post(&site, "1");
    site.app().append(ROOM, |seq| removal(seq, ROOM, "ben"));
    post(&site, "3");
    assert_eq!(ana.event("memberLeft").await["seq"], 2);
    assert_eq!(ana.seqs(1).await, [3]);
    assert_eq!(ben.seqs(1).await, [1]);
    assert!(ben.text().await.starts_with(r#"42["ended","#), "nothing between");
    assert_eq!(ben.ask("echo", &json!(1)).await, json!([1]));
    // Verified again after the removal, the same entry ends nothing.
    join(&mut ben, 1).await;
    assert_eq!(ben.event("memberLeft").await["seq"], 2);
    assert_eq!(ben.seqs(1).await, [3]);
}

#[tokio::test]
async fn all_sockets_of_a_person_can_be_told_to_stop_or_reached() {
    let site = site(Options::default()).await;
    let mut ana = site.connect("ana").await;
    let mut ben = site.connect("ben").await;
    for ws in [&mut ana, &mut ben] {
        ws.ask("join", &json!({ "room": ROOM })).await;
    }
    site.server.unfollow_key(id_of(ROOM), id_of("ben"));
    post(&site, "1");
    let packet = socketio::Packet::event("roomsChanged", &json!({}));
    site.server.emit_to_key(id_of("ben"), &packet);
    assert!(ben.text().await.contains("roomsChanged"));
    assert_eq!(ana.seqs(1).await, [1]);
    site.server.emit_where(|session| session.name == "ana", &packet);
    assert!(ana.text().await.contains("roomsChanged"));
}

#[tokio::test]
async fn ephemeral_events_reach_the_other_followers() {
    let site = site(Options::default()).await;
    let mut ana = site.connect("ana").await;
    let mut ben = site.connect("ben").await;
    let mut eve = site.connect("eve").await;
    for ws in [&mut ana, &mut ben] {
        ws.ask("join", &json!({ "room": ROOM })).await;
    }
    ana.emit(1, "typing", &json!({ "room": ROOM })).await;
    assert!(ana.text().await.starts_with("431["), "not to the one who types");
    assert_eq!(ben.event("typing").await["name"], "ana");
    eve.emit(1, "echo", &json!(1)).await;
    assert!(eve.text().await.starts_with("431["), "not to a stranger");
}

#[tokio::test]
async fn too_far_behind_is_told_and_following_ends() {
    let site = site(Options::default()).await;
    site.app().horizon.store(10, Ordering::Relaxed);
    for text in 0..50 {
        post(&site, &text.to_string());
    }
    let mut ws = site.connect("ana").await;
    join(&mut ws, 3).await;
    assert_eq!(ws.event("reset").await["topic"], json!(id_of(ROOM)));
    post(&site, "51");
    assert_eq!(ws.ask("echo", &json!(1)).await, json!([1]));
    join(&mut ws, 45).await;
    assert_eq!(ws.seqs(6).await, all(46..=51));
}

#[tokio::test]
async fn what_was_rewritten_is_not_delivered_from_memory() {
    let site = site(Options::default()).await;
    let mut witness = site.connect("ana").await;
    witness.ask("join", &json!({ "room": ROOM })).await;
    for text in ["a", "secret", "c"] {
        post(&site, text);
    }
    witness.seqs(3).await;
    let stale = site.app().entry(ROOM, 2).expect("it exists");
    site.app().rewrite(ROOM, 2, "");
    site.server.forget(id_of(ROOM), 4);
    post(&site, "deleted 2");
    site.server.publish(id_of(ROOM), stale);
    let mut back = site.connect("ben").await;
    join(&mut back, 0).await;
    for text in ["a", "", "c", "deleted 2"] {
        assert_eq!(back.event("message").await["text"], text);
    }
    assert_eq!(witness.event("message").await["text"], "deleted 2");
}

#[tokio::test]
async fn topics_of_a_socket_are_capped() {
    let site = site(Options { topics_max: 2, ..Options::default() }).await;
    let mut ws = site.connect("ana").await;
    for (room, ok) in [("a", true), ("b", true), ("c", false)] {
        let answer = ws.ask("join", &json!({ "room": room })).await;
        assert_eq!(answer["ok"], ok, "{room}");
        ws.ask("echo", &json!(1)).await;
    }
    ws.ask("leave", &json!({ "room": "a" })).await;
    ws.ask("echo", &json!(1)).await;
    assert_eq!(ws.ask("join", &json!({ "room": "c" })).await["ok"], true);
}

#[tokio::test]
async fn slow_readers_end_with_everything_in_order_and_others_notice_nothing() {
    const MESSAGES: u64 = 4_000;
    let site = site(Options::default()).await;
    let text = "x".repeat(4_000);
    let mut slow = Vec::new();
    for name in 0..5 {
        slow.push(site.connect(&format!("slow{name}")).await);
    }
    let mut quick = site.connect("quick").await;
    for ws in slow.iter_mut().chain([&mut quick]) {
        ws.ask("join", &json!({ "room": ROOM })).await;
    }
    let mut worst = Duration::ZERO;
    for seq in 1..=MESSAGES {
        let start = std::time::Instant::now();
        post(&site, &text);
        assert_eq!(quick.seqs(1).await, [seq]);
        worst = worst.max(start.elapsed());
    }
    assert!(worst < Duration::from_secs(1), "{worst:?}");
    for ws in &mut slow {
        assert_eq!(ws.seqs(4_000).await, all(1..=MESSAGES));
    }
}

#[tokio::test]
async fn who_does_not_drain_at_all_is_closed_and_resumes() {
    let options = Options {
        ping_interval: Duration::from_mins(1),
        ping_timeout: Duration::from_millis(500),
        ..Options::default()
    };
    let site = site(options).await;
    let mut stalled = site.connect("ana").await;
    stalled.ask("join", &json!({ "room": ROOM })).await;
    let text = "x".repeat(16_000);
    for _ in 0..1_000 {
        post(&site, &text);
    }
    site.emptied().await;
    until(|| *lock(&site.app().ended) == [Reason::SlowConsumer]).await;
    let mut got = 0;
    while let Some(seq) = next_message(&mut stalled).await {
        got += 1;
        assert_eq!(seq, got);
    }
    assert!(got > 0 && got < 1_000, "{got}");
    let mut back = site.connect("ana").await;
    join(&mut back, got).await;
    let left = usize::try_from(1_000 - got).expect("small");
    assert_eq!(back.seqs(left).await, all(got + 1..=1_000));
}

/// The next whole message that arrived before the connection broke.
async fn next_message(ws: &mut Ws) -> Option<u64> {
    ws.answers_pings = false;
    loop {
        match ws.frame().await {
            common::Frame::Text(text) if text.starts_with(r#"42["message","#) => {
                let (_, message): (String, serde_json::Value) =
                    serde_json::from_str(&text[2..]).expect("an event");
                return message["seq"].as_u64();
            }
            common::Frame::End => return None,
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_its_acks_is_not_read() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    let arg = "x".repeat(60_000);
    let request = common::frame(0x81, format!(r#"421["echo","{arg}"]"#).as_bytes());
    let mut sent = 0;
    let pause = Duration::from_millis(500);
    while sent < 2_000 && tokio::time::timeout(pause, ws.raw(&request)).await.is_ok() {
        sent += 1;
    }
    assert!(sent < 2_000, "the server reads without end");
    let mut acked = 0;
    while acked < sent {
        acked += u32::from(ws.text().await.starts_with("431["));
    }
}

#[tokio::test]
async fn heartbeats_carry_the_cursors() {
    let options = Options { ping_interval: Duration::from_millis(100), ..Options::default() };
    let site = site(options).await;
    let mut ws = site.connect("ana").await;
    ws.ask("join", &json!({ "room": ROOM })).await;
    post(&site, "1");
    ws.seqs(1).await;
    let heads = ws.event("heads").await;
    assert_eq!(heads, json!({ id_of(ROOM).to_string(): 1 }));
    until(|| site.server.connections() == 1).await;
}
