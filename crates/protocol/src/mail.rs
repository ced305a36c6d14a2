//! Mail about messages that stay unread.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailPace {
    /// When a message has been unread for some minutes.
    Soon,
    /// At the full hour, about all of it.
    Hourly,
    /// Once a day, about all of it.
    Daily,
    /// Not at all.
    Never,
}

/// How it is for you.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailNotices {
    /// Whether this server writes to you at all: it sends such mails, and knows your address.
    pub available: bool,
    /// When you want it.
    pub pace: MailPace,
    /// After so many seconds `soon` is.
    pub soon_s: u32,
    /// The hour of the day of `daily`, in the time zone of your quiet hours, else in UTC.
    pub daily_hour: u8,
    /// Whether you want the texts of the messages in it, and not only who wrote and where.
    pub show_text: bool,
    /// Whether this server writes texts into mails at all.
    pub text_allowed: bool,
}

/// When you want it, said anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutMailNotices {
    /// When.
    pub pace: MailPace,
    /// Whether the mails show the texts of the messages; absent: as before.
    pub show_text: Option<bool>,
}
