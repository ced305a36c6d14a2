//! Devices with a clock of the test's own.

use kit::clock::uuid_v7;
use kit::db::{DbErr, Tx};

use super::store::{LIFE_S, NewDevice, allow, begin, deny, waiting};
use super::*;
use crate::oauth::clients::Client;
use crate::oauth::grants::tests::World;
use crate::oauth::grants::{self, NewGrant};
use crate::oauth::scope::Scopes;

const LIFE_MS: i64 = LIFE_S * 1000;

/// A device that waits since time 0.
struct Device {
    world: World,
    code: String,
    user_code: UserCode,
}

impl Device {
    async fn begun(jkt: Option<&str>) -> Self {
        let world = World::open().await;
        let new = NewDevice {
            client_id: world.public.id.clone(),
            scopes: "openid offline_access".to_owned(),
            resource: None,
            jkt: jkt.map(str::to_owned),
        };
        let work = async |tx: &Tx| begin(tx, &world.ring, &new, 0).await;
        let (code, user_code) = world.db.write(work).await.unwrap();
        Self { world, code, user_code }
    }

    async fn poll_as(&self, client: &Client, jkt: Option<&str>, now: i64) -> Polled {
        let work = async |tx: &Tx| poll(tx, client, (&self.code, jkt), now).await;
        self.world.db.write(work).await.unwrap()
    }

    async fn poll(&self, now: i64) -> Polled {
        self.poll_as(&self.world.public, None, now).await
    }

    async fn allow(&self, now: i64) -> bool {
        let new = NewGrant {
            user_id: uuid_v7(),
            client_id: self.world.public.id.clone(),
            session_id: Some(uuid_v7()),
            scopes: Scopes::parse("openid offline_access"),
            resource: None,
            acr: "x".to_owned(),
            amr: "pwd".to_owned(),
            auth_time: 0,
        };
        let (ring, code) = (&self.world.ring, self.user_code);
        let work = async |tx: &Tx| allow(tx, ring, (code, &new), now).await;
        self.world.db.write(work).await.unwrap()
    }

    async fn deny(&self, now: i64) -> bool {
        let (ring, code) = (&self.world.ring, self.user_code);
        self.world.db.write(async |tx: &Tx| deny(tx, ring, code, now).await).await.unwrap()
    }
}

#[tokio::test]
async fn who_asks_too_early_waits_five_seconds_longer_each_time() {
    let device = Device::begun(None).await;
    assert!(matches!(device.poll(0).await, Polled::Pending), "the first question may come at once");
    assert!(matches!(device.poll(3_999).await, Polled::SlowDown));
    assert!(matches!(device.poll(12_998).await, Polled::SlowDown), "ten seconds by now");
    assert!(matches!(device.poll(26_998).await, Polled::Pending), "fifteen, and it waited");
    let mut now = 26_998;
    for _ in 0..20 {
        now += 1;
        assert!(matches!(device.poll(now).await, Polled::SlowDown));
    }
    assert!(matches!(device.poll(now + 59_000).await, Polled::Pending), "a minute at most");
}

#[tokio::test]
async fn a_yes_is_given_once_and_at_once() {
    let device = Device::begun(None).await;
    assert!(matches!(device.poll(0).await, Polled::Pending));
    assert!(device.allow(1).await);
    assert!(!device.allow(2).await && !device.deny(2).await, "decided is decided");
    let Polled::Allowed(grant) = device.poll(3).await else { panic!("no need to wait") };
    assert!(matches!(device.poll(4).await, Polled::Again(_)));
    let reader = device.world.db.reader();
    assert!(grants::find(reader, grant.id).await.unwrap().unwrap().revoked_at.is_some());
    assert!(matches!(device.poll(LIFE_MS + 1).await, Polled::Again(_)), "however late");
}

#[tokio::test]
async fn a_no_is_told_and_nothing_comes_after_ten_minutes() {
    let denied = Device::begun(None).await;
    assert!(denied.deny(LIFE_MS - 1).await);
    assert!(matches!(denied.poll(LIFE_MS - 1).await, Polled::Denied));
    let late = Device::begun(None).await;
    let known = async |now| {
        let reader = late.world.db.reader();
        waiting(reader, &late.world.ring, late.user_code, now).await.unwrap().is_some()
    };
    assert!(known(LIFE_MS - 1).await && !known(LIFE_MS).await);
    assert!(!late.allow(LIFE_MS).await && !late.deny(LIFE_MS).await);
    assert!(matches!(late.poll(LIFE_MS).await, Polled::Expired));
}

#[tokio::test]
async fn a_grant_that_ended_before_the_device_came_is_a_no() {
    let device = Device::begun(None).await;
    assert!(device.allow(1).await);
    let reader = device.world.db.reader();
    let grant = grant_of(reader, &device.code).await.unwrap().unwrap();
    let work = async |tx: &Tx| grants::revoke(tx, grant.id, "x", 2).await;
    assert!(device.world.db.write(work).await.unwrap());
    assert!(matches!(device.poll(3).await, Polled::Denied));
}

#[tokio::test]
async fn another_client_or_key_neither_spends_nor_slows_down() {
    let device = Device::begun(Some("one")).await;
    let (own, other) = (&device.world.public, &device.world.confidential);
    assert!(matches!(device.poll_as(own, Some("one"), 0).await, Polled::Pending));
    for (client, jkt) in [(other, Some("one")), (own, None), (own, Some("two"))] {
        assert!(matches!(device.poll_as(client, jkt, 1).await, Polled::Useless));
    }
    assert!(matches!(device.poll_as(own, Some("one"), 4_000).await, Polled::Pending));
    assert!(device.allow(4_001).await);
    assert!(matches!(device.poll_as(other, Some("one"), 4_002).await, Polled::Useless));
    assert!(matches!(device.poll_as(own, Some("one"), 4_003).await, Polled::Allowed(_)));
}

#[tokio::test]
async fn a_code_that_is_spent_is_kept_for_a_day() {
    let device = Device::begun(None).await;
    for (now, kept) in [(LIFE_MS + 86_400_000, true), (LIFE_MS + 86_400_001, false)] {
        let work = async |tx: &Tx| purge(tx, now).await;
        let purged: Result<(), DbErr> = device.world.db.write(work).await;
        purged.unwrap();
        let expired = matches!(device.poll(LIFE_MS).await, Polled::Expired);
        assert_eq!(expired, kept);
    }
}
