//! Turns the bytes of a feed into text, once, by evidence: byte order mark, valid UTF-8, then what is declared.
//! It does not look at what the text says beyond its declaration.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes at the start in which a declaration is looked for.
const DECLARATION_WINDOW: usize = 1_024;

/// So many valid characters to an invalid one are UTF-8 that was cut somewhere, whatever is declared: by chance no other text has them.
const DAMAGED: usize = 8;

/// A decoded document.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// A declared charset that no decoder here knows; the text may be wrong.
    pub(super) unknown_label: Option<String>,
}

/// Decodes `bytes`. Valid UTF-8 wins over any declaration: a text in another charset is practically never valid
/// UTF-8, while transports and templates are often at odds with what they carry.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let known = |text| Decoded { text, unknown_label: None };
    if let Some(wide) = utf32(bytes) {
        return known(Cow::Owned(wide));
    }
    if let Some((encoding, skip)) = utf16(bytes) {
        return known(encoding.decode_without_bom_handling(&bytes[skip..]).0);
    }
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let declared = declared_label(body);
    let of = |label: &str| Encoding::for_label(label.as_bytes());
    // ISO-2022-JP is seven-bit, so it passes as UTF-8; but the escape byte it needs is illegal in XML.
    if body.contains(&0x1B) && declared.as_deref().and_then(of) == Some(ISO_2022_JP) {
        return known(ISO_2022_JP.decode_without_bom_handling(body).0);
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return known(Cow::Borrowed(text));
    }
    let transport = content_type.and_then(charset_parameter);
    let said: Vec<&'static Encoding> = [&transport, &declared].into_iter().flatten().filter_map(|l| of(l)).collect();
    let unknown_label = [transport, declared].into_iter().flatten().find(|l| of(l).is_none());
    Decoded { text: by_declaration(body, &said), unknown_label }
}

/// For bytes that are not valid UTF-8: the declared charsets in order of trust, each only if it fits without error.
fn by_declaration<'a>(body: &'a [u8], said: &[&'static Encoding]) -> Cow<'a, str> {
    // Servers add Latin-1 by default, so a more particular declaration in the document is better evidence.
    let (defaults, particular): (Vec<&Encoding>, Vec<&Encoding>) = said.iter().partition(|e| **e == WINDOWS_1252);
    if mostly_utf8(body, DAMAGED) {
        return UTF_8.decode_without_bom_handling(body).0;
    }
    let fits = |encodings: &[&'static Encoding]| {
        let texts = encodings.iter().map(|encoding| encoding.decode_without_bom_handling(body));
        texts.filter(|(_, errors)| !errors).map(|(text, _)| text).min_by_key(|text| case_breaks(text))
    };
    if let Some(text) = fits(&particular).or_else(|| fits(&defaults)) {
        return text;
    }
    if mostly_utf8(body, 1) {
        return UTF_8.decode_without_bom_handling(body).0;
    }
    match particular.first() {
        // Some bad bytes in an otherwise plausible text, e.g. a cut Shift_JIS pair.
        Some(encoding) if *encoding != UTF_8 => encoding.decode_without_bom_handling(body).0,
        _ => WINDOWS_1252.decode_without_bom_handling(body).0,
    }
}

/// Small letters before capital ones: no language writes so, but what is written in one Cyrillic encoding and read in another.
fn case_breaks(text: &str) -> usize {
    let mut before = ' ';
    text.chars()
        .filter(|c| std::mem::replace(&mut before, *c).is_lowercase() && c.is_uppercase() && !c.is_ascii())
        .count()
}

/// Whether more than `times` as many of the non-ASCII sequences are valid UTF-8 as are not: a damaged or cut UTF-8 text, not a Latin-1 one.
fn mostly_utf8(body: &[u8], times: usize) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in body.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > times * bad
}

fn utf16(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    match bytes {
        [0xFF, 0xFE, ..] => Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => Some((UTF_16BE, 2)),
        [b'<' | b'{', 0, x, 0, ..] if *x != 0 => Some((UTF_16LE, 0)),
        [0, b'<' | b'{', 0, x, ..] if *x != 0 => Some((UTF_16BE, 0)),
        _ => None,
    }
}

/// UTF-32, which the WHATWG encodings leave out but old feed software wrote.
fn utf32(bytes: &[u8]) -> Option<String> {
    let (little, skip) = match bytes {
        [0xFF, 0xFE, 0, 0, ..] => (true, 4),
        [0, 0, 0xFE, 0xFF, ..] => (false, 4),
        [b'<' | b'{', 0, 0, 0, ..] => (true, 0),
        [0, 0, 0, b'<' | b'{', ..] => (false, 0),
        _ => return None,
    };
    let unit = |c: &[u8; 4]| if little { u32::from_le_bytes(*c) } else { u32::from_be_bytes(*c) };
    let chars = bytes[skip..].as_chunks::<4>().0.iter();
    Some(chars.map(|c| char::from_u32(unit(c)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// The charset of a `Content-Type` header (RFC 9110, section 8.3.2).
fn charset_parameter(content_type: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|p| p.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let value = value.trim().trim_matches(['"', '\'']).trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The encoding named by the XML declaration (XML 1.0, section 4.3.3).
fn declared_label(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(DECLARATION_WINDOW)]);
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?.trim();
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: Option<&str>, want: &str) {
        assert_eq!(decode(bytes, content_type).text, want);
    }

    #[test]
    fn valid_utf8_wins_over_any_declaration() {
        let text = "<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>";
        check(text.as_bytes(), Some("text/xml; charset=us-ascii"), text);
        check(&[b"\xEF\xBB\xBF", text.as_bytes()].concat(), None, text);
    }

    #[test]
    fn declared_charsets_are_used_where_they_fit() {
        check(
            b"<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\xEF\xF0</a>",
            None,
            concat!("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>", "пр</a>"),
        );
        check(b"<a>\xE9t\xE9</a>", Some("text/xml; charset=\"ISO-8859-1\""), "<a>été</a>");
        // The server's default Latin-1 against a particular declaration.
        check(
            b"<?xml version='1.0' encoding='koi8-r'?><a>\xD0\xD2</a>",
            Some("text/xml;charset=iso-8859-1"),
            concat!("<?xml version='1.0' encoding='koi8-r'?><a>", "пр</a>"),
        );
    }

    #[test]
    fn of_two_charsets_that_fit_the_one_counts_that_gives_words() {
        let russian = "Новости дня";
        for (declared, bytes) in [
            ("koi8-r", b"\xEE\xCF\xD7\xCF\xD3\xD4\xC9 \xC4\xCE\xD1"),
            ("windows-1251", b"\xCD\xEE\xE2\xEE\xF1\xF2\xE8 \xE4\xED\xFF"),
        ] {
            let head = format!("<?xml version='1.0' encoding='{declared}'?>");
            for transport in ["koi8-r", "windows-1251"] {
                let document = [head.as_bytes(), bytes].concat();
                check(&document, Some(&format!("text/xml; charset={transport}")), &format!("{head}{russian}"));
            }
        }
    }

    #[test]
    fn undeclared_latin_and_damaged_utf8_are_told_apart() {
        check(b"<a>caf\xE9</a>", None, "<a>café</a>");
        check("<a>été à \u{e9}".as_bytes().strip_suffix(b"\xA9").unwrap_or_default(), None, "<a>été à \u{fffd}");
        // One character cut by a program that counts bytes does not make the whole text another.
        let long = "été, forêt, où, là, dîner, naïf, œuf, ça";
        for said in [Some("text/xml; charset=iso-8859-1"), Some("text/xml; charset=windows-1251"), None] {
            check(&[long.as_bytes(), b"\xC3..."].concat(), said, &format!("{long}\u{fffd}..."));
        }
    }

    #[test]
    fn wide_encodings_are_seen_with_and_without_a_mark() {
        let wide = |s: &str, little: bool, mark: &[u8]| -> Vec<u8> {
            let units = s.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() });
            mark.iter().copied().chain(units).collect()
        };
        check(&wide("<é>", true, b"\xFF\xFE"), None, "<é>");
        check(&wide("<é>", false, b"\xFE\xFF"), None, "<é>");
        check(&wide("<?xml é>", true, b""), None, "<?xml é>");
        check(&wide("<?xml é>", false, b""), None, "<?xml é>");
        let four: Vec<u8> = "<é>".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        check(&four, None, "<é>");
    }

    #[test]
    fn an_unknown_charset_is_named() {
        let decoded = decode(b"<?xml version='1.0' encoding='cp037'?><a>\xE9</a>", None);
        assert_eq!(decoded.unknown_label.as_deref(), Some("cp037"));
    }
}
