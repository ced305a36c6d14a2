use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::world::{World, decode, link};

/// A mail server on this machine that is busy at first.
struct Post {
    address: String,
    mails: Arc<Mutex<Vec<String>>>,
    turned_away: Arc<AtomicU32>,
}

impl Post {
    async fn open(busy_for: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("smtp://{}", listener.local_addr().unwrap());
        let post = Self {
            address: address.replace("127.0.0.1", "localhost"),
            mails: Arc::default(),
            turned_away: Arc::default(),
        };
        let (mails, turned_away) = (Arc::clone(&post.mails), Arc::clone(&post.turned_away));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                if turned_away.load(Ordering::SeqCst) < busy_for {
                    turned_away.fetch_add(1, Ordering::SeqCst);
                    let _ = stream.write_all(b"421 come again later\r\n").await;
                    continue;
                }
                if let Some(mail) = receive(stream).await {
                    mails.lock().await.push(mail);
                }
            }
        });
        post
    }

    async fn wait_for(&self, part: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            let found = self.mails.lock().await.iter().find_map(|mail| link(mail, part));
            if let Some(found) = found {
                return found;
            }
            assert!(Instant::now() < deadline, "no mail with {part}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The server's side of one mail (RFC 5321).
async fn receive(stream: TcpStream) -> Option<String> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 post\r\n").await.ok()?;
    let mut mail: Option<String> = None;
    while let Some(line) = lines.next_line().await.ok()? {
        if let Some(text) = &mut mail {
            if line != "." {
                text.push_str(&line);
                text.push_str("\r\n");
                continue;
            }
            write.write_all(b"250 taken\r\n").await.ok()?;
            return mail.map(|mail| decode(&mail));
        }
        let answer: &[u8] = match line.get(..4).unwrap_or_default() {
            "DATA" => {
                mail = Some(String::new());
                b"354 go on\r\n"
            }
            "QUIT" => return None,
            _ => b"250 good\r\n",
        };
        write.write_all(answer).await.ok()?;
    }
    None
}

#[tokio::test]
async fn a_mail_that_is_turned_away_is_sent_again_later() {
    let post = Post::open(1).await;
    let world = World::configured(|config| config.mail.smtp_url.clone_from(&post.address)).await;
    let mut ana = world.browser();
    assert_eq!(ana.sign_up("ana").await, 200, "nobody waits for the mail server");
    let link = post.wait_for("/verify/").await;
    assert_eq!(post.turned_away.load(Ordering::SeqCst), 1);
    ana.open(&link).await;
    ana.submit(&[]).await;
    assert!(ana.is_in().await);
}

#[tokio::test]
async fn with_a_mail_server_no_link_is_shown_on_a_page() {
    let post = Post::open(0).await;
    let world = World::configured(|config| config.mail.smtp_url.clone_from(&post.address)).await;
    let mut ana = world.browser();
    ana.sign_up("ana").await;
    let link = post.wait_for("/verify/").await;
    assert!(!ana.page.contains(&link) && !ana.page.contains("Development"), "{}", ana.page);
}

#[tokio::test]
async fn a_mail_has_text_and_html_with_the_same_link() {
    let world = World::open().await;
    let mut ana = world.browser();
    ana.sign_up("ana").await;
    let link = world.link("ana@example.org", "/verify/").await;
    let mail = world.mails("ana@example.org").pop().unwrap();
    assert!(mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
    assert!(mail.contains(&format!("href=\"{link}\"")), "{mail}");
    assert!(mail.contains("Subject: Confirm your e-mail address for Tertulia"), "{mail}");
}
