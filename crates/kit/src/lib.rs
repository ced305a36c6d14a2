//! The ground every service stands on: configuration, errors, database, time, keys, mail, HTTP.
//!
//! Nothing here knows what a room, a message or an account is. A thing moves here only when two
//! services use it.
pub mod blobs;
pub mod caller;
pub mod clock;
pub mod config;
pub mod cookie;
pub mod db;
pub mod dpop;
pub mod egress;
pub mod http;
pub mod jobs;
pub mod jose;
pub mod json;
pub mod keys;
pub mod limit;
pub mod mail;
pub mod network;
pub mod problem;
pub mod range;
pub mod reference;
pub mod secret;
pub mod signature;
pub mod sms;
pub mod telemetry;
pub mod web_push;
