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

const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Builds what changed, then becomes the server: Ctrl-C and signals reach it and nobody else.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--").collect();
    prerequisites()?;
    let binary = build::release()?;
    let (service, options) = match args.split_first() {
        Some((first, options)) if !first.starts_with('-') => (*first, options),
        _ => ("all", &args[..]),
    };
    let here = std::env::current_dir()?;
    let mut show = sh::command(&binary);
    show.current_dir(&here).args(["config", "show"]).args(options);
    let config = sh::output(&mut show)?;
    let listen = setting(&config, "listen").context("the configuration has no `listen`")?;
    if healthy(reachable(&listen)?) {
        bail!("something already answers on {listen}; stop it, or choose another --listen");
    }
    let public = setting(&config, "public_url").unwrap_or_else(|| local_url(&listen));
    let data = here.join(setting(&config, "data_dir").unwrap_or_else(|| "data".to_owned()));
    let age = if data.join("identity.db").exists() { "known" } else { "new" };
    let mut wait = sh::command(std::env::current_exe()?);
    wait.args(["announce", "--detach", &listen, &public, age]).arg(&data);
    wait.status().context("cannot start the announcer")?;
    let mut server = sh::command(binary);
    server.current_dir(here).arg(service).args(options);
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
    let first = if new {
        "\n         Sign up there: the first person who does becomes the owner."
    } else {
        ""
    };
    format!(
        "\n  Open   {public}{first}\n  Data   {}\n  Mail   {}\n\n  \
         Ctrl-C stops it; the same command starts it again.\n",
        data.display(),
        data.join("mail").display()
    )
}

/// Node, a compiler and a voice: looked for once, not at every start.
fn prerequisites() -> Result<()> {
    let toolchain = sh::root().join("rust-toolchain.toml");
    let stamp = Stamp::new("prerequisites", toolchain, &[sh::root().join("web/package.json")]);
    if stamp.is_fresh() {
        return Ok(());
    }
    install::ensure(&[&tools::RUST, &tools::CC, &tools::NODE, &tools::NPM, &tools::ESPEAK])?;
    stamp.set()
}

/// A text of the configuration's first section, as `tertulia config show` prints it.
fn setting(config: &str, name: &str) -> Option<String> {
    let top = config.lines().take_while(|line| !line.starts_with('['));
    let mut pairs = top.filter_map(|line| line.split_once(" = "));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(value.trim_matches('"').to_owned())
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
    use super::{local_url, setting};

    #[test]
    fn a_setting_is_read_from_the_first_section_only() {
        let config = "listen = \"0.0.0.0:9\"\n\n[chat]\ndata_dir = \"x\"\n";
        assert_eq!(setting(config, "listen").as_deref(), Some("0.0.0.0:9"));
        assert_eq!(setting(config, "data_dir"), None);
        assert_eq!(local_url("0.0.0.0:9"), "http://localhost:9");
    }
}
