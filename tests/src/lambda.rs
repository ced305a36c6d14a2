//! The functions as AWS Lambda runs them: their own program, which asks for events one by one.
//!
//! What Lambda is to that program (the "runtime interface") is an HTTP server, which is here.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Path as At, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::environment::{PATIENCE, program};
use crate::process::Process;

type Answered = Result<Value, Value>;
type Events = mpsc::UnboundedReceiver<(String, Value)>;

/// A started function.
pub struct Lambda {
    process: Process,
    events: mpsc::UnboundedSender<(String, Value)>,
    waiting: Waiting,
}

type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<Answered>>>>;

#[derive(Clone)]
struct Interface {
    events: Arc<tokio::sync::Mutex<Events>>,
    waiting: Waiting,
}

/// The program: it is built beside that of the server.
fn executable() -> PathBuf {
    let path = program().with_file_name("lambda");
    assert!(path.exists(), "no {}: `cargo xtask test lambda` builds it", path.display());
    path
}

impl Lambda {
    /// Starts it with these variables in its environment, as an operator configures it.
    pub async fn start(folder: &Path, variables: &[(&str, String)]) -> Self {
        let (events, coming) = mpsc::unbounded_channel();
        let waiting = Waiting::default();
        let interface = Interface {
            events: Arc::new(tokio::sync::Mutex::new(coming)),
            waiting: Arc::clone(&waiting),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(axum::serve(listener, router(interface)).into_future());
        let mut command = Command::new(executable());
        command.env("AWS_LAMBDA_RUNTIME_API", address);
        command.env("AWS_LAMBDA_FUNCTION_NAME", "tertulia");
        command.env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
        command.env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        let process = Process::spawn(command, &folder.join("lambda.log"));
        Self { process: process.expect("the program can be started"), events, waiting }
    }

    /// What it answers to an event.
    pub async fn invoke(&self, event: Value) -> Value {
        let id = Uuid::new_v4().to_string();
        let (answered, answer) = oneshot::channel();
        self.waiting.lock().expect("nobody panics here").insert(id.clone(), answered);
        self.events.send((id, event)).expect("the interface is there");
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(Ok(answer))) => answer,
            Ok(Ok(Err(error))) => panic!("the function failed: {error}"),
            _ => panic!("the function did not answer: {}", self.process.output()),
        }
    }
}

fn router(interface: Interface) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .with_state(interface)
}

/// The next event, once there is one.
async fn next(State(interface): State<Interface>) -> impl IntoResponse {
    let next = interface.events.lock().await.recv().await;
    let Some((id, event)) = next else { return Err(StatusCode::GONE) };
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:tertulia".to_owned();
    let head = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", "1900000000000".to_owned()),
        ("lambda-runtime-invoked-function-arn", arn),
    ];
    Ok((head, Json(event)))
}

async fn answered(
    State(interface): State<Interface>,
    At(id): At<String>,
    body: Bytes,
) -> StatusCode {
    interface.tell(&id, Ok(read(&body)))
}

async fn failed(State(interface): State<Interface>, At(id): At<String>, body: Bytes) -> StatusCode {
    interface.tell(&id, Err(read(&body)))
}

/// JSON, of which the program does not say that it is.
fn read(body: &Bytes) -> Value {
    serde_json::from_slice(body).expect("the program answers with JSON")
}

impl Interface {
    fn tell(&self, id: &str, answer: Answered) -> StatusCode {
        let asked = self.waiting.lock().expect("nobody panics here").remove(id);
        asked.map_or(StatusCode::NOT_FOUND, |asked| {
            asked.send(answer).ok();
            StatusCode::ACCEPTED
        })
    }
}
