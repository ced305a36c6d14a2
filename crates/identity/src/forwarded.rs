//! What proxies say about where a request came from, the farthest first.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The addresses in `X-Forwarded-For`, if there is one; nothing for what is no address.
pub(crate) fn x_hops(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    hops_in(headers, &X_FORWARDED_FOR, |line| {
        line.split(',').map(|hop| hop.trim().parse().ok()).collect()
    })
}

/// The addresses in `Forwarded` (RFC 7239), if there is one; nothing for a hop that hides its own.
pub(crate) fn hops(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    hops_in(headers, &header::FORWARDED, |line| {
        outside_of_quotes(line, ',').into_iter().map(element).collect()
    })
}

fn hops_in(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Vec<Option<IpAddr>>,
) -> Option<Vec<Option<IpAddr>>> {
    // A line that is no text hides one hop.
    let lines = headers.get_all(name).iter();
    let hops = lines.flat_map(|line| line.to_str().map_or_else(|_| vec![None], &read));
    headers.contains_key(name).then(|| hops.collect())
}

/// `for="[2001:db8::1]:4711";proto=https`.
fn element(text: &str) -> Option<IpAddr> {
    outside_of_quotes(text, ';').into_iter().find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then(|| node(&unquoted(value)))?
    })
}

/// An address with or without a port; IPv6 in brackets.
fn node(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (ip, port) = rest.split_once(']')?;
        let fits = port.is_empty() || port.starts_with(':');
        return ip.parse().ok().filter(|ip: &IpAddr| fits && ip.is_ipv6());
    }
    let ip = text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    ip.ok().filter(IpAddr::is_ipv4)
}

/// The value of a token or of a quoted string.
fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut value = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        value.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    value
}

/// The parts of `text` between separators that no quotes surround.
fn outside_of_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if c == separator && !is_quoted => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_names_an_address_or_hides_it() {
        let check = |text: &str, expected: Option<&str>| {
            let expected = expected.map(|ip| ip.parse::<IpAddr>().unwrap());
            assert_eq!(element(text), expected, "{text}");
        };
        check("for=192.0.2.43", Some("192.0.2.43"));
        check("For=\"192.0.2.43:47011\"", Some("192.0.2.43"));
        check("by=203.0.113.43; FOR=\"[2001:db8:cafe::17]:4711\"", Some("2001:db8:cafe::17"));
        check("for=\"[2001:db8:cafe::\\17]\"", Some("2001:db8:cafe::17"));
        for hidden in ["for=unknown", "for=_hidden", "proto=http", "", "for=", "for=2001:db8::1"] {
            check(hidden, None);
        }
    }

    #[test]
    fn what_is_quoted_separates_nothing() {
        let text = r#"for=1.1.1.1;by="a,b;\",c", for=2.2.2.2"#;
        assert_eq!(outside_of_quotes(text, ',').len(), 2);
    }
}
