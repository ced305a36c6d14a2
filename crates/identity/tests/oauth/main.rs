//! The OpenID provider from outside: a real listener, forms as a browser sends them, tokens as an
//! app asks for them. SQLite, or PostgreSQL when `TERTULIA_TEST_POSTGRES` names a server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admin;
mod app_keys;
mod attacks;
mod authorize;
mod backchannel;
mod client_auth;
mod client_credentials;
mod codes;
mod developer;
mod device;
mod dpop;
mod granted;
mod introspect;
mod keys;
mod logout;
mod par;
mod promises;
mod refresh;
mod register;
mod step_up;
mod world;
