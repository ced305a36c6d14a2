//! Mails as files: one `.eml` each, named by time, for machines without a mail server.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{Mail, MailError, Mailer, message};
use crate::keys::{create_dir_private, write_private};

pub(super) struct Folder {
    dir: PathBuf,
    from: String,
}

impl Folder {
    pub(super) fn open(dir: &Path, from: &str) -> Result<Self, MailError> {
        create_dir_private(dir).map_err(|error| MailError::Refused(error.to_string()))?;
        Ok(Self { dir: dir.to_owned(), from: from.to_owned() })
    }
}

#[async_trait]
impl Mailer for Folder {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let formatted = message(&self.from, mail)?.formatted();
        let path = self.dir.join(format!("{}.eml", crate::clock::uuid_v7()));
        let text = String::from_utf8_lossy(&formatted).into_owned();
        let written = tokio::task::spawn_blocking(move || write_private(&path, &text)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(MailError::Later(error.to_string())),
            Err(error) => Err(MailError::Later(error.to_string())),
        }
    }

    fn is_folder(&self) -> bool {
        true
    }
}
