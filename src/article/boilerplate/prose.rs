//! Tells a publisher's call or label from a sentence of the report that uses the same words.
//! It decides only where a known phrase stands; `inside` and `opening` know them.

use crate::article::words::Line;

/// Words from which a text that ends like a sentence is one.
const SENTENCE_WORDS: usize = 8;

/// Words up to which a phrase is all that its block has to say.
const BARE_WORDS: usize = 4;

/// Whether a phrase that calls on the reader does so here. `plain` says that outside a sentence it can be nothing else.
pub(super) fn calls(line: &Line<'_>, phrase: &str, plain: bool) -> bool {
    line.words <= BARE_WORDS
        || (!reports(line) && ((plain && !is_sentence(line)) || speaks_of_itself(&line.folded, phrase)))
}

/// Whether a phrase that labels something does so here. `opening` is the folded text from the phrase on.
pub(super) fn labels(line: &Line<'_>, opening: &str, phrase: &str) -> bool {
    if line.words <= BARE_WORDS {
        return true;
    }
    let sentence = is_sentence(line);
    let after = &opening[phrase.len()..];
    let marked = phrase.ends_with(':') || after.trim_start().starts_with(MARKS);
    // "More: the name that …" goes on in its own sentence, "More: Jazz festival fills …" is a title.
    if marked && (!sentence || (title_follows(line.text) && !reports(line))) {
        return true;
    }
    let dated = !sentence && line.text.bytes().any(|b| b.is_ascii_digit());
    dated || is_mostly_names(line.text, sentence) || (!reports(line) && speaks_of_itself(&line.folded, phrase))
}

/// Whether a phrase that hardly any report holds stands in one here: somebody says it, in a whole sentence and behind no mark.
pub(super) fn is_said(line: &Line<'_>, phrase: &str) -> bool {
    let after = line.folded.split_once(phrase).map_or("", |(_, after)| after.trim_start());
    is_sentence(line) && !phrase.ends_with(':') && !after.starts_with(MARKS) && reports(line)
}

/// What parts a label from what it labels.
const MARKS: [char; 7] = [':', '|', '»', '©', '–', '—', '>'];

/// Whether a text ends like a sentence and is as long; figures are no words.
fn is_sentence(line: &Line<'_>) -> bool {
    let end = line
        .text
        .trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | '»' | '“' | '’' | '\'' | ')' | '」'));
    line.words >= SENTENCE_WORDS
        && end.ends_with(['.', '…', '。', '।'])
        && line.text.split_whitespace().filter(|w| w.bytes().any(|b| b.is_ascii_digit())).count() * 3 < line.words
}

/// Whether the mark after the phrase is followed by a capital or a quotation.
fn title_follows(text: &str) -> bool {
    let after = text.split_once([':', '|', '»', '–', '—']).map(|(_, after)| after);
    let first = after.and_then(|a| a.trim_start().chars().next());
    first.is_some_and(|c| !c.is_lowercase())
}

/// "Reporting by Jane Low in Paris and John Hay": half of the words are names, of a sentence's more.
fn is_mostly_names(text: &str, sentence: bool) -> bool {
    let (mut words, mut names) = (0, 0);
    for word in text.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)) {
        words += 1;
        names += usize::from(word.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(char::is_uppercase));
    }
    if sentence { names * 5 >= words * 3 } else { names * 2 >= words }
}

/// Whether somebody says it, so that it is no call of the publisher's.
fn reports(line: &Line<'_>) -> bool {
    #[rustfmt::skip]
    const SAYING: &[&str] = &[
        "said", "says", "told", "tells", "announced", "announces", "according", "reported", "warned", "warns",
        "shouted", "shouts", "wrote", "argued", "argues", "insisted", "urged", "urges", "advises", "advised",
        "declare", "annonce", "rappelle", "precise", "selon", "explique", "affirme", "indique", "conseille",
        "raconte", "assure", "estime", "souligne", "lance", "previent", "promet",
        "sagt", "sagte", "sagten", "teilte", "teilten", "warnt", "warnte", "warnen", "rat", "riet", "laut", "erklart", "erklarte",
        "berichtet", "berichtete", "kundigte", "betont", "betonte", "mahnt", "hiess", "heisst", "mitteilte", "mitteilten",
        "zegt", "zei", "zeggen", "meldt", "meldde", "volgens", "waarschuwt", "aldus", "belooft",
        "dijo", "dice", "dicen", "segun", "afirmo", "afirma", "asegura", "aseguro", "anuncio", "anuncia", "explica", "explico",
        "advierte", "advirtio", "informo", "informa", "recuerda", "pide", "pidio",
        "detto", "secondo", "annunciato", "spiega", "spiegato", "avverte", "ricorda", "riferisce",
        "dichiarato", "sostiene", "disse", "diz", "dizem", "segundo", "afirmou", "anunciou", "avisa", "avisou",
        "powiedzial", "powiedziala", "wedlug", "poinformowal", "poinformowala",
        "poinformowalo", "podal", "podala", "ostrzega", "twierdzi", "mowi", "przyznal", "zapowiada", "zapowiedzial",
        "ruled", "admitted", "kozolte", "mondta", "szerint", "tanacsolja", "rekl", "uvedl", "uvedla", "vyzval", "podle", "podla",
        "sanoi", "sanoo", "kertoi", "neuvoo", "mukaan", "spus", "declarat", "anuntat", "potrivit",
        "сказал", "сказала", "сообщил", "сообщили", "заявил", "заявила", "повідомив", "заявив", "ανακοινωσε", "δηλωσε", "ειπε",
        "acikladi", "soyledi", "belirtti",
        "sade", "sager", "enligt", "sagde", "siger", "ifolge", "sier",
    ];
    const SAYING_WIDE: &[&str] = &[" a dit", "dit-il", "dit-elle", ", dit ", "発表", "述べ", "と話", "報じ"];
    let said = |word: &str| SAYING.contains(&word);
    line.text.trim_start().starts_with(['«', '“', '„', '"', '‘'])
        || line.folded.split(|c: char| !c.is_alphanumeric()).any(said)
        || SAYING_WIDE.iter().any(|w| line.folded.contains(w))
}

/// Whether the rest of a text speaks of the publisher's own things: its letters, articles, subscriptions, readers.
fn speaks_of_itself(folded: &str, phrase: &str) -> bool {
    #[rustfmt::skip]
    const BEGINNINGS: &[&str] = &[
        "newsletter", "newsroom", "membership", "subscri", "abonn", "abbona", "suscri", "assinant", "assinatur", "inbox", "mailbox", "podcast",
        "nieuwsbrie", "nyhetsbrev", "nyhedsbrev", "infolettre", "bolet", "journalism", "giornalismo", "periodismo",
        "jornalismo", "dziennikarstw", "journalistiek", "redaktion", "redacti", "redaccion", "redazion", "headline",
        "whatsapp", "facebook", "instagram", "tiktok", "youtube", "werbefrei", "unlimited", "illimit", "unbegrenzt",
        "unbeschrankt", "onbeperkt", "ilimitad", "weiterles", "postfach", "datenschutz", "рассылк", "подпис",
        "розсилк", "unser", "artyk", "nasz",
    ];
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "article", "articles", "articolo", "articoli", "artikel", "artikelen", "articulo", "articulos", "artigo",
        "artigos", "story", "stories", "reading", "news", "nieuws", "nachrichten", "noticias", "actualite",
        "actualites", "account", "login", "email", "mail", "mails", "twitter", "telegram",
        "linkedin", "trial", "premium", "updates", "alerts", "scoops", "content", "contents", "commission",
        "affiliate", "editing", "agencies", "agenturen", "agencias", "agences", "agenzie", "afp", "dpa", "reuters", "efe", "ansa", "apa", "sda", "feeds", "our", "us", "we", "notre", "nos", "nous", "onze", "ons", "nuestra",
        "nuestro", "nuestros", "nuestras", "nostra", "nostro", "nostri", "nostre", "nossa", "nosso", "nossas",
        "nossos", "vara", "vart", "vores", "leyendo", "correo", "lire", "leggere", "lezen", "fermes",
        "moderes", "moderated", "javascript",
    ];
    const WIDE: &[&str] = &["記事", "続き", "登録", "購読"];
    let (before, after) = folded.split_once(phrase).unwrap_or((folded, ""));
    [before, after].iter().any(|part| {
        part.split(|c: char| !c.is_alphanumeric())
            .any(|word| WORDS.contains(&word) || BEGINNINGS.iter().any(|b| word.starts_with(b)))
            || WIDE.iter().any(|w| part.contains(w))
    })
}
