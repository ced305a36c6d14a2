//! Messages as requests to a provider, by templates.
//!
//! The operator wrote the address, so it may lead into our own network. No redirect is followed:
//! a secret and a number go where they were meant to go.

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use super::template::{Place, Values, fill};
use super::{GatewayConfig, Sms, SmsError, SmsGateway};
use crate::egress;

const ANSWER_BYTES_MAX: usize = 64 * 1024;
const GATEWAY_ID_CHARS_MAX: usize = 128;

pub(super) struct Provider {
    client: Client,
    config: GatewayConfig,
    method: Method,
    secret: String,
    receipts: String,
    place: Place,
}

impl Provider {
    pub(super) fn open(config: &GatewayConfig, receipts: &str) -> Result<Self, SmsError> {
        let wrong = |what: String| {
            SmsError::Permanent(format!("SMS gateway {name}: {what}", name = config.name))
        };
        let method: Method = config
            .method
            .parse()
            .map_err(|_| wrong(format!("{:?} is no method", config.method)))?;
        let secret = config.secret.as_ref().map(crate::secret::Secret::reveal).transpose();
        let secret = secret.map_err(|error| wrong(format!("its secret: {error}")))?;
        for name in config.headers.keys() {
            name.parse::<HeaderName>().map_err(|_| wrong(format!("{name:?} is no header")))?;
        }
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_millis(config.timeout_ms))
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        let mut headers = config.headers.iter();
        let content_type = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        Ok(Self {
            client,
            method,
            secret: secret.unwrap_or_default(),
            receipts: format!("{receipts}/{}", config.name),
            place: Place::of(content_type.map_or("", |(_, value)| value)),
            config: config.clone(),
        })
    }

    fn headers(&self, values: &Values<'_>) -> Result<HeaderMap, SmsError> {
        let mut headers = HeaderMap::new();
        for (name, template) in &self.config.headers {
            let wrong = |_| SmsError::Permanent(format!("the header {name} cannot be sent"));
            let value = HeaderValue::from_str(&fill(template, values, Place::Text));
            let mut value = value.map_err(wrong)?;
            value.set_sensitive(true);
            let name = HeaderName::from_bytes(name.as_bytes());
            headers.insert(name.map_err(|_| SmsError::Permanent("a header".to_owned()))?, value);
        }
        Ok(headers)
    }

    /// What the provider's answer comes to.
    async fn judge(&self, answer: Response) -> Result<Option<String>, SmsError> {
        let status = answer.status();
        if !status.is_success() {
            let error = format!("it answered {status}");
            let may_work = status.is_server_error()
                || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
            return Err(if may_work {
                SmsError::Retryable(error)
            } else {
                SmsError::Permanent(error)
            });
        }
        let body = egress::body(answer, ANSWER_BYTES_MAX).await;
        let body = body.map_err(|error| SmsError::Retryable(error.to_string()))?;
        let told: Value = serde_json::from_slice(&body).unwrap_or_default();
        let at = |pointer: &str| told.pointer(pointer).and_then(text);
        let pointer = &self.config.success_pointer;
        if !pointer.is_empty() {
            let wanted = &self.config.success_values;
            let good = at(pointer).is_some_and(|is| wanted.is_empty() || wanted.contains(&is));
            if !good {
                return Err(SmsError::Permanent(format!("{pointer} of its answer says no")));
            }
        }
        let id = Some(self.config.id_pointer.as_str()).filter(|pointer| !pointer.is_empty());
        let id = id.and_then(at);
        Ok(id.map(|id| id.chars().take(GATEWAY_ID_CHARS_MAX).collect()))
    }
}

/// A value as a text to be compared; nothing for what is not there.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[async_trait]
impl SmsGateway for Provider {
    async fn send(&self, sms: &Sms) -> Result<Option<String>, SmsError> {
        let values = Values { sms, secret: &self.secret, receipts: &self.receipts };
        let url = fill(&self.config.url, &values, Place::Form);
        let mut request = self.client.request(self.method.clone(), url);
        request = request.headers(self.headers(&values)?);
        if !self.config.body.is_empty() {
            request = request.body(fill(&self.config.body, &values, self.place));
        }
        let answer = request.header(header::ACCEPT, "application/json").send().await;
        let later = |error| SmsError::Retryable(egress::unreachable(error).to_string());
        self.judge(answer.map_err(later)?).await
    }
}
