//! Ranges of addresses, and those of them that are no place on the internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

/// IPv4 ranges for special uses (RFC 6890 and its registry), among them all private ones.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The one IPv6 range that the internet is in; loopback, link-local, unique local, multicast,
/// IPv4-compatible and NAT64 addresses are outside of it.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What of it is not: protocol assignments with Teredo, documentation (two), 6to4.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl Network {
    /// `10.0.0.0/8`, `fd00::/8`, or a single address.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, bits) = match text.split_once('/') {
            Some((first, bits)) => (first.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let most = if matches!(first, IpAddr::V4(_)) { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { first, bits })
    }

    /// Whether `ip` is in the range.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.first, ip) {
            (IpAddr::V4(first), IpAddr::V4(ip)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                u32::from(first) & mask == u32::from(ip) & mask
            }
            (IpAddr::V6(first), IpAddr::V6(ip)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                u128::from(first) & mask == u128::from(ip) & mask
            }
            _ => false,
        }
    }
}

/// Whether `ip` is no machine on the internet: this machine, a private network, or an address
/// that stands for another one.
pub fn is_special(ip: IpAddr) -> bool {
    let within = |first: IpAddr, bits| Network { first, bits }.contains(ip.to_canonical());
    match ip.to_canonical() {
        IpAddr::V4(_) => SPECIAL_V4.iter().any(|(first, bits)| within((*first).into(), *bits)),
        IpAddr::V6(_) => {
            !within(GLOBAL_V6.0.into(), GLOBAL_V6.1)
                || SPECIAL_V6.iter().any(|(first, bits)| within((*first).into(), *bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(IpAddr::from)
        ]
    }

    /// The bits of an address, the first one first.
    fn bits_of(ip: IpAddr) -> Vec<bool> {
        let bytes = match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        bytes.into_iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1 == 1)).collect()
    }

    proptest! {
        /// Two addresses are in one network when they begin alike, bit by bit.
        #[test]
        fn a_network_holds_what_begins_alike(
            one in address(),
            other in address(),
            bits in 0..140u32,
        ) {
            let Some(network) = Network::parse(&format!("{one}/{bits}")) else {
                prop_assert!(bits as usize > bits_of(one).len());
                return Ok(());
            };
            let (first, second) = (bits_of(one), bits_of(other));
            let alike = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
            let expected = one.is_ipv4() == other.is_ipv4() && alike >= bits as usize;
            prop_assert_eq!(network.contains(other), expected);
            prop_assert!(network.contains(one));
        }

        #[test]
        fn what_is_no_network_is_refused(text in "\\PC{0,40}") {
            let is_address = text.split('/').next().unwrap().parse::<IpAddr>().is_ok();
            prop_assert!(Network::parse(&text).is_none() || is_address);
        }
    }

    #[test]
    fn a_network_is_an_address_and_how_many_bits_count() {
        let check = |network: &str, ip: &str, expected: bool| {
            let network = Network::parse(network).unwrap();
            assert_eq!(network.contains(ip.parse().unwrap()), expected, "{network:?} {ip}");
        };
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("0.0.0.0/0", "8.8.8.8", true);
        check("fd00::/8", "fd12::1", true);
        check("::1", "::1", true);
        check("10.0.0.0/8", "::1", false);
        for wrong in ["10.0.0.0/33", "x/8", "10.0.0.0/", ""] {
            assert!(Network::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn no_address_of_a_special_use_passes_for_one_of_the_internet() {
        let special = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 \
            127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 \
            192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 \
            224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1 \
            ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 \
            64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 \
            2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:20::1 2001:db8::1 2002:7f00:1:: \
            2002:808:808::1 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 \
            ff0e::1";
        for ip in special.split_whitespace() {
            assert!(is_special(ip.parse().unwrap()), "{ip}");
        }
        let public = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.0 \
            126.255.255.255 128.0.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 \
            198.17.255.255 198.20.0.1 223.255.255.255 ::ffff:8.8.8.8 2606:4700::1111 \
            2a00:1450::1 2001:4860:4860::8888";
        for ip in public.split_whitespace() {
            assert!(!is_special(ip.parse().unwrap()), "{ip}");
        }
    }
}
