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

// Many small things live across threads: with the C library's allocator a request costs more, and
// memory that was freed is not given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    let cli = command::Cli::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(cli.run())
}
