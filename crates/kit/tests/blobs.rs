//! The same cases on every store of blobs; S3 is a server that is spoken to over a socket.

#![expect(clippy::unwrap_used, reason = "a failed step of a test is a failed test")]

use std::convert::Infallible;
use std::io;

use bytes::Bytes;
use futures::stream;
use kit::blobs::{BlobName, Blobs, BlobsConfig, Folder, S3Config};
use kit::secret::Secret;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;

const KEY_ID: &str = "test-key";
const SECRET: &str = "test-secret";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open(&BlobsConfig::default(), folder.path()).unwrap();
    keeps_the_contract(&blobs).await;
    let again = Blobs::open(&BlobsConfig::default(), folder.path()).unwrap();
    assert_eq!(again.size(&BlobName::of_content(b"kept")).await.unwrap(), Some(4));
    assert!(folder.path().join("blobs/public").is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_keeps_the_contract() {
    let folder = TempDir::new().unwrap();
    let config = bucket(serve(&folder).await, SECRET);
    keeps_the_contract(&Blobs::s3(&config).unwrap()).await;
    let again = Blobs::s3(&config).unwrap();
    assert_eq!(again.size(&BlobName::of_content(b"kept")).await.unwrap(), Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_refuses_a_wrong_key_and_that_is_not_absence() {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::s3(&bucket(serve(&folder).await, "guessed")).unwrap();
    let name = BlobName::of_content(b"x");
    assert!(blobs.put(&name, Bytes::from_static(b"x")).await.is_err());
    assert!(blobs.get(&name, None).await.is_err());
    assert!(blobs.size(&name).await.is_err());
}

async fn keeps_the_contract(blobs: &Blobs) {
    whole_and_part(blobs).await;
    streams(blobs).await;
    absence_is_an_answer(blobs).await;
    one_name_has_one_content(blobs).await;
}

async fn whole_and_part(blobs: &Blobs) {
    let name = BlobName::of_hash(Folder::Sealed, &[1; 32]);
    blobs.put(&name, Bytes::from_static(b"hola, mundo")).await.unwrap();
    assert_eq!(blobs.size(&name).await.unwrap(), Some(11));
    let whole = blobs.get(&name, None).await.unwrap().unwrap();
    assert_eq!((whole.size, whole.range.clone()), (11, 0..11));
    assert_eq!(whole.bytes().await.unwrap(), "hola, mundo");
    let part = blobs.get(&name, Some(6..9)).await.unwrap().unwrap();
    assert_eq!((part.size, part.range.clone()), (11, 6..9));
    assert_eq!(part.bytes().await.unwrap(), "mun");
}

async fn streams(blobs: &Blobs) {
    let name = BlobName::of_hash(Folder::Public, &[2; 32]);
    // More than one part of an upload to S3.
    let part = Bytes::from(vec![7; 3 * 1024 * 1024]);
    let parts: Vec<io::Result<Bytes>> = (0..3).map(|_| Ok(part.clone())).collect();
    let size = blobs.put_stream(&name, stream::iter(parts)).await.unwrap();
    assert_eq!(size, 9 * 1024 * 1024);
    let got = blobs.get(&name, None).await.unwrap().unwrap().bytes().await.unwrap();
    assert!(got.len() as u64 == size && got.iter().all(|byte| *byte == 7));
    let cut = BlobName::of_hash(Folder::Public, &[3; 32]);
    let broken = [Ok(part), Err(io::Error::other("the line was cut"))];
    assert!(blobs.put_stream(&cut, stream::iter(broken)).await.is_err());
    assert_eq!(blobs.size(&cut).await.unwrap(), None, "half a blob is none");
}

async fn absence_is_an_answer(blobs: &Blobs) {
    let name = BlobName::of_content(b"never stored");
    assert!(blobs.get(&name, None).await.unwrap().is_none());
    assert!(blobs.get(&name, Some(0..1)).await.unwrap().is_none());
    assert_eq!(blobs.size(&name).await.unwrap(), None);
    blobs.put(&name, Bytes::from_static(b"now")).await.unwrap();
    blobs.delete(&name).await.unwrap();
    assert_eq!(blobs.size(&name).await.unwrap(), None);
    blobs.delete(&name).await.unwrap();
}

async fn one_name_has_one_content(blobs: &Blobs) {
    let name = BlobName::of_content(b"kept");
    let puts = (0..20).map(|_| blobs.put(&name, Bytes::from_static(b"kept")));
    for put in futures::future::join_all(puts).await {
        put.unwrap();
    }
    assert_eq!(blobs.get(&name, None).await.unwrap().unwrap().bytes().await.unwrap(), "kept");
}

fn bucket(port: u16, secret: &str) -> S3Config {
    S3Config {
        bucket: "bucket".to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{port}").parse().unwrap()),
        access_key_id: Some(KEY_ID.to_owned()),
        secret_access_key: Some(Secret::Text(secret.to_owned())),
        ..S3Config::default()
    }
}

/// An S3 server on a port of its own, for as long as the test runs.
async fn serve(folder: &TempDir) -> u16 {
    std::fs::create_dir(folder.path().join("bucket")).unwrap();
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
    builder.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
    let service = builder.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let stream = hyper_util::rt::TokioIo::new(stream);
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(stream, service.clone());
            tokio::spawn(connection);
        }
        Ok::<_, Infallible>(())
    });
    port
}
