//! Engine.IO and Socket.IO over WebSocket, well and badly spoken.
mod common;

use std::time::Duration;

use common::app::lock;
use common::{Frame, Ws, frame, site, until};
use serde_json::{Value, json};
use socketio::{Options, Reason};

const CONNECTED_AS_ANA: &str = r#"40{"token":"ana"}"#;

#[tokio::test]
async fn the_open_packet_says_what_the_server_does() {
    let site = site(Options::default()).await;
    let mut ws = Ws::open(site.address, "EIO=4&transport=websocket").await;
    let open = ws.text().await;
    let open: Value = serde_json::from_str(&open[1..]).expect("JSON");
    assert_eq!(
        (&open["pingInterval"], &open["pingTimeout"], &open["maxPayload"], &open["upgrades"]),
        (&json!(25_000), &json!(20_000), &json!(131_072), &json!([]))
    );
}

#[tokio::test]
async fn a_refused_connect_tells_why_and_may_be_tried_again() {
    let site = site(Options::default()).await;
    let mut ws = site.websocket().await;
    ws.send(r#"40{"token":"wrong"}"#).await;
    let refusal = ws.text().await;
    let refusal: Value =
        serde_json::from_str(refusal.strip_prefix("44").expect("refused")).unwrap();
    assert_eq!(refusal["message"], "Not signed in");
    assert_eq!(refusal["data"], json!({ "status": 401, "code": "unauthenticated" }));
    ws.send(CONNECTED_AS_ANA).await;
    assert!(ws.text().await.starts_with("40{"));
}

#[tokio::test]
async fn another_namespace_is_invalid_and_the_main_one_still_works() {
    let site = site(Options::default()).await;
    let mut ws = site.websocket().await;
    ws.send("40/admin,").await;
    assert_eq!(ws.text().await, r#"44/admin,{"message":"Invalid namespace"}"#);
    ws.send(CONNECTED_AS_ANA).await;
    assert!(ws.text().await.starts_with("40{"));
}

#[tokio::test]
async fn events_sent_right_behind_connect_and_with_the_handshake_are_not_lost() {
    let site = site(Options::default()).await;
    let mut ahead = frame(0x81, br#"40{"token":"slow-100"}"#);
    for id in 0..20 {
        ahead.extend(frame(0x81, format!(r#"42{id}["echo",{id}]"#).as_bytes()));
    }
    let mut ws = Ws::open_with(site.address, "EIO=4&transport=websocket", &ahead).await;
    for id in 0..20 {
        assert_eq!(ws.ack(id).await, json!([id]));
    }
}

#[tokio::test]
async fn events_behind_a_refused_connect_are_not_handled() {
    let site = site(Options::default()).await;
    let mut ws = site.websocket().await;
    ws.send(r#"40{"token":"wrong"}"#).await;
    ws.send(r#"421["echo",1]"#).await;
    assert!(ws.text().await.starts_with("44"));
    ws.send(CONNECTED_AS_ANA).await;
    ws.send(r#"422["echo",2]"#).await;
    let mut seen = Vec::new();
    while !seen.iter().any(|text: &String| text.starts_with("432")) {
        seen.push(ws.text().await);
    }
    assert!(!seen.iter().any(|text| text.starts_with("431")), "{seen:?}");
}

#[tokio::test]
async fn torn_frames_are_put_together() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    let text = format!(r#"425["echo","{}"]"#, "é".repeat(300));
    for byte in frame(0x81, text.as_bytes()) {
        ws.raw(&[byte]).await;
    }
    assert_eq!(ws.ack(5).await, json!(["é".repeat(300)]));
}

#[tokio::test]
async fn fragments_are_put_together_around_control_frames() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.raw(&frame(0x01, br#"426["echo","a"#)).await;
    ws.raw(&frame(0x89, b"are you there")).await;
    ws.raw(&frame(0x00, b"b")).await;
    ws.raw(&frame(0x00, b"")).await;
    ws.raw(&frame(0x8a, b"")).await;
    ws.raw(&frame(0x80, br#"c"]"#)).await;
    assert_eq!(ws.frame().await, Frame::Pong(b"are you there".to_vec()));
    assert_eq!(ws.ack(6).await, json!(["abc"]));
}

#[tokio::test]
async fn what_breaks_the_framing_is_closed_with_its_code() {
    let site = site(Options::default()).await;
    let huge = [0x81, 0xff, 0, 0, 0, 0, 0, 2, 0, 1, 1, 2, 3, 4];
    let mut fragments = frame(0x01, &vec![b'4'; 70_000]);
    fragments.extend(frame(0x80, &vec![b'4'; 70_000]));
    let cases: [(&str, Vec<u8>, u16); 13] = [
        ("a frame without a mask", vec![0x81, 1, b'3'], 1002),
        ("a reserved bit", frame(0xc1, b"3"), 1002),
        ("an unknown opcode", frame(0x83, b"3"), 1002),
        ("a fragmented ping", frame(0x09, b""), 1002),
        ("a long ping", frame(0x89, &[0; 126]), 1002),
        ("a continuation of nothing", frame(0x80, b"3"), 1002),
        ("a message within a message", [frame(0x01, b"3"), frame(0x81, b"3")].concat(), 1002),
        ("a length that is not the shortest", vec![0x81, 0xfe, 0, 1, 1, 2, 3, 4, 0], 1002),
        ("binary", frame(0x82, b"3"), 1003),
        ("no UTF-8", frame(0x81, b"4\xc3\x28"), 1007),
        ("a frame over the limit", huge.to_vec(), 1009),
        ("a message over the limit", fragments, 1009),
        ("an invalid close code", frame(0x88, &1005_u16.to_be_bytes()), 1002),
    ];
    for (name, bytes, code) in cases {
        let mut ws = site.connect("ana").await;
        ws.raw(&bytes).await;
        assert_eq!(ws.closed().await, code, "{name}");
        assert_eq!(ws.frame().await, Frame::End, "{name}");
    }
    until(|| lock(&site.app().ended).len() == 13).await;
    assert!(lock(&site.app().ended).iter().all(|reason| *reason == Reason::Protocol));
}

#[tokio::test]
async fn what_breaks_the_protocol_is_closed() {
    let site = site(Options::default()).await;
    let deep = format!(r#"42["echo",{}{}]"#, "[".repeat(50), "]".repeat(50));
    let wide = format!(r#"42["echo",[{}0]]"#, "0,".repeat(20_000));
    let cases = [
        "",
        "9",
        "2",
        "5",
        "0{}",
        "44{}",
        "451-[\"a\"]",
        CONNECTED_AS_ANA,
        "42",
        "42[]",
        "42[1]",
        r#"42["connect"]"#,
        r#"42/admin,["a"]"#,
        "42[\"a\"",
        &deep,
        &wide,
    ];
    for text in cases {
        let mut ws = site.connect("ana").await;
        ws.send(text).await;
        assert_eq!(ws.closed().await, 1008, "{text}");
    }
    for text in [r#"42["echo"]"#, "41", "40[1,"] {
        let mut ws = site.websocket().await;
        ws.send(text).await;
        assert_eq!(ws.closed().await, if text == "41" { 1000 } else { 1008 }, "{text}");
    }
    site.emptied().await;
}

#[tokio::test]
async fn the_largest_message_passes_and_one_byte_more_does_not() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    let text = |bytes: usize| format!(r#"421["echo","{}"]"#, "x".repeat(bytes - 14));
    ws.send(&text(128 * 1024)).await;
    let echo = ws.ack(1).await;
    assert_eq!(echo[0].as_str().map(str::len), Some(128 * 1024 - 14));
    ws.send(&text(128 * 1024 + 1)).await;
    assert_eq!(ws.closed().await, 1009);
}

#[tokio::test]
async fn events_of_a_socket_are_handled_in_order_with_sixteen_in_flight() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.ask("join", &json!({ "room": "r" })).await;
    let mut sent = 0_u64;
    let mut acked = 0_u64;
    let mut seqs = Vec::new();
    while seqs.len() < 400 {
        while sent < 400 && sent < acked + 16 {
            ws.emit(sent, "sendMessage", &json!({ "room": "r", "text": sent.to_string() })).await;
            sent += 1;
        }
        let text = ws.text().await;
        if let Some(ack) = text.strip_prefix("43") {
            let (id, body) = ack.split_at(ack.find('[').expect("an ack"));
            assert_eq!(id, acked.to_string(), "acks come in the order of the handlers");
            let body: Value = serde_json::from_str(body).expect("JSON");
            assert_eq!(body[0]["seq"], acked + 1);
            acked += 1;
        } else {
            let [_, message]: [Value; 2] = serde_json::from_str(&text[2..]).expect("an event");
            assert_eq!(message["text"], (message["seq"].as_u64().expect("seq") - 1).to_string());
            seqs.push(message["seq"].as_u64().expect("seq"));
        }
    }
    assert_eq!(seqs, (1..=400).collect::<Vec<_>>());
}

#[tokio::test]
async fn acks_may_come_later_and_out_of_order() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.emit(1, "later", &json!(300)).await;
    ws.emit(2, "later", &json!(1)).await;
    assert!(ws.text().await.starts_with("432["));
    assert!(ws.text().await.starts_with("431["));
}

#[tokio::test]
async fn input_waits_while_handlers_are_busy_and_nothing_is_lost() {
    let options = Options { events_waiting_max: 4, acks_in_flight_max: 2, ..Options::default() };
    let site = site(options).await;
    site.app().work_ms.store(1, std::sync::atomic::Ordering::Relaxed);
    let mut ws = site.connect("ana").await;
    for id in 0..100 {
        let name = if id % 3 == 0 { "later" } else { "work" };
        ws.emit(id, name, &json!(id % 5)).await;
    }
    let mut acked = 0;
    while acked < 100 {
        acked += u32::from(ws.text().await.starts_with("43"));
    }
}

#[tokio::test]
async fn a_panic_in_a_handler_ends_its_socket_only() {
    let site = site(Options::default()).await;
    let mut bystander = site.connect("ben").await;
    let mut ws = site.connect("ana").await;
    ws.send(r#"42["panic"]"#).await;
    assert_eq!(ws.text().await, "41");
    assert_eq!(ws.closed().await, 1000);
    assert_eq!(bystander.ask("echo", &json!(1)).await, json!([1]));
}

#[tokio::test]
async fn both_sides_can_say_goodbye() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    ws.send(r#"42["quit"]"#).await;
    assert_eq!(ws.text().await, "41");
    assert_eq!(ws.closed().await, 1000);
    let mut ws = site.connect("ana").await;
    ws.send("41").await;
    assert_eq!(ws.closed().await, 1000);
    let mut ws = site.connect("ana").await;
    ws.raw(&frame(0x88, &1001_u16.to_be_bytes())).await;
    assert_eq!(ws.closed().await, 1000);
    drop(site.connect("ana").await);
    site.emptied().await;
    until(|| lock(&site.app().ended).len() == 4).await;
    let expected = [Reason::Server, Reason::Client, Reason::Transport, Reason::Transport];
    assert_eq!(*lock(&site.app().ended), expected);
}

#[tokio::test]
async fn a_signed_out_person_is_disconnected_even_while_connecting() {
    let site = site(Options::default()).await;
    let mut ana = site.connect("ana").await;
    let mut ben = site.connect("ben").await;
    let mut slow = site.websocket().await;
    slow.send(r#"40{"token":"slow-200"}"#).await;
    tokio::time::sleep(Duration::from_millis(50)).await; // CONNECT is being decided.
    site.server.disconnect_where(|session| session.name != "ben");
    assert_eq!(ana.text().await, "41");
    slow.closed().await;
    assert_eq!(ben.ask("echo", &json!(1)).await, json!([1]));
    site.server.disconnect_key(common::app::id_of("ben"));
    assert_eq!(ben.text().await, "41");
    site.emptied().await;
}

#[tokio::test]
async fn who_does_not_connect_or_does_not_answer_pings_is_closed() {
    let options = Options {
        connect_timeout: Duration::from_millis(200),
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(600),
        ..Options::default()
    };
    let site = site(options).await;
    let mut alive = site.connect("alive").await;
    let mut idle = site.websocket().await;
    let mut mute = site.connect("mute").await;
    mute.answers_pings = false;
    let closed = async { (idle.closed().await, mute.closed().await) };
    let talks = async {
        let end = tokio::time::Instant::now() + Duration::from_secs(1);
        while tokio::time::Instant::now() < end {
            assert_eq!(alive.ask("echo", &json!(1)).await, json!([1]));
        }
    };
    let (codes, ()) = tokio::join!(closed, talks);
    assert_eq!(codes, (1000, 1000));
    until(|| *lock(&site.app().ended) == [Reason::PingTimeout]).await;
}

#[tokio::test]
async fn connections_are_capped_and_places_come_back() {
    let site = site(Options { connections_max: 2, ..Options::default() }).await;
    let one = site.websocket().await;
    let _two = site.open_polling().await;
    let (status, body) = site.get("EIO=4&transport=polling").await;
    assert_eq!((status, body.as_str()), (503, r#"{"code":4,"message":"Too many connections"}"#));
    drop(one);
    until(|| site.server.connections() == 1).await;
    site.websocket().await;
}

#[tokio::test]
async fn a_shutdown_closes_everything_and_takes_nothing_new() {
    let site = site(Options::default()).await;
    let mut ws = site.connect("ana").await;
    site.connect_polling("ben").await;
    site.server.shutdown();
    assert_eq!(ws.closed().await, 1001);
    drop(ws);
    site.emptied().await;
    until(|| *lock(&site.app().ended) == [Reason::Shutdown; 2]).await;
    assert_eq!(site.get("EIO=4&transport=polling").await.0, 503);
}
