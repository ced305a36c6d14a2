//! Registering an app, by an operator.

use kit::clock::random_token;
use kit::db::{DbErr, Tx};
use kit::jose;
use kit::problem::{Kind, Problem};
use serde_json::json;

use subtle::ConstantTimeEq as _;

use super::{AuthMethod, Client, Details, hash, others, store};
use crate::accounts::Actor;
use crate::oauth::ground::{self, About};
use crate::oauth::scope::Scopes;
use crate::oauth::{Provider, device, redirect};

/// Most URIs of one kind.
const URIS_MAX: usize = 20;
/// Longest name, characters.
const NAME_CHARS_MAX: usize = 100;

/// Longest key set, bytes.
const JWKS_BYTES_MAX: usize = 16 * 1024;
/// What can be exchanged for tokens.
const GRANT_TYPES_KNOWN: [&str; 4] =
    ["authorization_code", "refresh_token", "client_credentials", device::GRANT_TYPE];

/// Why a client cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A URI that nothing may be sent to.
    #[error("{uri}: {reason}")]
    Uri {
        /// Which one.
        uri: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that is empty, too long, or changes the words beside it.
    #[error(
        "a client has a name of 1 to {NAME_CHARS_MAX} characters, none of which turns the text \
         around or breaks the line"
    )]
    Name,
    /// Too many URIs.
    #[error("a client has at most {URIS_MAX} URIs of a kind")]
    Size,
    /// Nowhere to send codes to.
    #[error("a client that exchanges codes has a redirect URI to send them to")]
    NoRedirect,
    /// Something that it says does not go together.
    #[error("{0}")]
    Contradiction(&'static str),
    /// An address that cannot be one of this app.
    #[error("{field}: {reason}")]
    Place {
        /// Which one, in the words of RFC 7591.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No such scope.
    #[error("there is no scope {0:?}")]
    Scope(String),
    /// There is no such app.
    #[error("there is no such app")]
    Unknown,
    /// Whoever changes an app that asks no consent acts as all who open it.
    #[error("only an owner registers and changes an app of this installation")]
    NotOwner,
    /// The server registers it at each start.
    #[error("this app is registered by the configuration, and changed there")]
    Configured,
    /// It proves itself by something else, or not at all.
    #[error("this app has no secret")]
    Secretless,
    /// The cause goes to the log, never to the caller.
    #[error("the client store failed")]
    Store(#[from] DbErr),
}

impl Problem for ClientError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Unknown => Kind::NotFound,
            Self::NotOwner => Kind::Forbidden,
            Self::Configured => Kind::Conflict,
            _ => Kind::Invalid,
        }
    }
}

/// What an operator says about a new client.
#[derive(Debug, Clone)]
pub(crate) struct NewClient {
    /// What people are shown.
    pub name: String,
    /// Where codes may be sent.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    pub post_logout_uris: Vec<String>,
    /// Where it hears that somebody signed out.
    pub backchannel_uri: Option<String>,
    /// What it may ask for, separated by spaces.
    pub scope: String,
    /// How it proves who it is.
    pub method: AuthMethod,
    /// Its public keys, a JWK set.
    pub jwks: Option<String>,
    /// Where its public keys are.
    pub jwks_uri: Option<String>,
    /// What it may exchange for tokens; nothing said: codes and refresh tokens.
    pub grant_types: Vec<String>,
    /// Its requests must be pushed first.
    pub require_par: bool,
    /// Its tokens must be bound to a key of its own.
    pub require_dpop: bool,
    /// It belongs to this installation: no consent is asked.
    pub first_party: bool,
}

/// Registers an app; answers its id and, unless it is public, its secret.
pub(crate) async fn create(
    provider: &Provider,
    by: &Actor,
    new: NewClient,
) -> Result<(String, Option<String>), ClientError> {
    others::guarded(provider, "jwks_uri", new.jwks_uri.as_deref())?;
    let blank = Client::blank();
    let said = !new.grant_types.is_empty();
    let mut client = Client {
        id: new_id(),
        name: new.name,
        scopes: Scopes::parse_strictly(&new.scope).map_err(ClientError::Scope)?,
        first_party: new.first_party,
        redirect_uris: new.redirect_uris,
        post_logout_uris: new.post_logout_uris,
        backchannel_uri: new.backchannel_uri,
        method: new.method,
        grant_types: if said { new.grant_types } else { blank.grant_types },
        details: Details { jwks: new.jwks, jwks_uri: new.jwks_uri, ..Details::default() },
        require_par: new.require_par,
        require_dpop: new.require_dpop,
        ..Client::blank()
    };
    let secret = new_secret(&mut client);
    check(&client)?;
    check_hand(&client, by)?;
    let about = About { client: Some(&client.id), ..About::default() };
    let detail = json!({"name": client.name, "first_party": client.first_party});
    let work = async |tx: &Tx| {
        store(tx, &client).await?;
        ground::record_from(tx, "client.registered", about, (by, detail)).await
    };
    provider.db.write(work).await?;
    Ok((client.id, secret))
}

/// An id for the wire that tells nothing.
pub(crate) fn new_id() -> String {
    kit::clock::uuid_v4().simple().to_string()
}

/// Gives a client a secret, if it proves itself by one; answers it, to be shown once.
pub(crate) fn new_secret(client: &mut Client) -> Option<String> {
    let secret = client.has_secret().then(|| format!("cs_{}", random_token()));
    client.secret_hash = secret.as_deref().map(hash);
    secret
}

/// Whether `secret` is one of the client's, now.
pub(crate) fn is_secret(client: &Client, secret: &str, now: i64) -> bool {
    let shown = hash(secret);
    let is = |kept: Option<&Vec<u8>>| kept.is_some_and(|kept| bool::from(kept.ct_eq(&shown)));
    let old = client.old_secret.as_ref().filter(|old| now < old.until).map(|old| &old.hash);
    // Both are looked at, so that the time does not tell which one it was.
    is(client.secret_hash.as_ref()) | is(old)
}

/// Whether what a client says about itself goes together.
pub(super) fn check(client: &Client) -> Result<(), ClientError> {
    let name = client.name.trim().chars().count();
    let uris = [client.redirect_uris.len(), client.post_logout_uris.len()];
    if uris[0] == 0 && client.may("authorization_code") {
        return Err(ClientError::NoRedirect);
    }
    let named = (1..=NAME_CHARS_MAX).contains(&name) && !client.name.chars().any(is_trick);
    if !named {
        return Err(ClientError::Name);
    }
    if uris.iter().any(|n| *n > URIS_MAX) {
        return Err(ClientError::Size);
    }
    check_proof(client)?;
    let redirects = client.redirect_uris.iter().chain(&client.post_logout_uris);
    for uri in redirects.chain(&client.backchannel_uri) {
        redirect::registrable(uri).map_err(|reason| {
            let (uri, reason) = (uri.clone(), reason.to_string());
            ClientError::Uri { uri, reason }
        })?;
    }
    Ok(())
}

/// Whether `by` may register, change or remove such an app. One of this installation asks no
/// consent and gets whatever its person may do: in the hand of an admin it would make them owner.
pub(super) fn check_hand(client: &Client, by: &Actor) -> Result<(), ClientError> {
    if client.first_party && !by.owns() { Err(ClientError::NotOwner) } else { Ok(()) }
}

/// What changes how the text around it looks: a name of an app is shown beside words of ours.
fn is_trick(c: char) -> bool {
    let bidi = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    c.is_control() || bidi || matches!(c, '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
}

/// How it proves who it is, and what it may therefore ask for.
fn check_proof(client: &Client) -> Result<(), ClientError> {
    let refuse = |reason| Err(ClientError::Contradiction(reason));
    if client.grant_types.iter().any(|own| !GRANT_TYPES_KNOWN.contains(&own.as_str())) {
        return refuse("there is no such grant type");
    }
    if client.scopes.administers() && !client.first_party {
        return refuse("only an app of this installation may administer it");
    }
    if client.first_party && client.is_unverified() {
        return refuse("an app that somebody registered for themselves stays theirs");
    }
    if client.is_public() && client.may("client_credentials") {
        return refuse("an app that keeps no secret has no client credentials");
    }
    let (jwks, uri) = (&client.details.jwks, &client.details.jwks_uri);
    if jwks.is_some() && uri.is_some() {
        return refuse("an app has either keys or a place where they are");
    }
    if client.method == AuthMethod::PrivateKeyJwt && jwks.is_none() && uri.is_none() {
        return refuse("private_key_jwt needs public keys");
    }
    let read = |text: &String| serde_json::from_str(text).is_ok_and(|set| jose::is_key_set(&set));
    match jwks {
        Some(text) if text.len() > JWKS_BYTES_MAX || !read(text) => {
            refuse("the keys are no set of public keys that we can verify with")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{OldSecret, sample};
    use super::*;

    #[test]
    fn a_client_with_a_bad_uri_is_refused() {
        assert!(check(&sample()).is_ok());
        let bad = Client { redirect_uris: vec!["http://app.example/cb".to_owned()], ..sample() };
        assert!(matches!(check(&bad), Err(ClientError::Uri { .. })));
        assert!(check(&Client { redirect_uris: vec![], ..sample() }).is_err());
        for name in ["  ", "Tertulia\u{202e}", "two\nlines"] {
            assert!(check(&Client { name: name.to_owned(), ..sample() }).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_replaced_secret_is_good_until_its_end() {
        let mut client = Client { method: AuthMethod::Secret, ..sample() };
        let old = new_secret(&mut client).unwrap();
        let kept = client.secret_hash.clone().unwrap();
        client.old_secret = Some(OldSecret { hash: kept, until: 1000 });
        let new = new_secret(&mut client).unwrap();
        assert!(is_secret(&client, &old, 999) && is_secret(&client, &new, 999));
        assert!(!is_secret(&client, &old, 1000) && is_secret(&client, &new, 1000));
        assert!(!is_secret(&client, "", 999));
    }
}
