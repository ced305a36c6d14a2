//! Grants as a machine: several clients do whatever they like, in any order and at any time, and
//! a model of a few lines says what must come of it.

use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::*;

const KEY: &str = "one";

/// What may happen.
#[derive(Debug, Clone)]
enum Step {
    /// A person lets a client in; its code is bound to a key or not.
    Issue { client: usize, bound: bool },
    /// A client shows a code that was ever given, with the right verifier and the key or without.
    Spend { code: Index, by: usize, verifier: bool, key: bool },
    /// A client shows a refresh token that was ever given.
    Refresh { token: Index, by: usize },
    /// A grant ends.
    Revoke { grant: Index },
    /// Time passes.
    Wait { ms: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (index, flag) = (|| any::<Index>(), || prop::bool::weighted(0.8));
    let issue = (0..3_usize, any::<bool>());
    let spend = (index(), 0..3_usize, flag(), flag());
    let times = prop_oneof![
        4 => 0..LEEWAY_MS,
        2 => LEEWAY_MS..3 * LEEWAY_MS,
        1 => DAY_MS..15 * DAY_MS,
    ];
    let step = prop_oneof![
        2 => issue.prop_map(|(client, bound)| Step::Issue { client, bound }),
        4 => spend.prop_map(|(code, by, verifier, key)| Step::Spend { code, by, verifier, key }),
        8 => (index(), 0..3_usize).prop_map(|(token, by)| Step::Refresh { token, by }),
        1 => index().prop_map(|grant| Step::Revoke { grant }),
        4 => times.prop_map(|ms| Step::Wait { ms }),
    ];
    prop::collection::vec(step, 1..40)
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Now,
    Again,
    Useless,
}

struct ModelGrant {
    id: Uuid,
    client: usize,
    revoked: bool,
}

struct ModelCode {
    text: String,
    grant: usize,
    bound: bool,
    ends_at: i64,
    used: bool,
}

struct ModelToken {
    text: String,
    grant: usize,
    idle_ends_at: i64,
    ends_at: i64,
    used_at: Option<i64>,
    successor: Option<usize>,
}

/// What must be true.
#[derive(Default)]
struct Model {
    now: i64,
    grants: Vec<ModelGrant>,
    codes: Vec<ModelCode>,
    tokens: Vec<ModelToken>,
}

impl Model {
    fn spend(&mut self, code: usize, (by, verifier, key): (usize, bool, bool)) -> Answer {
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
    fn refresh(&mut self, token: usize, by: usize) -> (Answer, Option<usize>) {
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

    fn give(&mut self, text: String, grant: usize, ends_at: i64) {
        let idle_ends_at = (self.now + 14 * DAY_MS).min(ends_at);
        let (used_at, successor) = (None, None);
        self.tokens.push(ModelToken { text, grant, idle_ends_at, ends_at, used_at, successor });
    }

    fn is_live(&self, token: &ModelToken) -> bool {
        let young = self.now < token.idle_ends_at.min(token.ends_at);
        !self.grants[token.grant].revoked && token.used_at.is_none() && young
    }
}

/// The one client that keeps a secret.
const SITE: usize = 1;

struct Machine<'w> {
    world: &'w World,
    clients: [Client; 3],
    model: Model,
}

impl Machine<'_> {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Issue { client, bound } => self.issue(client, bound).await,
            Step::Spend { code, by, verifier, key } if !self.model.codes.is_empty() => {
                let code = code.index(self.model.codes.len());
                self.spend(code, (by, verifier, key)).await;
            }
            Step::Refresh { token, by } if !self.model.tokens.is_empty() => {
                self.refresh(token.index(self.model.tokens.len()), by).await;
            }
            Step::Revoke { grant } if !self.model.grants.is_empty() => {
                let grant = grant.index(self.model.grants.len());
                let (id, now) = (self.model.grants[grant].id, self.model.now);
                let work = async |tx: &Tx| revoke(tx, id, "x", now).await;
                let ended = self.world.db.write(work).await.unwrap();
                assert_eq!(ended, !self.model.grants[grant].revoked, "once");
                self.model.grants[grant].revoked = true;
            }
            Step::Wait { ms } => self.model.now += ms,
            Step::Spend { .. } | Step::Refresh { .. } | Step::Revoke { .. } => {}
        }
    }

    async fn issue(&mut self, client: usize, bound: bool) {
        let (now, grant) = (self.model.now, self.model.grants.len());
        let id = self.world.grant(&self.clients[client]).await;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let jkt = bound.then(|| KEY.to_owned());
        let code = CodeFor { redirect_uri: URI.to_owned(), challenge, nonce: None, jkt };
        let work = async |tx: &Tx| issue_code(tx, id, &code, now).await;
        let text = self.world.db.write(work).await.unwrap();
        self.model.grants.push(ModelGrant { id, client, revoked: false });
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
                match self.model.tokens.get(brings.unwrap()) {
                    Some(known) => assert_eq!(known.text, next, "the same again"),
                    None => self.model.give(next, grant, ends_at),
                }
            }
            Rotated::Again(_) => assert_eq!(expected, Answer::Again),
            Rotated::Useless => assert_eq!(expected, Answer::Useless),
        }
    }

    /// What the database says is what the model says, and no family has two live tokens.
    async fn check(&self) {
        let (model, reader) = (&self.model, self.world.db.reader());
        for (at, grant) in model.grants.iter().enumerate() {
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
    }
}

#[test]
fn whatever_clients_do_no_family_has_two_live_tokens_and_none_lives_after_its_end() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::open());
    runtime.block_on(async {
        let sql = "INSERT INTO clients (id, name, auth_method, scopes, first_party, created_at) \
                   VALUES ('other', 'x', 'x', '', FALSE, 0)";
        let work = async |tx: &Tx| exec(tx, sql, vec![]).await;
        world.db.write(work).await.unwrap();
    });
    let other = Client { id: "other".to_owned(), ..world.public.clone() };
    let clients = [world.public.clone(), world.confidential.clone(), other];
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let (clients, model) = (clients.clone(), Model::default());
            let mut machine = Machine { world: &world, clients, model };
            for step in steps {
                machine.step(step).await;
                machine.check().await;
            }
        });
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
