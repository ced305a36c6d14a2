//! Proof Key for Code Exchange (RFC 7636), `S256` only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Whether `challenge` can be the `S256` of something: 43 characters of base64url.
pub(crate) fn is_challenge(challenge: &str) -> bool {
    challenge.len() == 43 && URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|hash| hash.len() == 32)
}

/// Whether `verifier` has 43 to 128 unreserved characters (RFC 7636 section 4.1).
pub(crate) fn is_verifier(verifier: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved)
}

/// Whether `challenge` was made from `verifier` (RFC 7636 section 4.6).
pub(crate) fn fits(verifier: &str, challenge: &str) -> bool {
    let made = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    is_verifier(verifier) && made.as_bytes().ct_eq(challenge.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_specification_fits() {
        assert!(fits(VERIFIER, CHALLENGE));
        assert!(is_challenge(CHALLENGE));
        assert!(!fits(VERIFIER, VERIFIER), "plain is not a method here");
        assert!(!fits(&VERIFIER[1..], CHALLENGE));
        assert!(!is_challenge(&CHALLENGE[1..]));
        assert!(!is_challenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"));
    }

    proptest! {
        #[test]
        fn only_the_right_verifier_fits(
            one in "[A-Za-z0-9._~-]{43,128}",
            two in "[A-Za-z0-9._~-]{43,128}",
        ) {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(one.as_bytes()));
            prop_assert!(is_challenge(&challenge));
            prop_assert!(fits(&one, &challenge));
            prop_assert_eq!(fits(&two, &challenge), one == two);
        }
    }
}
