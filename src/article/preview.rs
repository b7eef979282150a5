//! Shows what would be kept of a page or a text, and what not and why: an editor's view of extraction.
//! It decides nothing; `extract` does.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{
    ArticleText, KeyPointsOrigin,
    boilerplate::{self, Why},
    extract::{ExtractSettings, Extracted, Removed, from_page, from_plain_text},
    outline::{self, Kind},
    words,
};

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An HTML page.
    Html,
    /// Plain text.
    Plain,
}

impl Source {
    /// Tells by the name of a file or address, else by the text.
    pub fn of(name: &str, text: &str) -> Self {
        let name = name.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let extension = name.rsplit_once('.').map(|(_, end)| end).unwrap_or_default();
        if matches!(extension, "txt" | "md") {
            return Self::Plain;
        }
        let begin: String = text.trim_start().chars().take(2_000).collect::<String>().to_ascii_lowercase();
        let html = matches!(extension, "html" | "htm" | "xhtml");
        let looks =
            ["<!doctype html", "<html", "<head", "<body", "<p>", "<div", "<article"].iter().any(|t| begin.contains(t));
        if html || looks { Self::Html } else { Self::Plain }
    }
}

/// `{title, url, language, text, key_points, key_points_origin, removed:[{text, why}]}`; `title` overrules the one found.
pub fn preview(text: &str, source: Source, url: Option<&str>, title: Option<&str>) -> Value {
    let settings = ExtractSettings::default();
    let Extracted { article, standfirst_declared, mut removed, .. } = match source {
        Source::Html => from_page(text, url, &settings),
        Source::Plain => from_plain_text(text, title, &settings),
    };
    let html = (source == Source::Html).then_some(text);
    let elsewhere = elsewhere(&article, html, &removed);
    removed.extend(elsewhere);
    let standfirst = article.standfirst.iter().filter(|s| !standfirst_declared && !article.paragraphs.contains(s));
    let body: Vec<&str> = standfirst.chain(&article.paragraphs).map(String::as_str).collect();
    json!({
        "title": title.filter(|t| !t.is_empty()).unwrap_or(&article.title),
        "url": (!article.url.is_empty()).then_some(&article.url),
        "language": article.language,
        "text": body.join("\n\n"),
        "key_points": article.key_points.points,
        "key_points_origin": article.key_points.origin,
        "removed": removed,
    })
}

/// What the text lacks without having been left out of it: a publisher's points, which stand above it, those beyond the ones kept, and
/// calls to subscribe beside the article.
fn elsewhere(article: &ArticleText, html: Option<&str>, removed: &[Removed]) -> Vec<Removed> {
    let out = |text: &str, why: Why| Removed { text: text.to_owned(), why: why.reason().to_owned() };
    let listed: HashSet<String> = removed.iter().map(|r| words::fold(&r.text)).collect();
    let points = &article.key_points;
    let own = points.points.iter().filter(|_| points.origin == KeyPointsOrigin::Publisher).chain(&points.ai_label);
    let is_listed = |text: &&String| listed.iter().any(|block| block.contains(words::fold(text).as_str()));
    let own: Vec<&String> = own.filter(|text| !is_listed(text)).collect();
    let mut found: Vec<Removed> = own.iter().map(|text| out(text, Why::KeyPoints)).collect();
    let mut seen = listed;
    seen.extend(own.iter().chain(&article.paragraphs.iter().collect::<Vec<_>>()).map(|text| words::fold(text)));
    let Some(html) = html else { return found };
    let blocks = outline::outline_of(&outline::parse(html)).blocks;
    let list_of = |kind: Kind| if let Kind::Item(list) = kind { Some(list) } else { None };
    let shown = |text: &str| points.origin == KeyPointsOrigin::Publisher && points.points.iter().any(|p| p == text);
    let lists: HashSet<usize> = blocks.iter().filter(|b| shown(&b.text)).filter_map(|b| list_of(b.kind)).collect();
    for block in &blocks {
        let why = if list_of(block.kind).is_some_and(|list| lists.contains(&list)) {
            Some(Why::MorePoints)
        } else {
            let call = |why: &Why| matches!(why, Why::Subscribe | Why::Newsletter);
            boilerplate::why(&block.text, block.link_share()).filter(call)
        };
        if let Some(why) = why.filter(|_| block.letters > 0 && seen.insert(words::fold(&block.text))) {
            found.push(out(&block.text, why));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<p>Le pont des Îles restera fermé aux camions pendant six semaines, a décidé mardi la préfecture du fleuve.</p>\
        <p>Une navette gratuite transportera les piétons entre les deux rives, et les bus feront un détour par le nord.</p>\
        <p>Les commerçants du quai demandent une aide à la métropole, qui doit répondre avant la fin du mois de juin.</p>";

    fn text_of(head: &str, inside: &str) -> String {
        let page =
            format!("<html><head>{head}</head><body><main><h1>Le pont ferme</h1>{inside}{TEXT}</main></body></html>");
        preview(&page, Source::Html, None, None)["text"].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_text_is_what_a_reader_sees_on_the_page() {
        let plain = text_of("", "");
        assert_eq!(plain.split("\n\n").count(), 3, "{plain}");
        let standfirst = "La préfecture ferme le pont des Îles aux camions.";
        let head = format!("<meta name=\"description\" content=\"{standfirst}\">");
        assert_eq!(text_of(&head, ""), plain, "declared for machines alone");
        let shown = text_of(&head, &format!("<p class=\"chapo\">{standfirst}</p>"));
        assert_eq!(shown, format!("{standfirst}\n\n{plain}"));
    }

    #[test]
    fn captions_pull_quotes_and_boxes_stand_beside_the_text() {
        let plain = text_of("", "");
        for beside in [
            "<p class=\"image-caption\">Le pont des Îles vu du quai, mardi matin, sous la pluie de juin.</p>",
            "<div><img src=\"a.jpg\" alt=\"Le pont des Îles vu du quai, mardi matin.\"><p>Le pont des Îles vu du quai, mardi matin.</p></div>",
            "<blockquote class=\"pull-quote\"><p>Nous attendons une aide avant la fin du mois de juin.</p></blockquote>",
            "<div class=\"m-infobox\"><h3>Le pont</h3><p>Construit en 1936, il mesure trois cents mètres et porte le tram.</p></div>",
        ] {
            assert_eq!(text_of("", beside), plain, "{beside}");
        }
    }

    #[test]
    fn an_article_in_sections_is_read_to_its_end_and_what_only_stands_below_it_is_not() {
        let end = "<p>Le pont rouvrira au plus tard en août, avec deux voies au lieu de trois et une piste pour les vélos.</p>";
        let body = TEXT.repeat(2).replacen("Le pont", "Ce pont", 1).replace("Une navette", "Chaque navette");
        let page = |names: &str| {
            let page = format!(
                "<body><div id=\"text\"><div class=\"{names}\"><h1>Le pont ferme</h1>{TEXT}{body}</div><div class=\"{names}\">{end}</div></div></body>"
            );
            preview(&page, Source::Html, None, None)["text"].as_str().unwrap_or_default().to_owned()
        };
        for (names, whole) in
            [("section-inner single", true), ("story__part", true), ("row", false), ("col-md-8 col", false)]
        {
            assert_eq!(page(names).contains("en août"), whole, "{names}: {}", page(names));
        }
    }

    #[test]
    fn what_readers_say_below_is_not_read_in_any_language() {
        let said = "<p>Je passe par ce pont chaque matin et personne ne nous a rien dit avant mardi.</p>";
        let text = |names: &str| {
            let page =
                format!("<body><main><h1>Le pont ferme</h1>{TEXT}<div class=\"{names}\">{said}</div></main></body>");
            preview(&page, Source::Html, None, None)["text"].as_str().unwrap_or_default().to_owned()
        };
        for names in ["comments", "liste_comentarios comentarios", "lista-commenti", "reacties-lijst", "kommentare"] {
            assert!(!text(names).contains("chaque matin"), "{names}");
        }
        assert!(text("text").contains("chaque matin"));
    }

    #[test]
    fn what_stands_above_or_beside_the_text_is_among_what_was_left_out_once() {
        let points: Vec<String> = ["camions", "piétons", "bus", "commerçants", "préfecture", "métropole", "quai"]
            .map(|who| format!("Le pont des Îles ferme et concerne les {who} du fleuve."))
            .to_vec();
        let list: String = points.iter().map(|point| format!("<li>{point}</li>")).collect();
        let page = format!(
            "<body><main><h1>Le pont ferme</h1><h2>À retenir</h2><ul>{list}</ul><div>{TEXT}</div><div class=\"x\"><p>Abonnez-vous pour lire la suite.</p></div></main></body>"
        );
        let shown = preview(&page, Source::Html, None, None);
        assert_eq!(shown["key_points_origin"], "publisher", "{shown}");
        let why = |text: &str| -> Vec<String> {
            let removed = shown["removed"].as_array().into_iter().flatten();
            removed.filter(|r| r["text"] == text).map(|r| r["why"].as_str().unwrap_or_default().to_owned()).collect()
        };
        for (n, point) in points.iter().enumerate() {
            let reason = if n < 5 { "shown as key points" } else { "a key point beyond those shown" };
            assert_eq!(why(point), [reason], "{shown}");
        }
        assert_eq!(why("Abonnez-vous pour lire la suite."), ["call to subscribe"], "{shown}");
        assert_eq!(preview(&page, Source::Html, None, None).to_string(), shown.to_string(), "the same each time");
    }

    #[test]
    fn a_page_and_a_text_give_the_same_each_time() {
        let page = format!("<body><main><h1>Le pont ferme</h1>{}</main></body>", TEXT.repeat(3));
        for (text, source) in [(page.as_str(), Source::Html), (page.as_str(), Source::Plain)] {
            let first = preview(text, source, None, Some("Le pont ferme")).to_string();
            for _ in 0..20 {
                assert_eq!(preview(text, source, None, Some("Le pont ferme")).to_string(), first);
            }
        }
    }
}
