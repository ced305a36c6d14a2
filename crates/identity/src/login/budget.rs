//! Budgets per address of the network and per receiver of mail, in this process.

use std::net::IpAddr;
use std::time::Duration;

use kit::limit::{Limiter, RateLimited};

use crate::visitor::Visitor;
use crate::{Config, Identity};

/// On a developer's own machine everybody has the same address.
const LOOPBACK_FACTOR: u32 = 10;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Counts attempts.
pub(crate) struct Budgets {
    sign_ins_min: Limiter<IpAddr>,
    sign_ins_h: Limiter<IpAddr>,
    begun_min: Limiter<IpAddr>,
    names_min: Limiter<IpAddr>,
    mails_h: Limiter<IpAddr>,
    receivers_h: Limiter<[u8; 32]>,
}

impl Budgets {
    /// Budgets as `config` sets them.
    pub(crate) fn new(config: &Config) -> Self {
        let limits = &config.settings.limits;
        let factor = if kit::cookie::is_loopback(&config.issuer) { LOOPBACK_FACTOR } else { 1 };
        let per = |count: u32, period: Duration| (count.max(1), period / count.max(1));
        let limiter = |count: u32, period| {
            let (burst, refill) = per(count.saturating_mul(factor), period);
            Limiter::new(burst, refill)
        };
        let (burst, refill) = per(limits.mails_per_receiver_h, HOUR);
        Self {
            sign_ins_min: limiter(limits.sign_ins_per_min, MINUTE),
            sign_ins_h: limiter(limits.sign_ins_per_h, HOUR),
            begun_min: limiter(limits.begun_per_min, MINUTE),
            names_min: limiter(limits.sign_ins_per_min, MINUTE),
            mails_h: limiter(limits.mails_per_h, HOUR),
            receivers_h: Limiter::new(burst, refill),
        }
    }

    /// Spends one sign-in of the visitor's network.
    pub(crate) fn sign_in_from(&self, visitor: &Visitor) -> Result<(), RateLimited> {
        let network = visitor.network();
        self.sign_ins_min.check(&network)?;
        self.sign_ins_h.check(&network)
    }

    /// Spends one sign-in that an application begins in the visitor's network.
    pub(crate) fn begin_from(&self, visitor: &Visitor) -> Result<(), RateLimited> {
        self.begun_min.check(&visitor.network())
    }

    /// Spends one question whether a user name is free. The answer is no secret, but a list of
    /// all names would be.
    pub(crate) fn name_from(&self, visitor: &Visitor) -> Result<(), RateLimited> {
        self.names_min.check(&visitor.network())
    }

    /// Spends one mail that the visitor's network asks for.
    pub(crate) fn mail_from(&self, visitor: &Visitor) -> Result<(), RateLimited> {
        self.mails_h.check(&visitor.network())
    }

    /// Spends one mail to a receiver; over the budget nothing is sent, and nobody is told.
    pub(crate) fn mail_to(&self, identity: &Identity, receiver: &str) -> bool {
        let key = identity.keys.mac("mail budget", receiver.as_bytes());
        self.receivers_h.check(&key).is_ok()
    }

    /// Forgets networks that have their whole budget again.
    pub(super) fn tidy(&self) {
        self.sign_ins_min.tidy();
        self.sign_ins_h.tidy();
        self.begun_min.tidy();
        self.names_min.tidy();
        self.mails_h.tidy();
        self.receivers_h.tidy();
    }
}
