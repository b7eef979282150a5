//! Decides which addresses may be connected to, at the moment of connecting: a feed must not reach into the
//! operator's own network, by whatever name. It opens no connection.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::dns;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustc_hash::FxHashMap;
use tower::Service;
use url::{Host, Url};

/// How long requests that overlap go by one answer of the resolver.
const HELD: Duration = Duration::from_mins(1);

/// An address that the guard keeps us from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} leads to {address}, {what}; feeds must be on the public internet \
     (`fetch.allow_private = true` allows one's own network)"
)]
pub struct RefusedAddress {
    /// The host as written.
    pub host: String,
    /// The address it stands for.
    pub address: IpAddr,
    /// What kind of address that is.
    pub what: &'static str,
}

/// A name without an address.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct UnknownName {
    pub(super) why: String,
}

/// The address in a URL that has one instead of a name.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(v4) => Some(v4.into()),
        Host::Ipv6(v6) => Some(v6.into()),
        Host::Domain(_) => None,
    }
}

/// Lets public addresses pass, and with `allow_private` those of one's own network and machine.
pub(super) fn check(host: &str, address: IpAddr, allow_private: bool) -> Result<(), RefusedAddress> {
    let refused = |what| Err(RefusedAddress { host: host.to_owned(), address, what });
    match kind(address) {
        Kind::Public => Ok(()),
        Kind::Own(_) if allow_private => Ok(()),
        Kind::Own(what) | Kind::Never(what) => refused(what),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Public,
    /// One's own machine or network.
    Own(&'static str),
    /// Nothing that a feed can be at; link-local holds the clouds' metadata services.
    Never(&'static str),
}

/// By the IANA special-purpose registries (RFC 6890 and its successors).
fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(v4) => kind_v4(v4),
        IpAddr::V6(v6) => embedded_v4(v6).map_or_else(|| kind_v6(v6), kind_v4),
    }
}

fn kind_v4(v4: Ipv4Addr) -> Kind {
    match v4.octets() {
        [127, ..] => Kind::Own("the machine itself"),
        [10, ..] | [192, 168, ..] => Kind::Own("a private address"),
        [172, b, ..] if (16..32).contains(&b) => Kind::Own("a private address"),
        [100, b, ..] if (64..128).contains(&b) => Kind::Own("an address of a provider's own network"),
        [169, 254, ..] => Kind::Never("a link-local address"),
        [0, ..] => Kind::Never("no host's address"),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Kind::Never("a reserved address")
        }
        [198, 18 | 19, ..] => Kind::Never("an address for measurements"),
        [a, ..] if a >= 224 => Kind::Never("a multicast or reserved address"),
        _ => Kind::Public,
    }
}

fn kind_v6(v6: Ipv6Addr) -> Kind {
    let s = v6.segments();
    match s[0] {
        _ if v6.is_loopback() => Kind::Own("the machine itself"),
        _ if v6.is_unspecified() => Kind::Never("no host's address"),
        0xfc00..=0xfdff => Kind::Own("a private address"),
        0xfe80..=0xfeff => Kind::Never("a link-local address"),
        0x2001 if s[1] == 0xdb8 || s[1] < 0x200 => Kind::Never("a reserved address"),
        // Only 2000::/3 is handed out.
        0x2000..=0x3fff => Kind::Public,
        _ => Kind::Never("a multicast or reserved address"),
    }
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
pub(super) fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = v6.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(of(high, low)),
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

/// Resolves names, and gives only addresses that may be connected to.
#[derive(Clone, Debug)]
pub(super) struct GuardedNames {
    allow_private: bool,
    hosts: Arc<BTreeMap<String, IpAddr>>,
    held: Arc<Mutex<FxHashMap<String, Held>>>,
}

/// Addresses of a name as of an instant, and how many requests to it are under way.
#[derive(Debug)]
struct Held {
    addresses: Arc<[SocketAddr]>,
    since: Instant,
    requests: usize,
}

/// A name that stands for these addresses until it is dropped: what was looked at is what is connected to, and nothing is
/// asked of the resolver twice.
#[derive(Debug)]
pub(super) struct HeldName {
    names: GuardedNames,
    name: String,
    addresses: Arc<[SocketAddr]>,
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

impl GuardedNames {
    pub(super) fn new(allow_private: bool, hosts: BTreeMap<String, IpAddr>) -> Self {
        Self { allow_private, hosts: Arc::new(hosts), held: Arc::default() }
    }

    /// Looks a name up and keeps the answer for the request that follows.
    pub(super) async fn hold(&self, name: &str) -> Result<HeldName, AnyError> {
        let name = name.to_ascii_lowercase();
        if let Some(held) = self.lock().get_mut(&name).filter(|held| held.since.elapsed() < HELD) {
            held.requests += 1;
            return Ok(HeldName { names: self.clone(), name, addresses: Arc::clone(&held.addresses) });
        }
        let addresses: Arc<[SocketAddr]> = self.addresses(&name).await?.into();
        let mut known = self.lock();
        let requests = known.get(&name).map_or(0, |held| held.requests) + 1;
        known.insert(name.clone(), Held { addresses: Arc::clone(&addresses), since: Instant::now(), requests });
        drop(known);
        Ok(HeldName { names: self.clone(), name, addresses })
    }

    async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, AnyError> {
        let found: Vec<SocketAddr> = match self.hosts.get(name) {
            Some(address) => vec![SocketAddr::new(*address, 0)],
            None => tokio::net::lookup_host((name, 0)).await.map_err(|e| UnknownName { why: e.to_string() })?.collect(),
        };
        self.allowed(name, found)
    }

    /// Those that may be connected to. The connection goes to one of them and asks for no name again, so an answer that
    /// changes between a check and a connection (rebinding) changes nothing.
    fn allowed(&self, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, AnyError> {
        let mut refused = None;
        let mut allowed = Vec::with_capacity(found.len());
        for address in found {
            match check(name, address.ip(), self.allow_private) {
                Ok(()) => allowed.push(address),
                Err(e) => refused = Some(e),
            }
        }
        match (allowed.is_empty(), refused) {
            (false, _) => Ok(allowed),
            (true, Some(refused)) => Err(refused.into()),
            (true, None) => Err(UnknownName { why: "it has no address".to_owned() }.into()),
        }
    }

    fn resolving(&self, name: &str) -> Resolving {
        Box::pin(self.clone().resolved(name.to_ascii_lowercase()))
    }

    async fn resolved(self, name: String) -> Result<Addrs, AnyError> {
        let held = self.lock().get(&name).map(|held| Arc::clone(&held.addresses));
        let addresses = match held {
            Some(held) => held.to_vec(),
            None => self.addresses(&name).await?,
        };
        Ok(Box::new(addresses.into_iter()))
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldName {
    /// What it stands for.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        self.addresses.iter().map(SocketAddr::ip).collect()
    }
}

impl Drop for HeldName {
    fn drop(&mut self) {
        let mut known = self.names.lock();
        if let Some(held) = known.get_mut(&self.name) {
            held.requests -= 1;
            if held.requests == 0 {
                known.remove(&self.name);
            }
        }
    }
}

/// For the client with a pool.
impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        self.resolving(name.as_str())
    }
}

/// For a connection of its own.
impl Service<dns::Name> for GuardedNames {
    type Response = Addrs;
    type Error = AnyError;
    type Future = Resolving;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), AnyError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: dns::Name) -> Resolving {
        self.resolving(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str, allow_private: bool) -> bool {
        check("h", address.parse().expect("an address"), allow_private).is_ok()
    }

    #[test]
    fn only_public_addresses_pass() {
        for address in
            ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "172.32.0.1", "100.128.0.1", "64:ff9b::808:808"]
        {
            assert!(verdict(address, false), "{address}");
        }
        for address in [
            "127.0.0.1",
            "127.255.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "::7f00:1",
            "2001:db8::1",
            "2001::1",
            "100::1",
        ] {
            assert!(!verdict(address, false), "{address}");
        }
    }

    #[test]
    fn ones_own_network_can_be_allowed_but_not_metadata_services() {
        for address in ["127.0.0.1", "10.1.2.3", "::1", "fd00::1", "::ffff:127.0.0.1"] {
            assert!(verdict(address, true), "{address}");
        }
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"] {
            assert!(!verdict(address, true), "{address}");
        }
    }

    #[test]
    fn a_name_that_is_bound_anew_to_a_private_address_is_refused_at_that_connection() {
        let names = GuardedNames::new(false, BTreeMap::new());
        let at = |address: &str| SocketAddr::new(address.parse().expect("an address"), 0);
        let public = at("93.184.216.34");
        assert_eq!(names.allowed("evil.example", vec![public]).expect("public"), [public]);
        let error = names.allowed("evil.example", vec![at("127.0.0.1"), at("::1")]).expect_err("private");
        assert!(error.to_string().contains("evil.example leads to ::1, the machine itself"), "{error}");
        let mixed = vec![at("10.0.0.1"), public, at("169.254.169.254")];
        assert_eq!(
            names.allowed("evil.example", mixed).expect("one is public"),
            [public],
            "no second choice is private"
        );
        assert!(names.allowed("evil.example", Vec::new()).is_err());
    }

    #[tokio::test]
    async fn a_connection_goes_where_the_look_up_went_whatever_the_resolver_says_meanwhile() {
        const NAME: &str = "moving.example";
        // Two resolvers of one client: what was public at the look-up is the machine itself at the connection.
        let says = |address: &str| Arc::new([(NAME.to_owned(), address.parse().expect("an address"))].into());
        let before = GuardedNames { hosts: says("93.184.216.34"), ..GuardedNames::new(false, BTreeMap::new()) };
        let after = GuardedNames { hosts: says("127.0.0.1"), ..before.clone() };
        let connects_to = async |names: &GuardedNames| {
            let found = names.resolve(NAME.parse().expect("a name")).await;
            found
                .map(|found| found.map(|address| address.ip().to_string()).collect::<Vec<_>>())
                .map_err(|e| e.to_string())
        };
        let looked_up = before.hold(NAME).await.expect("a public address");
        assert_eq!(connects_to(&after).await.expect("held"), ["93.184.216.34"]);
        let another = after.hold("Moving.Example").await.expect("the same answer for a request beside it");
        assert_eq!(another.addresses(), looked_up.addresses());
        drop(looked_up);
        assert_eq!(connects_to(&after).await.expect("held by the other"), ["93.184.216.34"]);
        drop(another);
        let refused = "moving.example leads to 127.0.0.1, the machine itself";
        assert!(connects_to(&after).await.expect_err("private").starts_with(refused));
        assert!(after.hold(NAME).await.expect_err("private").to_string().starts_with(refused));
    }

    #[test]
    fn odd_spellings_of_an_address_are_literals() {
        for url in [
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://[::ffff:7f00:1]/",
        ] {
            let url = Url::parse(url).expect("a valid address");
            let address = literal(&url).unwrap_or_else(|| panic!("{url} is a literal"));
            assert!(check("h", address, false).is_err(), "{url}");
        }
    }
}
