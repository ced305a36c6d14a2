//! Blobs: a port with two backends, a folder (the default) and S3, both by `object_store`.
//!
//! A blob is written whole under a name made of a hash, and never changed: two writers of one
//! name write the same bytes. `public/…` is plain, so that a CDN may read it in the bucket;
//! `sealed/…` holds only what its writer sealed, and leaves through the service that has the key.

mod config;
mod name;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::{
    Attribute, Attributes, Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutOptions,
    PutPayload, WriteMultipart,
};

pub use config::{BlobsConfig, S3Config};
pub use name::{BlobName, Folder};

use crate::problem::{Kind, Problem};

/// S3 wants parts of 5 MiB at least; so much of an upload is held in memory, twice.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// Parts of one upload on their way at once.
const PARTS_AT_ONCE: usize = 2;

/// Why a blob was not stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The configuration does not describe a store.
    #[error("blobs: {0}")]
    Config(String),
    /// The store did not do it; trying again may help.
    #[error("the blob store failed")]
    Store(#[source] Error),
    /// What was to be stored could not be read to its end.
    #[error("the blob's bytes ended early")]
    Source(#[source] io::Error),
}

impl Problem for BlobError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

/// What a bucket keeps beside a public blob, so that a CDN that reads it says the same as we do.
#[derive(Debug, Clone, Copy)]
pub struct Label<'l> {
    /// What the bytes are.
    pub media_type: &'l str,
    /// Whether they are shown or only ever a download, and under which name: the value of
    /// `Content-Disposition`.
    pub disposition: &'l str,
}

/// A stored blob, or a part of it, as it is read.
pub struct Blob {
    /// Bytes of the whole blob.
    pub size: u64,
    /// Which of them come.
    pub range: Range<u64>,
    /// The bytes, as they come.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

impl Blob {
    /// All of the bytes; only for blobs whose size has a bound.
    pub async fn bytes(self) -> Result<Bytes, BlobError> {
        let begun =
            Vec::with_capacity(usize::try_from(self.range.end - self.range.start).unwrap_or(0));
        let gather = |mut all: Vec<u8>, part: Bytes| async move {
            all.extend_from_slice(&part);
            Ok(all)
        };
        let all = self.stream.try_fold(begun, gather).await.map_err(BlobError::Source)?;
        Ok(all.into())
    }
}

/// A store of blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    /// Whether the store can say of a blob what it is; a folder cannot.
    labels: bool,
}

impl Blobs {
    /// The store that `config` asks for; `data_dir` has the folder `blobs/` of the default one.
    pub fn open(config: &BlobsConfig, data_dir: &Path) -> Result<Self, BlobError> {
        match &config.s3 {
            Some(s3) => Self::s3(s3),
            None => Self::disk(&data_dir.join("blobs")),
        }
    }

    /// A folder, made if it is not there; a blob that was put survives a power cut.
    pub fn disk(dir: &Path) -> Result<Self, BlobError> {
        let refuse = |error: io::Error| BlobError::Config(format!("{}: {error}", dir.display()));
        crate::keys::create_dir_private(dir).map_err(refuse)?;
        let store = LocalFileSystem::new_with_prefix(dir).map_err(BlobError::Store)?;
        Ok(Self { store: Arc::new(store.with_fsync(true)), labels: false })
    }

    /// A bucket of S3, or of anything that speaks as it does.
    pub fn s3(config: &S3Config) -> Result<Self, BlobError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_retry(config::retries());
        if let Some(endpoint) = &config.endpoint {
            let plain = endpoint.scheme() == "http";
            builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
            builder = builder.with_allow_http(plain);
        }
        if let (Some(id), Some(secret)) = (&config.access_key_id, &config.secret_access_key) {
            let secret = secret.reveal().map_err(|error| {
                BlobError::Config(format!("blobs.s3.secret_access_key: {error}"))
            })?;
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        let store = builder.build().map_err(BlobError::Store)?;
        Ok(Self { store: Arc::new(store), labels: true })
    }

    /// Stores `bytes` under `name`; when it returns they are durable.
    pub async fn put(&self, name: &BlobName, bytes: Bytes) -> Result<(), BlobError> {
        let put = self.store.put(name.path(), PutPayload::from_bytes(bytes)).await;
        put.map(drop).map_err(BlobError::Store)
    }

    /// Stores `bytes` that anybody may read, and in a bucket what they are.
    pub async fn put_public(
        &self,
        name: &BlobName,
        bytes: Bytes,
        label: Label<'_>,
    ) -> Result<(), BlobError> {
        let options = if self.labels {
            PutOptions { attributes: attributes(label), ..PutOptions::default() }
        } else {
            PutOptions::default()
        };
        let put = self.store.put_opts(name.path(), PutPayload::from_bytes(bytes), options).await;
        put.map(drop).map_err(BlobError::Store)
    }

    /// Stores what comes, in bounded memory; answers how many bytes. Nothing is there under
    /// `name` until all is.
    pub async fn put_stream(
        &self,
        name: &BlobName,
        stream: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<u64, BlobError> {
        let upload = self.store.put_multipart(name.path()).await.map_err(BlobError::Store)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut size = 0;
        let mut stream = std::pin::pin!(stream);
        while let Some(part) = stream.next().await {
            let written = match part {
                Ok(part) => {
                    size += part.len() as u64;
                    upload.put(part);
                    upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(BlobError::Store)
                }
                Err(error) => Err(BlobError::Source(error)),
            };
            if let Err(error) = written {
                // What is left behind is no blob, and the store's own rules clear it away.
                let _ = upload.abort().await;
                return Err(error);
            }
        }
        upload.finish().await.map_err(BlobError::Store)?;
        Ok(size)
    }

    /// A blob, or those of its bytes that are in `range`; nothing where there is none.
    pub async fn get(
        &self,
        name: &BlobName,
        range: Option<Range<u64>>,
    ) -> Result<Option<Blob>, BlobError> {
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let Some(found) = found(self.store.get_opts(name.path(), options).await)? else {
            return Ok(None);
        };
        let (size, range) = (found.meta.size, found.range.clone());
        let stream = found.into_stream().map_err(io::Error::other).boxed();
        Ok(Some(Blob { size, range, stream }))
    }

    /// How many bytes the blob has; nothing where there is none.
    pub async fn size(&self, name: &BlobName) -> Result<Option<u64>, BlobError> {
        Ok(found(self.store.head(name.path()).await)?.map(|meta| meta.size))
    }

    /// Removes the blob; it may be gone already.
    pub async fn delete(&self, name: &BlobName) -> Result<(), BlobError> {
        found(self.store.delete(name.path()).await).map(drop)
    }
}

fn attributes(label: Label<'_>) -> Attributes {
    Attributes::from_iter([
        (Attribute::ContentType, label.media_type.to_owned()),
        (Attribute::ContentDisposition, label.disposition.to_owned()),
        (Attribute::CacheControl, "public, max-age=31536000, immutable".to_owned()),
    ])
}

/// Absence is an answer.
fn found<T>(result: object_store::Result<T>) -> Result<Option<T>, BlobError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(BlobError::Store(error)),
    }
}
