//! The key ring: a master key on disk that wraps data keys, seals small values and makes keyed
//! hashes.
//!
//! The local ring is one file per key id in `<data>/keys/`, readable by its owner only. Every use
//! is bound to a context such as `room:<id>`, so that a wrapped key is of no use elsewhere.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::clock::random_bytes;
use crate::problem::{Kind, Problem};

/// A 32-byte data key that is wiped when dropped.
pub type DataKey = Zeroizing<[u8; 32]>;

const NONCE_BYTES: usize = 24;

/// Why a key or value could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read, written or is not a key.
    #[error("key file {path}: {reason}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The value was made with a key that is not in this ring.
    #[error("the key {0:?} is not in the key ring")]
    UnknownKey(String),
    /// The key file is not the one that the database was begun with.
    #[error("the key file in keys/ is not the one that sealed this database; put it back")]
    OtherRing,
    /// The database could not say which key it was begun with.
    #[error("the key ring could not be checked")]
    Check(#[source] crate::db::DbErr),
    /// Wrong context, wrong key or damaged bytes.
    #[error("a sealed value does not open")]
    Damaged,
}

impl Problem for KeyError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

/// The keys of one service. Cheap to clone only behind an `Arc`.
pub struct KeyRing {
    key_id: String,
    master: DataKey,
}

impl KeyRing {
    /// Opens the ring `name` in `dir`, making a random master key the first time.
    pub fn open(dir: &Path, name: &str) -> Result<Self, KeyError> {
        let path = dir.join(format!("{name}.key"));
        let refuse = |reason: std::io::Error| KeyError::File {
            path: path.clone(),
            reason: reason.to_string(),
        };
        create_dir_private(dir).map_err(refuse)?;
        create_private(&path, || BASE64.encode(random_bytes::<32>())).map_err(refuse)?;
        let text = Zeroizing::new(std::fs::read_to_string(&path).map_err(refuse)?);
        let bytes = Zeroizing::new(BASE64.decode(text.trim()).unwrap_or_default());
        let master = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| KeyError::File {
            path: path.clone(),
            reason: "is not 32 bytes of base64".to_owned(),
        })?;
        Ok(Self { key_id: "1".to_owned(), master: Zeroizing::new(master) })
    }

    /// Wraps a data key for `context`: `local:<key id>:<base64>`.
    pub fn wrap(&self, context: &str, key: &DataKey) -> Result<String, KeyError> {
        let sealed = self.seal(context, b"wrap", key.as_slice())?;
        Ok(format!("local:{}:{}", self.key_id, BASE64.encode(sealed)))
    }

    /// The data key that [`Self::wrap`] wrapped for the same `context`.
    pub fn unwrap(&self, context: &str, wrapped: &str) -> Result<DataKey, KeyError> {
        let mut parts = wrapped.splitn(3, ':');
        let (backend, key_id, sealed) = (parts.next(), parts.next(), parts.next());
        if backend != Some("local") || key_id != Some(self.key_id.as_str()) {
            return Err(KeyError::UnknownKey(format!("{backend:?}:{key_id:?}")));
        }
        let sealed = BASE64.decode(sealed.unwrap_or_default()).map_err(|_| KeyError::Damaged)?;
        let key = Zeroizing::new(self.open_value(context, b"wrap", &sealed)?);
        Ok(Zeroizing::new(<[u8; 32]>::try_from(key.as_slice()).map_err(|_| KeyError::Damaged)?))
    }

    /// Seals a small value (an address, a token) for `context`; `aad` binds it to its row.
    pub fn seal(&self, context: &str, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        seal(&self.derive(context), aad, plain)
    }

    /// Opens what [`Self::seal`] sealed with the same `context` and `aad`.
    pub fn open_value(&self, context: &str, aad: &[u8], cell: &[u8]) -> Result<Vec<u8>, KeyError> {
        open(&self.derive(context), aad, cell)
    }

    /// A keyed hash (HMAC-SHA-256, RFC 2104) of `bytes` under a key of its own for `context`.
    pub fn mac(&self, context: &str, bytes: &[u8]) -> [u8; 32] {
        let key = self.derive(context);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.as_slice())
            .expect("any key length");
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// A key for `context`, by HKDF-SHA-256 (RFC 5869 section 2.3).
    pub fn derive(&self, context: &str) -> DataKey {
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, self.master.as_slice())
            .expand(context.as_bytes(), key.as_mut_slice())
            .expect("32 bytes are below the limit of 255 hashes");
        key
    }
}

/// Refuses a key ring that is not the one which sealed what is in `db`, and remembers the first.
///
/// A lost key file would otherwise show as damaged rows, one by one, long after the mistake.
pub async fn check(db: &crate::db::Db, ring: &KeyRing) -> Result<(), KeyError> {
    use crate::db::{exec, params, scalar};
    let mac = ring.mac("key ring check", b"1").to_vec();
    let known: Result<Option<Vec<u8>>, crate::db::DbErr> = db
        .write(async |tx| {
            let table = "CREATE TABLE IF NOT EXISTS key_ring (id INTEGER PRIMARY KEY, mac BYTEA)";
            exec(tx, table, vec![]).await?;
            let first = "INSERT INTO key_ring (id, mac) VALUES (1, $1) ON CONFLICT DO NOTHING";
            exec(tx, first, params![mac.clone()]).await?;
            scalar(tx, "SELECT mac FROM key_ring WHERE id = 1", vec![]).await
        })
        .await;
    match known {
        Ok(Some(known)) if known == mac => Ok(()),
        Ok(_) => Err(KeyError::OtherRing),
        Err(error) => Err(KeyError::Check(error)),
    }
}

/// A new random data key.
pub fn new_data_key() -> DataKey {
    Zeroizing::new(random_bytes())
}

/// `nonce (24) | XChaCha20-Poly1305(plain)` under `key`.
pub fn seal(key: &DataKey, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    let nonce = random_bytes::<NONCE_BYTES>();
    let cipher = XChaCha20Poly1305::new(&Key::from(**key));
    let payload = Payload { msg: plain, aad };
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| KeyError::Damaged)?;
    let mut cell = Vec::with_capacity(NONCE_BYTES + sealed.len());
    cell.extend_from_slice(&nonce);
    cell.extend_from_slice(&sealed);
    Ok(cell)
}

/// Opens what [`seal`] sealed.
pub fn open(key: &DataKey, aad: &[u8], cell: &[u8]) -> Result<Vec<u8>, KeyError> {
    let (nonce, sealed) = cell.split_first_chunk::<NONCE_BYTES>().ok_or(KeyError::Damaged)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(**key));
    let payload = Payload { msg: sealed, aad };
    cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| KeyError::Damaged)
}

/// Creates `dir` for its owner only.
pub fn create_dir_private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Writes a file that only its owner may read, unless there is one: of two processes that do this
/// at the same moment one wins, and both then read what it wrote.
pub fn create_private(path: &Path, text: impl FnOnce() -> String) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let first = path.with_extension(crate::clock::uuid_v4().simple().to_string());
    write_private(&first, &text())?;
    match std::fs::hard_link(&first, path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Ok(()) => {}
        // A file system without hard links; here the second of two first starts would win.
        Err(_) => return std::fs::rename(&first, path).and_then(|()| sync_dir_of(path)),
    }
    std::fs::remove_file(&first)?;
    sync_dir_of(path)
}

/// Writes a new file that only its owner may read, and makes it durable.
pub fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let partial = path.with_extension(format!("{}.partial", crate::clock::uuid_v4().simple()));
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&partial, path)?;
    sync_dir_of(path)
}

fn sync_dir_of(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |dir| std::fs::File::open(dir)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(name: &str) -> KeyRing {
        let dir = std::env::temp_dir().join(format!("tertulia-keys-{}", crate::clock::uuid_v7()));
        KeyRing::open(&dir, name).unwrap()
    }

    #[test]
    fn a_wrapped_key_opens_only_in_its_context() {
        let ring = ring("chat");
        let key = new_data_key();
        let wrapped = ring.wrap("room:1", &key).unwrap();
        assert_eq!(*ring.unwrap("room:1", &wrapped).unwrap(), *key);
        assert!(ring.unwrap("room:2", &wrapped).is_err());
    }

    #[test]
    fn a_cell_moved_to_another_row_does_not_open() {
        let key = new_data_key();
        let cell = seal(&key, b"row 1", b"hola").unwrap();
        assert_eq!(open(&key, b"row 1", &cell).unwrap(), b"hola");
        assert!(open(&key, b"row 2", &cell).is_err());
        assert!(open(&key, b"row 1", &cell[..10]).is_err());
    }

    #[test]
    fn the_key_file_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = std::env::temp_dir().join(format!("tertulia-keys-{}", crate::clock::uuid_v7()));
        let first = KeyRing::open(&dir, "chat").unwrap();
        let again = KeyRing::open(&dir, "chat").unwrap();
        assert_eq!(first.mac("x", b"y"), again.mac("x", b"y"));
        let mode = std::fs::metadata(dir.join("chat.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
