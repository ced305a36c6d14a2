//! Codes go to the registered address and nowhere else (OAuth 2.1 section 2.3, RFC 9700 2.1).

use super::{Tries, authorize};
use crate::world::{AFTER, REDIRECT, World};

/// Registered is `https://app.example/cb`.
const WRONG: &[(&str, &str)] = &[
    ("none", ""),
    ("another host", "https://evil.example/cb"),
    ("the host as a subdomain", "https://app.example.evil.example/cb"),
    ("a subdomain of the host", "https://x.app.example/cb"),
    ("a longer host", "https://app.examples/cb"),
    ("the host as a user name", "https://app.example@evil.example/cb"),
    ("the host as a password", "https://x:app.example@evil.example/cb"),
    ("a user name before the host", "https://evil@app.example/cb"),
    ("the default port", "https://app.example:443/cb"),
    ("another port", "https://app.example:8443/cb"),
    ("no TLS", "http://app.example/cb"),
    ("capitals in the host", "https://APP.example/cb"),
    ("capitals in the scheme", "HTTPS://app.example/cb"),
    ("a dot after the host", "https://app.example./cb"),
    ("a slash more", "https://app.example/cb/"),
    ("two slashes", "https://app.example//cb"),
    ("a longer path", "https://app.example/cb/evil"),
    ("a longer word", "https://app.example/cbevil"),
    ("a path upwards", "https://app.example/cb/../evil"),
    ("a path that is the same", "https://app.example/x/../cb"),
    ("an encoded path upwards", "https://app.example/cb/%2e%2e/evil"),
    ("an encoded letter", "https://app.example/%63b"),
    ("a letter encoded twice", "https://app.example/%2563b"),
    ("a path parameter", "https://app.example/cb;x"),
    ("a query", "https://app.example/cb?next=https://evil.example"),
    ("an empty query", "https://app.example/cb?"),
    ("a fragment", "https://app.example/cb#x"),
    ("an empty fragment", "https://app.example/cb#"),
    ("a backslash", "https://app.example\\@evil.example/cb"),
    ("backslashes", "https:\\\\app.example\\cb"),
    ("one slash", "https:/app.example/cb"),
    ("no scheme", "//app.example/cb"),
    ("a path alone", "/cb"),
    ("a script", "javascript:alert(1)//app.example/cb"),
    ("a document", "data:text/html,<script>alert(1)</script>"),
    ("a file", "file:///app.example/cb"),
    ("a wildcard", "https://*.example/cb"),
    ("a space before", " https://app.example/cb"),
    ("a space after", "https://app.example/cb "),
    ("a line end", "https://app.example/cb\n"),
    ("a header", "https://app.example/cb\r\nlocation: https://evil.example"),
    ("a tab in the scheme", "java\tscript:alert(1)"),
    ("a null byte", "https://app.example/cb\0.evil.example"),
    ("another alphabet", "https://аpp.example/cb"),
    ("its Punycode", "https://xn--pp-6kc.example/cb"),
    ("an address of the host", "https://127.0.0.1/cb"),
    ("a loopback address", "http://127.0.0.1:4711/cb"),
    ("where to go after signing out", AFTER),
    ("the provider itself", "https://localhost/id/oauth/authorize"),
];

#[tokio::test]
async fn a_code_goes_to_the_registered_address_and_nowhere_else() {
    let world = World::open().await;
    let mut tries = Tries::new();
    for (name, uri) in WRONG {
        let pairs = world.request(&world.chat(), &[("redirect_uri", uri)]);
        tries.expect(name, authorize(&world, &pairs).await, "page 400".to_owned());
    }
    let good = world.request(&world.chat(), &[]);
    tries.expect("the registered one", authorize(&world, &good).await, "/login".to_owned());
    tries.hold();
}

/// Registered is `http://127.0.0.1/cb`; only its port is free (RFC 8252 section 7.3).
const NOT_THE_PHONE: &[(&str, &str)] = &[
    ("another path", "http://127.0.0.1:4711/evil"),
    ("a name instead of the address", "http://localhost:4711/cb"),
    ("another loopback address", "http://127.0.0.2:4711/cb"),
    ("the other protocol", "http://[::1]:4711/cb"),
    ("a short address", "http://127.1:4711/cb"),
    ("an address as a number", "http://2130706433:4711/cb"),
    ("an address in hexadecimal", "http://0x7f000001:4711/cb"),
    ("TLS", "https://127.0.0.1:4711/cb"),
    ("a user name", "http://127.0.0.1:4711@evil.example/cb"),
    ("a longer host", "http://127.0.0.1.evil.example/cb"),
    ("a port that is none", "http://127.0.0.1:99999/cb"),
    ("a port with letters", "http://127.0.0.1:4711x/cb"),
    ("a query", "http://127.0.0.1:4711/cb?x"),
    ("all addresses", "http://0.0.0.0:4711/cb"),
];

#[tokio::test]
async fn an_app_on_a_phone_has_a_free_port_and_nothing_else() {
    let world = World::open().await;
    let words = ["client", "create", "--name", "Pocket", "--public", "--redirect-uri"];
    let made = world.command(&[&words[..], &["http://127.0.0.1/cb"]].concat()).await;
    let id = made["client_id"].as_str().unwrap();
    let mut tries = Tries::new();
    for (name, uri) in NOT_THE_PHONE {
        let changes = [("client_id", id), ("redirect_uri", uri)];
        let pairs = world.request(&world.chat(), &changes);
        tries.expect(name, authorize(&world, &pairs).await, "page 400".to_owned());
    }
    let changes = [("client_id", id), ("redirect_uri", "http://127.0.0.1:4711/cb")];
    let pairs = world.request(&world.chat(), &changes);
    tries.expect("a port", authorize(&world, &pairs).await, "/login".to_owned());
    tries.hold();
}

#[tokio::test]
async fn an_address_of_another_app_or_of_nobody_is_no_target() {
    let world = World::open().await;
    let words = ["client", "create", "--name", "Other", "--redirect-uri", "https://other.example/"];
    let other = world.command(&words).await;
    let other = other["client_id"].as_str().unwrap();
    let long = format!("https://app.example/cb?{}", "x".repeat(3000));
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("an address of another app", &[("redirect_uri", "https://other.example/")]),
        ("another app with this address", &[("client_id", other)]),
        ("an app that is not there", &[("client_id", "nobody")]),
        ("no app", &[("client_id", "")]),
        ("an app in capitals", &[("client_id", "CHAT")]),
        ("an app with a space", &[("client_id", "chat ")]),
        ("an app with a null byte", &[("client_id", "chat\0")]),
        ("an app with a quote", &[("client_id", "chat' OR '1'='1")]),
        ("an address too long", &[("redirect_uri", &long)]),
    ];
    let mut tries = Tries::new();
    for (name, changes) in cases {
        let pairs = world.request(&world.chat(), changes);
        tries.expect(name, authorize(&world, &pairs).await, "page 400".to_owned());
    }
    for name in ["client_id", "redirect_uri"] {
        let mut pairs = world.request(&world.chat(), &[]);
        pairs.push((name.to_owned(), "x".to_owned()));
        let told = authorize(&world, &pairs).await;
        tries.expect(&format!("{name} twice"), told, "page 400".to_owned());
        pairs.retain(|(found, _)| found != "prompt");
        pairs.push(("prompt".to_owned(), "none".to_owned()));
        let told = authorize(&world, &pairs).await;
        tries.expect(&format!("{name} twice, silently"), told, "page 400".to_owned());
    }
    tries.hold();
}

#[tokio::test]
async fn registering_an_address_that_is_not_safe_is_refused() {
    let world = World::open().await;
    let cases = [
        ("no TLS", "http://app.example/cb"),
        ("a fragment", "https://app.example/cb#x"),
        ("a wildcard", "https://*.example/cb"),
        ("a user name", "https://a@app.example/cb"),
        ("a password", "https://a:b@app.example/cb"),
        ("a backslash", "https://app.example\\@evil.example/cb"),
        ("a script", "javascript:alert(1)"),
        ("a document", "data:text/html,x"),
        ("a path alone", "/cb"),
        ("a scheme without a dot", "myapp:/cb"),
        ("a space", "https://app.example/c b"),
        ("a host like loopback", "http://127.0.0.1.evil.example/cb"),
    ];
    let mut tries = Tries::new();
    for (name, uri) in cases {
        let words = ["client", "create", "--name", "x", "--redirect-uri", uri];
        tries.expect(name, world.try_command(&words).await.is_err(), true);
    }
    let words = ["client", "create", "--name", "x", "--redirect-uri", REDIRECT];
    tries.expect("a good one", world.try_command(&words).await.is_err(), false);
    tries.hold();
}
