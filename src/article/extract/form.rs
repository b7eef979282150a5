//! Tells what kind of piece a page is: article, stub before a paywall, live blog, gallery, video.
//! A form is claimed only on the publisher's own word or where several signs agree.

use super::{Removed, metadata::Metadata};
use crate::article::{Form, boilerplate::Why, words};

/// Words below which a text beside pictures or a film is their company and not an article.
const FEW_WORDS: usize = 120;

/// Words below which a paid text that ends in a call to subscribe is its beginning only.
const STUB_WORDS: usize = 220;

/// The form, from what the page declares, its address and title, and how its text ends.
pub(super) fn form(meta: &Metadata, paragraphs: &[String], removed: &[Removed]) -> Form {
    let words: usize = paragraphs.iter().map(|p| words::count(p)).sum();
    if meta.form == Form::Live || meta.titles.iter().any(|t| is_live_title(t)) {
        return Form::Live;
    }
    let subscribe = removed.iter().any(|r| r.why == Why::Subscribe.reason());
    let breaks_off = paragraphs.last().is_some_and(|p| p.ends_with('…') || p.ends_with("...") || p.ends_with("[…]"));
    if words < STUB_WORDS && meta.paid && (subscribe || breaks_off || words < FEW_WORDS / 2) {
        return Form::Stub;
    }
    if words < FEW_WORDS {
        if meta.form != Form::Article {
            return meta.form;
        }
        let path = meta.url.as_deref().unwrap_or_default();
        if in_path(path, &["video", "videos", "watch", "mediathek"]) {
            return Form::Video;
        }
        if in_path(
            path,
            &[
                "gallery",
                "galleries",
                "galerie",
                "fotostrecke",
                "bilder",
                "diaporama",
                "slideshow",
                "fotogaleria",
                "fotogallery",
                "photos",
            ],
        ) {
            return Form::Gallery;
        }
    }
    Form::Article
}

fn in_path(address: &str, segments: &[&str]) -> bool {
    address.split(['/', '?', '-']).skip(3).any(|part| segments.contains(&part))
}

/// «EN DIRECT |», "Live:", "Liveblog".
fn is_live_title(title: &str) -> bool {
    #[rustfmt::skip]
    const OPENINGS: &[&str] = &[
        "en direct", "direct.", "direct :", "live:", "live |", "live -", "liveblog", "live blog", "live updates",
        "newsblog", "newsticker", "liveticker", "ticker:", "live-ticker", "minuto a minuto", "en directo", "en vivo",
        "in diretta", "diretta", "direkte:", "na zywo",
    ];
    let folded = words::fold(title);
    OPENINGS.iter().any(|o| folded.starts_with(o))
        || ["liveblog", "live blog", "liveticker", "newsblog"].iter().any(|w| folded.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(title: &str, url: &str, words: usize, paid: bool, subscribe: bool, expected: Form) {
        let meta = Metadata { titles: vec![title.to_owned()], url: Some(url.to_owned()), paid, ..Metadata::default() };
        let paragraphs = vec!["mot ".repeat(words)];
        let removed: Vec<Removed> =
            if subscribe { vec![Removed::new("Abonnez-vous", Why::Subscribe)] } else { Vec::new() };
        assert_eq!(form(&meta, &paragraphs, &removed), expected, "{title}");
    }

    #[test]
    fn forms_are_told_by_several_signs() {
        check("Le pont ferme", "https://a.example/pont", 400, false, false, Form::Article);
        check("EN DIRECT | La crue", "https://a.example/crue", 900, false, false, Form::Live);
        check("Le pont ferme", "https://a.example/pont", 90, true, true, Form::Stub);
        check("Le pont ferme", "https://a.example/pont", 90, false, true, Form::Article);
        check("Le pont vu du ciel", "https://a.example/videos/pont", 40, false, false, Form::Video);
        check("Le pont vu du ciel", "https://a.example/videos/pont", 400, false, false, Form::Article);
        check("Das Fest in Bildern", "https://a.example/fotostrecke/fest", 60, false, false, Form::Gallery);
    }
}
