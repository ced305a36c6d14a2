//! Who is asking: the network address, the program, the language.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, header};
use kit::network::Network;

use crate::Identity;
use crate::pages::Lang;

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
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        for hop in hops.iter().rev().take(FORWARDED_MAX) {
            if !self.0.iter().any(|network| network.contains(client)) {
                break;
            }
            let Ok(ip) = hop.trim().parse::<IpAddr>() else { break };
            client = ip.to_canonical();
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_a_trusted_proxy_may_speak_for_another() {
        let networks = Networks::new(&["10.0.0.0/8".to_owned()]);
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("1.1.1.1, 2.2.2.2, 10.9.9.9"));
        let check = |peer: &str, expected: &str| {
            let client = networks.client(peer.parse().unwrap(), &headers);
            assert_eq!(client, expected.parse::<IpAddr>().unwrap(), "{peer}");
        };
        check("10.0.0.1", "2.2.2.2");
        check("9.9.9.9", "9.9.9.9");
        check("::ffff:10.0.0.1", "2.2.2.2");
    }
}
