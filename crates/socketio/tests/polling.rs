//! Long-polling and the upgrade to WebSocket.
mod common;

use std::time::Duration;

use common::app::{lock, message};
use common::{Site, Ws, site, until};
use serde_json::{Value, json};
use socketio::{Options, Reason};

const ROOM: &str = "room";

/// The `seq` of all messages in a body.
fn seqs(body: &str) -> Vec<u64> {
    let messages = body.split('\x1e').filter(|packet| packet.starts_with(r#"42["message","#));
    let seq = |packet: &str| {
        let (_, message): (String, Value) = serde_json::from_str(&packet[2..]).expect("an event");
        message["seq"].as_u64().expect("a seq")
    };
    messages.map(seq).collect()
}

fn post(site: &Site, text: &str) {
    site.app().append(ROOM, |seq| message(seq, ROOM, "nobody", text));
}

#[tokio::test]
async fn errors_are_those_of_engine_io() {
    let site = site(Options::default()).await;
    let sid = site.open_polling().await;
    let unknown = "A".repeat(28);
    let cases = [
        ("GET", "EIO=4".to_owned(), 400, 0, "Transport unknown"),
        ("GET", "EIO=4&transport=flash".into(), 400, 0, "Transport unknown"),
        ("GET", format!("EIO=4&transport=polling&sid={unknown}"), 400, 1, "Session ID unknown"),
        ("GET", "EIO=4&transport=polling&sid=%00".into(), 400, 1, "Session ID unknown"),
        ("POST", "EIO=4&transport=polling".into(), 400, 2, "Bad handshake method"),
        ("GET", "EIO=3&transport=polling".into(), 400, 5, "Unsupported protocol version"),
        ("PUT", format!("EIO=4&transport=polling&sid={sid}"), 400, 3, "Bad request"),
        ("GET", "EIO=4&transport=polling&j=0".into(), 400, 3, "JSONP is not supported"),
    ];
    for (method, query, status, code, message) in cases {
        let answer = site.request(method, &query, b"").await;
        let body = json!({ "code": code, "message": message }).to_string();
        assert_eq!(answer, (status, body), "{method} {query}");
    }
    let (status, body) = site.get("EIO=4&transport=websocket").await;
    assert_eq!(status, 400);
    assert!(body.contains("no WebSocket handshake"), "{body}");
}

#[tokio::test]
async fn a_socket_lives_on_polls_and_posts_alone() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    site.post(&sid, "420[\"echo\",\"é\"]\x1e421[\"join\",{\"room\":\"room\",\"after\":0}]").await;
    let mut seen = String::new();
    while !seen.contains("431[") {
        seen += &site.poll(&sid).await;
        seen.push('\x1e');
    }
    assert!(seen.contains("430[[\"é\"]]"), "{seen}");
    for text in 0..50 {
        post(&site, &text.to_string());
    }
    let mut got = Vec::new();
    while got.len() < 50 {
        got.extend(seqs(&site.poll(&sid).await));
    }
    assert_eq!(got, (1..=50).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_poll_waits_for_what_comes() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    site.post(&sid, r#"421["join",{"room":"room","after":0}]"#).await;
    assert!(site.poll(&sid).await.contains("431["));
    let (body, ()) = tokio::join!(site.poll(&sid), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        post(&site, "late");
    });
    assert_eq!(seqs(&body), [1]);
}

#[tokio::test]
async fn a_backlog_comes_in_bodies_of_limited_size() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    site.post(&sid, r#"421["join",{"room":"room","after":0}]"#).await;
    let text = "x".repeat(4_000);
    for _ in 0..300 {
        post(&site, &text);
    }
    let mut got = Vec::new();
    while got.len() < 300 {
        let body = site.poll(&sid).await;
        assert!(body.len() <= 128 * 1024);
        got.extend(seqs(&body));
    }
    assert_eq!(got, (1..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn bodies_that_are_too_long_binary_or_no_text_are_refused() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    assert_eq!(site.try_post(&sid, &vec![b'4'; 128 * 1024 + 1]).await.0, 413);
    let (status, body) = site.try_post(&sid, b"bAQID").await;
    assert_eq!((status, body.contains("Binary packets are not supported")), (400, true));
    let sid = site.connect_polling("ana").await;
    let (status, body) = site.try_post(&sid, b"4\xff").await;
    assert_eq!((status, body.contains("not UTF-8")), (400, true));
    until(|| *lock(&site.app().ended) == [Reason::Protocol; 2]).await;
}

#[tokio::test]
async fn two_polls_at_once_end_the_session() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    let query = format!("EIO=4&transport=polling&sid={sid}");
    let (one, two) = tokio::join!(site.get(&query), site.get(&query));
    assert_eq!((one.0, two.0), (400, 400));
    assert!((one.1 + &two.1).contains("There is another poll"));
    site.emptied().await;
}

#[tokio::test]
async fn a_client_can_leave_and_be_sent_away() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    site.post(&sid, "41\x1e1").await;
    let sid = site.connect_polling("ana").await;
    let (body, ()) = tokio::join!(site.poll(&sid), site.post(&sid, r#"42["quit"]"#));
    assert_eq!(body, "41");
    assert_eq!(site.poll(&sid).await, "1", "in a body of its own");
    site.emptied().await;
    until(|| *lock(&site.app().ended) == [Reason::Client, Reason::Server]).await;
}

#[tokio::test]
async fn who_does_not_poll_is_gone_after_the_ping_timeout() {
    let options = Options {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(200),
        ..Options::default()
    };
    let site = site(options).await;
    let sid = site.connect_polling("ana").await;
    site.emptied().await;
    let (status, _) = site.get(&format!("EIO=4&transport=polling&sid={sid}")).await;
    assert_eq!(status, 400);
}

async fn probe(site: &Site, sid: &str) -> Ws {
    let mut ws = Ws::open(site.address, &format!("EIO=4&transport=websocket&sid={sid}")).await;
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws
}

#[tokio::test]
async fn an_upgrade_ends_the_poll_that_waits_and_goes_on_by_websocket() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    let (body, mut ws) = tokio::join!(site.poll(&sid), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        probe(&site, &sid).await
    });
    assert_eq!(body, "6");
    assert_eq!(site.poll(&sid).await, "6", "polls end at once while upgrading");
    ws.send("5").await;
    assert_eq!(ws.ask("echo", &json!(1)).await, json!([1]));
    let (status, _) = site.get(&format!("EIO=4&transport=polling&sid={sid}")).await;
    assert_eq!(status, 400, "the session polls no more");
    assert_eq!(ws.ask("echo", &json!(2)).await, json!([2]));
}

#[tokio::test]
async fn messages_during_an_upgrade_arrive_once_and_in_order() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    site.post(&sid, r#"421["join",{"room":"room","after":0}]"#).await;
    let writer = async {
        for text in 0..500 {
            post(&site, &text.to_string());
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
    };
    let reader = async {
        let mut got = Vec::new();
        while got.len() < 100 {
            got.extend(seqs(&site.poll(&sid).await));
        }
        let (body, mut ws) = tokio::join!(site.poll(&sid), probe(&site, &sid));
        got.extend(seqs(&body));
        tokio::time::sleep(Duration::from_millis(20)).await;
        got.extend(seqs(&site.poll(&sid).await));
        ws.send("5").await;
        got.extend(ws.seqs(500 - got.len()).await);
        got
    };
    let ((), got) = tokio::join!(writer, reader);
    assert_eq!(got, (1..=500).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_is_sent_away_during_an_upgrade_is_told_so() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    let mut ws = probe(&site, &sid).await;
    site.post(&sid, r#"42["quit"]"#).await;
    until(|| *lock(&site.app().ended) == [Reason::Server]).await;
    ws.send("5").await;
    assert_eq!(ws.text().await, "41");
    assert_eq!(ws.closed().await, 1000);
    drop(ws);
    site.emptied().await;
}

#[tokio::test]
async fn a_failed_probe_leaves_the_session_polling() {
    let site = site(Options::default()).await;
    let sid = site.connect_polling("ana").await;
    drop(probe(&site, &sid).await);
    let mut wrong = Ws::open(site.address, &format!("EIO=4&transport=websocket&sid={sid}")).await;
    wrong.send("5").await;
    assert_eq!(wrong.frame().await, common::Frame::End);
    tokio::time::sleep(Duration::from_millis(50)).await;
    site.post(&sid, r#"420["echo",1]"#).await;
    assert_eq!(site.poll(&sid).await, "430[[1]]");
    let mut ws = probe(&site, &sid).await;
    ws.send("5").await;
    assert_eq!(ws.ask("echo", &json!(2)).await, json!([2]));
}

#[tokio::test]
async fn a_probe_for_nobody_is_closed() {
    let site = site(Options::default()).await;
    let query = format!("EIO=4&transport=websocket&sid={}", "A".repeat(28));
    let mut ws = Ws::open(site.address, &query).await;
    assert_eq!(ws.frame().await, common::Frame::End);
}
