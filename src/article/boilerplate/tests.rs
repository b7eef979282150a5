//! Shows by cases what `article::boilerplate` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

mod ordinary;

fn check(cases: &[(&str, Option<Why>)]) {
    for (text, expected) in cases {
        assert_eq!(why(text, 0.0), *expected, "{text}");
    }
}

#[test]
fn what_publishers_hang_on_articles_is_told_by_its_words() {
    check(&[
        ("Abonnez-vous pour lire la suite.", Some(Why::Subscribe)),
        ("Already a subscriber? Log in", Some(Why::Subscribe)),
        ("Jetzt abonnieren und werbefrei lesen.", Some(Why::Subscribe)),
        ("Inscrivez-vous à notre newsletter du matin", Some(Why::Newsletter)),
        ("Volg ons op Facebook", Some(Why::Newsletter)),
        ("Plus", Some(Why::LoneLink)),
        ("Read more…", Some(Why::LoneLink)),
        ("Leggi tutto »", Some(Why::LoneLink)),
        ("The post Ferry to run all night appeared first on The Lamp.", Some(Why::Footer)),
        ("L’article Le pont rouvre est apparu en premier sur Le Fanal.", Some(Why::Footer)),
        ("© 2026 The Lamp. All rights reserved.", Some(Why::Footer)),
        ("Photo : Jean Morel / Agence du Port", Some(Why::Credit)),
        ("À lire aussi : Trente ans de travaux", Some(Why::Related)),
        ("Læs mere: Broens historie", Some(Why::Related)),
        ("Подписывайтесь на наш канал", Some(Why::Subscribe)),
        ("Lees ook: De laatste brugwachter", Some(Why::Related)),
        ("Partager sur Facebook", Some(Why::Share)),
        ("Facebook Twitter WhatsApp", Some(Why::Share)),
        ("Publicité", Some(Why::Furniture)),
        ("Eine Fähre legt am Abend im Hafen an. (Foto: Jan Muster)", Some(Why::Credit)),
        ("Der Hafen von oben: Was die Sperrung kostet. 21.04.2024 | 3:18 min", Some(Why::Credit)),
        ("港に着く船＝13日、東京（山田太郎撮影）", Some(Why::Credit)),
        ("この記事は会員限定です。", Some(Why::Subscribe)),
        ("This site is protected by reCAPTCHA and its terms apply.", Some(Why::Footer)),
        ("Personenbezogene Daten können an Drittplattformen übermittelt werden.", Some(Why::Furniture)),
        ("Reporting by Jane Low; editing by John Hay", Some(Why::Furniture)),
        ("* * *", Some(Why::Furniture)),
        ("Benachrichtigung aktivieren Dürfen wir Sie in Ihrem Browser über Neues informieren?", Some(Why::Furniture)),
        ("Encontrou algo errado na matéria?", Some(Why::Furniture)),
        ("Wie hat Ihnen dieser Artikel gefallen?", Some(Why::Furniture)),
        ("Sie müssen sich anmelden, um die Kommentarfunktion zu nutzen.", Some(Why::Furniture)),
        ("Dieser Beitrag wurde unter Kanäle veröffentlicht.", Some(Why::Furniture)),
        ("Las más leídas", Some(Why::Related)),
        ("Mehr zu diesem Thema", Some(Why::Related)),
    ]);
}

#[test]
fn sentences_of_an_article_are_left_alone() {
    check(&[
        ("Subscribers to the opera rose by a third last year.", None),
        ("Um zu kommentieren, was er sah, fehlten dem Zeugen am Montag die Worte.", None),
        ("Sie müssen sich anmelden, um mit dem Boot durch die Schleuse zu fahren, teilte das Amt mit.", None),
        ("You must be logged in to the port's system before a ship may enter, the harbour master said.", None),
        ("Para comentar la sentencia, el alcalde convocó a la prensa.", None),
        ("Plus de 300 personnes ont écrit à la mairie.", None),
        ("Mehr als vierzig Gäste kamen am Sonntag.", None),
        ("La suite du procès aura lieu en mars.", None),
        ("The newspaper Le Monde first reported the sale.", None),
        ("Twitter a licencié la moitié de ses ingénieurs, et Facebook un dixième des siens.", None),
        ("Sie gewann das Rennen in 3:18 Minuten.", None),
        ("Die Brücke bleibt gesperrt (Fotografieren verboten).", None),
        ("Photos of the flood went round the world within hours.", None),
        ("L’article 12 du traité est apparu trop vague aux juges.", None),
    ]);
}

#[test]
fn a_block_that_is_all_link_is_a_link_to_another_article() {
    assert_eq!(why("Le tram T6 retardé d’un an", 1.0), Some(Why::Related));
    assert_eq!(why("Le maire a annoncé sa démission.", 1.0), None);
}

#[test]
fn every_phrase_is_written_as_a_folded_text_has_it() {
    let sources = ["inside.rs", "opening.rs", "phrases.rs", "prose.rs", "wall.rs"].map(|file| {
        let path = format!("{}/src/article/boilerplate/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(path).expect("a source file")
    });
    for source in &sources {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let code = source.lines().filter(|line| line.starts_with("    \"") || line.starts_with("        \""));
        for phrase in
            code.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|p| !p.contains(char::is_uppercase))
        {
            assert_eq!(words::fold(phrase).trim(), phrase.trim(), "no text is written so");
        }
    }
}

fn prints(blocks: &[&str]) -> Vec<u64> {
    blocks.iter().map(|b| fingerprint(b)).collect()
}

#[test]
fn a_block_of_three_recent_articles_is_learned_and_a_block_said_thrice_in_one_is_not() {
    let footer = "Le Fanal vit de vous : 1 204 dons ce mois.";
    let articles = [
        prints(&["Un", footer]),
        prints(&["Deux", "Le Fanal vit de vous : 1 310 dons ce mois.", "Bis", "Bis", "Bis"]),
        prints(&["Trois", footer]),
        prints(&["Quatre"]),
    ];
    let learned = learn(articles.iter().map(Vec::as_slice));
    assert_eq!(learned, Learned::from([fingerprint(footer)]), "figures may differ");
    assert!(learn(articles[..2].iter().map(Vec::as_slice)).is_empty(), "two articles prove nothing");
}
