//! Budgets of the endpoints that programs call, per client and per address, in this process.

use std::net::IpAddr;
use std::time::Duration;

use kit::limit::{Limiter, RateLimited};

use super::clients::Client;
use crate::visitor::Visitor;

/// On a developer's own machine everybody has the same address.
const LOOPBACK_FACTOR: u32 = 10;
/// Requests in a minute from one address that leave a row behind (PAR, device).
const BEGUN_PER_MIN: u32 = 60;
/// Requests that one app with a secret pushes in a minute, for all of its people.
const PUSHED_PER_MIN: u32 = 1200;
/// Wrong secrets in a minute, per client and per address.
const WRONG_PER_MIN: u32 = 20;
/// Wrong user codes in a minute from one address: of 20^8 codes few are ever alive.
const CODES_PER_MIN: u32 = 10;
const MINUTE: Duration = Duration::from_mins(1);

/// Counts attempts.
pub(crate) struct Budgets {
    wrong_clients: Limiter<String>,
    wrong_places: Limiter<IpAddr>,
    pushed: Limiter<IpAddr>,
    pushed_by: Limiter<String>,
    devices: Limiter<IpAddr>,
    user_codes: Limiter<IpAddr>,
    registering: Limiter<IpAddr>,
    registered: Limiter<IpAddr>,
}

impl Budgets {
    /// Budgets for an issuer; on loopback those by address are larger.
    pub(super) fn new(loopback: bool, registrations_per_h: u32) -> Self {
        let factor = if loopback { LOOPBACK_FACTOR } else { 1 };
        let per_h = registrations_per_h.max(1);
        let by_address = |count: u32| Limiter::new(count * factor, MINUTE / (count * factor));
        Self {
            wrong_clients: Limiter::new(WRONG_PER_MIN, MINUTE / WRONG_PER_MIN),
            wrong_places: by_address(WRONG_PER_MIN),
            pushed: by_address(BEGUN_PER_MIN),
            pushed_by: Limiter::new(PUSHED_PER_MIN, MINUTE / PUSHED_PER_MIN),
            devices: by_address(BEGUN_PER_MIN),
            user_codes: Limiter::new(CODES_PER_MIN, MINUTE / CODES_PER_MIN),
            registering: by_address(BEGUN_PER_MIN),
            registered: Limiter::new(per_h, Duration::from_hours(1) / per_h),
        }
    }

    /// A client did not prove who it is. Only failures count: nobody can lock an app out.
    pub(super) fn wrong_client(&self, from: &Visitor, client: &String) -> Result<(), RateLimited> {
        self.wrong_places.check(&from.network())?;
        self.wrong_clients.check(client)
    }

    /// A request is pushed. An app that proved who it is pushes from one place for many people;
    /// in the name of any other everybody can.
    pub(super) fn push(&self, from: &Visitor, client: &Client) -> Result<(), RateLimited> {
        if client.is_public() {
            return self.pushed.check(&from.network());
        }
        self.pushed_by.check(&client.id)
    }

    /// An app registers itself, or changes what it says about itself.
    pub(super) fn register(&self, from: &Visitor) -> Result<(), RateLimited> {
        self.registering.check(&from.network())
    }

    /// An app registers itself without anybody's leave.
    pub(super) fn register_openly(&self, from: &Visitor) -> Result<(), RateLimited> {
        self.registered.check(&from.network())
    }

    /// Forgets who has the whole budget again.
    pub(super) fn tidy(&self) {
        self.wrong_clients.tidy();
        self.wrong_places.tidy();
        self.pushed.tidy();
        self.pushed_by.tidy();
        self.devices.tidy();
        self.user_codes.tidy();
        self.registering.tidy();
        self.registered.tidy();
    }
}
