//! The relying party: the domain that passkeys belong to, and the origin that may use them.

use std::time::Duration;

use url::{Host, Url};
use webauthn_rs_core::WebauthnCore;

use super::ticket::LIFE_MS;
use crate::Config;

/// What authenticators show beside the domain.
const NAME: &str = "Tertulia";

/// Who passkeys are made for.
#[derive(Debug)]
pub(crate) struct RelyingParty {
    /// Makes challenges and verifies answers.
    pub(super) core: WebauthnCore,
}

impl RelyingParty {
    /// The relying party of a configuration; none where the issuer has no domain, because a
    /// browser makes no passkey for an IP address.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        let id = rp_id(&config.issuer, config.settings.passkeys.rp_id.as_deref())?;
        let origin = Url::parse(&config.issuer.origin().ascii_serialization()).ok()?;
        let life = Duration::from_millis(LIFE_MS.unsigned_abs());
        let core = WebauthnCore::new_unsafe_experts_only(NAME, &id, vec![origin], life, None, None);
        Some(Self { core })
    }
}

/// Why `told` cannot be the domain of passkeys of an issuer.
pub(crate) fn refusal(issuer: &Url, told: Option<&str>) -> Option<String> {
    let told = told?;
    rp_id(issuer, Some(told)).is_none().then(|| {
        format!("passkeys.rp_id = {told:?} is neither the host of {issuer} nor a domain above it")
    })
}

fn rp_id(issuer: &Url, told: Option<&str>) -> Option<String> {
    let Some(Host::Domain(host)) = issuer.host() else { return None };
    let Some(told) = told else { return Some(host.to_owned()) };
    let is_above =
        told.contains('.') && host.strip_suffix(told).is_some_and(|rest| rest.ends_with('.'));
    (told == host || is_above).then(|| told.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_the_issuer_s_host_or_to_a_domain_above_it() {
        let check = |issuer: &str, told: Option<&str>, expected: Option<&str>| {
            let issuer = Url::parse(issuer).unwrap();
            assert_eq!(rp_id(&issuer, told).as_deref(), expected, "{issuer} {told:?}");
        };
        check("https://chat.example.org/id", None, Some("chat.example.org"));
        check("http://localhost:8080/id", None, Some("localhost"));
        check("https://chat.example.org", Some("example.org"), Some("example.org"));
        check("https://chat.example.org", Some("chat.example.org"), Some("chat.example.org"));
        check("http://127.0.0.1:8080", None, None);
        check("https://[::1]/", None, None);
        for told in ["org", "ample.org", "other.org", "id.chat.example.org", ".example.org", ""] {
            check("https://chat.example.org", Some(told), None);
            assert!(
                refusal(&Url::parse("https://chat.example.org").unwrap(), Some(told)).is_some()
            );
        }
    }
}
