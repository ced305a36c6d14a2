use proptest::prelude::*;

use super::*;

fn client_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [9, 8, 7, 6];
    let mut frame = text_frame(|bytes| bytes.extend_from_slice(payload)).to_vec();
    let header = frame.len() - payload.len();
    frame[0] = first;
    frame[1] |= 0x80;
    frame.splice(header..header, mask);
    unmask(&mut frame[header + 4..], mask);
    frame
}

fn decode(chunks: &[Vec<u8>], max: usize) -> Result<Vec<Incoming>, Violation> {
    let mut decoder = Decoder::default();
    let mut all = Vec::new();
    for chunk in chunks {
        let mut chunk = chunk.clone();
        let mut input = decoder.begin(&mut chunk);
        while let Some(incoming) = decoder.next(&mut input, max)? {
            all.push(incoming);
        }
        decoder.keep(input);
    }
    Ok(all)
}

#[test]
fn the_answer_to_a_key_is_that_of_the_standard() {
    assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn frames_of_every_length_have_the_shortest_header() {
    for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
        let frame = text_frame(|bytes| bytes.resize(bytes.len() + length, b'x'));
        assert_eq!((frame.len(), frame[0]), (header + length, 0x81));
        assert_eq!(payload(&frame).len(), length);
        assert_eq!(frame_bytes(&[&frame[..], b"more"].concat()), frame.len());
        let decoded = decode(&[client_frame(0x81, &vec![b'x'; length])], 100_000);
        assert_eq!(decoded, Ok(vec![Incoming::Text("x".repeat(length))]));
    }
}

#[test]
fn a_decoder_at_rest_owns_nothing() {
    let mut decoder = Decoder::default();
    let frame = client_frame(0x81, b"hello");
    for part in frame.chunks(3) {
        let mut part = part.to_vec();
        let mut input = decoder.begin(&mut part);
        while decoder.next(&mut input, 100).expect("valid").is_some() {}
        decoder.keep(input);
    }
    assert_eq!((decoder.kept.capacity(), decoder.message), (0, None));
}

proptest! {
    #[test]
    fn any_tearing_gives_the_same_messages(
        texts in prop::collection::vec(("\\PC{0,40}", 0_usize..4), 1..6),
        cuts in prop::collection::vec(1_usize..30, 1..200),
    ) {
        let mut wire = Vec::new();
        for (text, fragments) in &texts {
            let bytes = text.as_bytes();
            let size = bytes.len() / (fragments + 1);
            let mut rest = bytes;
            for index in 0..*fragments {
                let (part, later) = rest.split_at(size);
                wire.extend(client_frame(u8::from(index == 0), part));
                wire.extend(client_frame(0x89, b"?"));
                rest = later;
            }
            wire.extend(client_frame(if *fragments == 0 { 0x81 } else { 0x80 }, rest));
        }
        let mut chunks = Vec::new();
        let mut cuts = cuts.iter().cycle();
        while !wire.is_empty() {
            let cut = (*cuts.next().expect("endless")).min(wire.len());
            chunks.push(wire.drain(..cut).collect());
        }
        let decoded = decode(&chunks, 1_000).expect("valid");
        let heard: Vec<_> = decoded.into_iter().filter_map(|incoming| match incoming {
            Incoming::Text(text) => Some(text),
            _ => None,
        }).collect();
        prop_assert_eq!(heard, texts.into_iter().map(|(text, _)| text).collect::<Vec<_>>());
    }

    #[test]
    fn no_bytes_make_the_decoder_panic_or_keep_more_than_a_frame(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
    ) {
        let mut decoder = Decoder::default();
        for mut chunk in chunks {
            let mut input = decoder.begin(&mut chunk);
            loop {
                match decoder.next(&mut input, 256) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return Ok(()),
                }
            }
            decoder.keep(input);
            prop_assert!(decoder.kept.len() < 256 + 14);
            prop_assert!(decoder.message.as_ref().is_none_or(|message| message.len() <= 256));
        }
    }
}
