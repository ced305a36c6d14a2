//! Sealed blobs: frames of one size, each bound to the blob, to its length and to its place, so
//! that a part can be opened alone, and nothing can be cut off, moved or taken from another.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kit::blobs::{BlobError, BlobName, Blobs};
use kit::keys::KeyError;

use crate::room_keys::{CELL_EXTRA_BYTES, RoomKey};

const FRAME_BYTES: u64 = 64 * 1024;
const CELL_BYTES: u64 = FRAME_BYTES + CELL_EXTRA_BYTES;

/// `plain` as the blob `name` keeps it.
pub(super) fn seal(key: &RoomKey, name: &BlobName, plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    let size = plain.len() as u64;
    let mut sealed = Vec::with_capacity(plain.len() + plain.len() / 1024 + 64);
    let frame_bytes = usize::try_from(FRAME_BYTES).unwrap_or(usize::MAX);
    for (at, frame) in (0..).zip(plain.chunks(frame_bytes)) {
        sealed.extend_from_slice(&key.seal_blob(&bound(name, size, at), frame)?);
    }
    Ok(sealed)
}

/// What comes of the blob `name` that has `size` bytes: those in `wanted`, which has some.
/// Nothing where there is no such blob.
pub(super) async fn open(
    blobs: &Blobs,
    key: Arc<RoomKey>,
    (name, size): (BlobName, u64),
    wanted: Range<u64>,
) -> Result<Option<BoxStream<'static, io::Result<Bytes>>>, BlobError> {
    let first = wanted.start / FRAME_BYTES;
    let end = (wanted.end.div_ceil(FRAME_BYTES) * CELL_BYTES).min(sealed_bytes(size));
    let Some(blob) = blobs.get(&name, Some(first * CELL_BYTES..end)).await? else {
        return Ok(None);
    };
    let opening = Opening { coming: blob.stream, waiting: BytesMut::new(), key, name, size, first };
    let skip = wanted.start - first * FRAME_BYTES;
    Ok(Some(part(opening.frames(), skip, wanted.end - wanted.start).boxed()))
}

/// How many bytes the blob of `size` bytes has.
fn sealed_bytes(size: u64) -> u64 {
    size + size.div_ceil(FRAME_BYTES) * CELL_EXTRA_BYTES
}

fn bound(name: &BlobName, size: u64, at: u64) -> String {
    format!("{name}|{size}|{at}")
}

struct Opening {
    coming: BoxStream<'static, io::Result<Bytes>>,
    waiting: BytesMut,
    key: Arc<RoomKey>,
    name: BlobName,
    size: u64,
    /// Place of the frame that comes next.
    first: u64,
}

impl Opening {
    fn frames(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        stream::try_unfold(self, |mut opening| async move {
            Ok(opening.next().await?.map(|frame| (frame, opening)))
        })
    }

    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let cell_bytes = usize::try_from(CELL_BYTES).unwrap_or(usize::MAX);
        while self.waiting.len() < cell_bytes
            && let Some(more) = self.coming.try_next().await?
        {
            self.waiting.extend_from_slice(&more);
        }
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let cell = self.waiting.split_to(cell_bytes.min(self.waiting.len()));
        let bound = bound(&self.name, self.size, self.first);
        self.first += 1;
        let frame = self.key.open_blob(&bound, &cell).map_err(io::Error::other)?;
        Ok(Some(frame.into()))
    }
}

/// Without the first `skip` bytes, and `count` of them in all.
fn part(
    frames: impl Stream<Item = io::Result<Bytes>> + Send,
    skip: u64,
    count: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    frames.scan((skip, count), |(skip, count), frame| {
        let cut = frame.map(|mut frame| {
            let before = (*skip).min(frame.len() as u64);
            let frame = frame.split_off(usize::try_from(before).unwrap_or(usize::MAX));
            let kept = (*count).min(frame.len() as u64);
            (*skip, *count) = (*skip - before, *count - kept);
            frame.slice(..usize::try_from(kept).unwrap_or(usize::MAX))
        });
        futures::future::ready(Some(cut))
    })
}
