//! The harness of the black-box tests: the real program, real databases, real sockets.
//!
//! Nothing here knows how the server is built. A test starts `tertulia all` in an empty folder
//! with [`TestServer::start`], makes people with the operator's commands and then talks HTTP and
//! Socket.IO like any client. Waiting is always for a condition with a deadline, never for a
//! length of time.

pub mod audit;
pub mod bombs;
pub mod browser;
pub mod client;
pub mod console;
pub mod database;
pub mod environment;
pub mod files;
pub mod functions;
pub mod lambda;
pub mod load;
pub mod mail;
pub mod person;
pub mod process;
pub mod push;
pub mod server;
pub mod smtp;
pub mod socket;
pub mod speech;
pub mod wait;

pub use browser::Browser;
pub use client::Answer;
pub use console::Console;
pub use person::Person;
pub use server::{Options, TestServer};
pub use socket::{Event, Socket};
pub use wait::{eventually, eventually_for};
