//! What has come of an upload: a file of sealed frames in the data folder.
//!
//! A frame is `length u32 BE | cell`, and the cell is bound to the upload and to the place at
//! which its bytes begin. A frame that was being written when the power went is cut off.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use kit::keys::KeyError;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use uuid::Uuid;

use super::error::FileError;
use crate::Chat;
use crate::room_keys::RoomKey;

/// So much is held in memory before it is written.
const FRAME_BYTES: usize = 256 * 1024;

/// The parts of one upload, open for more.
pub(super) struct Parts<'k> {
    key: &'k RoomKey,
    id: Uuid,
    file: File,
    /// Bytes of the upload that are on disk.
    written: u64,
    waiting: Vec<u8>,
}

impl<'k> Parts<'k> {
    /// Opens what there is, or begins.
    pub(super) async fn open(chat: &Chat, key: &'k RoomKey, id: Uuid) -> Result<Self, FileError> {
        let path = path(chat, id);
        if let Some(folder) = path.parent() {
            kit::keys::create_dir_private(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).await?;
        let whole = count(&mut file, key, id).await?;
        file.set_len(whole.on_disk).await?;
        file.seek(std::io::SeekFrom::Start(whole.on_disk)).await?;
        Ok(Self { key, id, file, written: whole.plain, waiting: Vec::new() })
    }

    /// How many bytes of the upload have come.
    pub(super) fn received(&self) -> u64 {
        self.written + self.waiting.len() as u64
    }

    /// Adds bytes; they are durable after [`Parts::keep`].
    pub(super) async fn add(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        for piece in bytes.chunks(FRAME_BYTES) {
            self.waiting.extend_from_slice(piece);
            if self.waiting.len() >= FRAME_BYTES {
                self.write().await?;
            }
        }
        Ok(())
    }

    /// Makes durable what was added.
    pub(super) async fn keep(&mut self) -> Result<(), FileError> {
        self.write().await?;
        self.file.sync_data().await?;
        Ok(())
    }

    async fn write(&mut self) -> Result<(), FileError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let cell = self.key.seal_blob(&bound(self.id, self.written), &self.waiting)?;
        let length = u32::try_from(cell.len()).map_err(|_| KeyError::Damaged)?;
        self.file.write_all(&length.to_be_bytes()).await?;
        self.file.write_all(&cell).await?;
        self.file.flush().await?;
        self.written += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
}

/// How many bytes of the upload are on disk, also while another request adds to them.
pub(super) async fn kept(chat: &Chat, key: &RoomKey, id: Uuid) -> Result<u64, FileError> {
    match File::open(path(chat, id)).await {
        Ok(mut file) => Ok(count(&mut file, key, id).await?.plain),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// All that has come.
pub(super) async fn read(chat: &Chat, key: &RoomKey, id: Uuid) -> Result<Vec<u8>, FileError> {
    let mut all = Vec::new();
    let mut file = File::open(path(chat, id)).await?;
    while let Some(cell) = next(&mut file).await? {
        let plain = open(key, id, all.len() as u64, &cell)?;
        all.extend_from_slice(&plain);
    }
    Ok(all)
}

/// Removes them; they may be gone already.
pub(super) async fn remove(chat: &Chat, id: Uuid) -> Result<(), FileError> {
    match tokio::fs::remove_file(path(chat, id)).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// What there is of whole frames, in bytes.
struct Whole {
    on_disk: u64,
    plain: u64,
}

async fn count(file: &mut File, key: &RoomKey, id: Uuid) -> Result<Whole, FileError> {
    let mut whole = Whole { on_disk: 0, plain: 0 };
    while let Some(cell) = next(file).await? {
        let plain = open(key, id, whole.plain, &cell)?;
        whole.on_disk += 4 + cell.len() as u64;
        whole.plain += plain.len() as u64;
    }
    Ok(whole)
}

/// The next whole frame; nothing at the end or before a frame that was not finished.
async fn next(file: &mut File) -> Result<Option<Vec<u8>>, FileError> {
    let mut length = [0; 4];
    let mut cell = Vec::new();
    let whole = async {
        file.read_exact(&mut length).await?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        cell.resize(length.min(2 * FRAME_BYTES + 1024), 0);
        file.read_exact(&mut cell).await
    };
    match whole.await {
        Ok(_) => Ok(Some(cell)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn open(key: &RoomKey, id: Uuid, at: u64, cell: &[u8]) -> Result<Vec<u8>, KeyError> {
    key.open_blob(&bound(id, at), cell)
}

fn bound(id: Uuid, at: u64) -> String {
    format!("uploads|{id}|{at}")
}

fn path(chat: &Chat, id: Uuid) -> PathBuf {
    Path::new(&chat.config.data_dir).join("uploads").join(id.to_string())
}
