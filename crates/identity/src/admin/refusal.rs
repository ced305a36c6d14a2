//! How the admin API says no to a caller, in the words of RFC 6750 and RFC 9470.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use kit::db::DbErr;
use kit::problem::{ApiError, Kind};

use crate::login::Acr;

/// How strong the sign-in of somebody who administers is.
pub(super) const ACR: Acr = Acr::Mfa;
/// How old it is at most, seconds.
pub(super) const AGE_S_MAX: i64 = 15 * 60;

/// Why a caller may not do it.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no token.
    NoToken,
    /// The token is of no use here.
    BadToken(&'static str),
    /// It lacks all of these scopes, or its person's role does not give them.
    Scope(&'static str),
    /// Its sign-in is too weak or too old.
    Step,
    /// It could not be looked up.
    Store(DbErr),
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let unknown = |text: &str| ApiError::new(Kind::Unauthenticated, text);
        let (error, challenge) = match self {
            Self::NoToken => (unknown("a token is required"), "Bearer".to_owned()),
            Self::BadToken(reason) => {
                let challenge =
                    format!(r#"Bearer error="invalid_token", error_description="{reason}""#);
                (unknown(reason), challenge)
            }
            Self::Scope(scope) => {
                let text = "the token's scope or the person's role does not allow it";
                let challenge = format!(
                    r#"Bearer error="insufficient_scope", error_description="{text}", scope="{scope}""#
                );
                (ApiError::new(Kind::Forbidden, text), challenge)
            }
            Self::Step => {
                let text = "a sign-in with two factors of the last 15 minutes is required";
                let challenge = format!(
                    r#"Bearer error="insufficient_user_authentication", error_description="{text}", acr_values="{ACR}", max_age="{AGE_S_MAX}""#
                );
                (unknown(text), challenge)
            }
            Self::Store(error) => return ApiError::from(error).into_response(),
        };
        let mut response = error.into_response();
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
