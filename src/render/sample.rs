//! Made-up contents with everything, and with as little as possible: what the load check draws.
//! No reader ever sees them.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{
    article::{AlsoAt, ArticleFragmentInput, Excerpt, MAX_CHARS, Sight},
    digest::Section,
    frame::HoleLink,
    href::Href,
    language::UiLanguage,
    letter::{Addition, AlreadySubscribedMail, ConfirmationMail},
    mail::Links,
    page::{
        AlertChoices, AlertDone, Choices, FollowRow, Often, OwnRefusal, OwnSaid, OwnWords, PageContent, Pause, Saying,
        Stories, TopicLine,
    },
    publisher::Publisher,
    stencil::Hole,
    template::{RenderError, Templates},
};
use crate::{
    article::{ArticleText, Image, KeyPoints, KeyPointsOrigin},
    topic::{
        analyze::Field,
        query::{Place, Where},
    },
};

fn href(address: &str) -> Href {
    address.parse().expect("a sample address is whole")
}

pub(super) fn publisher() -> Publisher {
    Publisher {
        name: "Le Fanal".to_owned(),
        home_url: href("https://lefanal.example/"),
        contact_email: "redaction@lefanal.example".to_owned(),
        from_address: "resume@lettres.lefanal.example".to_owned(),
        postal_address: "Le Fanal SAS, 1 rue de l’Exemple, 44000 Nantes".to_owned(),
        base_url: href("https://lettres.lefanal.example"),
    }
}

pub(super) fn unsubscribe() -> Href {
    href("https://lettres.lefanal.example/u/sample")
}

pub(super) fn path() -> Href {
    Href::path("/u/sample").expect("a sample path is one")
}

pub(super) fn few_links() -> Links {
    let change = href("https://lettres.lefanal.example/p/sample");
    Links { change, unsubscribe: unsubscribe(), less: None, pause: None, share: None, why: None, data: None, web: None }
}

pub(super) fn links() -> Links {
    let some = |path: &str| Some(href(&format!("https://lettres.lefanal.example/{path}/sample")));
    Links {
        less: some("less"),
        pause: some("pause"),
        share: some("share"),
        why: some("why"),
        data: some("data"),
        web: some("web"),
        ..few_links()
    }
}

/// The links of all kinds of mail at once.
pub(super) fn all_holes(links: &Links) -> Vec<HoleLink<'_>> {
    let mut holes: Vec<_> = links.holes().into();
    let rare = links.web.as_ref();
    holes.extend([(Hole::MuteUrl, "mute_url", rare), (Hole::DigestUrl, "digest_url", rare), (Hole::Url, "url", rare)]);
    holes
}

pub(super) fn sight(language: UiLanguage) -> Sight {
    Sight::new(language, Tz::Europe__Paris, noon())
}

fn noon() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 24).and_then(|d| d.and_hms_opt(12, 0, 0)).expect("a day in 2026")
}

fn instant() -> DateTime<Utc> {
    noon().and_utc()
}

static WORDS: LazyLock<[Place; 2]> =
    LazyLock::new(|| [own(Where::Field(Field::Title), "logement"), own(Where::Field(Field::Body), "étudiant")]);

pub(super) fn own(field: Where, word: &str) -> Place {
    Place { field, words: vec![word.to_owned()] }
}

pub(super) fn full_article() -> ArticleText {
    ArticleText {
        title: "Trains : ce qui change <lundi> & mardi".to_owned(),
        url: "https://lefanal.example/trains?a=1&b=2".to_owned(),
        language: UiLanguage::Fr.language(),
        published: Some(instant()),
        paragraphs: vec!["Un train sur trois circulera.".to_owned()],
        key_points: KeyPoints {
            origin: KeyPointsOrigin::Publisher,
            points: vec!["Un train sur trois circulera.".to_owned(), "Les abonnements seront remboursés.".to_owned()],
            ai_label: Some("Résumé fait par une machine, relu par la rédaction".to_owned()),
        },
        image: Some(Image { url: "https://lefanal.example/i.jpg".to_owned(), alt: "Un quai vide".to_owned() }),
        paid: true,
        ..ArticleText::default()
    }
}

pub(super) fn bare_article() -> ArticleText {
    ArticleText { title: "Nantes".to_owned(), url: "urn:none".to_owned(), ..ArticleText::default() }
}

pub(super) fn full_input(text: &ArticleText) -> ArticleFragmentInput<'_> {
    let also = AlsoAt { source: "Ouest Info", url: "https://ouest.example/a" };
    ArticleFragmentInput {
        credit: Some("avec agences"),
        also_at: vec![also, AlsoAt { url: "", ..also }, also],
        show_paid: true,
        image_allowed: true,
        words: WORDS.iter().collect(),
        updated: true,
        ..bare_input(text)
    }
}

pub(super) fn bare_input(text: &ArticleText) -> ArticleFragmentInput<'_> {
    ArticleFragmentInput {
        article_id: 1,
        rev: 1,
        text,
        first_seen: instant(),
        source: "Le Fanal",
        credit: None,
        also_at: Vec::new(),
        show_paid: false,
        image_allowed: false,
        excerpt: Excerpt::KeyPoints,
        max_chars: MAX_CHARS,
        words: Vec::new(),
        updated: false,
    }
}

pub(super) fn letters(templates: &Templates, publisher: &Publisher, language: UiLanguage) -> Result<(), RenderError> {
    let link = unsubscribe();
    ConfirmationMail { publisher, language, confirm: &link, days: 7 }.render(templates)?;
    let addition = Addition { title: "Sport", url: &link };
    for additions in [vec![], vec![addition]] {
        AlreadySubscribedMail { publisher, language, additions, settings: &link }.render(templates)?;
    }
    Ok(())
}

/// Every kind of page, with and without what may be absent.
pub(super) fn pages<'a>(path: &'a Href, link: &'a Href, article: &'a ArticleText) -> Vec<PageContent<'a>> {
    let topic = TopicLine { title: "Nantes", description: Some("La ville et ses quartiers") };
    let often = |chosen| vec![Often { value: "instant", line: None, titles: &NO_TITLES, zone: Tz::UTC, chosen }];
    let today = noon().date();
    let mut pages = vec![
        PageContent::Unsubscribe { post: path, address: Some("c…@lefanal.example"), today, often: often(true) },
        PageContent::Unsubscribe { post: path, address: None, today, often: vec![] },
        PageContent::Unsubscribed { undo: Some(link) },
        PageContent::Unsubscribed { undo: None },
        PageContent::Resubscribe { post: path },
        PageContent::Resubscribed,
        PageContent::Message {
            title: "Trop tard",
            paragraphs: vec!["Ce lien a expiré."],
            link: Some((link, "Recommencer")),
            error: true,
        },
        PageContent::Message { title: "Merci", paragraphs: vec![], link: None, error: false },
        PageContent::Index {
            topics: vec![topic, TopicLine { description: None, ..topic }],
            sign_up: Some((link, "S’inscrire")),
        },
        PageContent::Index { topics: vec![], sign_up: None },
        PageContent::Confirm { post: path, address: "c…@lefanal.example" },
        PageContent::Copy {
            local: noon(),
            zone: Tz::Europe__Paris,
            sections: vec![],
            alerted: vec![bare_input(article)],
        },
        PageContent::Copy {
            local: noon(),
            zone: Tz::Europe__Paris,
            sections: vec![Section { title: "Nantes", items: vec![full_input(article), bare_input(article)] }],
            alerted: vec![],
        },
    ];
    let read = OwnSaid::Read {
        explained: "Articles qui parlent de logement".to_owned(),
        stories: Some(Stories { count: 12, about: true, titles: vec!["Nantes".to_owned()] }),
        followed: true,
    };
    let refused = OwnSaid::Refused(OwnRefusal::TooBroad(300));
    for (saved, paused, said) in
        [(false, None, None), (true, Some(Pause::Open), Some(read)), (true, Some(Pause::Until(today)), Some(refused))]
    {
        let row = |field: &str, chosen| FollowRow { field: field.to_owned(), title: "Nantes", often: often(chosen) };
        pages.push(PageContent::Choices(Box::new(Choices {
            post: path,
            unsubscribe: path,
            address: "c…@lefanal.example",
            saved,
            paused,
            today,
            followed: if saved { vec![row("link-1", true)] } else { vec![] },
            offered: if saved { vec![row("topic-nantes", false)] } else { vec![] },
            often: often(false),
            own: OwnWords { words: "logement", without: "Paris", often: often(saved), said },
            updates: saved,
            zones: vec!["Europe/Paris", "America/New_York"],
            zone: Tz::Europe__Paris,
            since: today,
        })));
    }
    pages.extend(alerts(path, &often(true)));
    pages.extend(Saying::ALL.map(PageContent::Said));
    pages
}

/// The page of one topic's alerts: they come, were stopped, were moved to a digest by a reader who cannot have them again.
fn alerts<'a>(post: &'a Href, often: &[Often<'a>]) -> [PageContent<'a>; 3] {
    let standings = [(true, None, true), (false, Some(AlertDone::Muted), true), (false, Some(AlertDone::Moved), false)];
    standings.map(|(alerted, done, again)| {
        PageContent::Alert(AlertChoices {
            post,
            topic: "Nantes",
            done,
            paused: done.is_none().then_some(Pause::Open),
            alerted,
            offered: often.to_vec(),
            digests: often.to_vec(),
            again,
            moved: again.then_some("morning"),
        })
    })
}

static NO_TITLES: BTreeMap<UiLanguage, String> = BTreeMap::new();
