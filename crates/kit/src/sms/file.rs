//! Messages as lines of a file, for machines without a provider.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde_json::json;

use super::{Sms, SmsError, SmsGateway};
use crate::keys::create_dir_private;

pub(super) struct Lines {
    path: PathBuf,
}

impl Lines {
    pub(super) fn open(dir: &Path, name: &str) -> Result<Self, SmsError> {
        create_dir_private(dir).map_err(|error| SmsError::Permanent(error.to_string()))?;
        Ok(Self { path: dir.join(format!("{name}.jsonl")) })
    }
}

#[async_trait]
impl SmsGateway for Lines {
    async fn send(&self, sms: &Sms) -> Result<Option<String>, SmsError> {
        let at = crate::clock::rfc3339(crate::clock::now_ms());
        let line = json!({"id": sms.id, "at": at, "to": sms.to, "text": sms.text});
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || append(&path, &format!("{line}\n")));
        let later = |error: &dyn std::fmt::Display| SmsError::Retryable(error.to_string());
        written.await.map_err(|error| later(&error))?.map_err(|error| later(&error))?;
        Ok(Some(sms.id.to_string()))
    }
}

/// One write, so that lines of two processes do not mix.
fn append(path: &Path, line: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).append(true).mode(0o600).open(path)?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}
