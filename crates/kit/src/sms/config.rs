//! The settings of text messages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Country;
use crate::secret::Secret;

/// Whoever sends a message has it for a minute, and then another process may try.
const TIMEOUTS_MS_MAX: u64 = 50_000;

/// How text messages (SMS) leave. None do until a gateway is configured.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SmsConfig {
    /// Countries that messages go to, such as `["ES", "MX"]` (ISO 3166); others get none.
    pub countries: Vec<String>,
    /// Messages in a day (UTC), all people together; above it none leave.
    pub daily_max: u32,
    /// Gateways in the order in which they are tried, each a table `[[sms.gateways]]`.
    pub gateways: Vec<GatewayConfig>,
}

impl Default for SmsConfig {
    fn default() -> Self {
        Self { countries: Vec::new(), daily_max: 200, gateways: Vec::new() }
    }
}

/// How a gateway hands messages over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// One line of JSON for each message in `sms/<name>.jsonl` of the data folder.
    #[default]
    File,
    /// A line in the log, without the text and with most of the number left out: a dry run.
    Log,
    /// A request to a provider.
    Http,
}

/// One gateway. In `url`, `headers` and `body`, `{to}` is the number with its `+`, `{to_digits}`
/// the same without, `{text}` the message, `{id}` an id that is the same on each try, `{secret}`
/// the secret, and `{receipts}` the address for delivery receipts; each is escaped as its place
/// needs.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayConfig {
    /// Its name in addresses and logs: lower-case letters, digits and hyphens.
    pub name: String,
    /// How it hands messages over.
    pub driver: Driver,
    /// The method of the request.
    pub method: String,
    /// The address of the request.
    pub url: String,
    /// Headers of the request; `content-type` decides how the body's values are escaped.
    pub headers: BTreeMap<String, String>,
    /// The body of the request.
    pub body: String,
    /// What `{secret}` stands for: the text, or `{ file = "…" }`.
    pub secret: Option<Secret>,
    /// How long an answer may take.
    pub timeout_ms: u64,
    /// A JSON pointer (RFC 6901) to what tells success in the answer; empty: the status alone.
    pub success_pointer: String,
    /// What is there on success; empty: anything but null.
    pub success_values: Vec<String>,
    /// A JSON pointer to the provider's own id of the message, which receipts name.
    pub id_pointer: String,
    /// With this secret the provider signs receipts (HMAC-SHA-256 of the body); absent: receipts
    /// are not taken.
    pub receipt_secret: Option<Secret>,
    /// The header with the signature, in hexadecimal or base64.
    pub receipt_header: String,
    /// A JSON pointer to the message's id in a receipt.
    pub receipt_id: String,
    /// A JSON pointer to the state in a receipt.
    pub receipt_status: String,
    /// States that mean that the message has arrived.
    pub receipt_delivered: Vec<String>,
    /// States that mean that it never will.
    pub receipt_failed: Vec<String>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        Self {
            name: String::new(),
            driver: Driver::default(),
            method: "POST".to_owned(),
            url: String::new(),
            headers: BTreeMap::new(),
            body: String::new(),
            secret: None,
            timeout_ms: 5_000,
            success_pointer: String::new(),
            success_values: Vec::new(),
            id_pointer: String::new(),
            receipt_secret: None,
            receipt_header: "x-signature".to_owned(),
            receipt_id: "/id".to_owned(),
            receipt_status: "/status".to_owned(),
            receipt_delivered: words(&["delivered"]),
            receipt_failed: words(&["failed", "undelivered", "rejected", "expired"]),
        }
    }
}

impl SmsConfig {
    /// Why this configuration must not run, if so.
    pub fn refusal(&self) -> Option<String> {
        if let Some(wrong) = self.countries.iter().find(|iso| Country::of(iso).is_none()) {
            return Some(format!("{wrong:?} in sms.countries is not a country such as \"ES\""));
        }
        if !self.gateways.is_empty() && self.countries.is_empty() {
            return Some("sms.countries must name the countries that messages go to".to_owned());
        }
        for (at, gateway) in self.gateways.iter().enumerate() {
            if let Some(refusal) = gateway.refusal() {
                return Some(refusal);
            }
            if self.gateways[..at].iter().any(|before| before.name == gateway.name) {
                return Some(format!("there are two SMS gateways named {:?}", gateway.name));
            }
        }
        let timeouts = self.gateways.iter().filter(|gateway| gateway.driver == Driver::Http);
        if timeouts.map(|gateway| gateway.timeout_ms).sum::<u64>() > TIMEOUTS_MS_MAX {
            return Some(format!("the SMS gateways' timeout_ms add up to over {TIMEOUTS_MS_MAX}"));
        }
        None
    }
}

impl GatewayConfig {
    fn refusal(&self) -> Option<String> {
        let name = &self.name;
        let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if !(1..=32).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Some(format!("{name:?} cannot be the name of an SMS gateway"));
        }
        let wrong = |what: &str| Some(format!("SMS gateway {name}: {what}"));
        if self.driver != Driver::Http {
            return None;
        }
        if !self.url.starts_with("https://") && !self.url.starts_with("http://") {
            return wrong("url must begin with https:// or http://");
        }
        if !(100..=30_000).contains(&self.timeout_ms) {
            return wrong("timeout_ms must be between 100 and 30000");
        }
        let pointers = [&self.success_pointer, &self.id_pointer];
        let pointers = pointers.into_iter().chain([&self.receipt_id, &self.receipt_status]);
        if pointers.into_iter().any(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            return wrong("a JSON pointer begins with /");
        }
        None
    }
}
