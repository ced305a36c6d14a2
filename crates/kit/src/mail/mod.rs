//! Mail: a port with two backends, a folder (the default) and SMTP.

mod folder;
mod smtp;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Kind, Problem};
use crate::secret::Secret;

/// One mail to one person.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Mail {
    /// Address of the receiver.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Its `Message-ID` without brackets, for a mail that may be sent twice; absent: a random one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it belongs to, an id as above: mail programs gather those of one (RFC 5322, 3.6.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<String>,
    /// Where one click ends such mails (RFC 8058).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe_url: Option<String>,
}

/// Why a mail was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// No use to try again: a wrong address or a broken configuration.
    #[error("mail refused: {0}")]
    Refused(String),
    /// Try again later.
    #[error("mail not delivered: {0}")]
    Later(String),
}

impl Problem for MailError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

/// Hands mails over.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Returns when the mail is safe with the backend.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
    /// Whether mails only go to a folder, so that links may be shown to a developer.
    fn is_folder(&self) -> bool;
}

/// How mail leaves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// `smtp://user@host:587` (STARTTLS), `smtps://user@host:465`, or empty: each mail becomes a
    /// file in the folder `mail/` of the data folder.
    pub smtp_url: String,
    /// Password of the SMTP user: the text, or `{ file = "…" }`.
    pub smtp_password: Option<Secret>,
    /// Sender of every mail.
    pub from: String,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            smtp_url: String::new(),
            smtp_password: None,
            from: "Tertulia <tertulia@localhost>".to_owned(),
        }
    }
}

/// The backend that `config` asks for.
pub fn open(config: &MailConfig, data_dir: &Path) -> Result<Arc<dyn Mailer>, MailError> {
    if config.smtp_url.is_empty() {
        return Ok(Arc::new(folder::Folder::open(&data_dir.join("mail"), &config.from)?));
    }
    Ok(Arc::new(smtp::Smtp::open(config)?))
}

fn message(from: &str, mail: &Mail) -> Result<lettre::Message, MailError> {
    use lettre::message::MultiPart;
    use lettre::message::header::{HeaderName, HeaderValue};
    let refused = |error: &dyn std::fmt::Display| MailError::Refused(error.to_string());
    let raw = |name, value: &str| {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
    };
    let mut builder = lettre::Message::builder()
        .from(from.parse().map_err(|error| refused(&error))?)
        .to(mail.to.parse().map_err(|error| refused(&error))?)
        .subject(mail.subject.clone())
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .message_id(mail.id.as_ref().map(|id| format!("<{id}>")));
    if let Some(root) = &mail.belongs_to {
        builder = builder.in_reply_to(format!("<{root}>")).references(format!("<{root}>"));
    }
    if let Some(url) = &mail.unsubscribe_url {
        builder = builder
            .raw_header(raw("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    builder
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(|error| refused(&error))
}
