//! Tells what kind of piece a page is: article, stub before a paywall, live blog, gallery, video.
//! A form is claimed only on the publisher's own word or where several signs agree.

use super::{Removed, metadata::Metadata};
use crate::article::{
    Form,
    boilerplate::{self, Why},
    words,
};

/// Words below which a text beside pictures or a film is their company and not an article.
const FEW_WORDS: usize = 120;

/// Words below which what declares itself a gallery is one: so much do its captions say.
const CAPTIONS_WORDS: usize = 400;

/// Words below which a paid text that ends in a call to subscribe is its beginning only.
const STUB_WORDS: usize = 220;

/// Blocks that open with a clock time, the later ones first, from which a text is kept minute by minute.
const MINUTES: usize = 3;

/// The form, from what the page declares, its address and title, and how its text ends.
pub(super) fn form(meta: &Metadata, paragraphs: &[String], removed: &[Removed]) -> Form {
    let words: usize = paragraphs.iter().map(|p| words::count(p)).sum();
    if meta.form == Form::Live || meta.titles.iter().any(|t| is_live_title(t)) || counts_down(paragraphs) {
        return Form::Live;
    }
    let subscribe = removed.iter().any(|r| r.why == Why::Subscribe.reason());
    let breaks_off = paragraphs.last().is_some_and(|p| p.ends_with('…') || p.ends_with("...") || p.ends_with("[…]"));
    if words < STUB_WORDS && meta.paid && (subscribe || breaks_off || words < FEW_WORDS / 2) {
        return Form::Stub;
    }
    if meta.form == Form::Gallery && words < CAPTIONS_WORDS {
        return Form::Gallery;
    }
    if words >= FEW_WORDS {
        return Form::Article;
    }
    if meta.form != Form::Article {
        return meta.form;
    }
    let path = meta.url.as_deref().unwrap_or_default();
    let titled = |marks: &[&str]| meta.titles.iter().any(|title| opens_or_ends(title, marks));
    if in_path(path, &["video", "videos", "watch", "mediathek"]) || titled(VIDEO_TITLES) {
        Form::Video
    } else if in_path(path, GALLERY_PATHS) || titled(GALLERY_TITLES) {
        Form::Gallery
    } else {
        Form::Article
    }
}

/// Whether a short text's own page says that the rest is for those who pay.
pub(super) fn says_paid(paragraphs: &[String], removed: &[Removed]) -> bool {
    let words: usize = paragraphs.iter().map(|p| words::count(p)).sum();
    words < STUB_WORDS && removed.iter().any(|r| r.why != Why::Head.reason() && boilerplate::is_wall(&r.text))
}

#[rustfmt::skip]
const GALLERY_PATHS: &[&str] = &[
    "gallery", "galleries", "galerie", "fotostrecke", "bilder", "diaporama", "slideshow", "fotogaleria",
    "fotogallery", "photos",
];

#[rustfmt::skip]
const GALLERY_TITLES: &[&str] = &[
    "in pictures", "en images", "en photos", "in bildern", "in beeld", "en imagenes", "en fotos", "in immagini",
    "em imagens", "em fotos", "i bilder", "w obiektywie", "fotostrecke", "bilderstrecke", "diaporama",
    "photo gallery", "fotogaleria", "fotogallery",
];

const VIDEO_TITLES: &[&str] = &["video", "watch", "en video", "im video", "in video", "em video", "wideo", "видео"];

/// Whether a title begins with one of these and a mark, or ends in one: "In pictures: the flood", "Das Fest in Bildern".
fn opens_or_ends(title: &str, marks: &[&str]) -> bool {
    let folded = words::fold(title);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    marks.iter().any(|mark| {
        let opens = bare.strip_prefix(mark).is_some_and(|rest| rest.trim_start().starts_with(MARKS));
        let ends = bare.strip_suffix(mark).is_some_and(|rest| mark.contains(' ') && rest.ends_with([' ', '(', '[']));
        opens || ends
    })
}

/// What parts the mark of a form from the rest of a title.
const MARKS: &[char] = &[':', '|', '-', '–', '—', '·', '.', ']', ')', '•', '+', '»'];

fn in_path(address: &str, segments: &[&str]) -> bool {
    address.split(['/', '?', '-']).skip(3).any(|part| segments.contains(&part))
}

/// «EN DIRECT |», "🔴 Live:", "Liveblog", "Crue, en direct :", "Flood – as it happened".
fn is_live_title(title: &str) -> bool {
    #[rustfmt::skip]
    const OPENINGS: &[&str] = &[
        "en direct", "liveblog", "live blog", "live updates", "newsblog", "newsticker", "liveticker", "live-ticker",
        "minuto a minuto", "en directo", "en vivo", "in diretta", "ao vivo", "na zywo", "relacja na zywo",
    ];
    // A mark follows: «Direct», "Live" and "Diretta" are words of any title.
    const MARKED: &[&str] =
        &["direct", "live", "live now", "directo", "diretta", "direkte", "ticker", "zive", "online", "canli", "uzivo"];
    const ANYWHERE: &[&str] = &["liveblog", "live blog", "liveticker", "live-ticker", "newsblog", "live updates"];
    const INSIDE: &[&str] = &[", en direct", ", en directo", ", en vivo", ", in diretta", ", ao vivo", ", live"];
    const ENDS: &[&str] = &["as it happened", "minuto a minuto", "minute par minute", "minuto per minuto"];
    let folded = words::fold(title);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let marked = |rest: &str| rest.is_empty() || rest.trim_start().starts_with(MARKS);
    let follows = |all: &[&str], text: &str| all.iter().any(|o| text.strip_prefix(o).is_some_and(marked));
    OPENINGS.iter().any(|o| bare.strip_prefix(o).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
        || follows(MARKED, bare)
        || ANYWHERE.iter().any(|w| bare.contains(w))
        || INSIDE.iter().any(|w| bare.split_once(w).is_some_and(|(_, rest)| marked(rest)))
        || ENDS.iter().any(|w| bare.strip_suffix(w).is_some_and(|rest| rest.is_empty() || rest.ends_with(' ')))
}

/// Whether blocks open with clock times and the later ones come first; a timetable or a chronicle goes the other way.
fn counts_down(paragraphs: &[String]) -> bool {
    let times: Vec<u32> = paragraphs.iter().filter_map(|p| clock(p)).collect();
    let down = times.windows(2).filter(|pair| pair[0] > pair[1]).count();
    times.len() >= MINUTES && down * 2 > times.len() - 1
}

/// The minute of the day that a text opens with: "12:40", "12h40", "12.40 Uhr", "9:05 p.m.".
fn clock(text: &str) -> Option<u32> {
    let figures = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let text = words::fold(text);
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (hour, rest) = text.split_at(figures(text));
    let mark = rest.chars().next().filter(|c| matches!(c, ':' | 'h' | '.'))?;
    let (minute, rest) = rest[1..].split_at(figures(&rest[1..]));
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok().filter(|_| minute.len() == 2)?);
    let rest = rest.trim_start();
    let named = ["uhr", "am", "a.m", "pm", "p.m", "kl", "h "].iter().any(|name| rest.starts_with(name));
    // "3.50 euros" is a price and "1:20.5" a race.
    let goes_on = rest.starts_with(['.', ',', '%', '€', '$']);
    let afternoon = rest.starts_with('p') && named && hour < 12;
    let morning = rest.starts_with('a') && named && hour == 12;
    let hour = if afternoon { hour + 12 } else { hour - if morning { 12 } else { 0 } };
    (hour < 24 && minute < 60 && !goes_on && (mark != '.' || named)).then_some(hour * 60 + minute)
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

    #[test]
    fn live_titles_of_many_makes_are_told_from_titles_that_share_their_words() {
        for title in [
            "🔴 EN DIRECT - Crue : la rivière monte",
            "DIRECT - Crue : la rivière monte",
            "Direct : la crue minute par minute",
            "Crue à Brévan, en direct : la rivière monte",
            "+++ Hochwasser-Liveticker: Fluss steigt +++",
            "AO VIVO: rio sobe",
            "Flood: live updates as the river rises",
            "Flood – as it happened",
            "LIVE: River bridge closes",
            "🔴 Live | The vote on the bridge",
            "Última hora de la riada, en directo",
            "La piena, in diretta: il fiume sale",
            "NA ŻYWO: rzeka rośnie",
            "[LIVE] The vote on the bridge",
        ] {
            assert!(is_live_title(title), "{title}");
        }
        for title in [
            "Live music returns to the old mill",
            "Direct trains to the coast are back",
            "Online shops must mend their returns",
            "The song that happened as it rained",
            "Vivre en direction de la mer",
            "Tickets sell out in an hour",
            "He tells the flood as it happened to him",
        ] {
            assert!(!is_live_title(title), "{title}");
        }
    }

    #[test]
    fn minutes_that_count_down_are_a_live_blog_and_a_timetable_is_none() {
        let all = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert!(counts_down(&all(&[
            "12:40 The river rose.",
            "12:10 It rained.",
            "A reader writes.",
            "11:50 Schools shut."
        ])));
        assert!(counts_down(&all(&["20h15 – La rivière monte.", "19h50 – Il pleut.", "18h05 – Les écoles ferment."])));
        assert!(counts_down(&all(&["1:05 p.m. It rose.", "12:40 p.m. It rained.", "11:50 a.m. Schools shut."])));
        assert!(!counts_down(&all(&["8:10 The ferry leaves.", "9:20 The bus leaves.", "10:30 The train leaves."])));
        assert!(!counts_down(&all(&["3.50 euros a ticket.", "3.40 euros a year ago.", "3.20 euros before."])));
        assert!(!counts_down(&all(&["12:40 The river rose.", "11:50 Schools shut."])));
    }

    #[test]
    fn pictures_and_films_are_told_by_title_where_little_is_said() {
        check("In pictures: the flood", "https://a.example/flood", 60, false, false, Form::Gallery);
        check("Das Fest in Bildern", "https://a.example/fest", 60, false, false, Form::Gallery);
        check("Vidéo : le pont vu du ciel", "https://a.example/pont", 60, false, false, Form::Video);
        check("In pictures: the flood", "https://a.example/flood", 400, false, false, Form::Article);
        check("Video games sell less", "https://a.example/games", 60, false, false, Form::Article);
        let captions = |words: usize| {
            let meta = Metadata { form: Form::Gallery, ..Metadata::default() };
            form(&meta, &["word ".repeat(words)], &[])
        };
        assert_eq!([captions(300), captions(900)], [Form::Gallery, Form::Article]);
    }
}
