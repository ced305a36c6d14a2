//! Proofs of keys that come with requests to the provider (RFC 9449).
//!
//! A proof is good once, on whichever process of this provider it is shown: its id is kept in the
//! database until it is too old.

use http::HeaderMap;
use kit::clock::now_ms;
use kit::db::DbResult;
use kit::dpop::{self, BadProof, Expected, Proof};

use super::authorize::Refusal;
use super::clients::Client;
use super::endpoint::Failure;
use super::{Provider, replay};

/// What is wrong with a proof, in the word of RFC 9449 section 5.
pub(crate) const INVALID_PROOF: &str = "invalid_dpop_proof";

/// The thumbprint of the key that a POST to `path` proves to have, if it brings a proof.
pub(crate) async fn key(
    provider: &Provider,
    headers: &HeaderMap,
    path: &str,
) -> Result<Option<String>, Failure> {
    let Some(proof) = dpop::of(headers).map_err(refused)? else { return Ok(None) };
    let url = provider.url(path);
    let expected = Expected { method: "POST", url: &url, token: None, now_s: now_ms() / 1000 };
    let proof = dpop::check(proof, expected).map_err(refused)?;
    if !first(provider, &proof).await? {
        return Err(refused(REPLAYED));
    }
    Ok(Some(proof.jkt))
}

/// The same at the token endpoint, where some clients must prove a key.
pub(crate) async fn key_of(
    provider: &Provider,
    headers: &HeaderMap,
    client: &Client,
) -> Result<Option<String>, Failure> {
    let key = key(provider, headers, "/oauth/token").await?;
    if client.require_dpop && key.is_none() {
        return Err(missing());
    }
    Ok(key)
}

/// Whether the request of `method` to `path` proves to have the key `jkt`, which `token` is bound
/// to.
pub(crate) async fn is_proved(
    provider: &Provider,
    headers: &HeaderMap,
    (method, path): (&str, &str),
    (token, jkt): (&str, &str),
) -> DbResult<Result<(), BadProof>> {
    let url = provider.url(path);
    let expected = Expected { method, url: &url, token: Some(token), now_s: now_ms() / 1000 };
    let shown = dpop::of(headers).and_then(|proof| proof.ok_or(BadProof("there is none")));
    let proof = match shown.and_then(|proof| dpop::check(proof, expected)) {
        Ok(proof) => proof,
        Err(bad) => return Ok(Err(bad)),
    };
    if proof.jkt != jkt {
        return Ok(Err(BadProof("it is of another key")));
    }
    Ok(if first(provider, &proof).await? { Ok(()) } else { Err(REPLAYED) })
}

/// The key that both a parameter `dpop_jkt` and a proof name, if either does (RFC 9449 section
/// 10.1).
pub(crate) fn agreed(
    named: Option<String>,
    proved: Option<String>,
) -> Result<Option<String>, Failure> {
    if named.is_some() && proved.is_some() && named != proved {
        return Err(refused(BadProof("dpop_jkt is another key")));
    }
    Ok(named.or(proved))
}

/// A proof was needed and did not come.
pub(crate) fn missing() -> Failure {
    Refusal::new(INVALID_PROOF, "a DPoP proof is required here").into()
}

const REPLAYED: BadProof = BadProof("it was used before");

fn refused(bad: BadProof) -> Failure {
    Refusal::new(INVALID_PROOF, bad.to_string()).into()
}

async fn first(provider: &Provider, proof: &Proof) -> DbResult<bool> {
    let until = proof.until_s.saturating_mul(1000);
    provider.db.write(async |tx| replay::once(tx, "dpop", &proof.id, until).await).await
}
