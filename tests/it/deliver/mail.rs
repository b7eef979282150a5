//! What arrives: a mail with the headers of a list, and the same bytes when it is tried again.
//! How it looks is tested where it is rendered.

use std::time::Duration;

use depeche::{
    article::{ArticleText, RankedSentence},
    daemon::Stage,
    store::membership::Follow,
};

use super::{Act, At, SmtpServer, books, newsroom, once};
use crate::support::{
    context,
    newsroom::{Newsroom, relay, settings},
};

/// The header lines of a mail, unfolded.
fn headers(mail: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8(mail.to_vec()).expect("ASCII");
    let (head, _) = text.split_once("\r\n\r\n").expect("an empty line after the headers");
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines = unfolded.split("\r\n").filter_map(|line| line.split_once(": "));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn a_digest_arrives_with_the_headers_that_list_mail_needs() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let room = newsroom(&server, 1, 1).await;
    let outcome = room.deliver().await.expect("delivered");
    assert_eq!(outcome.did, 1);
    assert_eq!(room.states().await, books(&[("accepted", 1)]));
    let mails = server.seen().mails;
    let [(from, to, mail)] = &mails[..] else { panic!("{} mails came", mails.len()) };
    assert_eq!(
        (from.as_str(), to.as_slice()),
        ("retours@lettres.lefanal.example", &["reader0@lecteurs.example".to_owned()][..])
    );
    let headers = headers(mail);
    let one = |name: &str| {
        let all: Vec<&str> = headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str()).collect();
        assert_eq!(all.len(), 1, "{name} stands {} times", all.len());
        all[0].to_owned()
    };
    assert_eq!(one("From"), "Le Fanal <resume@lettres.lefanal.example>");
    assert_eq!(one("To"), "reader0@lecteurs.example");
    assert!(one("Reply-To").contains("redaction@lefanal.example"));
    assert_eq!(one("List-Id"), "<resume.lettres.lefanal.example>");
    let leave = one("List-Unsubscribe");
    assert!(leave.starts_with("<https://lettres.lefanal.example/u/"), "{leave}");
    assert!(leave.contains(", <mailto:partir@lettres.lefanal.example"), "{leave}");
    assert_eq!(one("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(one("Auto-Submitted"), "auto-generated");
    assert_eq!(one("Content-Language"), "fr");
    assert_eq!(one("Date"), "Tue, 24 Nov 2026 07:00:00 +0100", "the slot, on the reader's clock");
    assert!(one("Message-ID").ends_with("@lettres.lefanal.example>"));
    assert!(one("Content-Type").starts_with("multipart/alternative"));
    assert!(one("Subject").contains("tramway"), "{}", one("Subject"));
    assert_parses(mail);
}

/// Python's parser is strict about what it calls a defect; where there is none, the header test above has to do.
fn assert_parses(mail: &[u8]) {
    use std::io::Write as _;
    let script = "import sys,email,email.policy\nm=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)\n\
        d=[x for p in m.walk() for x in p.defects]\nt=[p.get_content() for p in m.walk() if not p.is_multipart()]\n\
        sys.exit(1 if d or len(t)!=2 or not all('tramway' in x for x in t) else 0)";
    let mut command = std::process::Command::new("python3");
    let spawned = command.args(["-c", script]).stdin(std::process::Stdio::piped()).spawn();
    let Ok(mut python) = spawned else { return };
    python.stdin.take().expect("a pipe").write_all(mail).expect("written");
    assert!(python.wait().expect("it ends").success(), "Python finds defects in the mail");
}

#[tokio::test]
async fn a_mail_that_is_tried_again_has_the_same_bytes() {
    // The server keeps what it refuses after the dot.
    let server = once(|at| *at == At::Dot, Act::Say(b"451 4.3.0 later")).await;
    let room = newsroom(&server, 1, 1).await;
    room.deliver().await.expect("delivered");
    assert_eq!(room.states().await, books(&[("planned", 1)]));
    assert_eq!(room.deliver().await.expect("nothing to do").did, 0, "it waits");
    room.pass(Duration::from_mins(5));
    assert_eq!(room.deliver().await.expect("delivered").did, 1);
    assert_eq!(room.states().await, books(&[("accepted", 1)]));
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1], "Date, Message-ID, boundary and all");
}

#[tokio::test]
async fn who_follows_words_of_their_own_reads_which_stand_where_and_their_sentences_first() {
    let server = SmtpServer::start(|_| Act::Usual).await;
    let mut room = Newsroom::empty(settings(vec![relay("main", server.address, 1)])).await;
    room.add_reader(0, "morning").await;
    let now = room.clock.now();
    for (name, filters) in [("anne", &["cyclistes"][..]), ("marc", &["title:tramway", "\"un bac\" OR gare"])] {
        let mut wanted = Vec::new();
        for filter in filters {
            let follow = Follow::Filter(context::canonical(filter));
            wanted.push(context::wanted(&room.pool, follow, "morning", "Europe/Paris").await);
        }
        context::reader(&room.pool, now, name, "Europe/Paris", &wanted).await;
    }
    let sentences =
        ["Le tramway ferme lundi.", "La ville paie tout.", "Chaque cycliste proteste.", "Un bac passe les cyclistes."];
    let mut text = context::text("Le tramway ferme", &sentences[..2].join(" "));
    text.paragraphs.push(sentences[2..].join(" "));
    text.ranked = (0..).zip(sentences).map(|(at, text)| RankedSentence { at, text: text.to_owned() }).collect();
    text.key_points.points = sentences[..2].iter().map(|point| (*point).to_owned()).collect();
    context::article(&room.pool, now, room.feed, ArticleText { author: Some("Anne Bac".into()), ..text }).await;
    room.round(Stage::Match).await.expect("match");
    room.plan_morning().await;
    assert_eq!(room.deliver().await.expect("delivered").did, 3);
    let mails = server.seen().mails;
    let check = |name: &str, words: Option<&str>, shown: [bool; 4]| {
        let (_, _, mail) = mails.iter().find(|(_, to, _)| to[0].starts_with(name)).expect("a mail");
        let mail = String::from_utf8(mail.clone()).expect("ASCII").replace("=\r\n", "").replace("\r\n", " ");
        let (text, html) = mail.split_once("text/html").expect("two parts");
        for part in [text, html] {
            assert_eq!(part.contains("Vos mots"), words.is_some(), "{name}: {part}");
            assert!(part.contains(words.unwrap_or_default()), "{name}: {part}");
            assert_eq!(sentences.map(|sentence| part.contains(sentence)), shown, "{name}: {part}");
        }
    };
    check("reader0", None, [true, true, false, false]);
    check("anne", Some("cycliste, cyclistes (dans le texte)"), [true, false, true, true]);
    check("marc", Some("tramway (dans le titre), Un bac (dans le texte)"), [true, false, false, true]);
}
