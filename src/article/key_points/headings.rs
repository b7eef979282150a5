//! The words that stand above a publisher's key points, in the languages of the field, and those in class names.
//! It also knows the headings that look alike and are not: contents, related articles.

use crate::article::words;

/// Folded headings: a block under one of these is the publisher's summary. Grouped by language.
#[rustfmt::skip]
const HEADINGS: &[&str] = &[
    // French
    "principaux renseignements", "a retenir", "ce qu'il faut retenir", "ce qu'il faut savoir", "l'essentiel",
    "l'essentiel a retenir", "en bref", "en resume", "resume", "points cles", "points-cles", "les points cles",
    "les points essentiels", "points essentiels", "points forts", "les points forts", "l'info en bref",
    "faits saillants", "en quelques mots", "les faits", "en deux mots", "les infos a retenir", "le resume",
    "l'article en bref", "ce que l'on sait", "ce que vous devez savoir", "les points a retenir", "synthese",
    "les grandes lignes", "infos cles", "les infos cles", "l'info essentielle", "le plus important",
    "pour aller a l'essentiel", "ce qu'il faut en retenir",
    // English
    "key points", "key takeaways", "key takeaway", "takeaways", "key facts", "key findings", "at a glance",
    "in brief", "in short", "summary", "article summary", "the gist", "tl;dr", "tldr", "tl dr", "what to know",
    "what you need to know", "highlights", "key highlights", "story highlights", "main points", "the main points",
    "quick read", "quick summary", "the bottom line", "in summary", "why it matters", "news summary", "ai summary",
    "need to know", "the essentials", "bullet points", "bullet point summary", "the facts", "five key points",
    "the key points", "things to know", "fast facts", "quick take", "quick facts", "topline", "toplines", "top lines",
    "main takeaways", "article highlights", "story at a glance", "short version", "in a nutshell", "ai-generated summary",
    "ai generated summary", "summarised by ai", "summarized by ai",
    // German
    "in kurze", "auf einen blick", "das wichtigste in kurze", "das wichtigste auf einen blick", "kurz gefasst",
    "kurzgefasst", "zusammenfassung", "kurz zusammengefasst", "das wichtigste", "das wichtigste in kurzform",
    "kurz und knapp", "kernpunkte", "die wichtigsten punkte", "wichtigste punkte", "darum geht es", "darum geht's",
    "worum geht es", "was sie wissen mussen", "die wichtigsten fakten", "uberblick", "im uberblick",
    "die kernpunkte", "kurz erklart", "das steht im artikel", "schnell gelesen", "kurzfassung", "kompakt",
    "fazit vorab", "auf den punkt", "auf den punkt gebracht", "kurz & knapp", "das wichtigste zum thema",
    "die fakten", "darum gehts", "worum gehts", "worum geht's", "das musst du wissen", "das mussen sie wissen",
    "das sollten sie wissen", "kernaussagen",
    // Dutch
    "in het kort", "kort samengevat", "samenvatting", "samengevat", "belangrijkste punten",
    "de belangrijkste punten", "hoofdpunten", "in een notendop", "dit moet je weten", "wat je moet weten", "de kern",
    "kernpunten", "het belangrijkste", "in 't kort", "de hoofdpunten", "dit is het nieuws", "wat is het nieuws",
    // Spanish
    "puntos clave", "claves", "las claves", "lo esencial", "en resumen", "resumen", "lo mas importante", "en breve",
    "lo que debes saber", "lo que hay que saber", "ideas clave", "los puntos clave", "en pocas palabras",
    "datos clave", "lo destacado", "las claves de la noticia", "puntos importantes", "puntos principales",
    // Italian
    "punti chiave", "in breve", "in sintesi", "i punti chiave", "l'essenziale", "cosa sapere", "le cose da sapere",
    "sintesi", "riassunto", "punti principali", "da sapere", "in pillole", "i punti principali", "i fatti in breve",
    "in poche parole",
    // Portuguese
    "pontos-chave", "pontos chave", "em resumo", "resumo", "o essencial", "em sintese", "o que precisa de saber",
    "o que voce precisa saber", "principais pontos", "destaques", "em poucas palavras", "principais destaques", "pontos principais", "pontos importantes",
    // Catalan
    "punts clau", "en resum", "les claus", "l'essencial", "resum", "en breu",
    // Romanian
    "pe scurt", "puncte cheie", "ideile principale", "esentialul", "rezumat",
    // Swedish
    "i korthet", "kortversionen", "sammanfattning", "det viktigaste", "snabbversionen", "kort om",
    "det har har hant", "detta har hant", "det har vet vi", "i korta drag", "huvudpunkter", "viktigaste punkterna",
    // Danish and Norwegian
    "kort fortalt", "kort sagt", "det vigtigste", "det viktigste", "i korte trekk", "kortversjonen", "oppsummert",
    "oppsummering", "saken oppsummert", "opsummering", "resume af artiklen", "hovedpunkter", "hovedpunktene",
    "sammendrag", "de vigtigste pointer", "overblik",
    // Finnish
    "tiivistelma", "lyhyesti", "paakohdat", "tarkeimmat asiat", "asian ydin", "keskeiset kohdat",
    // Polish
    "w skrocie", "najwazniejsze informacje", "kluczowe punkty", "podsumowanie", "najwazniejsze",
    "co musisz wiedziec", "z tego artykulu dowiesz sie", "streszczenie",
    // Czech and Slovak
    "v kostce", "shrnuti", "hlavni body", "ve zkratce", "strucne", "co se dozvite", "zhrnutie", "v skratke",
    "klicove body", "souhrn", "to nejdulezitejsi", "nejdulezitejsi",
    // Hungarian
    "roviden", "osszefoglalo", "osszefoglalas", "legfontosabb pontok", "lenyeg", "a lenyeg", "a legfontosabbak",
    // Greek
    "με μια ματια", "περιληψη", "τα βασικα σημεια", "βασικα σημεια", "συνοψη", "εν συντομια", "τα κυρια σημεια", "με λιγα λογια",
    // Turkish
    "ozet", "one cikanlar", "kisaca", "ana noktalar", "haberin ozeti",
    // Russian and Ukrainian
    "главное", "коротко", "кратко", "ключевые моменты", "самое важное", "основное", "вкратце", "главные тезисы",
    "головне", "коротко про головне", "ключові моменти", "стисло", "основні тези", "суть", "что важно знать",
    // Croatian, Serbian, Slovene
    "ukratko", "najvaznije", "sazetak", "kljucne tocke", "na kratko", "povzetek",
    // Estonian, Latvian, Lithuanian, Icelandic, Basque
    "kokkuvote", "luhidalt", "kopsavilkums", "isuma", "santrauka", "trumpai", "samantekt", "i stuttu mali", "laburpena",
    // Bulgarian
    "накратко", "наи-важното", "акценти",
    // Japanese, Chinese, Korean
    "要点", "ポイント", "この記事のポイント", "まとめ", "要約", "記事のポイント", "要点まとめ", "摘要", "重点", "要點", "重點", "核心要点", "内容提要", "요약",
    "핵심 요약", "주요 내용", "한눈에 보기", "기사 요약",
    // Indonesian, Vietnamese, Hebrew, Arabic
    "ringkasan", "poin penting", "poin utama", "intisari berita", "tom tat", "diem chinh", "תקציר", "עיקרי הדברים",
    "النقاط الرئيسية", "ملخص", "أبرز النقاط", "الخلاصة", "أهم النقاط",
    // Hindi
    "सारांश", "मुख्य बिंदु", "मुख्य बातें",
];

/// Folded headings of lists that are no key points.
#[rustfmt::skip]
const OTHER_HEADINGS: &[&str] = &[
    "sommaire", "au sommaire", "table des matieres", "dans cet article", "contents", "table of contents",
    "in this article", "on this page", "jump to", "inhalt", "inhaltsverzeichnis", "in diesem artikel", "inhoud",
    "inhoudsopgave", "in dit artikel", "indice", "contenidos", "en este articulo", "sommario", "in questo articolo",
    "a lire aussi", "lire aussi", "sur le meme sujet", "related", "related articles", "related stories", "read more",
    "more on this", "mehr zum thema", "lesen sie auch", "lees ook", "lea tambien", "leggi anche", "most read",
    "les plus lus", "meistgelesen", "galerie", "gallery", "photos", "fotostrecke", "diaporama", "recommended",
    "tags", "themes", "ingredients", "zutaten", "ingredienti", "ingredientes", "ingredienten", "sources", "quellen",
    "bronnen", "fuentes", "fonti", "infos pratiques", "informations pratiques", "the lineup", "the line-up",
    "fixtures", "results", "read also", "also read", "you may also like", "more stories", "voir aussi", "lee tambien",
    "te puede interesar", "mas informacion", "ti potrebbe interessare", "leia tambem", "veja tambem", "saiba mais",
    "las ocksa", "las mer", "laes ogsa", "les ogsa", "lue myos", "czytaj tez", "zobacz tez", "ctete take", "citeste si",
    "olvasd el", "διαβαστε επισης", "читаите также", "читаите також", "ilgili haberler", "関連記事", "相关新闻", "관련 기사",
];

/// Articles that stand before a heading.
const ARTICLES: &[&str] = &[
    "the", "die", "das", "der", "les", "le", "la", "los", "las", "el", "lo", "i", "gli", "os", "as", "o", "de", "het",
];

/// Numbers in letters that stand before a heading.
const NUMBERS: &[&str] = &[
    "two", "three", "four", "five", "deux", "trois", "quatre", "cinq", "zwei", "drei", "vier", "funf", "tres", "tre",
    "drie",
];

/// Words of a heading that may follow a known one: "Key points of the article".
const MORE_WORDS: usize = 4;

/// Whether a text is the heading of a publisher's key points.
pub(super) fn announces(text: &str) -> bool {
    if words::count(text) > 10 {
        return false;
    }
    let folded = words::fold(&without_remark(text));
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() || OTHER_HEADINGS.contains(&bare) {
        return false;
    }
    // "The main takeaways", "Die Zusammenfassung"; "3 key points".
    let (first, rest) = bare.split_once(' ').unwrap_or_default();
    let counted = first.chars().all(|c| c.is_ascii_digit()) || NUMBERS.contains(&first);
    is_known(bare) || (ARTICLES.contains(&first) && is_known(rest)) || (counted && HEADINGS.contains(&rest))
}

/// Whether a folded heading begins as a known one does.
fn is_known(bare: &str) -> bool {
    HEADINGS.iter().any(|heading| {
        bare.strip_prefix(heading).is_some_and(|rest| {
            let cut = rest.is_empty()
                || (heading.contains([' ', '\''])
                    && !rest.starts_with(char::is_alphanumeric)
                    && rest.split_whitespace().count() <= MORE_WORDS);
            cut || (rest.starts_with([':', ' ']) && mentions_machine(rest))
        })
    })
}

/// Whether a text is the heading of a list of another kind.
pub(super) fn announces_other(text: &str) -> bool {
    let folded = words::fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    OTHER_HEADINGS
        .iter()
        .any(|h| bare.strip_prefix(h).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' '])))
}

/// "Zusammenfassung (KI-generiert)": the remark in brackets is no part of the heading.
fn without_remark(text: &str) -> String {
    match (text.find('('), text.rfind(')')) {
        (Some(open), Some(close)) if open < close && open > 0 => format!("{}{}", &text[..open], &text[close + 1..]),
        _ => text.to_owned(),
    }
}

/// Whether a text says that a machine wrote what stands beside it.
pub(super) fn mentions_machine(text: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "intelligence artificielle", "artificial intelligence", "kunstliche intelligenz", "kunstlicher intelligenz",
        "kunstliche-intelligenz", "kunstmatige intelligentie", "inteligencia artificial", "intelligenza artificiale",
        "artificiell intelligens", "kunstig intelligens", "sztuczna inteligencj", "umele inteligence", "tekoaly",
        "искусственн", "chatgpt", "gpt", "generative", "人工知能", "생성형",
    ];
    let folded = words::fold(text);
    let short =
        folded.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "ia" | "ai" | "ki" | "genai" | "ии"));
    short || PHRASES.iter().any(|p| folded.contains(p))
}

/// Names, cut into words, that say "key points" by themselves.
#[rustfmt::skip]
const NAMES: &[&[&str]] = &[
    &["keypoints"], &["keypoint"], &["key", "points"], &["key", "point"], &["takeaways"], &["takeaway"],
    &["keytakeaways"], &["keyfacts"], &["key", "facts"], &["key", "findings"], &["tldr"], &["bulletpoints"],
    &["bullet", "points"], &["bullet", "summary"], &["summary", "bullets"], &["summary", "bullet"],
    &["summary", "list"], &["summary", "points"], &["summary", "items"], &["story", "highlights"],
    &["article", "highlights"], &["key", "highlights"], &["at", "a", "glance"], &["in", "brief"], &["inbrief"],
    &["essentiel"], &["a", "retenir"], &["points", "cles"], &["pointscles"], &["aretenir"],
    &["auf", "einen", "blick"], &["kernpunkte"], &["kurzfassung"], &["kurz", "gefasst"], &["zusammenfassung"],
    &["in", "kuerze"], &["samenvatting"], &["in", "het", "kort"], &["puntos", "clave"], &["claves"],
    &["punti", "chiave"], &["sammanfattning"], &["oppsummering"], &["factboxsummary"], &["quick", "summary"],
    &["ai", "summary"], &["aisummary"], &["summary", "ai"], &["article", "summary"], &["articlesummary"],
    &["smart", "summary"], &["gist"], &["tl", "dr"], &["toplines"], &["top", "lines"], &["quick", "read"], &["quickread"],
    &["nutshell"], &["in", "short"], &["lo", "mas", "importante"], &["in", "breve"], &["inhetkort"], &["en", "bref"],
    &["enbref"], &["faits", "saillants"], &["points", "forts"], &["main", "points"], &["what", "to", "know"],
    &["generated", "summary"], &["gpt", "summary"], &["summary", "box"], &["summarybox"], &["article", "bullets"],
    &["story", "bullets"], &["kernaussagen"], &["darum", "gehts"], &["pontos", "chave"], &["hovedpunkter"],
];

/// Whether names, cut into words, mark a block of key points.
pub(super) fn marks(names: &[String]) -> bool {
    NAMES.iter().any(|phrase| names.windows(phrase.len()).any(|window| window.iter().zip(*phrase).all(|(a, b)| a == b)))
}

/// Names of a standfirst; several short ones in a row are a block of points.
pub(super) fn leads(names: &[String]) -> bool {
    #[rustfmt::skip]
    const LEADS: &[&str] = &[
        "lead", "leads", "leadtext", "ingress", "standfirst", "summary", "subtitle", "subtitles", "subhead",
        "subheadline", "deck", "dek", "chapo", "chapeau", "intro", "midtitle", "bullet", "bullets", "preamble",
        "teaser", "excerpt", "abstract", "subheading", "sottotitolo", "bajada", "entradilla", "sumario", "vorspann",
    ];
    names.iter().any(|name| LEADS.contains(&name.as_str()))
}

/// Whether names may mark a block of key points, if it stands where such a block does.
pub(super) fn hints(names: &[String]) -> bool {
    const HINTS: &[&str] = &["highlights", "resumen", "resumo", "resume", "synthese", "sintesi", "recap", "essentials"];
    leads(names) || names.iter().any(|name| HINTS.contains(&name.as_str()))
}
