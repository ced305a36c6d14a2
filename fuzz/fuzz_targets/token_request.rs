//! What anybody may send to the token endpoint.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| identity::fuzzing::token_request(raw));
