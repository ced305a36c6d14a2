//! Grants as a machine: several clients, their devices and a person do whatever they like, in any
//! order and at any time, and a model of a few lines says what must come of it.

mod model;

use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::audit::Hand;
use crate::login;
use crate::oauth::device::store::{NewDevice, allow, begin, deny};
use crate::oauth::device::{Polled, poll};
use model::{Answer, Model, ModelCode};

const KEY: &str = "one";
/// The one client that keeps a secret.
const SITE: usize = 1;
/// The one client that is ours.
const FIRST_PARTY: usize = 2;

/// What may happen.
#[derive(Debug, Clone)]
enum Step {
    /// A person lets a client in, to stay or not; its code is bound to a key or not.
    Issue { client: usize, session: usize, offline: bool, bound: bool },
    /// A client shows a code that was ever given, with the right verifier and the key or without.
    Spend { code: Index, by: usize, verifier: bool, key: bool },
    /// A client shows a refresh token that was ever given.
    Refresh { token: Index, by: usize },
    /// A device of a client wants to be let in.
    Begin { client: usize },
    /// A person says yes or no to a device, as often as they like.
    Decide { device: Index, session: usize, yes: bool },
    /// A client shows the code of a device.
    Poll { device: Index, by: usize },
    /// A grant ends.
    Revoke { grant: Index },
    /// A client gives an access token back.
    GiveBack { access: Index },
    /// A sign-in ends.
    SignOut { session: Index },
    /// All of them do, with everything that they gave.
    SignOutEverywhere,
    /// Time passes.
    Wait { ms: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (index, flag) = (|| any::<Index>(), || prop::bool::weighted(0.8));
    let issue = (0..3_usize, 0..2_usize, flag(), any::<bool>());
    let spend = (index(), 0..3_usize, flag(), flag());
    let decide = (index(), 0..2_usize, flag());
    let times = prop_oneof![
        4 => 0..LEEWAY_MS,
        2 => LEEWAY_MS..3 * LEEWAY_MS,
        1 => DAY_MS..15 * DAY_MS,
    ];
    let issue = issue.prop_map(|(client, session, offline, bound)| Step::Issue {
        client,
        session,
        offline,
        bound,
    });
    let step = prop_oneof![
        3 => issue,
        5 => spend.prop_map(|(code, by, verifier, key)| Step::Spend { code, by, verifier, key }),
        8 => (index(), 0..3_usize).prop_map(|(token, by)| Step::Refresh { token, by }),
        2 => (0..3_usize).prop_map(|client| Step::Begin { client }),
        3 => decide.prop_map(|(device, session, yes)| Step::Decide { device, session, yes }),
        6 => (index(), 0..3_usize).prop_map(|(device, by)| Step::Poll { device, by }),
        1 => index().prop_map(|grant| Step::Revoke { grant }),
        1 => index().prop_map(|access| Step::GiveBack { access }),
        1 => index().prop_map(|session| Step::SignOut { session }),
        1 => Just(Step::SignOutEverywhere),
        4 => times.prop_map(|ms| Step::Wait { ms }),
    ];
    prop::collection::vec(step, 1..50)
}

struct Machine<'w> {
    world: &'w World,
    clients: [Client; 3],
    person: Uuid,
    model: Model,
}

impl Machine<'_> {
    async fn step(&mut self, step: Step) {
        let model = &self.model;
        match step {
            Step::Issue { client, session, offline, bound } => {
                self.issue((client, session), offline, bound).await;
            }
            Step::Spend { code, by, verifier, key } if !model.codes.is_empty() => {
                self.spend(code.index(model.codes.len()), (by, verifier, key)).await;
            }
            Step::Refresh { token, by } if !model.tokens.is_empty() => {
                self.refresh(token.index(model.tokens.len()), by).await;
            }
            Step::Begin { client } => self.begin(client).await,
            Step::Decide { device, session, yes } if !model.devices.is_empty() => {
                self.decide(device.index(model.devices.len()), session, yes).await;
            }
            Step::Poll { device, by } if !model.devices.is_empty() => {
                self.poll(device.index(model.devices.len()), by).await;
            }
            Step::Revoke { grant } if !model.grants.is_empty() => {
                self.revoke(grant.index(model.grants.len())).await;
            }
            Step::GiveBack { access } if !model.access.is_empty() => {
                self.give_back(access.index(model.access.len())).await;
            }
            Step::SignOut { session } if !model.sessions.is_empty() => {
                self.sign_out(session.index(model.sessions.len())).await;
            }
            Step::SignOutEverywhere => {
                let person = self.person;
                let work = async |tx: &Tx| login::end_all_in(tx, Hand::Nobody, person, "x").await;
                self.world.db.write(work).await.unwrap();
                self.model.end_all();
            }
            Step::Wait { ms } => self.model.now += ms,
            _ => {}
        }
    }

    /// A sign-in of the person that goes on.
    async fn session(&mut self, place: usize) -> usize {
        let (at, fresh) = self.model.session(place);
        if let Some(id) = fresh {
            let sql = "INSERT INTO sessions (id, token_hash, user_id, acr, amr, auth_time, ip, \
                       user_agent, keep, created_at, last_seen_at, expires_at) \
                       VALUES ($1, $2, $3, 'x', 'pwd', 0, '', '', FALSE, 0, 0, 0)";
            let (hash, person) = (id.as_bytes().to_vec(), self.person);
            let work = async |tx: &Tx| exec(tx, sql, params![id, hash.clone(), person]).await;
            self.world.db.write(work).await.unwrap();
        }
        at
    }

    fn new_grant(&self, client: usize, session: usize, offline: bool) -> NewGrant {
        NewGrant {
            user_id: self.person,
            client_id: self.clients[client].id.clone(),
            session_id: Some(self.model.sessions[session].id),
            scopes: Scopes::parse(if offline { "openid offline_access" } else { "openid" }),
            resource: None,
            acr: "x".to_owned(),
            amr: "pwd".to_owned(),
            auth_time: 0,
        }
    }

    async fn issue(&mut self, (client, place): (usize, usize), offline: bool, bound: bool) {
        let session = self.session(place).await;
        let (now, grant) = (self.model.now, self.model.grants.len());
        let new = self.new_grant(client, session, offline);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let jkt = bound.then(|| KEY.to_owned());
        let code = CodeFor { redirect_uri: URI.to_owned(), challenge, nonce: None, jkt };
        let work = async |tx: &Tx| {
            let id = open(tx, &new, now).await?;
            Ok::<_, kit::db::DbErr>((id, issue_code(tx, id, &code, now).await?))
        };
        let (id, text) = self.world.db.write(work).await.unwrap();
        self.model.grant(id, (client, session), offline);
        let ends_at = now + CODE_LIFE_MS;
        self.model.codes.push(ModelCode { text, grant, bound, ends_at, used: false });
    }

    /// As the token endpoint does it: whose code is good gets a refresh token.
    async fn spend(&mut self, code: usize, (by, verifier, key): (usize, bool, bool)) {
        let now = self.model.now;
        let (text, grant) = (self.model.codes[code].text.clone(), self.model.codes[code].grant);
        let expected = self.model.spend(code, (by, verifier, key));
        let wrong = "w".repeat(43);
        let shown = Shown {
            redirect_uri: URI,
            verifier: if verifier { VERIFIER } else { &wrong },
            jkt: key.then_some(KEY),
        };
        let work = async |tx: &Tx| {
            let spent = spend_code(tx, &self.clients[by], &text, shown, now).await?;
            let refresh = match &spent {
                Spent::Now(grant, _) => Some(first_refresh(tx, grant.id, now).await?),
                Spent::Again(_) | Spent::Useless => None,
            };
            Ok::<_, kit::db::DbErr>((spent, refresh))
        };
        let (spent, refresh) = self.world.db.write(work).await.unwrap();
        let answer = match spent {
            Spent::Now(..) => Answer::Now,
            Spent::Again(_) => Answer::Again,
            Spent::Useless => Answer::Useless,
        };
        assert_eq!(answer, expected);
        if let Some(text) = refresh {
            self.model.give(text, grant, now + 90 * DAY_MS);
        }
    }

    async fn refresh(&mut self, token: usize, by: usize) {
        let now = self.model.now;
        let shown = &self.model.tokens[token];
        let (text, grant, ends_at) = (shown.text.clone(), shown.grant, shown.ends_at);
        let (expected, brings) = self.model.refresh(token, by);
        match self.world.rotate(&self.clients[by], &text, now).await {
            Rotated::Now(_, next) => {
                assert_eq!(expected, Answer::Now);
                if let Some(known) = self.model.tokens.get(brings.unwrap()) {
                    assert_eq!(known.text, next, "the same again");
                    self.model.give_access(grant);
                } else {
                    self.model.give(next, grant, ends_at);
                }
            }
            Rotated::Again(_) => assert_eq!(expected, Answer::Again),
            Rotated::Useless => assert_eq!(expected, Answer::Useless),
        }
    }

    async fn begin(&mut self, client: usize) {
        let (ring, now) = (&self.world.ring, self.model.now);
        let new = NewDevice {
            client_id: self.clients[client].id.clone(),
            scopes: "openid offline_access".to_owned(),
            resource: None,
            jkt: None,
        };
        let work = async |tx: &Tx| begin(tx, ring, &new, now).await;
        let codes = self.world.db.write(work).await.unwrap();
        self.model.begin(client, codes);
    }

    /// Of many answers the first counts.
    async fn decide(&mut self, device: usize, place: usize, yes: bool) {
        let session = self.session(place).await;
        let (ring, now) = (&self.world.ring, self.model.now);
        let asked = &self.model.devices[device];
        let (code, client) = (asked.user_code, asked.client);
        let counts = !asked.decided && now < asked.ends_at;
        let new = self.new_grant(client, session, true);
        let work = async |tx: &Tx| {
            let counted = if yes {
                allow(tx, ring, (code, &new), now).await?
            } else {
                deny(tx, ring, code, now).await?
            };
            let sql = "SELECT id FROM grants WHERE user_id = $1 ORDER BY id DESC LIMIT 1";
            Ok::<_, kit::db::DbErr>((counted, scalar(tx, sql, params![new.user_id]).await?))
        };
        let (counted, newest) = self.world.db.write(work).await.unwrap();
        assert_eq!(counted, counts);
        if counted && yes {
            self.model.devices[device].grant = Some(self.model.grants.len());
            self.model.grant(newest.unwrap(), (client, session), true);
        }
        self.model.devices[device].decided |= counted;
    }

    /// As the token endpoint does it: a device that was let in gets a refresh token.
    async fn poll(&mut self, device: usize, by: usize) {
        let now = self.model.now;
        let code = self.model.devices[device].code.clone();
        let (expected, grant) = self.model.poll(device, by);
        let work = async |tx: &Tx| {
            let polled = poll(tx, &self.clients[by], (&code, None), now).await?;
            let refresh = match &polled {
                Polled::Allowed(grant) => Some(first_refresh(tx, grant.id, now).await?),
                _ => None,
            };
            Ok::<_, kit::db::DbErr>((polled, refresh))
        };
        let (polled, refresh) = self.world.db.write(work).await.unwrap();
        let answer = match polled {
            Polled::Allowed(_) => Answer::Now,
            Polled::Again(_) => Answer::Again,
            Polled::Useless => Answer::Useless,
            Polled::Pending => Answer::Pending,
            Polled::SlowDown => Answer::SlowDown,
            Polled::Expired => Answer::Expired,
            Polled::Denied => Answer::Denied,
        };
        assert_eq!(answer, expected);
        if let Some(text) = refresh {
            self.model.give(text, grant.unwrap(), now + 90 * DAY_MS);
        }
    }

    async fn revoke(&mut self, grant: usize) {
        let (id, now) = (self.model.grants[grant].id, self.model.now);
        let work = async |tx: &Tx| revoke(tx, id, "x", now).await;
        let ended = self.world.db.write(work).await.unwrap();
        assert_eq!(ended, !self.model.grants[grant].revoked, "once");
        self.model.grants[grant].revoked = true;
    }

    async fn give_back(&mut self, access: usize) {
        let (jti, until) = (self.model.access[access].jti.clone(), self.model.now + 300_000);
        let work = async |tx: &Tx| end_token(tx, &jti, until).await;
        let ended = self.world.db.write(work).await.unwrap();
        assert_eq!(ended, !self.model.access[access].given_back, "once");
        self.model.access[access].given_back = true;
    }

    async fn sign_out(&mut self, session: usize) {
        let id = self.model.sessions[session].id;
        let work = async |tx: &Tx| login::end_in(tx, Hand::Nobody, id, "x").await;
        self.world.db.write(work).await.unwrap();
        if !self.model.sessions[session].ended {
            self.model.end_session(session);
        }
    }

    /// What the database says is what the model says; no family has two live refresh tokens, and
    /// nothing of a grant that ended is good, nor of a sign-in that did.
    async fn check(&self) {
        let (model, reader) = (&self.model, self.world.db.reader());
        for (at, grant) in model.grants.iter().enumerate() {
            let over = model.sessions[grant.session].ended;
            assert!(grant.revoked || !over || (grant.offline && grant.client != FIRST_PARTY));
            assert_eq!(self.world.is_revoked(grant.id).await, grant.revoked);
            let family = model.tokens.iter().filter(|token| token.grant == at);
            let live = family.filter(|token| model.is_live(token)).count();
            assert!(live <= usize::from(!grant.revoked));
            let found = self.world.live_tokens(grant.id, model.now).await;
            assert_eq!(found, i64::try_from(live).unwrap());
        }
        for token in &model.tokens {
            let found = live_refresh_token(reader, &token.text, model.now).await.unwrap();
            assert_eq!(found.is_some(), model.is_live(token));
        }
        for access in &model.access {
            let grant = crate::oauth::tokens::grant_of(&access.jti).unwrap();
            let found = live(reader, grant, &access.jti).await.unwrap();
            let good = !model.grants[access.grant].revoked && !access.given_back;
            assert_eq!(found.map(|grant| grant.id), good.then_some(grant));
        }
    }
}

/// A person, who signs in when they are asked to.
async fn person(world: &World) -> Uuid {
    let id = uuid_v7();
    let sql = "INSERT INTO users (id, sub, username, username_norm, display_name, email, \
               email_mac, locale, role, status, created_at, updated_at) \
               VALUES ($1, $1, $2, $2, 'x', $3, $3, 'en', 'member', 'active', 0, 0)";
    let (name, mac) = (id.to_string(), id.as_bytes().to_vec());
    let work = async |tx: &Tx| exec(tx, sql, params![id, name.clone(), mac.clone()]).await;
    world.db.write(work).await.unwrap();
    id
}

#[test]
fn whatever_clients_do_no_family_has_two_live_tokens_and_none_lives_after_its_end() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with(crate::schema::MIGRATIONS));
    runtime.block_on(async {
        let sql = "INSERT INTO clients (id, name, auth_method, scopes, first_party, created_at) \
                   VALUES ('ours', 'x', 'x', '', TRUE, 0)";
        let work = async |tx: &Tx| exec(tx, sql, vec![]).await;
        world.db.write(work).await.unwrap();
    });
    let ours = Client { id: "ours".to_owned(), ..world.public.clone() };
    let clients = [world.public.clone(), world.confidential.clone(), ours];
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let (clients, model) = (clients.clone(), Model::default());
            let person = person(&world).await;
            let mut machine = Machine { world: &world, clients, person, model };
            for step in steps {
                machine.step(step).await;
                machine.check().await;
            }
        });
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
