//! What the mail says, in the language of its reader.

use askama::Template;
use kit::mail::Mail;

use super::{Item, Notice};

#[derive(Template)]
#[template(path = "notify.html")]
struct Html<'a> {
    words: &'a Words,
    subject: &'a str,
    hello: &'a str,
    notice: &'a Notice,
    more: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "notify.txt", escape = "none")]
struct Text<'a> {
    words: &'a Words,
    hello: &'a str,
    notice: &'a Notice,
    more: Option<&'a str>,
}

struct Words {
    lang: &'static str,
    /// Before the name, and after it.
    hello: (&'static str, &'static str),
    in_room: &'static str,
    direct: &'static str,
    several: &'static str,
    more: (&'static str, &'static str),
    open: &'static str,
    inbox: &'static str,
    why: &'static str,
    settings: &'static str,
    end: &'static str,
}

const ES: Words = Words {
    lang: "es",
    hello: ("Hola, ", ":"),
    in_room: "te escribió en",
    direct: "te escribió",
    several: "mensajes sin leer que son para ti",
    more: ("y", "más"),
    open: "Ver el mensaje",
    inbox: "Abrir la bandeja",
    why: "Te escribimos porque sigue sin leer.",
    settings: "Elegir cuándo te escribimos",
    end: "No más de estos correos",
};

const EN: Words = Words {
    lang: "en",
    hello: ("Hello ", ","),
    in_room: "wrote to you in",
    direct: "wrote to you",
    several: "unread messages for you",
    more: ("and", "more"),
    open: "See the message",
    inbox: "Open the inbox",
    why: "We write because it is still unread.",
    settings: "Choose when we write",
    end: "No more of these mails",
};

impl Words {
    fn of(language: &str) -> &'static Self {
        if language.starts_with("es") { &ES } else { &EN }
    }

    /// Who wrote, and where.
    fn about(&self, item: &Item) -> String {
        let sender = line(&item.sender);
        match &item.room {
            Some(room) => format!("{sender} {} {}", self.in_room, line(room)),
            None => format!("{sender} {}", self.direct),
        }
    }
}

/// The mail of a notice.
pub(super) fn of(notice: &Notice) -> Result<Mail, askama::Error> {
    let words = Words::of(&notice.language);
    let count = notice.items.len() + usize::try_from(notice.more).unwrap_or(0);
    let subject = match notice.items.as_slice() {
        [only] if notice.more == 0 => words.about(only),
        _ => format!("{count} {}", words.several),
    };
    let hello = format!("{}{}{}", words.hello.0, line(&notice.name), words.hello.1);
    let more = format!("{} {} {}", words.more.0, notice.more, words.more.1);
    let more = Some(more.as_str()).filter(|_| notice.more > 0);
    let text = Text { words, hello: &hello, notice, more }.render()?;
    let html = Html { words, subject: &subject, hello: &hello, notice, more }.render()?;
    Ok(Mail {
        to: notice.to.clone(),
        subject,
        text,
        html,
        id: Some(notice.id.clone()),
        belongs_to: notice.belongs_to.clone(),
        unsubscribe_url: Some(notice.unsubscribe_url.clone()),
    })
}

/// A name never begins another line of a header or of the text.
fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(language: &str, items: Vec<Item>, more: u32) -> Mail {
        let notice = Notice {
            id: "1@chat.example.org".to_owned(),
            belongs_to: None,
            to: "ana@example.org".to_owned(),
            language: language.to_owned(),
            name: "Ana".to_owned(),
            items,
            more,
            inbox_url: "https://chat.example.org/inbox".to_owned(),
            settings_url: "https://chat.example.org/you".to_owned(),
            unsubscribe_url: "https://chat.example.org/unsubscribe/x".to_owned(),
        };
        of(&notice).unwrap()
    }

    fn item(room: Option<&str>, text: &str) -> Item {
        Item {
            sender: "Leo\r\nBcc: eve@example.org".to_owned(),
            room: room.map(str::to_owned),
            text: Some(text.to_owned()),
            url: "https://chat.example.org/r/1/m/2".to_owned(),
        }
    }

    #[test]
    fn one_message_is_told_by_its_sender_and_many_by_their_number() {
        let one = mail("es", vec![item(Some("Cocina"), "hola")], 0);
        assert_eq!(one.subject, "Leo  Bcc: eve@example.org te escribió en Cocina");
        let direct = mail("en-GB", vec![item(None, "hola")], 0);
        assert!(direct.subject.ends_with("wrote to you"), "{}", direct.subject);
        assert!(direct.text.starts_with("Hello Ana,"), "{}", direct.text);
        let many = mail("es-AR", vec![item(None, "uno"), item(None, "dos")], 5);
        assert_eq!(many.subject, "7 mensajes sin leer que son para ti");
        assert!(many.text.contains("y 5 más") && many.html.contains("y 5 más"));
    }

    #[test]
    fn without_a_text_it_says_who_and_where() {
        let bare = |room| Item { text: None, ..item(room, "") };
        let mail = mail("es", vec![bare(Some("Cocina")), bare(None)], 0);
        for body in [&mail.text, &mail.html] {
            assert!(body.contains("te escribió en Cocina") && body.contains("/r/1/m/2"), "{body}");
            assert!(!body.contains("None"), "{body}");
        }
        assert!(!mail.html.contains("pre-wrap"), "no empty place for it: {}", mail.html);
        assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
    }

    #[test]
    fn a_text_is_a_text_in_the_page_too() {
        let text = "<img src=x onerror=alert(1)> & \"hola\"";
        let mail = mail("es", vec![item(Some("<b>"), text)], 0);
        assert!(!mail.html.contains("<img") && !mail.html.contains("<b>"), "{}", mail.html);
        assert!(mail.text.contains(text));
        for link in ["/r/1/m/2", "/inbox", "/you", "/unsubscribe/x"] {
            assert!(mail.html.contains(link) && mail.text.contains(link), "{link}");
        }
    }
}
