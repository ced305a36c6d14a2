//! Amazon Polly: `SynthesizeSpeech` of its REST API, signed with AWS Signature Version 4.

use std::collections::BTreeMap;
use std::time::Duration;

use ::http::{Method, header};
use kit::secret::Secret;
use object_store::aws::{AmazonS3Builder, AwsAuthorizer, AwsCredentialProvider};
use object_store::client::HttpRequest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use super::{SpeakError, wav};

/// The highest rate at which Polly gives samples without a container.
const SAMPLES_PER_S: u32 = 16_000;
/// Polly takes 3,000 characters in one request.
const PIECE_CHARS_MAX: usize = 2_900;
/// No answer is larger: ten minutes of samples.
const ANSWER_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Amazon Polly instead of a program. Texts that are played then leave this installation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PollyConfig {
    /// Its region.
    pub region: String,
    /// What makes the voices: `neural`, `standard`, `long-form` or `generative`.
    pub engine: String,
    /// The voice for each language (ISO 639-1).
    pub voices: BTreeMap<String, String>,
    /// Address of the service when it is not the region's own.
    pub endpoint: Option<Url>,
    /// Id of the access key; absent: the environment, or the role of the machine or container.
    pub access_key_id: Option<String>,
    /// The access key: the text, or `{ file = "…" }`.
    pub secret_access_key: Option<Secret>,
}

impl Default for PollyConfig {
    fn default() -> Self {
        let voice = |(language, voice): (&str, &str)| (language.to_owned(), voice.to_owned());
        Self {
            region: "us-east-1".to_owned(),
            engine: "neural".to_owned(),
            voices: [("es", "Lucia"), ("en", "Joanna")].into_iter().map(voice).collect(),
            endpoint: None,
            access_key_id: None,
            secret_access_key: None,
        }
    }
}

/// Polly, and how we sign in to it.
pub(super) struct Polly {
    config: PollyConfig,
    address: Url,
    credentials: AwsCredentialProvider,
    http: reqwest::Client,
}

impl Polly {
    /// Speaks to nobody yet. Fails with what is wrong in the configuration.
    pub(super) fn new(config: &PollyConfig, timeout: Duration) -> Result<Self, String> {
        let own = || Url::parse(&format!("https://polly.{}.amazonaws.com", config.region));
        let base = config.endpoint.clone().map_or_else(own, Ok);
        let address = base.and_then(|base| base.join("/v1/speech"));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(timeout)
            .build();
        Ok(Self {
            config: config.clone(),
            address: address.map_err(|error| format!("functions.speak.polly: {error}"))?,
            credentials: credentials(config)?,
            http: http.map_err(|error| error.to_string())?,
        })
    }

    /// `text` as a WAV file.
    pub(super) async fn speak(&self, voice: &str, text: &str) -> Result<Vec<u8>, SpeakError> {
        let mut samples = Vec::new();
        for piece in pieces(text) {
            samples.extend(self.samples(voice, piece).await.map_err(SpeakError::Service)?);
        }
        Ok(wav::of_samples(SAMPLES_PER_S, &samples))
    }

    async fn samples(&self, voice: &str, text: &str) -> Result<Vec<u8>, String> {
        let asked = json!({
            "Engine": self.config.engine,
            "OutputFormat": "pcm",
            "SampleRate": SAMPLES_PER_S.to_string(),
            "Text": text,
            "VoiceId": voice,
        });
        let request = self.signed(asked.to_string()).await?;
        let answer = self.http.execute(request).await;
        let answer = answer.map_err(|error| kit::egress::unreachable(error).to_string())?;
        let status = answer.status();
        let body = kit::egress::body(answer, ANSWER_BYTES_MAX).await;
        let body = body.map_err(|error| error.to_string())?;
        if status.is_success() { Ok(body) } else { Err(refusal(status, &body)) }
    }

    async fn signed(&self, body: String) -> Result<reqwest::Request, String> {
        let credential = self.credentials.get_credential().await;
        let credential = credential.map_err(|error| error.to_string())?;
        let mut request: HttpRequest = ::http::Request::builder()
            .method(Method::POST)
            .uri(self.address.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.clone().into())
            .map_err(|error| error.to_string())?;
        AwsAuthorizer::new(&credential, "polly", &self.config.region)
            .try_authorize(&mut request, None)
            .map_err(|error| error.to_string())?;
        let (parts, _) = request.into_parts();
        let request = ::http::Request::from_parts(parts, body);
        request.try_into().map_err(|error: reqwest::Error| error.to_string())
    }
}

/// Keys are found for Polly as they are for a bucket; no bucket is ever asked for.
fn credentials(config: &PollyConfig) -> Result<AwsCredentialProvider, String> {
    let mut builder =
        AmazonS3Builder::from_env().with_region(&config.region).with_bucket_name("none");
    if let (Some(id), Some(secret)) = (&config.access_key_id, &config.secret_access_key) {
        let secret = secret.reveal();
        let secret =
            secret.map_err(|error| format!("functions.speak.polly.secret_access_key: {error}"))?;
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    let store = builder.build().map_err(|error| format!("functions.speak.polly: {error}"))?;
    Ok(store.credentials().clone())
}

/// What Polly says when it refuses.
fn refusal(status: reqwest::StatusCode, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(alias = "Message")]
        message: String,
    }
    let said = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.message);
    said.map_or_else(|_| format!("{status}"), |said| format!("{status}: {said}"))
}

/// `text` in pieces that Polly takes, cut after sentences, else between words.
fn pieces(text: &str) -> Vec<&str> {
    let (mut rest, mut pieces) = (text, Vec::new());
    while let Some((limit, _)) = rest.char_indices().nth(PIECE_CHARS_MAX) {
        let head = &rest[..limit];
        let sentence = head.rfind(['.', '!', '?', '\n']).map(|at| at + 1);
        let word = || head.rfind(char::is_whitespace).filter(|at| *at > 0);
        let (piece, after) = rest.split_at(sentence.or_else(word).unwrap_or(limit));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_text_is_cut_after_a_sentence() {
        let text = format!("{} {}", "Hola. ".repeat(480), "x".repeat(100));
        let cut = pieces(&text);
        assert_eq!(cut.len(), 2);
        assert!(cut[0].ends_with("Hola."), "{:?}", cut[0]);
    }

    proptest! {
        #[test]
        fn no_piece_is_too_long_and_nothing_lost(text in "[a-zñ. ]{0,80}", times in 1_usize..90) {
            let text = text.repeat(times);
            let cut = pieces(&text);
            prop_assert!(cut.iter().all(|piece| piece.chars().count() <= PIECE_CHARS_MAX));
            let kept = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(kept(&cut.concat()), kept(&text));
        }
    }
}
