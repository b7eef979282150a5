//! The words that remarks of machine-made key points are made of, in the languages of the field; folded, if nothing else is said.
//! What makes a remark of them, the file above tells.

/// Short names of the machine. In small letters they are other words: "ai lettori", "j'ai", "ki volt", "ia menulis".
pub(super) const CAPITALS: &[&str] = &["AI", "IA", "KI", "MI", "ΤΝ", "ИИ", "ШІ", "ＡＩ", "A.I", "I.A", "K.I"];

/// Folded names of the machine.
#[rustfmt::skip]
pub(super) const MACHINES: &[&str] = &[
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
pub(super) const AUTOMATIC: &[&str] =
    &["automati", "automaatti", "автомат", "αυτοματ", "otomatik", "自動", "自动", "자동", "تلقائي", "אוטומטי"];

/// How words begin that say that something was made.
#[rustfmt::skip]
pub(super) const MAKING: &[&str] = &[
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
pub(super) const SUMMARY: &[&str] = &[
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
pub(super) const SUMMARY_PIECES: &[&str] = &[
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
pub(super) const TEXTS: &[&str] = &[
    "text", "texte", "texto", "testo", "tekst", "content", "contenu", "article", "artikel", "beitrag", "bericht", "articulo", "articolo", "artigo",
    "contenido", "contenuto", "inhalt", "inhalte", "teksti", "szoveg", "metin", "текст", "tresc",
];

/// Words that point at what stands beside them.
#[rustfmt::skip]
pub(super) const THIS: &[&str] = &[
    "this", "these", "diese", "dieser", "dieses", "ce", "cet", "cette", "ces", "este", "esta", "estos", "estas", "questo", "questa", "questi",
    "deze", "dit", "denna", "detta", "dessa", "denne", "dette", "disse", "tama", "ten", "ta", "to", "tento", "tato", "toto", "ez", "ezt", "acest",
    "acesta", "bu", "это", "этот", "эта", "цеи", "це", "ова", "ovaj",
];

/// Words that stand before the machine's name where it is the maker.
pub(super) const BY: &[&str] = &[
    "by", "with", "using", "mit", "durch", "von", "par", "avec", "con", "por", "per", "met", "door", "med", "av", "af",
    "com", "przez", "pomocou",
];

/// Little words of a heading that is a remark too.
pub(super) const KEYS: &[&str] = &[
    "key", "the", "our", "short", "quick", "article", "news", "l", "d", "dell", "de", "la", "le", "il", "beta", "tom",
    "boi",
];

/// Words by which a text says that no machine made it.
pub(super) const NOT: &[&str] = &[
    "no", "not", "without", "never", "pas", "sans", "ohne", "kein", "keine", "nicht", "sin", "senza", "non", "niet",
    "geen", "inte", "ikke", "nie", "bez", "не", "без",
];

/// How the other words of such remarks begin.
#[rustfmt::skip]
pub(super) const OTHERS: &[&str] = &[
    "this", "these", "were", "been", "with", "from", "help", "support", "tool", "technolog", "used", "using", "review", "check", "edit", "verif",
    "human", "journalis", "newsroom", "publi", "original", "article", "story", "stories", "text", "content", "contain", "error", "mistake",
    "inaccura", "accura", "note", "disclaimer", "above", "below", "before", "which", "large", "language", "model", "based", "full", "artificial",
    "intelligen", "redac", "relu", "contr", "erreur", "peut", "partir", "avec", "aide", "outil", "assist", "diese", "dies", "wurde", "wurden",
    "mithilfe", "mittels", "hilfe", "verwendung", "kunstlich", "durch", "eine", "einer", "gepruft", "uberpruft", "redaktion",
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
pub(super) const OTHER_PIECES: &[&str] = &[
    "によって", "による", "しました", "ました", "されました", "した", "です", "この", "記事", "本文", "以上", "内容", "仅供参考", "僅供參考", "的", "由", "本", "は", "が", "で", "の", "を", "に", "使用", "用いて",
    "입니다", "했습니다", "되었습니다", "내용", "기사", "으로", "한", "된", "가", "이", "로", "은", "의", "을", "를", "최신", "기술", "활용", "핵심", "제공", "정확", "빠르", "전체", "맥락", "이해", "본문", "확인", "من", "هذا", "هذه", "بواسطة", "باستخدام", "تم", "على", "של", "על", "ידי", "באמצעות", "זה",
    "यह", "से", "की", "मदद", "ด้วย", "บทความ",
];
