//! `speak`: a text becomes speech.
//!
//! A program of the operator's choice does it: eSpeak NG unless told otherwise, or Piper, or
//! anything else that reads a text and writes a WAV file. The text goes in by standard input and
//! never into a command line. Or Amazon Polly does it.

mod config;
mod polly;
mod program;
mod wav;

use ::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use kit::problem::{ApiError, Kind, Problem};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use config::SpeakConfig;
pub use polly::PollyConfig;

use crate::http::{Functions, signed};
use polly::Polly;

/// The longest text, in characters: some five minutes.
pub const TEXT_CHARS_MAX: usize = 5_000;
/// The name that is signed.
const NAME: &str = "speak";

/// What is to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Speak {
    /// 1 to 5,000 characters.
    #[schema(min_length = 1, max_length = 5000)]
    text: String,
    /// One of the languages that `GET /speak` names, such as `es`.
    language: String,
}

/// What there is to speak with.
#[derive(Debug, Serialize, ToSchema)]
struct Voices {
    /// Whether anything can be said.
    available: bool,
    /// Why not, for the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What speaks and its voices, so that a clip is known by what made it.
    engine: String,
    /// Languages that are spoken (ISO 639-1).
    languages: Vec<String>,
    /// The longest text, in characters.
    text_chars_max: usize,
}

/// Why nothing was said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpeakError {
    /// No characters, or too many.
    #[error("a text to speak has 1 to {TEXT_CHARS_MAX} characters, this one has {0}")]
    Length(usize),
    /// No voice for it.
    #[error("there is no voice for this language")]
    Language,
    /// The program is not there, or the service not configured well.
    #[error("there is nothing to speak with: {0}")]
    NoProgram(String),
    /// The service refused or did not answer.
    #[error("the speech service failed: {0}")]
    Service(String),
    /// It ended badly, too late, or wrote no speech.
    #[error("the speech program failed: {0}")]
    Program(String),
    /// More is being said than this process takes on.
    #[error("too much is being said at once")]
    Busy,
}

impl Problem for SpeakError {
    fn kind(&self) -> Kind {
        match self {
            Self::Length(_) => Kind::TooLarge,
            Self::Language => Kind::Invalid,
            Self::NoProgram(_) | Self::Service(_) | Self::Program(_) | Self::Busy => {
                Kind::Unavailable
            }
        }
    }
}

/// What speaks.
pub(crate) struct Speaker {
    config: SpeakConfig,
    /// Polly if it is configured, or what is wrong with how it is.
    polly: Option<Result<Polly, String>>,
    slots: Semaphore,
}

impl Speaker {
    pub(crate) fn new(config: &SpeakConfig) -> Self {
        let polly = config.polly.as_ref().map(|polly| Polly::new(polly, config.wait()));
        Self { config: config.clone(), polly, slots: Semaphore::new(config.at_once.max(1)) }
    }

    fn voices(&self) -> Voices {
        let config = &self.config;
        let reason = match &self.polly {
            None => program::missing(&config.program),
            Some(polly) => polly.as_ref().err().cloned(),
        };
        Voices {
            available: reason.is_none(),
            reason,
            engine: config.engine(),
            languages: config.voices().keys().cloned().collect(),
            text_chars_max: TEXT_CHARS_MAX,
        }
    }

    /// `text` as a WAV file.
    async fn speak(&self, text: &str, language: &str) -> Result<wav::Clip, SpeakError> {
        let chars = text.chars().count();
        if text.trim().is_empty() || chars > TEXT_CHARS_MAX {
            return Err(SpeakError::Length(chars));
        }
        let voice = self.config.voices().get(language).ok_or(SpeakError::Language)?;
        let slot = tokio::time::timeout(self.config.wait(), self.slots.acquire()).await;
        let _slot = slot.ok().and_then(Result::ok).ok_or(SpeakError::Busy)?;
        let written = match &self.polly {
            None => program::run(&self.config, voice, text).await?,
            Some(Ok(polly)) => polly.speak(voice, text).await?,
            Some(Err(reason)) => return Err(SpeakError::NoProgram(reason.clone())),
        };
        wav::whole(written).ok_or_else(|| SpeakError::Program("it wrote no speech".to_owned()))
    }
}

/// The doors of speech.
pub(crate) fn router() -> OpenApiRouter<Functions> {
    OpenApiRouter::new().routes(routes!(voices, speak))
}

/// What there is to speak with.
#[utoipa::path(get, path = "/speak", tag = "speak", operation_id = "voices",
    responses((status = 200, body = Voices)))]
async fn voices(State(functions): State<Functions>) -> axum::Json<Voices> {
    axum::Json(functions.speaker.voices())
}

/// A text as speech.
#[utoipa::path(post, path = "/speak", tag = "speak", operation_id = "speak",
    request_body = Speak, security(("signature" = [])),
    responses((status = 200, content_type = "audio/wav", body = Vec<u8>)))]
async fn speak(
    State(functions): State<Functions>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Speak { text, language } = signed(&functions, NAME, &headers, &body)?;
    let clip = functions.speaker.speak(&text, &language).await?;
    let mut response = clip.file.into_response();
    let kind = HeaderValue::from_static("audio/wav");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert("x-duration-ms", HeaderValue::from(clip.duration_ms));
    if let Ok(engine) = HeaderValue::from_str(&functions.speaker.config.engine()) {
        response.headers_mut().insert(HeaderName::from_static("x-voice"), engine);
    }
    Ok(response)
}
