//! Budgets of the endpoints that programs call, per client and per address, in this process.

use std::net::IpAddr;
use std::time::Duration;

use kit::limit::{Limiter, RateLimited};
use uuid::Uuid;

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
/// User codes that one person tries in a minute, right or wrong: of 20^8 codes few are alive.
const CODES_PER_MIN: u32 = 10;
/// User codes that are tried in a minute from one address.
const CODES_OF_PLACE_PER_MIN: u32 = 60;
const MINUTE: Duration = Duration::from_mins(1);

/// Counts attempts.
pub(crate) struct Budgets {
    wrong_clients: Limiter<String>,
    wrong_places: Limiter<IpAddr>,
    pushed: Limiter<IpAddr>,
    pushed_by: Limiter<String>,
    devices: Limiter<IpAddr>,
    user_codes: Limiter<Uuid>,
    user_code_places: Limiter<IpAddr>,
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
            user_code_places: by_address(CODES_OF_PLACE_PER_MIN),
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

    /// A device begins.
    pub(super) fn begin_device(&self, from: &Visitor) -> Result<(), RateLimited> {
        self.devices.check(&from.network())
    }

    /// A person tries the code of a device. Right ones count, too: whoever has spent the budget
    /// must not find out.
    pub(super) fn try_user_code(&self, from: &Visitor, user: Uuid) -> Result<(), RateLimited> {
        self.user_code_places.check(&from.network())?;
        self.user_codes.check(&user)
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
        self.user_code_places.tidy();
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use kit::clock::uuid_v4;

    use super::*;
    use crate::pages::Lang;

    fn visitor(ip: &str) -> Visitor {
        let (agent, here, headers) = (String::new(), String::new(), HeaderMap::new());
        Visitor { ip: ip.parse().unwrap(), agent, lang: Lang::En, headers, here }
    }

    #[test]
    fn one_place_begins_sixty_devices_in_a_minute() {
        let (budgets, here, there) =
            (Budgets::new(false, 1), visitor("192.0.2.1"), visitor("192.0.2.2"));
        let begun = (0..200).take_while(|_| budgets.begin_device(&here).is_ok()).count();
        assert!((60..70).contains(&begun), "{begun}");
        assert!(budgets.begin_device(&there).is_ok());
    }

    #[test]
    fn one_person_tries_ten_codes_in_a_minute_and_one_place_sixty() {
        let budgets = Budgets::new(false, 1);
        let (here, person) = (visitor("192.0.2.1"), uuid_v4());
        let tried = (0..50).take_while(|_| budgets.try_user_code(&here, person).is_ok()).count();
        assert!((10..12).contains(&tried), "{tried}");
        let others = (0..200).take_while(|_| budgets.try_user_code(&here, uuid_v4()).is_ok());
        assert!((40..70).contains(&others.count()));
        assert!(budgets.try_user_code(&visitor("192.0.2.2"), uuid_v4()).is_ok());
    }
}
