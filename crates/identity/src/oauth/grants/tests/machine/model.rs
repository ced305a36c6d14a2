//! What must be true of grants, in a few lines.

use kit::clock::uuid_v7;
use uuid::Uuid;

use super::super::super::refresh::LEEWAY_MS;
use super::{DAY_MS, FIRST_PARTY, SITE};
use crate::oauth::device::UserCode;
use crate::oauth::device::store::{EARLY_MS, INTERVAL_S, LIFE_S};

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Now,
    Again,
    Useless,
    /// To a device: not yet, too often, too late, never.
    Pending,
    SlowDown,
    Expired,
    Denied,
}

pub(super) struct ModelSession {
    pub(super) id: Uuid,
    pub(super) ended: bool,
}

pub(super) struct ModelGrant {
    pub(super) id: Uuid,
    pub(super) client: usize,
    pub(super) session: usize,
    pub(super) offline: bool,
    pub(super) revoked: bool,
}

pub(super) struct ModelCode {
    pub(super) text: String,
    pub(super) grant: usize,
    pub(super) bound: bool,
    pub(super) ends_at: i64,
    pub(super) used: bool,
}

pub(super) struct ModelToken {
    pub(super) text: String,
    pub(super) grant: usize,
    pub(super) idle_ends_at: i64,
    pub(super) ends_at: i64,
    pub(super) used_at: Option<i64>,
    pub(super) successor: Option<usize>,
}

/// An access token, as whoever introspects it sees it.
pub(super) struct ModelAccess {
    pub(super) jti: String,
    pub(super) grant: usize,
    pub(super) given_back: bool,
}

pub(super) struct ModelDevice {
    pub(super) code: String,
    pub(super) user_code: UserCode,
    pub(super) client: usize,
    pub(super) ends_at: i64,
    pub(super) decided: bool,
    pub(super) grant: Option<usize>,
    pub(super) used: bool,
    pub(super) interval_s: i64,
    pub(super) next_at: i64,
}

/// What must be true.
#[derive(Default)]
pub(super) struct Model {
    pub(super) now: i64,
    pub(super) sessions: Vec<ModelSession>,
    pub(super) grants: Vec<ModelGrant>,
    pub(super) codes: Vec<ModelCode>,
    pub(super) tokens: Vec<ModelToken>,
    pub(super) access: Vec<ModelAccess>,
    pub(super) devices: Vec<ModelDevice>,
}

impl Model {
    pub(super) fn spend(
        &mut self,
        code: usize,
        (by, verifier, key): (usize, bool, bool),
    ) -> Answer {
        let code = &mut self.codes[code];
        let grant = &mut self.grants[code.grant];
        if grant.client != by || !verifier || (code.bound && !key) {
            return Answer::Useless;
        }
        if code.used {
            grant.revoked = true;
            return Answer::Again;
        }
        if self.now >= code.ends_at {
            return Answer::Useless;
        }
        code.used = true;
        if grant.revoked { Answer::Useless } else { Answer::Now }
    }

    /// The answer, and which token it brings: one that was given before, or a new one.
    pub(super) fn refresh(&mut self, token: usize, by: usize) -> (Answer, Option<usize>) {
        let (now, next) = (self.now, self.tokens.len());
        let unused = |at: usize| self.tokens[at].used_at.is_none();
        let again = self.tokens[token].successor.filter(|successor| unused(*successor));
        let shown = &mut self.tokens[token];
        let grant = &mut self.grants[shown.grant];
        if grant.client != by || grant.revoked {
            return (Answer::Useless, None);
        }
        let Some(used_at) = shown.used_at else {
            if now >= shown.idle_ends_at.min(shown.ends_at) {
                return (Answer::Useless, None);
            }
            (shown.used_at, shown.successor) = (Some(now), Some(next));
            return (Answer::Now, Some(next));
        };
        if by == SITE && again.is_some() && now - used_at <= LEEWAY_MS {
            return (Answer::Now, again);
        }
        grant.revoked = true;
        (Answer::Again, None)
    }

    /// What a device that asks is told, and the grant that it gets.
    pub(super) fn poll(&mut self, device: usize, by: usize) -> (Answer, Option<usize>) {
        let now = self.now;
        let device = &mut self.devices[device];
        if device.client != by {
            return (Answer::Useless, None);
        }
        let revoked = device.grant.map(|grant| self.grants[grant].revoked);
        match device.grant {
            Some(grant) if device.used => {
                self.grants[grant].revoked = true;
                return (Answer::Again, None);
            }
            _ if now >= device.ends_at => return (Answer::Expired, None),
            Some(grant) if revoked == Some(false) => {
                device.used = true;
                return (Answer::Now, Some(grant));
            }
            _ if device.decided => return (Answer::Denied, None),
            _ => {}
        }
        let early = now < device.next_at;
        if early {
            device.interval_s = (device.interval_s + 5).min(60);
        }
        device.next_at = now + device.interval_s * 1000 - EARLY_MS;
        (if early { Answer::SlowDown } else { Answer::Pending }, None)
    }

    pub(super) fn begin(&mut self, client: usize, (code, user_code): (String, UserCode)) {
        self.devices.push(ModelDevice {
            code,
            user_code,
            client,
            ends_at: self.now + LIFE_S * 1000,
            decided: false,
            grant: None,
            used: false,
            interval_s: i64::from(INTERVAL_S),
            next_at: self.now,
        });
    }

    pub(super) fn grant(&mut self, id: Uuid, (client, session): (usize, usize), offline: bool) {
        self.grants.push(ModelGrant { id, client, session, offline, revoked: false });
    }

    /// Tokens for a grant: the one that refreshes, and the one that is used.
    pub(super) fn give(&mut self, text: String, grant: usize, ends_at: i64) {
        let idle_ends_at = (self.now + 14 * DAY_MS).min(ends_at);
        let (used_at, successor) = (None, None);
        self.tokens.push(ModelToken { text, grant, idle_ends_at, ends_at, used_at, successor });
        self.give_access(grant);
    }

    pub(super) fn give_access(&mut self, grant: usize) {
        let jti = crate::oauth::tokens::token_id(self.grants[grant].id);
        self.access.push(ModelAccess { jti, grant, given_back: false });
    }

    /// A sign-in ends: what rests on it ends too, but for what an app of others was given to keep.
    pub(super) fn end_session(&mut self, session: usize) {
        self.sessions[session].ended = true;
        for grant in self.grants.iter_mut().filter(|grant| grant.session == session) {
            grant.revoked |= !grant.offline || grant.client == FIRST_PARTY;
        }
    }

    /// Everything of the person ends.
    pub(super) fn end_all(&mut self) {
        self.sessions.iter_mut().for_each(|session| session.ended = true);
        self.grants.iter_mut().for_each(|grant| grant.revoked = true);
    }

    pub(super) fn is_live(&self, token: &ModelToken) -> bool {
        let young = self.now < token.idle_ends_at.min(token.ends_at);
        !self.grants[token.grant].revoked && token.used_at.is_none() && young
    }

    /// One of the person's sign-ins that goes on: the one in this place, or a new one.
    pub(super) fn session(&mut self, place: usize) -> (usize, Option<Uuid>) {
        let live = |(at, session): (usize, &ModelSession)| (!session.ended).then_some(at);
        let live: Vec<usize> = self.sessions.iter().enumerate().filter_map(live).collect();
        if let Some(at) = live.get(place) {
            return (*at, None);
        }
        let id = uuid_v7();
        self.sessions.push(ModelSession { id, ended: false });
        (self.sessions.len() - 1, Some(id))
    }
}
