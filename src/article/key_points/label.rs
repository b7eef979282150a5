//! The remark that a machine wrote the key points: told from headings and from news about machines by what it is made of.
//! Where such a remark stands beside a block, `block` and `lines` know.

use super::{headings, lines};
use crate::article::{
    outline::share,
    words::{self, Term},
};

/// Words that a remark may have.
const MAX_WORDS: usize = 40;

/// Remarks that may stand between a heading and its points.
const REMARKS: usize = 2;

/// Share of a remark's letters that are of the words such remarks are made of.
const OWN_WORDS: f64 = 0.6;

/// The same where it does not begin with the summary's name.
const OWN_WORDS_UNNAMED: f64 = 0.75;

/// The same in scripts that are compared by pieces of words.
const OWN_PIECES: f64 = 0.5;

/// Letters from which a word counts: shorter ones are little words of any language.
const LONG: usize = 4;

/// Short names of the machine. In small letters they are other words: "ai lettori", "j'ai", "ki volt", "ia menulis".
const CAPITALS: &[&str] = &["AI", "IA", "KI", "MI", "ΤΝ", "ИИ", "ШІ", "ＡＩ", "A.I", "I.A", "K.I"];

/// Folded names of the machine.
#[rustfmt::skip]
const MACHINES: &[&str] = &[
    "intelligence artificielle", "artificial intelligence", "kunstliche intelligenz", "kunstlicher intelligenz", "kunstlichen intelligenz",
    "kunstliche-intelligenz", "kunstmatige intelligentie", "inteligencia artificial", "intelligenza artificiale", "intel·ligencia artificial",
    "artificiell intelligens", "kunstig intelligens", "sztuczna inteligencj", "sztucznej inteligencj", "umele inteligenc", "umela inteligenc",
    "umelou inteligenc", "umelej inteligenc", "tekoaly", "tehisaru", "tehisintellek", "maksligais intelekt", "dirbtinis intelekt", "gervigreind",
    "adimen artifizial", "mesterseges intelligencia", "inteligenta artificiala", "inteligentei artificiale", "τεχνητη νοημοσυνη",
    "τεχνητης νοημοσυνης", "yapay zeka", "искусственным интеллект", "искусственныи интеллект", "искусственного интеллект", "неиросет",
    "штучнии інтелект", "штучним інтелект", "штучного інтелект", "изкуствен интелект", "изкуствения интелект", "umjetna inteligencij",
    "umjetne inteligencij", "umjetnom inteligencij", "vestacka inteligencij", "umetna inteligenc", "umetne inteligenc", "umetno inteligenc",
    "artificial-intelligence",
    "chatgpt", "gpt", "copilot", "gemini", "genai", "openai", "generative ai", "language model", "sprachmodell", "modele de langage", "algorithm", "algorithme",
    "tri tue nhan tao", "kecerdasan buatan", "人工知能", "人工智能", "人工智慧", "生成ai", "생성형", "인공지능", "الذكاء الاصطناعي", "ذكاء اصطناعي", "בינה מלאכותית",
    "कृत्रिम बुद्धिमत्ता", "एआई", "ปัญญาประดิษฐ์", "هوش مصنوعی", "ai-gener", "ai-creat", "ai-summar", "ai-assist", "ai-powered", "ai-written",
    "ki-gener", "ki-erstell", "ki-gestutz", "ki-zusammenfass", "ia-gener", "machine-gener", "machine gener", "computer-gener",
];

/// How words begin that say "by itself".
const AUTOMATIC: &[&str] =
    &["automati", "automaatti", "автомат", "αυτοματ", "otomatik", "自動", "自动", "자동", "تلقائي", "אוטומטי"];

/// How words begin that say that something was made.
#[rustfmt::skip]
const MAKING: &[&str] = &[
    "gener", "gerad", "creat", "creer", "cree", "creado", "criad", "written", "write", "wrote", "produced", "made", "prepared", "compiled", "powered",
    "summaris", "summariz", "assisted", "redig", "redact", "ecrit", "realis", "produit", "elabor", "erstell", "erzeug", "verfass", "geschrieb",
    "zusammengefasst", "zusammengestellt", "gemaakt", "opgesteld", "geschreven", "samengesteld", "samengevat", "realizad", "realizat", "hecho",
    "hecha", "escrit", "realizzat", "scritt", "prodott", "feit", "skapa", "skriv", "skrev", "gjord", "framtag", "sammanfatt", "laget", "lavet",
    "utarbeid", "oprettet", "oppsummert", "opsummeret", "tekem", "tuotta", "luoma", "laati", "kirjoitta", "koosta", "tiivista", "wygener",
    "stworz", "przygotowa", "utworz", "opracowa", "napisa", "sporzadz", "vytvor", "vygener", "priprav", "zpracova", "spracova", "keszit",
    "keszul", "general", "irta", "δημιουργ", "συνταχθ", "γραφτηκε", "γραμμεν", "παρηχθ", "hazirla", "olustur", "uretil", "yazil", "ozetlen",
    "создан", "сгенер", "составл", "подготовл", "написан", "сделан", "створен", "утворен", "згенер", "підготовл", "складен", "генерир",
    "създаден", "изготвен", "izradi", "kreira", "napravi", "napravlj", "stvori", "ustvari", "pripravi", "loodud", "koostat", "izveido",
    "sukur", "parengt", "dibuat", "dihasilkan", "dirangkum", "disusun", "tao boi", "duoc tao", "作成", "生成", "撰写", "整理", "创作", "作られ", "まとめました",
    "생성", "작성", "만든", "만들", "إعداد", "إنشاء", "أنشئ", "توليد", "נוצר", "נכתב", "הופק", "तैयार", "द्वारा", "สร้าง", "โดย",
];

/// What such a remark calls the block, whole words: a plural is of other summaries.
#[rustfmt::skip]
const SUMMARY: &[&str] = &[
    "summary", "overview", "recap", "takeaways", "highlights", "bullets", "bullet", "points", "resume", "synthese", "apercu",
    "zusammenfassung", "kurzfassung", "ubersicht", "uberblick", "stichpunkte", "kernpunkte", "samenvatting", "overzicht", "resumen", "puntos",
    "sintesis", "riassunto", "sintesi", "resumo", "sintese", "resum", "sammanfattning", "sammanfattningen", "sammendrag", "sammendraget",
    "oppsummering", "oppsummeringen", "opsummering", "opsummeringen", "resumeet", "tiivistelma", "yhteenveto", "streszczenie", "podsumowanie",
    "skrot", "shrnuti", "souhrn", "zhrnutie", "suhrn", "osszefoglalo", "osszefoglalot", "osszefoglalas", "kivonat", "rezumat", "rezumatul",
    "περιληψη", "συνοψη", "ozet", "ozeti", "содержание", "сводка", "резюме", "саммари", "пересказ", "підсумок", "стислии", "виклад", "обобщение",
    "обобщението", "sazetak", "povzetek", "kokkuvote", "kopsavilkums", "santrauka", "samantekt", "laburpena", "ringkasan", "rangkuman", "tat",
    "zusammengefasst", "oppsummert", "samengevat", "summarised", "summarized",
];

/// The same in scripts without spaces or with words that run together; and in two words.
const SUMMARY_PIECES: &[&str] = &[
    "要約",
    "要点",
    "まとめ",
    "摘要",
    "总结",
    "總結",
    "概要",
    "提要",
    "요약",
    "ملخص",
    "تلخيص",
    "خلاصة",
    "תקציר",
    "סיכום",
    "सारांश",
    "สรุป",
];

/// Words for "text" and "article": a remark opens with them.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "text", "texte", "texto", "testo", "tekst", "content", "contenu", "article", "artikel", "beitrag", "bericht", "articulo", "articolo", "artigo",
    "contenido", "contenuto", "inhalt", "inhalte", "teksti", "szoveg", "metin", "текст", "tresc",
];

/// Words that point at what stands beside them.
#[rustfmt::skip]
const THIS: &[&str] = &[
    "this", "these", "diese", "dieser", "dieses", "ce", "cet", "cette", "ces", "este", "esta", "estos", "estas", "questo", "questa", "questi",
    "deze", "dit", "denna", "detta", "dessa", "denne", "dette", "disse", "tama", "ten", "ta", "to", "tento", "tato", "toto", "ez", "ezt", "acest",
    "acesta", "bu", "это", "этот", "эта", "цеи", "це", "ова", "ovaj",
];

/// Words that stand before the machine's name where it is the maker.
const BY: &[&str] = &[
    "by", "with", "using", "mit", "durch", "von", "par", "avec", "con", "por", "per", "met", "door", "med", "av", "af",
    "com", "przez", "pomocou",
];

/// How the other words of such remarks begin.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "this", "these", "were", "been", "with", "from", "help", "support", "tool", "technolog", "used", "using", "review", "check", "edit", "verif",
    "human", "journalis", "newsroom", "publi", "original", "article", "story", "stories", "text", "content", "contain", "error", "mistake",
    "inaccura", "accura", "note", "disclaimer", "above", "below", "before", "which", "large", "language", "model", "based", "full", "artificial",
    "intelligen", "redac", "relu", "contr", "erreur", "peut", "partir", "avec", "aide", "outil", "assist", "diese", "dies", "wurde", "wurden",
    "mithilfe", "mittels", "hilfe", "unter", "verwendung", "kunstlich", "durch", "eine", "einer", "gepruft", "uberpruft", "redaktion",
    "journalist", "artikel", "beitrag", "fehler", "kann", "konnen", "enthalten", "hinweis", "basis", "automati", "behulp", "deze", "door",
    "gecontroleerd", "redactie", "sido", "este", "esta", "estos", "fueron", "mediante", "ayuda", "herramienta", "revisad", "periodist", "puede",
    "contener", "questo", "questa", "stat", "dall", "della", "aiuto", "supporto", "rivist", "giornalist", "pela", "pelo", "ajuda", "jornalist",
    "revisto", "foram", "denna", "detta", "hjalp", "hjelp", "granska", "kontroll", "dette", "denne", "blevet", "zosta", "przez", "pomoc", "pomoci", "redakc", "byla",
    "bylo", "byl", "altal", "segitseg", "szerkeszt", "ajutor", "fost", "tarafindan", "yardimi", "ile", "помощ", "помощью", "допомог", "редакц",
    "краткое", "было", "была", "этот", "этот", "кратк", "коротк", "izrad", "oleh", "bang", "short", "brief", "quick", "point", "bullet", "auton", "reserved",
    "learn", "about", "tool", "feature", "beta", "powered", "microsoft", "policy", "service", "kvalit", "verktyg", "verktoy", "tjenest", "tjanst",
    "asistenc", "kwalit", "qualit", "verifi", "herram", "inform", "humain", "supervis", "menschlich", "kontrolliert", "unser", "nach", "notre",
    "nuestr", "nostr", "hulp", "onze", "gerem", "lektor", "zweryfik", "sprawdz", "zkontrol", "bylo",
];

/// The same in scripts that are compared by pieces.
#[rustfmt::skip]
const OTHER_PIECES: &[&str] = &[
    "によって", "による", "しました", "ました", "されました", "した", "です", "この", "記事", "本文", "以上", "内容", "仅供参考", "僅供參考", "的", "由", "本", "は", "が", "で", "の", "を", "に", "使用", "用いて",
    "입니다", "했습니다", "되었습니다", "내용", "기사", "으로", "한", "된", "가", "이", "로", "은", "의", "을", "를", "최신", "기술", "활용", "핵심", "제공", "정확", "빠르", "전체", "맥락", "이해", "본문", "확인", "من", "هذا", "هذه", "بواسطة", "باستخدام", "تم", "على", "של", "על", "ידי", "באמצעות", "זה",
    "यह", "से", "की", "मदद", "ด้วย", "บทความ",
];

/// A short remark that a machine wrote what stands beside it. News of machines also names them; it says more than these words.
pub(super) fn is_label(text: &str) -> bool {
    if !(1..=MAX_WORDS).contains(&words::count(text)) {
        return false;
    }
    let folded = words::fold(text);
    if folded.chars().any(runs_together) { is_label_in_pieces(text, &folded) } else { is_label_in_words(text, &folded) }
}

/// The heading among what stands above some points, nearest first: remarks may stand between, and one may be the heading itself.
pub(super) fn heading<'t, At: Copy>(mut above: impl Iterator<Item = (At, &'t str)>) -> Option<At> {
    let mut own = None;
    for _ in 0..=REMARKS {
        let Some((at, text)) = above.next() else { break };
        match (is_label(text), headings::announces(text)) {
            (false, true) => return Some(at),
            (false, false) => break,
            (true, announces) => own = own.or(announces.then_some(at)),
        }
    }
    own
}

/// Such a remark in a line of the block itself, without its bullet.
pub(super) fn in_line(line: &str) -> Option<&str> {
    let bare = lines::dashed(line).unwrap_or(line);
    is_label(bare).then_some(bare)
}

fn is_label_in_words(text: &str, folded: &str) -> bool {
    let tokens: Vec<&str> = tokens(folded).collect();
    let first = |count: usize| &tokens[..count.min(tokens.len())];
    let made = |word: &&str| begins(MAKING, word);
    let named = |word: &&str| SUMMARY.contains(word);
    let (makes, names) = (tokens.iter().any(made), tokens.iter().any(named));
    let machine = mentions_machine(text) || (makes && tokens.iter().any(|word| begins(AUTOMATIC, word)));
    if !machine || !(makes || names) {
        return false;
    }
    let own = own_words(folded, &tokens);
    let opens = first(2).iter().any(made)
        || (makes && first(2).iter().any(|word| TEXTS.contains(word)))
        || (makes && first(1).iter().any(|word| THIS.contains(word) || BY.contains(word)));
    let own_at_least = if first(4).iter().any(named) { OWN_WORDS } else { OWN_WORDS_UNNAMED };
    (opens || names) && own >= own_at_least
}

fn is_label_in_pieces(text: &str, folded: &str) -> bool {
    let holds = |pieces: &[&str]| pieces.iter().any(|piece| folded.contains(piece));
    let names = holds(SUMMARY_PIECES);
    let machine = mentions_machine(text) || (holds(AUTOMATIC) && holds(MAKING));
    if !machine || !(names || holds(MAKING)) {
        return false;
    }
    let all = letters(folded);
    let mut left = folded.to_owned();
    for pieces in [MACHINES, SUMMARY_PIECES, MAKING, AUTOMATIC, OTHER_PIECES] {
        for piece in pieces.iter().filter(|piece| !piece.is_ascii()) {
            left = left.replace(piece, " ");
        }
    }
    let left: usize = tokens(&left).filter(|word| !matches!(*word, "ai" | "chatgpt")).map(letters).sum();
    if names { share(all - left, all) >= OWN_PIECES } else { left == 0 }
}

/// Scripts whose words are not parted by spaces, or are written together with little ones.
fn runs_together(c: char) -> bool {
    matches!(c as u32, 0x0590..=0x0fff | 0x1100..=0x11ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af)
}

fn tokens(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty())
}

/// Vowel signs of Indian and Thai writing are parts of words.
fn is_mark(c: char) -> bool {
    matches!(c as u32, 0x0591..=0x05c7 | 0x0610..=0x065f | 0x0900..=0x0dff | 0x0e00..=0x0eff)
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

fn begins(list: &[&str], word: &str) -> bool {
    list.iter().any(|beginning| word.starts_with(beginning))
}

fn is_own(word: &str) -> bool {
    word.chars().nth(LONG - 1).is_none()
        || [MAKING, AUTOMATIC, OTHERS].iter().any(|list| begins(list, word))
        || [SUMMARY, TEXTS, THIS].iter().any(|list| list.contains(&word))
}

/// Share of the long words' letters that are of such remarks; the machine's name does not count.
fn own_words(folded: &str, tokens: &[&str]) -> f64 {
    let named = |word: &str| {
        MACHINES.iter().any(|name| folded.contains(name) && name.split([' ', '-']).any(|part| word.starts_with(part)))
    };
    let (mut own, mut all) = (0, 0);
    for word in
        tokens.iter().filter(|word| word.chars().nth(LONG - 1).is_some() && !(named(word) && !begins(MAKING, word)))
    {
        all += letters(word);
        own += if is_own(word) { letters(word) } else { 0 };
    }
    if all == 0 { 1.0 } else { share(own, all) }
}

/// Whether what follows a heading's known words is only such a remark: "generated by AI", not "of the AI ruling".
pub(super) fn is_remark(folded: &str) -> bool {
    folded.chars().any(runs_together) || own_words(folded, &tokens(folded).collect::<Vec<_>>()) >= 1.0
}

/// Whether a folded word says that something was made.
pub(super) fn says_made(word: &str) -> bool {
    begins(MAKING, word)
}

/// Words of a remark that are not of such remarks.
pub(super) fn other_terms(text: &str) -> impl Iterator<Item = Term> {
    let folded = words::fold(text);
    let named = mentioned(&folded);
    let others: Vec<Term> = tokens(&folded)
        .filter(|word| !is_own(word) && !named.iter().any(|name| name.contains(word)))
        .flat_map(words::terms)
        .collect();
    others.into_iter()
}

fn mentioned(folded: &str) -> Vec<&'static str> {
    MACHINES.iter().filter(|name| folded.contains(**name)).copied().collect()
}

/// Whether a text names the machine.
pub(super) fn mentions_machine(text: &str) -> bool {
    let folded = words::fold(text);
    !mentioned(&folded).is_empty() || CAPITALS.iter().any(|name| stands_alone(text, name))
}

/// Whether a name stands in a text as a word of its own; letters of scripts without spaces may touch it.
fn stands_alone(text: &str, name: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !runs_together(c));
    text.match_indices(name).any(|(at, _)| {
        let before = &text[..at];
        // "J'AI" shouts.
        let verb = name == "AI" && (before.ends_with("J'") || before.ends_with("J’"));
        !verb && !joins(before.chars().next_back()) && !joins(text[at + name.len()..].chars().next())
    })
}
