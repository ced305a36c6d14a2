//! From a bound socket to a served router, with an orderly end.

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::get;
use kit::http::ServeOptions;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::config::Config;

/// Binds before anything else runs, so that port 0 works and the address is known.
pub(crate) fn bind(config: &Config) -> Result<(TcpListener, u16)> {
    let listener = kit::http::bind(config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

/// Serves until the process is told to stop; `closing` runs before open requests are awaited.
pub(crate) async fn serve(
    config: &Config,
    (listener, origin): (TcpListener, Url),
    router: Router,
    closing: impl FnOnce(),
) -> Result<()> {
    let router = router.route("/health", get(health));
    let router =
        kit::http::with_common_layers(router, &config.instance(), origin.scheme() == "https");
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        closing();
    };
    println!("Tertulia is ready at {origin}");
    kit::http::serve(listener, router, ServeOptions::default(), stop).await;
    Ok(())
}

async fn health() -> axum::Json<serde_json::Value> {
    axum::Json(serde_json::json!({"status": "ok"}))
}
