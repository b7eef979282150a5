//! Bounds the requests that are under way: to one address, whatever names lead there, and of the whole node.
//! It looks up no names and opens no connection.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustc_hash::FxHashMap;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, futures::OwnedNotified},
    time::{Instant, timeout_at},
};

use super::guard::embedded_v4;

/// Requests to one address at a time. A registrable domain gets one (its feeds are asked one after the other); behind one
/// address may stand thousands of domains, and a browser opens about as many to a single one of them.
const PER_ADDRESS: usize = 8;
/// Requests of a node at a time: most of the time is waiting for others.
const PER_NODE: usize = 64;
/// Requests that wait for one address: what it works off in a moment. More would be kept from other work for nothing.
const MOST_WAITING: usize = 4 * PER_ADDRESS;
/// How long a request waits that may come again later.
const PATIENCE: Duration = Duration::from_secs(10);

/// An address has enough to do with us; the request was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crowded;

/// The requests of one node.
#[derive(Debug)]
pub(super) struct Slots {
    addresses: Mutex<FxHashMap<IpAddr, Address>>,
    node: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Address {
    busy: usize,
    waiting: usize,
    freed: Arc<Notify>,
}

/// Leave for one request; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    _places: Places,
    _node: OwnedSemaphorePermit,
}

/// A place at every address that a request may be connected to: which one it will be, nobody knows before.
#[derive(Debug)]
struct Places {
    slots: Arc<Slots>,
    hosts: Vec<IpAddr>,
}

impl Slots {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { addresses: Mutex::default(), node: Arc::new(Semaphore::new(PER_NODE)) })
    }

    /// Waits for leave. The place at the address comes first: who waits for a slow address holds nothing that others need,
    /// and who waits for the node holds only the address that it is about to ask. All places of a request are taken at once
    /// or none, so that nobody holds one address while waiting for another.
    /// With `may_come_again` the answer may be [`Crowded`] instead of a long wait.
    pub(super) async fn take(self: &Arc<Self>, addresses: &[IpAddr], may_come_again: bool) -> Result<Slot, Crowded> {
        let mut hosts: Vec<IpAddr> = addresses.iter().copied().map(host_of).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let until = Instant::now() + PATIENCE;
        while let Some(turn) = self.enter(&hosts, may_come_again)? {
            if may_come_again {
                timeout_at(until, turn.freed()).await.map_err(|_| Crowded)?;
            } else {
                turn.freed().await;
            }
        }
        let places = Places { slots: Arc::clone(self), hosts };
        let node = Arc::clone(&self.node).acquire_owned().await.expect("the semaphore is never closed");
        Ok(Slot { _places: places, _node: node })
    }

    /// Takes a place at each of these, or a turn to wait at one that is full.
    fn enter(self: &Arc<Self>, hosts: &[IpAddr], may_come_again: bool) -> Result<Option<Turn>, Crowded> {
        let mut known = self.lock();
        let full = hosts.iter().find(|host| known.get(*host).is_some_and(|a| a.busy >= PER_ADDRESS));
        let Some(host) = full else {
            for host in hosts {
                known.entry(*host).or_default().busy += 1;
            }
            return Ok(None);
        };
        let address = known.entry(*host).or_default();
        if may_come_again && address.waiting >= MOST_WAITING {
            return Err(Crowded);
        }
        address.waiting += 1;
        // Made under the lock: what is freed from now on is heard.
        let freed = Arc::clone(&address.freed).notified_owned();
        Ok(Some(Turn { slots: Arc::clone(self), host: *host, freed: Some(freed) }))
    }

    fn change(&self, host: IpAddr, change: impl FnOnce(&mut Address)) {
        let mut known = self.lock();
        if let Some(address) = known.get_mut(&host) {
            change(address);
            if address.busy == 0 && address.waiting == 0 {
                known.remove(&host);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, FxHashMap<IpAddr, Address>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits at a full address.
struct Turn {
    slots: Arc<Slots>,
    host: IpAddr,
    freed: Option<OwnedNotified>,
}

impl Turn {
    async fn freed(mut self) {
        if let Some(freed) = self.freed.take() {
            freed.await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.slots.change(self.host, |address| address.waiting -= 1);
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for host in &self.hosts {
            self.slots.change(*host, |address| {
                address.busy -= 1;
                if address.waiting > 0 {
                    address.freed.notify_waiters();
                }
            });
        }
    }
}

/// What counts as one address: of IPv6 the network of 64 bits that a host or its owner has whole, of IPv4 in disguise the IPv4.
fn host_of(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let network = || IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)));
    embedded_v4(v6).map_or_else(network, IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// Takes slots until no more can be had at once.
    async fn fill(slots: &Arc<Slots>, addresses: &[IpAddr], most: usize) -> Vec<Slot> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let slot = tokio::time::timeout(Duration::from_millis(20), slots.take(addresses, false)).await;
            let Ok(slot) = slot else { break };
            taken.push(slot.expect("no crowd"));
        }
        taken
    }

    #[tokio::test]
    async fn an_address_has_its_bound_and_another_is_not_touched_by_it() {
        let slots = Slots::new();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let mut held = fill(&slots, &[one], 100).await;
        assert_eq!(held.len(), PER_ADDRESS);
        assert!(fill(&slots, &[one, other], 1).await.is_empty(), "it may be connected to the full one");
        assert_eq!(fill(&slots, &[other], 100).await.len(), PER_ADDRESS, "who waited has left nothing behind");
        held.pop();
        assert_eq!(fill(&slots, &[other, one], 100).await.len(), 1);
        drop(held);
        assert!(slots.lock().is_empty(), "nothing is remembered of addresses that nobody asks");
    }

    #[tokio::test]
    async fn who_waits_for_a_full_address_holds_nothing_of_the_node() {
        let slots = Slots::new();
        let _held = fill(&slots, &[address("192.0.2.1")], 100).await;
        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| {
                let slots = Arc::clone(&slots);
                tokio::spawn(async move { slots.take(&[address("192.0.2.1")], true).await })
            })
            .collect();
        while slots.lock()[&address("192.0.2.1")].waiting < MOST_WAITING {
            tokio::task::yield_now().await;
        }
        assert_eq!(slots.take(&[address("192.0.2.1")], true).await.err(), Some(Crowded), "no longer queue than that");
        let others: Vec<IpAddr> =
            (0..PER_NODE).map(|n| IpAddr::from([198, 51, 100, u8::try_from(n).expect("few")])).collect();
        let mut free = 0;
        let mut kept = Vec::new();
        for other in others {
            let got = fill(&slots, &[other], 1).await;
            free += got.len();
            kept.extend(got);
        }
        assert_eq!(free, PER_NODE - PER_ADDRESS);
        waiting.iter().for_each(tokio::task::JoinHandle::abort);
    }

    #[tokio::test]
    async fn all_who_wait_get_their_turn() {
        let slots = Slots::new();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let all: Vec<_> = (0..200)
            .map(|n| {
                let slots = Arc::clone(&slots);
                let wanted = [vec![one], vec![other], vec![one, other]][n % 3].clone();
                tokio::spawn(async move {
                    let slot = slots.take(&wanted, false).await;
                    tokio::task::yield_now().await;
                    drop(slot);
                })
            })
            .collect();
        for task in all {
            tokio::time::timeout(Duration::from_secs(10), task).await.expect("no deadlock").expect("no panic");
        }
        assert!(slots.lock().is_empty());
    }

    #[test]
    fn a_host_is_one_address_in_every_spelling() {
        let check = |written: &str, host: &str| assert_eq!(host_of(address(written)), address(host), "{written}");
        check("203.0.113.7", "203.0.113.7");
        check("::ffff:203.0.113.7", "203.0.113.7");
        check("2a00:1:2:3:4:5:6:7", "2a00:1:2:3::");
        check("2a00:1:2:4:4:5:6:7", "2a00:1:2:4::");
    }
}
