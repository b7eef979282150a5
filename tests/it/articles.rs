//! Shows articles and key points from fixtures of our own.
//! It does not test the parts alone; their files do.

#[path = "../fixtures/articles/read.rs"]
mod read;
#[path = "../fixtures/articles/rouge.rs"]
mod rouge;

use std::collections::BTreeSet;

use depeche::article::{
    ArticleText, Form, KeyPointsOrigin, boilerplate,
    extract::{ExtractSettings, Extracted, FeedPart, Page, from_feed, from_page, from_plain_text, needs_page},
    preview::{Source, preview},
    sentences,
    story::{Signature, same_story},
};
use read::{Sample, samples};

fn as_page(sample: &Sample) -> Extracted {
    from_page(&sample.source(), None, &ExtractSettings::default())
}

fn as_feed(sample: &Sample) -> Extracted {
    let part = FeedPart {
        title: sample.title.clone(),
        url: format!("https://news.example/{}?utm_source=rss", sample.name),
        content_html: Some(sample.html()),
        language: sample.language.parse().expect("a tag"),
        ..FeedPart::default()
    };
    from_feed(&part, None, &ExtractSettings::default())
}

fn as_plain(sample: &Sample) -> Extracted {
    from_plain_text(&sample.source(), Some(&sample.title), &ExtractSettings::default())
}

/// Every way a sample comes to us.
fn readings(sample: &Sample) -> Vec<(&'static str, Extracted)> {
    if sample.is_plain() {
        vec![("plain", as_plain(sample))]
    } else {
        vec![("page", as_page(sample)), ("feed", as_feed(sample))]
    }
}

#[test]
fn the_publishers_block_is_kept_word_for_word_and_not_repeated() {
    for sample in samples().iter().filter(|s| !s.points.is_empty()) {
        for (how, read) in readings(sample) {
            let article = read.article;
            assert_eq!(article.key_points.origin, KeyPointsOrigin::Publisher, "{} as {how}", sample.name);
            assert_eq!(article.key_points.points, sample.points, "{} as {how}", sample.name);
            assert_eq!(article.key_points.ai_label.is_some(), sample.skin == "ai", "{} as {how}", sample.name);
            assert!(!article.paragraphs.iter().any(|p| sample.points.contains(p)), "{} as {how}", sample.name);
        }
    }
}

#[test]
fn no_block_is_seen_where_there_is_none() {
    for sample in samples().iter().filter(|s| s.points.is_empty()) {
        for (how, read) in readings(sample) {
            assert_ne!(read.article.key_points.origin, KeyPointsOrigin::Publisher, "{} as {how}", sample.name);
        }
    }
}

#[test]
fn the_body_is_whole_and_without_boilerplate() {
    // A table of contents without links reads like any list; it may stay in the body, never among the points.
    for sample in samples().iter().filter(|s| !matches!(s.skin.as_str(), "toc" | "ingredients")) {
        for (how, read) in readings(sample) {
            assert_eq!(read.article.paragraphs, sample.body, "{} as {how}: {:?}", sample.name, read.removed);
        }
    }
}

#[test]
fn no_boilerplate_is_among_the_sentences_that_may_be_shown() {
    for sample in samples() {
        for (how, read) in readings(&sample) {
            let shown = read.article.ranked.iter().map(|r| &r.text).chain(&read.article.key_points.points);
            for text in shown {
                assert!(
                    !sample.boilerplate.iter().any(|b| text.contains(b.as_str())),
                    "{} as {how}: {text}",
                    sample.name
                );
            }
        }
    }
}

#[test]
fn the_language_is_told_from_the_text() {
    for sample in samples().iter().filter(|s| s.skin != "captions") {
        let read = from_plain_text(&sample.body.join("\n\n"), None, &ExtractSettings::default());
        assert_eq!(read.article.language.code(), sample.language, "{}", sample.name);
    }
}

#[test]
fn extracted_points_are_verbatim_few_and_never_below_the_first_three_sentences() {
    let (mut ours, mut lead) = ([0.0; 3], [0.0; 3]);
    for sample in samples() {
        let article =
            from_plain_text(&sample.body.join("\n\n"), Some(&sample.title), &ExtractSettings::default()).article;
        let all: Vec<&str> = sample.body.iter().flat_map(|p| sentences::split(p, article.language)).collect();
        if all.len() < 6 {
            continue;
        }
        let points = &article.key_points.points;
        assert!((2..=4).contains(&points.len()), "{}", sample.name);
        assert!(points.iter().map(|p| p.chars().count()).sum::<usize>() <= 600, "{}", sample.name);
        assert!(
            points.iter().all(|p| sample.body.iter().any(|b| b.contains(p.as_str()))),
            "{}: {points:?}",
            sample.name
        );
        assert!(article.ranked.len() <= 8, "{}", sample.name);
        for (sum, candidate) in [(&mut ours, points.join(" ")), (&mut lead, all[..3].join(" "))] {
            for (sum, value) in sum.iter_mut().zip(rouge::rouge(&sample.standfirst, &candidate)) {
                *sum += value;
            }
        }
    }
    for (name, (ours, lead)) in ["ROUGE-1", "ROUGE-2", "ROUGE-L"].iter().zip(ours.iter().zip(lead)) {
        assert!(*ours >= lead, "{name}: {ours} against {lead}");
    }
}

#[test]
fn typography_survives_to_the_points() {
    let read = from_page(
        "<html lang=fr><body><article><h1>Le pont</h1><h2>L’essentiel</h2><ul><li>«\u{a0}Le pont ferme\u{202f}!\u{a0}», dit l’élu.</li>\
         <li>Coût\u{a0}: 3,5\u{202f}millions d'euros.</li></ul><p>Le pont ferme, dit l’élu, et le coût atteint 3,5 millions d'euros pour la \
         ville, qui devra emprunter encore cette année pour le payer entièrement.</p></article></body></html>",
        None,
        &ExtractSettings::default(),
    );
    let expected = ["«\u{a0}Le pont ferme\u{202f}!\u{a0}», dit l’élu.", "Coût\u{a0}: 3,5\u{202f}millions d'euros."];
    assert_eq!(read.article.key_points.points, expected);
}

fn part(title: &str, content: Option<&str>, summary: Option<&str>) -> FeedPart {
    FeedPart {
        title: title.to_owned(),
        url: "https://news.example/a?utm_medium=rss".to_owned(),
        content_html: content.map(str::to_owned),
        summary_html: summary.map(str::to_owned),
        ..FeedPart::default()
    }
}

fn sample(name: &str) -> Sample {
    samples().into_iter().find(|s| s.name == name).expect("a sample of this name")
}

#[test]
fn a_page_is_needed_where_the_feed_has_no_text_or_half_of_it() {
    let full = sample("en/ferry").html();
    assert!(!needs_page(&part("T", Some(&full), None)));
    assert!(needs_page(&part("T", None, Some("<p>A short summary of it all.</p>"))));
    assert!(needs_page(&part("T", Some(&format!("{full}<p>And then the vote […]</p>")), None)));
    assert!(needs_page(&part("T", Some(""), None)));
}

#[test]
fn the_longer_of_feed_and_page_is_taken_where_they_agree() {
    let sample = sample("en/trial");
    let html = sample.source();
    let page = Page { html: &html, url: "https://news.example/moved?fbclid=1" };
    let beginning = format!("<p>{}</p>", sample.body[0]);
    let settings = ExtractSettings::default();
    let read = from_feed(&part(&sample.title, Some(&beginning), None), Some(page), &settings).article;
    assert_eq!(read.paragraphs, sample.body);
    assert_eq!(read.key_points.points, sample.points);
    assert_eq!(read.url, "https://news.example/en/trial", "the canonical link");
    let other = "<p>Something else entirely stands in the feed, about a circus whose elephants crossed the frozen lake at night while the \
        village slept, and whose director had to explain himself before the mayor on the following morning.</p>";
    let read = from_feed(&part("Circus", Some(other), None), Some(page), &settings).article;
    assert!(read.paragraphs[0].starts_with("Something else"), "{:?}", read.paragraphs);
}

#[test]
fn a_summary_is_a_standfirst_only_if_it_is_whole() {
    let content = sample("en/bees").html();
    let settings = ExtractSettings::default();
    let whole = from_feed(
        &part("Bees", Some(&content), Some("City hives do better, a long study has found.")),
        None,
        &settings,
    )
    .article;
    assert_eq!(whole.standfirst.as_deref(), Some("City hives do better, a long study has found."));
    let cut = from_feed(
        &part("Bees", Some(&content), Some("Honeybees kept in cities survive the winter more […]")),
        None,
        &settings,
    )
    .article;
    assert_eq!(cut.standfirst, None);
    let short =
        from_feed(&part("Bees", None, Some("City hives do better, a long study has found.")), None, &settings).article;
    assert_eq!(short.key_points.origin, KeyPointsOrigin::Summary);
    assert_eq!(short.key_points.points, ["City hives do better, a long study has found."]);
}

#[test]
fn what_a_feed_repeats_is_learned_and_left_out() {
    let footer = "<p>Die Redaktion des Boten freut sich über jede Zuschrift aus dem Tal.</p>";
    let names = ["de/stadtbad", "de/wolf", "de/radweg", "de/eisen"];
    let html: Vec<String> = names.iter().map(|n| format!("{}{footer}", sample(n).html())).collect();
    let read = |html: &str, settings: &ExtractSettings| from_feed(&part("T", Some(html), None), None, settings);
    let recent: Vec<Vec<u64>> = html[..3].iter().map(|h| read(h, &ExtractSettings::default()).fingerprints).collect();
    let settings =
        ExtractSettings { learned: boilerplate::learn(recent.iter().map(Vec::as_slice)), ..ExtractSettings::default() };
    let Extracted { article, removed, .. } = read(&html[3], &settings);
    assert_eq!(article.paragraphs, sample(names[3]).body);
    assert!(removed.iter().any(|r| r.why.contains("several articles")), "{removed:?}");
}

#[test]
fn pages_drawn_by_a_script_are_read_from_their_declaration() {
    let body = sample("en/bees").body.join("\\n\\n").replace('"', "\\\"");
    let html = format!(
        "<html><head><script type=\"application/ld+json\">{{\"@graph\":[{{\"@type\":\"NewsArticle\",\"headline\":\"City bees\",\
         \"isAccessibleForFree\":false,\"articleBody\":\"{body}\"}}]}}</script></head><body><div id=app>Loading…</div></body></html>"
    );
    let article = from_page(&html, Some("https://news.example/bees"), &ExtractSettings::default()).article;
    assert_eq!(article.paragraphs, sample("en/bees").body);
    assert_eq!((article.title.as_str(), article.paid, article.form), ("City bees", true, Form::Article));
}

#[test]
fn a_preview_has_exactly_the_promised_fields_and_names_what_it_left_out() {
    let sample = sample("fr/pont-des-iles");
    let value = preview(&sample.source(), Source::Html, None, None);
    let keys: BTreeSet<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        BTreeSet::from(["title", "url", "language", "text", "key_points", "key_points_origin", "removed"])
    );
    assert_eq!(value["key_points_origin"], "publisher");
    assert_eq!(value["language"], "fr");
    let removed = value["removed"].as_array().expect("a list");
    assert!(
        removed
            .iter()
            .any(|r| r["text"].as_str().is_some_and(|t| t.starts_with("Abonnez-vous"))
                && r["why"] == "call to subscribe"),
        "{removed:?}"
    );
    let plain = preview("Un texte sans rien.", Source::of("note.txt", ""), None, Some("Titre"));
    assert_eq!((plain["title"].as_str(), plain["key_points_origin"].as_str()), (Some("Titre"), Some("none")));
}

#[test]
fn pages_made_to_hurt_are_read_without_harm() {
    let settings = ExtractSettings::default();
    let deep = format!("<p>{}</p>{}", sample("en/bees").body.join("</p><p>"), "<div><span>".repeat(20_000));
    let many = "<li>x</li>".repeat(50_000);
    let json = format!("<script type=\"application/ld+json\">{}</script>", "[".repeat(100_000));
    let hostile =
        ["", "\u{0}\u{1}", "<", "<html><body></body></html>", "<ul><li></ul><p>•<br>•<br>•", &deep, &many, &json];
    for html in hostile {
        let read = from_page(html, Some("https://news.example/"), &settings);
        assert!(read.article.key_points.points.len() <= 5);
        from_plain_text(html, None, &settings);
        from_feed(&part(html, Some(html), Some(html)), Some(Page { html, url: "not an address" }), &settings);
    }
    assert!(!from_page(&deep, None, &settings).article.paragraphs.is_empty());
}

#[test]
fn no_two_samples_are_one_story_and_each_is_its_own_after_a_framing() {
    let signatures: Vec<(Sample, Signature)> =
        samples().into_iter().map(|s| (Signature::of(&text_of(&s, "")), s)).map(|(g, s)| (s, g)).collect();
    for (i, (a, one)) in signatures.iter().enumerate() {
        let framed = Signature::of(&text_of(
            a,
            "Our correspondent reports from the scene after a long night of waiting in the cold.",
        ));
        assert!(a.skin == "captions" || same_story(one, &framed), "{}", a.name);
        for (b, other) in &signatures[i + 1..] {
            assert!(!same_story(one, other), "{} and {}", a.name, b.name);
        }
    }
}

fn text_of(sample: &Sample, before: &str) -> ArticleText {
    let mut paragraphs = sample.body.clone();
    paragraphs.insert(0, before.to_owned());
    ArticleText { language: sample.language.parse().expect("a tag"), paragraphs, ..ArticleText::default() }
}
