//! Finds identifiers and addresses that stand on different entries and so identify none of them.
//! Entries that share an identifier but not an address are told apart by the file above.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Memory, Policy, Remark};
use crate::feed::{
    Entry,
    identity::{Keys, TEXT_KEY, guid_key},
};

/// Titles at once under one address from which it identifies nothing, and under one identifier with one address: two of those may
/// be a piece and its update.
const TITLES_OF_ADDRESS: usize = 2;
const TITLES_OF_GUID: usize = 3;
/// Identifiers and addresses of a feed remembered as those of several entries; a feed has a home page and a ticker, or none.
const MAX_SHARED: usize = 8;

/// Identifiers, and addresses of entries without one, under which different titles stand and nothing else tells them apart: here, or
/// as remembered.
pub(super) fn shared_keys(entries: &[Entry], all: &[Keys], memory: &Memory) -> FxHashSet<String> {
    let mut titles_of: FxHashMap<&str, (Option<&str>, FxHashSet<&str>)> = FxHashMap::default();
    let mut shared: FxHashSet<String> = memory.shared_keys.iter().cloned().collect();
    let mut told_apart: FxHashSet<&str> = FxHashSet::default();
    for (k, entry) in all.iter().zip(entries) {
        let (url, titles) = titles_of.entry(&k.guid).or_insert_with(|| (k.url.as_deref(), FxHashSet::default()));
        if *url != k.url.as_deref() {
            told_apart.insert(&k.guid);
        }
        titles.insert(&entry.title);
        let has_guid = entry.guid.is_some() && memory.policy == Policy::Guid;
        if titles.len() >= if has_guid { TITLES_OF_GUID } else { TITLES_OF_ADDRESS } {
            shared.insert(k.guid.clone());
        }
    }
    shared.retain(|key| !told_apart.contains(key.as_str()));
    shared
}

impl Memory {
    /// Learns from entries that are known by their text what they would be known by.
    pub(super) fn learn_shared(&mut self, entries: &[Entry], keys: &[Keys], remarks: &mut Vec<Remark>) {
        for (k, entry) in keys.iter().zip(entries).filter(|(k, _)| k.guid.starts_with(TEXT_KEY)) {
            let guid = entry.guid.as_deref().filter(|_| self.policy == Policy::Guid).map(guid_key);
            let Some(key) = guid.or_else(|| k.url.clone()) else { continue };
            if key != k.guid && !self.shared_keys.contains(&key) && self.shared_keys.len() < MAX_SHARED {
                remarks.push(Remark::SharedKey { key: key.clone() });
                self.shared_keys.push(key);
            }
        }
    }
}
