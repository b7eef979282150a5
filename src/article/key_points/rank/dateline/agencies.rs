//! Names that a dateline holds: news agencies of the world and months, folded.
//! It answers questions about single words; where they must stand, `dateline` says.

use crate::article::words;

#[rustfmt::skip]
const AGENCIES: &[&str] = &[
    "aa", "aap", "adnkronos", "afp", "agenturen", "agenzia nova", "agerpres", "agi", "amna", "ana", "ani", "anka",
    "anp", "ansa", "antara", "antaranews", "ap", "apa", "ape-mpe", "aps", "asca", "askanews", "associated press",
    "ats", "awp", "azertac", "belga", "belta", "bernama", "bloomberg", "bns", "bta", "business wire",
    "canadian press", "cna", "cnbc indonesia", "cnn", "cnn indonesia", "cp", "ctk", "dapd", "deutsche presse-agentur",
    "dha", "dow jones", "dpa", "dpa-afx", "dts", "efe", "elta", "epd", "europa press", "europapress", "fena", "fides",
    "fonet", "globe newswire", "hina", "ians", "iha", "interfax", "interfax-ukraine", "ips", "irna", "isna",
    "itar-tass", "jiji", "kap", "keystone-ats", "keystone-sda", "kna", "kompas.com", "kuna", "kyodo",
    "la presse canadienne", "lapresse", "leta", "lusa", "mediafax", "mena", "mia", "mti", "notimex", "ntb",
    "pa media", "pap", "petra", "pna", "pr newswire", "presse canadienne", "prnewswire", "pti", "qna", "reuters",
    "ria", "ritzau", "sana", "sda", "sid", "spa", "sputnik", "srna", "sta", "stt", "tanjug", "tap", "tasr", "tass",
    "telam", "tempo.co", "the associated press", "the canadian press", "tt", "ttxvn", "ukrinform", "unian", "upi",
    "vna", "wafa", "wam", "xinhua", "yonhap", "ανα-μπε", "αμνα", "απε", "απε-μπε", "белта", "бта", "интерфакс",
    "интерфакс-украина", "риа", "риа новости", "тасс", "танјуг", "укрінформ", "укринформ", "унн", "уніан", "رويترز",
    "ا ف ب", "أ ف ب", "أ.ف.ب", "ا.ف.ب", "د ب أ", "د.ب.أ", "وام", "واس", "قنا", "بترا", "سانا", "وكالات", "ا ب", "أ ب",
    "भाषा", "वार्ता", "एजेंसी", "एएनआई", "आईएएनएस", "पीटीआई", "연합뉴스", "뉴시스", "뉴스1", "ロイター", "共同", "時事",
];

/// First letters of months, as datelines shorten them.
#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "abr", "ago", "agus", "aou", "apr", "aral", "aug", "avg", "avr", "avril", "brez", "cerv", "czer", "dec", "dez",
    "dic", "ekim", "elo", "ene", "eylu", "feb", "febr", "fev", "fevr", "gen", "giu", "grud", "hazi", "heina", "helmi",
    "huhti", "ian", "iul", "iun", "jan", "janv", "joulu", "juil", "juin", "jul", "juli", "jun", "kasi", "kesa",
    "kvet", "kwie", "dubn", "led", "lip", "listop", "lipn", "loka", "lug", "lut", "maalis", "maart", "mag", "maggio", "mai", "maio",
    "maj", "mar", "marc", "marec", "marras", "mars", "mart", "marz", "may", "mayo", "mei", "mrt", "nisan", "noi",
    "nov", "ocak", "oct", "okt", "ott", "out", "ozuj", "paz", "pros", "rij", "ruj", "sep", "set", "sett", "sier",
    "sijec", "srp", "srpn", "stud", "styc", "suba", "szep", "svib", "syys", "tammi", "temm", "touko", "trav", "unor", "velj",
    "wrze", "zari", "янв", "фев", "мар", "апр", "мая", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек", "січ",
    "лют", "бер", "кві", "тра", "чер", "лип", "сер", "вер", "жов", "лис", "гру", "ιαν", "φεβ", "μαρ", "απρ", "μαι",
    "ιουν", "ιουλ", "αυγ", "σεπ", "οκτ", "νοε", "δεκ", "जनवरी", "फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई",
    "अगस्त", "सितंबर", "सितम्बर", "अक्टूबर", "अक्तूबर", "नवंबर", "नवम्बर", "दिसंबर", "दिसम्बर", "يناير", "فبراير",
    "مارس", "أبريل", "إبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
];

/// Whether a text is the name of an agency, or of several: "dpa/lnw", "Reuters, AP".
pub(super) fn is_agency(text: &str) -> bool {
    let folded = words::fold(text);
    let known = |part: &str| AGENCIES.contains(&part.trim_matches(|c: char| c.is_whitespace() || c == '.'));
    known(&folded) || folded.split(['/', ',', '&', '|', '=']).any(known)
}

/// Whether a word is a month, whole or shortened.
pub(super) fn is_month(word: &str) -> bool {
    let folded = words::fold(word);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    MONTHS.iter().any(|month| bare.starts_with(month))
}
