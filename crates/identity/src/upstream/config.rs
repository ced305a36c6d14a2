//! What an operator says about a provider of others.

use std::collections::{BTreeMap, HashSet};

use kit::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::login::Acr;

const NAME_BYTES_MAX: usize = 32;
const LABEL_CHARS_MAX: usize = 40;

/// A provider of others that people may sign in with, as `[[identity.upstream]]` describes it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// Its name in addresses, of `a-z`, `0-9` and `-`: the redirect URI to register there is
    /// `{issuer}/federation/{name}/callback`.
    pub name: String,
    /// What buttons and mails call it.
    pub label: String,
    /// `oidc`, or `oauth2` for a provider without ID tokens, such as GitHub.
    pub kind: UpstreamKind,
    /// Its issuer, letter by letter. Together with its id of a person it says who somebody is, so
    /// after a change all of its people are strangers.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there: the text, or `{ file = "…" }`.
    pub client_secret: Secret,
    /// How the secret is shown: `basic` or `post`; absent: as the provider's document says.
    pub client_auth: Option<ClientAuth>,
    /// What we ask for; empty: `openid profile email`, and nothing of an `oauth2` provider.
    pub scopes: Vec<String>,
    /// Where people are sent; for `oauth2` only, as the three that follow.
    pub authorization_url: Option<String>,
    /// Where a code becomes a token.
    pub token_url: Option<String>,
    /// Where the token's person is described, in JSON.
    pub user_url: Option<String>,
    /// Where the person's addresses are listed, in JSON.
    pub emails_url: Option<String>,
    /// Where in its JSON things are; absent ones are where they usually are.
    pub claims: Claims,
    /// Its word is enough that an address is the person's.
    pub trust_email: bool,
    /// Domains that an address must be of, for anybody to come in; empty: any. Needs
    /// `trust_email`.
    pub allowed_domains: Vec<String>,
    /// New people may get an account; otherwise only accounts that exist are linked.
    pub create_accounts: bool,
    /// Levels that its `acr` stands for: `{ "urn:example:strong" = "mfa" }`. All else is `pwd`.
    pub acr: BTreeMap<String, Level>,
    /// The same for single words of its `amr`: `{ "otp" = "2sv" }`.
    pub amr: BTreeMap<String, Level>,
}

/// Which protocol a provider speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamKind {
    /// `OpenID` Connect.
    #[default]
    Oidc,
    /// OAuth 2.0, and an address that describes the token's person.
    OAuth2,
}

/// How a client shows its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuth {
    /// `client_secret_basic`.
    Basic,
    /// `client_secret_post`.
    Post,
}

/// JSON pointers (RFC 6901) to what a provider says about a person.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Claims {
    /// Its id of the person, for `oauth2`: `/id`.
    pub subject: Option<String>,
    /// The user name that we propose: `/preferred_username`, or `/login`.
    pub username: Option<String>,
    /// The display name that we propose: `/name`.
    pub display_name: Option<String>,
    /// The address: `/email`.
    pub email: Option<String>,
    /// Whether it has made sure of the address: `/email_verified`; of the lists at `emails_url`
    /// `/verified` counts, and `/primary` is taken.
    pub email_verified: Option<String>,
}

/// What a sign-in elsewhere may count as here. Nobody can vouch for a passkey of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Level {
    /// As much as a password.
    #[serde(rename = "pwd")]
    Pwd,
    /// Two steps.
    #[serde(rename = "2sv")]
    TwoSteps,
    /// Two factors.
    #[serde(rename = "mfa")]
    Mfa,
}

impl Level {
    pub(super) fn acr(self) -> Acr {
        match self {
            Self::Pwd => Acr::Pwd,
            Self::TwoSteps => Acr::TwoSteps,
            Self::Mfa => Acr::Mfa,
        }
    }
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            name: String::new(),
            label: String::new(),
            kind: UpstreamKind::Oidc,
            issuer: String::new(),
            client_id: String::new(),
            client_secret: Secret::Text(String::new()),
            client_auth: None,
            scopes: Vec::new(),
            authorization_url: None,
            token_url: None,
            user_url: None,
            emails_url: None,
            claims: Claims::default(),
            trust_email: false,
            allowed_domains: Vec::new(),
            create_accounts: true,
            acr: BTreeMap::new(),
            amr: BTreeMap::new(),
        }
    }
}

/// Why these providers cannot be used, if so.
pub(crate) fn refusal(providers: &[Upstream]) -> Option<String> {
    let mut names = HashSet::new();
    for provider in providers {
        if !names.insert(provider.name.as_str()) {
            return Some(format!("two of identity.upstream are named {:?}", provider.name));
        }
        if let Some(reason) = provider.refusal() {
            return Some(format!("identity.upstream {:?}: {reason}", provider.name));
        }
    }
    None
}

impl Upstream {
    fn refusal(&self) -> Option<String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let named = (1..=NAME_BYTES_MAX).contains(&self.name.len()) && self.name.chars().all(fits);
        let labelled = (1..=LABEL_CHARS_MAX).contains(&self.label.trim().chars().count());
        let plain = |url: &Url| url.query().is_none() && url.fragment().is_none();
        let refused = if !named {
            "its name is 1 to 32 of a-z, 0-9 and -"
        } else if !labelled {
            "its label is 1 to 40 characters"
        } else if !web_url(&self.issuer).is_some_and(|url| plain(&url)) {
            "its issuer is a URL without query"
        } else if self.client_id.is_empty() {
            "client_id is missing"
        } else if !self.allowed_domains.is_empty() && !self.trust_email {
            "allowed_domains means nothing without trust_email"
        } else {
            return self.endpoints_refusal().or_else(|| self.claims.refusal());
        };
        Some(refused.to_owned())
    }

    fn endpoints_refusal(&self) -> Option<String> {
        let needed = [
            ("authorization_url", &self.authorization_url),
            ("token_url", &self.token_url),
            ("user_url", &self.user_url),
        ];
        let emails = ("emails_url", &self.emails_url);
        let all = needed.iter().chain([&emails]);
        if self.kind == UpstreamKind::Oidc {
            let given = all.into_iter().find(|(_, url)| url.is_some())?;
            return Some(format!("{} is for oauth2; oidc says it itself", given.0));
        }
        if let Some((name, _)) = needed.iter().find(|(_, url)| url.is_none()) {
            return Some(format!("{name} is missing"));
        }
        let is_url = |url: &str| web_url(url).is_some_and(|url| url.fragment().is_none());
        let wrong =
            all.into_iter().find(|(_, url)| url.as_ref().is_some_and(|url| !is_url(url)))?;
        Some(format!("{} is not a URL", wrong.0))
    }
}

impl Claims {
    fn refusal(&self) -> Option<String> {
        let pointers =
            [&self.subject, &self.username, &self.display_name, &self.email, &self.email_verified];
        let wrong = pointers.into_iter().flatten().find(|pointer| !pointer.starts_with('/'))?;
        Some(format!("{wrong:?} is not a JSON pointer such as /name"))
    }
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "https" | "http") && url.host().is_some()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oidc() -> Upstream {
        Upstream {
            name: "acme".to_owned(),
            label: "Acme".to_owned(),
            issuer: "https://login.acme.example".to_owned(),
            client_id: "us".to_owned(),
            ..Upstream::default()
        }
    }

    fn with(change: impl FnOnce(&mut Upstream)) -> Option<String> {
        let mut provider = oidc();
        change(&mut provider);
        refusal(&[provider])
    }

    #[test]
    fn what_cannot_work_is_refused_at_start() {
        assert_eq!(with(|_| ()), None);
        let check = |refused: Option<String>, part: &str| {
            let refused = refused.unwrap_or_default();
            assert!(refused.contains(part), "{refused:?} lacks {part:?}");
        };
        check(with(|one| one.name = "A b".to_owned()), "a-z");
        check(with(|one| one.label = " ".to_owned()), "label");
        check(with(|one| one.issuer = "login.acme.example".to_owned()), "issuer");
        check(with(|one| one.client_id.clear()), "client_id");
        check(with(|one| one.allowed_domains.push("acme.example".to_owned())), "trust_email");
        check(with(|one| one.token_url = Some("https://a.example".to_owned())), "oauth2");
        check(with(|one| one.kind = UpstreamKind::OAuth2), "authorization_url is missing");
        check(with(|one| one.claims.username = Some("login".to_owned())), "pointer");
        check(refusal(&[oidc(), oidc()]), "two of");
    }

    #[test]
    fn nobody_elsewhere_can_stand_for_a_passkey() {
        assert!(serde_json::from_str::<Level>("\"phr\"").is_err());
        let strongest = serde_json::from_str::<Level>("\"mfa\"").unwrap();
        assert_eq!(strongest.acr(), Acr::Mfa);
    }
}
