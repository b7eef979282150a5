//! Shows by makes of pages which of their parts are the article.
//! What single blocks betray is shown beside `boilerplate` and `trim`.

use crate::article::{
    KeyPointsOrigin,
    extract::{ExtractSettings, Extracted, from_page},
};

const TITLE: &str = "The lock stays shut until autumn";

const TEXT: [&str; 4] = [
    "The lock on the old canal stays shut until the autumn, the water board decided on Monday evening in Kervel.",
    "Forty barges lie above it, and their owners want the money for a detour that takes nine days by the sea.",
    "Divers found that one of the two oak gates had come off its hinge during the storm of last weekend.",
    "The board has asked three yards for a new gate, and the first of them can begin in June at the earliest.",
];

/// What readers write below: more than the article.
const VOICES: &str = "<div class='entry'><p>I have lived beside this lock for thirty years, and nobody on the board has ever \
    asked me or my neighbours what we think of their plans for the canal and its gates.</p><p>My barge lies above the weir, and I \
    can tell you that nine days by the sea are a dream: with the wind of last spring it took us two weeks and a broken mast.</p>\
    <p>Whoever wants a new gate should look at the old one first, since its oak is as good as on the first day, said my father.</p></div>";

fn read(inside: &str) -> Extracted {
    let page = format!("<html><head><title>{TITLE}</title></head><body>{inside}</body></html>");
    from_page(&page, None, &ExtractSettings::default())
}

fn paragraphs() -> [String; 4] {
    TEXT.map(|text| format!("<p>{text}</p>"))
}

fn check(inside: &str) {
    assert_eq!(read(inside).article.paragraphs, TEXT, "{inside}");
}

#[test]
fn an_article_laid_out_in_parts_is_read_whole() {
    let h1 = format!("<h1>{TITLE}</h1>");
    let long = |from: usize| (from..from + 2).map(|at| format!("<p>{}</p>", TEXT[at].repeat(3))).collect::<String>();
    let sections = format!(
        "<main>{h1}<article><div class='article-body version-2 section'>{}</div><div class='article-body section'>{}</div></article></main>",
        long(0),
        long(2)
    );
    assert_eq!(read(&sections).article.paragraphs, TEXT.map(|text| text.repeat(3)));
    let [a, b, c, d] = paragraphs();
    let part = |text: &str| format!("<article class='paragraph paragraph--text'><div>{text}</div></article>");
    // More of them than a card could be a share of.
    let many = ["the", "this", "each"]
        .map(|word| TEXT.map(|text| text.replace("The lock", word).replace("the ", &format!("{word} "))));
    let parts: String = many.iter().flatten().map(|text| part(&format!("<p>{text}</p>"))).collect();
    assert_eq!(read(&format!("<article>{h1}{parts}</article>")).article.paragraphs, many.concat());
    let section =
        |n: u8, text: &str| format!("<div><section itemprop='articleBody' id='section-{n}'>{text}</section></div>");
    check(&format!(
        "<article>{h1}<div>{}</div><div>{}</div></article>",
        section(1, &(a.clone() + &b)),
        section(2, &(c.clone() + &d))
    ));
}

#[test]
fn cards_among_the_parts_are_left_out() {
    let [a, b, c, d] = paragraphs();
    let card = "<article class='paragraph'><p><a href='/eel'>The eel comes back to the northern canals</a></p><p>It had been away.</p></article>";
    check(&format!("<article><h1>{TITLE}</h1>{a}{b}{card}{c}{d}</article>"));
}

#[test]
fn rows_of_teasers_below_are_left_out_whatever_they_are_called() {
    let text = paragraphs().concat();
    let teaser = |title: &str| {
        format!(
            "<div class='nb'><p>Canals</p><p><a href='/x'>{title}</a></p><p>The board met on Monday, and what it decided will change the summer of all who live by the water...</p></div>"
        )
    };
    let row =
        ["A new bridge over the weir", "The eel is back in Kervel", "Who pays for the storm"].map(teaser).concat();
    check(&format!("<div id='body'><h1>{TITLE}</h1><div>{text}</div><div id='bottom'>{row}</div></div>"));
}

#[test]
fn what_readers_write_is_left_out_even_where_it_is_longer() {
    let text = paragraphs().concat();
    let voices = VOICES.repeat(3);
    check(&format!(
        "<div class='article'><h1>{TITLE}</h1><div class='text'>{text}</div><ul class='comments'><li>{voices}</li></ul></div>"
    ));
    check(&format!("<div class='page'><div><h1>{TITLE}</h1>{text}</div><aside id='live'>{voices}</aside></div>"));
    check(&format!("<div class='page'><div><h1>{TITLE}</h1>{text}</div><div id='comments'>{voices}</div></div>"));
    let called = read(&format!(
        "<div class='page'><article class='post author-jane tag-newsletter'><h1>{TITLE}</h1>{text}</article><div id='comments'>{voices}</div></div>"
    ));
    assert_eq!(called.article.paragraphs, TEXT);
    assert!(!called.removed.iter().any(|removed| TEXT.contains(&removed.text.as_str())), "{:?}", called.removed);
}

#[test]
fn the_title_again_in_a_box_further_down_does_not_cut_the_beginning() {
    let [a, b, c, d] = paragraphs();
    let voices = VOICES.repeat(8).replace("class='entry'", "class='reply'");
    check(&format!(
        "<main><h1>{TITLE}</h1><div>{a}{b}<p><b>{TITLE}</b></p>{c}{d}</div></main><div id='comments'>{voices}</div>"
    ));
}

#[test]
fn counters_are_no_text() {
    let [a, b, c, d] = paragraphs();
    check(&format!("<main><h1>{TITLE}</h1>{a}<p>1/5</p>{b}<p>14</p>{c}{d}</main>"));
    let share = read(&format!("<main><h1>{TITLE}</h1>{a}<p>Barges of oak</p><p>28,2 %</p>{b}{c}{d}</main>")).article;
    assert_eq!(share.paragraphs[1..3], ["Barges of oak", "28,2 %"]);
}

#[test]
fn a_word_of_a_table_does_not_end_the_article() {
    let [a, b, c, d] = paragraphs();
    let table = "<table><tr><th>Yard</th><th>Comment</th></tr><tr><td>Brévan</td><td>June</td></tr></table>";
    let long = paragraphs().concat().replace(" the ", " this ");
    let article = read(&format!("<main><h1>{TITLE}</h1>{a}{b}{long}{table}{c}{d}</main>")).article;
    assert_eq!(article.paragraphs[6..], TEXT[2..]);
}

#[test]
fn a_block_of_key_points_shown_twice_is_not_in_the_text() {
    let points = ["The lock stays shut until the autumn.", "Forty barges lie above it."].map(str::to_owned);
    let block = format!("<h2>Key points</h2><ul><li>{}</li><li>{}</li></ul>", points[0], points[1]);
    let text = paragraphs().concat();
    for inside in [
        format!("<main><h1>{TITLE}</h1><div class='phone'>{block}</div>{text}<div class='desk'>{block}</div></main>"),
        format!("<main><h1>{TITLE}</h1>{block}{text}</main><div class='pop'>{block}</div>"),
    ] {
        let article = read(&inside).article;
        assert_eq!(
            (article.key_points.points, article.paragraphs),
            (points.to_vec(), TEXT.map(str::to_owned).to_vec())
        );
    }
}

#[test]
fn a_box_above_the_text_is_found_where_the_page_heads_it_otherwise() {
    let points = ["The lock stays shut until the autumn", "Forty barges lie above it since the storm"];
    let list = format!("<ul class='bullets'><li>{}</li><li>{}</li></ul>", points[0], points[1]);
    let text = paragraphs().concat();
    let inside = format!(
        "<div class='page'><div class='story'><h2>Gate off its hinge: no way through Kervel</h2>{list}<div itemprop='articleBody'>{text}</div></div></div>"
    );
    let article = read(&inside).article;
    assert_eq!(
        (article.key_points.origin, article.key_points.points.as_slice()),
        (KeyPointsOrigin::Publisher, &points.map(str::to_owned)[..])
    );
    let beside = format!(
        "<div class='page'><div class='top'>{list}</div><div class='story'><h2>Gate off its hinge</h2><div>{text}</div></div></div>"
    );
    assert_ne!(read(&beside).article.key_points.origin, KeyPointsOrigin::Publisher);
}

#[test]
fn the_name_of_the_site_is_no_title() {
    let text = paragraphs().concat();
    let check = |declared: &str, heading: &str, title: &str| {
        let page = format!(
            "<html><head><title>The Lamp</title><meta property='og:title' content='{declared}'></head><body><h1>{heading}</h1>\
             <main><h2>{TITLE}</h2>{text}</main></body></html>"
        );
        let article = from_page(&page, None, &ExtractSettings::default()).article;
        assert_eq!((article.title.as_str(), article.paragraphs.len()), (title, 4), "{heading}");
    };
    check(TITLE, "The Lamp, news of the north", TITLE);
    check("Lock shut: what it means", "No way through the lock", "No way through the lock");
    check("", "The Lamp, news of the north", "The Lamp, news of the north");
}
