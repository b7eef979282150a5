//! A reader's own words in an article: how a mail names them and where they stand, and which sentences it shows for them.
//! It does not find them; `topic` does.

use std::collections::BTreeMap;

use super::{
    article::{ArticleFragmentInput, name},
    locale::Speech,
    plain,
};
use crate::{
    article::{ArticleText, KeyPointsOrigin, RankedSentence, key_points},
    topic::{
        analyze::units::is_unspaced,
        query::{Place, Where},
    },
};

/// The reader's own words named, each once; more tell nothing new.
const WORDS: usize = 6;
/// Bytes of HTML of all of them, so that the size of an article stays bounded.
const WORDS_BYTES: usize = 160;

/// What a reader's own words make of an article.
#[derive(Debug)]
pub(super) struct Own {
    /// See [`line`].
    pub(super) line: String,
    /// Places of the ranked sentences that the words choose; none where everybody's are shown.
    pub(super) sentences: Vec<usize>,
}

impl Own {
    pub(super) fn of(speech: Speech<'_>, input: &ArticleFragmentInput<'_>) -> Self {
        Self { line: line(speech, &input.words), sentences: input.own_sentences() }
    }
}

/// «tramway (dans le titre), pistes cyclables (dans le texte)»: every word at the first place where it stands; empty without words.
fn line(speech: Speech<'_>, found: &[&Place]) -> String {
    let mut by_place: BTreeMap<Where, Vec<&str>> = BTreeMap::new();
    // Which language a piece is written in is no word of it.
    for place in found.iter().filter(|place| place.field != Where::Language) {
        by_place.entry(place.field).or_default().extend(place.words.iter().map(String::as_str));
    }
    let (mut named, mut room, mut groups) = (Vec::new(), WORDS_BYTES, Vec::new());
    for (place, words) in by_place {
        let mut here = Vec::new();
        for word in words {
            let (word, folded) = (name(word), word.to_lowercase());
            let left = room.checked_sub(plain::escaped_len(&word));
            let Some(left) = left.filter(|_| named.len() < WORDS && !named.contains(&folded)) else { continue };
            room = left;
            named.push(folded);
            here.push(word);
        }
        if !here.is_empty() {
            groups.push(speech.say("words-at", &[("words", here.join(", ").into()), ("place", place.name().into())]));
        }
    }
    groups.join(", ")
}

/// Which of the ranked sentences are shown to a reader of these words, none where they are those that everybody is shown.
pub(super) fn sentences(text: &ArticleText, found: &[&Place], limit: usize) -> Vec<usize> {
    let in_text = found.iter().filter(|place| place.field.is_text()).flat_map(|place| &place.words);
    let wanted: Vec<String> = in_text.map(|words| spelled(words)).filter(|words| !words.trim().is_empty()).collect();
    if wanted.is_empty() || text.key_points.origin != KeyPointsOrigin::Extracted {
        return Vec::new();
    }
    let holds = |sentence: &RankedSentence| {
        let sentence = spelled(&sentence.text);
        wanted.iter().any(|words| sentence.contains(words))
    };
    let held: Vec<bool> = text.ranked.iter().map(holds).collect();
    if !held.contains(&true) {
        return Vec::new();
    }
    let chosen = key_points::choose(&text.ranked, |i| held[i], limit);
    let for_all = chosen.iter().map(|i| &text.ranked[*i].text).eq(&text.key_points.points);
    if for_all { Vec::new() } else { chosen }
}

/// The words of a text in lower case between single blanks, one at either end, whatever stood between them; where a script writes no
/// blanks, letter by letter.
fn spelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        let apart = is_unspaced(c);
        if (apart || !c.is_alphanumeric()) && !out.ends_with(' ') {
            out.push(' ');
        }
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        }
        if apart {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        article::KeyPoints,
        render::{language::UiLanguage, template::Templates},
        topic::{FeedFacts, Query, analyze::Field},
    };

    fn found(filter: &str) -> Vec<Place> {
        let article = ArticleText {
            title: "Le tramway et la piste cyclable".to_owned(),
            url: "https://ouest.example/a".to_owned(),
            language: UiLanguage::Fr.language(),
            standfirst: Some("L’attente dure depuis mars.".to_owned()),
            paragraphs: vec![
                "Les tramways longeront des pistes, cyclables ou non. Le tramway passe au pont.".to_owned(),
            ],
            author: Some("Anne Le Goff".to_owned()),
            ..ArticleText::default()
        };
        Query::parse(filter).expect("a filter").highlights_in(&article, &FeedFacts::default())
    }

    #[test]
    fn each_word_is_named_once_with_its_place_in_the_readers_language() {
        let templates = Templates::built_in();
        let check = |filter: &str, language: UiLanguage, line_wanted: &str| {
            let found = found(filter);
            let found: Vec<&Place> = found.iter().collect();
            assert_eq!(line(templates.speech(language), &found), line_wanted, "{filter}");
        };
        check("tramway", UiLanguage::Fr, "tramway (dans le titre), tramways (dans le texte)");
        check("tramway", UiLanguage::En, "tramway (in the title), tramways (in the text)");
        check("attente pont", UiLanguage::De, "L’attente (in der Einleitung), pont (im Text)");
        check(
            "pont OR \"piste cyclable\"",
            UiLanguage::Nl,
            "piste cyclable (in de titel), pistes cyclables, pont (in de tekst)",
        );
        check("pont site:ouest.example lang:fr", UiLanguage::Fr, "pont (dans le texte), ouest.example (site)");
        check("author:goff pont", UiLanguage::Fr, "pont (dans le texte), Goff (auteur)");
        check("(tramway vélo) OR pont", UiLanguage::Fr, "pont (dans le texte)");
        check("vélo", UiLanguage::Fr, "");
    }

    #[test]
    fn a_sentence_holds_words_as_the_article_writes_them_and_phrases_whole() {
        let check = |text: &str, word: &str, held: bool| {
            assert_eq!(spelled(text).contains(&spelled(word)), held, "{word} in {text}");
        };
        check("Les Tramways roulent.", "tramways", true);
        check("Les tramwaymen roulent.", "tramway", false);
        check("Des pistes, cyclables ou non.", "pistes cyclables", true);
        check("Des pistes sont cyclables.", "pistes cyclables", false);
        check("Pourquoi l’attente dure-t-elle", "attente dure", true);
        check("東京タワーの改修が始まる。", "東京タワー", true);
        check("京都の改修が始まる。", "東京", false);
        check("Sous Linux et C++.", "C++", true);
    }

    #[test]
    fn words_that_are_no_text_choose_no_sentence() {
        let ranked = ["Un.", "Deux.", "Trois.", "Un pont."].map(str::to_owned);
        let text = |origin| ArticleText {
            ranked: (0..).zip(ranked.clone()).map(|(at, text)| RankedSentence { at, text }).collect(),
            key_points: KeyPoints { origin, ..KeyPoints::default() },
            ..ArticleText::default()
        };
        let check = |origin: KeyPointsOrigin, field: Where, word: &str, chosen: &[usize]| {
            let place = Place { field, words: vec![word.to_owned()] };
            assert_eq!(sentences(&text(origin), &[&place], 600), chosen, "{word}");
        };
        let body = Where::Field(Field::Body);
        check(KeyPointsOrigin::Extracted, body, "pont", &[0, 3]);
        check(KeyPointsOrigin::Extracted, body, "€", &[]);
        check(KeyPointsOrigin::Extracted, Where::Field(Field::Author), "pont", &[]);
        check(KeyPointsOrigin::Publisher, body, "pont", &[]);
    }
}
