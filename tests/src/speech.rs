//! Speech in tests: programs that speak, and whether a clip is speech.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::environment::variable;
use crate::person::{Person, id};
use crate::wait::eventually;

/// Whether the default speech program is here; where it must be, its absence is an error.
pub fn espeak_is_installed() -> bool {
    let path = variable("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join("espeak-ng").is_file());
    assert!(there || variable("TERTULIA_REQUIRE_CLIENTS").is_none(), "espeak-ng is not installed");
    if !there {
        eprintln!("SKIPPED: espeak-ng is not installed; `cargo xtask setup` installs it");
    }
    there
}

/// A speech program of our own, a shell script: it keeps what it is told in the file `text`, does
/// `before`, and writes a tone of half a second.
pub fn program(folder: &Path, before: &str) -> PathBuf {
    let tone = folder.join("tone.wav");
    let samples: Vec<u8> = (0..11_025_i32)
        .flat_map(|at| {
            let sample = if at / 25 % 2 == 0 { 8_000_i16 } else { -8_000 };
            sample.to_le_bytes()
        })
        .collect();
    let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0".to_vec();
    file.extend([1, 0, 1, 0, 0x22, 0x56, 0, 0, 0x44, 0xac, 0, 0, 2, 0, 16, 0]);
    file.extend(b"data\xff\xff\xff\xff");
    file.extend(samples);
    std::fs::write(&tone, file).expect("the tone is written");
    let path = folder.join("speak.sh");
    let text = folder.join("text");
    let (text, tone) = (text.display(), tone.display());
    let script = format!("#!/bin/sh\ncat > '{text}'\n{before}\nexec cat '{tone}'\n");
    std::fs::write(&path, script).expect("the script is written");
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, runnable).expect("it may be run");
    path
}

/// Presses *play* on a message; answers the status and the clip.
pub async fn press(person: &Person, room: &str, message: &Value) -> (u16, Value) {
    let path = format!("/api/rooms/{room}/messages/{}/speech", id(message));
    let answer = person.post(&path, json!({})).await;
    (answer.status, answer.body)
}

/// Presses *play* and waits until the clip is ready.
pub async fn hear(person: &Person, room: &str, message: &Value) -> Value {
    eventually("the clip is ready", async || {
        let (status, clip) = press(person, room, message).await;
        assert!(status == 200 || status == 202, "{status} {clip}");
        (clip["state"] == "ready").then_some(clip)
    })
    .await
}

/// A clip's samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Samples in a second.
    pub rate: u32,
    /// Each from -32,768 to 32,767.
    pub samples: Vec<i16>,
}

impl Sound {
    /// The sound of a WAV file of 16 bits and one channel, whose sizes must be true.
    pub fn of(wav: &[u8]) -> Self {
        assert_eq!(&wav[..4], b"RIFF");
        assert_eq!(number(&wav[4..8]) as usize, wav.len() - 8, "the size in the head is true");
        let rate = number(&wav[24..28]);
        let data = wav.windows(4).position(|word| word == b"data").expect("it has samples");
        let (size, samples) = (number(&wav[data + 4..data + 8]), &wav[data + 8..]);
        assert_eq!(size as usize, samples.len());
        let samples = samples.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]]));
        Self { rate, samples: samples.collect() }
    }

    /// How long it is, in seconds.
    pub fn seconds(&self) -> f64 {
        f64::from(u32::try_from(self.samples.len()).expect("a short clip")) / f64::from(self.rate)
    }

    /// How loud each twentieth of a second is (root mean square).
    pub fn loudness(&self) -> Vec<f64> {
        let window = usize::try_from(self.rate / 20).expect("small");
        let rms = |part: &[i16]| {
            let sum: f64 = part.iter().map(|sample| f64::from(*sample).powi(2)).sum();
            (sum / f64::from(u32::try_from(part.len().max(1)).expect("small"))).sqrt()
        };
        self.samples.chunks(window).map(rms).collect()
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().expect("four bytes"))
}
