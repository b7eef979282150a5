//! Tells whether a later revision of an article is news to whoever read an earlier one, and what of it is new.
//! It does not know who was told which revision; `digest::select` does.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    ArticleText, Form, KeyPointsOrigin,
    outline::share,
    sentences, story,
    words::{self, Term},
};

/// Sentences that are kept to be shown as what is new.
const MOST_SHOWN: usize = 3;
/// Words of a sentence below which it is a credit, a time or a crosshead.
const FEWEST_WORDS: usize = 6;
/// Share of a sentence's shingles that the earlier text must lack: a changed word changes three of some twenty.
const NEW_SENTENCE: f64 = 0.6;
/// New sentences from which on a text says more than before.
const NEW_SENTENCES: usize = 3;
/// Share of the whole text that is new, from which on one sentence is enough: a brief that grew by half.
const NEW_TEXT: f64 = 0.3;
/// Share of a title's words that the earlier one lacks, from which on it says something else.
const NEW_TITLE: f64 = 0.5;

/// Words with which publishers begin a correction, folded; a colon, a date, a bracket or a dash follows, and some words.
const CORRECTIONS: [&str; 26] = [
    "correction",
    "correctif",
    "rectificatif",
    "rectification",
    "erratum",
    "precision",
    "clarification",
    "editor's note",
    "korrektur",
    "berichtigung",
    "richtigstellung",
    "anmerkung der redaktion",
    "correctie",
    "rectificatie",
    "correccion",
    "fe de errores",
    "rettifica",
    "errata corrige",
    "precisazione",
    "correzione",
    "errata",
    "correcao",
    "retificacao",
    "sprostowanie",
    "rattelse",
    "rettelse",
];
/// The same for an addition. These stand before mere times of day as well, so that more words must follow.
const ADDITIONS: [&str; 11] = [
    "mise a jour",
    "update",
    "updated",
    "aktualisierung",
    "aanvulling",
    "actualizacion",
    "aggiornamento",
    "atualizacao",
    "aktualizacja",
    "uppdatering",
    "opdatering",
];
/// Characters between such a word and its colon that may name a time.
const TIME: usize = 24;
/// Words of more than three letters that must follow each.
const SAID: [usize; 2] = [2, 4];
/// Words with which they speak of the earlier version, wherever these stand.
const EARLIER_VERSIONS: [&str; 11] = [
    "une version precedente de cet article",
    "version initiale de cet article",
    "an earlier version of this",
    "a previous version of this",
    "in einer fruheren version",
    "in einer ersten version",
    "in een eerdere versie",
    "una version anterior de",
    "una versione precedente di questo",
    "uma versao anterior dest",
    "en tidigare version av",
];

/// What a revision tells that the one before did not, kept with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The publisher's own notice first, then new key points or sentences, verbatim, at most three; empty where only the title is new.
    pub news: Vec<String>,
}

/// What is new in `after` for a reader of `before`; none where nothing is that they should be told: typing errors, other words for
/// the same, a changed picture, a page that goes on being written.
pub fn update(before: &ArticleText, after: &ArticleText) -> Option<Update> {
    let forms = [before.form, after.form];
    // The text behind a paywall, or a page that could not be read the first time, is no news of the publisher's.
    if before.language != after.language || forms[0] != forms[1] || forms.contains(&Form::Live) {
        return None;
    }
    let (seen, lines) = (Seen::of(before), sentences_of(after));
    let new: Vec<&str> = lines.iter().copied().filter(|sentence| seen.lacks(sentence)).collect();
    let notice = || lines.iter().copied().filter(|sentence| is_notice(sentence) && !seen.has_line(sentence));
    let points: Vec<&str> = match after.key_points.origin {
        KeyPointsOrigin::Publisher if before.key_points.origin == KeyPointsOrigin::Publisher => {
            after.key_points.points.iter().map(String::as_str).filter(|point| seen.lacks(point)).collect()
        }
        _ => Vec::new(),
    };
    let bare = before.paragraphs.is_empty() && after.paragraphs.is_empty();
    let titled = is_new_title(&before.title, &after.title) && (bare || !new.is_empty());
    let counted = counted(before, after, &lines);
    let material =
        !counted.is_empty() || notice().next().is_some() || !points.is_empty() || titled || says_more(&new, &lines);
    if !material {
        return None;
    }
    let mut news: Vec<String> = Vec::new();
    for line in notice().chain(points).chain(counted).chain(new) {
        if news.len() < MOST_SHOWN && !news.iter().any(|known| known == line) {
            news.push(line.to_owned());
        }
    }
    Some(Update { news })
}

fn says_more(new: &[&str], lines: &[&str]) -> bool {
    let words = |lines: &[&str]| lines.iter().map(|line| words::count(line)).sum::<usize>();
    new.len() >= NEW_SENTENCES || (!new.is_empty() && share(words(new), words(lines)) >= NEW_TEXT)
}

/// Whether a title says something else: other words for the most part, or another figure.
fn is_new_title(before: &str, after: &str) -> bool {
    let (old, new): (BTreeSet<Term>, BTreeSet<Term>) =
        (words::terms(before).into_iter().collect(), words::terms(after).into_iter().collect());
    let lacking = new.difference(&old).count();
    share(lacking, new.len()) >= NEW_TITLE && lacking > 0 || !figures(after).is_subset(&figures(before))
}

fn figures(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_numeric()).filter(|number| !number.is_empty()).collect()
}

/// The sentences of the later text that tell a figure which its title has and nothing of the earlier text had: a toll that rose.
fn counted<'t>(before: &ArticleText, after: &ArticleText, lines: &[&'t str]) -> Vec<&'t str> {
    let parts = || before.standfirst.iter().chain(&before.paragraphs).chain([&before.title]);
    let known: BTreeSet<&str> = parts().flat_map(|part| figures(part)).collect();
    let new: BTreeSet<&str> = figures(&after.title).difference(&known).copied().collect();
    // Where the title had none there may be another reason for one.
    if figures(&before.title).is_empty() {
        return Vec::new();
    }
    lines.iter().copied().filter(|line| !figures(line).is_disjoint(&new)).collect()
}

fn is_notice(sentence: &str) -> bool {
    let folded = words::fold(sentence);
    let line = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let begins = |words: &[&str], said: usize| {
        let rests = words.iter().filter_map(|word| line.strip_prefix(word)).map(str::trim_start);
        let is_word = |word: &&str| word.chars().count() > 3 && word.chars().all(char::is_alphabetic);
        rests
            .filter(|rest| rest.starts_with([':', '-', '–', '—', '(', ',']) || opens_with_time(rest))
            .any(|rest| rest.split(|c: char| !c.is_alphanumeric()).filter(is_word).count() >= said)
    };
    // "Updated: Tuesday, November 24 at 10:15 Eastern Standard Time" says nothing.
    let bare_time = folded.contains(char::is_numeric) && !sentences::is_statement(sentence);
    begins(&CORRECTIONS, SAID[0])
        || (!bare_time && begins(&ADDITIONS, SAID[1]))
        || EARLIER_VERSIONS.iter().any(|words| folded.contains(words))
}

/// "18.00 uur – …", "delle 18: …", "von 18 Uhr: …".
fn opens_with_time(rest: &str) -> bool {
    let head: String = rest.chars().take(TIME).take_while(|c| !matches!(c, '–' | '—' | '.' | '!')).collect();
    rest.starts_with(char::is_numeric) || head.split_once(": ").is_some_and(|(time, _)| time.contains(char::is_numeric))
}

fn sentences_of(text: &ArticleText) -> Vec<&str> {
    let parts = text.standfirst.iter().chain(&text.paragraphs);
    parts.flat_map(|part| sentences::split(part, text.language)).map(str::trim).filter(|s| !s.is_empty()).collect()
}

/// What readers of an earlier revision know.
struct Seen {
    shingles: BTreeSet<u32>,
    lines: BTreeSet<String>,
    wide: bool,
}

impl Seen {
    fn of(text: &ArticleText) -> Self {
        let parts = || {
            let shown = text.key_points.points.iter().chain(&text.standfirst).chain(&text.paragraphs);
            shown.map(String::as_str).chain([text.title.as_str()])
        };
        let wide = parts().any(story::is_wide);
        let shingles = parts().flat_map(|part| story::shingles_of(part, wide)).collect();
        let lines = sentences_of(text).into_iter().map(words::fold).collect();
        Self { shingles, lines, wide }
    }

    fn has_line(&self, sentence: &str) -> bool {
        self.lines.contains(&words::fold(sentence))
    }

    /// Whether most of a sentence stands nowhere in the earlier text.
    fn lacks(&self, sentence: &str) -> bool {
        let shingles = story::shingles_of(sentence, self.wide);
        let new = shingles.iter().filter(|shingle| !self.shingles.contains(shingle)).count();
        words::count(sentence) >= FEWEST_WORDS && share(new, shingles.len()) >= NEW_SENTENCE
    }
}
