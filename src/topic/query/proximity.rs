//! Spans of positions: where a row of words stands, and which spans are near each other.
//! It does not know words; callers bring sorted positions.

/// First and last position of an occurrence, both included.
pub(crate) type Span = (u32, u32);

/// Where all of `rows` stand at their offsets; each row's positions are sorted. `length` positions in all.
pub(crate) fn row_spans<P: AsRef<[u32]>>(rows: &[(u32, P)], length: u32) -> Vec<Span> {
    let Some((driver_offset, driver)) = rows.iter().min_by_key(|(_, positions)| positions.as_ref().len()) else {
        return Vec::new();
    };
    let starts = driver.as_ref().iter().filter_map(|position| position.checked_sub(*driver_offset));
    let stands = |start: &u32| {
        rows.iter().all(|(offset, positions)| positions.as_ref().binary_search(&(start + offset)).is_ok())
    };
    starts.filter(stands).map(|start| (start, start + length - 1)).collect()
}

/// Spans that cover one of `left` and its closest neighbour of `right`, at most `distance` positions apart and not
/// overlapping; where `ordered`, only with `left` first. Sorted. n log n in the number of spans.
pub(crate) fn near_spans(left: &[Span], right: &[Span], distance: u32, ordered: bool) -> Vec<Span> {
    let mut by_start = right.to_vec();
    by_start.sort_unstable();
    let mut by_end = right.to_vec();
    by_end.sort_unstable_by_key(|span| (span.1, span.0));
    let mut out = Vec::new();
    for (start, end) in left {
        let after = by_start.partition_point(|span| span.0 <= *end);
        if let Some(next) = by_start.get(after).filter(|next| next.0 - end - 1 <= distance) {
            out.push((*start, next.1));
        }
        let before = by_end.partition_point(|span| span.1 < *start);
        if !ordered
            && let Some(last) = before.checked_sub(1).map(|at| by_end[at])
            && start - last.1 - 1 <= distance
        {
            out.push((last.0, *end));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_stands_where_every_word_is_at_its_place() {
        assert_eq!(row_spans(&[(0, vec![1, 5, 9]), (1, vec![2, 10]), (2, vec![3, 8, 11])], 3), [(1, 3), (9, 11)]);
        assert_eq!(row_spans(&[(0, vec![1]), (1, vec![0, 3])], 2), []);
    }

    #[test]
    fn near_counts_the_words_in_between() {
        assert_eq!(near_spans(&[(1, 1)], &[(4, 4)], 2, false), [(1, 4)]);
        assert_eq!(near_spans(&[(1, 1)], &[(4, 4)], 1, false), []);
        assert_eq!(near_spans(&[(4, 4)], &[(1, 1)], 2, false), [(1, 4)]);
        assert_eq!(near_spans(&[(4, 4)], &[(1, 1)], 2, true), []);
        assert_eq!(near_spans(&[(1, 2)], &[(2, 3)], 9, false), [], "an overlap is not nearness");
    }
}
