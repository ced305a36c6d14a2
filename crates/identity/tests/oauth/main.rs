//! The OpenID provider from outside: a real listener, forms as a browser sends them, tokens as an
//! app asks for them. SQLite, or PostgreSQL when `TERTULIA_TEST_POSTGRES` names a server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attacks;
mod authorize;
mod backchannel;
mod codes;
mod keys;
mod logout;
mod promises;
mod refresh;
mod world;
