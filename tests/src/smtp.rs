//! A mail server on this machine (RFC 5321), which takes mails or does as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::mail::{decode, find_link};
use crate::wait::eventually;

/// What it does with the next mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Answers so instead of taking it.
    Line(&'static str),
    /// Never answers.
    Silence,
}

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Whom it is for.
    pub to: String,
    /// Head and body.
    pub raw: String,
}

impl Letter {
    /// A line of the head, whole, or the empty string.
    pub fn header(&self, name: &str) -> String {
        let (head, _) = self.raw.split_once("\r\n\r\n").expect("a head and a body");
        let whole = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = whole.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        line.unwrap_or_default()
    }

    /// All of it, readable.
    pub fn text(&self) -> String {
        decode(&self.raw)
    }

    /// The first link whose address contains `part`.
    pub fn link(&self, part: &str) -> String {
        find_link(&self.text(), part).unwrap_or_else(|| panic!("no {part} in {}", self.text()))
    }
}

#[derive(Default)]
struct Desk {
    offered: Vec<Letter>,
    taken: Vec<Letter>,
    replies: VecDeque<Reply>,
}

/// The server.
#[derive(Clone)]
pub struct MailServer {
    desk: Arc<Mutex<Desk>>,
    port: u16,
}

impl MailServer {
    /// Starts it; it ends with the runtime.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let desk = Arc::new(Mutex::new(Desk::default()));
        let server = Self { desk: Arc::clone(&desk), port };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&desk)));
            }
        });
        server
    }

    /// How it is named in a configuration.
    pub fn setting(&self) -> String {
        format!("mail.smtp_url=smtp://127.0.0.1:{}", self.port)
    }

    /// What it does with the next mails; then it takes them.
    pub fn reply(&self, replies: &[Reply]) {
        self.desk.lock().expect("nobody panics here").replies.extend(replies);
    }

    /// All that it was given for somebody, also what it did not take.
    pub fn offered(&self, name: &str) -> Vec<Letter> {
        of(&self.desk.lock().expect("nobody panics here").offered, name)
    }

    /// All that it took for somebody.
    pub fn taken(&self, name: &str) -> Vec<Letter> {
        of(&self.desk.lock().expect("nobody panics here").taken, name)
    }

    /// The same, once it is so many.
    pub async fn wait_for(&self, name: &str, count: usize) -> Vec<Letter> {
        eventually(&format!("{count} mails to {name}"), async || {
            let taken = self.taken(name);
            (taken.len() >= count).then_some(taken)
        })
        .await
    }
}

fn of(letters: &[Letter], name: &str) -> Vec<Letter> {
    let address = format!("{name}@example.org");
    letters.iter().filter(|letter| letter.to == address).cloned().collect()
}

async fn serve(stream: TcpStream, desk: Arc<Mutex<Desk>>) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 localhost ESMTP\r\n").await?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-localhost\r\n250 8BITMIME",
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                address.map_or("", |(address, _)| address).clone_into(&mut to);
                "250 well"
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                }
                match judged(&desk, Letter { to: to.clone(), raw }) {
                    Some(Reply::Silence) => std::future::pending().await,
                    Some(Reply::Line(line)) => line,
                    None => "250 taken",
                }
            }
            "QUIT" => {
                writing.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 well",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// What is to be done with a letter instead of taking it.
fn judged(desk: &Mutex<Desk>, letter: Letter) -> Option<Reply> {
    let mut desk = desk.lock().expect("nobody panics here");
    desk.offered.push(letter.clone());
    let reply = desk.replies.pop_front();
    if reply.is_none() {
        desk.taken.push(letter);
    }
    reply
}
