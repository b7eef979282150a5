//! A compact read-only map from 64-bit keys to one or more numbers.
//! It does not grow; it is built once from all its pairs.

/// Slots of a bucket: as many as a word has bytes, so that one look at their tags answers for all of them.
const SLOTS: usize = 8;
/// Keys for each bucket on average; one in a hundred buckets is full, and then the next one is looked at too.
const AIMED: usize = 3;
/// Of a value: it is the place in `many` of the numbers of this key. A tag has the same bit of its byte.
const MANY: u32 = 1 << 31;

const LOW: u64 = u64::from_le_bytes([0x01; 8]);
const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// Buckets of eight slots. What most questions need are the tags alone, eight of them in one word and few enough to stay in
/// the cache: most words of an article are asked for by no filter.
#[derive(Debug, Default)]
pub(super) struct KeyMap {
    /// By bucket: a byte of each slot's key with the high bit set, zero where the slot is empty.
    tags: Box<[u64]>,
    slots: Box<[Slot]>,
    /// How many numbers a key has, and the numbers.
    many: Box<[u32]>,
}

/// In halves, so that a slot has twelve bytes and not sixteen.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    low: u32,
    high: u32,
    value: u32,
}

/// Slots of a bucket that have the tag of a key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Likely {
    /// Which key it is.
    word: u32,
    bucket: u32,
    /// The high bit of each such slot's byte.
    slots: u64,
}

impl KeyMap {
    /// Builds the map; equal pairs are kept once. Values are below 2^31.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let keys = pairs.chunk_by(|a, b| a.0 == b.0).count();
        let buckets = keys.div_ceil(AIMED);
        let mut map = Self {
            tags: vec![0; buckets].into(),
            slots: vec![Slot::default(); buckets * SLOTS].into(),
            many: Box::default(),
        };
        let mut many = Vec::new();
        for equal in pairs.chunk_by(|a, b| a.0 == b.0) {
            let (key, mut value) = equal[0];
            if equal.len() > 1 {
                value = half(many.len() as u64) | MANY;
                many.push(half(equal.len() as u64));
                many.extend(equal.iter().map(|(_, value)| *value));
            }
            map.put(key, value);
        }
        map.many = many.into();
        map
    }

    fn put(&mut self, key: u64, value: u32) {
        let mut bucket = place(key, self.tags.len());
        while is_full(self.tags[bucket]) {
            bucket = after(bucket, self.tags.len());
        }
        let slot = (!self.tags[bucket] & HIGH).trailing_zeros() as usize / 8;
        self.tags[bucket] |= tag(key) << (8 * slot);
        self.slots[bucket * SLOTS + slot] = Slot { low: half(key), high: half(key >> 32), value };
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// Every number kept under `key`.
    pub(super) fn get(&self, key: u64) -> &[u32] {
        if self.is_empty() {
            return &[];
        }
        let mut bucket = place(key, self.tags.len());
        loop {
            let tags = self.tags[bucket];
            let found = self.among(bucket, alike(tags, key), key);
            if !found.is_empty() || !is_full(tags) {
                return found;
            }
            bucket = after(bucket, self.tags.len());
        }
    }

    /// Appends each number kept under one of these keys, with the key's place among them. All tags are looked at before any slot, and
    /// no branch depends on what is there, so that the cache misses overlap. `likely` is working memory.
    pub(super) fn find_all(&self, keys: &[u64], likely: &mut Vec<Likely>, found: &mut Vec<(u32, u32)>) {
        if self.is_empty() {
            return;
        }
        if likely.len() < keys.len() {
            likely.resize(keys.len(), Likely::default());
        }
        let (tags, all) = (&self.tags[..], &mut likely[..]);
        let mut count = 0;
        for (word, key) in (0..).zip(keys) {
            let bucket = place(*key, tags.len());
            let tags = tags[bucket];
            let slots = alike(tags, *key);
            all[count] = Likely { word, bucket: half(bucket as u64), slots };
            count += usize::from(slots != 0 || is_full(tags));
        }
        let mut end = found.len();
        found.resize(end + count, (0, 0));
        for Likely { word, bucket, slots } in &likely[..count] {
            let key = &keys[*word as usize];
            let slot = self.slots[*bucket as usize * SLOTS + slots.trailing_zeros() as usize / 8 % SLOTS];
            let only = slot.low == half(*key) && slot.high == half(key >> 32) && slot.value & MANY == 0;
            found[end] = (*word, slot.value);
            end += usize::from(only);
            if !only {
                let numbers = self.get(*key);
                found.splice(end..end, numbers.iter().map(|number| (*word, *number)));
                end += numbers.len();
            }
        }
        found.truncate(end);
    }

    /// The numbers of the key, where one of these slots holds it.
    fn among(&self, bucket: usize, mut slots: u64, key: u64) -> &[u32] {
        let (low, high) = (half(key), half(key >> 32));
        while slots != 0 {
            let slot = &self.slots[bucket * SLOTS + slots.trailing_zeros() as usize / 8];
            if slot.low == low && slot.high == high {
                return self.numbers(&slot.value);
            }
            slots &= slots - 1;
        }
        &[]
    }

    fn numbers<'a>(&'a self, value: &'a u32) -> &'a [u32] {
        if value & MANY == 0 {
            return std::slice::from_ref(value);
        }
        let at = (value & !MANY) as usize;
        &self.many[at + 1..][..self.many[at] as usize]
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.tags) + size_of_val(&*self.slots) + size_of_val(&*self.many)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn half(key: u64) -> u32 {
    key as u32
}

/// The bucket where the search for a key begins, by its upper half.
fn place(key: u64, buckets: usize) -> usize {
    half(((key >> 32) * buckets as u64) >> 32) as usize
}

fn after(bucket: usize, buckets: usize) -> usize {
    if bucket + 1 == buckets { 0 } else { bucket + 1 }
}

fn tag(key: u64) -> u64 {
    key & 0xff | 0x80
}

fn is_full(tags: u64) -> bool {
    tags & HIGH == HIGH
}

/// The slots whose tag is the key's, and perhaps others: the well-known test for a zero byte errs above one that is zero.
fn alike(tags: u64, key: u64) -> u64 {
    let zero = tags ^ (tag(key) * LOW);
    zero.wrapping_sub(LOW) & !zero & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_key_is_found_and_no_other() {
        // Keys that all begin at few buckets, keys of one tag, and keys spread as hashes are.
        for spread in [1 << 50, 1 << 40, 0x9e37_79b9_7f4a_7c15_u64] {
            let key = |n: u32| u64::from(n).wrapping_mul(spread);
            let pairs: Vec<(u64, u32)> = (0..1000_u32).map(|n| (key(n % 300), n)).chain([(key(300), 7)]).collect();
            let map = KeyMap::new(pairs.clone());
            let wanted = |n: u32| pairs.iter().filter(|(k, _)| *k == key(n)).map(|(_, v)| *v).collect::<Vec<u32>>();
            let mut all = Vec::new();
            for (word, n) in (0..310).zip(0..310) {
                assert_eq!(map.get(key(n)), wanted(n), "{n}");
                all.extend(wanted(n).into_iter().map(|value| (word, value)));
            }
            let mut found = Vec::new();
            let asked: Vec<u64> = (0..310).map(key).collect();
            map.find_all(&asked, &mut Vec::new(), &mut found);
            found.sort_unstable();
            assert_eq!(found, all);
        }
        assert!(KeyMap::new(Vec::new()).get(5).is_empty());
        assert_eq!(KeyMap::new(vec![(5, 1)]).get(5), [1]);
    }
}
