//! What is measured.

use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, ensure};
use blackbox::load::stats::real;
use blackbox::load::wire::{self, Protocol};
use blackbox::load::{fan_out, posts};
use blackbox::process::resident_kib;
use tokio::runtime::Runtime;

use crate::Settings;
use crate::company::{Bare, Company};
use crate::report::Report;

const WARM_UP: Duration = Duration::from_secs(1);

/// Runs all scenarios that are wanted.
pub(crate) fn run(settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    if settings.only.as_deref() == Some("floor") {
        return floor_alone(settings);
    }
    let runtime = Runtime::new()?;
    let many = ["fan-out", "rooms", "idle"].iter().any(|name| settings.wants(name));
    let people = if many { settings.members } else { 64 };
    eprintln!("making {people} people …");
    let mut company = match &settings.data {
        Some(folder) => runtime.block_on(Company::reunite(people, folder))?,
        None => runtime.block_on(Company::gather(people, None)),
    };
    if settings.wants("fan-out") {
        fan_outs(settings, report, &runtime, &company)?;
    }
    if settings.wants("rooms") {
        rooms(settings, report, &runtime, &company)?;
    }
    if settings.wants("posts") {
        durable_posts(settings, report, &runtime, (&company, "SQLite"))?;
    }
    if settings.wants("idle") {
        idle(settings, report, &runtime, &mut company)?;
    }
    drop(company);
    if let Some(url) = blackbox::environment::variable("TERTULIA_TEST_POSTGRES")
        && settings.wants("posts")
    {
        let company = runtime.block_on(Company::gather(64, Some(url)));
        durable_posts(settings, report, &runtime, (&company, "PostgreSQL"))?;
    }
    Ok(())
}

/// The bare loop alone, to look at the load generator itself.
fn floor_alone(settings: &Settings) -> anyhow::Result<()> {
    for in_flight in [1, 16] {
        let floor = Bare::start()?;
        let rooms = vec![vec![Protocol::Bare { room: 0 }; settings.members]];
        let (port, pid) = (floor.port, floor.pid());
        let outcome =
            fan_out::run(&fan_out::Plan { port, pid, rooms, ..plan(settings, in_flight) });
        println!("W{in_flight}: {:?}", outcome?);
    }
    Ok(())
}

fn plan(settings: &Settings, in_flight: usize) -> fan_out::Plan {
    let measure = Duration::from_secs(settings.seconds);
    fan_out::Plan { port: 0, pid: 0, rooms: Vec::new(), in_flight, warm_up: WARM_UP, measure }
}

/// One room with all people: one, and sixteen messages in flight; server and bare loop in turn.
fn fan_outs(
    settings: &Settings,
    report: &mut Report,
    runtime: &Runtime,
    company: &Company,
) -> anyhow::Result<()> {
    let everybody: Vec<usize> = (0..company.people.len()).collect();
    let room = runtime.block_on(company.room(&everybody));
    let followers = vec![company.followers(&room, &everybody)];
    let bare = vec![vec![Protocol::Bare { room: 0 }; everybody.len()]];
    for round in 1..=settings.repeat {
        for in_flight in [1, 16] {
            let name = format!("1 × {}, W{in_flight}", everybody.len());
            eprintln!("{name}, round {round}");
            let plan = plan(settings, in_flight);
            both(report, &name, company, &plan, (&followers, &bare))?;
        }
    }
    Ok(())
}

/// Two hundred rooms of twenty, one message in flight in each.
fn rooms(
    settings: &Settings,
    report: &mut Report,
    runtime: &Runtime,
    company: &Company,
) -> anyhow::Result<()> {
    let (count, size) = (200, 20);
    let mut followers = Vec::new();
    for room in 0..count {
        let members: Vec<usize> =
            (0..size).map(|at| (room * size + at) % company.people.len()).collect();
        let name = runtime.block_on(company.room(&members));
        followers.push(company.followers(&name, &members));
    }
    let bare: Vec<_> = (0..count).map(|room| vec![Protocol::Bare { room }; size]).collect();
    for round in 1..=settings.repeat {
        let name = format!("{count} × {size}, W1");
        eprintln!("{name}, round {round}");
        both(report, &name, company, &plan(settings, 1), (&followers, &bare))?;
    }
    Ok(())
}

/// Measures the server and then the bare loop with the same plan.
fn both(
    report: &mut Report,
    name: &str,
    company: &Company,
    plan: &fan_out::Plan,
    (followers, bare): (&[Vec<Protocol>], &[Vec<Protocol>]),
) -> anyhow::Result<()> {
    let (port, pid) = (company.server.port(), company.server.pid());
    let ours = fan_out::Plan { port, pid, rooms: followers.to_vec(), ..plan.clone() };
    let ours = fan_out::run(&ours).context("the server")?;
    let floor = Bare::start()?;
    let (port, pid) = (floor.port, floor.pid());
    let plan = fan_out::Plan { port, pid, rooms: bare.to_vec(), ..plan.clone() };
    let floor = fan_out::run(&plan).context("the bare loop")?;
    for (who, outcome) in [("server", &ours), ("bare loop", &floor)] {
        eprintln!("  {who}: {outcome:?}");
        ensure!(outcome.deliveries > 0, "{name}: {who} delivered nothing");
    }
    report.fan_out(name, ours, floor);
    Ok(())
}

/// Sixty-four senders that wait for each acknowledgement, by socket and by HTTP.
fn durable_posts(
    settings: &Settings,
    report: &mut Report,
    runtime: &Runtime,
    (company, database): (&Company, &str),
) -> anyhow::Result<()> {
    let senders: Vec<usize> = (0..64.min(company.people.len())).collect();
    let room = runtime.block_on(company.room(&senders));
    let tokens: Vec<_> = senders.iter().map(|&at| company.people[at].token.clone()).collect();
    for round in 1..=settings.repeat {
        for (way, word) in [(posts::Way::Socket, "WebSocket"), (posts::Way::Http, "HTTP")] {
            let plan = posts::Plan {
                port: company.server.port(),
                pid: company.server.pid(),
                room: room.clone(),
                tokens: tokens.clone(),
                way,
                warm_up: WARM_UP,
                measure: Duration::from_secs(settings.seconds),
            };
            let outcome = posts::run(&plan)?;
            eprintln!("{database}, {word}, round {round}: {outcome:?}");
            report.posts(&format!("{database}, {word}"), outcome);
        }
    }
    Ok(())
}

/// Many connections that say nothing: the memory of the process for each.
fn idle(
    settings: &Settings,
    report: &mut Report,
    runtime: &Runtime,
    company: &mut Company,
) -> anyhow::Result<()> {
    let everybody: Vec<usize> = (0..company.people.len()).collect();
    let room = runtime.block_on(company.room(&everybody));
    let follow = company.followers(&room, &everybody);
    runtime.block_on(async {
        company.server.kill9();
        company.server.restart().await;
    });
    let (port, pid) = (company.server.port(), company.server.pid());
    let ours = per_connection(settings.idle, port, pid, |at| follow[at % follow.len()].clone())?;
    let floor = Bare::start()?;
    let bare = |_| Protocol::Bare { room: 0 };
    let floor = per_connection(settings.idle, floor.port, floor.pid(), bare)?;
    eprintln!("idle, KiB per connection: server {ours:.2}, bare loop {floor:.2}");
    report.idle(settings.idle, ours, floor);
    Ok(())
}

/// Opens connections, two hundred first to warm up; answers KiB of resident memory for each.
fn per_connection(
    count: usize,
    port: u16,
    pid: u32,
    protocol: impl Fn(usize) -> Protocol,
) -> anyhow::Result<f64> {
    let open = |count: usize| -> anyhow::Result<Vec<TcpStream>> {
        let joined = (0..count).map(|at| Ok(wire::join(port, &protocol(at))?.0));
        joined.collect()
    };
    let warm = open(200)?;
    let before = settled(pid);
    let open = open(count)?;
    let after = settled(pid);
    drop((warm, open));
    Ok(real(after.saturating_sub(before)) / real(count as u64))
}

/// The resident memory once it no longer changes from one second to the next.
fn settled(pid: u32) -> u64 {
    let mut last = resident_kib(pid);
    for _ in 0..15 {
        std::thread::sleep(Duration::from_secs(1));
        let now = resident_kib(pid);
        if now.abs_diff(last) < 64 {
            return now;
        }
        last = now;
    }
    last
}
