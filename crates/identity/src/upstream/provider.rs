//! A provider of others at work: where its endpoints are, what its keys are, and what it is asked.
//!
//! Every request goes through the guard, because the provider's own document names most of the
//! addresses: https to a name on the internet, or what the operator excepted.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use kit::egress::{self, EgressConfig, Guard};
use kit::jose::Signed;
use serde::Deserialize;
use serde_json::Value;

use super::UpstreamError;
use super::config::{ClientAuth, Upstream, UpstreamKind};
use super::kept::Kept;

/// Longest document that is read, bytes.
const DOCUMENT_BYTES_MAX: usize = 128 * 1024;
/// Some refuse programs that do not say what they are.
const AGENT: &str = "Tertulia";

/// Every provider that the operator configured; usually none.
#[derive(Clone, Default)]
pub(crate) struct Providers(Vec<Arc<Provider>>);

/// One provider.
pub(crate) struct Provider {
    /// What the operator says about it.
    pub(super) told: Upstream,
    secret: String,
    guard: Guard,
    discovery: Kept<Endpoints>,
    keys: Kept<Value>,
}

/// Where it is asked what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoints {
    /// Where the browser goes.
    pub(super) authorization: String,
    token: String,
    /// Where the person is described.
    pub(super) person: Option<String>,
    keys: Option<String>,
    auth: ClientAuth,
    /// Its answers say whose they are (RFC 9207).
    pub(super) says_issuer: bool,
}

/// What the token endpoint gave for a code.
#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: Option<String>,
    pub(super) id_token: Option<String>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Providers {
    /// Reads the secrets of `told`; says which one cannot be read.
    pub(crate) fn open(told: &[Upstream], egress: &EgressConfig) -> Result<Self, String> {
        let guard = Guard::new(egress);
        let open = |told: &Upstream| {
            let secret = told.client_secret.reveal().map_err(|error| {
                format!("identity.upstream {:?}: client_secret: {error}", told.name)
            })?;
            let (discovery, keys) = (Kept::default(), Kept::default());
            let guard = guard.clone();
            Ok(Arc::new(Provider { told: told.clone(), secret, guard, discovery, keys }))
        };
        told.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// The one of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Provider>> {
        self.0.iter().find(|provider| provider.told.name == name)
    }

    /// All of them, in the operator's order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Provider {
    /// What buttons call it.
    pub(crate) fn label(&self) -> &str {
        self.told.label.trim()
    }

    /// Whether it can be asked to make its person prove anew who they are, and says so.
    pub(crate) fn can_ask_anew(&self) -> bool {
        self.told.kind == UpstreamKind::Oidc
    }

    /// Where its endpoints are: as the operator says, or as its own document does.
    pub(super) async fn endpoints(&self) -> Result<Arc<Endpoints>, UpstreamError> {
        if self.told.kind == UpstreamKind::Oidc {
            return self.discovery.get(|_| true, async || self.discover().await).await;
        }
        let told = &self.told;
        let needed = |url: &Option<String>| {
            url.clone().ok_or_else(|| UpstreamError::Away("it has no such endpoint".to_owned()))
        };
        Ok(Arc::new(Endpoints {
            authorization: needed(&told.authorization_url)?,
            token: needed(&told.token_url)?,
            person: told.user_url.clone(),
            keys: None,
            auth: told.client_auth.unwrap_or(ClientAuth::Post),
            says_issuer: false,
        }))
    }

    /// Whether one of its keys signed this.
    pub(super) async fn has_signed(&self, signed: &Signed<'_>) -> Result<bool, UpstreamError> {
        let endpoints = self.endpoints().await?;
        let Some(at) = endpoints.keys.as_deref() else { return Ok(false) };
        let ask = async || Ok(self.guard.get_json::<Value>(at, DOCUMENT_BYTES_MAX).await?);
        let keys = self.keys.get(|keys| signed.has_candidate(keys), ask).await?;
        Ok(signed.is_by_one_of(&keys))
    }

    /// Gives it a code for tokens.
    pub(super) async fn redeem(
        &self,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<Tokens, UpstreamError> {
        let endpoints = self.endpoints().await?;
        let (id, secret) = (self.told.client_id.as_str(), self.secret.as_str());
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
        ];
        let mut request =
            self.guard.post(&endpoints.token)?.header(header::ACCEPT, "application/json");
        match endpoints.auth {
            ClientAuth::Basic => request = request.header(header::AUTHORIZATION, basic(id, secret)),
            ClientAuth::Post => form.extend([("client_id", id), ("client_secret", secret)]),
        }
        let request = request.header(header::USER_AGENT, AGENT).form(&form);
        let tokens: Tokens =
            self.answer(request, UpstreamError::Refused("it took no code")).await?;
        match tokens.error {
            Some(_) => Err(UpstreamError::Refused("it took no code")),
            None => Ok(tokens),
        }
    }

    /// Reads what it tells the owner of a token at `url`.
    pub(super) async fn read(&self, url: &str, token: &str) -> Result<Value, UpstreamError> {
        let request = self.guard.get(url)?.bearer_auth(token);
        let request = request.header(header::ACCEPT, "application/json");
        let request = request.header(header::USER_AGENT, AGENT);
        self.answer(request, UpstreamError::Refused("it did not take its own token")).await
    }

    /// The JSON that it answers; `refused` when it says that the request was wrong.
    async fn answer<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        refused: UpstreamError,
    ) -> Result<T, UpstreamError> {
        let response = request.send().await.map_err(egress::unreachable)?;
        let status = response.status();
        if status.is_client_error() && status.as_u16() != 429 {
            return Err(refused);
        }
        if !status.is_success() {
            return Err(UpstreamError::Away(format!("it answered {status}")));
        }
        let body = egress::body(response, DOCUMENT_BYTES_MAX).await?;
        serde_json::from_slice(&body)
            .map_err(|_| UpstreamError::Refused("its answer is not what it should be"))
    }

    async fn discover(&self) -> Result<Endpoints, UpstreamError> {
        let issuer = self.told.issuer.as_str();
        let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let found: Discovery = self.guard.get_json(&at, DOCUMENT_BYTES_MAX).await?;
        if found.issuer != issuer {
            let reason = format!("its document is about the issuer {:?}", found.issuer);
            return Err(UpstreamError::Away(reason));
        }
        self.guard.check(&found.authorization_endpoint)?;
        let methods = found.token_endpoint_auth_methods_supported.unwrap_or_default();
        let knows = |name: &str| methods.iter().any(|method| method == name);
        let only_post = knows("client_secret_post") && !knows("client_secret_basic");
        let usual = if only_post { ClientAuth::Post } else { ClientAuth::Basic };
        Ok(Endpoints {
            authorization: found.authorization_endpoint,
            token: found.token_endpoint,
            person: found.userinfo_endpoint,
            keys: Some(found.jwks_uri),
            auth: self.told.client_auth.unwrap_or(usual),
            says_issuer: found.authorization_response_iss_parameter_supported,
        })
    }
}

/// `client_secret_basic` (RFC 6749 section 2.3.1): both parts encoded as in a form.
fn basic(id: &str, secret: &str) -> String {
    let encoded =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_secrets_are_encoded_before_they_are_joined() {
        let header = basic("a:b", "c d%");
        let sent = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(sent).unwrap(), "a%3Ab:c+d%25");
    }
}
