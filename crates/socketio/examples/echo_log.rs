//! A chat in memory: `cargo run -p socketio --example echo_log -- 127.0.0.1:3000`.
//!
//! Connect with `auth: {token: <any name>}`, emit `join {room}` and `sendMessage {room, text}`,
//! listen to `message`. Everything is forgotten when it ends.
#[path = "echo_log/app.rs"]
mod app;

use axum::Router;
use axum::extract::Request;
use axum::routing::any;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".into());
    let server = app::EchoLog::default().serve(socketio::Options::default());
    let handle = move |request: Request| {
        let server = server.clone();
        async move { server.handle(request).await }
    };
    let router = Router::new().route("/socket.io/", any(handle));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await
}
