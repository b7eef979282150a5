//! Reads what the demo's mailbox caught: the subject it lists and the two parts it shows.
//! It reads the form in which depeche writes, not everything that mail may be.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The parts of a mail that are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// Takes a mail apart.
pub(super) fn parts(mail: &[u8]) -> Parts {
    let mail = String::from_utf8_lossy(mail).replace("\r\n", "\n");
    let (head, body) = mail.split_once("\n\n").unwrap_or((&mail, ""));
    let mut parts = Parts { subject: words(&header(head, "subject")), ..Parts::default() };
    let content_type = header(head, "content-type");
    let boundary = content_type.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
    let Some(boundary) = boundary else {
        parts.text = decoded(head, body);
        return parts;
    };
    for part in body.split(&format!("--{boundary}")).skip(1) {
        let Some((head, body)) = part.trim_start_matches('\n').split_once("\n\n") else { continue };
        let text = decoded(head, body);
        if header(head, "content-type").starts_with("text/html") {
            parts.html = text;
        } else {
            parts.text = text;
        }
    }
    parts
}

/// A header, unfolded.
fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines();
    let begins = |line: &&str| line.split(':').next().is_some_and(|n| n.eq_ignore_ascii_case(name));
    let Some(first) = lines.find(begins) else { return String::new() };
    let mut value = first.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push(' ');
        value.push_str(line.trim_start());
    }
    value
}

fn decoded(head: &str, body: &str) -> String {
    let bytes = match header(head, "content-transfer-encoding").to_ascii_lowercase().as_str() {
        "quoted-printable" => quoted(body, false),
        "base64" => STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap_or_default(),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Quoted-printable (RFC 2045, 6.7); in headers an underscore is a space (RFC 2047, 4.2).
fn quoted(text: &str, in_header: bool) -> Vec<u8> {
    let hex = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'=' if bytes.get(at + 1) == Some(&b'\n') => at += 1,
            b'=' => match bytes.get(at + 1..at + 3).and_then(hex) {
                Some(byte) => {
                    out.push(byte);
                    at += 2;
                }
                None => out.push(b'='),
            },
            b'_' if in_header => out.push(b' '),
            byte => out.push(byte),
        }
        at += 1;
    }
    out
}

/// A header's text with its encoded words decoded (RFC 2047); the space between two of them is none.
fn words(value: &str) -> String {
    let mut out: Vec<u8> = Vec::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let before = &rest[..start];
        if !(after_word && before.trim().is_empty()) {
            out.extend_from_slice(before.as_bytes());
        }
        let mut fields = rest[start + 2..].splitn(4, '?');
        let (Some(_), Some(encoding), Some(text), Some(end)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            break;
        };
        out.extend(if encoding.eq_ignore_ascii_case("b") {
            STANDARD.decode(text).unwrap_or_default()
        } else {
            quoted(text, true)
        });
        rest = end.strip_prefix('=').unwrap_or(end);
        after_word = true;
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_of_two_parts_comes_apart_as_it_was_written() {
        let mail = "Subject: =?utf-8?Q?Trains_:?=\r\n =?utf-8?B?IMOpdMOp?= et 2 autres\r\nFrom: Le Fanal <a@b.example>\r\n\
                    Content-Type: multipart/alternative;\r\n boundary=\"xyz\"\r\n\r\n--xyz\r\nContent-Type: text/plain; charset=utf-8\r\n\
                    Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9t=\r\n=C3=A9 a=3Db\r\n--xyz\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--xyz--\r\n";
        let parts = parts(mail.as_bytes());
        assert_eq!(parts.subject, "Trains : été et 2 autres");
        assert_eq!(parts.text.trim_end(), "été a=b");
        assert_eq!(parts.html.trim_end(), "<p>x</p>");
    }
}
