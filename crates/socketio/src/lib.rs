//! The socketio crate.
