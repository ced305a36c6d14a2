//! Black-box tests: the real program, asked from outside. See `tests/src/lib.rs` for the harness.

mod chat;
mod identity;
mod laws;
mod whole;
