//! Pages: what they allow, and that nothing of a stranger's words becomes markup.
//! They answer no request.

use super::*;

fn all(language: UiLanguage) -> Vec<Page> {
    let (path, link, article) = (sample::path(), sample::unsubscribe(), sample::full_article());
    let templates = Templates::built_in();
    sample::pages(&path, &link, &article)
        .iter()
        .map(|c| c.render(&templates, &sample::publisher(), language).expect("a page"))
        .collect()
}

#[test]
fn every_page_allows_its_own_style_and_nothing_else() {
    for language in UiLanguage::ALL {
        for page in all(language) {
            let (_, style) = page.html.split_once("<style>").expect("a style");
            let (style, rest) = style.split_once("</style>").expect("its end");
            let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.as_bytes()));
            assert!(
                page.content_security_policy.contains(&format!("style-src 'sha256-{hash}'")),
                "{}",
                page.content_security_policy
            );
            assert!(page.content_security_policy.starts_with("default-src 'none'"));
            for forbidden in ["<script", "<style", " style=", " onclick", "<img", "<link"] {
                assert!(!rest.contains(forbidden), "{forbidden} in {rest}");
            }
            assert!(
                page.html.starts_with("<!doctype html>") && page.html.contains(&format!("<html lang=\"{language}\">"))
            );
            assert!(page.html.contains("name=\"viewport\"") && page.html.matches("<h1>").count() == 1, "{}", page.html);
        }
    }
}

#[test]
fn leaving_takes_one_button_and_coming_back_one_link() {
    let pages = all(UiLanguage::Fr);
    let ask = &pages[0].html;
    assert!(
        ask.contains("<form method=\"post\" action=\"/u/sample\">") && ask.matches("<button").count() == 1,
        "{ask}"
    );
    assert!(ask.contains("Adresse\u{a0}: c…@lefanal.example"), "{ask}");
    assert!(!pages[1].html.contains("Adresse"), "{}", pages[1].html);
    assert!(
        pages[2].html.contains("Me réabonner")
            && pages[2].html.contains("href=\"https://lettres.lefanal.example/u/sample\"")
    );
    assert!(!pages[3].html.contains("Me réabonner"));
}

#[test]
fn a_page_about_an_error_begins_its_title_with_it() {
    let pages = all(UiLanguage::Fr);
    assert!(pages[6].html.contains("<title>Erreur · Trop tard · Le Fanal</title>"), "{}", pages[6].html);
    assert!(!pages[7].html.contains("Erreur"));
}

#[test]
fn a_stranger_s_words_are_text() {
    let content = PageContent::Message {
        title: "<b>x</b>",
        paragraphs: vec!["<script>alert(1)</script>"],
        link: None,
        error: false,
    };
    let page = content.render(&Templates::built_in(), &sample::publisher(), UiLanguage::En).expect("a page");
    assert!(!page.html.contains("<script") && !page.html.contains("<b>"), "{}", page.html);
}
