//! The functions as AWS Lambda, behind a function URL or an API gateway.
//!
//! It is configured by the environment, as everything else: `TERTULIA__FUNCTIONS__SECRET`,
//! `TERTULIA__MAIL__SMTP_URL`.

use functions::{Config, Settings};
use kit::mail::MailConfig;
use lambda_http::Error;
use serde::{Deserialize, Serialize};

/// The part of the configuration that functions have.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Whole {
    functions: Settings,
    mail: MailConfig,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    kit::telemetry::start();
    let Whole { functions: settings, mail } = kit::config::load(None, &[])?;
    let secret = settings.secret.as_ref().ok_or("functions.secret is not configured")?.reveal()?;
    // The one place of a Lambda that can be written to; a mail server is the better choice.
    let data_dir = std::env::temp_dir();
    let config = Config { secret, mail, data_dir, settings };
    lambda_http::run(functions::router(&config)?).await
}
