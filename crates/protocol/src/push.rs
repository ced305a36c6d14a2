//! Browsers that are told of messages while no page is open.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A subscription as a browser makes it (Push API, `PushSubscription.toJSON`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPushDevice {
    /// Where the browser's push service takes messages for it.
    #[schema(max_length = 2048)]
    pub endpoint: String,
    /// What messages are encrypted with.
    pub keys: PushKeys,
}

/// The keys of a subscription.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushKeys {
    /// A public key of P-256 in base64url.
    #[schema(max_length = 128)]
    pub p256dh: String,
    /// A secret of 16 bytes in base64url.
    #[schema(max_length = 64)]
    pub auth: String,
}

/// A browser that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PushDevice {
    /// Its id, to end it by.
    pub id: Uuid,
    /// Since when.
    pub created_at: String,
}

/// What a browser needs to subscribe, and which ones did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PushSettings {
    /// The `applicationServerKey` in base64url; absent: this server does not push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Your browsers, oldest first.
    pub devices: Vec<PushDevice>,
}
