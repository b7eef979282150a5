//! The digest as a reader's program sees it, in all languages.
//! They send nothing.

use proptest::prelude::*;

use super::*;
use crate::{article::ArticleText, render::sample};

struct Reader {
    publisher: Publisher,
    texts: Vec<ArticleText>,
    schedule: ScheduleLine,
}

impl Reader {
    fn new(articles: usize) -> Self {
        let texts = (0..articles)
            .map(|n| ArticleText {
                title: format!("Titre numéro {n} <b>"),
                url: format!("https://lefanal.example/{n}?a=1&b=2"),
                ..if n % 3 == 2 { sample::bare_article() } else { sample::full_article() }
            })
            .collect();
        let seven = chrono::NaiveTime::from_hms_opt(7, 0, 0).expect("seven");
        Self { publisher: sample::publisher(), texts, schedule: ScheduleLine::Daily { time: seven } }
    }

    fn items(&self) -> Vec<ArticleFragmentInput<'_>> {
        let numbered =
            |(n, text)| ArticleFragmentInput { article_id: i64::try_from(n).expect("few"), ..sample::full_input(text) };
        self.texts.iter().enumerate().map(numbered).collect()
    }

    /// Whole articles by twos under a heading, then brief, then alerted.
    fn mail(&self, language: UiLanguage, whole: usize, brief: usize) -> DigestMail<'_> {
        let items = self.items();
        let sight = sample::sight(language);
        let topics = ["Transports & Co", "Nantes", "Culture", "Sport", "Météo", "Économie"];
        DigestMail {
            publisher: &self.publisher,
            language,
            zone: sight.zone,
            slot_local: sight.local,
            schedule: &self.schedule,
            sections: items[..whole]
                .chunks(2)
                .zip(topics)
                .map(|(items, title)| Section { title, items: items.to_vec() })
                .collect(),
            brief: items[whole..whole + brief].to_vec(),
            counted: 9,
            alerted: items[whole + brief..].to_vec(),
            nothing_today_for: vec!["Handball"],
            note: Some(Note::Editor("Un mot <pour> vous.")),
            links: sample::links(),
            subscribed_on: NaiveDate::from_ymd_opt(2026, 3, 3).expect("a day"),
            topics: topics.to_vec(),
            lead: None,
            proof: false,
        }
    }
}

fn render(mail: &DigestMail<'_>) -> (Rendered, String, String) {
    let rendered = mail.render(&Templates::built_in(), &FragmentCache::default()).expect("a mail");
    let html = String::from_utf8(rendered.decoded_html()).expect("UTF-8");
    let text = String::from_utf8(rendered.decoded_text()).expect("UTF-8");
    (rendered, html, text)
}

/// Where each of `wanted` stands in `text`, one after the other.
fn in_order(text: &str, wanted: &[&str]) {
    let mut from = 0;
    for part in wanted {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("`{part}` is not where it belongs in\n{text}"));
        from += at + part.len();
    }
}

#[test]
fn everything_stands_in_its_order() {
    let reader = Reader::new(9);
    let (rendered, html, text) = render(&reader.mail(UiLanguage::Fr, 6, 2));
    assert_eq!(rendered.subject, "Titre numéro 0 <b>, et 16 autres articles");
    assert_eq!(rendered.preheader, "Titre numéro 1 <b> · Nantes".replace("Nantes", "Titre numéro 2 <b>"));
    in_order(
        &html,
        &[
            "<html lang=\"fr\">",
            "Titre numéro 1 &lt;b&gt; · Titre numéro 2 &lt;b&gt;",
            "href=\"https://lefanal.example/\"",
            "<h1",
            "Votre résumé du mardi 24 novembre</h1>",
            "17 articles · ",
            "Un mot &lt;pour&gt; vous.",
            "Au sommaire",
            "Transports &amp; Co",
            "<ol start=\"1\"",
            "<ol start=\"3\"",
            "<h2",
            "Transports &amp; Co",
            "<h3",
            "https://lefanal.example/0?a=1&amp;b=2",
            "L’essentiel",
            "Lire l’article",
            "Aussi chez",
            "Vos mots",
            "Nantes</h2>",
            "En bref",
            "Titre numéro 6",
            "et 9 autres\u{a0}: les voir sur le web",
            "Déjà reçu en alerte",
            "Titre numéro 8",
            "Rien aujourd’hui pour\u{a0}: Handball",
            "Vous recevez ce message parce que vous avez confirmé votre inscription le 3 mars 2026.",
            "Chaque jour à partir de 7\u{a0}h (heure de Paris) · Thèmes\u{a0}: Transports &amp; Co, Nantes",
            "/p/sample",
            "/less/sample",
            "/pause/sample",
            "href=\"https://lettres.lefanal.example/u/sample\"",
            "/share/sample",
            "Le Fanal SAS",
            "mailto:redaction@lefanal.example",
            "</html>",
        ],
    );
    in_order(
        &text,
        &[
            "Le Fanal\r\n",
            "Votre résumé du mardi 24 novembre · 17 articles",
            "Un mot <pour> vous.",
            "Au sommaire",
            "    1. Titre numéro 0 <b>\r\n    2. Titre numéro 1",
            "Transports & Co\r\n---",
            "https://lefanal.example/0?a=1&b=2\r\n",
            "En bref",
            "Déjà reçu en alerte",
            "Rien aujourd’hui pour",
            "Se désabonner\u{a0}:\r\nhttps://lettres.lefanal.example/u/sample\r\n",
        ],
    );
}

#[test]
fn parts_that_are_empty_leave_no_trace() {
    let reader = Reader::new(3);
    let mail = DigestMail {
        counted: 0,
        note: None,
        nothing_today_for: vec![],
        topics: vec![],
        links: sample::few_links(),
        ..reader.mail(UiLanguage::Fr, 3, 0)
    };
    let (_, html, text) = render(&mail);
    for absent in [
        "Au sommaire",
        "En bref",
        "Déjà reçu",
        "Rien aujourd’hui",
        "les voir",
        "Thèmes",
        "Pause",
        "Épreuve",
        "Partager",
        "Mot de la",
    ] {
        assert!(!html.contains(absent), "{absent} in {html}");
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    assert!(!text.contains("\r\n\r\n\r\n"), "two blank lines in {text}");
}

#[test]
fn the_articles_of_a_single_article_mail_speak_for_themselves() {
    let reader = Reader::new(1);
    let mail = DigestMail { counted: 0, ..reader.mail(UiLanguage::En, 1, 0) };
    let (rendered, ..) = render(&mail);
    assert_eq!(rendered.subject, "Titre numéro 0 <b>");
    assert_eq!(
        rendered.preheader,
        "Résumé fait par une machine, relu par la rédaction · Un train sur trois circulera."
    );
    assert_eq!(rendered.minutes, 1);
}

#[test]
fn the_frozen_lead_leads_the_subject() {
    let reader = Reader::new(4);
    for (lead, want) in [(None, "Titre numéro 0"), (Some(2), "Titre numéro 2"), (Some(9), "Titre numéro 0")] {
        let (rendered, ..) = render(&DigestMail { lead, ..reader.mail(UiLanguage::Fr, 4, 0) });
        assert!(rendered.subject.starts_with(want), "{lead:?}: {}", rendered.subject);
    }
}

#[test]
fn a_proof_says_so_in_every_part() {
    let reader = Reader::new(2);
    let (rendered, html, text) = render(&DigestMail { proof: true, ..reader.mail(UiLanguage::Fr, 2, 0) });
    assert!(rendered.subject.starts_with("[Épreuve] "), "{}", rendered.subject);
    assert!(html.contains("Épreuve\u{a0}:") && text.contains("Épreuve\u{a0}:"));
}

#[test]
fn readers_differ_only_where_their_mails_are_personal() {
    let reader = Reader::new(6);
    let mine = reader.mail(UiLanguage::Fr, 4, 2);
    let unsubscribe: crate::render::Href = "https://lettres.lefanal.example/u/another".parse().expect("an address");
    let other = DigestMail { links: Links { unsubscribe, ..sample::links() }, ..mine.clone() };
    let (_, mine, _) = render(&mine);
    let (_, other, _) = render(&other);
    assert_ne!(mine, other);
    assert_eq!(mine, other.replace("/u/another", "/u/sample"));
}

#[test]
fn the_same_mail_is_the_same_bytes_from_a_cold_and_a_warm_cache() {
    let reader = Reader::new(8);
    let mail = reader.mail(UiLanguage::De, 5, 2);
    let templates = Templates::built_in();
    let cache = FragmentCache::default();
    let cold = mail.render(&templates, &cache).expect("a mail");
    assert_eq!(mail.render(&templates, &cache).expect("a mail"), cold);
    assert_eq!(mail.render(&templates, &FragmentCache::new(0)).expect("a mail"), cold);
}

/// Open elements must be closed in order; void ones and `<!…>` aside.
fn balanced(html: &str) {
    let mut open = Vec::new();
    for tag in html.split('<').skip(1).map(|t| t.split('>').next().expect("a start")) {
        let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        if tag.starts_with('!') || matches!(name.as_str(), "meta" | "img" | "hr" | "br") {
            continue;
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "in {html}");
        } else {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<String>::new());
}

fn fit_for_the_wire(encoded: &[u8]) {
    let text = str::from_utf8(encoded).expect("ASCII");
    assert!(text.is_ascii() && text.ends_with("\r\n") && !text.ends_with("=\r\n"));
    assert!(!text.trim_end_matches("\r\n").is_empty() && !text.ends_with("\r\n\r\n"), "ends in blank lines");
    for line in text.split("\r\n") {
        assert!(
            line.len() <= 76 && !line.ends_with(' ') && !line.starts_with('.') && !line.contains(['\r', '\n']),
            "{line:?}"
        );
    }
}

fn fit_for_readers(html: &str, text: &str) {
    balanced(html);
    for part in [html, text] {
        assert!(!part.contains("{$") && !part.contains("{{") && !part.contains("null"), "{part}");
        assert!(!part.chars().any(crate::render::stencil::is_mark), "a hole was left open");
        for machine in ["depeche", "slot", "delivery", "suppression", "relay", "stage"] {
            assert!(!part.to_lowercase().contains(machine), "`{machine}` in {part}");
        }
        assert!(part.contains("https://lettres.lefanal.example/u/sample"), "no way out");
    }
    // A word longer than a line stands as it is.
    for line in text.lines().filter(|l| !l.contains("://") && l.split(' ').all(|w| w.chars().count() < 60)) {
        assert!(line.chars().count() <= 72, "{} columns: {line}", line.chars().count());
    }
    for (at, _) in html.match_indices("href=\"").chain(html.match_indices("src=\"")) {
        let value = html[at..].split('"').nth(1).expect("a value");
        assert!(["https://", "http://", "mailto:"].iter().any(|s| value.starts_with(s)), "{value}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_mail_is_fit_for_wire_and_reader(
        language in 0..4_usize, whole in 0..12_usize, brief in 0..10_usize, alerted in 0..3_usize, counted in 0..2000_usize,
        proof: bool, few: bool, note in 0..4_usize, title in "\\PC{0,100}",
    ) {
        let mut reader = Reader::new(whole + brief + alerted);
        if let Some(first) = reader.texts.first_mut() {
            first.title = title.replace('{', "");
        }
        let day = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
        let wrong = crate::render::Wrong { told: crate::render::Told::Alert, told_on: day, title: "Pont fermé", what: "le pont est ouvert" };
        let mut mail = reader.mail(UiLanguage::ALL[language], whole, brief);
        mail.counted = counted;
        mail.proof = proof;
        mail.note = [
            None,
            Some(Note::Correction(wrong)),
            Some(Note::Delay(chrono::TimeDelta::minutes(95))),
            Some(Note::AfterPause { from: day, to: day, total: 31, shown: 10 }),
        ][note].clone();
        if few {
            mail.links = sample::few_links();
        }
        let (rendered, html, text) = render(&mail);
        fit_for_the_wire(&rendered.html);
        fit_for_the_wire(&rendered.text);
        fit_for_readers(&html, &text);
        prop_assert!(plain::length(&rendered.preheader) <= PREHEADER);
        prop_assert!(rendered.subject.chars().all(|c| !c.is_control()));
    }
}
