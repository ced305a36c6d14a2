//! What a delivery and an idle connection cost, beside a bare loop that sends the same bytes.
//!
//! `cargo run --release -p socketio --example measure -- [rounds]`: starts each server as a process
//! of its own on core 0, loads it from core 1 (with `taskset`), and prints medians.
//!
//! * *bare*: one thread, no protocol but WebSocket frames: what was read in one turn is written to
//!   each member with one call. No queues, no limits, no past.
//! * *log*: the example `echo_log` with one shard.
#[path = "measure/bare.rs"]
mod bare;
#[path = "measure/load.rs"]
mod load;

#[path = "echo_log/app.rs"]
mod app;

use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::extract::Request;
use axum::routing::any;

const MEMBERS: usize = 1_000;
const IDLE: usize = 10_000;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve-bare") => bare::serve(&arguments[1]),
        Some("serve-log") => serve_log(&arguments[1]),
        Some("load") => load::load(&arguments[1..]),
        rounds => compare(rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(3)),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve_log(address: &str) -> std::io::Result<()> {
    let options = socketio::Options { shards: 1, ..socketio::Options::default() };
    let server = app::EchoLog::default().serve(options);
    let handle = move |request: Request| {
        let server = server.clone();
        async move { server.handle(request).await }
    };
    let router = Router::new().route("/socket.io/", any(handle));
    axum::serve(tokio::net::TcpListener::bind(address).await?, router).await
}

fn compare(rounds: usize) -> std::io::Result<()> {
    for in_flight in [1, 16] {
        let mut ratios = Vec::new();
        let mut costs = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            let bare = measure("serve-bare", "bare", in_flight)?;
            let log = measure("serve-log", "log", in_flight)?;
            ratios.push(log / bare);
            costs[0].push(bare);
            costs[1].push(log);
        }
        let [bare, log] = costs.map(median);
        println!(
            "1 x {MEMBERS}, {in_flight} in flight: bare {bare:.2}, log {log:.2} CPU us/delivery, \
             ratio {:.2}",
            median(ratios)
        );
    }
    let mut server = start("serve-log")?;
    let kib = run(server.id(), &["idle", &IDLE.to_string()])?;
    server.kill()?;
    println!("{kib:.2} KiB per idle connection of {IDLE}");
    Ok(())
}

fn measure(serve: &str, protocol: &str, in_flight: usize) -> std::io::Result<f64> {
    let mut server = start(serve)?;
    let cost = run(server.id(), &[protocol, &MEMBERS.to_string(), &in_flight.to_string()]);
    server.kill()?;
    server.wait()?;
    cost
}

fn start(serve: &str) -> std::io::Result<Child> {
    let child = on_core("0").args([serve, load::ADDRESS]).spawn()?;
    while std::net::TcpStream::connect(load::ADDRESS).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    Ok(child)
}

fn run(server: u32, arguments: &[&str]) -> std::io::Result<f64> {
    let mut command = on_core("1");
    command.args(["load", &server.to_string()]).args(arguments).stderr(Stdio::inherit());
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| std::io::Error::other(format!("no figure: {text}")))
}

fn on_core(core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(std::env::current_exe().expect("a program has a path"));
    command
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
