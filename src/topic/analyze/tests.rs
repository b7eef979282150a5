//! Analysis of whole articles and their stored form.
//! Cutting, folding and stemming are tested in their own files.

use proptest::prelude::*;

use super::*;
use crate::article::KeyPoints;

fn article() -> ArticleText {
    ArticleText {
        title: "Le porte-parole quitte Canal+".into(),
        url: "https://www.eco.example.fr/a".into(),
        language: "fr".parse().expect("a code"),
        author: Some("Jeanne Dupont".into()),
        categories: vec!["Médias".into()],
        paragraphs: vec!["Premier paragraphe sur l’inflation.".into(), "Second paragraphe.".into()],
        ..ArticleText::default()
    }
}

fn places(analysed: &Analysed, spelling: &str) -> Vec<Field> {
    let word = (0..analysed.words.len()).find(|word| analysed.spelling(*word) == spelling);
    let positions = word.map(|word| analysed.positions(word)).unwrap_or_default();
    positions.iter().filter_map(|position| analysed.field_at(*position)).collect()
}

#[test]
fn every_word_is_kept_with_its_field() {
    let facts = FeedFacts { slug: "eco", title: "Éco du jour", site: "example.fr" };
    let analysed = Analysed::of(&article(), &facts);
    assert_eq!(analysed.site(), "eco.example.fr");
    for (spelling, expected) in [
        ("porte", vec![Field::Title]),
        ("porteparole", vec![Field::Title, Field::Title]),
        ("canal", vec![Field::Title]),
        ("canal+", vec![Field::Title]),
        ("inflation", vec![Field::Lead]),
        ("paragraphe", vec![Field::Lead, Field::Body]),
        ("dupont", vec![Field::Author]),
        ("médias", vec![Field::Category]),
        ("éco", vec![Field::Feed]),
        ("eco", vec![Field::Feed]),
    ] {
        assert_eq!(places(&analysed, spelling), expected, "{spelling}");
    }
}

#[test]
fn the_standfirst_and_the_publishers_points_are_the_lead() {
    let mut article = article();
    article.standfirst = Some("Chapeau".into());
    article.key_points =
        KeyPoints { origin: KeyPointsOrigin::Publisher, points: vec!["Pointe".into()], ai_label: None };
    let analysed = Analysed::of(&article, &FeedFacts::default());
    assert_eq!(places(&analysed, "chapeau"), [Field::Lead]);
    assert_eq!(places(&analysed, "pointe"), [Field::Lead]);
    assert_eq!(places(&analysed, "paragraphe"), [Field::Body, Field::Body]);
}

#[test]
fn a_form_of_another_version_or_cut_short_is_refused() {
    let bytes = Analysed::of(&article(), &FeedFacts::default()).to_bytes();
    let mut other = bytes.clone();
    other[0] = 0;
    assert_eq!(Analysed::from_bytes(&other), Err(bytes::AnalysedError::Version(0)));
    assert_eq!(Analysed::from_bytes(&bytes[..bytes.len() - 1]), Err(bytes::AnalysedError::Damaged));
    assert_eq!(Analysed::from_bytes(&[]), Err(bytes::AnalysedError::Damaged));
}

proptest! {
    #[test]
    fn the_stored_form_reads_back_the_same(title in "\\PC{0,60}", body in "\\PC{0,200}", lang in "(fr|de|en|und|ja)") {
        let article = ArticleText {
            title,
            paragraphs: vec![body],
            language: lang.parse().expect("a code"),
            ..ArticleText::default()
        };
        let analysed = Analysed::of(&article, &FeedFacts::default());
        prop_assert_eq!(Analysed::from_bytes(&analysed.to_bytes()), Ok(analysed));
    }

    #[test]
    fn damaged_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(first) = bytes.first_mut() {
            *first = ANALYSER_VERSION;
        }
        let _ = Analysed::from_bytes(&bytes);
    }
}

#[test]
fn an_article_of_many_different_words_keeps_each_once() {
    let words: Vec<String> = (0..5_000).map(|n| format!("w{n}")).collect();
    let article = ArticleText { paragraphs: vec![words.join(" "), words.join(" ")], ..ArticleText::default() };
    let analysed = Analysed::of(&article, &FeedFacts::default());
    assert_eq!(analysed.words.len(), words.len());
    for (n, word) in words.iter().enumerate() {
        assert_eq!(analysed.spelling(n), word);
        assert_eq!(analysed.positions(n).len(), 2, "{word}");
    }
}
