//! What of an article is shown, and what never is.
//! They send no mail.

use super::*;
use crate::{
    article::{Image, KeyPoints, RankedSentence, update::Update},
    render::sample,
    topic::{analyze::Field, query::Where},
};

fn text() -> ArticleText {
    ArticleText { image: None, paid: false, ..sample::full_article() }
}

fn points(origin: KeyPointsOrigin, points: &[&str]) -> KeyPoints {
    KeyPoints { origin, points: points.iter().map(|p| (*p).to_owned()).collect(), ai_label: None }
}

fn drawn(input: &ArticleFragmentInput<'_>, form: Form) -> Drawn {
    Drawn::draw(&Templates::built_in(), input, form, sample::sight(UiLanguage::Fr)).expect("a drawing")
}

fn draw(input: &ArticleFragmentInput<'_>, form: Form) -> (String, String) {
    let drawn = drawn(input, form);
    let decoded = |html: bool| {
        let mut out = Vec::new();
        drawn.copy(&mut out, html);
        String::from_utf8(quoted_printable::decode(&out)).expect("UTF-8")
    };
    (decoded(true), decoded(false))
}

const BLOCK: Form = Form::Block { lead: true };

#[test]
fn markup_in_a_title_is_text() {
    let text = ArticleText {
        title: "<img src=x onerror=alert(1)> & \"co\" {{unsubscribe_url}}".to_owned(),
        key_points: points(KeyPointsOrigin::Extracted, &["<b>gras</b>", "</ul><script>alert(1)</script>"]),
        ..text()
    };
    let (html, plain) = draw(&sample::bare_input(&text), BLOCK);
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot; {{unsubscribe_url}}"), "{html}");
    assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<img"), "{html}");
    assert!(plain.contains("<img src=x onerror=alert(1)> & \"co\""), "{plain}");
}

#[test]
fn an_address_that_is_no_web_address_is_not_linked() {
    for url in ["javascript:alert(1)", "data:text/html,x", "", "ftp://example.org/x"] {
        let text = ArticleText { url: url.to_owned(), ..text() };
        let (html, plain) = draw(&sample::bare_input(&text), BLOCK);
        assert!(!html.contains("href="), "{url}: {html}");
        assert!(!plain.contains("javascript") && !plain.contains("Lire l’article"), "{url}: {plain}");
        assert!(html.contains("Trains : ce qui change"), "{html}");
    }
}

#[test]
fn points_are_dropped_from_the_end_and_never_cut() {
    let long = "Une phrase assez longue pour compter. ".repeat(8).trim().to_owned();
    let text =
        ArticleText { key_points: points(KeyPointsOrigin::Publisher, &[&long, "Courte.", &long, "Fin."]), ..text() };
    let (html, _) = draw(&sample::bare_input(&text), BLOCK);
    assert!(html.contains(&long) && html.contains("Courte.") && !html.contains("Fin."), "{html}");
    assert_eq!(html.matches("<li").count(), 2);
    let five = ["Un.", "Deux.", "Trois.", "Quatre.", "Cinq."];
    let text = ArticleText { key_points: points(KeyPointsOrigin::Extracted, &five), ..text };
    assert_eq!(draw(&sample::bare_input(&text), BLOCK).0.matches("<li").count(), POINTS);
}

#[test]
fn the_words_above_the_points_tell_where_they_come_from() {
    for (origin, want, never) in [
        (KeyPointsOrigin::Publisher, "L’essentiel", "Extraits"),
        (KeyPointsOrigin::Extracted, "Extraits", "L’essentiel"),
    ] {
        let text = ArticleText { key_points: points(origin, &["Un.", "Deux."]), ..text() };
        let (html, plain) = draw(&sample::bare_input(&text), BLOCK);
        assert!(html.contains(want) && !html.contains(never), "{html}");
        assert!(plain.contains(want) && !plain.contains(never), "{plain}");
    }
    let text = ArticleText { key_points: points(KeyPointsOrigin::None, &[]), standfirst: None, ..text() };
    let (html, _) = draw(&sample::bare_input(&text), BLOCK);
    assert!(!html.contains("L’essentiel") && !html.contains("Extraits") && !html.contains("<ul"), "{html}");
}

#[test]
fn a_standfirst_is_a_paragraph_that_ends_with_a_sentence() {
    let standfirst = format!(
        "{} Ceci dépasse la limite de toute façon.",
        "Une phrase de cinquante caractères, à peu près ici. ".repeat(5).trim()
    );
    for text in [
        ArticleText { key_points: points(KeyPointsOrigin::Summary, &[&standfirst]), ..text() },
        ArticleText { key_points: points(KeyPointsOrigin::None, &[]), standfirst: Some(standfirst.clone()), ..text() },
    ] {
        let (_, plain) = draw(&sample::bare_input(&text), BLOCK);
        assert!(plain.contains("Une phrase de cinquante") && !plain.contains("Ceci dépasse"), "{plain}");
        assert!(!plain.contains('•'), "{plain}");
    }
}

#[test]
fn a_feed_s_rights_are_kept() {
    let text = ArticleText { standfirst: Some("Le chapeau.".to_owned()), paid: true, ..text() };
    let input = sample::bare_input(&text);
    for (excerpt, point, standfirst) in
        [(Excerpt::KeyPoints, true, false), (Excerpt::Summary, false, true), (Excerpt::Title, false, false)]
    {
        let (html, _) = draw(&ArticleFragmentInput { excerpt, ..input.clone() }, BLOCK);
        assert_eq!(html.contains("Un train sur trois"), point, "{excerpt:?}");
        assert_eq!(html.contains("Le chapeau."), standfirst, "{excerpt:?}");
    }
    let (html, _) = draw(&ArticleFragmentInput { max_chars: 10, ..input.clone() }, BLOCK);
    assert!(!html.contains("Un train sur trois"), "{html}");
    let (html, _) = draw(&input, BLOCK);
    assert!(!html.contains("Réservé aux abonnés"), "{html}");
    let (html, plain) = draw(&ArticleFragmentInput { show_paid: true, credit: Some("avec agences"), ..input }, BLOCK);
    assert!(html.contains("Réservé aux abonnés") && html.contains("Le Fanal (avec agences)"), "{html}");
    assert!(plain.contains("Réservé aux abonnés") && plain.contains("Le Fanal (avec agences)"), "{plain}");
}

#[test]
fn only_the_lead_of_an_own_feed_has_a_picture() {
    let text = sample::full_article();
    let input = ArticleFragmentInput { image_allowed: true, ..sample::bare_input(&text) };
    assert!(draw(&input, BLOCK).0.contains("<img src=\"https://lefanal.example/i.jpg\" alt=\"Un quai vide\""));
    assert!(!draw(&input, Form::Block { lead: false }).0.contains("<img"));
    assert!(!draw(&ArticleFragmentInput { image_allowed: false, ..input }, BLOCK).0.contains("<img"));
    let plain_http = Image { url: "http://lefanal.example/i.jpg".to_owned(), alt: String::new() };
    let text = ArticleText { image: Some(plain_http), ..sample::full_article() };
    assert!(
        !draw(&ArticleFragmentInput { image_allowed: true, ..sample::bare_input(&text) }, BLOCK).0.contains("<img")
    );
}

#[test]
fn three_other_sources_are_named_and_long_addresses_are_not_linked() {
    let text = text();
    let long = format!("https://ouest.example/{}", "a".repeat(400));
    let also = |source, url| AlsoAt { source, url };
    let also_at = vec![
        also("A1", "https://a.example/"),
        also("B2", &long),
        also("C3", "javascript:x"),
        also("D4", "https://d.example/"),
    ];
    let (html, plain) = draw(&ArticleFragmentInput { also_at, ..sample::bare_input(&text) }, BLOCK);
    assert!(html.contains("href=\"https://a.example/\"") && html.contains("B2") && html.contains("C3"), "{html}");
    assert!(!html.contains("D4") && !html.contains("aaaa") && !html.contains("javascript"), "{html}");
    assert!(plain.contains("A1\r\n  https://a.example/\r\n  B2\r\n  C3\r\n"), "{plain}");
}

#[test]
fn text_says_its_language_and_direction() {
    let text = ArticleText { language: "ar".parse().expect("a language"), ..text() };
    let (html, _) = draw(&sample::bare_input(&text), BLOCK);
    assert!(html.contains("lang=\"ar\" dir=\"rtl\""), "{html}");
}

#[test]
fn no_line_of_text_is_longer_than_its_columns_but_addresses() {
    let text = ArticleText { title: "Un titre long de beaucoup de mots ".repeat(5), ..text() };
    for form in [BLOCK, Form::Line, Form::Alert { lead: true }] {
        let (_, plain) = draw(&sample::full_input(&text), form);
        for line in plain.lines().filter(|l| !l.contains("https://")) {
            assert!(line.chars().count() <= plain::COLUMNS, "{} columns: {line}", line.chars().count());
        }
    }
}

#[test]
fn an_update_is_marked_and_shows_what_is_new_where_the_feed_allows_sentences() {
    let news = |news: &[&str]| Some(Update { news: news.iter().map(|line| (*line).to_owned()).collect() });
    let key_points = points(KeyPointsOrigin::Publisher, &["Un point de mardi.", "Un autre."]);
    let text = ArticleText { key_points, update: news(&["La ligne rouvre jeudi.", "Le maire est attendu."]), ..text() };
    let input = ArticleFragmentInput { updated: true, ..sample::bare_input(&text) };
    let (html, plain) = draw(&input, BLOCK);
    for part in ["Mis à jour", "Du nouveau", "La ligne rouvre jeudi.", "Le maire est attendu."] {
        assert!(html.contains(part) && plain.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("Un point de mardi") && !html.contains("L’essentiel"), "{html}");
    assert!(draw(&input, Form::Line).1.contains("Mis à jour"));
    for excerpt in [Excerpt::Title, Excerpt::Summary] {
        let (html, _) = draw(&ArticleFragmentInput { excerpt, ..input.clone() }, BLOCK);
        assert!(html.contains("Mis à jour") && !html.contains("La ligne rouvre"), "{excerpt:?}: {html}");
    }
    // Whoever is told for the first time reads the piece as it is.
    let (html, _) = draw(&sample::bare_input(&text), BLOCK);
    assert!(html.contains("Un point de mardi") && !html.contains("Mis à jour"), "{html}");
    let titled = ArticleText { update: news(&[]), ..text };
    let (html, _) = draw(&ArticleFragmentInput { updated: true, ..sample::bare_input(&titled) }, BLOCK);
    assert!(html.contains("Mis à jour") && html.contains("Un point de mardi"), "{html}");
}

#[test]
fn the_sentences_that_hold_a_readers_own_words_come_first_and_the_words_are_named() {
    let ranked = [
        (3, "Le pont ferme lundi."),
        (0, "La ville paie."),
        (5, "Les cyclistes protestent."),
        (1, "Un bac est prévu pour les cyclistes."),
    ];
    let text = ArticleText {
        key_points: points(KeyPointsOrigin::Extracted, &["La ville paie.", "Le pont ferme lundi."]),
        ranked: ranked.map(|(at, text)| RankedSentence { at, text: text.to_owned() }).into(),
        ..text()
    };
    let cyclists = sample::own(Where::Field(Field::Body), "cyclistes");
    let check = |input: &ArticleFragmentInput<'_>, shown: &[&str]| {
        assert_eq!(Shown::of_input(input, &input.own_sentences()).points, shown, "{:?}", input.words);
        assert_eq!(input.shown_sentences().points, shown, "what previews list");
    };
    let bare = sample::bare_input(&text);
    let everybody = ["La ville paie.", "Le pont ferme lundi."];
    let of_cyclists = ["Un bac est prévu pour les cyclistes.", "Le pont ferme lundi.", "Les cyclistes protestent."];
    check(&bare, &everybody);
    let own = ArticleFragmentInput { words: vec![&cyclists], ..bare.clone() };
    check(&own, &of_cyclists);
    check(&ArticleFragmentInput { max_chars: 60, ..own.clone() }, &of_cyclists[1..]);
    check(&ArticleFragmentInput { excerpt: Excerpt::Title, ..own.clone() }, &[]);
    let elsewhere = [sample::own(Where::Field(Field::Body), "gare"), sample::own(Where::Site, "ville")];
    check(&ArticleFragmentInput { words: elsewhere.iter().collect(), ..bare.clone() }, &everybody);
    let publishers = ArticleText { key_points: points(KeyPointsOrigin::Publisher, &everybody), ..text.clone() };
    check(&ArticleFragmentInput { text: &publishers, ..own.clone() }, &everybody);

    let (html, plain) = draw(&own, BLOCK);
    for drawn in [&html, &plain] {
        assert!(drawn.contains("cyclistes (dans le texte)"), "{drawn}");
    }
    assert!(!draw(&bare, BLOCK).0.contains("Vos mots"));
}

#[test]
fn a_rule_that_became_stricter_chooses_other_sentences_and_cuts_none() {
    let ranked = [(0, "La ville paie les travaux du pont."), (1, "Le pont ferme."), (2, "Un bac est prévu.")];
    let text = ArticleText {
        key_points: points(KeyPointsOrigin::Extracted, &["La ville paie les travaux du pont.", "Le pont ferme."]),
        ranked: ranked.map(|(at, text)| RankedSentence { at, text: text.to_owned() }).into(),
        standfirst: None,
        ..text()
    };
    let check = |max_chars: usize, shown: &[&str]| {
        let input = ArticleFragmentInput { max_chars, ..sample::bare_input(&text) };
        assert_eq!(input.shown_sentences().points, shown, "{max_chars}");
    };
    check(600, &["La ville paie les travaux du pont.", "Le pont ferme."]);
    check(48, &["La ville paie les travaux du pont.", "Le pont ferme."]);
    check(31, &["Le pont ferme.", "Un bac est prévu."]);
    check(10, &[]);
}

#[test]
fn a_machines_label_stands_with_its_sentences_and_never_without() {
    let labelled = |origin, of: &[&str]| ArticleText {
        key_points: KeyPoints { ai_label: Some("Fait par une machine".to_owned()), ..points(origin, of) },
        standfirst: Some("Le chapeau.".to_owned()),
        update: Some(Update { news: vec!["La ligne rouvre jeudi.".to_owned()] }),
        ..text()
    };
    let check = |text: &ArticleText, excerpt: Excerpt, updated: bool, shown: bool| {
        let input = ArticleFragmentInput { excerpt, updated, ..sample::bare_input(text) };
        let (html, plain) = draw(&input, BLOCK);
        let sentences = input.shown_sentences();
        assert_eq!(html.contains("Fait par une machine"), shown, "{html}");
        assert_eq!(plain.contains("Fait par une machine"), shown, "{plain}");
        assert_eq!(html.contains("L’essentiel"), shown, "{html}");
        assert_eq!(sentences.ai_label.is_some(), shown, "{sentences:?}");
        assert_eq!(sentences.news.is_empty(), !updated, "{sentences:?}");
        let first_point = drawn(&input, BLOCK).fragment.first_point.clone().unwrap_or_default();
        assert_eq!(first_point.starts_with("Fait par une machine · "), shown, "{first_point}");
        assert_eq!(first_point.is_empty(), excerpt == Excerpt::Title, "{first_point}");
    };
    for of in [&["Un point."][..], &["Un point.", "Un autre."]] {
        let text = labelled(KeyPointsOrigin::Publisher, of);
        check(&text, Excerpt::KeyPoints, false, true);
        check(&text, Excerpt::KeyPoints, true, false);
        check(&text, Excerpt::Summary, false, false);
        check(&text, Excerpt::Title, false, false);
        check(&labelled(KeyPointsOrigin::Extracted, of), Excerpt::KeyPoints, false, false);
    }
    check(&labelled(KeyPointsOrigin::Publisher, &[]), Excerpt::KeyPoints, false, false);
}
