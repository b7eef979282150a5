//! Cases of what is told once more, and of what is not, as publishers change their texts.
//! Who is told is shown in `tests/it/plan/updates.rs`.

use super::*;
use crate::article::KeyPoints;

const BASE: [&str; 4] = [
    "Un incendie s’est déclaré lundi soir dans un entrepôt du port de Nantes, sur le quai de la Fosse.",
    "Les pompiers de Loire-Atlantique ont engagé soixante hommes et douze engins pour maîtriser les flammes.",
    "La circulation des tramways de la ligne 1 est interrompue entre Chantiers navals et Médiathèque.",
    "La cause du sinistre n’est pas connue, et une enquête de police a été ouverte dans la soirée.",
];
const MORE: [&str; 3] = [
    "Le préfet a annoncé mardi matin que trois salariés de nuit avaient été retrouvés sains et saufs.",
    "Le propriétaire du bâtiment, une coopérative maraîchère, estime ses pertes à deux millions d’euros.",
    "Une cellule de soutien psychologique est ouverte à la mairie centrale jusqu’à la fin de la semaine.",
];

fn text(title: &str, paragraphs: &[&str]) -> ArticleText {
    ArticleText {
        title: title.to_owned(),
        language: "fr".parse().expect("a language"),
        paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
        ..ArticleText::default()
    }
}

fn base() -> ArticleText {
    text("Nantes : incendie dans un entrepôt du port", &BASE)
}

fn check(name: &str, before: &ArticleText, after: &ArticleText, news: Option<&[&str]>) {
    let found = update(before, after).map(|update| update.news);
    assert_eq!(
        found.as_deref(),
        news.map(|n| n.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>()).as_deref(),
        "{name}"
    );
}

fn with(lines: &[&str]) -> ArticleText {
    text("Nantes : incendie dans un entrepôt du port", &[&BASE, lines].concat())
}

#[test]
fn what_editors_mend_is_not_told_again() {
    let same = |name: &str, after: &ArticleText| check(name, &base(), after, None);
    same("nothing", &base());
    same(
        "a typing error",
        &text(
            "Nantes : incendie dans un entrepôt du port",
            &[BASE[0], &BASE[1].replace("soixante", "soixantes"), BASE[2], BASE[3]],
        ),
    );
    same(
        "a figure in the text",
        &text(
            "Nantes : incendie dans un entrepôt du port",
            &[BASE[0], &BASE[1].replace("douze", "treize"), BASE[2], BASE[3]],
        ),
    );
    same("a title's case and points", &text("NANTES – Incendie dans un entrepôt du port !", &BASE));
    same("another title over the same text", &text("Loire-Atlantique : soixante pompiers mobilisés cette nuit", &BASE));
    same(
        "paragraphs in another order",
        &text("Nantes : incendie dans un entrepôt du port", &[BASE[2], BASE[0], BASE[3], BASE[1]]),
    );
    same(
        "two paragraphs joined",
        &text("Nantes : incendie dans un entrepôt du port", &[BASE[0], &format!("{} {}", BASE[1], BASE[2]), BASE[3]]),
    );
    same("a sentence taken out", &text("Nantes : incendie dans un entrepôt du port", &BASE[..3]));
    same("the time of a change", &with(&["Mis à jour mardi à 7 h 40", "Mise à jour : 24 novembre, 7 h 40"]));
    same("a credit", &with(&["Avec AFP et Ouest Info"]));
    same("one more sentence of five", &with(&["La mairie demande aux riverains d’éviter le quartier."]));
}

#[test]
fn what_says_more_is_told_with_what_is_new() {
    let told = |name: &str, after: &ArticleText, news: &[&str]| check(name, &base(), after, Some(news));
    told("three sentences", &with(&MORE), &MORE);
    told("a third of the text", &with(&[&MORE[..2]].concat()), &MORE[..2]);
    told(
        "another title, and a sentence that says why",
        &text("Trois salariés sauvés des flammes à Nantes", &[&BASE[..], &MORE[..1]].concat()),
        &MORE[..1],
    );
    told(
        "another figure in the title, and a sentence",
        &text("Nantes : incendie dans un entrepôt du port, 3 rescapés", &[&BASE[..], &MORE[..1]].concat()),
        &MORE[..1],
    );
    let all =
        [&MORE[..], &["Les écoles du centre-ville resteront fermées jeudi et vendredi selon le rectorat de Nantes."]]
            .concat();
    told("no more than three are shown", &with(&all), &MORE);
    let bare = |title: &str| text(title, &[]);
    check(
        "titles alone",
        &bare("Incendie au port de Nantes"),
        &bare("Trois morts dans les flammes d’un entrepôt"),
        Some(&[]),
    );
    check("titles alone, the same", &bare("Incendie au port de Nantes"), &bare("Incendie au port : Nantes"), None);
}

#[test]
fn a_figure_that_changes_in_title_and_text_is_told_with_its_sentence() {
    let toll = |title: &str, toll: &str| {
        text(
            title,
            &[
                &format!("Au moins {toll} personnes sont mortes dans l’incendie d’un entrepôt du port."),
                BASE[1],
                BASE[2],
                BASE[3],
            ],
        )
    };
    let before = toll("Incendie à Nantes : 12 morts", "12");
    let told = "Au moins 19 personnes sont mortes dans l’incendie d’un entrepôt du port.";
    check("a toll", &before, &toll("Incendie à Nantes : 19 morts", "19"), Some(&[told]));
    check("in the text alone", &before, &toll("Incendie à Nantes : 12 morts", "19"), None);
    check("in the title alone", &before, &toll("Incendie à Nantes : 19 morts", "12"), None);
    check(
        "a figure that was known",
        &toll("Incendie à Nantes : 4 blessés", "12"),
        &toll("Incendie à Nantes : 12 morts", "12"),
        None,
    );
}

#[test]
fn a_publishers_own_notice_is_told_however_short() {
    let notice = |line: &str, language: &str| {
        let (mut before, mut after) = (base(), with(&[line]));
        before.language = language.parse().expect("a language");
        after.language = before.language;
        check(line, &before, &after, Some(&[line]));
        check("it stood there before", &after, &after.clone(), None);
    };
    notice("Correction : la ligne 2 n’est pas interrompue.", "fr");
    notice("Mise à jour, mardi 8 h : le feu est éteint selon les pompiers.", "fr");
    notice("Correction (Nov. 24): the warehouse belongs to a cooperative.", "en");
    notice("An earlier version of this article misstated the owner.", "en");
    notice("Korrektur: Das Lager gehört einer Genossenschaft.", "de");
    notice("Rectificatie: de loods is eigendom van een coöperatie.", "nl");
    notice("Aggiornamento delle 18: il comune ha fermato i lavori nella notte.", "it");
    notice("Update von 18 Uhr: Die Feuerwehr hat das Feuer gelöscht, sagt die Stadt.", "de");
    notice("Errata corrige: il magazzino appartiene a una cooperativa.", "it");
    notice("Una versione precedente di questo articolo indicava un altro proprietario.", "it");
    notice("Rättelse: lagret tillhör ett kooperativ.", "sv");
    check(
        "a time in many words",
        &base(),
        &with(&["Updated: Tuesday, November 24, 2026 at 10:15 Eastern Standard Time"]),
        None,
    );
    check("a story about a correction", &base(), &with(&["Correction annoncée des copies du baccalauréat."]), None);
}

#[test]
fn a_new_key_point_is_told_and_a_reworded_one_is_not() {
    let points = |points: &[&str]| {
        let points = points.iter().map(|p| (*p).to_owned()).collect();
        let key_points = KeyPoints { origin: KeyPointsOrigin::Publisher, points, ai_label: None };
        ArticleText { key_points, ..base() }
    };
    let before = points(&["Un entrepôt du port brûle depuis lundi soir.", "La ligne 1 du tramway est coupée."]);
    let more = points(&[
        "Un entrepôt du port brûle depuis lundi soir.",
        "Trois salariés de nuit ont été retrouvés vivants mardi.",
    ]);
    check("a new point", &before, &more, Some(&["Trois salariés de nuit ont été retrouvés vivants mardi."]));
    check("fewer points", &before, &points(&["La ligne 1 du tramway est coupée."]), None);
    check("points where there were none", &base(), &more, None);
}

#[test]
fn pages_that_change_by_nature_are_left_alone() {
    let form = |text: ArticleText, form: Form| ArticleText { form, ..text };
    check("a live page", &form(base(), Form::Live), &form(with(&MORE), Form::Live), None);
    check("the text behind a paywall", &form(base(), Form::Stub), &with(&MORE), None);
    let german = ArticleText { language: "de".parse().expect("a language"), ..with(&MORE) };
    check("another language", &base(), &german, None);
    let chinese = |text: &str| ArticleText {
        title: "南特港仓库火灾".to_owned(),
        language: "zh".parse().expect("a language"),
        paragraphs: vec![text.to_owned()],
        ..ArticleText::default()
    };
    let fire = "星期一晚上南特港口的一座仓库发生火灾消防部门派出六十名消防员和十二辆消防车前往现场扑救。";
    let found = "星期二早上省长宣布三名夜班工人已经被安全救出并被送往当地医院接受进一步检查和治疗。";
    check("a typing error in Chinese", &chinese(fire), &chinese(&fire.replace("六十", "七十")), None);
    check("a new sentence in Chinese", &chinese(fire), &chinese(&format!("{fire}{found}")), Some(&[found]));
}
