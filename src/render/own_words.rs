//! A reader's own words in an article: how a mail names them and where they stand, and which sentences hold them.
//! It does not find them, `topic` does; and it chooses no sentence.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation as _;

use super::{article::name, locale::Speech, plain};
use crate::topic::query::{Place, Where};

/// The reader's own words named, each once; more tell nothing new.
const WORDS: usize = 6;
/// Bytes of HTML of all of them, so that the size of an article stays bounded.
const WORDS_BYTES: usize = 160;

/// «tramway (dans le titre), pistes cyclables (dans le texte)»: every word at the first place where it stands; empty without words.
pub(super) fn line(speech: Speech<'_>, found: &[&Place]) -> String {
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

/// Whether a sentence holds one of the words, a phrase being held whole.
pub(super) fn holds(found: &[&Place]) -> impl Fn(&str) -> bool {
    let in_text = found.iter().filter(|place| place.field.is_text()).flat_map(|place| &place.words);
    let wanted: Vec<Vec<String>> = in_text.map(|text| parts(text)).filter(|parts| !parts.is_empty()).collect();
    move |sentence| {
        let sentence = parts(sentence);
        wanted.iter().any(|parts| sentence.windows(parts.len()).any(|here| here == parts))
    }
}

/// Words in lower case without what stands between them; ideographs one by one.
fn parts(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).flat_map(str::unicode_words).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::ArticleText;
    use crate::{
        render::{language::UiLanguage, template::Templates},
        topic::{FeedFacts, Query, query::Place},
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
        check("vélo", UiLanguage::Fr, "");
    }

    #[test]
    fn a_sentence_holds_words_as_the_article_writes_them_and_phrases_whole() {
        let check = |filter: &str, sentence: &str, held: bool| {
            let found = found(filter);
            assert_eq!(holds(&found.iter().collect::<Vec<_>>())(sentence), held, "{filter} in {sentence}");
        };
        check("tramway", "Les Tramways roulent.", true);
        check("tramway", "Les tramwaymen roulent.", false);
        check("\"piste cyclable\"", "Des pistes, cyclables ou non.", true);
        check("\"piste cyclable\"", "Des pistes sont cyclables.", false);
        check("attente", "Pourquoi l’attente dure.", true);
        check("pont site:ouest.example", "Le journal ouest.example le dit.", false);
        check("vélo", "Un vélo passe.", false);
    }
}
