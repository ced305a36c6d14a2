//! An authenticator in software that can also be wrong, and the browser's part of a ceremony.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::crypto::{iana, rust_crypto::RustCryptoBackend};
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error, get_assertion, make_credential};
use passkey::types::webauthn::{
    PublicKeyCredentialParameters, PublicKeyCredentialType, PublicKeyCredentialUserEntity,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A device with room for one passkey. A clone of it is a copy of the passkey.
#[derive(Clone)]
pub(crate) struct Device {
    passkey: Option<Passkey>,
    /// It counts its signatures.
    pub(crate) counts: bool,
    /// It makes sure who holds it.
    pub(crate) verifies: bool,
    /// What the browser says about where it is.
    pub(crate) origin: String,
    pub(crate) cross_origin: bool,
    /// What the browser asks for, where that is not what the page asks for.
    pub(crate) rp_id: Option<String>,
}

struct Finger(bool);

#[async_trait::async_trait]
impl UserValidationMethod for Finger {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        _: bool,
        _: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: self.0 })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

impl Device {
    /// A device in a browser that shows `origin`.
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            passkey: None,
            counts: false,
            verifies: true,
            origin: origin.to_owned(),
            cross_origin: false,
            rp_id: None,
        }
    }

    fn authenticator(&self) -> Authenticator<Option<Passkey>, Finger, RustCryptoBackend> {
        let finger = Finger(self.verifies);
        let passkey = self.passkey.clone();
        let mut authenticator =
            Authenticator::new(Aaguid::new_empty(), passkey, finger, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(self.counts);
        authenticator
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let said = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        });
        said.to_string()
    }

    fn asked(&self, rp_id: &Value) -> String {
        self.rp_id.clone().unwrap_or_else(|| rp_id.as_str().unwrap().to_owned())
    }

    /// Makes a passkey, as `navigator.credentials.create` would.
    pub(crate) async fn create(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.create", options);
        let user = &options["user"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let request = make_credential::Request {
            client_data_hash: Sha256::digest(&client_data).to_vec().into(),
            rp: make_credential::PublicKeyCredentialRpEntity {
                id: self.asked(&options["rp"]["id"]),
                name: None,
            },
            user: PublicKeyCredentialUserEntity {
                id: bytes(&user["id"]).into(),
                name: text(&user["name"]),
                display_name: text(&user["displayName"]),
            },
            pub_key_cred_params: vec![PublicKeyCredentialParameters {
                ty: PublicKeyCredentialType::PublicKey,
                alg: iana::Algorithm::ES256,
            }],
            exclude_list: None,
            extensions: None,
            options: make_credential::Options { rk: true, up: true, uv: self.verifies },
            pin_auth: None,
            pin_protocol: None,
        };
        let mut authenticator = self.authenticator();
        let made = authenticator.make_credential(request).await.unwrap();
        self.passkey.clone_from(authenticator.store());
        let id = text_of(&self.id());
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "clientDataJSON": text_of(client_data.as_bytes()),
                "attestationObject": text_of(&made.as_webauthn_bytes()),
                "transports": ["internal", "hybrid"],
            },
        })
    }

    /// Signs with the passkey, as `navigator.credentials.get` would.
    pub(crate) async fn get(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let request = get_assertion::Request {
            rp_id: self.asked(&options["rpId"]),
            client_data_hash: Sha256::digest(&client_data).to_vec().into(),
            allow_list: None,
            extensions: None,
            options: get_assertion::Options { up: true, uv: self.verifies },
            pin_auth: None,
            pin_protocol: None,
        };
        let mut authenticator = self.authenticator();
        let signed = authenticator.get_assertion(request).await.unwrap();
        self.passkey.clone_from(authenticator.store());
        let id = text_of(&self.id());
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "clientDataJSON": text_of(client_data.as_bytes()),
                "authenticatorData": text_of(&signed.auth_data.to_vec()),
                "signature": text_of(&signed.signature),
                "userHandle": signed.user.map(|user| text_of(&user.id)),
            },
        })
    }

    /// The id of its passkey.
    pub(crate) fn id(&self) -> Vec<u8> {
        self.passkey.as_ref().unwrap().credential_id.to_vec()
    }
}

/// Bytes as JSON carries them.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a text of JSON.
pub(crate) fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}
