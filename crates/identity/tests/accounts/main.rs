//! Accounts from the outside: a real listener, a browser without script, mails in a folder.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod addresses;
mod authenticator;
mod codes;
mod command_line;
mod crawl;
mod devices;
mod factors;
mod forms;
mod gateways;
mod guard;
mod interactions;
mod mail;
mod passkeys;
mod passwords;
mod phones;
mod races;
mod sent;
mod sessions;
mod sign_in;
mod sign_up;
mod throttle;
mod upstream;
mod world;
