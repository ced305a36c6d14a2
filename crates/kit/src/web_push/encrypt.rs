//! Encrypting a message for one browser (RFC 8291), as one record of RFC 8188.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::clock::random_bytes;

/// Most bytes that one message has; with padding, header and tag they fit into 4,096.
pub const PLAIN_BYTES_MAX: usize = 3_072;

const RECORD_BYTES: u32 = 4_096;
const POINT_BYTES: usize = 65;
const SALT_BYTES: usize = 16;
const AUTH_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
/// Messages are filled up to a multiple of this, so that their length tells little.
const STEP_BYTES: usize = 512;
/// The byte between the last record's text and its filling.
const LAST_RECORD: u8 = 2;

/// Browsers write base64url without padding, and some programs with it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a browser gives with its address: its public key, and a secret that the service between
/// does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserKeys {
    point: [u8; POINT_BYTES],
    auth: [u8; AUTH_BYTES],
}

/// Why a browser's keys are of no use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeysError {
    /// Not a point of P-256, uncompressed, in base64url.
    #[error("p256dh is not a public key of P-256")]
    Point,
    /// Not 16 bytes in base64url.
    #[error("auth is not 16 bytes")]
    Auth,
    /// More than [`PLAIN_BYTES_MAX`].
    #[error("the message is too long")]
    TooLong,
    /// The library refused.
    #[error("the message could not be encrypted")]
    Failed,
}

impl From<Unspecified> for KeysError {
    fn from(_: Unspecified) -> Self {
        Self::Failed
    }
}

impl BrowserKeys {
    /// Reads `p256dh` and `auth` as browsers write them.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, KeysError> {
        let point = BASE64.decode(p256dh).ok().and_then(|bytes| bytes.try_into().ok());
        let auth = BASE64.decode(auth).ok().and_then(|bytes| bytes.try_into().ok());
        let keys =
            Self { point: point.ok_or(KeysError::Point)?, auth: auth.ok_or(KeysError::Auth)? };
        // A point that is not on the curve is refused by the agreement.
        let ours = PrivateKey::generate(&ECDH_P256)?;
        keys.shared(&ours).map_err(|_| KeysError::Point)?;
        Ok(keys)
    }

    /// What only the browser and the owner of `ours` know.
    fn shared(&self, ours: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        let theirs = UnparsedPublicKey::new(&ECDH_P256, &self.point);
        agree(ours, theirs, KeysError::Failed, |secret| Ok(Zeroizing::new(secret.to_vec())))
    }
}

/// The body of a request: `plain` for the owner of `keys`, under a key pair and a salt of its own.
pub fn encrypt(keys: &BrowserKeys, plain: &[u8]) -> Result<Vec<u8>, KeysError> {
    if plain.len() > PLAIN_BYTES_MAX {
        return Err(KeysError::TooLong);
    }
    let filled = (plain.len() + 1).next_multiple_of(STEP_BYTES);
    let ours = PrivateKey::generate(&ECDH_P256)?;
    seal(keys, plain, filled, &ours, random_bytes())
}

/// `filled` bytes of text and filling (RFC 8291 section 3.4, RFC 8188 section 2).
fn seal(
    keys: &BrowserKeys,
    plain: &[u8],
    filled: usize,
    ours: &PrivateKey,
    salt: [u8; SALT_BYTES],
) -> Result<Vec<u8>, KeysError> {
    let point = ours.compute_public_key()?;
    let point = point.as_ref();
    let info = [b"WebPush: info\0".as_slice(), &keys.point, point].concat();
    let input = expand::<32>(&keys.auth, &keys.shared(ours)?, &info);
    let key = expand::<16>(&salt, input.as_slice(), b"Content-Encoding: aes128gcm\0");
    let nonce = expand::<12>(&salt, input.as_slice(), b"Content-Encoding: nonce\0");

    let mut record = Vec::with_capacity(filled + TAG_BYTES);
    record.extend_from_slice(plain);
    record.push(LAST_RECORD);
    record.resize(filled.max(record.len()), 0);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.as_slice())?);
    let nonce = Nonce::assume_unique_for_key(*nonce);
    cipher.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;

    let mut body = Vec::with_capacity(SALT_BYTES + 5 + POINT_BYTES + record.len());
    body.extend_from_slice(&salt);
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(u8::try_from(point.len()).map_err(|_| KeysError::Failed)?);
    body.extend_from_slice(point);
    body.extend_from_slice(&record);
    Ok(body)
}

/// `N` bytes by HKDF-SHA-256 (RFC 5869).
fn expand<const N: usize>(salt: &[u8], input: &[u8], info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    Hkdf::<Sha256>::new(Some(salt), input)
        .expand(info, out.as_mut_slice())
        .expect("so few bytes are below the limit of 255 hashes");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZ\
                          GH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn bytes(text: &str) -> Vec<u8> {
        BASE64.decode(text).unwrap()
    }

    #[test]
    fn the_example_of_rfc_8291_is_encrypted_as_there() {
        let keys = BrowserKeys::parse(P256DH, AUTH).unwrap();
        let ours = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let ours = PrivateKey::from_private_key(&ECDH_P256, &ours).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let body = seal(&keys, plain, 0, &ours, salt).unwrap();
        let wanted = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6\
                      e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZ\
                      wbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(body), wanted);
    }

    #[test]
    fn the_steps_of_rfc_8291_are_those_of_its_appendix() {
        let keys = BrowserKeys::parse(P256DH, AUTH).unwrap();
        let ours = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let ours = PrivateKey::from_private_key(&ECDH_P256, &ours).unwrap();
        let shared = keys.shared(&ours).unwrap();
        assert_eq!(*shared, bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"));
        let info = [
            b"WebPush: info\0".as_slice(),
            &keys.point,
            ours.compute_public_key().unwrap().as_ref(),
        ]
        .concat();
        let input = expand::<32>(&keys.auth, &shared, &info);
        assert_eq!(input.to_vec(), bytes("S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg"));
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw");
        let key = expand::<16>(&salt, input.as_slice(), b"Content-Encoding: aes128gcm\0");
        assert_eq!(key.to_vec(), bytes("oIhVW04MRdy2XN9CiKLxTg"));
        let nonce = expand::<12>(&salt, input.as_slice(), b"Content-Encoding: nonce\0");
        assert_eq!(nonce.to_vec(), bytes("4h_95klXJ5E_qnoN"));
    }

    #[test]
    fn the_length_of_a_body_tells_little_and_fits() {
        let keys = BrowserKeys::parse(P256DH, AUTH).unwrap();
        let length = |plain: &[u8]| encrypt(&keys, plain).unwrap().len();
        assert_eq!(length(b""), length(&[b'x'; 500]));
        assert!(length(&[b'x'; PLAIN_BYTES_MAX]) <= RECORD_BYTES as usize);
        assert_eq!(encrypt(&keys, &[b'x'; PLAIN_BYTES_MAX + 1]), Err(KeysError::TooLong));
        assert_ne!(encrypt(&keys, b"x"), encrypt(&keys, b"x"));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let off_the_curve = format!("BA{}", "A".repeat(85));
        for (p256dh, auth, error) in [
            ("", AUTH, KeysError::Point),
            (&off_the_curve, AUTH, KeysError::Point),
            (&P256DH[..40], AUTH, KeysError::Point),
            (P256DH, "", KeysError::Auth),
            (P256DH, "AAAA", KeysError::Auth),
        ] {
            assert_eq!(BrowserKeys::parse(p256dh, auth), Err(error), "{p256dh} {auth}");
        }
        assert!(BrowserKeys::parse(&format!("{P256DH}="), &format!("{AUTH}==")).is_ok());
    }
}
