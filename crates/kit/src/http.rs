//! Serving HTTP: the accept loop with its limits, and the layers every service has.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tower_http::timeout::TimeoutBody;

use crate::clock;
use crate::problem::{ApiError, Kind};

tokio::task_local! {
    static REQUEST_ID: String;
}

/// A request head must be complete within this time.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Each part of a request body must come within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);
/// After the signal to stop, open requests have this long.
const DRAIN: Duration = Duration::from_secs(10);

/// Limits of one listener.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// Open connections at once; more wait in the kernel's queue.
    pub connections_max: usize,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self { connections_max: 50_000 }
    }
}

/// The id of the request being handled, which is also in its answer's `X-Request-Id`.
pub fn current_request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// Binds `address` with a backlog for storms of reconnecting clients.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
        SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}

/// Serves `router` until `stop` resolves, then lets open requests finish.
///
/// Handlers find the peer's address as `ConnectInfo<SocketAddr>`. Upgraded connections can be
/// downcast to `TokioIo<TcpStream>` and no longer count against the limit.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: ServeOptions,
    stop: impl Future<Output = ()>,
) {
    let permits = Arc::new(Semaphore::new(options.connections_max));
    let tasks = TaskTracker::new();
    let draining = tokio_util::sync::CancellationToken::new();
    tokio::pin!(stop);
    loop {
        let permit = permits.clone().acquire_owned();
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = async { (permit.await, listener.accept().await) } => accepted,
        };
        let (Ok(permit), Ok((stream, peer))) = accepted else {
            // Out of file descriptors: wait for some to come back instead of spinning.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let connection = serve_connection(stream, peer, router.clone(), draining.clone());
        tasks.spawn(async move {
            connection.await;
            drop(permit);
        });
    }
    drop(listener);
    draining.cancel();
    tasks.close();
    let _ = tokio::time::timeout(DRAIN, tasks.wait()).await;
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    draining: tokio_util::sync::CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let service = tower::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let body = |incoming| axum::body::Body::new(TimeoutBody::new(BODY_TIMEOUT, incoming));
        router.clone().oneshot(request.map(body))
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(64 * 1024);
    let connection = http
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => {}
        () = draining.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// A middleware that lets a request finish although its client went away.
///
/// Otherwise a handler could end between a commit and what must follow it, such as telling the
/// sockets. Use it with `axum::middleware::from_fn`.
pub async fn to_the_end(request: Request, next: Next) -> Response {
    let id = current_request_id().unwrap_or_default();
    match tokio::spawn(REQUEST_ID.scope(id, next.run(request))).await {
        Ok(response) => response,
        Err(broken) => {
            tracing::error!(%broken, "a handler panicked");
            ApiError::new(Kind::Internal, Kind::Internal.title()).into_response()
        }
    }
}

/// Adds what every answer of every service has: a request id, the instance's name, and headers
/// that keep browsers strict. A header that a handler set itself stays.
pub fn with_common_layers(router: Router, instance: &str, https: bool) -> Router {
    let instance = HeaderValue::from_str(instance).unwrap_or(HeaderValue::from_static("unnamed"));
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let instance = instance.clone();
        async move {
            let id = clock::uuid_v7().to_string();
            let response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
            finish(response, &id, instance, https)
        }
    }))
}

fn finish(mut response: Response, id: &str, instance: HeaderValue, https: bool) -> Response {
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-instance"), instance);
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let strict = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in strict {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    response
}
