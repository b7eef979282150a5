//! Mails without articles.
//! They send nothing.

use super::*;
use crate::render::{note::Told, sample};

fn parts(rendered: &Rendered) -> [String; 2] {
    [rendered.decoded_html(), rendered.decoded_text()].map(|part| String::from_utf8(part).expect("UTF-8"))
}

#[test]
fn a_confirmation_has_one_button_and_says_what_happens_without_it() {
    let publisher = sample::publisher();
    let confirm: Href = "https://lettres.lefanal.example/c/token".parse().expect("an address");
    for (language, subject, button) in [
        (UiLanguage::Fr, "Confirmez votre adresse\u{a0}: Le Fanal", "Confirmer mon adresse"),
        (UiLanguage::En, "Confirm your address: Le Fanal", "Confirm my address"),
        (UiLanguage::De, "Bestätigen Sie Ihre Adresse: Le Fanal", "Meine Adresse bestätigen"),
        (UiLanguage::Nl, "Bevestig uw adres: Le Fanal", "Mijn adres bevestigen"),
    ] {
        let mail = ConfirmationMail { publisher: &publisher, language, confirm: &confirm, days: 7 };
        let rendered = mail.render(&Templates::built_in()).expect("a mail");
        assert_eq!(rendered.subject, subject);
        let [html, text] = parts(&rendered);
        assert_eq!(html.matches(confirm.as_str()).count(), 1);
        assert!(html.contains(button) && text.contains(button) && text.contains(confirm.as_str()), "{text}");
        assert!(html.contains('7') && html.contains(&publisher.postal_address), "{html}");
        assert!(!html.contains("/u/"), "a confirmation is no list mail: {html}");
        assert!(rendered.html.ends_with(b"</html>\r\n") && rendered.text.ends_with(b"\r\n"));
    }
}

#[test]
fn who_is_signed_up_already_is_offered_what_was_asked_for() {
    let publisher = sample::publisher();
    let (add, settings): (Href, Href) = (
        "https://l.example/add?t=1&u=2".parse().expect("an address"),
        "https://l.example/p".parse().expect("an address"),
    );
    let mail = AlreadySubscribedMail {
        publisher: &publisher,
        language: UiLanguage::Fr,
        additions: vec![Addition { title: "Sport & <loisirs>", url: &add }],
        settings: &settings,
    };
    let rendered = mail.render(&Templates::built_in()).expect("a mail");
    assert_eq!(rendered.subject, "Vous êtes déjà inscrit\u{a0}: Le Fanal");
    let [html, text] = parts(&rendered);
    assert!(
        html.contains("href=\"https://l.example/add?t=1&amp;u=2\"")
            && html.contains("Ajouter\u{a0}: Sport &amp; &lt;loisirs&gt;"),
        "{html}"
    );
    assert!(text.contains("Ajouter\u{a0}: Sport & <loisirs>\r\nhttps://l.example/add?t=1&u=2\r\n"), "{text}");
    assert!(text.contains("Mes réglages\u{a0}:\r\nhttps://l.example/p\r\n"), "{text}");
}

#[test]
fn a_correction_says_what_was_wrong_and_where_the_right_is() {
    let publisher = sample::publisher();
    let article: Href = "https://lefanal.example/pont".parse().expect("an address");
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day");
    for (days, told, want) in [
        (
            0,
            Told::Alert,
            "Aujourd’hui, notre alerte «\u{a0}Pont fermé\u{a0}» était erronée\u{a0}: il est ouvert. Elle a été retirée.",
        ),
        (
            1,
            Told::Alert,
            "Hier, notre alerte «\u{a0}Pont fermé\u{a0}» était erronée\u{a0}: il est ouvert. Elle a été retirée.",
        ),
        (
            4,
            Told::Digest,
            "Le 20 novembre, nous vous avons envoyé «\u{a0}Pont fermé\u{a0}». C’était erroné\u{a0}: il est ouvert.",
        ),
    ] {
        let mail = CorrectionMail {
            publisher: &publisher,
            language: UiLanguage::Fr,
            today,
            wrong: Wrong {
                told, told_on: today - chrono::Days::new(days), title: "Pont fermé", what: "il est ouvert"
            },
            article: Some(&article),
            links: sample::few_links(),
            subscribed_on: today,
            proof: false,
        };
        let rendered = mail.render(&Templates::built_in(), &FragmentCache::default()).expect("a mail");
        assert_eq!(rendered.subject, "Correction\u{a0}: Pont fermé");
        let [html, text] = parts(&rendered);
        assert!(html.contains(want), "{html}");
        assert!(text.replace("\r\n", " ").contains(want), "{text}");
        assert!(
            html.contains("href=\"https://lefanal.example/pont\"") && text.contains("https://lefanal.example/pont"),
            "{text}"
        );
        assert!(text.contains("/u/sample"), "{text}");
    }
}
