//! What goes in and out of `/clients`.

use kit::clock::rfc3339;
use kit::problem::ApiError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::oauth::clients::{AuthMethod, Client, Edit, Listed, NewClient};
use crate::oauth::scope;

/// Longest time that a replaced secret stays good: a week.
const OLD_LIFE_S_MAX: i64 = 7 * 86_400;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// `next` of the page before.
    #[param(max_length = 200)]
    pub(super) cursor: Option<String>,
    /// How many, 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    pub(super) limit: Option<i64>,
}

/// An app in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedClient)]
pub(super) struct ListedBody {
    client_id: String,
    /// What people are shown.
    name: String,
    /// Who registered it: `configured`, `static`, `developer` or `dynamic`.
    kind: String,
    created_at: String,
    /// When it last got a token, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl From<Listed> for ListedBody {
    fn from(client: Listed) -> Self {
        Self {
            client_id: client.id,
            name: client.name,
            kind: client.kind,
            created_at: rfc3339(client.created_at),
            last_used_at: client.last_used_at.map(rfc3339),
        }
    }
}

/// Apps, by their ids.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientList)]
pub(super) struct ClientList {
    pub(super) items: Vec<ListedBody>,
    /// The cursor of the next page, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// An app, without its secrets.
#[derive(Serialize, ToSchema)]
#[schema(as = Client)]
pub(super) struct ClientBody {
    client_id: String,
    /// What people are shown.
    name: String,
    /// Who registered it: `configured`, `static`, `developer` or `dynamic`.
    kind: &'static str,
    /// It belongs to this installation: no consent is asked.
    first_party: bool,
    /// How it proves who it is.
    auth_method: &'static str,
    /// Where codes may be sent.
    redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    post_logout_redirect_uris: Vec<String>,
    /// Where it hears that somebody signed out.
    #[serde(skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<String>,
    /// What it may ask for, separated by spaces.
    scope: String,
    /// What it may exchange for tokens.
    grant_types: Vec<String>,
    /// Its requests must be pushed first.
    require_par: bool,
    /// Its tokens must be bound to a key of its own.
    require_dpop: bool,
    created_at: String,
    /// When it last got a token, to the hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl From<Client> for ClientBody {
    fn from(client: Client) -> Self {
        Self {
            kind: client.kind.as_str(),
            first_party: client.first_party,
            auth_method: client.method.as_str(),
            scope: client.scopes.to_string(),
            require_par: client.require_par,
            require_dpop: client.require_dpop,
            created_at: rfc3339(client.created_at),
            last_used_at: client.last_used_at.map(rfc3339),
            client_id: client.id,
            name: client.name,
            redirect_uris: client.redirect_uris,
            post_logout_redirect_uris: client.post_logout_uris,
            backchannel_logout_uri: client.backchannel_uri,
            grant_types: client.grant_types,
        }
    }
}

/// A new app, or a new secret; it is told once.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientSecret)]
pub(super) struct SecretBody {
    pub(super) client_id: String,
    /// Absent for an app that keeps none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_secret: Option<String>,
}

/// How an app proves who it is.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Proof {
    /// It keeps no secret.
    None,
    /// A secret, in the header or in the body.
    #[default]
    ClientSecret,
    /// A secret, in the header.
    ClientSecretBasic,
    /// A secret, in the body.
    ClientSecretPost,
}

impl From<Proof> for AuthMethod {
    fn from(proof: Proof) -> Self {
        match proof {
            Proof::None => Self::None,
            Proof::ClientSecret => Self::Secret,
            Proof::ClientSecretBasic => Self::SecretBasic,
            Proof::ClientSecretPost => Self::SecretPost,
        }
    }
}

/// An app to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewClient)]
pub(super) struct NewBody {
    /// What people are shown.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Where codes may be sent.
    #[schema(max_items = 20)]
    redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    #[serde(default)]
    #[schema(max_items = 20)]
    post_logout_redirect_uris: Vec<String>,
    /// Where it hears that somebody signed out.
    #[serde(default)]
    backchannel_logout_uri: Option<String>,
    /// What it may ask for, separated by spaces; what every app may if left out.
    #[serde(default)]
    scope: Option<String>,
    /// How it proves who it is.
    #[serde(default)]
    #[schema(inline)]
    auth_method: Proof,
    /// What it may exchange for tokens; codes and refresh tokens if left out.
    #[serde(default)]
    #[schema(max_items = 10)]
    grant_types: Vec<String>,
    /// Its requests must be pushed first.
    #[serde(default)]
    require_par: bool,
    /// Its tokens must be bound to a key of its own.
    #[serde(default)]
    require_dpop: bool,
    /// It belongs to this installation: no consent is asked.
    #[serde(default)]
    first_party: bool,
}

impl NewBody {
    pub(super) fn parse(self) -> NewClient {
        NewClient {
            name: self.name,
            redirect_uris: self.redirect_uris,
            post_logout_uris: self.post_logout_redirect_uris,
            backchannel_uri: self.backchannel_logout_uri,
            scope: self.scope.unwrap_or_else(|| scope::DEFAULT.to_owned()),
            method: self.auth_method.into(),
            jwks: None,
            jwks_uri: None,
            grant_types: self.grant_types,
            require_par: self.require_par,
            require_dpop: self.require_dpop,
            first_party: self.first_party,
        }
    }
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EditClient)]
pub(super) struct EditBody {
    /// What people are shown.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Where codes may be sent.
    #[serde(default)]
    #[schema(max_items = 20)]
    redirect_uris: Option<Vec<String>>,
    /// Where a browser may go after signing out.
    #[serde(default)]
    #[schema(max_items = 20)]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Where it hears that somebody signed out; empty: nowhere.
    #[serde(default)]
    backchannel_logout_uri: Option<String>,
    /// What it may ask for, separated by spaces.
    #[serde(default)]
    scope: Option<String>,
    /// What it may exchange for tokens.
    #[serde(default)]
    #[schema(max_items = 10)]
    grant_types: Option<Vec<String>>,
    /// Its requests must be pushed first.
    #[serde(default)]
    require_par: Option<bool>,
    /// It belongs to this installation: no consent is asked.
    #[serde(default)]
    first_party: Option<bool>,
}

impl From<EditBody> for Edit {
    fn from(body: EditBody) -> Self {
        Self {
            name: body.name,
            redirect_uris: body.redirect_uris,
            post_logout_uris: body.post_logout_redirect_uris,
            backchannel_uri: body.backchannel_logout_uri,
            scope: body.scope,
            grant_types: body.grant_types,
            require_par: body.require_par,
            first_party: body.first_party,
        }
    }
}

/// What becomes of the secret before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RotateSecret)]
pub(super) struct Rotation {
    /// For how many seconds the old one stays good, at most a week; it ends at once if left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 604_800)]
    old_life_s: i64,
}

impl Rotation {
    pub(super) fn old_life_ms(&self) -> Result<i64, ApiError> {
        if (0..=OLD_LIFE_S_MAX).contains(&self.old_life_s) {
            return Ok(self.old_life_s * 1000);
        }
        let detail = format!("old_life_s is 0 to {OLD_LIFE_S_MAX}");
        Err(ApiError::field("old_life_s", "out_of_range", detail))
    }
}
