//! `run`: from a clone to a page in the browser.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::stamp::Stamp;
use crate::{build, install, sh, tools};

const LISTEN: &str = "127.0.0.1:8080";
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Builds what changed, then becomes the server: Ctrl-C and signals reach it and nobody else.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let args: Vec<String> = args.iter().filter(|arg| *arg != "--").cloned().collect();
    prerequisites()?;
    let binary = build::release()?;
    let (service, options) = match args.first() {
        Some(first) if !first.starts_with('-') => (first.as_str(), &args[1..]),
        _ => ("all", &args[..]),
    };
    let here = std::env::current_dir()?;
    let listen = option(options, "--listen").unwrap_or(LISTEN);
    let data = here.join(option(options, "--data-dir").unwrap_or("data"));
    let public = option(options, "--public-url").map_or_else(|| local_url(listen), str::to_owned);
    if healthy(reachable(listen)?) {
        bail!("something already answers on {listen}; stop it, or choose another --listen");
    }
    let age = if data.join("identity.db").exists() { "known" } else { "new" };
    let mut wait = sh::command(std::env::current_exe()?);
    wait.args(["announce", "--detach", listen, &public, age]).arg(&data);
    wait.status().context("cannot start the announcer")?;
    let mut server = sh::command(binary);
    server.current_dir(here).arg(service).args(options);
    if option(options, "--data-dir").is_none() {
        server.arg("--data-dir").arg(&data);
    }
    if option(options, "--public-url").is_none() {
        server.args(["--public-url", &public]);
    }
    Err(server.exec()).context("cannot start the server")
}

/// Waits beside the server until it is ready, then says what to do next.
///
/// It is a process of its own because `run` turns into the server; `--detach` starts it and
/// returns, so that the server never has a child to wait for.
pub(crate) fn announce(args: &[String]) -> Result<()> {
    if let [detach, rest @ ..] = args
        && detach == "--detach"
    {
        let me = std::env::current_exe()?;
        sh::command(me).arg("announce").args(rest).stdin(Stdio::null()).spawn()?;
        return Ok(());
    }
    let [listen, public, age, data] = args else {
        bail!("announce LISTEN PUBLIC-URL new|known DATA-DIR");
    };
    let address = reachable(listen)?;
    let deadline = Instant::now() + START_TIMEOUT;
    while !healthy(address) {
        if Instant::now() > deadline {
            bail!("the server did not become ready within {} s", START_TIMEOUT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("{}", next_steps(public, Path::new(data), age == "new"));
    Ok(())
}

fn next_steps(public: &str, data: &Path, new: bool) -> String {
    let first =
        if new { "\n  Sign up there: the first person who does becomes the owner." } else { "" };
    format!(
        "\n  Tertulia is ready: {public}{first}\n\n  \
         Data   {}\n  Mail   {}\n\n  \
         Ctrl-C stops it; the same command starts it again.\n",
        data.display(),
        data.join("mail").display()
    )
}

/// Node and a compiler: looked for once, not at every start.
fn prerequisites() -> Result<()> {
    let toolchain = sh::root().join("rust-toolchain.toml");
    let stamp = Stamp::new("prerequisites", toolchain, &[sh::root().join("web/package.json")]);
    if stamp.is_fresh() {
        return Ok(());
    }
    install::ensure(&[&tools::RUST, &tools::CC, &tools::NODE, &tools::NPM])?;
    stamp.set()
}

fn option<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    let joined = args.iter().find_map(|arg| arg.strip_prefix(name)?.strip_prefix('='));
    let apart = args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    joined.or(apart.map(String::as_str))
}

fn local_url(listen: &str) -> String {
    let port = listen.rsplit_once(':').map_or("8080", |(_, port)| port);
    format!("http://localhost:{port}")
}

/// The address to ask: a server that listens everywhere is asked on the loopback.
fn reachable(listen: &str) -> Result<SocketAddr> {
    let mut addresses =
        listen.to_socket_addrs().with_context(|| format!("not an address: {listen}"))?;
    let mut address = addresses.next().with_context(|| format!("not an address: {listen}"))?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok(address)
}

fn healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status[9..] == b"200")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::{local_url, option};

    #[test]
    fn an_option_is_found_joined_or_apart() {
        let args = ["--listen", "0.0.0.0:9", "--data-dir=/d"].map(str::to_owned);
        assert_eq!(option(&args, "--listen"), Some("0.0.0.0:9"));
        assert_eq!(option(&args, "--data-dir"), Some("/d"));
        assert_eq!(option(&args, "--public-url"), None);
        assert_eq!(local_url("0.0.0.0:9"), "http://localhost:9");
    }
}
