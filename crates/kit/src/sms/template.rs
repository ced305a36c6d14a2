//! Requests from templates: what stands for what, and how it is escaped.

use std::fmt::Write as _;

use super::Sms;

/// Where a value is put, which decides how it is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Inside of a JSON string.
    Json,
    /// In an address or a form.
    Form,
    /// In a header or a text.
    Text,
}

impl Place {
    /// The place of a body with this `content-type`.
    pub(super) fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            kind if kind == "application/json" || kind.ends_with("+json") => Self::Json,
            _ => Self::Text,
        }
    }
}

/// What the words in braces stand for.
pub(super) struct Values<'a> {
    pub(super) sms: &'a Sms,
    pub(super) secret: &'a str,
    pub(super) receipts: &'a str,
}

impl Values<'_> {
    fn of(&self, word: &str) -> Option<String> {
        let to = self.sms.to.as_str();
        Some(match word {
            "to" => to.to_owned(),
            "to_digits" => to.trim_start_matches('+').to_owned(),
            "text" => self.sms.text.clone(),
            "id" => self.sms.id.to_string(),
            "secret" => self.secret.to_owned(),
            "receipts" => self.receipts.to_owned(),
            _ => return None,
        })
    }
}

/// The template with its values. Braces that stand for nothing stay, as JSON needs them; a value
/// is never looked into again.
pub(super) fn fill(template: &str, values: &Values<'_>, place: Place) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        rest = &rest[open..];
        let word = rest.find('}').map(|close| &rest[1..close]);
        if let Some((word, value)) = word.and_then(|word| Some((word, values.of(word)?))) {
            escape(&mut filled, &value, place);
            rest = &rest[word.len() + 2..];
        } else {
            filled.push('{');
            rest = &rest[1..];
        }
    }
    filled.push_str(rest);
    filled
}

fn escape(filled: &mut String, value: &str, place: Place) {
    match place {
        Place::Text => filled.push_str(value),
        Place::Json => {
            let quoted = serde_json::Value::from(value).to_string();
            filled.push_str(&quoted[1..quoted.len() - 1]);
        }
        Place::Form => {
            for byte in value.bytes() {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    filled.push(char::from(byte));
                } else {
                    let _ = write!(filled, "%{byte:02X}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Number;
    use super::*;

    fn filled(template: &str, text: &str, place: Place) -> String {
        let to = Number::parse("+34600111222", None).unwrap();
        let sms = Sms { id: uuid::Uuid::nil(), to, text: text.to_owned() };
        let values = Values { sms: &sms, secret: "s {to}", receipts: "https://a.example/hook" };
        fill(template, &values, place)
    }

    #[test]
    fn values_are_escaped_as_their_place_needs() {
        let json = r#"{"to":"{to}","body":{"text":"{text}"}}"#;
        let text = "a \"b\"\n{to}";
        let sent: serde_json::Value =
            serde_json::from_str(&filled(json, text, Place::Json)).unwrap();
        assert_eq!(sent["to"], "+34600111222");
        assert_eq!(sent["body"]["text"], text, "a value is never looked into again");
        let form = filled("To={to}&Body={text}", "a & b=ñ", Place::Form);
        assert_eq!(form, "To=%2B34600111222&Body=a%20%26%20b%3D%C3%B1");
        assert_eq!(filled("Basic {secret}", "", Place::Text), "Basic s {to}");
        assert_eq!(filled("{to_digits} {nothing} {", "", Place::Text), "34600111222 {nothing} {");
    }

    #[test]
    fn the_type_of_a_body_decides_its_place() {
        assert_eq!(Place::of("application/json; charset=utf-8"), Place::Json);
        assert_eq!(Place::of("application/x-www-form-urlencoded"), Place::Form);
        assert_eq!(Place::of("text/plain"), Place::Text);
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_place(text in any::<String>(), noise in "[^{}&=]{0,20}") {
            let json = filled(r#"{"text":"{text}","to":"{to}"}"#, &text, Place::Json);
            let read: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read, serde_json::json!({"text": &text, "to": "+34600111222"}));
            let form = filled("a={text}&b={to}", &text, Place::Form);
            let read: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).collect();
            let sent = [("a", text.as_str()), ("b", "+34600111222")];
            prop_assert_eq!(read, sent.map(|(name, value)| (name.into(), value.into())));
            prop_assert_eq!(filled("{text}", &text, Place::Text), text);
            prop_assert_eq!(filled(&noise, "x", Place::Json), noise, "no braces, no change");
        }

        /// Braces of every kind: nothing is lost but what stands for something.
        #[test]
        fn what_stands_for_nothing_stays(
            parts in proptest::collection::vec(
                prop_oneof!["[{}a-z ñ]{0,5}", Just("{to_digits}".to_owned())], 0..8,
            ),
        ) {
            let template = parts.concat();
            let read = filled(&template, "", Place::Text);
            let known = ["to", "to_digits", "text", "id", "secret", "receipts"];
            let mut words = template.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            if !words.any(|(word, _)| known.contains(&word)) {
                prop_assert_eq!(&read, &template);
            }
            let longest = "00000000-0000-0000-0000-000000000000".len();
            prop_assert!(read.len() <= template.len().max(1) * longest);
            let counted = template.matches("{to_digits}").count();
            prop_assert_eq!(read.matches("34600111222").count() >= counted, true);
        }
    }
}
