//! Subject rules as tables.
//! They draw no mail.

use chrono::NaiveDate;

use super::*;
use crate::render::{language::UiLanguage, template::Templates};

const SOURCES: [&str; 2] = ["Le Fanal", "Ouest Info – Toute l’actualité"];

#[test]
fn titles_lose_labels_and_sources() {
    for (raw, want) in [
        ("Trains : ce qui change lundi – Le Fanal", "Trains : ce qui change lundi"),
        ("Trains : ce qui change lundi | Le Fanal", "Trains : ce qui change lundi"),
        ("Trains : ce qui change lundi - LE FANAL", "Trains : ce qui change lundi"),
        ("Trains : ce qui change lundi (Le Fanal)", "Trains : ce qui change lundi"),
        ("Trains : ce qui change lundi — Ouest Info", "Trains : ce qui change lundi"),
        ("VIDÉO. Le tram sort du dépôt", "Le tram sort du dépôt"),
        ("VIDEO - Le tram sort du dépôt", "Le tram sort du dépôt"),
        ("Vidéo : le tram sort du dépôt", "le tram sort du dépôt"),
        ("EN DIRECT | Le conseil vote le budget", "Le conseil vote le budget"),
        ("EN DIRECT. Grève\u{a0}: le point à midi", "Grève\u{a0}: le point à midi"),
        ("En direct\u{a0}: le conseil vote le budget", "le conseil vote le budget"),
        ("[Abonnés] Le vrai prix du stade", "Le vrai prix du stade"),
        ("Le vrai prix du stade [Abonnés]", "Le vrai prix du stade"),
        ("Le vrai prix du stade (réservé aux abonnés)", "Le vrai prix du stade"),
        ("Le vrai prix du stade | Abonnés", "Le vrai prix du stade"),
        ("[VIDÉO] EN DIRECT | Le vrai prix du stade (PHOTOS) – Le Fanal", "Le vrai prix du stade"),
        ("Premium | The true price of the stadium", "The true price of the stadium"),
        ("Live: council votes on the budget", "council votes on the budget"),
        ("Council votes on the budget – live", "Council votes on the budget"),
        ("Eilmeldung: Brücke gesperrt", "Brücke gesperrt"),
        ("(S+) Brücke gesperrt", "Brücke gesperrt"),
        ("Trains: what changes on Monday.", "Trains: what changes on Monday"),
        ("Talks resume in the U.S.", "Talks resume in the U.S."),
        ("Et après\u{202f}?", "Et après\u{202f}?"),
        ("«\u{a0}On tient bon\u{a0}»", "«\u{a0}On tient bon\u{a0}»"),
        // What only looks like a label or a source stays.
        ("Plus : ce que prépare la métropole", "Plus : ce que prépare la métropole"),
        ("Nantes - Angers : un train sur trois", "Nantes - Angers : un train sur trois"),
        ("La direction directe", "La direction directe"),
        ("Le Fanal – dix ans de journal", "Le Fanal – dix ans de journal"),
        ("Brexit: the long goodbye", "Brexit: the long goodbye"),
        ("2027 – ce qui nous attend", "2027 – ce qui nous attend"),
        ("  Deux\r\nlignes\u{202e} ici ", "Deux lignes ici"),
    ] {
        assert_eq!(title(raw, &SOURCES).as_deref(), Some(want), "{raw}");
    }
}

#[test]
fn titles_that_say_nothing_do_not_lead() {
    for raw in [
        "",
        "   ",
        "\u{200b}",
        "En direct",
        "EN DIRECT",
        "Le point",
        "Le point.",
        "L’essentiel",
        "À la une",
        "Live",
        "Liveblog",
        "News",
        "In Kürze",
        "Kort nieuws",
        "VIDÉO",
        "VIDÉO.",
        "[Abonnés]",
        "GRÈVE : TOUT CE QUI CHANGE LUNDI",
        "SNCF",
        "12",
        "!!!",
        "Ab",
        "Le point – Le Fanal",
        "EN DIRECT | Le point",
    ] {
        assert_eq!(title(raw, &SOURCES), None, "{raw}");
    }
}

fn line(language: UiLanguage, title: &str, count: usize) -> String {
    digest(Templates::built_in().speech(language), title, count)
}

#[test]
fn the_lead_title_comes_first_and_the_rest_is_counted() {
    let long = "Le conseil métropolitain vote un budget de rigueur malgré les protestations des maires";
    for (language, title, count, want) in [
        (
            UiLanguage::Fr,
            "Trains\u{a0}: ce qui change lundi",
            7,
            "Trains\u{a0}: ce qui change lundi, et 6 autres articles",
        ),
        (UiLanguage::Fr, "Le tram sort", 2, "Le tram sort, et un autre article"),
        (UiLanguage::Fr, "Le tram sort", 1, "Le tram sort"),
        (UiLanguage::Fr, "Et après\u{202f}?", 3, "Et après\u{202f}? Et 2 autres articles"),
        (UiLanguage::Fr, long, 1, "Le conseil métropolitain vote un budget de rigueur malgré…"),
        (UiLanguage::Fr, long, 7, "Le conseil métropolitain vote un budget de rigueur malgré…, et 6 autres articles"),
        (UiLanguage::En, "Trains: what changes on Monday", 7, "Trains: what changes on Monday, and 6 more stories"),
        (UiLanguage::En, "Trains: what changes on Monday", 2, "Trains: what changes on Monday, and one more story"),
        (UiLanguage::En, "Trains: what changes on Monday", 1, "Trains: what changes on Monday"),
        (UiLanguage::De, "Züge: was sich am Montag ändert", 7, "Züge: was sich am Montag ändert und 6 weitere Artikel"),
        (
            UiLanguage::De,
            "Züge: was sich am Montag ändert",
            2,
            "Züge: was sich am Montag ändert und ein weiterer Artikel",
        ),
        (UiLanguage::Nl, "Treinen: wat maandag verandert", 7, "Treinen: wat maandag verandert, en nog 6 artikelen"),
    ] {
        assert_eq!(line(language, title, count), want);
    }
}

#[test]
fn without_a_title_that_can_lead_the_topic_does() {
    let templates = Templates::built_in();
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a Tuesday");
    let (fr, en) = (templates.speech(UiLanguage::Fr), templates.speech(UiLanguage::En));
    for (line, want) in [
        (by_topic(fr, "Nantes", 4), "Nantes\u{a0}: 4 articles"),
        (by_topic(en, "Milford", 1), "Milford: 1 story"),
        (by_day(fr, day), "Votre résumé de mardi"),
        (by_day(en, day), "Your briefing for Tuesday"),
    ] {
        assert_eq!(line, want);
    }
}

#[test]
fn titles_that_would_make_the_same_line_have_the_same_key() {
    let key = |title: &str| lead_key(title, "Le Fanal");
    let same = ["Le tram sort – Le Fanal", "VIDÉO. Le tram sort", "Le tram sort.", "le  tram sort"];
    assert_eq!(key(same[0]), key(same[1]));
    assert_eq!(key(same[0]), key(same[2]));
    assert_eq!(key(same[0]), key(same[3]));
    assert_ne!(key(same[0]), key("Le tram rentre"));
    assert_eq!(key("EN DIRECT"), None);
    assert!(key("Le tram sort").is_some_and(|key| key != 0));
}

#[test]
fn a_subject_keeps_its_limit_whatever_is_in_it() {
    let word = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente ".repeat(4);
    for language in UiLanguage::ALL {
        for count in [1, 2, 1_234] {
            let line = line(language, word.trim(), count);
            assert!(plain::length(&line) <= WHOLE, "{} characters: {line}", plain::length(&line));
        }
    }
}

#[test]
fn alerts_and_corrections_say_what_they_are() {
    let templates = Templates::built_in();
    let (fr, en) = (templates.speech(UiLanguage::Fr), templates.speech(UiLanguage::En));
    let nine = NaiveTime::from_hms_opt(9, 0, 0);
    for (line, want) in [
        (
            alert(fr, "Nantes", "Le pont des Îles fermé jusqu’à 14\u{a0}h"),
            "Nantes\u{a0}: Le pont des Îles fermé jusqu’à 14\u{a0}h",
        ),
        (alert(en, "Milford", "Island bridge closed"), "Milford: Island bridge closed"),
        (alert(fr, "Nantes", "Nantes\u{a0}: le pont fermé"), "Nantes\u{a0}: le pont fermé"),
        (alert(fr, "Nantes", "Le tram de Nantes retardé d’un an"), "Le tram de Nantes retardé d’un an"),
        (alert(fr, "Art", "Le départ retardé"), "Art\u{a0}: Le départ retardé"),
        (alert_bundle(fr, "Nantes", 4, nine), "Nantes\u{a0}: 4 nouvelles depuis 9\u{a0}h"),
        (alert_bundle(en, "Milford", 4, nine), "Milford: 4 new stories since 9:00"),
        (alert_bundle(fr, "Nantes", 4, None), "Nantes\u{a0}: 4 nouvelles"),
        (correction(fr, "Le pont\r\nBcc: x"), "Correction\u{a0}: Le pont Bcc: x"),
        (marked(fr, "Le tram sort".to_owned(), true), "[Épreuve] Le tram sort"),
        (marked(en, "Trains".to_owned(), true), "[Proof] Trains"),
        (marked(en, "Trains".to_owned(), false), "Trains"),
    ] {
        assert_eq!(line, want);
    }
}
