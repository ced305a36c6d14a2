//! Laws: what holds for every operation, not for one feature.

mod canary;
mod doors;
mod originals;
mod replay;
mod retry;
mod tokens;
