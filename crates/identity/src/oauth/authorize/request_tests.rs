use proptest::prelude::*;

use super::*;
use crate::oauth::clients::sample;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const API: &str = "https://talk.example/api";

fn good() -> Vec<(&'static str, String)> {
    let pairs = [
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("response_type", "code"),
        ("scope", "openid chat"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "s"),
        ("nonce", "n"),
        ("resource", API),
    ];
    pairs.map(|(name, value)| (name, value.to_owned())).to_vec()
}

fn with(name: &'static str, value: &str) -> Params {
    let mut pairs = good();
    pairs.retain(|(found, _)| *found != name);
    pairs.push((name, value.to_owned()));
    params(&pairs)
}

fn params(pairs: &[(&str, String)]) -> Params {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    Params::parse(text.extend_pairs(pairs).finish().as_bytes()).unwrap()
}

fn read(params: &Params) -> Result<Request, Refusal> {
    let client = sample();
    let target = Target::of(params, Some(&client)).unwrap();
    Request::read(params, &client, target, &[API.to_owned()])
}

#[test]
fn a_good_request_is_read() {
    let request = read(&params(&good())).unwrap();
    assert_eq!(request.scope, "openid chat");
    assert_eq!(request.resource.as_deref(), Some(API));
    assert_eq!(request.target.state.as_deref(), Some("s"));
    assert_eq!(request.prompt, Prompt::default());
    let kept = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<Request>(&kept).unwrap(), request);
}

#[test]
fn nothing_is_sent_to_a_place_that_is_not_the_clients() {
    let client = sample();
    let of = |params: &Params| Target::of(params, Some(&client)).map(drop);
    assert_eq!(Target::of(&params(&good()), None), Err(NoTarget::Client));
    assert_eq!(of(&with("redirect_uri", "")), Err(NoTarget::RedirectUri));
    for uri in ["https://app.example/cb2", "https://app.example/cb/", "https://evil.example/cb"] {
        assert_eq!(of(&with("redirect_uri", uri)), Err(NoTarget::RedirectUri));
    }
    for (name, error) in [("client_id", NoTarget::Client), ("redirect_uri", NoTarget::RedirectUri)]
    {
        let mut pairs = good();
        let again = pairs.iter().find(|(found, _)| *found == name).unwrap().clone();
        pairs.push(again);
        assert_eq!(of(&params(&pairs)), Err(error), "{name} twice");
    }
}

#[test]
fn what_is_wrong_is_told_with_the_word_of_the_specification() {
    let cases = [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("response_type", "", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge_method", "s256", "invalid_request"),
        ("scope", "", "invalid_scope"),
        ("scope", "telepathy", "invalid_scope"),
        ("scope", "openid chat.admin", "invalid_scope"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "dance", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "+1", "invalid_request"),
        ("max_age", "soon", "invalid_request"),
        ("resource", "https://other.example/api", "invalid_target"),
        ("request", "e30.e30.", "request_not_supported"),
        ("request_uri", "https://app.example/r", "request_uri_not_supported"),
    ];
    for (name, value, code) in cases {
        assert_eq!(read(&with(name, value)).unwrap_err().code, code, "{name}={value}");
    }
}

#[test]
fn every_parameter_may_come_only_once() {
    for (name, value) in good() {
        if matches!(name, "client_id" | "redirect_uri") {
            continue;
        }
        let mut pairs = good();
        pairs.push((name, value));
        let code = read(&params(&pairs)).unwrap_err().code;
        assert!(["invalid_request", "invalid_target"].contains(&code), "{name}: {code}");
    }
    let mut pairs = good();
    pairs.extend([("unknown", "1".to_owned()), ("unknown", "2".to_owned())]);
    assert_eq!(read(&params(&pairs)).unwrap_err().code, "invalid_request");
}

#[test]
fn a_repeated_state_is_not_sent_back() {
    let mut pairs = good();
    pairs.push(("state", "t".to_owned()));
    assert_eq!(Target::of(&params(&pairs), Some(&sample())).unwrap().state, None);
}

#[test]
fn the_first_language_with_pages_is_taken() {
    let locale = |value| read(&with("ui_locales", value)).unwrap().locale;
    assert_eq!(locale("fr-CA es-MX en").as_deref(), Some("es"));
    assert_eq!(locale("EN").as_deref(), Some("en"));
    assert_eq!(locale("fr"), None);
}

proptest! {
    #[test]
    fn any_parameters_are_read_or_refused(
        name in "client_id|scope|prompt|max_age|nonce|state|resource|ui_locales|code_challenge",
        value in any::<String>(),
    ) {
        let mut pairs = good();
        pairs.retain(|(found, _)| *found != name);
        pairs.push(("x", String::new()));
        pairs.push((Box::leak(name.into_boxed_str()), value));
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        let Ok(params) = Params::parse(text.extend_pairs(&pairs).finish().as_bytes()) else {
            return Ok(());
        };
        let client = sample();
        if let Ok(target) = Target::of(&params, Some(&client)) {
            prop_assert_eq!(&target.redirect_uri, "https://app.example/cb");
            if let Ok(request) = Request::read(&params, &client, target, &[API.to_owned()]) {
                prop_assert!(client.scopes.contains(request.scopes()));
                prop_assert!(pkce::is_challenge(&request.challenge));
                prop_assert!(request.resource.is_none_or(|resource| resource == API));
            }
        }
    }
}
