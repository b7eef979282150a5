//! Two digests of a made-up newspaper, in French and in English.
//! It renders nothing.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use depeche::{
    article::{ArticleText, KeyPoints, KeyPointsOrigin},
    render::{Href, Links, Publisher, UiLanguage},
};

/// One made-up article and where it stands.
pub(crate) struct Piece {
    pub(crate) source: &'static str,
    pub(crate) text: ArticleText,
}

/// Title, source, hours before the slot, words of the article, origin, points or standfirst.
type Row = (&'static str, &'static str, i64, usize, KeyPointsOrigin, &'static [&'static str]);

const NONE: KeyPointsOrigin = KeyPointsOrigin::None;
const OURS: KeyPointsOrigin = KeyPointsOrigin::Extracted;
const THEIRS: KeyPointsOrigin = KeyPointsOrigin::Publisher;
const SUMMARY: KeyPointsOrigin = KeyPointsOrigin::Summary;

const FRENCH: [Row; 15] = [
    (
        "Trains\u{a0}: ce qui change lundi – Le Fanal",
        "Le Fanal",
        12,
        640,
        THEIRS,
        &[
            "Un train sur trois circulera entre Nantes et Angers, la moitié vers Saint-Nazaire.",
            "Les abonnements de novembre seront remboursés à 50\u{a0}%, sans démarche à faire.",
            "La grève est reconductible jusqu’à jeudi\u{202f}; les cars de remplacement sont gratuits.",
        ],
    ),
    (
        "Le tram T6 retardé d’un an, le temps de consolider le pont des Forges",
        "Ouest Info",
        9,
        430,
        OURS,
        &[
            "La mise en service de la ligne T6, prévue à l’été 2027, est repoussée à juin 2028, a annoncé mardi la métropole.",
            "Les piles du pont des Forges doivent être reprises avant la pose des rails, pour 11\u{a0}millions d’euros.",
        ],
    ),
    (
        "Vélo\u{a0}: la passerelle de Chantenay rouvre samedi",
        "Le Fanal",
        26,
        210,
        SUMMARY,
        &[
            "Fermée depuis mars pour travaux, la passerelle accueillera de nouveau cyclistes et piétons, avec une rampe plus douce côté gare.",
        ],
    ),
    (
        "Logement étudiant\u{a0}: 600 chambres promises d’ici la rentrée 2027",
        "Le Phare du Littoral",
        15,
        820,
        OURS,
        &[
            "Le conseil métropolitain a voté lundi l’achat de deux anciens hôtels pour y loger des étudiants.",
            "Le loyer ne dépassera pas 340\u{a0}euros par mois, charges comprises.",
            "Les associations saluent un premier pas, «\u{a0}mais 4\u{202f}000 demandes restent sans réponse\u{a0}».",
        ],
    ),
    ("Un marché de Noël sans chalets cette année", "Le Fanal", 50, 300, NONE, &[]),
    (
        "Bibliothèques\u{a0}: prêts gratuits pour tous dès janvier",
        "Ouest Info",
        98,
        380,
        THEIRS,
        &["La carte devient gratuite pour les adultes aussi.", "Les amendes de retard disparaissent."],
    ),
    (
        "Au théâtre des Mariniers, une saison à prix libre",
        "Le Fanal",
        30,
        510,
        OURS,
        &[
            "Chaque spectateur paiera ce qu’il veut, après la représentation.",
            "Le théâtre compte sur 22\u{202f}000 entrées pour équilibrer ses comptes.",
        ],
    ),
    ("Dix concerts à ne pas manquer en décembre", "Le Phare du Littoral", 6, 290, NONE, &[]),
    ("Le carnaval cherche ses géants", "Ouest Info", 20, 200, NONE, &[]),
    ("Handball\u{a0}: victoire d’un but à Cesson", "Le Fanal", 10, 200, NONE, &[]),
    ("Météo\u{a0}: premières gelées attendues jeudi matin", "Ouest Info", 8, 200, NONE, &[]),
    ("Une collecte de jouets dans douze écoles", "Le Phare du Littoral", 25, 200, NONE, &[]),
    ("La piscine Jules-Verne ferme pour deux semaines", "Ouest Info", 28, 200, NONE, &[]),
    ("Ce que dit le budget 2027, en trois graphiques", "Le Fanal", 33, 200, NONE, &[]),
    ("Pont des Îles fermé jusqu’à 14\u{a0}h", "Le Fanal", 18, 200, NONE, &[]),
];

const ENGLISH: [Row; 15] = [
    (
        "Trains: what changes on Monday",
        "The Harbour Light",
        12,
        640,
        THEIRS,
        &[
            "One train in three will run between Milford and Easton, half of them towards the coast.",
            "November season tickets are refunded at 50%, with nothing to fill in.",
            "The strike may be renewed until Thursday; replacement coaches are free.",
        ],
    ),
    (
        "Line 6 delayed by a year while the forge bridge is strengthened",
        "West Daily",
        9,
        430,
        OURS,
        &[
            "The opening of line 6, planned for summer 2027, is put back to June 2028, the council said on Tuesday.",
            "The bridge’s piers have to be rebuilt before rails can be laid, at a cost of £11m.",
        ],
    ),
    (
        "The riverside footbridge reopens on Saturday",
        "The Harbour Light",
        26,
        210,
        SUMMARY,
        &[
            "Closed since March, the bridge will take cyclists and walkers again, with a gentler ramp on the station side.",
        ],
    ),
    (
        "600 rooms promised for students by autumn 2027",
        "The Coast Beacon",
        15,
        820,
        OURS,
        &[
            "The council voted on Monday to buy two former hotels and turn them into student rooms.",
            "Rent will not exceed £340 a month, bills included.",
            "Student groups call it a first step, “but 4,000 requests remain unanswered”.",
        ],
    ),
    ("A Christmas market without huts this year", "The Harbour Light", 50, 300, NONE, &[]),
    (
        "Libraries drop their fees from January",
        "West Daily",
        98,
        380,
        THEIRS,
        &["Cards become free for adults too.", "There are no more fines for late books."],
    ),
    (
        "Pay what you like for a season at the Bargemen’s Theatre",
        "The Harbour Light",
        30,
        510,
        OURS,
        &["Everyone pays what they want, after the performance.", "The theatre needs 22,000 visitors to break even."],
    ),
    ("Ten concerts not to miss in December", "The Coast Beacon", 6, 290, NONE, &[]),
    ("The carnival is looking for its giants", "West Daily", 20, 200, NONE, &[]),
    ("Handball: a one-goal win at Cedarfield", "The Harbour Light", 10, 200, NONE, &[]),
    ("First frosts expected on Thursday morning", "West Daily", 8, 200, NONE, &[]),
    ("Toys collected in twelve schools", "The Coast Beacon", 25, 200, NONE, &[]),
    ("The Verne pool closes for two weeks", "West Daily", 28, 200, NONE, &[]),
    ("What the 2027 budget says, in three charts", "The Harbour Light", 33, 200, NONE, &[]),
    ("Island bridge closed until 14:00", "The Harbour Light", 18, 200, NONE, &[]),
];

fn rows(language: UiLanguage) -> &'static [Row] {
    if language == UiLanguage::Fr { &FRENCH } else { &ENGLISH }
}

/// All articles: 9 shown whole, 5 in brief, 1 told by alert.
pub(crate) fn pieces(language: UiLanguage) -> Vec<Piece> {
    rows(language).iter().enumerate().map(|(n, row)| piece(language, n, row)).collect()
}

fn piece(language: UiLanguage, n: usize, (title, source, hours, words, origin, points): &Row) -> Piece {
    let points: Vec<String> = points.iter().map(|p| (*p).to_owned()).collect();
    let by_machine = if language == UiLanguage::Fr { "Résumé généré par IA" } else { "Summary written by AI" };
    let ai_label = (n == 5).then(|| by_machine.to_owned());
    Piece {
        source,
        text: ArticleText {
            title: (*title).to_owned(),
            url: format!("https://lefanal.example/2026/11/{:02}/un-article-au-titre-assez-long-{n}", 10 + n),
            language: language.language(),
            published: Some(sent() - TimeDelta::hours(*hours)),
            paragraphs: vec!["mot ".repeat(*words)],
            key_points: KeyPoints { origin: *origin, points, ai_label },
            paid: n == 0,
            ..ArticleText::default()
        },
    }
}

/// 24 November 2026, 7:00 in Paris.
pub(crate) fn slot() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 24).and_then(|d| d.and_hms_opt(7, 0, 0)).expect("a day in 2026")
}

/// The same instant in UTC.
pub(crate) fn sent() -> DateTime<Utc> {
    (slot() - TimeDelta::hours(1)).and_utc()
}

pub(crate) fn href(address: &str) -> Href {
    address.parse().expect("a whole address")
}

pub(crate) fn publisher(language: UiLanguage) -> Publisher {
    let (name, place) = if language == UiLanguage::Fr {
        ("Le Fanal", "Le Fanal SAS, 1 rue de l’Exemple, 44000 Nantes")
    } else {
        ("The Harbour Light", "The Harbour Light Ltd, 1 Example Street, Milford")
    };
    Publisher {
        name: name.to_owned(),
        home_url: href("https://lefanal.example/"),
        contact_email: "redaction@lefanal.example".to_owned(),
        from_address: "resume@lettres.lefanal.example".to_owned(),
        postal_address: place.to_owned(),
        base_url: href("https://lettres.lefanal.example"),
    }
}

/// Links as long as real ones, with a token each.
pub(crate) fn links() -> Links {
    let link =
        |page: &str| href(&format!("https://lettres.lefanal.example/{page}/kX9vQ2mT7bLw4RzNc1YpH8dGfJ3sVaUe6oMi0"));
    Links {
        change: link("p"),
        unsubscribe: link("u"),
        less: Some(link("less")),
        pause: Some(link("pause")),
        share: Some(link("share")),
        why: Some(link("why")),
        data: Some(link("data")),
        web: Some(link("web")),
    }
}
