//! Shows by makes of many publishers and languages what is a block of key points and what only looks like one.
//! Labels of machines are shown in `labels`, single rules in the file above.

use super::{BODY, LIST, PARAGRAPHS, POINTS, block};
use crate::article::{boilerplate, boilerplate::Learned, key_points::find_block, outline};

/// Heading, two points and two paragraphs, as one publisher of each language might write them.
#[rustfmt::skip]
const LANGUAGES: [(&str, [&str; 2], [&str; 2]); 24] = [
    ("Here are the key points", ["The lock at Arlen stays shut until May.", "Barges wait for days below the weir"], ["The lock at Arlen, shut since a barge hit its gate, will stay so until May, the river board said.", "Some forty barges wait for days below the weir, with gravel and grain for the towns upstream."]),
    ("KI-Zusammenfassung", ["Die Schleuse bleibt bis Mai gesperrt", "Vierzig Kähne warten unterhalb des Wehrs"], ["Die Schleuse von Arlen bleibt nach dem Unfall bis Mai gesperrt, teilte das Wasseramt am Dienstag mit.", "Unterhalb des Wehrs warten vierzig Kähne mit Kies und Getreide für die Städte am Oberlauf."]),
    ("Les 3 points à retenir", ["L’écluse reste fermée jusqu’en mai.", "Quarante péniches attendent en aval."], ["L’écluse d’Arlen restera fermée jusqu’en mai, a indiqué mardi le service des voies navigables.", "En aval, quarante péniches chargées de gravier attendent depuis dix jours de pouvoir passer."]),
    ("AI-samenvatting", ["De sluis blijft tot mei dicht", "Veertig schepen wachten onder de stuw"], ["De sluis van Arlen blijft na het ongeluk tot mei dicht, meldt het waterschap op dinsdag.", "Onder de stuw wachten veertig schepen met grind en graan op doorvaart naar de steden."]),
    ("Las claves de la noticia", ["La esclusa sigue cerrada hasta mayo", "Cuarenta barcazas esperan bajo la presa"], ["La esclusa de Arlen seguirá cerrada hasta mayo, según informó el martes la autoridad del río.", "Bajo la presa esperan cuarenta barcazas cargadas de grava desde hace más de diez días."]),
    ("I punti salienti", ["La chiusa resta ferma fino a maggio", "Quaranta chiatte aspettano a valle"], ["La chiusa di Arlen resta ferma fino a maggio, ha detto martedì l’autorità del fiume.", "A valle aspettano quaranta chiatte cariche di ghiaia, alcune delle quali da dieci giorni."]),
    ("Resumo da notícia", ["A eclusa fica fechada até maio", "Quarenta barcaças esperam a jusante"], ["A eclusa de Arlen fica fechada até maio, informou na terça-feira a autoridade do rio.", "A jusante esperam quarenta barcaças carregadas de cascalho, algumas há mais de dez dias."]),
    ("Det här vet vi", ["Slussen är stängd till maj", "Fyrtio pråmar väntar nedanför dammen"], ["Slussen i Arlen är stängd till maj, meddelade älvens styrelse på tisdagen efter olyckan.", "Nedanför dammen väntar fyrtio pråmar med grus och säd till städerna längre upp."]),
    ("De vigtigste punkter", ["Slusen er lukket indtil maj", "Fyrre pramme venter neden for dæmningen"], ["Slusen i Arlen er lukket indtil maj, oplyste flodens bestyrelse tirsdag efter ulykken.", "Neden for dæmningen venter fyrre pramme med grus og korn til byerne længere oppe."]),
    ("Saken kort fortalt", ["Slusen er stengt til mai", "Førti lektere venter nedenfor demningen"], ["Slusen i Arlen er stengt til mai, opplyste elvestyret tirsdag etter ulykken ved porten.", "Nedenfor demningen venter førti lektere med grus og korn til byene lenger opp."]),
    ("Jutun ydin", ["Sulku pysyy kiinni toukokuuhun", "Neljäkymmentä proomua odottaa padon alla"], ["Arlenin sulku pysyy kiinni toukokuuhun asti, jokilaitos kertoi tiistaina onnettomuuden jälkeen.", "Padon alla odottaa neljäkymmentä proomua soraa ja viljaa kaupunkeihin vieden."]),
    ("Najważniejsze wnioski", ["Śluza pozostaje zamknięta do maja", "Czterdzieści barek czeka poniżej jazu"], ["Śluza w Arlen pozostaje zamknięta do maja, podał we wtorek zarząd rzeki po wypadku barki.", "Poniżej jazu czeka czterdzieści barek ze żwirem i zbożem dla miast w górze rzeki."]),
    ("Hlavní body článku", ["Komora zůstane zavřená do května", "Čtyřicet lodí čeká pod jezem"], ["Plavební komora v Arlenu zůstane zavřená do května, oznámila v úterý správa řeky.", "Pod jezem čeká čtyřicet lodí se štěrkem a obilím pro města na horním toku."]),
    ("Tömören", ["A zsilip májusig zárva marad", "Negyven uszály vár a gát alatt"], ["Az arleni zsilip májusig zárva marad, közölte kedden a folyó igazgatósága a baleset után.", "A gát alatt negyven uszály vár kaviccsal és gabonával a felső városok felé."]),
    ("Idei principale", ["Ecluza rămâne închisă până în mai", "Patruzeci de barje așteaptă în aval"], ["Ecluza din Arlen rămâne închisă până în mai, a anunțat marți administrația fluviului.", "În aval așteaptă patruzeci de barje cu pietriș și cereale pentru orașele din amonte."]),
    ("Τι πρέπει να γνωρίζετε", ["Η δεξαμενή μένει κλειστή ως τον Μάιο", "Σαράντα φορτηγίδες περιμένουν κάτω από το φράγμα"], ["Η δεξαμενή του Άρλεν μένει κλειστή ως τον Μάιο, ανακοίνωσε την Τρίτη η διοίκηση του ποταμού.", "Κάτω από το φράγμα περιμένουν σαράντα φορτηγίδες με χαλίκι και σιτάρι για τις πόλεις."]),
    ("Özetle", ["Kapak mayısa kadar kapalı kalacak", "Kırk mavna barajın altında bekliyor"], ["Arlen’deki kapak mayısa kadar kapalı kalacak, nehir idaresi salı günü kazadan sonra açıkladı.", "Barajın altında kırk mavna çakıl ve tahılla yukarıdaki şehirlere geçmeyi bekliyor."]),
    ("Коротко о главном", ["Шлюз закрыт до мая", "Сорок барж ждут ниже плотины"], ["Шлюз в Арлене закрыт до мая, сообщило во вторник управление реки после аварии баржи.", "Ниже плотины сорок барж с гравием и зерном ждут прохода к городам выше по течению."]),
    ("Ключові тези", ["Шлюз закритий до травня", "Сорок барж чекають нижче греблі"], ["Шлюз в Арлені закритий до травня, повідомило у вівторок управління річки після аварії.", "Нижче греблі сорок барж із гравієм і зерном чекають проходу до міст вище за течією."]),
    ("AI要約", ["水門は五月まで閉鎖される", "はしけ四十隻が堰の下で待つ"], ["アーレンの水門は事故のため五月まで閉鎖されると、河川局が火曜日に発表した。", "堰の下では砂利や穀物を積んだはしけ四十隻が上流の町へ向かうのを待っている。"]),
    ("核心提示", ["船闸将关闭到五月", "四十艘驳船在坝下等待"], ["河务局星期二表示，阿伦船闸因事故将关闭到五月，以便工人更换闸门。", "四十艘满载砂石和粮食的驳船在坝下等待，准备驶往上游的城市。"]),
    ("핵심요약", ["갑문은 오월까지 닫혀 있다", "바지선 마흔 척이 둑 아래에서 기다린다"], ["아를렌 갑문은 사고 때문에 오월까지 닫혀 있을 것이라고 하천청이 화요일 밝혔다.", "둑 아래에서 자갈과 곡물을 실은 바지선 마흔 척이 상류 도시로 가려고 기다린다."]),
    ("أهم ما جاء في الخبر", ["يبقى الهويس مغلقا حتى مايو", "أربعون صندلا تنتظر أسفل السد"], ["يبقى هويس آرلن مغلقا حتى مايو بعد الحادث كما أعلنت إدارة النهر يوم الثلاثاء.", "أسفل السد تنتظر أربعون صندلا محملة بالحصى والحبوب للمدن الواقعة في أعلى النهر."]),
    ("खबर का सार", ["जलद्वार मई तक बंद रहेगा", "चालीस नावें बांध के नीचे रुकी हैं"], ["आर्लेन का जलद्वार दुर्घटना के बाद मई तक बंद रहेगा, नदी विभाग ने मंगलवार को कहा।", "बांध के नीचे बजरी और अनाज से लदी चालीस नावें ऊपर के शहरों के लिए रुकी हैं।"]),
];

#[test]
fn a_block_is_found_in_many_languages() {
    let mut missed = Vec::new();
    for (heading, points, body) in LANGUAGES {
        let html = format!(
            "<h1>Arlen</h1><h2>{heading}</h2><ul><li>{}</li><li>{}</li></ul><p>{}</p><p>{}</p>",
            points[0], points[1], body[0], body[1]
        );
        if block(&html).is_none_or(|found| found.points != points) {
            missed.push(heading);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The pages of a table that have no block, or another one.
fn without_block(table: &[String]) -> Vec<&String> {
    let whole = |before: &&String| {
        block(&format!("<h1>Le pont</h1>{before}{BODY}")).is_some_and(|found| found.points == POINTS)
    };
    table.iter().filter(|before| !whole(before)).collect()
}

#[test]
fn a_block_is_found_in_many_makes() {
    let [a, b] = POINTS;
    let divs = format!("<div>{a}</div><div>{b}</div>");
    #[rustfmt::skip]
    let makes = [
        format!("<button>Points clés</button>{LIST}"), format!("<div class=\"accordion\"><button type=\"button\">Key points</button><div>{LIST}</div></div>"),
        format!("<details><summary>À retenir</summary>{LIST}</details>"), format!("<aside><h3>L’article en bref</h3>{LIST}</aside>"),
        format!("<table><tr><td><b>À retenir</b></td></tr><tr><td>{LIST}</td></tr></table>"), format!("<h2>Résumé IA</h2>{LIST}"),
        format!("<h2>AI Summary</h2>{LIST}"), format!("<p><b>Résumé généré par IA :</b></p>{LIST}"), format!("<h2><span>✨</span> Synthèse (IA)</h2>{LIST}"),
        format!("<h2>GPT summary</h2>{LIST}"), format!("<h2>Zusammenfassung mit KI</h2>{LIST}"), format!("<h2>KI-generierte Zusammenfassung</h2>{LIST}"), format!("<h2>AI-assisted summary</h2>{LIST}"),
        format!("<h2>Voici les points clés</h2>{LIST}"), format!("<h2>Les 2 choses à retenir</h2>{LIST}"), format!("<h2>Alle Kernpunkte</h2>{LIST}"),
        format!("<div data-testid=\"ArticleSummaryBulletList\">{LIST}</div>"), format!("<ps-key-points>{LIST}</ps-key-points>"), format!("<div class=\"sc-keyTakeaways__Wrap-x1\">{LIST}</div>"),
        format!("<h2>À retenir</h2><ol><li>{a}</li><li>{b}</li></ol>"), format!("<h2>À retenir</h2><p>1) {a}</p><p>2) {b}</p>"),
        format!("<h2>À retenir</h2><p>▪ {a}<br>▪ {b}</p>"), format!("<h2>À retenir</h2><p>➤ {a}</p><p>➤ {b}</p>"), format!("<h2>À retenir</h2><ul><li><p>{a}</p></li><li><p>{b}</p></li></ul>"),
        format!("<section aria-label=\"Key takeaways\"><div>{divs}</div>{LIST}</section>").replace(&divs, ""), format!("<div class=\"key-takeaways\">{divs}</div>"),
        format!("<h2>À retenir</h2><ul><li><img class=\"icon\" src=\"/i.png\">{a}</li><li><img class=\"icon\" src=\"/i.png\">{b}</li></ul>"),
        format!("<h2>À retenir</h2><ul><li><img src=\"/dot.png\">{a}</li><li><img src=\"/dot.png\">{b}</li></ul>"),
        format!("<h2>À retenir</h2><ul><li>Le <a href=\"/pont\">pont</a> des Îles ferme aux camions.</li><li>{b}</li></ul>"),
        "<h2>À retenir</h2><ul><li><a href=\"/pont\">Le pont</a> des Îles ferme aux camions.</li><li><a href=\"/t\">Une</a> navette gratuite relie les rives.</li></ul>".to_owned(),
        format!("<h2>À retenir</h2><ul><li>{a}</li><li>{b}</li></ul><h2>Sommaire</h2>"),
        format!("<p>📌 <b>À retenir</b></p><p>✅ {a}</p><p>✅ {b}</p>"), format!("<p>➡️ En bref</p><p>• {a}<br>• {b}</p>"),
        format!("<h2>À retenir</h2>{LIST}<div class=\"desktop\"><h2>À retenir</h2>{LIST}</div>"),
    ];
    assert_eq!(without_block(&makes), Vec::<&String>::new());
}

#[test]
fn words_of_a_title_or_of_a_point_do_not_unmake_a_block() {
    for title in [
        "Results of the vote are late",
        "Índice de precios al alza",
        "Gallery owner freed",
        "Photos: le pont fermé",
        "Sources close to him",
        "Related",
        "Contents of the letter",
        "Inhalt des Briefs bekannt",
    ] {
        assert!(block(&format!("<h1>{title}</h1><h2>À retenir</h2>{LIST}{BODY}")).is_some(), "{title}");
        let outline = outline::outline(&format!("<p>{title}</p><h2>À retenir</h2>{LIST}{BODY}"));
        let all = 0..outline.blocks.len();
        assert!(find_block(&outline, all, &[title.to_owned()], &Learned::new()).is_some(), "{title}");
    }
    let short = LIST.replace("<ul>", "<ul><li>Pont fermé.</li>");
    assert_eq!(block(&format!("<h2>À retenir</h2>{short}{BODY}")).expect("a block").points.len(), 3);
    assert!(
        block(&format!("<h2>À retenir</h2>{}{BODY}", short.replace("Une navette", "Navette.</li><li>Une navette")))
            .is_none()
    );
}

#[test]
fn lists_of_other_kinds_are_left_alone() {
    let items = |items: &[&str]| format!("<ul><li>{}</li></ul>", items.join("</li><li>"));
    let contents =
        items(&["Le pont des Îles et les camions", "La navette gratuite entre les rives", "Une aide pour les rives"]);
    let mut others: Vec<String> = [
        "Spis treści",
        "Obsah",
        "Innehåll",
        "Indholdsfortegnelse",
        "Innhold",
        "Sisällysluettelo",
        "Tartalom",
        "İçindekiler",
        "Содержание",
        "Оглавление",
        "Зміст",
        "Περιεχόμενα",
        "Neste artigo",
        "Cuprins",
        "Sadržaj",
        "目次",
        "目录",
        "목차",
        "المحتويات",
        "תוכן עניינים",
        "विषय सूची",
        "Daftar isi",
        "Mục lục",
        "What's inside",
        "In this story",
        "Plan de l’article",
        "Related: le pont",
        "Lees ook: de brug",
        "Read more on this topic",
        "Sources : le port",
        "Sommaire :",
    ]
    .iter()
    .flat_map(|heading| {
        [
            format!("<h2>{heading}</h2>{LIST}"),
            format!("<div class=\"summary-list key-points\"><h3>{heading}</h3>{LIST}</div>"),
        ]
    })
    .collect();
    #[rustfmt::skip]
    others.extend([
        format!("<h2>En bref</h2>{}", items(&["Pourquoi le pont des Îles ferme", "Comment la navette relie les rives", "Combien coûte la navette gratuite"])),
        format!("<h2>Auf einen Blick</h2>{}", items(&["Warum le pont des Îles ferme", "Wie la navette relie les rives"])),
        format!("<h2>要点</h2>{}", items(&["なぜ pont des Îles ferme camions", "どうする navette gratuite rives"])),
        format!("<h2>En bref</h2>{}", items(&["Le pont ferme-t-il ;", "Γιατί ferme le pont des Îles;", "Πώς relie la navette gratuite;"])),
        format!("<h2>In brief</h2>{}", contents.replace("ul>", "ol>")), "<h2>In brief</h2><p>1. Le pont des Îles</p><p>2. La navette gratuite</p>".to_owned(),
        format!("<div class=\"article-highlights\">{contents}</div>"), format!("<div class=\"summary\">{}</div>", items(&["Le pont et les camions fermés", "La navette et les rives"])),
        format!("<h2>Key points</h2>{}<h2>Le pont des Îles en détail</h2><p>x</p><h2>2. La navette gratuite et les rives</h2>", items(&["Le pont des Îles en détail", "La navette gratuite et les rives"])),
        format!("<div class=\"highlights\">{}</div>", LIST.replace("<li>", "<li><img src=\"/a.jpg\">")),
        format!("<div class=\"summary photo-gallery\">{LIST}</div>"), format!("<h2>En bref</h2><div class=\"toc\">{LIST}</div>"),
        format!("<div class=\"recipe-summary\"><h3>At a glance</h3>{LIST}</div>"), format!("<div class=\"author-bio\"><h3>Key facts</h3>{LIST}</div>"),
        format!("<h2>Key facts</h2>{}", items(&["Jane Low has written about le pont des Îles and camions.", "She lives between les rives with une navette gratuite."])),
        format!("<h2>Auf einen Blick</h2>{}", items(&["Jane Low schreibt für uns über le pont des Îles.", "Une navette gratuite relie les rives."])),
        format!("<h2>At a glance</h2>{}", items(&["Pont: des Îles, 1936", "Navette: gratuite, deux rives", "Détour: par le nord"])),
        format!("<h2>En bref</h2>{}", items(&["<a href=\"/a\">Le pont rouvre</a> aux camions après la fermeture", "<a href=\"/b\">Navette gratuite</a> entre les rives du fleuve", "<a href=\"/c\">La préfecture</a> décide un détour par le nord"])),
        format!("<h2>En bref</h2>{}", items(&["<a href=\"/a\">Le pont des Îles rouvre</a> aux camions mardi", "<a href=\"/b\">Une navette gratuite</a> relie les deux rives"])),
        format!("<h2>En bref</h2><p>Le conseil a décidé.</p>{LIST}"), format!("<h2>Results of the first round</h2>{LIST}"), format!("<h2>AI in the classroom</h2>{LIST}"),
        format!("<h2>Summary of the AI ruling</h2>{LIST}"), format!("<h2>5 things to know about le pont</h2>{LIST}"), format!("<h2>Ai lettori</h2>{LIST}"), format!("<button>Partager</button>{LIST}"),
        format!("<div><button>Menu</button>{PARAGRAPHS}</div>"), format!("<p>Ce qui change mardi :</p>{LIST}"), format!("<h2>Les horaires</h2>{LIST}"),
    ]);
    let taken: Vec<&String> =
        others.iter().filter(|before| block(&format!("<h1>Le pont</h1>{before}{BODY}")).is_some()).collect();
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn a_section_inside_the_article_is_no_block() {
    let prose: String = ["nord", "sud", "port"]
        .map(|of| {
            format!(
                "<p>Le conseil du {of} a débattu toute la nuit du pont et de ses piles avant de voter la fermeture.</p>"
            )
        })
        .concat();
    for heading in [
        "What we know",
        "Ce que l’on sait :",
        "Das müssen Sie wissen",
        "Lo que se sabe",
        "Highlights",
        "Key facts",
        "Что известно",
    ] {
        assert!(block(&format!("<h1>Le pont</h1>{prose}<h2>{heading}</h2>{LIST}{BODY}")).is_none(), "{heading}");
        assert!(block(&format!("<h1>Le pont</h1><h2>{heading}</h2>{LIST}{prose}{BODY}")).is_some(), "{heading}");
    }
    for heading in ["Key points", "À retenir", "Zusammenfassung"] {
        assert!(block(&format!("<h1>Le pont</h1>{prose}<h2>{heading}</h2>{LIST}{BODY}")).is_some(), "{heading}");
    }
}

#[test]
fn a_box_that_a_feed_repeats_is_not_this_articles() {
    let outline = outline::outline(&format!("<h2>À retenir</h2>{LIST}{BODY}"));
    let find = |learned: &Learned| find_block(&outline, 0..outline.blocks.len(), &[], learned);
    let fingerprints = |texts: &[&str]| texts.iter().map(|text| boilerplate::fingerprint(text)).collect();
    assert!(find(&fingerprints(&["À retenir", POINTS[0]])).is_some(), "a heading is repeated, and one point may be");
    assert!(find(&fingerprints(&POINTS)).is_none());
}
