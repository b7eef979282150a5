//! Finds letters and digits of ASCII eight bytes at a time, which is how most text is written.
//! It does not know what a word is; `units` does.

/// The same byte eight times.
pub(super) const fn eight(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Bytes of ASCII letters and digits at the beginning, and whether there are capitals among them. Eight bytes at a time.
pub(super) fn ascii_run(bytes: &[u8]) -> (usize, bool) {
    let (mut length, mut capitals) = (0, false);
    while let Some(chunk) = bytes[length..].first_chunk::<8>() {
        let chunk = u64::from_le_bytes(*chunk);
        let run = ((plain_bytes(chunk) ^ HIGH).trailing_zeros() / 8) as usize;
        // Of letters and digits only capitals lack this bit.
        let lacking = !chunk & eight(0x20);
        capitals |= run > 0 && lacking << (64 - 8 * run) != 0;
        length += run;
        if run < 8 {
            return (length, capitals);
        }
    }
    let rest = &bytes[length..];
    let run = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    (length + run, capitals || rest[..run].iter().any(u8::is_ascii_uppercase))
}

pub(super) const HIGH: u64 = eight(0x80);

/// The high bit of each byte that is an ASCII letter or digit: each byte is compared in its own eighth of a number.
pub(super) fn plain_bytes(chunk: u64) -> u64 {
    let low = chunk & !HIGH;
    (within(low | eight(0x20), b'a', b'z') | within(low, b'0', b'9')) & !chunk & HIGH
}

/// The high bit of each byte that is a small ASCII letter or a digit.
pub(super) fn small_bytes(chunk: u64) -> u64 {
    let low = chunk & !HIGH;
    (within(low, b'a', b'z') | within(low, b'0', b'9')) & !chunk & HIGH
}

/// Of the bytes that are `wanted`, the high bit of the first one; what is above it means nothing. Zero where there is none.
pub(super) fn first_of(chunk: u64, wanted: u8) -> u64 {
    let other = chunk ^ eight(wanted);
    other.wrapping_sub(eight(1)) & !other & HIGH
}

/// The high bit of each byte that is at least the first of a range, and not above its last; no byte is above 0x7f.
fn within(bytes: u64, first: u8, last: u8) -> u64 {
    (bytes + eight(0x80 - first)) & !(bytes + eight(0x7f - last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_letters_and_digits_is_found_eight_bytes_at_a_time_as_one_by_one() {
        for byte in 0..=255 {
            for length in 0..18 {
                for start in [b'a', b'z', b'0', b'9', b'A', b'Z'] {
                    let mut bytes = vec![start; length];
                    bytes.push(byte);
                    bytes.extend(b"b1-xxxxxxxxxx");
                    let run = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric()).expect("a hyphen");
                    let capitals = bytes[..run].iter().any(u8::is_ascii_uppercase);
                    assert_eq!(ascii_run(&bytes), (run, capitals), "{bytes:?}");
                    assert_eq!(ascii_run(&bytes[..run]), (run, capitals), "{bytes:?}");
                }
            }
        }
    }
}
