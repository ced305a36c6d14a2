//! Signing keys: published, changed on demand, refused when somebody else may know them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{AFTER, Browser, World};

/// The keys that everybody can have.
pub(crate) async fn published(world: &World) -> JwkSet {
    world
        .http
        .get(format!("{}/oauth/jwks", world.issuer))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

async fn userinfo(world: &World, tokens: &Value) -> StatusCode {
    let token = tokens["access_token"].as_str().unwrap();
    let url = format!("{}/oauth/userinfo", world.issuer);
    world.http.get(url).bearer_auth(token).send().await.unwrap().status()
}

fn kid(tokens: &Value, which: &str) -> String {
    decode_header(tokens[which].as_str().unwrap()).unwrap().kid.unwrap()
}

/// A new key signs as soon as it is published, so that no test waits an hour.
async fn without_waiting() -> World {
    World::with(AFTER, |settings| settings.signing.publish_s = 0).await
}

/// The command beside the running server: another process as far as the keys are concerned.
async fn beside(world: &World, words: &[&str]) -> Value {
    let other = identity::open(world.config.clone()).await.unwrap();
    World::command_of(&other, words).await.unwrap()
}

#[tokio::test]
async fn an_old_token_stays_good_when_the_keys_change() {
    let world = without_waiting().await;
    let before = world.tokens(&world.chat()).await;
    let known = published(&world).await;
    let listed = beside(&world, &["keys", "rotate"]).await;
    let states: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states.iter().filter(|state| **state == "active").count(), 2, "{listed}");
    assert_eq!(states.iter().filter(|state| **state == "retired").count(), 2, "{listed}");
    assert!(!listed.to_string().contains("private"), "{listed}");

    // The server looks again when somebody asks for the keys.
    let old = kid(&before, "access_token");
    let mut after = world.tokens(&world.chat()).await;
    for _ in 0..200 {
        if kid(&after, "access_token") != old {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        published(&world).await;
        after = world.tokens(&world.chat()).await;
    }
    assert_ne!(kid(&after, "access_token"), old);
    assert_ne!(kid(&after, "id_token"), old);
    let set = published(&world).await;
    assert_eq!(set.keys.len(), known.keys.len() + 2);
    assert!(set.find(&old).is_some() && set.find(&kid(&after, "id_token")).is_some());
    assert_eq!(userinfo(&world, &before).await, StatusCode::OK);
    assert_eq!(userinfo(&world, &after).await, StatusCode::OK);
    let refresh = before["refresh_token"].as_str().unwrap();
    assert_eq!(world.refresh(&world.chat(), refresh).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_compromised_key_is_refused_at_once() {
    let world = World::open().await;
    let before = world.tokens(&world.chat()).await;
    let listed = world.command(&["keys", "rotate", "--compromised"]).await;
    let destroyed = |key: &&Value| key["state"] == "destroyed";
    assert_eq!(listed["items"].as_array().unwrap().iter().filter(destroyed).count(), 2);
    assert_eq!(userinfo(&world, &before).await, StatusCode::UNAUTHORIZED);
    assert!(published(&world).await.find(&kid(&before, "access_token")).is_none());
    // The sign-in itself goes on, with a token that the new key signed.
    let refresh = before["refresh_token"].as_str().unwrap();
    let (status, after) = world.refresh(&world.chat(), refresh).await;
    assert_eq!(status, StatusCode::OK, "{after}");
    assert_eq!(userinfo(&world, &after).await, StatusCode::OK);
    let audit = world.command(&["audit", "verify"]).await;
    assert!(audit.to_string().contains("entries"), "{audit}");
}

/// Another process is at it; its key may be known, too.
#[tokio::test]
async fn a_key_that_another_process_was_just_making_is_compromised_too() {
    let world = World::open().await;
    let another = world.database().await;
    let mut rotating = Box::pin(world.command(&["keys", "rotate", "--compromised"]));
    let making = async |tx: &kit::db::Tx| {
        let sql = "INSERT INTO signing_keys (kid, alg, public_jwk, private_enc, state, created_at, \
                   not_before) SELECT 'made meanwhile', alg, public_jwk, private_enc, 'next', \
                   created_at, not_before FROM signing_keys WHERE alg = 'ES256'";
        kit::db::exec(tx, sql, vec![]).await?;
        tokio::select! {
            listed = &mut rotating => panic!("it does not wait for the other: {listed}"),
            () = tokio::time::sleep(std::time::Duration::from_millis(500)) => {}
        }
        Ok::<_, kit::db::DbErr>(())
    };
    another.write(making).await.unwrap();
    let listed = rotating.await;
    let keys = listed["items"].as_array().unwrap();
    let made = keys.iter().find(|key| key["kid"] == "made meanwhile").unwrap();
    assert_eq!(made["state"], "destroyed", "{listed}");
    assert_eq!(keys.iter().filter(|key| key["state"] == "active").count(), 2, "{listed}");
}

#[tokio::test]
async fn a_key_waits_until_everybody_can_have_it() {
    let world = World::open().await;
    let before = world.tokens(&world.chat()).await;
    let listed = world.command(&["keys", "rotate"]).await;
    let again = world.command(&["keys", "rotate"]).await;
    assert_eq!(listed, again, "a second time changes nothing");
    let after = world.tokens(&world.chat()).await;
    assert_eq!(kid(&after, "access_token"), kid(&before, "access_token"));
    assert_eq!(published(&world).await.keys.len(), 4, "the next ones are published already");
}

#[tokio::test]
async fn an_app_that_expects_rs256_gets_it() {
    let world = World::open().await;
    let app = world.app(false).await;
    world.sql("UPDATE clients SET id_token_alg = 'RS256'").await;
    let tokens = world.tokens(&app).await;
    let token = tokens["id_token"].as_str().unwrap();
    let header = decode_header(token).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    let set = published(&world).await;
    let key = DecodingKey::from_jwk(set.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut wanted = Validation::new(jsonwebtoken::Algorithm::RS256);
    wanted.set_audience(&[&app.id]);
    let claims = decode::<Value>(token, &key, &wanted).unwrap().claims;
    assert_eq!(claims["iss"], json!(world.issuer));
}

/// RFC 8725 section 2.1: a token cannot choose the algorithm of somebody else's key.
#[tokio::test]
async fn a_token_cannot_choose_another_algorithm() {
    let world = World::open().await;
    let tokens = world.tokens(&world.chat()).await;
    let token = tokens["access_token"].as_str().unwrap();
    let (_, rest) = token.split_once('.').unwrap();
    let set = published(&world).await;
    for alg in ["none", "HS256", "RS256", "PS256", "ES384", "EdDSA"] {
        for key in &set.keys {
            let kid = key.common.key_id.as_deref().unwrap();
            if alg == "RS256" && key.common.key_algorithm.unwrap().to_string() == alg {
                continue;
            }
            let header = json!({"typ": "at+jwt", "alg": alg, "kid": kid}).to_string();
            let forged = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            let forged = json!({ "access_token": forged });
            assert_eq!(userinfo(&world, &forged).await, StatusCode::UNAUTHORIZED, "{alg}");
        }
    }
}

/// Signs in for the chat with an ID token to show at the end.
async fn sign_in(world: &World) -> (Browser, String) {
    let mut ana = Browser::default();
    let code = world.code(&mut ana, &world.chat()).await;
    let (_, tokens) = world.exchange(&world.chat(), &code).await;
    (ana, tokens["id_token"].as_str().unwrap().to_owned())
}

/// An app keeps the ID token of its sign-in for as long as that lasts.
#[tokio::test]
async fn an_id_token_whose_key_is_not_published_any_more_still_signs_its_person_out() {
    let world = without_waiting().await;
    let (mut ana, hint) = sign_in(&world).await;
    world.command(&["keys", "rotate"]).await;
    let a_minute_ago = kit::clock::now_ms() - 60_000;
    let sql = format!("UPDATE signing_keys SET retire_at = {a_minute_ago} WHERE retire_at > 0");
    world.sql(&sql).await;
    world.command(&["keys", "rotate"]).await;
    let signed_by = decode_header(&hint).unwrap().kid.unwrap();
    assert!(published(&world).await.find(&signed_by).is_none());
    let asked = format!("{}/oauth/logout?id_token_hint={hint}", world.issuer);
    ana.open(&world, &format!("{asked}&post_logout_redirect_uri={AFTER}")).await;
    assert_eq!(ana.address, AFTER, "{}", ana.page);

    // What somebody else can have signed is no hint.
    world.command(&["keys", "rotate", "--compromised"]).await;
    let (mut ana, _) = sign_in(&world).await;
    ana.open(&world, &format!("{asked}&post_logout_redirect_uri={AFTER}")).await;
    assert_eq!(ana.status, 400);
    let named = format!("{asked}&client_id=chat&post_logout_redirect_uri={AFTER}");
    ana.open(&world, &named).await;
    assert!(ana.page.contains("/oauth/logout/confirm"), "she is asked: {}", ana.page);
    ana.submit(&world, &[]).await;
    assert_eq!(ana.address, AFTER);
}
