//! What anybody may send to the authorization endpoint.
#![no_main]

libfuzzer_sys::fuzz_target!(|raw: &[u8]| identity::fuzzing::authorize_request(raw));
