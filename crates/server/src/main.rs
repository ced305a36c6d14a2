//! `tertulia`: every service in one program, and the commands of operators.

mod all;
mod alone;
mod command;
mod config;
mod example;
mod jobs;
mod listen;
mod web;

use anyhow::Result;
use clap::Parser as _;

fn main() -> Result<()> {
    let cli = command::Cli::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(cli.run())
}
