//! Who is asking: the network address, the program, the language.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, header};
use kit::network::Network;

use crate::pages::Lang;
use crate::{Identity, forwarded};

const USER_AGENT_MAX: usize = 200;
const FORWARDED_MAX: usize = 20;

/// Who is asking, as far as a request tells.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// The address, seen through trusted proxies only.
    pub(crate) ip: IpAddr,
    /// The `User-Agent`, cut short.
    pub(crate) agent: String,
    /// The language of the pages.
    pub(crate) lang: Lang,
    /// All headers, for cookies.
    pub(crate) headers: HeaderMap,
    /// Path and query below the issuer.
    pub(crate) here: String,
}

impl FromRequestParts<Identity> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        identity: &Identity,
    ) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            ip: identity.networks.client(peer, &parts.headers),
            agent: agent.unwrap_or_default().chars().take(USER_AGENT_MAX).collect(),
            lang: Lang::of(identity, &parts.headers, parts.uri.query()),
            headers: parts.headers.clone(),
            here: here.to_owned(),
        })
    }
}

impl Visitor {
    /// What a budget per address counts by: an IPv4 address or an IPv6 /64.
    pub(crate) fn network(&self) -> IpAddr {
        match self.ip {
            IpAddr::V6(ip) => {
                let prefix = u128::from(ip) & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from(prefix))
            }
            ip @ IpAddr::V4(_) => ip,
        }
    }
}

/// The proxies whose word is believed.
#[derive(Debug)]
pub(crate) struct Networks(Vec<Network>);

impl Networks {
    pub(crate) fn new(texts: &[String]) -> Self {
        Self(texts.iter().filter_map(|text| Network::parse(text)).collect())
    }

    /// The nearest address that is not a trusted proxy, going back from the socket's.
    ///
    /// Proxies tell it in `Forwarded` (RFC 7239) or in `X-Forwarded-For`, and let pass what they
    /// do not write themselves. Where the two lead to different addresses, one was made up by the
    /// client, so neither is believed.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        let walk = |hops: &[Option<IpAddr>]| self.walk(peer, hops);
        match (forwarded::hops(headers), forwarded::x_hops(headers)) {
            (hops, None) | (None, hops) => walk(&hops.unwrap_or_default()),
            (Some(one), Some(other)) => {
                let client = walk(&one);
                if client == walk(&other) { client } else { peer }
            }
        }
    }

    fn walk(&self, peer: IpAddr, hops: &[Option<IpAddr>]) -> IpAddr {
        let mut client = peer;
        for hop in hops.iter().rev().take(FORWARDED_MAX) {
            if !self.0.iter().any(|network| network.contains(client)) {
                break;
            }
            let Some(ip) = hop else { break };
            client = ip.to_canonical();
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use http::HeaderValue;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(*name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        headers
    }

    fn client(peer: &str, lines: &[(&'static str, &str)]) -> IpAddr {
        let networks = Networks::new(&["10.0.0.0/8".to_owned()]);
        networks.client(peer.parse().unwrap(), &headers(lines))
    }

    #[test]
    fn only_a_trusted_proxy_may_speak_for_another() {
        let ways: [(&str, &str); 2] = [
            ("x-forwarded-for", "1.1.1.1, 2.2.2.2, 10.9.9.9"),
            ("forwarded", "for=1.1.1.1, for=\"2.2.2.2:80\";proto=https, by=x; For=10.9.9.9"),
        ];
        for way in ways {
            let check = |peer: &str, expected: &str| {
                let expected = expected.parse::<IpAddr>().unwrap();
                assert_eq!(client(peer, &[way]), expected, "{peer} {way:?}");
            };
            check("10.0.0.1", "2.2.2.2");
            check("9.9.9.9", "9.9.9.9");
            check("::ffff:10.0.0.1", "2.2.2.2");
        }
    }

    #[test]
    fn of_two_stories_that_differ_none_is_believed() {
        let told = ("x-forwarded-for", "2.2.2.2");
        let check = |forwarded: &str, expected: &str| {
            let found = client("10.0.0.1", &[told, ("forwarded", forwarded)]);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{forwarded}");
        };
        check("for=2.2.2.2", "2.2.2.2");
        check("for=3.3.3.3", "10.0.0.1");
        check("for=unknown", "10.0.0.1");
        check("nonsense", "10.0.0.1");
    }

    fn address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(IpAddr::from)
        ]
    }

    proptest! {
        /// Both headers are read alike, however a proxy writes an address.
        #[test]
        fn forwarded_says_what_x_forwarded_for_says(
            hops in proptest::collection::vec((address(), any::<bool>()), 0..30),
        ) {
            let networks = Networks::new(&["0.0.0.0/1".to_owned(), "::/1".to_owned()]);
            let told = |each: fn(&(IpAddr, bool)) -> String| {
                hops.iter().map(each).collect::<Vec<_>>().join(", ")
            };
            let plain = told(|(ip, _)| ip.to_string());
            let rfc = told(|(ip, port)| match (ip, port) {
                (IpAddr::V4(ip), false) => format!("for={ip}"),
                (IpAddr::V4(ip), true) => format!("proto=https;for=\"{ip}:80\""),
                (IpAddr::V6(ip), false) => format!("For=\"[{ip}]\";by=\"a,;b\""),
                (IpAddr::V6(ip), true) => format!("for=\"[{ip}]:_x\""),
            });
            let peer = IpAddr::from([10, 0, 0, 1]);
            let one = networks.client(peer, &headers(&[("x-forwarded-for", &plain)]));
            let other = networks.client(peer, &headers(&[("forwarded", &rfc)]));
            prop_assert_eq!(one, other);
        }

        /// Whatever it says, nobody is believed who is not trusted, and nobody is made up.
        #[test]
        fn a_stranger_is_who_they_are(
            line in "[ -~\u{e9}]{0,200}",
            other in "(for=|[0-9.,:\";\\[\\] ]){0,40}",
        ) {
            let lines = [("forwarded", line.as_str()), ("x-forwarded-for", &other)];
            let stranger = "9.9.9.9".parse::<IpAddr>().unwrap();
            prop_assert_eq!(client("9.9.9.9", &lines), stranger);
            let lines = [("forwarded", other.as_str()), ("x-forwarded-for", &line)];
            prop_assert_eq!(client("9.9.9.9", &lines), stranger);
            client("10.0.0.1", &lines[..1]);
            client("10.0.0.1", &lines[1..]);
        }
    }
}
