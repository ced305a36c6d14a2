//! Requests as anybody may send them, for the fuzzer (`fuzz/`): whatever comes, what is read holds
//! what was promised.

use kit::dpop::{self, Expected};
use serde_json::json;

use super::authorize::{NoTarget, Request, Target, resource};
use super::client_auth::Credentials;
use super::clients::sample;
use super::device::UserCode;
use super::params::Params;
use super::redirect;
use super::token::Grant;

const API: &str = "https://talk.example/api";

/// A query or a form of the authorization endpoint.
pub fn authorize_request(raw: &[u8]) {
    let Ok(params) = Params::parse(raw) else { return };
    let client = sample();
    assert_eq!(Target::of(&params, None), Err(NoTarget::Client));
    let Ok(target) = Target::of(&params, Some(&client)) else { return };
    assert!(client.redirect_uris.contains(&target.redirect_uri), "only to the client's own");
    let pairs = [("state", target.state.clone().unwrap_or_default())];
    let back = redirect::with_query(&target.redirect_uri, &pairs);
    assert!(back.starts_with("https://app.example/cb?state="), "{back}");
    let Ok(request) = Request::read(&params, &client, target, &[API.to_owned()]) else { return };
    assert!(client.scopes.contains(request.scopes()) && !request.scopes().is_empty());
    assert!(request.resource.as_deref().is_none_or(|resource| resource == API));
    assert!(request.jkt.as_deref().is_none_or(dpop::is_thumbprint));
    let kept = json!(request);
    let again: Request = serde_json::from_value(kept).expect("what is kept can be read");
    assert_eq!(again, request);
}

/// The header `Authorization`, the header `DPoP` and the form of the token endpoint, a line each.
pub fn token_request(raw: &[u8]) {
    let mut lines = raw.splitn(3, |byte| *byte == b'\n');
    let mut header = || std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or("?");
    let (authorization, proof) = (header(), header());
    let body = lines.next().unwrap_or_default();
    // Signatures are beyond a fuzzer: no proof that it makes is good.
    let url = "https://id.example/oauth/token";
    let expected = Expected { method: "POST", url, token: None, now_s: 1_000_000 };
    assert!(dpop::check(proof, expected).is_err());
    let Ok(body) = Params::parse(body) else { return };
    let shown = (!authorization.is_empty()).then_some(authorization);
    if let Ok(Credentials::Secret { client_id, secret, basic }) = Credentials::read(shown, &body) {
        assert_eq!(basic, shown.is_some(), "one way only");
        let posted = || (body.get("client_id"), body.get("client_secret"));
        assert!(basic || posted() == (Some(client_id.as_str()), Some(secret.as_str())));
    }
    if let Ok(grant) = Grant::read(&body) {
        assert_eq!(body.get("grant_type"), Some(grant.name()));
    }
    if let Ok(Some(resource)) = resource(&body, &[API.to_owned()]) {
        assert_eq!(resource, API);
    }
    if let Some(code) = body.get("user_code").and_then(UserCode::parse) {
        assert_eq!(UserCode::parse(&code.to_string()), Some(code));
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    /// The seeds of a target, and what the fuzzer found on this machine.
    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
        let entries = std::fs::read_dir(folder.join(target)).unwrap();
        let seeds: Vec<_> =
            entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
        assert!(seeds.len() >= 10, "{target} has {} seeds", seeds.len());
        seeds
    }

    #[test]
    fn every_seed_is_read_or_refused() {
        for seed in corpus("authorize_request") {
            authorize_request(&seed);
        }
        for seed in corpus("token_request") {
            token_request(&seed);
        }
    }

    #[test]
    fn a_seed_of_each_target_is_good() {
        let good = |target: &str, name: &str| {
            let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
            std::fs::read(folder.join(target).join(name)).unwrap()
        };
        let params = Params::parse(&good("authorize_request", "good")).unwrap();
        let target = Target::of(&params, Some(&sample())).unwrap();
        assert!(Request::read(&params, &sample(), target, &[API.to_owned()]).is_ok());
        let raw = good("token_request", "code");
        let body = raw.splitn(3, |byte| *byte == b'\n').nth(2).unwrap();
        assert!(Grant::read(&Params::parse(body).unwrap()).is_ok());
    }

    proptest! {
        #[test]
        fn a_seed_with_other_bytes_in_it_is_read_or_refused(
            which in any::<Index>(),
            changes in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..8),
        ) {
            for (target, read) in [
                ("authorize_request", authorize_request as fn(&[u8])),
                ("token_request", token_request),
            ] {
                let seeds = corpus(target);
                let mut seed = seeds[which.index(seeds.len())].clone();
                for (at, byte) in &changes {
                    if !seed.is_empty() {
                        let at = at.index(seed.len());
                        seed[at] = *byte;
                    }
                }
                read(&seed);
            }
        }
    }
}
