//! Grants with a clock of the test's own.

mod machine;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::db::{Db, DbConfig, scalar};
use kit::keys::KeyRing;
use proptest::prelude::*;
use sea_orm::ConnectionTrait as _;

use super::super::clients::{AuthMethod, Client, sample};
use super::codes::CODE_LIFE_MS;
use super::refresh::LEEWAY_MS;
use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const URI: &str = "https://app.example/cb";

/// A database with one public client and one that keeps a secret.
pub(in crate::oauth) struct World {
    pub(in crate::oauth) db: Db,
    pub(in crate::oauth) ring: KeyRing,
    pub(in crate::oauth) public: Client,
    pub(in crate::oauth) confidential: Client,
}

impl World {
    pub(in crate::oauth) async fn open() -> Self {
        Self::with(&[super::super::MIGRATION, super::super::WIRE]).await
    }

    /// The same with these tables.
    async fn with(tables: &[kit::db::Migration]) -> Self {
        let data_dir = std::env::temp_dir().join(format!("tertulia-{}", kit::clock::uuid_v7()));
        std::fs::create_dir_all(&data_dir).unwrap();
        let ring = KeyRing::open(&data_dir.join("keys"), "identity").unwrap();
        let config = DbConfig { url: own_database().await, data_dir, name: "identity" };
        let db = Db::open(&config, tables).await.unwrap();
        let confidential = Client { id: "site".to_owned(), method: AuthMethod::Secret, ..sample() };
        for id in ["app", "site"] {
            let sql = "INSERT INTO clients (id, name, auth_method, scopes, first_party, \
                       created_at) VALUES ($1, $1, 'x', '', FALSE, 0)";
            let added: DbResult<u64> = db.write(async |tx| exec(tx, sql, params![id]).await).await;
            added.unwrap();
        }
        Self { db, ring, public: sample(), confidential }
    }

    fn client(&self, public: bool) -> &Client {
        if public { &self.public } else { &self.confidential }
    }

    async fn grant(&self, client: &Client) -> Uuid {
        let new = NewGrant {
            user_id: uuid_v7(),
            client_id: client.id.clone(),
            session_id: Some(uuid_v7()),
            scopes: Scopes::parse("openid offline_access"),
            resource: None,
            acr: "x".to_owned(),
            amr: "pwd".to_owned(),
            auth_time: 0,
        };
        let opened: DbResult<Uuid> = self.db.write(async |tx| open(tx, &new, 0).await).await;
        opened.unwrap()
    }

    async fn code(&self, grant: Uuid) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let code = CodeFor { redirect_uri: URI.to_owned(), challenge, nonce: None, jkt: None };
        let made: DbResult<String> =
            self.db.write(async |tx| issue_code(tx, grant, &code, 0).await).await;
        made.unwrap()
    }

    async fn spend(&self, code: &str, now: i64) -> Spent {
        let client = &self.public;
        let shown = Shown { redirect_uri: URI, verifier: VERIFIER, jkt: None };
        let spent: DbResult<Spent> =
            self.db.write(async |tx| spend_code(tx, client, code, shown, now).await).await;
        spent.unwrap()
    }

    async fn first(&self, grant: Uuid) -> String {
        let made: DbResult<String> =
            self.db.write(async |tx| first_refresh(tx, grant, 0).await).await;
        made.unwrap()
    }

    async fn rotate(&self, client: &Client, token: &str, now: i64) -> Rotated {
        let rotated = self.db.write(async |tx| {
            let Some(held) = hold(tx, client, token).await? else { return Ok(Rotated::Useless) };
            rotate(tx, &self.ring, client, held, now).await
        });
        rotated.await.unwrap()
    }

    async fn is_revoked(&self, grant: Uuid) -> bool {
        find(self.db.reader(), grant).await.unwrap().unwrap().revoked_at.is_some()
    }

    /// How many refresh tokens of a grant could be used now.
    async fn live_tokens(&self, grant: Uuid, now: i64) -> i64 {
        let sql = "SELECT COUNT(*) FROM refresh_tokens r JOIN grants g ON g.id = r.grant_id \
                   WHERE g.id = $1 AND g.revoked_at IS NULL AND r.used_at IS NULL \
                   AND r.idle_expires_at > $2";
        scalar(self.db.reader(), sql, params![grant, now]).await.unwrap().unwrap()
    }
}

pub(in crate::oauth) async fn own_database() -> Option<String> {
    let server = kit::config::env("TERTULIA_TEST_POSTGRES")?;
    let name = format!("grants_{}", kit::clock::uuid_v4().simple());
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.to_string())
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let world = World::open().await;
    let grant = world.grant(&world.public).await;
    let (one, two) = (world.code(grant).await, world.code(grant).await);
    assert!(matches!(world.spend(&one, CODE_LIFE_MS).await, Spent::Useless));
    assert!(!world.is_revoked(grant).await, "late is no theft");
    assert!(matches!(world.spend(&two, CODE_LIFE_MS - 1).await, Spent::Now(..)));
    assert!(matches!(world.spend(&two, CODE_LIFE_MS + 1).await, Spent::Again(_)));
    assert!(world.is_revoked(grant).await, "used again, even late");
}

#[tokio::test]
async fn a_grant_is_forgotten_when_nothing_of_it_can_be_good() {
    let world = World::open().await;
    let (kept, over) = (world.grant(&world.public).await, world.grant(&world.public).await);
    world.first(kept).await;
    world.code(over).await;
    let purged = async |now: i64| {
        let done: DbResult<()> = world.db.write(async |tx| purge(tx, now).await).await;
        done.unwrap();
        let found = async |grant| find(world.db.reader(), grant).await.unwrap().is_some();
        (found(kept).await, found(over).await)
    };
    assert_eq!(purged(3 * DAY_MS).await, (true, true), "its code may be shown a second time");
    assert_eq!(purged(CODE_LIFE_MS + IDLE_MS + 1).await, (true, false));
    assert_eq!(purged(400 * DAY_MS).await, (false, false));
}

#[tokio::test]
async fn a_grant_that_ended_makes_its_code_useless() {
    let world = World::open().await;
    let grant = world.grant(&world.public).await;
    let code = world.code(grant).await;
    let ended: DbResult<bool> = world.db.write(async |tx| revoke(tx, grant, "x", 1).await).await;
    assert!(ended.unwrap());
    assert!(matches!(world.spend(&code, 2).await, Spent::Useless));
}

#[tokio::test]
async fn the_leeway_of_a_confidential_client_is_a_minute() {
    let world = World::open().await;
    let client = &world.confidential;
    let grant = world.grant(client).await;
    let first = world.first(grant).await;
    let Rotated::Now(_, next) = world.rotate(client, &first, 1).await else { panic!() };
    let again = world.rotate(client, &first, 1 + LEEWAY_MS).await;
    assert!(matches!(again, Rotated::Now(_, ref same) if *same == next));
    assert!(matches!(world.rotate(client, &first, 2 + LEEWAY_MS).await, Rotated::Again(_)));
    assert!(world.is_revoked(grant).await);
    assert!(matches!(world.rotate(client, &next, 3 + LEEWAY_MS).await, Rotated::Useless));
}

#[tokio::test]
async fn a_refresh_token_ends_after_14_days_unused_and_90_days_used() {
    let world = World::open().await;
    let client = &world.public;
    let unused = world.first(world.grant(client).await).await;
    assert!(matches!(world.rotate(client, &unused, 14 * DAY_MS).await, Rotated::Useless));
    let grant = world.grant(client).await;
    let mut token = world.first(grant).await;
    for day in (10..90).step_by(10) {
        match world.rotate(client, &token, day * DAY_MS).await {
            Rotated::Now(_, next) => token = next,
            other => panic!("day {day}: {other:?}"),
        }
    }
    assert!(matches!(world.rotate(client, &token, 90 * DAY_MS).await, Rotated::Useless));
    assert!(!world.is_revoked(grant).await, "old age is no theft");
}

#[tokio::test]
async fn another_client_neither_uses_nor_ends_a_refresh_token() {
    let world = World::open().await;
    let token = world.first(world.grant(&world.public).await).await;
    assert!(matches!(world.rotate(&world.confidential, &token, 1).await, Rotated::Useless));
    assert!(matches!(world.rotate(&world.public, &token, 2).await, Rotated::Now(..)));
}

/// What may happen to a family: any token that was ever given is shown, at any time.
#[derive(Debug, Clone)]
struct Step {
    which: prop::sample::Index,
    after_ms: i64,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<prop::sample::Index>(), 0..50_000_i64);
    prop::collection::vec(step.prop_map(|(which, after_ms)| Step { which, after_ms }), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_family_has_at_most_one_live_token_whatever_happens(steps in steps(), public: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::open().await;
            let client = world.client(public);
            let grant = world.grant(client).await;
            let mut given = vec![world.first(grant).await];
            let mut now = 0;
            for step in steps {
                now += step.after_ms;
                let token = given[step.which.index(given.len())].clone();
                let over = world.is_revoked(grant).await;
                match world.rotate(client, &token, now).await {
                    Rotated::Now(_, next) => {
                        assert!(!over, "a revoked family gives nothing");
                        if !given.contains(&next) {
                            given.push(next);
                        }
                    }
                    Rotated::Again(_) => assert!(world.is_revoked(grant).await),
                    Rotated::Useless => assert!(over),
                }
                let live = world.live_tokens(grant, now).await;
                let expected = i64::from(!world.is_revoked(grant).await);
                assert_eq!(live, expected);
            }
        });
    }
}
