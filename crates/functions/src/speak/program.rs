//! Running the speech program.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::{SpeakConfig, SpeakError};

/// No clip is larger: the longest text at 22,050 Hz, several times over.
const CLIP_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why `program` cannot be run, if it cannot.
pub(super) fn missing(program: &str) -> Option<String> {
    let named = PathBuf::from(program);
    let found = if named.components().count() > 1 {
        named.is_file()
    } else {
        let path = kit::config::env("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    };
    (!found).then(|| format!("the program {program} is not installed"))
}

/// What the program writes when it reads `text`.
pub(super) async fn run(
    config: &SpeakConfig,
    voice: &str,
    text: &str,
) -> Result<Vec<u8>, SpeakError> {
    if let Some(reason) = missing(&config.program) {
        return Err(SpeakError::NoProgram(reason));
    }
    let args = config.args.iter().map(|arg| arg.replace("{voice}", voice));
    let child = Command::new(&config.program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| SpeakError::NoProgram(error.to_string()))?;
    let spoken = tokio::time::timeout(config.wait(), converse(child, text)).await;
    let spoken = spoken.map_err(|_| SpeakError::Program("it took too long".to_owned()))?;
    spoken.map_err(|error| SpeakError::Program(error.to_string()))
}

/// The text without ends of lines, at which some programs (Piper) begin another sound; where one
/// ended a sentence does, too.
fn on_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::with_capacity(text.len()), |mut said, line| {
        if said.ends_with(|last: char| last.is_alphanumeric()) {
            said.push('.');
        }
        if !said.is_empty() {
            said.push(' ');
        }
        said + line
    })
}

/// Writes and reads at the same time, since either pipe may be full.
async fn converse(mut child: Child, text: &str) -> std::io::Result<Vec<u8>> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let say = async {
        if let Some(mut stdin) = stdin {
            stdin.write_all(on_one_line(text).as_bytes()).await?;
            stdin.write_all(b"\n").await?;
        }
        Ok::<_, std::io::Error>(())
    };
    let hear = async {
        let mut written = Vec::new();
        if let Some(stdout) = stdout {
            stdout.take(CLIP_BYTES_MAX).read_to_end(&mut written).await?;
        }
        Ok::<_, std::io::Error>(written)
    };
    let (said, written) = tokio::join!(say, hear);
    let (written, status) = (written?, child.wait().await?);
    if !status.success() {
        return Err(std::io::Error::other(format!("it ended with {status}")));
    }
    said?;
    Ok(written)
}
