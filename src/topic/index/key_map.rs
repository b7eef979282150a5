//! A compact read-only map from 64-bit keys to one or more numbers.
//! It does not grow; it is built once from all its pairs.

/// Keys in buckets by their upper bits; about 14 bytes a pair.
#[derive(Debug, Default)]
pub(super) struct KeyMap {
    shift: u32,
    starts: Box<[u32]>,
    keys: Box<[u64]>,
    values: Box<[u32]>,
}

impl KeyMap {
    /// Builds the map; equal pairs are kept once.
    pub(super) fn new(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        // About two pairs a bucket.
        let bits = (pairs.len() / 2).max(1).next_power_of_two().trailing_zeros().max(1);
        let shift = 64 - bits;
        let mut starts = vec![0_u32; (1 << bits) + 1];
        for (key, _) in &pairs {
            starts[bucket(*key, shift) + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (keys, values): (Vec<u64>, Vec<u32>) = pairs.into_iter().unzip();
        Self { shift, starts: starts.into(), keys: keys.into(), values: values.into() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Every number kept under `key`.
    pub(super) fn get(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let range = if self.keys.is_empty() {
            0..0
        } else {
            let at = bucket(key, self.shift);
            self.starts[at] as usize..self.starts[at + 1] as usize
        };
        self.keys[range.clone()].iter().zip(&self.values[range]).filter(move |(k, _)| **k == key).map(|(_, v)| *v)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.keys) + size_of_val(&*self.values)
    }
}

fn bucket(key: u64, shift: u32) -> usize {
    usize::try_from(key >> shift).expect("the shift leaves as many bits as there are buckets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_key_is_found_and_no_other() {
        let pairs: Vec<(u64, u32)> = (0..1000_u32).map(|n| (u64::from(n % 300) << 50, n)).collect();
        let map = KeyMap::new(pairs.clone());
        for key in 0..310_u64 {
            let found: Vec<u32> = map.get(key << 50).collect();
            let wanted: Vec<u32> = pairs.iter().filter(|(k, _)| *k == key << 50).map(|(_, v)| *v).collect();
            assert_eq!(found, wanted, "{key}");
        }
        assert_eq!(KeyMap::new(Vec::new()).get(5).count(), 0);
    }
}
