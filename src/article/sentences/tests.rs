//! Shows by cases what `article::sentences` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

fn check(language: &str, paragraph: &str, expected: &[&str]) {
    let language = language.parse().expect("a tag");
    assert_eq!(split(paragraph, language), expected, "{paragraph}");
}

#[test]
fn abbreviations_initials_and_numbers_do_not_end_a_sentence() {
    check(
        "fr",
        "M. Le Goff a payé 3.5 millions. Le Dr. Ancel, av. Foch, conteste.",
        &["M. Le Goff a payé 3.5 millions.", "Le Dr. Ancel, av. Foch, conteste."],
    );
    check(
        "en",
        "Sen. J. R. Holt left the U.S. Senate at 5 p.m. on Friday. He paid $2.50. No. 4 lost.",
        &["Sen. J. R. Holt left the U.S. Senate at 5 p.m. on Friday.", "He paid $2.50.", "No. 4 lost."],
    );
    check("en", "She lives in the U.S. The house is new.", &["She lives in the U.S.", "The house is new."]);
    check(
        "de",
        "Am 3. Mai kamen z. B. 40 Gäste, u. a. Dr. Weiß. Die Feier endete 2023. Der Rest blieb.",
        &["Am 3. Mai kamen z. B. 40 Gäste, u. a. Dr. Weiß.", "Die Feier endete 2023.", "Der Rest blieb."],
    );
    check(
        "nl",
        "Dhr. De Wit sprak, bijv. over geld. Daarna niet.",
        &["Dhr. De Wit sprak, bijv. over geld.", "Daarna niet."],
    );
    check("es", "El Sr. Gil viajó a EE. UU. en mayo. Volvió.", &["El Sr. Gil viajó a EE. UU. en mayo.", "Volvió."]);
    check("it", "Il dott. Neri e l'on. Bassi tacciono. Perché?", &["Il dott. Neri e l'on. Bassi tacciono.", "Perché?"]);
}

#[test]
fn closing_quotes_stay_with_their_sentence() {
    check(
        "fr",
        "«\u{a0}Nous partons.\u{a0}» Elle sourit\u{202f}! «\u{202f}Et vous\u{202f}?\u{202f}» demande-t-il.",
        &["«\u{a0}Nous partons.\u{a0}»", "Elle sourit\u{202f}!", "«\u{202f}Et vous\u{202f}?\u{202f}» demande-t-il."],
    );
    check("en", "“We leave.” She smiled. \"Now?\" he asked.", &["“We leave.”", "She smiled.", "\"Now?\" he asked."]);
    check("de", "„Wir gehen.“ Sie lachte.", &["„Wir gehen.“", "Sie lachte."]);
}

#[test]
fn brackets_are_not_cut_and_ellipses_may_go_on() {
    check("en", "He left (see p. 3. And more). Then… nothing.", &["He left (see p. 3. And more).", "Then… nothing."]);
}

#[test]
fn wide_stops_need_no_space() {
    check("ja", "雨が降った。試合は中止。", &["雨が降った。", "試合は中止。"]);
}

#[test]
fn no_character_but_white_space_is_lost() {
    let text = "A b. C d?  «\u{a0}E f\u{a0}!\u{a0}» G (h. I) j... K";
    let glue = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert_eq!(glue(&split(text, Language::UND).concat()), glue(text));
}
