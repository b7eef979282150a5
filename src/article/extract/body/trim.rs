//! Takes from a found article what only its place betrays: bylines above it, labels and lists below it, headings over nothing.
//! It sees blocks that passed every test of their own.

use super::{Body, Removed};
use crate::article::{
    boilerplate::Why,
    outline::{Block, Kind, Outline},
    words,
};

/// Blocks at the beginning among which bylines stand.
const HEAD: usize = 8;

/// Trims a body's beginning, its end and its headings.
pub(super) fn trim(outline: &Outline, body: &mut Body) {
    head(outline, body);
    author_note(outline, body);
    tail(outline, body);
    headings(outline, body);
}

/// Whether a block is the heading of the readers' comments: «12 commentaires», "Kommentare (3)".
pub(super) fn opens_comments(block: &Block) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "comments", "comment", "commentaires", "commentaire", "kommentare", "kommentar", "reacties", "reactie",
        "comentarios", "comentario", "commenti", "commento", "kommentarer", "komentarze", "komentare",
        "leserkommentare", "leserpost", "комментарии",
    ];
    let folded = words::fold(&block.text);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).collect();
    parts.len() <= 3
        && block.kind != Kind::Cell
        && parts.iter().any(|p| WORDS.contains(p))
        && parts.iter().all(|p| WORDS.contains(p) || p.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a block reads as a sentence or more.
pub(super) fn is_sentence(block: &Block) -> bool {
    let end = block.text.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '”' | '»' | '“' | '’' | '\'' | ')' | ']' | '」')
    });
    end.ends_with(['.', '!', '?', '…', ':', '。', '！', '？', '।']) && words::count(&block.text) >= 4
}

/// Blocks of the list that the first of these announces, as the last of an article: "The winners are:".
fn announced_list(outline: &Outline, kept: &[usize]) -> usize {
    let sentence = &outline.blocks[kept[0]];
    if !sentence.text.trim_end().ends_with([':', '：']) && !sentence.text.ends_with("とおり。") {
        return 0;
    }
    let around = |at: usize| outline.containers[outline.blocks[at].container].parent;
    let list = |at: usize| match outline.blocks[at].kind {
        Kind::Item(list) => Some(list),
        _ => None,
    };
    let first_list = kept.get(1).and_then(|at| list(*at));
    let belongs = |at: usize| match first_list {
        Some(first) => list(at) == Some(first),
        None => around(at) == around(kept[0]) && !has_only_date(&outline.blocks[at]),
    };
    kept[1..].iter().take_while(|at| belongs(**at)).count()
}

fn drop(outline: &Outline, body: &mut Body, range: std::ops::Range<usize>, why: Why) {
    for at in body.kept.drain(range) {
        body.removed.push(Removed::new(&outline.blocks[at].text, why));
    }
}

/// Above the first prose stand kicker, byline and date.
fn head(outline: &Outline, body: &mut Body) {
    let Some(first) =
        body.kept.iter().position(|at| outline.blocks[*at].is_prose() || is_statement(&outline.blocks[*at]))
    else {
        return;
    };
    drop(outline, body, 0..first, Why::Head);
    let bylines: Vec<usize> =
        (0..body.kept.len().min(HEAD)).filter(|i| is_byline(&outline.blocks[body.kept[*i]])).collect();
    for i in bylines.into_iter().rev() {
        drop(outline, body, i..i + 1, Why::Head);
    }
}

/// Words of the longest byline: several names, and two dates.
const BYLINE_WORDS: usize = 30;

/// Words of a part of the byline that stands in a list of its own.
const ITEM_WORDS: usize = 6;

/// Who wrote it and when, between standfirst and text.
fn is_byline(block: &Block) -> bool {
    #[rustfmt::skip]
    const OPENINGS: &[&str] = &[
        "von ", "by ", "par ", "di ", "por ", "door ", "af ", "av ", "autor", "auteur", "author", "text:", "texte",
        "redaction", "publi", "updated", "veroffentlicht", "aktualisiert", "stand", "actualizado", "aggiornato",
        "bijgewerkt", "mis a jour",
    ];
    let words = words::count(&block.text);
    if matches!(block.kind, Kind::Heading(1..=6)) || words > BYLINE_WORDS {
        return false;
    }
    let folded = words::fold(&block.text);
    if matches!(block.kind, Kind::Item(_)) && words > ITEM_WORDS {
        return false;
    }
    if words <= ITEM_WORDS && !is_sentence(block) && tells_minutes(&folded) {
        return true;
    }
    let year = folded
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| w.len() == 4 && (w.starts_with("19") || w.starts_with("20")) && w.bytes().all(|b| b.is_ascii_digit()));
    if !is_sentence(block) && words <= 12 && tells_age(&folded) {
        return true;
    }
    if words > 16 {
        return !is_sentence(block) && has_date(&block.text) && OPENINGS.iter().any(|o| folded.starts_with(o));
    }
    let names = words <= 4
        && !matches!(block.kind, Kind::Item(_))
        && block.text.split_whitespace().all(|w| w.starts_with(char::is_uppercase));
    let opens = OPENINGS.iter().any(|o| folded.starts_with(o));
    !is_sentence(block) && (has_date(&block.text) || (year && words <= 6) || names || (opens && words <= 12))
        || (has_date(&block.text) && words <= 6)
}

/// "Publicado hace 3 horas", "vor 20 Minuten", "5 hours ago": how long ago it was written.
fn tells_age(folded: &str) -> bool {
    const BEFORE: &[&str] = &["hace", "vor", "il y a", "ha", "for", "pred", "przed"];
    const AFTER: &[&str] =
        &["ago", "geleden", "sedan", "siden", "fa", "atras", "temu", "sitten", "once", "тому", "назад"];
    #[rustfmt::skip]
    const UNITS: &[&str] = &[
        "minute", "minutes", "minuten", "minutos", "minuti", "minuter", "minutter", "min", "hour", "hours", "heure", "heures", "stunde",
        "stunden", "hora", "horas", "ora", "ore", "uur", "timmar", "timer", "godzin", "godziny", "tuntia", "day", "days", "jour", "jours",
        "tag", "tagen", "dia", "dias", "giorno", "giorni", "dag", "dagen", "dagar", "dage", "dni", "paivaa",
    ];
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let at = words.windows(2).position(|pair| pair[0].bytes().all(|b| b.is_ascii_digit()) && UNITS.contains(&pair[1]));
    at.is_some_and(|at| {
        let before = words[..at].join(" ");
        BEFORE.iter().any(|word| before == *word || before.ends_with(&format!(" {word}")))
            || words.get(at + 2).is_some_and(|word| AFTER.contains(word))
    })
}

/// "Lesedauer: 8 Min.", "6 min read": how long the article takes.
fn tells_minutes(folded: &str) -> bool {
    const MINUTES: &[&str] = &[
        "min", "mins", "minute", "minutes", "minuten", "minutos", "minuti", "minuter", "minutter", "minuttia", "minut",
    ];
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| pair[0].bytes().all(|b| b.is_ascii_digit()) && MINUTES.contains(&pair[1]))
}

/// A short but whole sentence without a date.
fn is_statement(block: &Block) -> bool {
    is_sentence(block) && words::count(&block.text) >= 5 && !has_date(&block.text)
}

/// Words that may stand below the heading of a note on the author.
const NOTE_WORDS: usize = 150;

/// «À propos de l'auteur», "Der Autor": the note on who wrote it is the last of a piece.
fn author_note(outline: &Outline, body: &mut Body) {
    #[rustfmt::skip]
    const HEADINGS: &[&str] = &[
        "der autor", "die autorin", "die autoren", "die autorinnen", "zur person", "zum autor", "zur autorin",
        "uber den autor", "uber die autorin", "about the author", "about the authors", "about the writer",
        "a propos de l'auteur", "a propos de l'autrice", "l'auteur", "l'autrice", "l'autore", "l'autrice",
        "sobre el autor", "sobre la autora", "over de auteur", "sobre o autor", "om forfatteren", "om skribenten",
    ];
    let names_author = |at: usize| {
        let folded = words::fold(&outline.blocks[at].text);
        HEADINGS.contains(&folded.trim_matches(|c: char| !c.is_alphanumeric()))
    };
    let Some(from) = body.kept.iter().rposition(|at| names_author(*at)).filter(|from| *from > 0) else { return };
    if body.kept[from..].iter().map(|at| words::count(&outline.blocks[*at].text)).sum::<usize>() <= NOTE_WORDS {
        drop(outline, body, from..body.kept.len(), Why::Furniture);
    }
}

/// Below the last sentence stand labels, names and links.
fn tail(outline: &Outline, body: &mut Body) {
    let last = body.kept.iter().rposition(|at| {
        let block = &outline.blocks[*at];
        is_sentence(block) && !has_only_date(block) || (block.is_prose() && !matches!(block.kind, Kind::Heading(_)))
    });
    let Some(last) = last else { return };
    let last = last + announced_list(outline, &body.kept[last..]);
    drop(outline, body, last + 1..body.kept.len(), Why::Furniture);
}

/// A heading over nothing that is kept was the heading of what was left out.
fn headings(outline: &Outline, body: &mut Body) {
    let mut i = 0;
    while i < body.kept.len() {
        let at = body.kept[i];
        let Kind::Heading(level) = outline.blocks[at].kind else {
            i += 1;
            continue;
        };
        let next = body.kept.get(i + 1).copied();
        let empty = next.is_none_or(|n| matches!(outline.blocks[n].kind, Kind::Heading(l) if l <= level) && n > at + 1);
        if empty {
            drop(outline, body, i..i + 1, Why::Related);
        } else {
            i += 1;
        }
    }
}

/// Whether a text holds a clock time (`15:10`) or a date in figures (`25/04/2026`, `25.4.2026`, `2026-04-25`); a number with a point is neither.
fn has_date(text: &str) -> bool {
    let figures = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | '/' | '-'));
    figures.map(|w| w.trim_end_matches(['.', ':', '-'])).any(|word| {
        let all = |mark: char, fits: fn(&str) -> bool| word.split(mark).all(|p| !p.is_empty() && fits(p));
        let (short, any) = (|p: &str| p.len() <= 2, |p: &str| p.len() <= 4);
        // "4 May 202207:59": a year before the clock.
        let clock =
            if word.len() > 6 && word.starts_with("20") && word.is_char_boundary(4) { &word[4..] } else { word };
        (clock.matches(':').count() == 1 && clock.split(':').all(|p| !p.is_empty() && short(p)))
            || ['.', '/', '-']
                .iter()
                .any(|m| word.matches(*m).count() == 2 && all(*m, any) && word.split(*m).any(short))
    })
}

fn has_only_date(block: &Block) -> bool {
    words::count(&block.text) <= 8 && has_date(&block.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_kept(html: &str, expected: &[&str]) {
        let outline = crate::article::outline::outline(html);
        let kept = (0..outline.blocks.len()).collect();
        let mut body = Body { kept, removed: Vec::new(), title: None, range: 0..outline.blocks.len() };
        trim(&outline, &mut body);
        let texts: Vec<&str> = body.kept.iter().map(|at| outline.blocks[*at].text.as_str()).collect();
        assert_eq!(texts, expected, "{html}");
    }

    #[test]
    fn a_list_that_the_last_sentence_announces_belongs_to_the_article() {
        let list = "<ul><li>Brévan</li><li>Kervel</li></ul>";
        check_kept(
            &format!("<p>These are the two ports that stay closed:</p>{list}<ul><li>Tags</li></ul>"),
            &["These are the two ports that stay closed:", "Brévan", "Kervel"],
        );
        check_kept(
            &format!("<p>The two ports stay closed all week.</p>{list}"),
            &["The two ports stay closed all week."],
        );
    }

    #[test]
    fn a_note_on_the_author_ends_an_article() {
        let text = "<p>The two ports stay closed all week.</p>";
        check_kept(
            &format!("{text}<h3>About the author</h3><p>Jane Low writes about ports and lives in one.</p>"),
            &["The two ports stay closed all week."],
        );
        let all = ["The two ports stay closed all week.", "The boats", "They wait in the bay for a pilot."];
        check_kept(&format!("{text}<h3>The boats</h3><p>They wait in the bay for a pilot.</p>"), &all);
    }

    #[test]
    fn bylines_of_any_make_stand_above_the_text() {
        let text = "The two ports stay closed all week, the harbour board of Kervel said on Monday.";
        for byline in [
            "<ul><li>By Jane Low</li><li><time>Aug. 16, 2020</time></li><li>6 min read</li></ul>",
            "<ul><li class='date'>29.04.2020, 12:01 Uhr</li><li>Lesedauer: 8 Min.</li></ul>",
            "<p>przeczytanie zajmie 4 min</p>",
            "<p>Jacobo Bajo Peláez | Publicado hace 3 horas</p>",
            "<p>Il y a 12 heures</p><p>Updated 5 hours ago by the desk</p>",
            "<p>miércoles, 4 de mayo de 202207:59 hs</p>",
            "<p>Von Jan Muster und Eva Low | Oct 24, 2023 | Zuletzt geändert: Nov 7, 2023, 8:54 AM GMT+1 | Aus dem Hafen von Kervel</p>",
            "<p>by Jane C. Low November 8, 2023 | 6:03 pmNovember 8, 2023 | 6:03 pm</p>",
        ] {
            check_kept(&format!("<div><p>{text}</p>{byline}<p>{text}</p></div>"), &[text, text]);
        }
        for list in ["<ul><li>The port of Brévan closes on 3.5.2026 for a week</li></ul>", "<ul><li>Brévan</li></ul>"]
        {
            let item = list.trim_start_matches("<ul><li>").trim_end_matches("</li></ul>");
            check_kept(&format!("<div><p>{text}</p>{list}<p>{text}</p></div>"), &[text, item, text]);
        }
        for line in ["It took 5 minutes.", "They had 90 minutes, said Low."] {
            check_kept(&format!("<div><p>{text}</p><p>{line}</p><p>{text}</p></div>"), &[text, line, text]);
        }
    }

    #[test]
    fn a_cell_is_no_heading_of_comments() {
        let block = |html: &str| crate::article::outline::outline(html).blocks.remove(0);
        assert!(opens_comments(&block("<h3>Comments (3)</h3>")));
        assert!(!opens_comments(&block("<table><tr><td>Comment</td></tr></table>")));
    }

    #[test]
    fn dates_and_times_are_told_from_numbers() {
        for text in [
            "25/04/2026 Actualizado a las 15:10h.",
            "2026-04-25",
            "25.4.2026",
            "um 18:30 Uhr",
            "4 de mayo de 202207:59 hs",
        ] {
            assert!(has_date(text), "{text}");
        }
        for text in ["90.000 Euro", "2 : 1", "seit 2019", "3-4 Jahre", "A.B.C"] {
            assert!(!has_date(text), "{text}");
        }
    }
}
