//! The mails that a server wrote into its folder.

use std::path::Path;

use base64::Engine;

use crate::wait::eventually;

/// The first link in the newest mail to `address` that contains `part`.
pub async fn link(data_dir: &Path, address: &str, part: &str) -> String {
    eventually(&format!("a mail to {address} with a link to {part}"), async || {
        let mut mails = read(data_dir);
        mails.retain(|mail| mail.contains(address));
        mails.iter().rev().find_map(|mail| find_link(mail, part))
    })
    .await
}

/// All mails, oldest first, decoded as far as links need it.
pub fn read(data_dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(data_dir.join("mail")) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    files.sort_by_key(|path| path.metadata().and_then(|m| m.modified()).ok());
    files.iter().filter_map(|path| std::fs::read_to_string(path).ok()).map(|m| decode(&m)).collect()
}

pub(crate) fn find_link(mail: &str, part: &str) -> Option<String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ')');
    let links = mail.match_indices("http").map(|(at, _)| &mail[at..]);
    let links = links.map(|rest| &rest[..rest.find(ends).unwrap_or(rest.len())]);
    links.filter(|link| link.contains(part)).map(|link| link.replace("&amp;", "&")).next()
}

/// Undoes quoted-printable and base64 well enough to find a link.
pub(crate) fn decode(mail: &str) -> String {
    let mail = mail.replace("\r\n", "\n");
    let mut decoded = mail.replace("=\n", "").replace("=3D", "=").replace("=3d", "=");
    for block in mail.split("\n\n") {
        let packed: String = block.split_whitespace().collect();
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(packed) {
            decoded.push('\n');
            decoded.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_found_in_every_transfer_encoding() {
        let plain = "Subject: x\n\nGo to http://localhost:8080/id/verify/abc now";
        let quoted = "Subject: x\n\nGo to http://localhost:8080/id/ver=\r\nify/abc now";
        let packed = base64::engine::general_purpose::STANDARD.encode(plain);
        let packed = format!("Content-Transfer-Encoding: base64\n\n{packed}\n\n");
        for mail in [plain, quoted, &packed] {
            let link = find_link(&decode(mail), "/verify/");
            assert_eq!(link.as_deref(), Some("http://localhost:8080/id/verify/abc"));
        }
    }
}
