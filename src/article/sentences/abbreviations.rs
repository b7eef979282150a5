//! Abbreviations and other words that keep a full stop, per language.
//! It does not cut sentences; it answers questions about single words.

use crate::article::language::Language;

/// Titles, units and Latin words that news in any European language uses.
#[rustfmt::skip]
const EVERYWHERE: &[&str] = &[
    "dr", "prof", "st", "ca", "etc", "vs", "nr", "no", "mr", "mrs", "ms", "jr", "sr", "inc", "ltd", "corp", "co",
    "gen", "col", "lt", "sgt", "capt", "vol", "fig", "ph.d", "a.m", "p.m",
];
#[rustfmt::skip]
const FR: &[&str] = &[
    "m", "mm", "mme", "mlle", "mgr", "me", "pr", "av", "bd", "boul", "env", "cf", "ex", "p", "pp", "art", "al",
    "hab", "tél", "ste", "janv", "févr", "juil", "sept", "oct", "nov", "déc", "lun", "mar", "mer", "jeu", "ven",
    "sam", "dim", "av. j.-c", "min", "max", "réf", "chap", "éd", "n", "tel", "vs",
];
#[rustfmt::skip]
const EN: &[&str] = &[
    "gov", "sen", "rep", "rev", "hon", "messrs", "mt", "ft", "jan", "feb", "mar", "apr", "aug", "sept", "sep", "oct",
    "nov", "dec", "e.g", "i.e", "cf", "al", "approx", "dept", "est", "ave", "blvd", "rd", "bros", "adm", "cmdr",
    "maj", "pres", "supt", "det", "atty", "minn", "calif", "fla", "wash", "conn", "mass", "ariz", "colo", "ill",
    "ind", "mich", "tenn", "okla", "ore", "pa", "va", "vt", "wis", "u.s", "u.k", "p", "pp", "op", "viz",
];
#[rustfmt::skip]
const DE: &[&str] = &[
    "z.b", "z", "b", "d.h", "u.a", "o.ä", "u.ä", "bzw", "usw", "etc", "evtl", "ggf", "inkl", "exkl", "mio", "mrd",
    "tsd", "str", "abs", "art", "bd", "bspw", "vgl", "sog", "rd", "hl", "fr", "hr", "geb", "gest", "jh", "jhdt",
    "max", "min", "mind", "jan", "feb", "apr", "aug", "sept", "okt", "nov", "dez", "mag", "dipl", "ing", "tel", "u",
    "d", "i", "v", "n", "chr", "st", "s", "lt", "phil", "med", "jur", "rer", "nat", "abg", "allg", "ehem", "einschl",
    "gem", "insb", "lfd", "zzgl", "zt", "z.t", "a.d", "i.d.r", "u.u", "v.a", "v.chr", "n.chr", "e.v", "o.g", "s.o",
    "s.u", "m.e", "fa", "kap", "ziff", "stv", "sen", "jun",
];
#[rustfmt::skip]
const NL: &[&str] = &[
    "bijv", "bv", "d.w.z", "dhr", "mevr", "mw", "drs", "ir", "ing", "mr", "enz", "e.d", "m.b.t", "t.o.v", "o.a",
    "m.a.w", "n.a.v", "i.v.m", "a.u.b", "ds", "blz", "ong", "resp", "z.o.z", "jl", "st", "jan", "feb", "mrt", "apr",
    "aug", "sept", "okt", "nov", "dec", "nl", "tel", "vlg", "zgn",
];
#[rustfmt::skip]
const ES: &[&str] = &[
    "sr", "sra", "srta", "d", "dña", "dra", "ud", "uds", "vd", "av", "avda", "ee.uu", "ee", "uu", "pág", "págs",
    "art", "núm", "aprox", "c", "ej", "p.ej", "lic", "gral", "cía", "s.a", "máx", "mín", "tel", "ene", "feb", "abr",
    "ago", "sept", "oct", "nov", "dic", "rr.hh", "ff.aa", "depto",
];
#[rustfmt::skip]
const IT: &[&str] = &[
    "sig", "sigg", "sig.ra", "dott", "dott.ssa", "avv", "ing", "arch", "on", "sen", "pag", "pagg", "art", "artt",
    "es", "ecc", "tel", "p.es", "s.p.a", "spa", "cfr", "geom", "rag", "mons", "gen", "feb", "mar", "apr", "mag",
    "giu", "lug", "ago", "sett", "ott", "nov", "dic", "cap", "ss", "n", "v", "c.a", "sec",
];
const PT: &[&str] =
    &["sr", "sra", "d", "dra", "exmo", "av", "pág", "art", "núm", "aprox", "ex", "eua", "tel", "lda", "eng"];
#[rustfmt::skip]
const SCANDINAVIAN: &[&str] = &[
    "bl.a", "bl", "f.eks", "t.ex", "d.v.s", "dvs", "m.m", "m.fl", "osv", "kl", "ca", "kr", "mio", "mia", "mrd",
    "milj", "st", "s.k", "s", "f.d", "fr.o.m", "t.o.m", "pga", "p.g.a", "jf", "nr", "tlf", "jan", "feb", "apr",
    "aug", "sept", "okt", "nov", "dec", "des", "mv", "m.v", "inkl", "ev",
];
#[rustfmt::skip]
const SLAVIC: &[&str] = &[
    "tzv", "např", "tj", "mj", "atd", "apod", "cca", "č", "str", "ing", "mgr", "mudr", "judr", "kč", "mil", "mld",
    "tis", "hod", "ul", "tzn", "m.in", "np", "tzw", "godz", "zł", "proc", "im", "r", "ok", "prof", "inż", "al", "т",
    "pl", "hab", "г", "гг", "им", "руб", "млн", "млрд", "тыс", "ул", "стр", "см", "др", "пр",
];

#[rustfmt::skip]
const FI: &[&str] = &["mm", "esim", "ns", "ym", "yms", "jne", "n", "klo", "puh", "toim", "prof", "tri", "mrd", "milj"];
#[rustfmt::skip]
const HU: &[&str] = &["pl", "kb", "kft", "bt", "ill", "stb", "u", "özv", "ifj", "id", "szt", "sz", "old", "vö"];
const RO: &[&str] = &["dl", "dna", "d-na", "d-l", "dr", "str", "nr", "art", "alin", "lit", "mil", "mld", "bd"];
const EL: &[&str] = &["κ", "κκ", "αρ", "σελ", "δρ", "καθ", "εκ", "δισ", "λ.χ", "π.χ"];
const HI: &[&str] = &["डॉ", "प्रो", "श्री", "पं", "मो", "सं"];

/// Whether `word`, written before a full stop, keeps it as its own.
pub(super) fn is_abbreviation(word: &str, language: Language) -> bool {
    let folded = word.to_lowercase();
    let folded = folded.trim_end_matches('.');
    let own: &[&str] = match language.code() {
        "fr" => FR,
        "de" => DE,
        "nl" => NL,
        "es" => ES,
        "it" => IT,
        "pt" => PT,
        "sv" | "da" | "no" | "nb" | "nn" => SCANDINAVIAN,
        "cs" | "sk" | "pl" | "ru" | "uk" => SLAVIC,
        "fi" => FI,
        "hu" => HU,
        "ro" => RO,
        "el" => EL,
        "hi" | "mr" | "ne" => HI,
        _ => EN,
    };
    if matches!(folded, "no" | "co" | "gen") && word.chars().all(char::is_lowercase) {
        // "Il a dit no." is rarer than "no. 5", but a sentence may end in it; the abbreviation is capitalised or before a number.
        return folded == "no" && language.code() == "fr";
    }
    own.contains(&folded)
        || EVERYWHERE.contains(&folded)
        || has_inner_stop(folded)
        || (language.code() == "de" && folded.ends_with("str"))
}

/// Abbreviations that stand at the end of a sentence as often as within one: times of day, firms, units, "and so on", and those that
/// are words as well.
pub(super) fn stands_last(word: &str) -> bool {
    #[rustfmt::skip]
    const LAST: &[&str] = &[
        "a.m", "p.m", "inc", "ltd", "corp", "co", "jr", "sr", "etc", "usw", "enz", "ecc", "osv", "mio", "mrd", "d.c",
        "u.a", "o.ä", "u.ä", "s.a", "s.p.a", "spa", "e.v", "b.v", "n.v", "ee.uu", "uu", "kr", "jan", "feb", "aug",
        "sept", "oct", "okt", "nov", "dec", "dez", "calif", "mass", "art", "mer", "mar", "ill", "ore", "wash", "mag", "max", "min", "ex", "cap", "es", "sam", "est",
        "jeu", "mil", "on", "fr", "bd", "hl", "nat", "rag", "arch", "hon", "det",
    ];
    LAST.contains(&word.to_lowercase().trim_end_matches('.'))
}

/// Words that open sentences and names alike.
pub(super) fn is_of_names(word: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "De", "La", "Le", "Les", "El", "Los", "Las", "Lo", "Den", "Han", "Hon", "Ma", "An", "Un", "Hun", "Ze", "Das", "On",
        "Men", "Von", "Zum", "Zur", "As", "Am", "He", "In", "Et", "A", "Er", "Una",
    ];
    NAMES.contains(&word)
}

/// `p.ex`, `u.s.a`: short parts with stops between them.
fn has_inner_stop(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| (1..=3).contains(&part.chars().count()) && part.chars().all(char::is_alphabetic))
}

/// Languages that write "3." for "third".
pub(super) fn ordinal_dot(language: Language) -> bool {
    matches!(
        language.code(),
        "de" | "da" | "no" | "nb" | "nn" | "cs" | "sk" | "pl" | "fi" | "hu" | "et" | "lv" | "hr" | "sl"
    )
}

/// Words that open a sentence so often that a stop before them ends one, even after a number or an abbreviation.
pub(super) fn opens_sentence(word: &str) -> bool {
    #[rustfmt::skip]
    const OPENERS: &[&str] = &[
        "The", "A", "An", "In", "On", "At", "He", "She", "It", "They", "We", "But", "And", "This", "That", "These",
        "His", "Her", "Their", "After", "When", "While", "As", "For", "With", "Der", "Die", "Das", "Ein", "Eine",
        "Es", "Er", "Sie", "Wir", "Im", "In", "Am", "Auf", "Mit", "Nach", "Bei", "Aber", "Doch", "Und", "Auch",
        "Für", "Von", "Zum", "Zur", "Seit", "Dort", "Damit", "Dabei", "Le", "La", "Les", "Un", "Une", "Il", "Elle",
        "Ils", "Elles", "On", "Ce", "Cette", "Ces", "En", "Dans", "Mais", "Et", "Pour", "De", "Het", "Een", "Hij",
        "Zij", "Ze", "Maar", "Ook", "El", "Los", "Las", "Una", "Pero", "Según", "Lo", "Gli", "Ma", "Nel", "Secondo",
        "Den", "Det", "Han", "Hun", "Hon", "Men", "You", "There", "Its", "However", "If", "Danach", "Dann", "Niemand",
        "Zuvor", "Wenn", "Diese", "Dieser", "Dieses", "Als", "Beim", "Nous", "Vous", "Daarna", "Luego", "También", "Anche",
    ];
    OPENERS.contains(&word)
}
