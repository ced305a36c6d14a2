//! The functions as AWS Lambda, behind a function URL, an API gateway or a load balancer.
//!
//! It is configured by the environment, as everything else: `TERTULIA__FUNCTIONS__SECRET`,
//! `TERTULIA__MAIL__SMTP_URL`.

use functions::{Config, Settings};
use kit::mail::MailConfig;
use lambda_http::request::RequestContext;
use lambda_http::tower::util::MapRequest;
use lambda_http::{Error, Request, RequestExt as _};
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
    lambda_http::run(MapRequest::new(functions::router(&config)?, without_stage)).await
}

/// The first word of a path is that of the stage in a gateway that has named ones.
fn without_stage(mut request: Request) -> Request {
    let stage = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.stage.as_deref(),
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.as_deref(),
        _ => None,
    };
    let mut parts = request.uri().clone().into_parts();
    let whole = parts.path_and_query.as_ref().map_or("", |whole| whole.as_str());
    let rest = stage.and_then(|stage| whole.strip_prefix('/')?.strip_prefix(stage));
    if let Some(Ok(rest)) = rest.filter(|rest| rest.starts_with('/')).map(str::parse) {
        parts.path_and_query = Some(rest);
        if let Ok(uri) = lambda_http::http::Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
