//! Shows by cases in many languages which sentences can be key points, and that ranking is the same each time.
//! Datelines and quotations have tables of their own beside them.

use super::rank;
use crate::article::language::Language;

fn ranked(paragraphs: &[&str], language: &str) -> Vec<String> {
    let paragraphs: Vec<String> = paragraphs.iter().map(|p| (*p).to_owned()).collect();
    let language: Language = language.parse().expect("a tag");
    rank("", None, &paragraphs, language).into_iter().map(|r| r.text).collect()
}

/// Four statements of one language stand for its article; what is put between them must not be ranked, what is `kept` must.
struct Case {
    language: &'static str,
    article: [&'static str; 4],
    left_out: &'static [&'static str],
    kept: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        language: "en",
        article: [
            "The council voted on Tuesday to close the river bridge to lorries.",
            "A free shuttle will carry pedestrians until the end of September.",
            "Engineers found cracks in the second pier during an April inspection.",
            "The repairs will cost four million euros over three years.",
        ],
        left_out: &[
            "Why does the city close the bridge for so long?",
            "What on earth are the people of the port to do now?!",
            "The closed bridge seen from the northern quay on Tuesday",
            "Lorries queue at the bridge of Brevan on Tuesday. (Photo: Jane Low)",
            "‘We never took a risk with this bridge or with any other.",
            "And so the workers wait, and the river goes on rising...",
        ],
        kept: &["‘We never took a risk with this old bridge,’ the mayor told reporters."],
    },
    Case {
        language: "fr",
        article: [
            "Le conseil municipal ferme le pont aux camions pour six semaines.",
            "Une navette gratuite transporte les piétons jusqu'à la fin de septembre.",
            "Les ingénieurs ont trouvé des fissures dans la deuxième pile en avril.",
            "Les travaux coûteront quatre millions d'euros répartis sur trois ans.",
        ],
        left_out: &[
            "Pourquoi la ville ferme-t-elle le pont si longtemps\u{a0}?",
            "Le pont fermé aux camions vu du quai nord mardi matin",
            "«\u{a0}Nous n'avons jamais pris de risque avec ce vieux pont.",
            "Le pont fermé vu du quai nord mardi. (Photo : Jeanne Bas)",
        ],
        kept: &["Le maire parle d'un «\u{a0}risque trop grand\u{a0}» pour les riverains du quai."],
    },
    Case {
        language: "de",
        article: [
            "Der Stadtrat sperrt die Flussbrücke sechs Wochen lang für Lastwagen.",
            "Ein kostenloser Pendelbus bringt Fußgänger bis Ende September hinüber.",
            "Die Ingenieure fanden im April bei einer Prüfung Risse im zweiten Pfeiler.",
            "Die Arbeiten kosten vier Millionen Euro, verteilt auf drei Jahre.",
        ],
        left_out: &[
            "Warum bleibt die Brücke über den Fluss so lange gesperrt?",
            "Die gesperrte Brücke am Dienstag, vom nördlichen Kai aus gesehen",
            "„Wir sind mit dieser alten Brücke nie ein Risiko eingegangen.",
            "Die gesperrte Brücke am Dienstag in Brevan. (Foto: Jana Bach)",
        ],
        kept: &["Die Bürgermeisterin nannte das ‚Risiko‘ für alle Anwohner am Kai „zu groß“."],
    },
    Case {
        language: "es",
        article: [
            "El ayuntamiento cierra el puente a los camiones durante seis semanas.",
            "Una lanzadera gratuita lleva a los peatones hasta el final de septiembre.",
            "Los ingenieros encontraron grietas en el segundo pilar durante abril.",
            "Las obras costarán cuatro millones de euros a lo largo de tres años.",
        ],
        left_out: &[
            "¿Por qué cierra la ciudad el puente durante tanto tiempo?",
            "El puente cerrado visto desde el muelle norte el martes",
            "«Nunca corrimos un riesgo con este viejo puente del río.",
        ],
        kept: &["La alcaldesa habla de «un riesgo demasiado grande» para los vecinos del muelle."],
    },
    Case {
        language: "it",
        article: [
            "Il consiglio comunale chiude il ponte ai camion per sei settimane.",
            "Una navetta gratuita porta i pedoni fino alla fine di settembre.",
            "Gli ingegneri hanno trovato crepe nel secondo pilone durante aprile.",
            "I lavori costeranno quattro milioni di euro nel corso di tre anni.",
        ],
        left_out: &[
            "Perché la città chiude il ponte per così tanto tempo?",
            "Il ponte chiuso visto dalla banchina nord martedì mattina",
            "“Non abbiamo mai corso rischi con questo vecchio ponte.",
        ],
        kept: &["La sindaca parla di “un rischio troppo grande” per chi abita sulla banchina."],
    },
    Case {
        language: "nl",
        article: [
            "De gemeenteraad sluit de rivierbrug zes weken lang voor vrachtwagens.",
            "Een gratis pendelbus brengt voetgangers tot eind september naar de overkant.",
            "Ingenieurs vonden in april tijdens een controle scheuren in de tweede pijler.",
            "De werken kosten vier miljoen euro, gespreid over drie jaar.",
        ],
        left_out: &[
            "Waarom blijft de brug over de rivier zo lang dicht?",
            "De gesloten brug dinsdag, gezien vanaf de noordelijke kade",
            "‘We hebben met deze oude brug nooit een risico genomen.",
        ],
        kept: &["Volgens de burgemeester is 't risico ‘veel te groot’ voor wie aan de kade woont."],
    },
    Case {
        language: "pl",
        article: [
            "Rada miasta zamyka most na rzece dla ciężarówek na sześć tygodni.",
            "Bezpłatny autobus wozi pieszych do końca września na drugi brzeg.",
            "Inżynierowie znaleźli w kwietniu pęknięcia w drugim filarze mostu.",
            "Prace będą kosztować cztery miliony euro w ciągu trzech lat.",
        ],
        left_out: &[
            "Dlaczego miasto zamyka most na rzece na tak długo?",
            "Zamknięty most widziany we wtorek z północnego nabrzeża",
            "„Nigdy nie ryzykowaliśmy z tym starym mostem na rzece.",
        ],
        kept: &["Burmistrz mówi o „zbyt dużym ryzyku” dla mieszkańców nabrzeża."],
    },
    Case {
        language: "sv",
        article: [
            "Kommunen stänger bron över älven för lastbilar i sex veckor.",
            "En gratis buss kör fotgängare till andra sidan till slutet av september.",
            "Ingenjörerna fann sprickor i den andra pelaren under en kontroll i april.",
            "Arbetet kostar fyra miljoner euro under de kommande tre åren.",
        ],
        left_out: &[
            "Varför stänger kommunen bron över älven så länge?",
            "Den stängda bron sedd från norra kajen i tisdags",
            "”Vi har aldrig tagit en risk med den här gamla bron.",
        ],
        kept: &["Borgmästaren kallar risken ”alldeles för stor” för dem som bor vid kajen."],
    },
    Case {
        language: "ru",
        article: [
            "Городской совет закрывает мост через реку для грузовиков на шесть недель.",
            "Бесплатный автобус возит пешеходов на другой берег до конца сентября.",
            "Инженеры нашли в апреле трещины во второй опоре старого моста.",
            "Работы обойдутся в четыре миллиона евро в течение трёх лет.",
        ],
        left_out: &[
            "Почему город закрывает мост через реку так надолго?",
            "Закрытый мост во вторник, вид с северной набережной",
            "«Мы никогда не рисковали с этим старым мостом через реку.",
            "— Мы никогда не рисковали с этим старым мостом через реку.",
        ],
        kept: &["Мэр говорит о «слишком большом риске» для жителей набережной."],
    },
    Case {
        language: "el",
        article: [
            "Το δημοτικό συμβούλιο κλείνει τη γέφυρα στα φορτηγά για έξι εβδομάδες.",
            "Ένα δωρεάν λεωφορείο μεταφέρει τους πεζούς ως το τέλος Σεπτεμβρίου.",
            "Οι μηχανικοί βρήκαν τον Απρίλιο ρωγμές στον δεύτερο πυλώνα της γέφυρας.",
            "Τα έργα θα κοστίσουν τέσσερα εκατομμύρια ευρώ μέσα σε τρία χρόνια.",
        ],
        left_out: &[
            "Γιατί κλείνει ο δήμος τη γέφυρα του ποταμού για τόσο καιρό;",
            "Η κλειστή γέφυρα την Τρίτη από τη βόρεια προκυμαία του λιμανιού",
            "«Δεν ρισκάραμε ποτέ με αυτή την παλιά γέφυρα του ποταμού.",
        ],
        kept: &["Ο δήμαρχος μιλά για «πολύ μεγάλο κίνδυνο» για όσους μένουν στην προκυμαία."],
    },
    Case {
        language: "tr",
        article: [
            "Belediye meclisi nehir köprüsünü altı hafta boyunca kamyonlara kapatıyor.",
            "Ücretsiz otobüs yayaları eylül sonuna kadar karşı kıyıya taşıyor.",
            "Mühendisler nisan ayındaki denetimde ikinci ayakta çatlaklar buldu.",
            "Onarım üç yıl içinde dört milyon avroya mal olacak.",
        ],
        left_out: &[
            "Belediye nehir köprüsünü neden bu kadar uzun süre kapatıyor?",
            "Kapalı köprünün salı günü kuzey rıhtımından görünüşü",
            "“Bu eski köprüyle hiçbir zaman risk almadık.",
        ],
        kept: &["Başkan, rıhtımda oturanlar için “çok büyük bir riskten” söz ediyor."],
    },
    Case {
        language: "hi",
        article: [
            "नगर परिषद ने नदी के पुराने पुल को छह सप्ताह के लिए ट्रकों के लिए बंद किया।",
            "एक मुफ्त बस सितंबर के अंत तक पैदल यात्रियों को दूसरे किनारे ले जाएगी।",
            "इंजीनियरों को अप्रैल की जांच में दूसरे खंभे में दरारें मिलीं।",
            "मरम्मत पर तीन साल में चालीस लाख यूरो खर्च होंगे।",
        ],
        left_out: &[
            "शहर इतने लंबे समय के लिए पुल को क्यों बंद कर रहा है?",
            "मंगलवार को उत्तरी घाट से दिखता नदी का बंद पुल",
            "“हमने इस पुराने पुल के साथ कभी जोखिम नहीं लिया।",
        ],
        kept: &["महापौर ने घाट पर रहने वालों के लिए “बहुत बड़े खतरे” की बात की।"],
    },
    Case {
        language: "ja",
        article: [
            "市議会は老朽化した川の橋を六週間トラックの通行禁止とすることを決めた。",
            "無料のシャトルバスが九月末まで両岸の間で歩行者を運ぶ予定だ。",
            "技術者が四月の点検で二番目の橋脚にひび割れを発見したと県が発表した。",
            "修理費用は四百万ユーロで国が三年間でその半分を負担する。",
        ],
        left_out: &[
            "なぜ市はこんなに長い間この川の橋を閉鎖するのだろうか。",
            "火曜日に北側の岸壁から撮影された閉鎖中の川の橋",
            "「この古い橋で危険を冒したことは一度もないと思う。",
        ],
        kept: &["「橋は危険だ。すぐに閉鎖すべきだと市に伝えてきた」と近くの男性は話した。"],
    },
    Case {
        language: "zh",
        article: [
            "市议会星期二晚上决定老河桥将对卡车关闭六个星期。",
            "免费班车将在两岸之间运送行人直到九月底为止。",
            "工程师在四月份的检查中发现第二个桥墩有多处裂缝。",
            "修理将在三年内花费四百万欧元其中一半由国家支付。",
        ],
        left_out: &[
            "为什么城市要把这座老河桥关闭这么长的时间？",
            "星期二从北岸码头看到的关闭的老河桥",
            "“我们从来没有拿这座老河桥冒过任何风险。",
        ],
        kept: &["市长表示，对住在码头边的居民来说“风险太大”。"],
    },
    Case {
        language: "ar",
        article: [
            "قرر المجلس البلدي إغلاق جسر النهر أمام الشاحنات لمدة ستة أسابيع.",
            "ستنقل حافلة مجانية المشاة إلى الضفة الأخرى حتى نهاية سبتمبر.",
            "عثر المهندسون في أبريل على شقوق في العمود الثاني للجسر القديم.",
            "ستكلف الأعمال أربعة ملايين يورو على مدى ثلاث سنوات.",
        ],
        left_out: &[
            "لماذا تغلق المدينة جسر النهر كل هذا الوقت الطويل؟",
            "الجسر المغلق يوم الثلاثاء كما يبدو من الرصيف الشمالي",
            "«لم نخاطر أبدا بهذا الجسر القديم فوق النهر.",
        ],
        kept: &["تحدث رئيس البلدية عن «خطر كبير جدا» على سكان الرصيف."],
    },
];

/// Pieces of which texts are made that nobody wrote: statements with all that can stand before, between and behind them.
const PIECES: &[&str] = &[
    "PARIS (AFP) – ",
    "Köln – ",
    "新华社北京3月3日电（记者张三）",
    "(서울=연합뉴스) ",
    "— ",
    "- ",
    "« ",
    " »",
    "“",
    "”",
    "„",
    "‘",
    "’",
    "\"",
    "'",
    "「",
    "」",
    "(",
    ")",
    "? ",
    "; ",
    "... ",
    "。",
    "।",
    " ",
    "\n",
    "Q: ",
    "No. ",
    "Dr. ",
    "1936 ",
    "§",
    "\u{301}",
    "ΐ",
];

/// A text that a number stands for.
fn text_of(seed: u64) -> Vec<String> {
    let mut state = seed;
    let mut next = |below: usize| {
        state = crate::article::words::mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
        usize::try_from(state % 1_000_003).unwrap_or_default() % below
    };
    let paragraphs = 4 + next(5);
    let mut paragraph = || {
        let pieces = 1 + next(6);
        let mut piece = |_: usize| match next(2) {
            0 => PIECES[next(PIECES.len())],
            _ => CASES[next(CASES.len())].article[next(4)],
        };
        (0..pieces).map(&mut piece).collect::<String>()
    };
    (0..paragraphs).map(|_| paragraph()).collect()
}

#[test]
fn what_is_ranked_stands_in_the_text_and_is_the_same_each_time() {
    let mut told = 0;
    for seed in 0..300 {
        let paragraphs = text_of(seed);
        let language = CASES[usize::try_from(seed).unwrap_or_default() % CASES.len()].language;
        let language: Language = language.parse().expect("a tag");
        let first = rank("The bridge closes", Some(&paragraphs[0]), &paragraphs, language);
        assert_eq!(rank("The bridge closes", Some(&paragraphs[0]), &paragraphs, language), first, "{seed}");
        assert!(first.len() <= 8, "{seed}");
        for sentence in &first {
            assert!(paragraphs.iter().any(|p| p.contains(&sentence.text)), "{seed}: {}", sentence.text);
            assert_eq!(sentence.text.trim(), sentence.text, "{seed}");
        }
        let mut places: Vec<u32> = first.iter().map(|sentence| sentence.at).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), first.len(), "{seed}");
        told += first.len();
    }
    assert!(told > 300, "only {told} sentences were ranked");
}

#[test]
fn hostile_texts_take_no_more_time_than_long_ones() {
    for piece in PIECES {
        let paragraphs = vec![piece.repeat(20_000), piece.repeat(3)];
        assert!(rank("", None, &paragraphs, Language::UND).is_empty(), "{piece:?}");
    }
    let many: Vec<String> =
        (0..5_000).map(|n| format!("PARIS (AFP) – « Le pont {n} ferme ce soir aux camions.")).collect();
    assert!(rank("", None, &many, Language::UND).is_empty());
}

#[test]
fn questions_captions_and_halves_of_quotations_are_left_out_in_fifteen_languages() {
    let mut wrong = Vec::new();
    for case in CASES {
        for text in case.left_out {
            let mut paragraphs = case.article.to_vec();
            paragraphs.insert(1, text);
            wrong.extend(ranked(&paragraphs, case.language).into_iter().filter(|s| s == text));
        }
        for text in case.kept {
            let mut paragraphs = case.article.to_vec();
            paragraphs.insert(1, text);
            let found = ranked(&paragraphs, case.language);
            wrong.extend((!found.iter().any(|s| s == text)).then(|| format!("{text} is not in {found:#?}")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn neither_lists_nor_answers_are_ranked_but_what_an_interview_opens_with_is() {
    let stars = [
        "Aries (March 21 – April 19): A friend brings good news about money this morning.",
        "Taurus (April 20 – May 20): Take a little more time for your family this evening.",
        "Gemini (May 21 – June 20): Your ideas are welcome at work, so speak up early.",
        "Cancer (June 21 – July 22): Somebody you had long forgotten will call you today.",
        "Leo (July 23 – August 22): Do not sign anything before you have read it twice.",
    ];
    assert!(ranked(&stars, "en").is_empty());
    let opening = CASES[0].article;
    let turns = [
        "Will the fare of the ferry rise next year?",
        "We have no plan at all to raise the fare of the ferry.",
        "How many boats do you need for the summer?",
        "Six boats would be good for us in the summer timetable.",
        "And when does the night ferry come back?",
        "I hope that the night ferry returns in the first week of June.",
    ];
    let shown = ranked(&[&opening[..], &turns].concat(), "en");
    assert!(shown.len() > 1 && shown.iter().all(|sentence| opening.contains(&sentence.as_str())), "{shown:?}");
}
