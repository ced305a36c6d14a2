//! The function `speak`, wherever it runs.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kit::jobs::Failed;
use serde::{Deserialize, Serialize};

use crate::functions::{Functions, failure};

/// The longest text that is spoken, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 5_000;
const CLIP_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long its voices are believed.
const VOICES_FOR: Duration = Duration::from_secs(15);
/// How long whoever opens a page waits to hear whether there is speech.
const VOICES_TIMEOUT: Duration = Duration::from_secs(2);

/// What the function has to speak with.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Voices {
    pub(super) available: bool,
    pub(super) engine: String,
    pub(super) languages: Vec<String>,
}

/// Speech as it came.
pub(super) struct Spoken {
    pub(super) wav: Bytes,
    pub(super) duration_ms: i64,
}

#[derive(Serialize)]
struct Speak<'t> {
    text: &'t str,
    language: &'t str,
}

/// The function as a client sees it.
pub(crate) struct Function {
    functions: Functions,
    voices: Mutex<Option<(Instant, Voices)>>,
}

impl Function {
    pub(crate) fn new(functions: Functions) -> Self {
        Self { functions, voices: Mutex::new(None) }
    }

    /// Whether a message can be heard. A function that does not answer is believed to come back.
    pub(super) async fn offered(&self) -> bool {
        self.functions.are_there() && self.voices().await.is_none_or(|voices| voices.available)
    }

    /// What there is to speak with, if the function says.
    pub(super) async fn voices(&self) -> Option<Voices> {
        if !self.functions.are_there() {
            return None;
        }
        if let Some((since, voices)) = &*self.lock()
            && since.elapsed() < VOICES_FOR
        {
            return Some(voices.clone());
        }
        let asked = self.functions.get("speak")?.timeout(VOICES_TIMEOUT).send();
        let voices: Voices = asked.await.ok()?.error_for_status().ok()?.json().await.ok()?;
        *self.lock() = Some((Instant::now(), voices.clone()));
        Some(voices)
    }

    /// Has `text` said.
    pub(super) async fn speak(&self, text: &str, language: &str) -> Result<Spoken, Failed> {
        let answer = self.functions.call("speak", "text", &Speak { text, language }).await?;
        let header = |name| answer.headers().get(name)?.to_str().ok();
        let is_wav = header("content-type") == Some("audio/wav");
        let duration_ms = header("x-duration-ms").and_then(|text| text.parse().ok());
        let duration_ms = duration_ms.filter(|_| is_wav);
        let duration_ms = duration_ms
            .ok_or_else(|| Failed::Later("the function answered something else".to_owned()))?;
        Ok(Spoken { wav: read(answer).await?, duration_ms })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Voices)>> {
        self.voices.lock().expect("nobody panics here")
    }
}

/// All of an answer, and no more than a clip has.
async fn read(mut answer: reqwest::Response) -> Result<Bytes, Failed> {
    let mut all = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(failure)? {
        if all.len() + part.len() > CLIP_BYTES_MAX {
            return Err(Failed::Later("the function answered too much".to_owned()));
        }
        all.extend_from_slice(&part);
    }
    Ok(all.into())
}
