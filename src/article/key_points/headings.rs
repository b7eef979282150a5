//! The words that stand above a publisher's key points, in the languages of the field.
//! It also knows the headings that look alike and are not: contents, related articles.

use super::label;
use crate::article::words;

/// Folded headings: a block under one of these is the publisher's summary. Grouped by language.
#[rustfmt::skip]
const HEADINGS: &[&str] = &[
    // French
    "l'essentiel de l'article", "points a retenir", "points essentiels a retenir", "choses a retenir", "choses a savoir",
    "resume de l'article", "en quelques lignes", "ce qu'on sait", "l'actu en bref", "l'article en resume", "ce que dit l'article",
    "les cles de l'article", "en un coup d'oeil", "a retenir de cet article", "l'article en quelques points",
    "principaux renseignements", "a retenir", "ce qu'il faut retenir", "ce qu'il faut savoir", "l'essentiel",
    "l'essentiel a retenir", "en bref", "en resume", "resume", "points cles", "points-cles", "les points cles",
    "les points essentiels", "points essentiels", "points forts", "les points forts", "l'info en bref",
    "faits saillants", "en quelques mots", "les faits", "en deux mots", "les infos a retenir", "le resume",
    "l'article en bref", "ce que l'on sait", "ce que vous devez savoir", "les points a retenir", "synthese",
    "les grandes lignes", "infos cles", "les infos cles", "l'info essentielle", "le plus important",
    "pour aller a l'essentiel", "ce qu'il faut en retenir",
    // English
    "what we know", "why this matters", "key details", "in a few words", "key information", "key developments", "the takeaway",
    "the takeaways", "the short version", "story summary", "the story in brief", "this story in brief", "story in short",
    "the main takeaways", "important points", "top takeaways", "the key facts", "the highlights",
    "key points", "key takeaways", "key takeaway", "takeaways", "key facts", "key findings", "at a glance",
    "in brief", "in short", "summary", "article summary", "the gist", "tl;dr", "tldr", "tl dr", "what to know",
    "what you need to know", "highlights", "key highlights", "story highlights", "main points", "the main points",
    "quick read", "quick summary", "the bottom line", "in summary", "why it matters", "news summary", "ai summary",
    "need to know", "the essentials", "bullet points", "bullet point summary", "the facts", "five key points",
    "the key points", "things to know", "fast facts", "quick take", "quick facts", "topline", "toplines", "top lines",
    "main takeaways", "article highlights", "story at a glance", "short version", "in a nutshell", "ai-generated summary",
    "ai generated summary", "summarised by ai", "summarized by ai",
    // German
    "das wichtigste zusammengefasst", "worum es geht", "das wichtigste zuerst", "das wichtigste vorab", "alles wichtige in kurze",
    "alles wichtige auf einen blick", "zusammengefasst", "artikel-zusammenfassung", "artikelzusammenfassung",
    "zusammenfassung des artikels", "die zusammenfassung", "kurzzusammenfassung", "das wichtigste kurz", "die wichtigsten erkenntnisse",
    "wichtigste erkenntnisse", "der artikel in kurze", "kurzuberblick", "schnelluberblick",
    "in kurze", "auf einen blick", "das wichtigste in kurze", "das wichtigste auf einen blick", "kurz gefasst",
    "kurzgefasst", "zusammenfassung", "kurz zusammengefasst", "das wichtigste", "das wichtigste in kurzform",
    "kurz und knapp", "kernpunkte", "die wichtigsten punkte", "wichtigste punkte", "darum geht es", "darum geht's",
    "worum geht es", "was sie wissen mussen", "die wichtigsten fakten", "uberblick", "im uberblick",
    "die kernpunkte", "kurz erklart", "das steht im artikel", "schnell gelesen", "kurzfassung", "kompakt",
    "fazit vorab", "auf den punkt", "auf den punkt gebracht", "kurz & knapp", "das wichtigste zum thema",
    "die fakten", "darum gehts", "worum gehts", "worum geht's", "das musst du wissen", "das mussen sie wissen",
    "das sollten sie wissen", "kernaussagen",
    // Dutch
    "het nieuws in het kort", "waar gaat dit over", "kort nieuws", "het artikel in het kort", "de belangrijkste feiten",
    "kernpunten van het artikel", "belangrijkste feiten",
    "in het kort", "kort samengevat", "samenvatting", "samengevat", "belangrijkste punten",
    "de belangrijkste punten", "hoofdpunten", "in een notendop", "dit moet je weten", "wat je moet weten", "de kern",
    "kernpunten", "het belangrijkste", "in 't kort", "de hoofdpunten", "dit is het nieuws", "wat is het nieuws",
    // Spanish
    "lo que sabemos", "lo que se sabe", "esto es lo que sabemos", "las claves del caso", "resumen de la noticia", "resumen del articulo",
    "ideas principales", "en sintesis", "los puntos principales",
    "puntos clave", "claves", "las claves", "lo esencial", "en resumen", "resumen", "lo mas importante", "en breve",
    "lo que debes saber", "lo que hay que saber", "ideas clave", "los puntos clave", "en pocas palabras",
    "datos clave", "lo destacado", "las claves de la noticia", "puntos importantes", "puntos principales",
    // Italian
    "i punti salienti", "punti salienti", "l'articolo in breve", "la notizia in breve", "i fatti principali", "riassunto dell'articolo",
    "cosa sappiamo", "i punti essenziali", "punti essenziali",
    "punti chiave", "in breve", "in sintesi", "i punti chiave", "l'essenziale", "cosa sapere", "le cose da sapere",
    "sintesi", "riassunto", "punti principali", "da sapere", "in pillole", "i punti principali", "i fatti in breve",
    "in poche parole",
    // Portuguese
    "resumo da noticia", "os principais pontos", "o que se sabe", "o que sabemos", "resumo do artigo", "pontos essenciais",
    "resumo da materia", "ponto a ponto",
    "pontos-chave", "pontos chave", "em resumo", "resumo", "o essencial", "em sintese", "o que precisa de saber",
    "o que voce precisa saber", "principais pontos", "destaques", "em poucas palavras", "principais destaques", "pontos principais", "pontos importantes",
    // Catalan
    "punts clau", "en resum", "les claus", "l'essencial", "resum", "en breu",
    // Romanian
    "idei principale", "esentialul pe scurt", "pe scurt, esentialul", "pe scurt despre", "aspecte cheie", "rezumatul articolului",
    "pe scurt", "puncte cheie", "ideile principale", "esentialul", "rezumat",
    // Swedish
    "snabbkoll", "det viktigaste i korthet", "artikeln i korthet", "sammanfattning av artikeln", "kortfattat", "detta vet vi",
    "i korthet", "kortversionen", "sammanfattning", "det viktigaste", "snabbversionen", "kort om",
    "det har har hant", "detta har hant", "det har vet vi", "i korta drag", "huvudpunkter", "viktigaste punkterna",
    // Danish and Norwegian
    "kort oppsummert", "kort om saken", "saken kort fortalt", "de vigtigste punkter", "de viktigste punktene", "det vigtigste i artiklen",
    "hovedpointer", "kort om artiklen", "artiklen kort", "viktige punkter", "dette er saken", "saken pa 1-2-3",
    "kort fortalt", "kort sagt", "det vigtigste", "det viktigste", "i korte trekk", "kortversjonen", "oppsummert",
    "oppsummering", "saken oppsummert", "opsummering", "resume af artiklen", "hovedpunkter", "hovedpunktene",
    "sammendrag", "de vigtigste pointer", "overblik",
    // Finnish
    "jutun ydin", "ydinkohdat", "tiivistettyna", "olennaiset asiat", "jutun tiivistelma",
    "tiivistelma", "lyhyesti", "paakohdat", "tarkeimmat asiat", "asian ydin", "keskeiset kohdat",
    // Polish
    "najwazniejsze wnioski", "co trzeba wiedziec", "skrot artykulu", "w pigulce", "skrot", "najwazniejsze fakty", "kluczowe informacje",
    "najwazniejsze punkty",
    "w skrocie", "najwazniejsze informacje", "kluczowe punkty", "podsumowanie", "najwazniejsze",
    "co musisz wiedziec", "z tego artykulu dowiesz sie", "streszczenie",
    // Czech and Slovak
    "hlavni body clanku", "co je dulezite", "shrnuti clanku", "hlavne body", "klucove body", "co je dolezite", "najdolezitejsie",
    "to najdolezitejsie", "clanek ve zkratce", "clanok v skratke", "hlavni zpravy",
    "v kostce", "shrnuti", "hlavni body", "ve zkratce", "strucne", "co se dozvite", "zhrnutie", "v skratke",
    "klicove body", "souhrn", "to nejdulezitejsi", "nejdulezitejsi",
    // Hungarian
    "tomoren", "a legfontosabb", "a cikk lenyege", "legfontosabbak", "kiemelt pontok",
    "roviden", "osszefoglalo", "osszefoglalas", "legfontosabb pontok", "lenyeg", "a lenyeg", "a legfontosabbak",
    // Greek
    "τι πρεπει να γνωριζετε", "τα σημαντικοτερα", "κυρια σημεια", "τα κυριοτερα σημεια", "περιληψη αρθρου", "συνοπτικα",
    "με μια ματια", "περιληψη", "τα βασικα σημεια", "βασικα σημεια", "συνοψη", "εν συντομια", "τα κυρια σημεια", "με λιγα λογια",
    // Turkish
    "ozetle", "onemli noktalar", "kisa ozet", "one cikan noktalar", "ne oldu",
    "ozet", "one cikanlar", "kisaca", "ana noktalar", "haberin ozeti",
    // Russian and Ukrainian
    "коротко о главном", "главное в статье", "что известно", "тезисно", "ключевые факты", "краткое содержание", "основные моменты",
    "ключові тези", "наиважливіше", "важливе", "що відомо", "головні тези", "стислии виклад",
    "главное", "коротко", "кратко", "ключевые моменты", "самое важное", "основное", "вкратце", "главные тезисы",
    "головне", "коротко про головне", "ключові моменти", "стисло", "основні тези", "суть", "что важно знать",
    // Croatian, Serbian, Slovene
    "kljucne tacke", "kljucne tocke clanka", "najvaznije ukratko", "ukratko o svemu", "bistvo", "kljucni poudarki",
    "ukratko", "najvaznije", "sazetak", "kljucne tocke", "na kratko", "povzetek",
    // Estonian, Latvian, Lithuanian, Icelandic, Basque
    "kokkuvote", "luhidalt", "kopsavilkums", "isuma", "santrauka", "trumpai", "samantekt", "i stuttu mali", "laburpena",
    // Bulgarian
    "ключови моменти", "основното",
    "накратко", "наи-важното", "акценти",
    // Japanese, Chinese, Korean
    "この記事の要点", "記事の要点", "3行まとめ", "三行まとめ", "3行でわかる", "記事のまとめ", "この記事のまとめ", "記事要約", "ニュースの要点", "要点を解説", "ここがポイント", "核心提示", "要点速览", "新闻要点",
    "文章摘要", "新聞重點", "本文重点", "本文重點", "文章重點", "核心摘要", "内容摘要", "核心观点", "速览", "导读摘要", "핵심요약", "기사요약", "세줄 요약", "세 줄 요약", "3줄 요약", "세줄요약",
    "3줄요약", "요약문", "주요내용", "핵심 포인트", "뉴스 요약",
    "要点", "ポイント", "この記事のポイント", "まとめ", "要約", "記事のポイント", "要点まとめ", "摘要", "重点", "要點", "重點", "核心要点", "内容提要", "요약",
    "핵심 요약", "주요 내용", "한눈에 보기", "기사 요약",
    // Indonesian, Vietnamese, Hebrew, Arabic
    "ringkasan berita", "poin-poin penting", "intisari", "ringkasan artikel", "tom tat noi dung", "nhung diem chinh", "noi dung chinh",
    "diem nhan", "בקצרה", "הנקודות העיקריות", "נקודות עיקריות", "תמצית", "أهم ما جاء في الخبر", "ملخص الخبر", "أبرز ما جاء", "خلاصة",
    "باختصار", "نقاط رئيسية",
    "ringkasan", "poin penting", "poin utama", "intisari berita", "tom tat", "diem chinh", "תקציר", "עיקרי הדברים",
    "النقاط الرئيسية", "ملخص", "أبرز النقاط", "الخلاصة", "أهم النقاط",
    // Hindi, Thai, Persian
    "खबर का सार", "संक्षेप में", "मुख्य अंश", "प्रमुख बातें", "สรุป", "ประเด็นสำคัญ", "สรุปข่าว", "สรุปประเด็น", "خلاصه خبر", "نکات مهم",
    "خلاصه", "نکات کلیدی",
    "सारांश", "मुख्य बिंदु", "मुख्य बातें",
];

/// Folded headings of lists that are no key points.
#[rustfmt::skip]
const OTHER_HEADINGS: &[&str] = &[
    // Contents
    "what's inside", "inside", "quick links", "skip to", "chapters", "in this story", "in this guide", "in this episode",
    "plan de l'article", "au programme", "dans ce dossier", "springe zu", "tabla de contenidos", "contenido", "contenuti",
    "indice dei contenuti", "neste artigo", "conteudo", "nesta reportagem", "en aquest article", "contingut", "cuprins", "in acest articol",
    "innehall", "innehallsforteckning", "i den har artikeln", "i artikeln", "indhold", "indholdsfortegnelse", "i denne artikel", "innhold",
    "innholdsfortegnelse", "i denne artikkelen", "i denne saken", "sisalto", "sisallys", "sisallysluettelo", "tassa artikkelissa",
    "tassa jutussa", "spis tresci", "w tym artykule", "w artykule", "obsah", "obsah clanku", "v clanku", "tartalom", "tartalomjegyzek",
    "icindekiler", "icerik", "bu yazida", "содержание", "оглавление", "в этои статье", "в статье", "зміст", "у статті", "у ціи статті",
    "съдържание", "в тази статия", "περιεχομενα", "σε αυτο το αρθρο", "sadrzaj", "u ovom clanku", "vsebina", "kazalo", "v tem clanku",
    "sisukord", "saturs", "turinys", "efnisyfirlit", "daftar isi", "muc luc", "目次", "この記事の目次", "記事の目次", "目录", "目錄", "本文目录", "文章目錄", "목차",
    "المحتويات", "محتويات المقال", "فهرس", "جدول المحتويات", "תוכן עניינים", "תוכן העניינים", "विषय सूची", "विषयसूची", "สารบัญ", "فهرست",
    // Others
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

/// Of the known headings, those that head a section inside an article too: they announce key points at its beginning alone.
#[rustfmt::skip]
const SECTIONS: &[&str] = &[
    "what we know", "what to know", "what you need to know", "why it matters", "why this matters", "need to know", "things to know", "the facts",
    "key facts", "fast facts", "quick facts", "key details", "key developments", "key findings", "key information", "highlights", "the highlights",
    "the bottom line", "important points", "ce que l'on sait", "ce qu'on sait", "ce qu'il faut savoir", "ce que vous devez savoir", "les faits",
    "choses a savoir", "choses a retenir", "ce que dit l'article", "die fakten", "was sie wissen mussen", "das musst du wissen", "das mussen sie wissen",
    "das sollten sie wissen", "wichtigste erkenntnisse", "die wichtigsten erkenntnisse", "die wichtigsten fakten", "uberblick", "im uberblick",
    "dit moet je weten", "wat je moet weten", "lo que sabemos", "lo que se sabe", "esto es lo que sabemos", "lo que debes saber",
    "lo que hay que saber", "datos clave", "ideas principales", "cosa sapere", "cosa sappiamo", "le cose da sapere", "da sapere", "i fatti principali",
    "o que se sabe", "o que sabemos", "destaques", "det har vet vi", "detta vet vi", "det har har hant", "detta har hant", "co musisz wiedziec",
    "co trzeba wiedziec", "τι πρεπει να γνωριζετε", "ne oldu", "что известно", "что важно знать", "що відомо", "overblik", "ポイント", "重点", "重點",
];

/// Articles that stand before a heading.
const ARTICLES: &[&str] = &[
    "the", "die", "das", "der", "les", "le", "la", "los", "las", "el", "lo", "i", "gli", "os", "as", "o", "de", "het",
];

/// Numbers in letters that stand before a heading.
const NUMBERS: &[&str] = &[
    "two", "three", "four", "five", "deux", "trois", "quatre", "cinq", "zwei", "drei", "vier", "funf", "tres", "tre",
    "drie", "due", "quattro", "cinque", "twee", "vijf", "dos", "cuatro", "tva", "fem", "to",
];

/// Words that show a list, before its name.
const SHOWING: &[&str] = &[
    "here are",
    "here's",
    "these are",
    "voici",
    "hier sind",
    "das sind",
    "estos son",
    "estas son",
    "ecco",
    "dit zijn",
    "detta ar",
    "dette er",
    "all",
    "alle",
    "all the",
    "toutes",
];

/// Words of a heading that may follow a known one: "Key points of the article".
const MORE_WORDS: usize = 4;

/// Whether a text is the heading of a publisher's key points.
pub(in crate::article) fn announces(text: &str) -> bool {
    if words::count(text) > 10 {
        return false;
    }
    let folded = words::fold(&without_remark(text));
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() || OTHER_HEADINGS.contains(&bare) {
        return false;
    }
    let machine = label::mentions_machine(text);
    let (mut left, mut counted) = (bare, false);
    loop {
        if if counted { HEADINGS.contains(&left) } else { is_known(left, machine) } {
            return true;
        }
        // "The main takeaways", "3 key points", "KI-Zusammenfassung", "Here are the main points".
        let (first, rest) = left.split_once(' ').unwrap_or_default();
        let number = !first.is_empty() && first.chars().all(|c| c.is_ascii_digit()) || NUMBERS.contains(&first);
        let shown = SHOWING.iter().find_map(|words| left.strip_prefix(words)?.strip_prefix(' '));
        left = match shown.or_else(|| without_machine(left)) {
            Some(rest) => rest,
            None if number || ARTICLES.contains(&first) => rest,
            None => return false,
        };
        counted |= number;
    }
}

/// Whether a heading may be that of a section inside the article.
pub(super) fn may_head_a_section(text: &str) -> bool {
    let folded = words::fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphabetic());
    SECTIONS.iter().any(|heading| {
        bare.strip_prefix(heading).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', ',']))
    })
}

/// "AI summary", "KI-Zusammenfassung", "AI要約": the heading behind the machine's name.
fn without_machine(bare: &str) -> Option<&str> {
    let rest = ["ai", "ki", "ia", "gpt", "chatgpt"].iter().find_map(|name| bare.strip_prefix(name))?;
    let made =
        rest.strip_prefix(['-', ' ']).and_then(|rest| rest.split_once(' ')).filter(|(word, _)| label::says_made(word));
    if let Some((_, rest)) = made {
        return Some(rest);
    }
    rest.strip_prefix([' ', '-']).or(Some(rest).filter(|rest| rest.starts_with(|c: char| c as u32 >= 0x1100)))
}

/// Whether a folded heading begins as a known one does.
fn is_known(bare: &str, machine: bool) -> bool {
    HEADINGS.iter().any(|heading| {
        bare.strip_prefix(heading).is_some_and(|rest| {
            let cut = rest.is_empty()
                || (heading.contains([' ', '\''])
                    && !rest.starts_with(char::is_alphanumeric)
                    && rest.split_whitespace().count() <= MORE_WORDS);
            cut || (machine && rest.starts_with([':', ' ']) && label::is_remark(rest))
        })
    })
}

/// Whether a text is the heading of a list of another kind. More words may follow a phrase, or any of them behind a colon.
pub(super) fn announces_other(text: &str) -> bool {
    let folded = words::fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    OTHER_HEADINGS.iter().any(|heading| {
        bare.strip_prefix(heading).is_some_and(|rest| {
            let goes_on = heading.contains(' ') && rest.starts_with(' ');
            rest.trim_start().is_empty()
                || rest.trim_start().starts_with([':', '：'])
                || (goes_on && rest.split_whitespace().count() <= MORE_WORDS)
        })
    })
}

/// "Zusammenfassung (KI-generiert)": the remark in brackets is no part of the heading.
fn without_remark(text: &str) -> String {
    match (text.find('('), text.rfind(')')) {
        (Some(open), Some(close)) if open < close && open > 0 => format!("{}{}", &text[..open], &text[close + 1..]),
        _ => text.to_owned(),
    }
}
