//! Shows by cases what `mail::header` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use proptest::prelude::*;

use super::*;
use crate::mail::address::Address;

fn written(write: impl Fn(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).expect("headers are ASCII here")
}

/// A naive reader of what is written: unfolds, and decodes encoded words as RFC 2047 says.
fn read_back(field: &str) -> String {
    let value = field.split_once(": ").expect("a field").1;
    let unfolded = value.strip_suffix("\r\n").expect("a line end").replace("\r\n ", " ");
    let mut bytes = Vec::new();
    let mut after_word = false;
    for token in unfolded.split_inclusive(' ') {
        let bare = token.trim_end_matches(' ');
        let Some(inner) = bare.strip_prefix("=?utf-8?").and_then(|t| t.strip_suffix("?=")) else {
            bytes.extend_from_slice(token.as_bytes());
            after_word = false;
            continue;
        };
        if after_word && bytes.last() == Some(&b'\x01') {
            bytes.pop();
        }
        let (encoding, payload) = inner.split_once('?').expect("two parts");
        let decoded = match encoding {
            "b" => base64::engine::general_purpose::STANDARD.decode(payload).expect("base64"),
            "q" => un_q(payload),
            other => panic!("an encoding `{other}`"),
        };
        // Each word has to hold whole characters.
        bytes.extend_from_slice(str::from_utf8(&decoded).expect("whole characters").as_bytes());
        after_word = true;
        if token.ends_with(' ') {
            // Stands for a blank that is dropped if another word follows.
            bytes.push(b'\x01');
        }
    }
    String::from_utf8(bytes).expect("UTF-8").replace('\x01', " ")
}

fn un_q(payload: &str) -> Vec<u8> {
    let bytes = payload.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'_' => out.push(b' '),
            b'=' => {
                out.push(u8::from_str_radix(&payload[at + 1..at + 3], 16).expect("two hexadecimal digits"));
                at += 2;
            }
            b => out.push(b),
        }
        at += 1;
    }
    out
}

#[test]
fn a_plain_subject_is_written_as_it_is_and_folded_at_a_blank() {
    let short = written(|out| text(out, "Subject", &"Trains: what changes on Monday".into()));
    assert_eq!(short, "Subject: Trains: what changes on Monday\r\n");
    let long = written(|out| text(out, "Subject", &"word ".repeat(30).as_str().into()));
    assert!(long.contains("\r\n word") && long.lines().all(|line| line.len() <= LINE), "{long}");
    assert_eq!(read_back(&long), "word ".repeat(30).trim_end());
}

#[test]
fn a_french_subject_is_q_and_a_cyrillic_one_is_b() {
    let french = written(|out| text(out, "Subject", &"Le tram T6 retardé d'un an, et 6 autres".into()));
    assert_eq!(french, "Subject: =?utf-8?q?Le_tram_T6_retard=C3=A9_d=27un_an=2C_et_6_autres?=\r\n");
    let cyrillic = written(|out| text(out, "Subject", &"Новости дня".into()));
    assert!(cyrillic.starts_with("Subject: =?utf-8?b?"), "{cyrillic}");
    assert_eq!(read_back(&cyrillic), "Новости дня");
}

#[test]
fn what_looks_like_an_encoded_word_is_encoded() {
    let field = written(|out| text(out, "Subject", &"=?utf-8?q?x?= is no word".into()));
    assert_eq!(read_back(&field), "=?utf-8?q?x?= is no word");
    assert!(!field.contains("=?utf-8?q?x?="), "{field}");
}

#[test]
fn a_display_name_is_an_atom_a_quoted_string_or_encoded() {
    let check = |name: &str, expected: &str| {
        let address: Address = "resume@lettres.example".parse().expect("an address");
        assert_eq!(written(|out| mailbox(out, "From", &Mailbox::new(name, address.clone()))), expected);
    };
    check("", "From: resume@lettres.example\r\n");
    check("Le Fanal", "From: Le Fanal <resume@lettres.example>\r\n");
    check("Fanal, \"Le\"", "From: \"Fanal, \\\"Le\\\"\" <resume@lettres.example>\r\n");
    check("L'Écho", "From: =?utf-8?b?TCfDiWNobw==?= <resume@lettres.example>\r\n");
    check("a@b.example", "From: \"a@b.example\" <resume@lettres.example>\r\n");
    check(
        "Une rédaction au nom long et fort long",
        "From: =?utf-8?q?Une_r=C3=A9daction_au_nom_long_et_fort_long?=\r\n <resume@lettres.example>\r\n",
    );
}

proptest! {
    #[test]
    fn any_text_reads_back_and_no_line_is_too_long(input in "\\PC{0,200}|[a-z =?_]{0,120}|(é|\u{202f}|🗞){0,120}") {
        let cleaned = HeaderText::new(&input);
        let field = written(|out| text(out, "Subject", &cleaned));
        prop_assert!(field.is_ascii() && field.ends_with("\r\n"));
        for line in field.trim_end().split("\r\n") {
            prop_assert!(line.len() <= LINE && !line.contains(['\r', '\n']));
            for word in line.split(' ').filter(|word| word.starts_with("=?utf-8?")) {
                prop_assert!(word.len() <= WORD && word.ends_with("?="));
            }
        }
        for continuation in field.trim_end().split("\r\n").skip(1) {
            prop_assert!(continuation.starts_with(' ') && !continuation.trim().is_empty());
        }
        prop_assert_eq!(read_back(&field), cleaned.as_str());
    }

    #[test]
    fn any_display_name_leaves_the_address_alone(name in "\\PC{0,120}|[ -~]{0,90}") {
        let address: Address = "a.reader@lecteur.example".parse().expect("an address");
        let field = written(|out| mailbox(out, "To", &Mailbox::new(&name, address.clone())));
        prop_assert!(field.is_ascii() && field.split("\r\n").all(|line| line.len() <= LINE + 24));
        let end = if HeaderText::new(&name).as_str().is_empty() { " a.reader@lecteur.example\r\n" } else { " <a.reader@lecteur.example>\r\n" };
        prop_assert!(field.ends_with(end));
    }
}
