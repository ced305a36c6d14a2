//! The settings of speech.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::polly::PollyConfig;

/// How a text becomes speech: by a program that reads the text from its standard input and writes
/// a WAV file to its standard output. eSpeak NG unless told otherwise. For Piper:
/// `program = "piper"`, `args = ["--model", "{voice}", "--output_file", "-"]`, and
/// `voices = { es = "/models/es_ES.onnx", en = "/models/en_US.onnx" }`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpeakConfig {
    /// The program; without it no message can be played, and the button says why.
    pub program: String,
    /// What it is started with; `{voice}` is the voice of the text's language.
    pub args: Vec<String>,
    /// The voice for each language (ISO 639-1). A text is spoken in the one of these that it is
    /// most likely written in.
    pub voices: BTreeMap<String, String>,
    /// Texts spoken at once by this process; more wait for `timeout_ms`.
    pub at_once: usize,
    /// Milliseconds that one text may take; then the program is ended.
    pub timeout_ms: u64,
    /// Amazon Polly instead of the program; absent: the program.
    pub polly: Option<PollyConfig>,
}

impl Default for SpeakConfig {
    fn default() -> Self {
        let words = |list: [&str; 4]| list.map(str::to_owned).to_vec();
        let voice = |(language, voice): (&str, &str)| (language.to_owned(), voice.to_owned());
        Self {
            program: "espeak-ng".to_owned(),
            args: words(["-v", "{voice}", "--stdin", "--stdout"]),
            voices: [("es", "es"), ("en", "en-us")].into_iter().map(voice).collect(),
            at_once: 2,
            timeout_ms: 20_000,
            polly: None,
        }
    }
}

impl SpeakConfig {
    /// The voice for each language.
    pub(super) fn voices(&self) -> &BTreeMap<String, String> {
        self.polly.as_ref().map_or(&self.voices, |polly| &polly.voices)
    }

    /// What speaks, and its voices, in a line: another line, another clip.
    pub(super) fn engine(&self) -> String {
        let speaks = match &self.polly {
            Some(polly) => format!("polly-{}", polly.engine),
            None => self.program.rsplit('/').next().unwrap_or_default().to_owned(),
        };
        let voices: Vec<String> =
            self.voices().iter().map(|(language, voice)| format!("{language}={voice}")).collect();
        format!("{speaks} {}", voices.join(" "))
    }

    pub(super) fn wait(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}
