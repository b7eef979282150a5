//! Reads rows of a number and a text out of a binary COPY, whatever pieces it comes in.
//! It does not ask for the copy and knows no filters.

use super::super::Result;

/// What a binary COPY begins with, before its flags and the length of its extension (Postgres, COPY, binary format).
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const HEADER: usize = SIGNATURE.len() + 8;
/// The number of fields that stands where the rows end.
const END: i16 = -1;

/// The bytes that are not a whole row yet.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rest: Vec<u8>,
    begun: bool,
    ended: bool,
}

impl Rows {
    /// Takes the next piece and calls `found` for every row that is whole now.
    pub(super) fn push(&mut self, bytes: &[u8], mut found: impl FnMut(i64, &str)) -> Result<()> {
        self.rest.extend_from_slice(bytes);
        let mut cursor = Cursor(&self.rest);
        if !self.begun {
            let Some(header) = cursor.take(HEADER) else { return Ok(()) };
            if !header.starts_with(SIGNATURE) {
                return Err(damaged("it does not begin as one"));
            }
            self.begun = true;
        }
        let mut left = cursor.0.len();
        while let Some(row) = cursor.row()? {
            left = cursor.0.len();
            match row {
                Row::End => self.ended = true,
                Row::Of(id, text) => found(id, text),
            }
        }
        let read = self.rest.len() - left;
        self.rest.drain(..read);
        Ok(())
    }

    /// Whether the copy came to its end.
    pub(super) fn end(&self) -> Result<()> {
        if self.ended { Ok(()) } else { Err(damaged("it broke off")) }
    }
}

fn damaged(why: &str) -> sqlx::Error {
    sqlx::Error::Protocol(format!("the copy of the filters does not read: {why}"))
}

enum Row<'a> {
    Of(i64, &'a str),
    End,
}

/// Reads from the front of what came.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// None where the row is not whole yet.
    fn row(&mut self) -> Result<Option<Row<'a>>> {
        match self.array().map(i16::from_be_bytes) {
            None => Ok(None),
            Some(END) => Ok(Some(Row::End)),
            Some(2) => {
                let (Some(id), Some(text)) = (self.field()?, self.field()?) else { return Ok(None) };
                let id = id.try_into().map(i64::from_be_bytes).map_err(|_| damaged("an id is no number"))?;
                Ok(Some(Row::Of(id, str::from_utf8(text).map_err(|_| damaged("a text is not UTF-8"))?)))
            }
            Some(_) => Err(damaged("a row has not two fields")),
        }
    }

    fn field(&mut self) -> Result<Option<&'a [u8]>> {
        let Some(length) = self.array().map(i32::from_be_bytes) else { return Ok(None) };
        let length = usize::try_from(length).map_err(|_| damaged("a field is null"))?;
        Ok(self.take(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(rows: &[(i64, &str)]) -> Vec<u8> {
        let mut bytes = [SIGNATURE, &[0; 8]].concat();
        for (id, text) in rows {
            bytes.extend(2_i16.to_be_bytes());
            bytes.extend(8_i32.to_be_bytes());
            bytes.extend(id.to_be_bytes());
            bytes.extend(i32::try_from(text.len()).expect("short").to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend(END.to_be_bytes());
        bytes
    }

    #[test]
    fn rows_are_read_in_whatever_pieces_they_come() {
        let wanted = [(1, "énergie"), (i64::MAX, ""), (7, "\"a b\" -c")];
        let bytes = copy(&wanted);
        for size in 1..=bytes.len() {
            let (mut rows, mut found) = (Rows::default(), Vec::new());
            for piece in bytes.chunks(size) {
                rows.push(piece, |id, text| found.push((id, text.to_owned()))).expect("reads");
            }
            rows.end().expect("ended");
            assert_eq!(found.iter().map(|(id, text)| (*id, text.as_str())).collect::<Vec<_>>(), wanted, "{size}");
        }
    }

    #[test]
    fn a_copy_that_is_damaged_or_breaks_off_is_an_error() {
        let whole = copy(&[(1, "a")]);
        let read = |bytes: &[u8]| {
            let mut rows = Rows::default();
            rows.push(bytes, |_, _| {}).and_then(|()| rows.end())
        };
        assert!(read(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
        for (at, byte) in [(0, b'X'), (HEADER + 1, 3), (HEADER + 2, 0xff), (HEADER + 5, 4)] {
            let mut wrong = whole.clone();
            wrong[at] = byte;
            assert!(read(&wrong).is_err(), "{at}");
        }
    }
}
