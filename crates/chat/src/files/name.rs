//! Names of files, which strangers choose.

use std::fmt::Write as _;

const BYTES_MAX: usize = 200;

/// A name that is no path, has no character that hides or turns others around, and is not long.
pub(super) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|character| !is_tricky(*character)).collect();
    let shown = shown.trim().trim_start_matches('.');
    let end = (0..=BYTES_MAX.min(shown.len())).rev().find(|at| shown.is_char_boundary(*at));
    let short = shown[..end.unwrap_or(0)].trim_end();
    if short.is_empty() { "file".to_owned() } else { short.to_owned() }
}

/// The name with the ending of what the server made of the picture.
pub(super) fn with_ending(name: &str, media_type: &str) -> String {
    let endings: &[&str] = match media_type {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png"],
        _ => return name.to_owned(),
    };
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    if endings.contains(&ending.to_ascii_lowercase().as_str()) {
        return name.to_owned();
    }
    format!("{stem}.{}", endings[0])
}

/// `Content-Disposition` with the name as RFC 6266 wants it, which nobody can break out of.
pub(super) fn disposition(how: &str, name: &str) -> String {
    let mut value = format!("{how}; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            value.push(char::from(byte));
        } else {
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

fn is_tricky(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::{clean, disposition, with_ending};

    #[test]
    fn a_name_is_never_a_path_and_shows_what_it_is() {
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean("C:\\Windows\\win.ini"), "win.ini");
        assert_eq!(clean("a\u{202e}gnp.exe\0\r\n"), "agnp.exe");
        assert_eq!(clean("gnp\u{061c}\u{2067}.exe"), "gnp.exe");
        assert_eq!(clean("..."), "file");
        assert_eq!(clean("  el año.pdf "), "el año.pdf");
        assert_eq!(clean(&"ñ".repeat(300)), "ñ".repeat(100));
        assert_eq!(with_ending("cat.webp", "image/png"), "cat.png");
        assert_eq!(with_ending("cat.JPG", "image/jpeg"), "cat.JPG");
        assert_eq!(with_ending("notes", "text/plain"), "notes");
        let header = disposition("attachment", "a\"; filename=b\r\n.html");
        assert_eq!(header, "attachment; filename*=UTF-8''a%22%3B%20filename%3Db%0D%0A.html");
    }
}
