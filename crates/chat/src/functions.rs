//! Functions as a client sees them, wherever they run.

use std::time::Duration;

use kit::jobs::Failed;
use kit::signature;
use serde::Serialize;

use crate::config::FunctionsAt;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than any function takes.
const TIMEOUT: Duration = Duration::from_secs(45);

/// Where functions are, and the way there. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Functions {
    at: Option<FunctionsAt>,
    http: reqwest::Client,
}

impl Functions {
    pub(crate) fn new(at: Option<FunctionsAt>) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build()
            .expect("a client without files or proxies can be built");
        Self { at, http }
    }

    /// Whether this chat knows of any.
    pub(crate) fn are_there(&self) -> bool {
        self.at.is_some()
    }

    /// Asks a function about itself; nothing when there are none.
    pub(crate) fn get(&self, function: &str) -> Option<reqwest::RequestBuilder> {
        let at = self.at.as_ref()?;
        Some(self.http.get(format!("{}/{function}", at.url)))
    }

    /// Has a function do its work; `what` says in an error what it was given.
    pub(crate) async fn call(
        &self,
        function: &str,
        what: &str,
        body: &impl Serialize,
    ) -> Result<reqwest::Response, Failed> {
        let never = |reason: &str| Failed::Never(reason.to_owned());
        let at = self.at.as_ref().ok_or_else(|| never("there are no functions"))?;
        let body = serde_json::to_vec(body).map_err(|_| never("it cannot be written down"))?;
        let signature = signature::sign(&at.secret, function, &body);
        let request = self.http.post(format!("{}/{function}", at.url)).body(body);
        let request = request
            .header(http::header::CONTENT_TYPE, "application/json")
            .header(signature::HEADER, signature);
        let answer = request.send().await.map_err(failure)?;
        match answer.status().as_u16() {
            200 | 204 => Ok(answer),
            413 | 422 => Err(Failed::Never(format!("the function refuses this {what}"))),
            status => Err(Failed::Later(format!("the function answered {status}"))),
        }
    }
}

/// Why a function did not answer, without its address.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn failure(error: reqwest::Error) -> Failed {
    let what = if error.is_connect() { "cannot be reached" } else { "did not answer well" };
    Failed::Later(format!("the function {what}"))
}
