//! The short form of a list of filter ids, as one match row keeps it.
//! It does not know what matched.

/// Stored ids that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the stored list of filters is damaged at byte {0}: match the article again")]
pub struct MatchRowError(usize);

/// Sorted, different, non-negative ids as differences in LEB128: about 2 bytes an id at 10,000 of a million.
///
/// # Panics
/// Where the ids are not sorted or negative; [`super::Index::matches`] gives them sorted.
pub fn encode_ids(ids: &[i64]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ids.len() * 2);
    let mut before = 0_i64;
    for id in ids {
        let mut rest = u64::try_from(id - before).expect("ids are sorted and not negative");
        before = *id;
        while rest >= 0x80 {
            out.push(u8::try_from(rest & 0x7f).expect("seven bits") | 0x80);
            rest >>= 7;
        }
        out.push(u8::try_from(rest).expect("below 0x80"));
    }
    out
}

/// Reads [`encode_ids`] back.
pub fn decode_ids(bytes: &[u8]) -> Result<Vec<i64>, MatchRowError> {
    let mut ids = Vec::with_capacity(bytes.len() / 2);
    let (mut before, mut rest, mut shift) = (0_i64, 0_u64, 0_u32);
    for (at, byte) in bytes.iter().enumerate() {
        if shift > 56 {
            return Err(MatchRowError(at));
        }
        rest |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            let step = i64::try_from(rest).map_err(|_| MatchRowError(at))?;
            before = before.checked_add(step).ok_or(MatchRowError(at))?;
            ids.push(before);
            (rest, shift) = (0, 0);
        }
    }
    if shift == 0 { Ok(ids) } else { Err(MatchRowError(bytes.len())) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorted_ids_read_back_the_same(ids in proptest::collection::btree_set(0..i64::MAX, 0..50)) {
            let ids: Vec<i64> = ids.into_iter().collect();
            prop_assert_eq!(decode_ids(&encode_ids(&ids)), Ok(ids));
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode_ids(&bytes);
        }
    }

    #[test]
    fn a_row_cut_short_is_refused() {
        let bytes = encode_ids(&[300]);
        assert_eq!(decode_ids(&bytes[..1]), Err(MatchRowError(1)));
    }
}
