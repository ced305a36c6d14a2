//! What mails say: one sentence, and one link or one code, as text and as HTML.

use askama::Template;

use crate::Identity;
use crate::factors::{CodeWords, FactorWords};
use crate::pages::{Lang, Words};
use crate::sessions::SessionWords;
use crate::upstream::UpstreamWords;

/// A mail without its receiver.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlLetter<'a> {
    lang: &'a str,
    subject: &'a str,
    hello: &'a str,
    text: &'a str,
    action: &'a str,
    link: &'a str,
    ignore: &'a str,
}

#[derive(Template)]
#[template(path = "mail_code.html")]
struct HtmlCode<'a> {
    lang: &'a str,
    subject: &'a str,
    hello: &'a str,
    text: &'a str,
    code: &'a str,
    ignore: &'a str,
}

/// What differs from mail to mail.
struct Content<'a> {
    lang: Lang,
    name: Option<&'a str>,
    subject: &'a str,
    text: &'a str,
    action: &'a str,
    link: String,
    /// What somebody does who did not cause it; empty where the text says so.
    ignore: &'a str,
}

impl Letter {
    /// Asks somebody who signed up to confirm the address. Whoever typed the address typed the
    /// name, too, so the mail does not carry it to somebody who may be a stranger.
    pub(crate) fn verify(identity: &Identity, lang: Lang, token: &str) -> Self {
        let w = Words::of(lang);
        Self::of(&Content {
            lang,
            name: None,
            subject: w.mail_verify_subject,
            text: w.mail_verify_text,
            action: w.verify_title,
            link: identity.link(&format!("/verify/{token}")),
            ignore: w.mail_ignore,
        })
    }

    /// Tells somebody who signed up once more that they have an account. It does not repeat the
    /// name that was typed, which may be somebody else's.
    pub(crate) fn known(identity: &Identity, lang: Lang, token: &str) -> Self {
        let w = Words::of(lang);
        Self::of(&Content {
            lang,
            name: None,
            subject: w.mail_known_subject,
            text: w.mail_known_text,
            action: w.mail_known_action,
            link: identity.link(&format!("/verify/{token}")),
            ignore: w.mail_ignore,
        })
    }

    /// Lets somebody choose a new password.
    pub(crate) fn reset(identity: &Identity, lang: Lang, name: &str, token: &str) -> Self {
        let w = Words::of(lang);
        Self::of(&Content {
            lang,
            name: Some(name),
            subject: w.mail_reset_subject,
            text: w.mail_reset_text,
            action: w.reset_title,
            link: identity.link(&format!("/reset/{token}")),
            ignore: w.mail_ignore,
        })
    }

    /// Lets somebody in for whom an account was made.
    pub(crate) fn invited(identity: &Identity, lang: Lang, name: &str, token: &str) -> Self {
        let w = Words::of(lang);
        Self::of(&Content {
            lang,
            name: Some(name),
            subject: w.mail_invited_subject,
            text: w.mail_invited_text,
            action: w.reset_title,
            link: identity.link(&format!("/reset/{token}")),
            ignore: w.mail_ignore,
        })
    }

    /// Lets somebody choose a password whose old one was taken away.
    pub(crate) fn forced(identity: &Identity, lang: Lang, name: &str, token: &str) -> Self {
        let w = Words::of(lang);
        Self::of(&Content {
            lang,
            name: Some(name),
            subject: w.mail_reset_subject,
            text: w.mail_forced_text,
            action: w.reset_title,
            link: identity.link(&format!("/reset/{token}")),
            ignore: "",
        })
    }

    /// Tells somebody that their password was changed.
    pub(crate) fn changed(identity: &Identity, lang: Lang, name: &str) -> Self {
        let w = Words::of(lang);
        let about = (w.mail_changed_subject, w.mail_changed_text);
        Self::about_password(identity, lang, name, about)
    }

    /// Tells somebody why they should choose another password.
    pub(crate) fn about_password(
        identity: &Identity,
        lang: Lang,
        name: &str,
        (subject, text): (&str, &str),
    ) -> Self {
        Self::of(&Content {
            lang,
            name: Some(name),
            subject,
            text,
            action: Words::of(lang).recover_title,
            link: identity.link("/recover"),
            ignore: "",
        })
    }

    /// Tells somebody what has changed about the security of their account.
    pub(crate) fn about_security(
        identity: &Identity,
        lang: Lang,
        name: &str,
        (subject, text): (&str, &str),
    ) -> Self {
        Self::of(&Content {
            lang,
            name: Some(name),
            subject,
            text,
            action: FactorWords::of(lang).mail_action,
            link: identity.link("/account/security"),
            ignore: "",
        })
    }

    /// Tells somebody what happened to the sign-ins of their account.
    pub(crate) fn about_sessions(
        identity: &Identity,
        lang: Lang,
        name: &str,
        (subject, text): (&str, &str),
    ) -> Self {
        Self::of(&Content {
            lang,
            name: Some(name),
            subject,
            text,
            action: SessionWords::of(lang).mail_action,
            link: identity.link("/account/sessions"),
            ignore: "",
        })
    }

    /// Says something about the address of an account, with a link of its own.
    pub(crate) fn about_address(
        (lang, name): (Lang, Option<&str>),
        (subject, text, action): (&str, &str, &str),
        link: String,
    ) -> Self {
        let ignore = if name.is_none() { Words::of(lang).mail_ignore } else { "" };
        Self::of(&Content { lang, name, subject, text, action, link, ignore })
    }

    /// Brings a code to be typed, on a line of its own; the subject does not show it.
    pub(crate) fn code(lang: Lang, name: &str, code: &str) -> Self {
        let t = CodeWords::of(lang);
        let hello = Words::of(lang).mail_hello.replace("{}", name);
        let (subject, text, ignore) = (t.mail_subject, t.mail_text, t.mail_ignore);
        let lang = lang.code();
        let html = HtmlCode { lang, subject, hello: &hello, text, code, ignore };
        Self {
            subject: subject.to_owned(),
            text: format!("{hello}\n\n{text}\n\n{code}\n\n{ignore}\n\nTertulia\n"),
            html: html.render().unwrap_or_else(|_| format!("<p>{code}")),
        }
    }

    /// Tells somebody what has changed about the accounts elsewhere that open theirs.
    pub(crate) fn about_providers(
        identity: &Identity,
        lang: Lang,
        name: &str,
        (subject, text): (&str, &str),
    ) -> Self {
        Self::of(&Content {
            lang,
            name: Some(name),
            subject,
            text,
            action: UpstreamWords::of(lang).mail_action,
            link: identity.link("/account/providers"),
            ignore: "",
        })
    }

    fn of(content: &Content<'_>) -> Self {
        let w = Words::of(content.lang);
        let hello = content.name.map(|name| w.mail_hello.replace("{}", name)).unwrap_or_default();
        let html = HtmlLetter {
            lang: content.lang.code(),
            subject: content.subject,
            hello: &hello,
            text: content.text,
            action: content.action,
            link: &content.link,
            ignore: content.ignore,
        };
        let greeting = if hello.is_empty() { String::new() } else { format!("{hello}\n\n") };
        let (text, link) = (content.text, &content.link);
        let ignore = match content.ignore {
            "" => String::new(),
            ignore => format!("{ignore}\n\n"),
        };
        Self {
            subject: content.subject.to_owned(),
            text: format!("{greeting}{text}\n\n{link}\n\n{ignore}Tertulia\n"),
            html: html.render().unwrap_or_else(|_| format!("<p><a href=\"{link}\">{link}</a>")),
        }
    }
}
