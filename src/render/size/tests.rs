//! The estimate is never below what is drawn.
//! They measure sizes, not times.

use proptest::prelude::*;

use super::*;
use crate::{
    article::{Image, KeyPoints, KeyPointsOrigin, RankedSentence, update::Update},
    render::{
        article::{ArticleFragmentInput, Drawn, Form},
        language::UiLanguage,
        sample,
        template::Templates,
    },
    topic::{
        analyze::Field,
        query::{Place, Where},
    },
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn an_article_is_never_larger_than_was_estimated(
        title in "([a-z<&'\"é€🚲 ]{0,300})", path in "([a-z&<é ]{0,300})", points in prop::collection::vec("([A-Z<&'é🚲 ]{0,200})", 0..6),
        standfirst in prop::option::of("([a-z<&']{0,400})\\."), alt in "[a-z'<]{0,300}", words in prop::collection::vec("[a-z<]{1,120}", 0..8),
        ranked in prop::collection::vec("([A-Z<&'é🚲 ]{0,120})", 0..8), name in "[a-z<&'é]{0,200}", language in 0..4_usize, news in prop::option::of(prop::collection::vec("([A-Z<&'é🚲 ]{0,300})", 0..3)),
    ) {
        let templates = Templates::built_in();
        let origin = match points.len() {
            0 => KeyPointsOrigin::None,
            1 | 2 => KeyPointsOrigin::Extracted,
            _ => KeyPointsOrigin::Publisher,
        };
        let words: Vec<Place> = words
            .iter()
            .zip(Field::ALL.iter().cycle())
            .map(|(word, field)| sample::own(Where::Field(*field), word))
            // A word of the sentences, so that others than the stored ones are shown.
            .chain(ranked.first().map(|sentence| sample::own(Where::Field(Field::Body), sentence)))
            .collect();
        let ranked = (0..).zip(ranked).map(|(at, text)| RankedSentence { at, text }).collect();
        let text = ArticleText {
            title,
            url: format!("https://lefanal.example/{path}"),
            standfirst,
            key_points: KeyPoints { origin, points, ai_label: Some(name.clone()) },
            ranked,
            update: news.map(|news| Update { news }),
            image: Some(Image { url: format!("https://lefanal.example/{path}.jpg"), alt }),
            ..sample::full_article()
        };
        let long = format!("https://ouest.example/{}", "&".repeat(270));
        let also = crate::render::AlsoAt { source: &name, url: &long };
        let input = ArticleFragmentInput {
            source: &name,
            credit: Some(&name),
            also_at: vec![also; 4],
            words: words.iter().collect(),
            image_allowed: true,
            ..sample::full_input(&text)
        };
        let sight = sample::sight(UiLanguage::ALL[language]);
        for form in [Form::Block { lead: true }, Form::Alert { lead: true }] {
            let drawn = Drawn::draw(&templates, &input, form, sight).expect("a drawing");
            let bytes = drawn.decoded_len();
            prop_assert!(bytes <= estimated_html_bytes(&text), "{bytes} > {}", estimated_html_bytes(&text));
        }
        let line = Drawn::draw(&templates, &input, Form::Line, sight).expect("a drawing").decoded_len();
        prop_assert!(line <= estimated_line_html_bytes(&text), "{line} > {}", estimated_line_html_bytes(&text));
    }
}

#[test]
fn an_everyday_article_is_not_estimated_at_many_times_its_size() {
    let text = sample::full_article();
    let drawn = Drawn::draw(
        &Templates::built_in(),
        &sample::full_input(&text),
        Form::Block { lead: true },
        sample::sight(UiLanguage::Fr),
    );
    let bytes = drawn.expect("a drawing").decoded_len();
    // Twelve whole articles and ten lines must fit into the 90 kB that plan allows.
    let twelve = FRAME_HTML_BYTES + 12 * estimated_html_bytes(&text) + 10 * estimated_line_html_bytes(&text);
    assert!(twelve < 90_000, "{twelve}, one article {bytes}");
}
