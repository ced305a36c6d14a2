//! Sign-ins and tokens: CPU of the server per operation, beside npm `oidc-provider`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use blackbox::browser::Browser;
use blackbox::load::stats::{median, real};
use blackbox::process::{cpu_seconds, resident_kib};
use futures::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::Settings;
use crate::provider::{Provider, Tokens};

/// Requests at the same time.
const WORKERS: usize = 8;
const WARM_UP: Duration = Duration::from_secs(1);
/// What is measured, in the order of the report, with the aim in milliseconds.
const OPERATIONS: [(Operation, &str, f64); 4] = [
    (Operation::SignInAgain, "single sign-on: code and tokens", 1.5),
    (Operation::Refresh, "refresh", 0.6),
    (Operation::Introspect, "introspection", 0.15),
    (Operation::Userinfo, "userinfo", 0.15),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    SignInAgain,
    Refresh,
    Introspect,
    Userinfo,
}

/// One person's browser and tokens.
struct Worker {
    browser: Browser,
    tokens: Tokens,
}

/// What one round came to.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    cpu_ms: f64,
    per_s: f64,
}

/// Milliseconds of each operation, by operation and provider.
type Table = BTreeMap<(&'static str, &'static str), Vec<Outcome>>;

/// Measures both providers in turn and writes the report.
pub(crate) fn run(settings: &Settings) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let (table, memory) = runtime.block_on(async {
        let ours = Provider::ours().await?;
        let peer = Provider::peer().await?;
        let idle = resident_kib(ours.pid());
        let mut table = Table::new();
        let (mut our_workers, mut peer_workers) = (gather(&ours).await?, gather(&peer).await?);
        for round in 1..=settings.repeat {
            for (operation, name, _) in OPERATIONS {
                for (provider, workers) in [(&ours, &mut our_workers), (&peer, &mut peer_workers)] {
                    let outcome = measure(settings, provider, workers, operation).await?;
                    eprintln!("{name}, {}, round {round}: {outcome:?}", provider.name);
                    table.entry((name, provider.name)).or_default().push(outcome);
                }
            }
        }
        drop((our_workers, peer_workers, ours, peer));
        anyhow::Ok((table, (idle, with_sessions(settings.sessions).await?)))
    })?;
    write(settings, &table, memory)
}

async fn gather(provider: &Provider) -> anyhow::Result<Vec<Mutex<Worker>>> {
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let (browser, tokens) = provider.sign_in().await?;
        workers.push(Mutex::new(Worker { browser, tokens }));
    }
    Ok(workers)
}

/// Does one thing over and over: to warm up, then counted.
async fn measure(
    settings: &Settings,
    provider: &Provider,
    workers: &[Mutex<Worker>],
    operation: Operation,
) -> anyhow::Result<Outcome> {
    repeat(provider, workers, operation, WARM_UP).await?;
    let (start, before) = (Instant::now(), cpu_seconds(provider.pid()));
    let done = repeat(provider, workers, operation, Duration::from_secs(settings.seconds)).await?;
    let cpu_ms = (cpu_seconds(provider.pid()) - before) * 1e3 / real(done.max(1));
    Ok(Outcome { cpu_ms, per_s: real(done) / start.elapsed().as_secs_f64() })
}

async fn repeat(
    provider: &Provider,
    workers: &[Mutex<Worker>],
    operation: Operation,
    how_long: Duration,
) -> anyhow::Result<u64> {
    let end = Instant::now() + how_long;
    let each = workers.iter().map(|worker| async move {
        let mut worker = worker.lock().await;
        let mut done = 0_u64;
        while Instant::now() < end {
            once(provider, &mut worker, operation).await?;
            done += 1;
        }
        anyhow::Ok(done)
    });
    let counts: Vec<u64> = futures::future::try_join_all(each).await?;
    Ok(counts.iter().sum())
}

async fn once(
    provider: &Provider,
    worker: &mut Worker,
    operation: Operation,
) -> anyhow::Result<()> {
    match operation {
        Operation::SignInAgain => provider.sign_in_again(&mut worker.browser).await,
        Operation::Refresh => {
            let token = worker.tokens.refresh.take().unwrap_or_default();
            worker.tokens = provider.refresh(&token).await?;
            Ok(())
        }
        Operation::Introspect => provider.introspect(&worker.tokens.access).await,
        Operation::Userinfo => provider.userinfo(&worker.tokens.access).await,
    }
}

/// KiB of a fresh server of ours after so many sign-ins with a password, each a session that is
/// still open.
async fn with_sessions(count: usize) -> anyhow::Result<(usize, u64)> {
    let ours = Provider::ours().await?;
    let sign_ins = futures::stream::iter(0..count).map(|_| ours.sign_in());
    // More attempts at once at one account would be taken for guesses.
    sign_ins.buffer_unordered(2).try_for_each(|_| async { Ok(()) }).await?;
    Ok((count, resident_kib(ours.pid())))
}

fn write(
    settings: &Settings,
    table: &Table,
    (idle, (sessions, full)): (u64, (usize, u64)),
) -> anyhow::Result<()> {
    let mut text = String::from(
        "| CPU of the server, ms | tertulia identity | oidc-provider | ratio | aim | per s |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut plain = Vec::<Value>::new();
    for (_, name, aim) in OPERATIONS {
        let of = |who: &'static str, what: fn(&Outcome) -> f64| {
            let rounds = table.get(&(name, who)).map_or(&[][..], Vec::as_slice);
            median(&rounds.iter().map(what).collect::<Vec<_>>())
        };
        let ours = of("tertulia identity", |o| o.cpu_ms);
        let peer = of("oidc-provider", |o| o.cpu_ms);
        let per_s = of("tertulia identity", |o| o.per_s);
        writeln!(
            text,
            "| {name} | {ours:.3} | {peer:.3} | {:.2} | {aim} | {per_s:.0} |",
            ours / peer
        )?;
        plain.push(json!({"operation": name, "ours_ms": ours, "peer_ms": peer, "aim_ms": aim}));
    }
    writeln!(
        text,
        "\nMemory of `tertulia identity`: {idle} KiB at rest, {full} KiB with {sessions} sessions."
    )?;
    println!("{text}");
    std::fs::create_dir_all(&settings.out)?;
    std::fs::write(settings.out.join("identity.md"), text)?;
    let plain =
        json!({"operations": plain, "idle_kib": idle, "sessions": sessions, "sessions_kib": full});
    std::fs::write(settings.out.join("identity.json"), serde_json::to_string_pretty(&plain)?)?;
    Ok(())
}
