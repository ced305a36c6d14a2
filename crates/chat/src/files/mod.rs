//! Files: uploads that can go on after a cut, and what messages carry.
//!
//! An upload is for one room and follows the tus protocol 1.0. Its parts are sealed in the data
//! folder until it is whole; then its content decides what it is. A picture is decoded within
//! bounds and written anew, without what its camera knew; everything else is only ever downloaded.
//! What no message takes within a day is cleared away. Files of public rooms are kept as they are,
//! for a CDN; those of other rooms are sealed under the room's key and leave by signed links, for
//! members of the room, as long as the message stands. Pictures of people are public.

mod error;
mod finish;
mod frames;
mod http;
mod kept;
mod link;
mod media;
mod name;
mod parts;
mod picture;
mod portrait;
mod read;
mod reseal;
mod store;
mod sweep;
mod tus;
mod upload;

pub(crate) use http::router;
pub(crate) use media::{FOREVER, media_router, public};
pub(crate) use read::of_messages;
pub(crate) use store::{Attachable, attach, attachable};
pub(crate) use sweep::run as sweep;
pub(crate) use tus::tell_tus;
pub(crate) use upload::Uploads;
