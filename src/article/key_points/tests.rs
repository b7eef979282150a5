//! Shows by cases what `article::key_points` promises.
//! It does not show how the parts beside it take it up; their own tests do.

mod labels;
mod makes;

use super::*;
use crate::article::{KeyPoints, KeyPointsOrigin, boilerplate::Learned, language::Language, outline};

#[test]
fn headings_in_twenty_languages_announce_key_points() {
    #[rustfmt::skip]
    let headings: [(&str, &[&str]); 37] = [
        ("French", &["Principaux renseignements", "À retenir :", "L’essentiel", "Ce qu'il faut retenir", "Résumé généré par IA"]),
        ("English", &["Key points", "KEY TAKEAWAYS", "At a glance", "Key points of the story", "The main takeaways", "Five key points"]),
        ("German", &["In Kürze", "Auf einen Blick", "Das Wichtigste in Kürze:", "Zusammenfassung (KI-generiert)", "Darum gehts"]),
        ("Dutch", &["In het kort"]), ("Spanish", &["Puntos clave"]), ("Italian", &["In breve"]), ("Portuguese", &["Em resumo"]),
        ("Catalan", &["Punts clau"]), ("Romanian", &["Pe scurt"]), ("Swedish", &["I korthet"]), ("Danish", &["Kort fortalt"]),
        ("Norwegian", &["Oppsummert"]), ("Finnish", &["Lyhyesti"]), ("Polish", &["W skrócie"]), ("Czech", &["V kostce"]),
        ("Slovak", &["V skratke"]), ("Hungarian", &["Röviden"]), ("Greek", &["Με μια ματιά"]), ("Turkish", &["Öne çıkanlar"]),
        ("Russian", &["Главное"]), ("Ukrainian", &["Коротко про головне"]), ("Croatian", &["Ukratko"]), ("Slovene", &["Na kratko"]),
        ("Bulgarian", &["Накратко"]), ("Japanese", &["要点"]), ("Chinese", &["内容提要"]), ("Korean", &["기사 요약"]),
        ("Indonesian", &["Poin penting"]), ("Vietnamese", &["Tóm tắt"]), ("Hebrew", &["תקציר"]), ("Arabic", &["ملخص", "أبرز النقاط"]),
        ("Estonian", &["Kokkuvõte"]), ("Latvian", &["Īsumā"]), ("Lithuanian", &["Santrauka"]), ("Icelandic", &["Samantekt"]),
        ("Basque", &["Laburpena"]), ("Hindi", &["सारांश", "मुख्य बिंदु"]),
    ];
    for (language, headings) in headings {
        for heading in headings {
            assert!(announces(heading), "{language}: {heading}");
        }
    }
}

#[test]
fn headings_of_other_lists_do_not() {
    let others = [
        "Sommaire",
        "Table of contents",
        "Inhalt",
        "À lire aussi",
        "In this article",
        "Ingredients",
        "Le pont ferme",
        "Summary judgment for the baker",
        "In breve tempo tutto cambia qui oggi",
        "Three",
        "The summary judgment",
        "5 things to know about Rome",
    ];
    for heading in others {
        assert!(!announces(heading), "{heading}");
    }
}

const BODY: &str = "<p>Le pont des Îles restera fermé aux camions pendant six semaines, a décidé mardi la préfecture du fleuve.</p>\
    <p>Une navette gratuite transportera les piétons entre les deux rives, et les bus feront un détour par le nord.</p>";

fn block(html: &str) -> Option<KeyPoints> {
    let outline = outline::outline(html);
    let all = 0..outline.blocks.len();
    find_block(&outline, all, &[], &Learned::new()).map(|found| found.key_points)
}

fn check(before: &str, expected: Option<&[&str]>) {
    let found = block(&format!("<h1>Le pont</h1>{before}{BODY}"));
    assert_eq!(
        found.as_ref().map(|f| f.points.iter().map(String::as_str).collect::<Vec<_>>()),
        expected.map(<[&str]>::to_vec),
        "{before}"
    );
}

const POINTS: [&str; 2] = ["Le pont des Îles ferme aux camions.", "Une navette gratuite relie les rives."];
const LIST: &str =
    "<ul><li>Le pont des Îles ferme aux camions.</li><li>Une navette <b>gratuite</b> relie les rives.</li></ul>";

#[test]
fn a_list_under_a_telling_heading_name_or_label_is_the_publishers_block() {
    check(&format!("<h2>À retenir</h2>{LIST}"), Some(&POINTS));
    check(&format!("<p><strong>L’essentiel&nbsp;:</strong></p>{LIST}"), Some(&POINTS));
    check(&format!("<div class=\"m-keyPoints\">{LIST}</div>"), Some(&POINTS));
    check(&format!("<div data-component-type=\"post-summary-bullets\">{LIST}</div>"), Some(&POINTS));
    check(&format!("<section aria-label=\"Points clés\">{LIST}</section>"), Some(&POINTS));
    check(
        "<p>En bref :<br>• Le pont des Îles ferme aux camions.<br>• Une navette gratuite relie les rives.</p>",
        Some(&POINTS),
    );
    check(
        "<p>En bref</p><p>– Le pont des Îles ferme aux camions.</p><p>– Une navette gratuite relie les rives.</p>",
        Some(&POINTS),
    );
    check(
        "<h3>En bref</h3><p>• Le pont des Îles ferme aux camions. • Une navette gratuite relie les rives.</p>",
        Some(&POINTS),
    );
}

const PARAGRAPHS: &str = "<p>Le pont des Îles ferme aux camions.</p><p>Une navette gratuite relie les rives.</p>";

#[test]
fn a_box_a_place_or_bullets_of_another_kind_tell_the_publishers_block() {
    for heading in ["<h2><button>À retenir</button></h2>", "<h4>3 points clés</h4>", "<h2>Les points clés</h2>"] {
        check(&format!("{heading}{LIST}"), Some(&POINTS));
    }
    let lines =
        "<p>En bref</p><p>1. Le pont des Îles ferme aux camions.</p><p>2. Une navette gratuite relie les rives.</p>";
    check(lines, Some(&POINTS));
    check(
        "<h3>En bref</h3><p>👉 Le pont des Îles ferme aux camions.<br>✅ Une navette gratuite relie les rives.</p>",
        Some(&POINTS),
    );
    check(
        "<p>En bref<br>- Le pont des Îles ferme aux camions.<br>- Une navette gratuite relie les rives.</p>",
        Some(&POINTS),
    );
    check(&LIST.replace("<ul>", "<ul><li><b>À retenir</b></li>"), Some(&POINTS));
    let of = |tag: &str| PARAGRAPHS.replace("<p>", &format!("<{tag}>")).replace("</p>", &format!("</{tag}>"));
    check(&format!("<dl><dt>À retenir</dt>{}</dl>", of("dd")), Some(&POINTS));
    check(&format!("<div><h4>À retenir</h4>{}</div>", of("div")), Some(&POINTS));
    check(&format!("<h4>À retenir</h4><div>{PARAGRAPHS}</div>"), Some(&POINTS));
    for name in ["highlights", "mol-bullets-with-font", "c-resume", "tl-dr", "en-bref", "AiSummary_root__x1"] {
        check(&format!("<div class=\"{name}\">{LIST}</div>"), Some(&POINTS));
    }
}

#[test]
fn vague_names_and_boxes_count_only_at_the_top_and_for_statements() {
    let prose = "<p>Le conseil a débattu toute la nuit du pont et de ses piles avant de voter la fermeture.</p>";
    check(&format!("{prose}<div class=\"highlights\">{LIST}</div>"), None);
    let three: String = ["nord", "sud", "port"].map(|of| prose.replace("toute", of)).concat();
    check(&format!("{three}<section><h2>Les faits</h2>{PARAGRAPHS}</section>"), None);
    let long = prose.replace("avant", &"avant un long débat ".repeat(10));
    check(&format!("<section><h2>Résumé</h2>{long}{prose}</section>"), None);
    let links = LIST.replace("<li>", "<li><a href=\"/a\">").replace("</li>", "</a></li>");
    for list in
        [&links, "<ul><li>Le pont</li><li>La navette</li></ul>", "<ul><li>Pont</li><li>Camions</li><li>Rives</li></ul>"]
    {
        check(&format!("<div class=\"highlights summary\">{list}</div>"), None);
    }
    let pictures = "<figure><img src=a><figcaption>Le pont des Îles ferme aux camions.</figcaption></figure>".repeat(2);
    check(&format!("<div class=\"highlights\">{pictures}</div>"), None);
    for other in [
        "À lire aussi",
        "Read also:",
        "Läs också",
        "Les også",
        "Leia também",
        "Lue myös",
        "Czytaj też",
        "Читайте также",
        "関連記事",
    ] {
        check(&format!("<div class=\"key-points\"><h3>{other}</h3>{LIST}</div>"), None);
    }
    check(&format!("<div><h3>Sommaire</h3>{PARAGRAPHS}</div>"), None);
}

#[test]
fn lists_that_look_alike_are_not() {
    check(LIST, None);
    check(&format!("<h2>Sommaire</h2><div class=\"summary-list\">{LIST}</div>"), None);
    check(
        "<h2>À retenir</h2><ul><li><a href=\"/a\">Le pont des Îles ferme aux camions.</a></li><li><a href=\"/b\">Une navette gratuite relie les rives.</a></li></ul>",
        None,
    );
    check(
        "<h2>En bref</h2><ul><li>Le club de Brévan gagne encore au rugby.</li><li>Marée noire évitée près de Kervel dimanche.</li></ul>",
        None,
    );
    check(
        "<h2>En bref</h2><ul><li>Pourquoi le pont ferme-t-il ?</li><li>Quelle navette relie les rives ?</li></ul>",
        None,
    );
    check("<h2>En bref</h2><ul><li>Le pont des Îles ferme aux camions.</li></ul>", None);
    check("<p>– Le pont des Îles est-il ouvert ?</p><p>– Non, la navette gratuite relie les rives.</p>", None);
}

#[test]
fn a_machine_made_block_keeps_its_label() {
    let found = block(&format!("<h2>Résumé</h2>{LIST}<p>Résumé généré par intelligence artificielle.</p>{BODY}"))
        .expect("a block");
    assert_eq!(found.ai_label.as_deref(), Some("Résumé généré par intelligence artificielle."));
    let found = block(&format!("<h2>Zusammenfassung (KI-generiert)</h2>{LIST}{BODY}")).expect("a block");
    assert_eq!(found.ai_label.as_deref(), Some("Zusammenfassung (KI-generiert)"));
    assert_eq!(block(&format!("<h2>Résumé</h2>{LIST}{BODY}")).expect("a block").ai_label, None);
}

#[test]
fn a_block_in_plain_text_is_taken_out_of_it() {
    let lines = [
        "À retenir",
        "- Le pont des Îles ferme aux camions.",
        "- Une navette gratuite relie les rives.",
        "Le pont des Îles restera fermé aux camions six semaines. Une navette gratuite relie les deux rives.",
    ];
    let found = find_lines(&lines, "Le pont").expect("a block");
    assert_eq!(
        found.key_points,
        KeyPoints { origin: KeyPointsOrigin::Publisher, points: POINTS.map(str::to_owned).to_vec(), ai_label: None }
    );
    assert_eq!(found.rest, [lines[3]]);
    assert!(
        find_lines(
            &["– Bonjour, le pont est-il ouvert ce soir ?", "– Non, il ne rouvrira que demain.", "Le pont est fermé."],
            ""
        )
        .is_none()
    );
}

fn ranked(texts: &[(u32, &str)]) -> Vec<RankedSentence> {
    texts.iter().map(|(at, text)| RankedSentence { at: *at, text: (*text).to_owned() }).collect()
}

#[test]
fn two_to_four_whole_sentences_in_the_articles_order_within_the_limit() {
    let all =
        ranked(&[(4, "Best."), (1, "Second."), (0, "Third about bees."), (9, "Fourth."), (2, "Fifth, bees too.")]);
    let texts = |ranked: &[RankedSentence], preferred: &dyn Fn(&str) -> bool, max_chars| -> Vec<String> {
        choose(ranked, |i| preferred(&ranked[i].text), max_chars).into_iter().map(|i| ranked[i].text.clone()).collect()
    };
    assert_eq!(texts(&all, &|_| false, 600), ["Second.", "Best."]);
    assert_eq!(texts(&all, &|s| s.contains("bees"), 600), ["Third about bees.", "Fifth, bees too.", "Best."]);
    assert_eq!(texts(&all, &|_| true, 600).len(), 4);
    assert_eq!(texts(&all, &|_| false, 13), ["Second.", "Best."], "never cut");
    assert_eq!(
        texts(
            &all[..1].iter().cloned().chain(ranked(&[(1, "A long one."), (3, "Last.")])).collect::<Vec<_>>(),
            &|_| false,
            11
        ),
        ["Last.", "Best."],
        "what does not fit is passed over"
    );
    assert!(texts(&all, &|_| false, 9).is_empty(), "one alone is none");
    assert!(texts(&[], &|_| true, 600).is_empty());
}

fn rank_of(paragraphs: &[&str]) -> Vec<String> {
    let paragraphs: Vec<String> = paragraphs.iter().map(|p| (*p).to_owned()).collect();
    rank("Le pont des Îles ferme", None, &paragraphs, "fr".parse().unwrap_or(Language::UND))
        .into_iter()
        .map(|r| r.text)
        .collect()
}

const TEXT: [&str; 4] = [
    "NANTES (AP) – Le pont des Îles restera fermé aux camions pendant six semaines. Pourquoi si longtemps et pour qui ?",
    "Une navette gratuite transporte les piétons entre les deux rives du fleuve. Le port vu depuis le quai Nord",
    "La préfecture attend le rapport des ingénieurs avant toute réouverture. « Nous ne prenons aucun risque dans cette affaire.",
    "Les commerçants du quai demandent une aide à la métropole. Abonnez-vous pour lire la suite de cet article.",
];

#[test]
fn datelines_questions_captions_and_halves_of_quotations_are_no_key_points() {
    let ranked = rank_of(&TEXT);
    assert_eq!(ranked.len(), 4, "{ranked:?}");
    assert!(
        ranked.contains(&"Le pont des Îles restera fermé aux camions pendant six semaines.".to_owned()),
        "{ranked:?}"
    );
}

#[test]
fn what_says_the_same_again_is_passed_over_and_a_short_text_has_no_key_points() {
    let mut text = TEXT.to_vec();
    text.push("Fermé aux camions, le pont des Îles le restera pendant six semaines.");
    assert_eq!(rank_of(&text).len(), 4);
    assert!(rank_of(&TEXT[..1]).is_empty());
}

#[test]
fn a_page_of_nothing_but_blocks_is_read_as_quickly_as_another() {
    let block = "<div class=\"key points\"><h2>Key points</h2><ul><li>The bridge closes now.</li><li>The bridge closes then.</li></ul></div>";
    let outline = outline::outline(&block.repeat(3_000));
    let begun = std::time::Instant::now();
    assert!(find_block(&outline, 0..outline.blocks.len(), &[], &Learned::new()).is_none());
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
