//! The code of rows of words and of NEARs: how it is written, read, and what it requires.
//! It does not evaluate; `matching` does.

use std::borrow::Cow;

/// An offset and a term.
pub(super) type Placed = [u32; 2];

/// One row or NEAR; read from its code it borrows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row<'a> {
    /// Terms at offsets, `length` positions in all.
    Terms { length: u32, terms: Cow<'a, [Placed]> },
    /// Two rows close to each other.
    Near { distance: u32, ordered: bool, left: u32, right: u32 },
    /// Any of these rows.
    Any(Cow<'a, [u32]>),
}

const TERMS: u32 = 0;
const NEAR: u32 = 1;
const ANY: u32 = 2;

impl<'a> Row<'a> {
    /// First word: what it is in the lower two bits, a number above; then the rest.
    pub(super) fn encode(&self) -> Vec<u32> {
        match self {
            Self::Terms { length, terms } => {
                let mut code = vec![TERMS | length << 2];
                code.extend_from_slice(terms.as_flattened());
                code
            }
            Self::Near { distance, ordered, left, right } => {
                vec![NEAR | u32::from(*ordered) << 2 | distance << 3, *left, *right]
            }
            Self::Any(rows) => {
                let mut code = vec![ANY];
                code.extend_from_slice(rows);
                code
            }
        }
    }

    pub(super) fn decode(code: &'a [u32]) -> Self {
        let (head, rest) = code.split_first().expect("a row has a first word");
        match head & 3 {
            TERMS => Self::Terms { length: head >> 2, terms: rest.as_chunks().0.into() },
            NEAR => Self::Near { distance: head >> 3, ordered: head & 4 != 0, left: rest[0], right: rest[1] },
            _ => Self::Any(rest.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back_the_same() {
        for row in [
            Row::Terms { length: 3, terms: vec![[0, 7], [2, 9]].into() },
            Row::Near { distance: 100, ordered: true, left: 1, right: 2 },
            Row::Near { distance: 0, ordered: false, left: 1, right: 2 },
            Row::Any(vec![4, 5, 6].into()),
        ] {
            assert_eq!(Row::decode(&row.encode()), row);
        }
    }
}
