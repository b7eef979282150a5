//! The cache gives what drawing would give, and stays within its bound.
//! They measure no time.

use chrono_tz::Tz;

use super::*;
use crate::{
    article::ArticleText,
    render::{
        article::{AlsoAt, Excerpt},
        language::UiLanguage,
        sample,
        stencil::Stencil,
    },
    topic::{analyze::Field, query::Where},
};

fn bytes(stencil: &Stencil) -> Vec<u8> {
    let mut out = Vec::new();
    stencil.copy(&mut out);
    out
}

#[test]
fn whatever_changes_the_drawing_changes_the_key() {
    let templates = Templates::built_in();
    let cache = FragmentCache::default();
    let text = sample::full_article();
    let other = ArticleText { title: "Un autre titre".to_owned(), ..text.clone() };
    let base = sample::full_input(&text);
    let sight = sample::sight(UiLanguage::Fr);
    let block = Form::Block { lead: true };
    let rent = sample::own(Where::Field(Field::Body), "loyer");
    let rent_in_title = sample::own(Where::Field(Field::Title), "loyer");
    let inputs = [
        base.clone(),
        ArticleFragmentInput { article_id: 2, text: &other, ..base.clone() },
        ArticleFragmentInput { rev: 2, text: &other, ..base.clone() },
        ArticleFragmentInput { source: "Ouest Info", ..base.clone() },
        ArticleFragmentInput { credit: None, ..base.clone() },
        ArticleFragmentInput { credit: Some("autre"), ..base.clone() },
        ArticleFragmentInput { also_at: vec![], ..base.clone() },
        ArticleFragmentInput { also_at: vec![AlsoAt { source: "A", url: "https://a.example/" }], ..base.clone() },
        ArticleFragmentInput { show_paid: false, ..base.clone() },
        ArticleFragmentInput { image_allowed: false, ..base.clone() },
        ArticleFragmentInput { excerpt: Excerpt::Title, ..base.clone() },
        ArticleFragmentInput { excerpt: Excerpt::Summary, ..base.clone() },
        ArticleFragmentInput { max_chars: 40, ..base.clone() },
        ArticleFragmentInput { words: vec![&rent], ..base.clone() },
        ArticleFragmentInput { words: vec![&rent_in_title], ..base.clone() },
    ];
    let sights = [
        sight,
        sample::sight(UiLanguage::En),
        Sight { zone: Tz::Asia__Tokyo, ..sight },
        Sight { local: sight.local + chrono::TimeDelta::days(3), ..sight },
    ];
    let forms = [block, Form::Block { lead: false }, Form::Alert { lead: false }, Form::Line];
    let compare = |input: &ArticleFragmentInput<'_>, sight, form| {
        let cached = cache.fragment(&templates, input, form, sight, &mut Key::default()).expect("a drawing");
        let drawn = Fragment::draw(&templates, input, form, sight).expect("a drawing");
        assert_eq!(bytes(&cached.html), bytes(&drawn.html), "{form:?} {sight:?} {input:?}");
        assert_eq!(bytes(&cached.text), bytes(&drawn.text), "{form:?} {sight:?} {input:?}");
        assert_eq!(cached.subject, drawn.subject);
    };
    // Twice, so that the second round comes from the cache.
    for _ in 0..2 {
        for input in &inputs {
            for sight in sights {
                for form in forms {
                    compare(input, sight, form);
                }
            }
        }
    }
    assert!(cache.usage().hits >= 14 * 16, "{:?}", cache.usage());
}

#[test]
fn an_article_is_drawn_once() {
    let templates = Templates::built_in();
    let cache = FragmentCache::default();
    let text = sample::full_article();
    let ask = || {
        let sight = sample::sight(UiLanguage::Fr);
        cache
            .fragment(&templates, &sample::full_input(&text), Form::Line, sight, &mut Key::default())
            .expect("a drawing")
    };
    let first = ask();
    assert!(Arc::ptr_eq(&first, &ask()));
    assert_eq!((cache.usage().hits, cache.usage().misses, cache.usage().fragments), (1, 1, 1));
}

#[test]
fn the_cache_stays_within_its_bytes_and_keeps_what_is_asked_for() {
    const BOUND: usize = 100_000;
    let templates = Templates::built_in();
    let cache = FragmentCache::new(BOUND);
    let text = sample::full_article();
    let sight = sample::sight(UiLanguage::Fr);
    let ask = |article_id| {
        let input = ArticleFragmentInput { article_id, ..sample::full_input(&text) };
        cache.fragment(&templates, &input, Form::Block { lead: false }, sight, &mut Key::default()).expect("a drawing")
    };
    let favourite = ask(0);
    for article_id in 1..200 {
        ask(article_id);
        assert!(Arc::ptr_eq(&favourite, &ask(0)), "forgotten at {article_id}");
        assert!(cache.usage().bytes <= BOUND, "{:?}", cache.usage());
    }
    assert!(cache.usage().fragments > 5, "{:?}", cache.usage());
}
