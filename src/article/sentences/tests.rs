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
fn what_often_stands_last_ends_a_sentence_before_a_word_that_opens_one() {
    for (language, sentences) in [
        ("en", ["The board met until 5 p.m.", "The mayor left by car."]),
        ("en", ["He works at Acme Inc.", "The firm closed in May."]),
        ("en", ["He fell in World War I.", "In 1920 a stone was set."]),
        ("en", ["They all lack vitamin C.", "That is what the ship needs."]),
        ("de", ["Angeklagt ist Max M.", "Der Richter wartet noch."]),
        ("de", ["Es gab Äpfel, Birnen usw.", "Der Rest blieb liegen."]),
        ("de", ["Das kostet 5 Mio.", "Die Stadt zahlt."]),
        ("fr", ["Il vend des pommes, des poires, etc.", "Les enfants aussi."]),
        ("fr", ["Il enseigne l’histoire de l’art.", "Le musée ferme."]),
        ("fr", ["Ils vivent au bord de la mer.", "La ville est loin."]),
        ("de", ["Es ist der erste Fall dieser Art.", "Die Polizei ermittelt."]),
        ("de", ["Niemand weiß, wie's geht und wann's.", "Die Polizei schweigt."]),
        ("en", ["The mayor has fallen ill.", "The council waits."]),
        ("it", ["Vende mele, pere, ecc.", "Il sindaco tace."]),
        ("en", ["Phone sales fell.", "iPad sales rose."]),
        ("nl", ["De winkel sluit.", "'s Avonds is het stil."]),
        ("nl", ["Het is 5 uur.", "’t Is koud."]),
    ] {
        check(language, &sentences.join(" "), &sentences);
    }
    for (language, sentence) in [
        ("en", "Trains stop at 11 a.m. Friday and resume on Sunday."),
        ("en", "Mary A. Holt beat J. A. Brook of the U.S. Army."),
        ("en", "Dr. Ann Hale Jr. Boulevard is closed."),
        ("nl", "Mevr. J. De Wit won in mei."),
        ("fr", "M. Le Goff et M. De Witte ont gagné."),
    ] {
        check(language, sentence, &[sentence]);
    }
}

#[test]
fn abbreviations_of_more_languages_and_behind_an_elision_keep_their_stop() {
    for (language, sentence) in [
        ("fr", "Le conseil retire l’art. 3 de la loi."),
        ("de", "Die Fa. Roth in der Bahnhofstr. 5 schließt."),
        ("it", "Nel sec. XV nacque l'on. Bassi."),
        ("pl", "Pracuje tam dr hab. Anna Lis na pl. Nowym."),
        ("fi", "Siellä on mm. Oy Virta Ab."),
        ("hu", "Bezár pl. Kovács Kft. Budapesten."),
        ("ro", "Dl. Popescu și dna. Ionescu vin mâine."),
        ("el", "Ο κ. Νίκου έφυγε χθες."),
        ("hi", "यह डॉ. शर्मा ने कहा।"),
    ] {
        check(language, sentence, &[sentence]);
    }
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
    check("zh", "“大桥关闭了！”市长说。市民等待。", &["“大桥关闭了！”市长说。", "市民等待。"]);
    check("ja", "「橋を閉じる！」「直す！」市民は待つ。", &["「橋を閉じる！」", "「直す！」市民は待つ。"]);
}

#[test]
fn no_character_but_white_space_is_lost() {
    let text = "A b. C d?  «\u{a0}E f\u{a0}!\u{a0}» G (h. I) j... K";
    let glue = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    assert_eq!(glue(&split(text, Language::UND).concat()), glue(text));
}
