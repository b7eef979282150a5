//! Shows mails and pages in a real headless Chromium: nothing wider than the screen, dark where the reader wants it dark.
//! It does not test the parts alone; their files do.

mod chromium;
mod sample;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use depeche::{
    digest::schedule::ScheduleLine,
    render::{
        AlertChoices, AlertDone, AlertMail, AlsoAt, ArticleFragmentInput, Choices, ConfirmationMail, DigestMail,
        Excerpt, FollowRow, FragmentCache, Href, MAX_CHARS, Note, Often, OwnSaid, OwnWords, PageContent, Pause,
        Section, Stories, Templates, UiLanguage,
    },
    topic::{FeedFacts, Query, query::Place},
};

use chromium::{Chromium, Scheme};
use sample::Piece;

fn input(n: usize, piece: &Piece) -> ArticleFragmentInput<'_> {
    ArticleFragmentInput {
        article_id: i64::try_from(n).expect("few articles"),
        rev: 1,
        text: &piece.text,
        first_seen: sample::sent(),
        source: piece.source,
        credit: None,
        also_at: if n == 0 {
            vec![
                AlsoAt { source: "Ouest Info", url: "https://ouest.example/trains" },
                AlsoAt { source: "Le Phare du Littoral", url: "https://phare.example/trains" },
            ]
        } else {
            Vec::new()
        },
        show_paid: true,
        image_allowed: false,
        excerpt: Excerpt::KeyPoints,
        max_chars: MAX_CHARS,
        words: Vec::new(),
        updated: false,
    }
}

fn digest(templates: &Templates, language: UiLanguage, note: Option<Note<'_>>) -> depeche::render::Rendered {
    let pieces = sample::pieces(language);
    let publisher = sample::publisher(language);
    let own = Query::parse("logement étudiant").expect("a filter");
    let found: Vec<Vec<Place>> =
        pieces.iter().map(|piece| own.highlights_in(&piece.text, &FeedFacts::default())).collect();
    let items: Vec<_> = pieces
        .iter()
        .zip(&found)
        .enumerate()
        .map(|(n, (piece, found))| ArticleFragmentInput { words: found.iter().collect(), ..input(n, piece) })
        .collect();
    let french = language == UiLanguage::Fr;
    let titles = if french { ["Transports", "Nantes", "Culture"] } else { ["Transport", "Milford", "Culture"] };
    DigestMail {
        publisher: &publisher,
        language,
        zone: Tz::Europe__Paris,
        slot_local: sample::slot(),
        schedule: &ScheduleLine::Daily { time: sample::slot().time() },
        sections: [&items[..3], &items[3..6], &items[6..9]]
            .iter()
            .zip(titles)
            .map(|(items, title)| Section { title, items: items.to_vec() })
            .collect(),
        brief: items[9..14].to_vec(),
        counted: 9,
        alerted: items[14..].to_vec(),
        nothing_today_for: vec!["Handball"],
        note,
        links: sample::links(),
        subscribed_on: NaiveDate::from_ymd_opt(2026, 3, 3).expect("a day in 2026"),
        topics: titles.into_iter().chain(["Handball"]).collect(),
        lead: None,
        proof: false,
    }
    .render(templates, &FragmentCache::default())
    .expect("a digest")
}

#[test]
fn a_digest_fits_every_screen_in_light_and_dark() {
    let Some(chromium) = Chromium::find() else { return };
    let templates = Templates::built_in();
    let note = Note::Editor("Les pages sportives changent de forme cette semaine. Dites-nous ce que vous en pensez.");
    for (name, language, note) in [
        ("digest-fr", UiLanguage::Fr, None),
        ("digest-en", UiLanguage::En, None),
        ("digest-note", UiLanguage::Fr, Some(note)),
    ] {
        let mail = digest(&templates, language, note);
        chromium.keep(&format!("{name}.txt"), &mail.decoded_text());
        check(&chromium, name, &mail.decoded_html());
    }
}

#[test]
fn the_pictured_digest_has_publishers_extracted_and_no_key_points() {
    let mail = digest(&Templates::built_in(), UiLanguage::Fr, None);
    let text = String::from_utf8(mail.decoded_text()).expect("UTF-8");
    let under = |title: &str| {
        let (_, after) = text.rsplit_once(&format!("\n{title}")).unwrap_or_else(|| panic!("no {title} in {text}"));
        after.lines().nth(2).expect("a third line").to_owned()
    };
    assert_eq!(under("Trains"), "L’essentiel");
    assert_eq!(under("Bibliothèques"), "L’essentiel · Résumé généré par IA");
    assert_eq!(under("Logement étudiant"), "Extraits");
    assert_eq!(text.matches("Vos mots").count(), 1, "{text}");
    assert!(text.contains("Logement, étudiant (dans le titre)"), "{text}");
    assert!(under("Vélo").starts_with("Fermée depuis mars"), "a standfirst has no heading");
    assert!(under("Un marché de Noël sans chalets").starts_with("Lire l’article"));
}

/// One look at each size and in each scheme.
fn check(chromium: &Chromium, name: &str, html: &[u8]) {
    for (width, scheme) in [(800, Scheme::Light), (800, Scheme::Dark), (360, Scheme::Light), (360, Scheme::Dark)] {
        let seen = chromium.look(html, width, scheme);
        assert_eq!(seen.overflow, Vec::<String>::new(), "{name} at {width} px: wider than the screen");
        assert_eq!(seen.small, Vec::<String>::new(), "{name} at {width} px: too small to be touched");
        assert_eq!(seen.dark, scheme == Scheme::Dark, "{name}: the background in {scheme:?}");
        assert!(seen.contrast >= 4.5, "{name} in {scheme:?}: contrast {} of {}", seen.contrast, seen.faintest);
        chromium.picture(html, width, scheme, &format!("{name}-{width}-{scheme:?}.png").to_lowercase());
    }
}

#[test]
fn alerts_and_letters_fit_every_screen() {
    let Some(chromium) = Chromium::find() else { return };
    let templates = Templates::built_in();
    let pieces = sample::pieces(UiLanguage::Fr);
    let publisher = sample::publisher(UiLanguage::Fr);
    let items: Vec<_> = pieces.iter().enumerate().map(|(n, p)| input(n, p)).collect();
    let link = sample::href("https://lettres.lefanal.example/x/kX9vQ2mT7bLw4RzNc1YpH8dGfJ3sVaUe6oMi0");
    let alert = AlertMail {
        publisher: &publisher,
        language: UiLanguage::Fr,
        zone: Tz::Europe__Paris,
        local: sample::slot(),
        topic: "Transports",
        items: items[..1].to_vec(),
        since: None,
        per_hour: 3,
        mute: Some(link.clone()),
        to_digest: Some(link.clone()),
        links: sample::links(),
        subscribed_on: NaiveDate::from_ymd_opt(2026, 3, 3).expect("a day in 2026"),
        proof: true,
    };
    let alert = alert.render(&templates, &FragmentCache::default()).expect("an alert");
    chromium.keep("alert.txt", &alert.decoded_text());
    check(&chromium, "alert", &alert.decoded_html());
    let letter = ConfirmationMail { publisher: &publisher, language: UiLanguage::Fr, confirm: &link, days: 7 };
    let letter = letter.render(&templates).expect("a letter");
    chromium.keep("confirm.txt", &letter.decoded_text());
    check(&chromium, "confirm", &letter.decoded_html());
}

/// What a reader can choose, as the pages offer it.
fn choices<'a>(post: &'a Href, often: &[Often<'a>]) -> Choices<'a> {
    let row = |field: &str, title: &'static str| FollowRow { field: field.to_owned(), title, often: often.to_vec() };
    Choices {
        post,
        unsubscribe: post,
        address: "c…@l….example",
        saved: true,
        paused: NaiveDate::from_ymd_opt(2026, 12, 8).map(Pause::Until),
        today: NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day"),
        followed: vec![row("link-1", "Transports"), row("link-2", "La ville de Nantes et toute sa métropole")],
        offered: vec![row("topic-sport", "Sport")],
        own: OwnWords {
            words: "logement étudiant, colocation",
            without: "Paris",
            often: often.to_vec(),
            said: Some(OwnSaid::Read {
                explained: "Articles qui parlent de logement et d’étudiant ou de colocation, sauf Paris".to_owned(),
                stories: Some(Stories {
                    count: 12,
                    about: false,
                    titles: ["Six cents chambres promises d’ici la rentrée", "La colocation gagne les petites villes"]
                        .map(str::to_owned)
                        .into(),
                }),
                followed: false,
            }),
        },
        often: often.to_vec(),
        updates: true,
        zones: vec!["America/Argentina/ComodRivadavia", "Europe/Paris"],
        zone: Tz::Europe__Paris,
        since: NaiveDate::from_ymd_opt(2026, 3, 3).expect("a day"),
    }
}

/// The page of one topic's alerts, before and after they were stopped.
fn alert_page<'a>(post: &'a Href, often: &[Often<'a>], done: Option<AlertDone>) -> AlertChoices<'a> {
    AlertChoices {
        post,
        topic: "La ville de Nantes et toute sa métropole",
        done,
        paused: None,
        alerted: done.is_none(),
        offered: often[..1].to_vec(),
        digests: done.map_or(&[][..], |_| &often[..1]).to_vec(),
        again: true,
        moved: done.map(|_| "morning"),
    }
}

#[test]
fn pages_fit_every_screen() {
    let Some(chromium) = Chromium::find() else { return };
    let templates = Templates::built_in();
    let publisher = sample::publisher(UiLanguage::Fr);
    let post = Href::path("/u/kX9vQ2mT7bLw4RzNc1YpH8dGfJ3sVaUe6oMi0").expect("a path");
    let line = ScheduleLine::Daily { time: sample::slot().time() };
    let titles = BTreeMap::new();
    let often = [("morning", Some(&line), true), ("instant", None, false)].map(|(value, line, chosen)| Often {
        value,
        line,
        titles: &titles,
        zone: Tz::Europe__Paris,
        chosen,
    });
    let pieces = sample::pieces(UiLanguage::Fr);
    let items = |range: std::ops::Range<usize>| range.map(|n| input(n, &pieces[n])).collect::<Vec<_>>();
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    for (name, content) in [
        (
            "page-unsubscribe",
            PageContent::Unsubscribe { post: &post, address: Some("c…@l….example"), today, often: often.to_vec() },
        ),
        ("page-unsubscribed", PageContent::Unsubscribed { undo: Some(&post) }),
        ("page-confirm", PageContent::Confirm { post: &post, address: "c…@l….example" }),
        ("page-alert", PageContent::Alert(alert_page(&post, &often, None))),
        ("page-alert-moved", PageContent::Alert(alert_page(&post, &often, Some(AlertDone::Moved)))),
        ("page-choices", PageContent::Choices(Box::new(choices(&post, &often)))),
        (
            "page-copy",
            PageContent::Copy {
                local: sample::sent().naive_utc(),
                zone: Tz::Europe__Paris,
                sections: vec![Section { title: "Transports", items: items(0..3) }],
                alerted: items(3..4),
            },
        ),
    ] {
        let page = content.render(&templates, &publisher, UiLanguage::Fr).expect("a page");
        check(&chromium, name, page.html.as_bytes());
    }
}
