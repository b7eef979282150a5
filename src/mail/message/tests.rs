//! Shows by cases what `mail::message` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;
use crate::delivery::Key;

struct Parts {
    from: Mailbox,
    to: Mailbox,
    reply_to: Mailbox,
    subject: HeaderText,
    list_id: ListId,
    https: HeaderUri,
    mailto: HeaderUri,
    key: Key,
}

fn parts() -> Parts {
    let address = |text: &str| text.parse::<Address>().expect("an address");
    Parts {
        from: Mailbox::new("Le Fanal", address("resume@lettres.lefanal.example")),
        to: Mailbox::from(address("claire@lecteur.example")),
        reply_to: Mailbox::from(address("redaction@lefanal.example")),
        subject: HeaderText::new("Trains\u{a0}: ce qui change lundi\r\nBcc: all@lecteur.example"),
        list_id: "resume.lettres.lefanal.example".parse().expect("a list id"),
        https: "https://lettres.lefanal.example/u/abc_DEF-1".parse().expect("a URI"),
        mailto: HeaderUri::mailto(&address("leave@lettres.lefanal.example"), "abc_DEF-1").expect("a URI"),
        key: Key::new(Kind::Digest, 7, b"slot"),
    }
}

fn bytes(parts: &Parts, kind: Kind, html: &[u8], text: &[u8]) -> String {
    let (message_id, boundary) = (parts.key.message_id("lettres.lefanal.example"), parts.key.boundary());
    let message = Message {
        from: &parts.from,
        to: &parts.to,
        reply_to: &parts.reply_to,
        subject: &parts.subject,
        date: DateTime::parse_from_rfc3339("2026-11-24T07:00:00+01:00").expect("a date"),
        message_id: &message_id,
        language: "fr".parse().expect("a language"),
        list_id: &parts.list_id,
        unsubscribe: kind.is_list_mail().then_some(Unsubscribe { https: &parts.https, mailto: &parts.mailto }),
        kind,
        html: Encoded::new(html).expect("encoded"),
        text: Encoded::new(text).expect("encoded"),
        boundary: &boundary,
    };
    let mut out = Vec::new();
    message.to_bytes(&mut out);
    assert!(!has_bare_line_end(&out));
    String::from_utf8(out).expect("ASCII")
}

#[test]
fn a_digest_is_these_bytes() {
    let parts = parts();
    let id = parts.key.to_string();
    let expected = format!(
        "From: Le Fanal <resume@lettres.lefanal.example>\r\n\
         To: claire@lecteur.example\r\n\
         Reply-To: redaction@lefanal.example\r\n\
         Subject: =?utf-8?q?Trains=C2=A0=3A_ce_qui_change_lundi_Bcc=3A_all=40lecteu?=\r\n =?utf-8?q?r=2Eexample?=\r\n\
         Date: Tue, 24 Nov 2026 07:00:00 +0100\r\n\
         Message-ID: <{id}@lettres.lefanal.example>\r\n\
         List-Id: <resume.lettres.lefanal.example>\r\n\
         List-Unsubscribe: <https://lettres.lefanal.example/u/abc_DEF-1>,\r\n \
         <mailto:leave@lettres.lefanal.example?subject=abc_DEF-1>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
         Auto-Submitted: auto-generated\r\n\
         Content-Language: fr\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative;\r\n boundary=\"=_{id}\"\r\n\
         \r\n\
         --=_{id}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         \r\n\
         T=C3=A9l=C3=A9\r\n\
         --=_{id}\r\n\
         Content-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         \r\n\
         <p>x</p>\r\n\
         --=_{id}--\r\n"
    );
    assert_eq!(bytes(&parts, Kind::Digest, b"<p>x</p>\r\n", b"T=C3=A9l=C3=A9"), expected);
}

#[test]
fn a_confirmation_is_no_list_mail() {
    let mail = bytes(&parts(), Kind::Confirmation, b"x", b"x");
    assert!(!mail.contains("List-"), "{mail}");
    assert!(mail.contains("\r\nReply-To: ") && mail.contains("\r\nAuto-Submitted: auto-generated\r\n"));
}

#[test]
fn the_same_delivery_gives_the_same_bytes() {
    assert_eq!(bytes(&parts(), Kind::Alert, b"a\r\n", b"b\r\n"), bytes(&parts(), Kind::Alert, b"a\r\n", b"b\r\n"));
}

#[test]
fn a_body_is_ascii_with_whole_line_ends() {
    let check = |body: &[u8], expected: Option<NotEncoded>| assert_eq!(Encoded::new(body).err(), expected, "{body:?}");
    check(b"", None);
    check(b"a=\r\nb\r\n\r\n.\r\n", None);
    check("é".as_bytes(), Some(NotEncoded::NotAscii));
    for bare in [&b"a\nb"[..], b"a\rb", b"\n\r", b"a\r\r\nb", b"a\r\n\n", b"a\r", b"\n.\r\n"] {
        check(bare, Some(NotEncoded::BareLineEnd));
    }
}

#[test]
fn a_list_uri_stays_in_its_brackets() {
    let check = |text: &str, good: bool| assert_eq!(text.parse::<HeaderUri>().is_ok(), good, "{text}");
    check("https://a.example/u?t=1&x=%2C", true);
    check("mailto:a@b.example?subject=x", true);
    check("https://a.example/>, <mailto:x@y.example", false);
    check("https://a.example/a,b", false);
    check("https://a.example/\r\nBcc: x", false);
    check("https://é.example/", false);
    check("javascript:alert(1)", false);
    check(&format!("https://a.example/{}", "a".repeat(URI_MAX)), false);
}

#[test]
fn a_list_id_is_dotted_labels() {
    let check = |text: &str, good: bool| assert_eq!(text.parse::<ListId>().is_ok(), good, "{text}");
    check("resume.lettres.example", true);
    check("resume", false);
    check("a..b", false);
    check("a.b>\r\nX: y", false);
}
