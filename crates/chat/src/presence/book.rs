//! The book of who is here, in this process.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use protocol::{PersonPresence, PresenceState};
use socketio::SocketId;
use uuid::Uuid;

/// A socket that beats once a minute may miss one.
const BEAT_LASTS: Duration = Duration::from_secs(150);
/// A page that is loaded again does not blink.
const GONE_AFTER: Duration = Duration::from_secs(5);

/// Where a socket hears of the people it looks at.
pub(crate) type Sink = Box<dyn Fn(&[PersonPresence]) + Send + Sync>;

/// Who is here, as far as this process knows.
pub(crate) struct Presence(Mutex<Book>);

#[derive(Default)]
struct Book {
    beats: HashMap<Uuid, Person>,
    /// Whose state may be another than was told last.
    changed: HashSet<Uuid>,
    told: HashMap<Uuid, PresenceState>,
    looks: HashMap<SocketId, Look>,
    looked_at: HashMap<Uuid, HashSet<SocketId>>,
}

#[derive(Default)]
struct Person {
    hidden: bool,
    sockets: HashMap<SocketId, Beat>,
}

struct Beat {
    away: bool,
    until: Instant,
}

struct Look {
    person: Uuid,
    people: HashSet<Uuid>,
    sink: Sink,
}

impl Presence {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Book::default()))
    }

    /// `person` is here, or only their device is.
    pub(crate) fn beat(
        &self,
        (person, hidden): (Uuid, bool),
        socket: SocketId,
        state: PresenceState,
    ) {
        let mut book = self.book();
        let entry = book.beats.entry(person).or_default();
        entry.hidden = hidden;
        if state == PresenceState::Off {
            entry.sockets.remove(&socket);
        } else {
            let away = state == PresenceState::Away;
            entry.sockets.insert(socket, Beat { away, until: Instant::now() + BEAT_LASTS });
        }
        book.changed.insert(person);
    }

    /// Shows or hides `person` from now on.
    pub(crate) fn hide(&self, person: Uuid, hidden: bool) {
        let mut book = self.book();
        if let Some(entry) = book.beats.get_mut(&person) {
            entry.hidden = hidden;
            book.changed.insert(person);
        }
    }

    /// `socket` ended.
    pub(crate) fn gone(&self, person: Uuid, socket: SocketId) {
        let mut book = self.book();
        book.look_away(socket);
        let beats = book.beats.get_mut(&person);
        if let Some(beat) = beats.and_then(|person| person.sockets.get_mut(&socket)) {
            beat.until = Instant::now() + GONE_AFTER;
        }
    }

    /// `socket` of `person` shows `people` from now on, instead of those before; answers how they
    /// are.
    pub(crate) fn look(
        &self,
        person: Uuid,
        socket: SocketId,
        people: HashSet<Uuid>,
        sink: Sink,
    ) -> Vec<PersonPresence> {
        let mut book = self.book();
        book.look_away(socket);
        for other in &people {
            book.looked_at.entry(*other).or_default().insert(socket);
        }
        let now: Vec<PersonPresence> = people.iter().map(|other| book.state(*other)).collect();
        for shown in &now {
            // Who is told the state now hears of the next change from it.
            book.told.entry(shown.person).or_insert(shown.state);
        }
        book.looks.insert(socket, Look { person, people, sink });
        now
    }

    /// `person` shares fewer rooms than before: ends all looks of and at them. The clients look
    /// again.
    pub(crate) fn part(&self, person: Uuid) {
        let mut book = self.book();
        let own = book.looks.iter().filter(|(_, look)| look.person == person);
        let own: Vec<SocketId> = own.map(|(socket, _)| *socket).collect();
        for socket in own {
            book.look_away(socket);
        }
        for socket in book.looked_at.remove(&person).unwrap_or_default() {
            if let Some(look) = book.looks.get_mut(&socket) {
                look.people.remove(&person);
            }
        }
        book.told.remove(&person);
    }

    /// Everyone who is online, hidden or not.
    pub(crate) fn online(&self) -> HashSet<Uuid> {
        let book = self.book();
        let awake = |person: &Person| person.sockets.values().any(|beat| !beat.away);
        book.beats.iter().filter(|(_, person)| awake(person)).map(|(id, _)| *id).collect()
    }

    /// Forgets who fell silent, and tells what changed; call it once a second.
    pub(crate) fn tick(&self) {
        let mut book = self.book();
        book.expire(Instant::now());
        let mut news: HashMap<SocketId, Vec<PersonPresence>> = HashMap::new();
        for person in std::mem::take(&mut book.changed) {
            let now = book.state(person);
            let Some(lookers) = book.looked_at.get(&person) else { continue };
            if book.told.get(&person) == Some(&now.state) {
                continue;
            }
            for socket in lookers {
                news.entry(*socket).or_default().push(now);
            }
            book.told.insert(person, now.state);
        }
        for (socket, people) in news {
            if let Some(look) = book.looks.get(&socket) {
                (look.sink)(&people);
            }
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().expect("nobody panics while holding the book")
    }
}

impl Book {
    fn state(&self, person: Uuid) -> PersonPresence {
        let beats = self.beats.get(&person).filter(|person| !person.hidden);
        let beats = beats.into_iter().flat_map(|person| person.sockets.values());
        let states =
            beats.map(|beat| if beat.away { PresenceState::Away } else { PresenceState::Online });
        PersonPresence { person, state: states.min().unwrap_or(PresenceState::Off) }
    }

    fn expire(&mut self, now: Instant) {
        let changed = &mut self.changed;
        self.beats.retain(|id, person| {
            let before = person.sockets.len();
            person.sockets.retain(|_, beat| beat.until > now);
            if person.sockets.len() != before {
                changed.insert(*id);
            }
            !person.sockets.is_empty()
        });
    }

    fn look_away(&mut self, socket: SocketId) {
        let Some(look) = self.looks.remove(&socket) else { return };
        for person in look.people {
            let Some(lookers) = self.looked_at.get_mut(&person) else { continue };
            lookers.remove(&socket);
            if lookers.is_empty() {
                self.looked_at.remove(&person);
                self.told.remove(&person);
            }
        }
    }
}
