use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn a_sid_reads_back_and_nothing_else_does() {
    let sid = Sid::new(3, 70_000);
    assert_eq!(Sid::parse(&sid.to_string()), Some(sid));
    assert_eq!(sid.to_string().len(), 28);
    for wrong in ["", "a", "!!!", &"A".repeat(27), &"A".repeat(29), &"A".repeat(4_000)] {
        assert_eq!(Sid::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn packets_of_clients_are_told_apart() {
    let connect = |namespace, auth| Message::Connect { namespace, auth };
    assert_eq!(Message::parse("0"), connect("/", ""));
    assert_eq!(Message::parse(r#"0{"token":1}"#), connect("/", r#"{"token":1}"#));
    assert_eq!(Message::parse("0/admin,"), connect("/admin", ""));
    assert_eq!(Message::parse("0/admin?a=1,{}"), connect("/admin", "{}"));
    assert_eq!(Message::parse("0/?a=1,{}"), connect("/", "{}"));
    assert_eq!(Message::parse("1"), Message::Disconnect);
    assert_eq!(Message::parse(r#"2["a"]"#), Message::Event(r#"["a"]"#));
    assert_eq!(Message::parse(r#"2/admin,["a"]"#), Message::Invalid);
    assert_eq!(Message::parse("37[]"), Message::Ack);
    for invalid in ["", "4{}", "51-[]", "61-[]", "9", "é"] {
        assert_eq!(Message::parse(invalid), Message::Invalid, "{invalid}");
    }
}

#[test]
fn events_need_a_name_and_a_decimal_ack_id() {
    let parse = |text| Event::parse(text, &Options::default());
    let event = parse(r#"12["say",{"text":"a[b"},2]"#).expect("an event");
    assert_eq!((event.id, event.name.as_str()), (Some(12), "say"));
    assert_eq!(event.args, [json!({ "text": "a[b" }), json!(2)]);
    assert_eq!(parse(r#"["say"]"#).and_then(|event| event.id), None);
    for wrong in [
        "",
        "[]",
        "[1]",
        "12",
        r#"-1["a"]"#,
        r#"+1["a"]"#,
        r#"1e3["a"]"#,
        r#"["a"] x"#,
        r#"["connect"]"#,
        r#"["disconnect"]"#,
        r#"99999999999999999999999["a"]"#,
        r#"{"a":["b"]}"#,
    ] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
    let deep = format!(r#"["a",{}{}]"#, "[".repeat(40), "]".repeat(40));
    assert_eq!(parse(&deep), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC{0,200}") {
        let _ = Message::parse(&text);
        let _ = Event::parse(&text, &Options::default());
        let _ = Sid::parse(&text);
    }

    #[test]
    fn an_event_reads_back(id in proptest::option::of(any::<u64>()), arg in "\\PC{0,50}") {
        let prefix = id.map(|id| id.to_string()).unwrap_or_default();
        let text = format!("{prefix}{}", json!(["say", arg]));
        let event = Event::parse(&text, &Options::default()).expect("an event");
        prop_assert_eq!(event, Event { id, name: "say".into(), args: vec![json!(arg)] });
    }
}
