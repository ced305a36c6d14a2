//! One key pair: making it, its public half as a JWK, signing with it.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::SigningError;

/// The algorithms that this issuer signs with (RFC 7518 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alg {
    /// ECDSA on P-256: short and quick, the usual one.
    Es256,
    /// RSA PKCS #1 with 2048 bits, which every library has to know (OpenID Connect Core 15.1).
    Rs256,
}

impl Alg {
    /// Each has its own active key.
    pub(crate) const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    /// Its name in headers and metadata.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm called `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// What the verifying library calls it.
    pub(crate) const fn of_library(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Rs256 => Algorithm::RS256,
        }
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A pair that signs.
pub(super) struct Pair {
    pub(super) kid: String,
    pub(super) alg: Alg,
    private: Private,
}

enum Private {
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// A new pair, as it is stored.
pub(super) struct Fresh {
    pub(super) kid: String,
    pub(super) jwk: Value,
    /// PKCS #8.
    pub(super) private: Zeroizing<Vec<u8>>,
}

impl Pair {
    /// Reads a private key in PKCS #8.
    pub(super) fn read(kid: &str, alg: Alg, pkcs8: &[u8]) -> Result<Self, SigningError> {
        let refuse = |e: aws_lc_rs::error::KeyRejected| SigningError::Key(format!("{kid}: {e}"));
        let private = match alg {
            Alg::Es256 => Private::Ec(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(refuse)?,
            ),
            Alg::Rs256 => Private::Rsa(Box::new(RsaKeyPair::from_pkcs8(pkcs8).map_err(refuse)?)),
        };
        Ok(Self { kid: kid.to_owned(), alg, private })
    }

    /// The signature of `message`, as JWS writes it.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let refuse = |_| SigningError::Key(format!("{} does not sign", self.kid));
        let random = SystemRandom::new();
        match &self.private {
            Private::Ec(pair) => Ok(pair.sign(&random, message).map_err(refuse)?.as_ref().to_vec()),
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(refuse)?;
                Ok(signature)
            }
        }
    }
}

/// Makes a pair.
pub(super) fn make(alg: Alg) -> Result<Fresh, SigningError> {
    let refuse = |_| SigningError::Key(format!("cannot make an {alg} key"));
    let (jwk, private) = match alg {
        Alg::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(refuse)?;
            let private = pair.to_pkcs8v1().map_err(refuse)?;
            (ec_jwk(pair.public_key().as_ref()), private.as_ref().to_vec())
        }
        Alg::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(refuse)?;
            let private = pair.as_der().map_err(refuse)?;
            let public = pair.public_key();
            let modulus = public.modulus().big_endian_without_leading_zero();
            let exponent = public.exponent().big_endian_without_leading_zero();
            (rsa_jwk(modulus, exponent), private.as_ref().to_vec())
        }
    };
    let kid = jwk["kid"].as_str().unwrap_or_default().to_owned();
    Ok(Fresh { kid, jwk, private: Zeroizing::new(private) })
}

/// What a published key verifies with.
pub(super) fn verifying(alg: Alg, jwk: &Value) -> Result<DecodingKey, SigningError> {
    let part = |name: &str| jwk[name].as_str().unwrap_or_default();
    let key = match alg {
        Alg::Es256 => DecodingKey::from_ec_components(part("x"), part("y")),
        Alg::Rs256 => DecodingKey::from_rsa_components(part("n"), part("e")),
    };
    key.map_err(|e| SigningError::Key(format!("{}: {e}", part("kid"))))
}

/// The JWK of an uncompressed point; its name is its thumbprint (RFC 7638).
fn ec_jwk(point: &[u8]) -> Value {
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
    let kid = thumbprint(&format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#));
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y})
}

fn rsa_jwk(modulus: &[u8], exponent: &[u8]) -> Value {
    let (n, e) = (URL_SAFE_NO_PAD.encode(modulus), URL_SAFE_NO_PAD.encode(exponent));
    let kid = thumbprint(&format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": n, "e": e})
}

fn thumbprint(canonical: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pair_signs_its_public_half_verifies() {
        for alg in Alg::ALL {
            let fresh = make(alg).expect("a pair");
            let pair = Pair::read(&fresh.kid, alg, &fresh.private).expect("it is read");
            let signature = URL_SAFE_NO_PAD.encode(pair.sign(b"message").expect("signed"));
            let key = verifying(alg, &fresh.jwk).expect("its public half");
            let good = |message: &[u8]| {
                jsonwebtoken::crypto::verify(&signature, message, &key, alg.of_library())
            };
            assert!(good(b"message").expect("checked"));
            assert!(!good(b"messagE").expect("checked"));
        }
    }
}
