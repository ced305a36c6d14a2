//! What an app says about itself (RFC 7591 section 2, OpenID Connect Registration 2); no I/O.
//!
//! What we do not know is ignored, as section 2 wants it; what we know and cannot do is refused.
//! The answer tells what was kept.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::clients::{AuthMethod, Client, ClientKind, Details};
use super::super::keys::Alg;
use super::super::scope::{self, Scopes};
use super::failure::Failure;

/// Longest body, bytes.
pub(super) const BODY_BYTES_MAX: usize = 64 * 1024;
/// What signs ID tokens of an app that does not say (OpenID Connect Registration 2).
const ALG: &str = "RS256";

/// A registration as it came.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    /// Only in a change (RFC 7592 section 2.2).
    pub client_id: Option<String>,
    /// The same.
    pub client_secret: Option<String>,
    redirect_uris: Option<Vec<String>>,
    post_logout_redirect_uris: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    client_name: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    scope: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<String>,
    application_type: Option<String>,
    subject_type: Option<String>,
    id_token_signed_response_alg: Option<String>,
    backchannel_logout_uri: Option<String>,
    require_pushed_authorization_requests: Option<bool>,
    dpop_bound_access_tokens: Option<bool>,
}

impl Metadata {
    /// Reads a body.
    pub(super) fn read(body: &[u8]) -> Result<Self, Failure> {
        if body.len() > BODY_BYTES_MAX {
            return Err(Failure::TooLong);
        }
        let read = serde_json::from_slice(body);
        read.map_err(|error| Failure::Metadata(format!("the body cannot be read: {error}")))
    }

    /// The app that it describes, not yet looked at as a whole, without id and secret.
    pub(super) fn client(self) -> Result<Client, Failure> {
        let grant_types = self.grant_types.unwrap_or_else(|| vec!["authorization_code".to_owned()]);
        let code = grant_types.iter().any(|own| own == "authorization_code");
        let answers = match (&self.response_types, code) {
            (None, _) => true,
            (Some(types), true) => types.len() == 1 && types[0] == "code",
            (Some(types), false) => types.is_empty(),
        };
        if !answers {
            return refuse("response_types must be [\"code\"] where codes are exchanged");
        }
        let native = match self.application_type.as_deref() {
            None | Some("web") => false,
            Some("native") => true,
            Some(_) => return refuse("application_type must be web or native"),
        };
        if self.subject_type.is_some_and(|kind| kind != "public") {
            return refuse("subject_type must be public");
        }
        let alg = self.id_token_signed_response_alg.unwrap_or_else(|| ALG.to_owned());
        if Alg::named(&alg).is_none() {
            return refuse("id_token_signed_response_alg must be RS256 or ES256");
        }
        let redirect_uris = self.redirect_uris.unwrap_or_default();
        let name = self.client_name.unwrap_or_else(|| host_of(redirect_uris.first()));
        Ok(Client {
            name,
            scopes: scopes(self.scope.as_deref()),
            redirect_uris,
            post_logout_uris: self.post_logout_redirect_uris.unwrap_or_default(),
            backchannel_uri: self.backchannel_logout_uri,
            method: method(self.token_endpoint_auth_method.as_deref())?,
            grant_types,
            kind: ClientKind::Dynamic,
            details: Details {
                native,
                jwks: self.jwks.map(|set| set.to_string()),
                jwks_uri: self.jwks_uri,
                client_uri: self.client_uri,
                logo_uri: self.logo_uri,
                policy_uri: self.policy_uri,
                tos_uri: self.tos_uri,
            },
            require_par: self.require_pushed_authorization_requests.unwrap_or(false),
            require_dpop: self.dpop_bound_access_tokens.unwrap_or(false),
            id_token_alg: alg,
            ..Client::blank()
        })
    }
}

/// What is kept of an app, in the same words; absent is what it did not say.
pub(super) fn described(client: &Client) -> Map<String, Value> {
    let details = &client.details;
    let code = client.may("authorization_code");
    let jwks = details.jwks.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let all = json!({
        "client_id": client.id,
        "client_id_issued_at": client.created_at.div_euclid(1000),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_uris,
        "token_endpoint_auth_method": client.method.as_str(),
        "grant_types": client.grant_types,
        "response_types": if code { vec!["code"] } else { vec![] },
        "scope": client.scopes.to_string(),
        "application_type": if details.native { "native" } else { "web" },
        "subject_type": "public",
        "id_token_signed_response_alg": client.id_token_alg,
        "require_pushed_authorization_requests": client.require_par,
        "dpop_bound_access_tokens": client.require_dpop,
        "backchannel_logout_uri": client.backchannel_uri,
        "client_uri": details.client_uri,
        "logo_uri": details.logo_uri,
        "policy_uri": details.policy_uri,
        "tos_uri": details.tos_uri,
        "jwks": jwks,
        "jwks_uri": details.jwks_uri,
    });
    match all {
        Value::Object(all) => all.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

fn method(word: Option<&str>) -> Result<AuthMethod, Failure> {
    let word = word.unwrap_or("client_secret_basic");
    match AuthMethod::of(word).filter(|method| *method != AuthMethod::Secret) {
        Some(method) => Ok(method),
        None => refuse("token_endpoint_auth_method is not supported"),
    }
}

/// What it may ask for: of what it wants, as much as an app of others can have.
fn scopes(asked: Option<&str>) -> Scopes {
    let most = Scopes::parse(scope::DEFAULT);
    asked.map_or(most, |asked| Scopes::parse(asked).and(most))
}

/// A name for an app that says none: where it sends people.
fn host_of(uri: Option<&String>) -> String {
    let url = uri.and_then(|uri| url::Url::parse(uri).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "?".to_owned())
}

fn refuse<T>(reason: &str) -> Result<T, Failure> {
    Err(Failure::Metadata(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(metadata: &Value) -> Result<Client, Failure> {
        Metadata::read(metadata.to_string().as_bytes())?.client()
    }

    #[test]
    fn what_is_not_said_has_the_defaults_of_the_specifications() {
        let client = read(&json!({"redirect_uris": ["https://app.example/cb"]})).unwrap();
        assert_eq!(client.name, "app.example");
        assert_eq!(client.method, AuthMethod::SecretBasic);
        assert_eq!(client.grant_types, ["authorization_code"]);
        assert_eq!(client.id_token_alg, "RS256");
        assert_eq!(client.scopes.to_string(), scope::DEFAULT);
        assert!(!client.details.native && !client.require_par && !client.require_dpop);
        assert_eq!(client.kind, ClientKind::Dynamic);
        assert!(!client.first_party);
    }

    #[test]
    fn what_we_do_not_know_is_ignored_and_what_we_cannot_do_is_refused() {
        let known = json!({"redirect_uris": [], "contacts": ["a@app.example"], "first_party": true,
                           "scope": "openid telepathy chat.admin", "client_name#es": "Reloj"});
        let client = read(&known).unwrap();
        assert_eq!(client.scopes.to_string(), "openid");
        assert!(!client.first_party);
        for (field, value) in [
            ("token_endpoint_auth_method", json!("client_secret_jwt")),
            ("token_endpoint_auth_method", json!("client_secret")),
            ("response_types", json!(["code", "token"])),
            ("response_types", json!([])),
            ("application_type", json!("toaster")),
            ("subject_type", json!("pairwise")),
            ("id_token_signed_response_alg", json!("none")),
            ("id_token_signed_response_alg", json!("HS256")),
            ("client_name", json!(7)),
            ("redirect_uris", json!("https://app.example/cb")),
        ] {
            let refused = read(&json!({ field: value }));
            assert!(matches!(refused, Err(Failure::Metadata(_))), "{field} {value}");
        }
    }

    #[test]
    fn what_is_kept_is_told_in_the_same_words() {
        let said = json!({
            "redirect_uris": ["https://app.example/cb"], "client_name": "Reloj",
            "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []},
            "grant_types": ["authorization_code", "refresh_token"], "scope": "openid chat",
            "application_type": "native", "id_token_signed_response_alg": "ES256",
            "tos_uri": "https://app.example/tos", "dpop_bound_access_tokens": true,
        });
        let told = described(&read(&said).unwrap());
        for (name, value) in said.as_object().unwrap() {
            assert_eq!(told.get(name), Some(value), "{name}");
        }
        assert!(!told.contains_key("logo_uri"));
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(bytes in any::<Vec<u8>>(), name in any::<String>()) {
            let _ = Metadata::read(&bytes).and_then(Metadata::client);
            let client = read(&json!({"client_name": name.clone(), "redirect_uris": [name]}));
            prop_assert!(client.is_ok());
        }
    }
}
