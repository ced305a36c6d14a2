//! The chat crate.
