//! Logs: one JSON line each on standard error, or readable text on a terminal.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Starts logging. `TERTULIA_LOG` takes `tracing` filters; the default is `info`.
pub fn start() {
    let filter = crate::config::env("TERTULIA_LOG")
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new("info,sqlx=warn,hyper=warn,lettre=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.with_target(false).compact().init();
    } else {
        builder.json().init();
    }
}
