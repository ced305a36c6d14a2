//! Engine.IO over HTTP: handshake, poll, post and the upgrade to WebSocket.
use std::sync::Arc;

use ::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::Application;
use crate::core::{Command, Shared};
use crate::engine::{Answer, EngineError, Sid};
use crate::ws;

/// The body of every response: complete when it begins.
pub type Body = Full<Bytes>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) async fn handle<A, B>(shared: &Arc<Shared<A>>, request: Request<B>) -> Response<Body>
where
    A: Application,
    B: hyper::body::Body<Data = Bytes> + Send,
    B::Error: Into<BoxError>,
{
    let query = match Query::parse(request.uri().query().unwrap_or_default()) {
        Ok(query) => query,
        Err(error) => return refuse(error),
    };
    if query.websocket {
        return upgrade(shared, request, query.sid).unwrap_or_else(refuse);
    }
    let answer = match (request.method(), query.sid) {
        (&Method::GET, None) => open(shared, request).await,
        (_, None) => Answer::Error(EngineError::HandshakeMethod),
        (&Method::GET, Some(sid)) => ask(shared, sid, |reply| Command::Poll { sid, reply }).await,
        (&Method::POST, Some(sid)) => post(shared, request, sid).await,
        _ => Answer::Error(EngineError::BadRequest("Bad request")),
    };
    respond(answer)
}

/// The parameters of Engine.IO in a query.
struct Query {
    websocket: bool,
    sid: Option<Sid>,
}

impl Query {
    fn parse(query: &str) -> Result<Self, EngineError> {
        let parameter = |name| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let websocket = match parameter("transport") {
            Some("websocket") => true,
            Some("polling") => false,
            _ => return Err(EngineError::TransportUnknown),
        };
        if parameter("EIO") != Some("4") {
            return Err(EngineError::Version);
        }
        if parameter("j").is_some() {
            return Err(EngineError::BadRequest("JSONP is not supported"));
        }
        let sid = match parameter("sid") {
            Some(sid) => Some(Sid::parse(sid).ok_or(EngineError::SessionUnknown)?),
            None => None,
        };
        Ok(Self { websocket, sid })
    }
}

async fn open<A: Application, B>(shared: &Arc<Shared<A>>, request: Request<B>) -> Answer {
    let Some(seat) = shared.seat() else { return Answer::Error(EngineError::Full) };
    let request = Arc::new(request.into_parts().0);
    let (reply, answer) = oneshot::channel();
    shared.inboxes[shared.pick_shard()].send(Command::Open { request, seat, reply });
    answer.await.unwrap_or(Answer::Error(EngineError::SessionUnknown))
}

async fn post<A, B>(shared: &Arc<Shared<A>>, request: Request<B>, sid: Sid) -> Answer
where
    A: Application,
    B: hyper::body::Body<Data = Bytes> + Send,
    B::Error: Into<BoxError>,
{
    let limited = Limited::new(request.into_body(), shared.options.payload_bytes_max);
    let collected = std::pin::pin!(limited.collect());
    let body = match tokio::time::timeout(shared.options.body_timeout, collected).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Answer::Error(EngineError::TooLarge);
        }
        Ok(Err(_)) => return Answer::Error(EngineError::BadRequest("The body broke off")),
        Err(_) => return Answer::Error(EngineError::TimedOut),
    };
    ask(shared, sid, |reply| Command::Post { sid, body, reply }).await
}

async fn ask<A: Application>(
    shared: &Arc<Shared<A>>,
    sid: Sid,
    command: impl FnOnce(oneshot::Sender<Answer>) -> Command<A>,
) -> Answer {
    let unknown = Answer::Error(EngineError::SessionUnknown);
    let Some(inbox) = shared.inboxes.get(usize::from(sid.shard)) else { return unknown };
    let (reply, answer) = oneshot::channel();
    inbox.send(command(reply));
    answer.await.unwrap_or(unknown)
}

/// Answers 101 and hands the connection to a shard as soon as hyper lets go of it.
fn upgrade<A: Application, B>(
    shared: &Arc<Shared<A>>,
    mut request: Request<B>,
    sid: Option<Sid>,
) -> Result<Response<Body>, EngineError> {
    let key = websocket_key(&request)?;
    let seat = if sid.is_none() { Some(shared.seat().ok_or(EngineError::Full)?) } else { None };
    let place = sid.map_or_else(|| shared.pick_shard(), |sid| usize::from(sid.shard));
    if place >= shared.inboxes.len() {
        return Err(EngineError::SessionUnknown);
    }
    let accept = ws::accept(key.as_bytes());
    let upgraded = hyper::upgrade::on(&mut request);
    let request = Arc::new(request.into_parts().0);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        let taken = match upgraded.await {
            Ok(upgraded) => take_stream(upgraded),
            Err(error) => return tracing::debug!(%error, "an upgrade was not completed"),
        };
        let Some((stream, read_ahead)) = taken else { return };
        shared.inboxes[place].send(match (seat, sid) {
            (Some(seat), _) => Command::Attach { stream, read_ahead, request, seat },
            (None, Some(sid)) => Command::Probe { stream, read_ahead, sid },
            (None, None) => return,
        });
    });
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::try_from(accept).expect("base64 is a header value");
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// Takes the TCP stream out of hyper, with what hyper had read too far.
fn take_stream(upgraded: hyper::upgrade::Upgraded) -> Option<(std::net::TcpStream, Bytes)> {
    use hyper_util::server::conn::auto;
    let plain = |upgraded: hyper::upgrade::Upgraded| {
        upgraded.downcast::<TokioIo<TcpStream>>().map(|parts| (parts.io, parts.read_buf))
    };
    let taken = auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded)
        .map(|parts| (parts.io, parts.read_buf))
        .or_else(plain);
    let Ok((io, read_ahead)) = taken else {
        tracing::error!("an upgraded connection is not plain TCP: it is closed");
        return None;
    };
    match io.into_inner().into_std() {
        Ok(stream) => Some((stream, read_ahead)),
        Err(error) => {
            tracing::warn!(%error, "an upgraded connection could not leave the runtime");
            None
        }
    }
}

fn websocket_key<B>(request: &Request<B>) -> Result<HeaderValue, EngineError> {
    let headers = request.headers();
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let whole = request.method() == Method::GET
        && has_token(headers, &header::CONNECTION, "upgrade")
        && has_token(headers, &header::UPGRADE, "websocket")
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    key.filter(|key| whole && key.len() == 24)
        .cloned()
        .ok_or(EngineError::BadRequest("This is no WebSocket handshake of version 13"))
}

fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

fn respond(answer: Answer) -> Response<Body> {
    let body = match answer {
        Answer::Payload(payload) => payload,
        Answer::Taken => Bytes::from_static(b"ok"),
        Answer::Error(error) => return refuse(error),
    };
    response(StatusCode::OK, "text/plain; charset=UTF-8", body)
}

fn refuse(error: EngineError) -> Response<Body> {
    let (status, code, message) = error.parts();
    let status = StatusCode::from_u16(status).expect("our statuses are valid");
    let body = serde_json::json!({ "code": code, "message": message }).to_string();
    response(status, "application/json", body.into())
}

fn response(status: StatusCode, content_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
