//! Where a session is, told coarsely: the network and not the machine, since no register of
//! places is asked and an exact address helps nobody to recognise their own.

use std::net::IpAddr;

use super::SessionWords;

/// The network of an address: `203.0.113.…`, `2001:db8:12:…`, or what is nearby by its name.
pub(super) fn network(t: &SessionWords, ip: &str) -> String {
    match ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(ip) if ip.is_loopback() => t.this_machine.to_owned(),
        Ok(IpAddr::V4(ip)) if ip.is_private() || ip.is_link_local() => t.local_network.to_owned(),
        Ok(IpAddr::V6(ip)) if ip.is_unique_local() || ip.is_unicast_link_local() => {
            t.local_network.to_owned()
        }
        Ok(IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}.…")
        }
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:…")
        }
        Err(_) => t.unknown_place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    #[test]
    fn an_address_is_told_coarsely() {
        let t = SessionWords::of(Lang::En);
        let check = |ip: &str, expected: &str| assert_eq!(network(t, ip), expected, "{ip}");
        check("203.0.113.77", "203.0.113.…");
        check("::ffff:203.0.113.77", "203.0.113.…");
        check("2001:db8:12:34::56", "2001:db8:12:…");
        check("127.0.0.1", "This machine");
        check("::1", "This machine");
        check("192.168.1.20", "Local network");
        check("fd00::1", "Local network");
        check("", "Unknown place");
    }
}
