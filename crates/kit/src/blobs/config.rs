//! The settings of the blob store.

use std::time::Duration;

use object_store::{BackoffConfig, RetryConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::secret::Secret;

/// Where files and clips are kept: in the folder `blobs/` of the data folder, unless `s3` says
/// otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlobsConfig {
    /// A bucket of S3 instead of the folder; absent: the folder.
    pub s3: Option<S3Config>,
}

/// A bucket of S3, or of anything that speaks as it does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct S3Config {
    /// Name of the bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Address of the service when it is not AWS: `https://minio.example.org`.
    pub endpoint: Option<Url>,
    /// Id of the access key; absent: the role of the machine or container.
    pub access_key_id: Option<String>,
    /// The access key: the text, or `{ file = "…" }`.
    pub secret_access_key: Option<Secret>,
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            bucket: "tertulia".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: None,
            access_key_id: None,
            secret_access_key: None,
        }
    }
}

/// Who waits for a blob waits for seconds, not for minutes.
pub(super) fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(15),
    }
}
