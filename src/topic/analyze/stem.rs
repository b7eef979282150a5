//! Stems of words in their language: Snowball's, after the plurals that it misses are made singular.
//! It does not fold accents and does not hash. What it gives is part of the stored analysed form: change it with the version.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// Plurals that no rule below makes singular, in the languages of our readers.
const IRREGULAR: [(Algorithm, &str, &str); 43] = [
    (Algorithm::Dutch, "kinderen", "kind"),
    (Algorithm::Dutch, "musea", "museum"),
    (Algorithm::Dutch, "steden", "stad"),
    (Algorithm::English, "analyses", "analysis"),
    (Algorithm::English, "buses", "bus"),
    (Algorithm::English, "children", "child"),
    (Algorithm::English, "crises", "crisis"),
    (Algorithm::English, "knives", "knife"),
    (Algorithm::English, "lives", "life"),
    (Algorithm::English, "men", "man"),
    (Algorithm::English, "mice", "mouse"),
    (Algorithm::English, "wives", "wife"),
    (Algorithm::English, "wolves", "wolf"),
    (Algorithm::English, "women", "woman"),
    (Algorithm::French, "amis", "ami"),
    (Algorithm::French, "balais", "balai"),
    (Algorithm::French, "cheveux", "cheveu"),
    (Algorithm::French, "convois", "convoi"),
    (Algorithm::French, "défis", "défi"),
    (Algorithm::French, "délais", "délai"),
    (Algorithm::French, "emplois", "emploi"),
    (Algorithm::French, "ennemis", "ennemi"),
    (Algorithm::French, "envois", "envoi"),
    (Algorithm::French, "essais", "essai"),
    (Algorithm::French, "feux", "feu"),
    (Algorithm::French, "jeux", "jeu"),
    (Algorithm::French, "lieux", "lieu"),
    (Algorithm::French, "lois", "loi"),
    (Algorithm::French, "maris", "mari"),
    (Algorithm::French, "parois", "paroi"),
    (Algorithm::French, "partis", "parti"),
    (Algorithm::French, "quais", "quai"),
    (Algorithm::French, "rois", "roi"),
    (Algorithm::French, "tournois", "tournoi"),
    (Algorithm::French, "travaux", "travail"),
    (Algorithm::French, "vœux", "vœu"),
    (Algorithm::German, "firmen", "firma"),
    (Algorithm::German, "museen", "museum"),
    (Algorithm::German, "themen", "thema"),
    (Algorithm::German, "viren", "virus"),
    (Algorithm::German, "zentren", "zentrum"),
    (Algorithm::Spanish, "jueces", "juez"),
    (Algorithm::Spanish, "veces", "vez"),
];
/// Nouns that Snowball takes for verbs: `loyer` would be `loi`, `foyer` `foi`.
const NOT_VERBS: [&str; 2] = ["foyer", "loyer"];
/// Letters from which on an ending is taken for a plural's.
const SHORTEST_PLURAL: usize = 4;
/// Bytes above which `-aise` and `-oise` are a feminine, as in `anglaise`, not in `fraises`.
const SHORTEST_FEMININE: usize = 7;

/// The stem of a lower-case word.
pub(super) fn stem(algorithm: Algorithm, word: &str) -> Cow<'_, str> {
    let singular = singular(algorithm, word);
    if algorithm == Algorithm::French && NOT_VERBS.contains(&singular.as_ref()) {
        return singular;
    }
    let stemmer = Stemmer::create(algorithm);
    let stem = match singular {
        Cow::Borrowed(word) => stemmer.stem(word),
        Cow::Owned(word) => Cow::Owned(stemmer.stem(&word).into_owned()),
    };
    if algorithm == Algorithm::Dutch { Cow::Owned(dutch(&stemmer.stem(&stem))) } else { stem }
}

fn singular(algorithm: Algorithm, word: &str) -> Cow<'_, str> {
    if word.len() < SHORTEST_PLURAL {
        return Cow::Borrowed(word);
    }
    if let Some((.., singular)) = IRREGULAR.iter().find(|(of, plural, _)| *of == algorithm && *plural == word) {
        return Cow::Borrowed(singular);
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let cut = |bytes: usize| Cow::Borrowed(&word[..word.len() - bytes]);
    match algorithm {
        // `vélos`, `clous`, `bijoux`, `dangers`: Snowball keeps an s behind a, i, o and u.
        Algorithm::French if ends(&["os", "us", "oux"]) || (ends(&["ers"]) && word.len() > SHORTEST_PLURAL) => cut(1),
        // `française`: Snowball leaves `français` of it, but `franc` of `français`.
        Algorithm::French if ends(&["aise", "oise"]) && word.len() > SHORTEST_FEMININE => cut(1),
        Algorithm::French if ends(&["aises", "oises"]) && word.len() > SHORTEST_FEMININE => cut(2),
        // Plurals taken from other languages: `Autos`, `Handys`, `Taxis`.
        Algorithm::German if ends(&["os", "ys", "xis"]) => cut(1),
        // `lápices`; `mujeres` must meet `mujer`, of which Snowball leaves `muj`.
        Algorithm::Spanish if ends(&["ices"]) => Cow::Owned(format!("{}z", &word[..word.len() - 3])),
        Algorithm::Spanish if ends(&["des", "jes", "les", "nes", "res", "ses", "zes"]) => cut(2),
        // `laghi`, `banche`: the h only keeps the sound.
        Algorithm::Italian if ends(&["ghi", "chi", "ghe", "che"]) => {
            let (start, end) = word.split_at(word.len() - 2);
            Cow::Owned(format!("{start}{}", &end[1..]))
        }
        _ => Cow::Borrowed(word),
    }
}

/// What Snowball's second round leaves (`fietsen` loses its s only there), with the consonant that stands at the end of a word:
/// `huiz` of `huizen` is `huis`, `briev` is `brief`, `brugg` is `brug`.
fn dutch(stem: &str) -> String {
    let mut letters: Vec<char> = stem.chars().collect();
    if let [.., before, last] = letters.as_slice()
        && before == last
        && !"aeiou".contains(*last)
    {
        letters.pop();
    }
    match letters.last_mut() {
        Some(last @ 'z') => *last = 's',
        Some(last @ 'v') => *last = 'f',
        _ => {}
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_meet_where_snowball_parts_them() {
        let check = |algorithm: Algorithm, pairs: &[(&str, &str)], meet: bool| {
            for (a, b) in pairs {
                assert_eq!(stem(algorithm, a) == stem(algorithm, b), meet, "{a} {b}");
            }
        };
        check(
            Algorithm::French,
            &[("loyer", "loyers"), ("loi", "lois"), ("vélo", "vélos"), ("danger", "dangers"), ("bijou", "bijoux")],
            true,
        );
        check(Algorithm::French, &[("loyer", "loi"), ("foyers", "foi"), ("paris", "pari"), ("élus", "éluder")], false);
        check(Algorithm::French, &[("français", "française"), ("heureux", "heureuse"), ("élu", "élus")], true);
        check(Algorithm::German, &[("auto", "autos"), ("handy", "handys"), ("museum", "museen")], true);
        check(
            Algorithm::Dutch,
            &[
                ("fiets", "fietsen"),
                ("huis", "huizen"),
                ("brief", "brieven"),
                ("brug", "bruggen"),
                ("kind", "kinderen"),
            ],
            true,
        );
        check(Algorithm::Dutch, &[("huis", "huid"), ("brug", "brul")], false);
        check(Algorithm::Spanish, &[("mujer", "mujeres"), ("ciudad", "ciudades"), ("lápiz", "lápices")], true);
        check(Algorithm::Spanish, &[("casa", "casas"), ("clase", "clases"), ("padre", "padres")], true);
        check(Algorithm::Italian, &[("lago", "laghi"), ("banca", "banche")], true);
        check(Algorithm::English, &[("bus", "buses"), ("child", "children"), ("woman", "women")], true);
    }
}
