//! Text messages (SMS): a port with three backends, and the list of those that an operator chose.
//!
//! Nothing is sent until a gateway is configured. Of several, the first that takes a message has
//! it; the next one is asked when one is down or refuses. Who may get a message, and how many may
//! leave, is decided by whoever asks for it to be sent.

mod config;
mod file;
mod http;
mod log;
mod number;
mod receipt;
mod template;

use std::path::Path;

use ::http::HeaderMap;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use config::{Driver, GatewayConfig, SmsConfig};
pub use number::{Country, Number, countries};
pub use receipt::{Receipt, ReceiptError, State};

/// One text message to one number.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sms {
    /// The same on each try, so that a provider that cares sends it once.
    pub id: Uuid,
    /// Who gets it.
    pub to: Number,
    /// What it says.
    pub text: String,
}

/// Why a message was not handed over. Neither number nor text is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// Try again later.
    #[error("not taken now: {0}")]
    Retryable(String),
    /// No use to try again: a refusal or a broken configuration.
    #[error("refused: {0}")]
    Permanent(String),
}

/// A message that a gateway has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The gateway's name.
    pub gateway: String,
    /// What the gateway calls the message; receipts name it.
    pub gateway_id: Option<String>,
}

/// Hands messages over.
#[async_trait]
trait SmsGateway: Send + Sync {
    /// Returns when the message is with the provider; answers what that calls it.
    async fn send(&self, sms: &Sms) -> Result<Option<String>, SmsError>;
}

struct Gateway {
    config: GatewayConfig,
    driver: Box<dyn SmsGateway>,
}

/// The gateways that an operator configured, in their order.
pub struct Gateways {
    countries: Vec<String>,
    /// Messages that may leave in a day.
    pub daily_max: u32,
    list: Vec<Gateway>,
}

impl Gateways {
    /// The gateways of `config`; `receipts` is the address below which their receipts arrive.
    pub fn open(config: &SmsConfig, data_dir: &Path, receipts: &str) -> Result<Self, SmsError> {
        if let Some(refusal) = config.refusal() {
            return Err(SmsError::Permanent(refusal));
        }
        let open = |config: &GatewayConfig| {
            let driver: Box<dyn SmsGateway> = match config.driver {
                Driver::File => Box::new(file::Lines::open(&data_dir.join("sms"), &config.name)?),
                Driver::Log => Box::new(log::DryRun),
                Driver::Http => Box::new(http::Provider::open(config, receipts)?),
            };
            Ok(Gateway { config: config.clone(), driver })
        };
        let list = config.gateways.iter().map(open).collect::<Result<_, SmsError>>()?;
        Ok(Self { countries: config.countries.clone(), daily_max: config.daily_max, list })
    }

    /// Whether no message can be sent at all.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The countries that messages go to, as they were configured.
    pub fn countries(&self) -> impl Iterator<Item = &'static Country> {
        self.countries.iter().filter_map(|iso| Country::of(iso))
    }

    /// Whether messages go to this number's country.
    pub fn reach(&self, number: &Number) -> bool {
        number.country().is_some_and(|country| self.countries.iter().any(|iso| iso == country.iso))
    }

    /// Hands a message to the first gateway that takes it. When none does and one of them might
    /// later, the error says so.
    pub async fn send(&self, sms: &Sms) -> Result<Taken, SmsError> {
        let mut failed = SmsError::Permanent("there is no gateway".to_owned());
        for gateway in &self.list {
            let name = &gateway.config.name;
            match gateway.driver.send(sms).await {
                Ok(gateway_id) => return Ok(Taken { gateway: name.clone(), gateway_id }),
                Err(error) => {
                    tracing::warn!(sms.id = %sms.id, sms.gateway = %name, %error,
                        "SMS gateway {name}: {error}");
                    let may_work = matches!(failed, SmsError::Retryable(_));
                    if !may_work || matches!(error, SmsError::Retryable(_)) {
                        failed = error;
                    }
                }
            }
        }
        Err(failed)
    }

    /// What a provider tells about a message, if it is the provider who tells it.
    pub fn receipt(
        &self,
        gateway: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Receipt, ReceiptError> {
        let gateway = self.list.iter().find(|known| known.config.name == gateway);
        receipt::read(&gateway.ok_or(ReceiptError::NotHere)?.config, headers, body)
    }
}
