//! Shows by cases which openings of a paragraph are cut off and which are left alone.
//! It does not show how the sentences behind them are ranked.

use super::without_dateline;

/// The datelines that are not cut off cleanly.
fn check(statement: &str, datelines: &[&str]) -> Vec<String> {
    let texts = datelines.iter().map(|dateline| format!("{dateline}{statement}"));
    texts.filter(|text| without_dateline(text, true) != statement).collect()
}

/// Statements, and what can stand before them.
const DATELINES: &[(&str, &[&str])] = &[
    (
        "Le tramway roule de nouveau depuis lundi.",
        &[
            "PARIS (AFP) – ",
            "Lyon, le 14 juin 2026 — ",
            "Nantes (Loire-Atlantique) - ",
            "KERVEL, 3 mars (Reuters) - ",
            "LILLE. — ",
            "LILLE: ",
            "LILLE : ",
            "(AFP) - ",
            "(AFP) – PARIS, 3 mars – ",
            "METZ | ",
            "Berne (Keystone-ATS) – ",
            "Paris (awp/afp) - ",
            "NANTES—",
            "Saint-Denis – ",
            "Le Havre – ",
            "Villeneuve-d'Ascq (AFP) - ",
        ],
    ),
    (
        "The harbour reopens to ferries on Friday.",
        &[
            "LONDON (AP) — ",
            "NEW YORK, June 3 (Reuters) - ",
            "WASHINGTON, D.C. — ",
            "New Delhi, March 3 (PTI) ",
            "NEW DELHI: ",
            "(CNN) — ",
            "(Reuters) - ",
            "Reuters - ",
            "KUALA LUMPUR, Jan 9 (Bernama) -- ",
            "LONDON--(BUSINESS WIRE)--",
            "PARIS, March 3, 2026 /PRNewswire/ -- ",
            "STRATFORD-UPON-AVON, England (AP) — ",
        ],
    ),
    (
        "Die Fähre legt ab Freitag wieder an.",
        &[
            "Berlin (dpa/lnw) - ",
            "BERLIN, 3. März (Reuters) - ",
            "Frankfurt/Main - ",
            "Frankfurt am Main (dpa/lhe) - ",
            "Bern (sda) ",
            "Bern (sda). ",
            "Köln – ",
            "Wien (APA) – ",
            "Hamburg/Kiel (dpa) — ",
            "München, 03.03.2026 (dpa) - ",
        ],
    ),
    (
        "El ferri vuelve a salir el viernes.",
        &[
            "MADRID, 3 Mar. (EUROPA PRESS) - ",
            "Madrid, 3 mar (EFE).- ",
            "Madrid (EFE).- ",
            "Madrid.- ",
            "Bogotá, 14 de junio de 2026 (EFE) – ",
            "Buenos Aires, 9 jun (Télam) - ",
        ],
    ),
    (
        "Il traghetto riparte venerdì mattina.",
        &[
            "(ANSA) - ROMA, 03 MAR - ",
            "Roma, 3 mar. (askanews) - ",
            "(Adnkronos) - ",
            "Milano, 3 mar. - ",
            "ROMA (ITALPRESS) - ",
        ],
    ),
    (
        "O ferry volta a sair na sexta-feira.",
        &["Lisboa, 03 mar 2026 (Lusa) – ", "São Paulo – ", "BRASÍLIA (Reuters) - "],
    ),
    ("De veerboot vaart vrijdag weer.", &["DEN HAAG (ANP) - ", "AMSTERDAM - ", "Den Haag – ", "BRUSSEL (BELGA) "]),
    ("Prom wraca na trasę w piątek.", &["Warszawa (PAP) – ", "WARSZAWA, 3 marca (Reuters) - "]),
    (
        "Přívoz jezdí od pátku znovu.",
        &["Praha - ", "PRAHA 3. března (ČTK) - ", "Praha 26. listopadu (ČTK) - ", "Ústí nad Labem – "],
    ),
    ("A komp péntektől újra jár.", &["Budapest, 2026. március 3., kedd (MTI) - ", "BUDAPEST (MTI) – "]),
    ("Färjan går igen på fredag.", &["Stockholm (TT) – ", "STOCKHOLM. ", "OSLO (NTB): "]),
    (
        "Паром вернётся в пятницу.",
        &["МОСКВА, 3 мар — РИА Новости. ", "МОСКВА, 3 марта. /ТАСС/. ", "Москва (Интерфакс) – "],
    ),
    ("Το πλοίο γυρίζει την Παρασκευή.", &["ΑΘΗΝΑ (ΑΠΕ-ΜΠΕ) - ", "Αθήνα, 3 Μαρτίου (Reuters) - "]),
    ("Vapur cuma günü yeniden başlıyor.", &["ANKARA (AA) - ", "İSTANBUL (DHA) – "]),
    (
        "Kapal itu kembali beroperasi Jumat.",
        &["Jakarta (ANTARA) - ", "Jakarta, CNBC Indonesia - ", "JAKARTA, KOMPAS.com – "],
    ),
    ("تعود العبارة يوم الجمعة.", &["القاهرة (رويترز) - ", "الرياض - واس: "]),
    ("नाव शुक्रवार से फिर चलेगी।", &["नई दिल्ली, 3 मार्च (भाषा) ", "नई दिल्ली (भाषा) – "]),
    (
        "渡轮星期五恢复运行。",
        &[
            "新华社北京3月3日电（记者张三）",
            "新华社北京3月3日电 ",
            "（中央社記者王小明台北3日電）",
            "本报上海6月14日讯（记者李四）",
        ],
    ),
    ("連絡船は金曜日に再開する。", &["【ロンドン共同】", "【東京時事】", "[東京　３日　ロイター] - "]),
    (
        "여객선이 금요일에 다시 운항한다.",
        &["(서울=연합뉴스) 김철수 기자 = ", "(서울=연합뉴스) ", "[부산=뉴시스] 홍길동 기자 = "],
    ),
];

#[test]
fn place_date_and_agency_are_cut_off_in_every_make() {
    let mut kept = Vec::new();
    for (statement, datelines) in DATELINES {
        kept.extend(check(statement, datelines));
    }
    assert!(kept.is_empty(), "{kept:#?}");
}

#[test]
fn openings_that_are_no_dateline_are_left_alone() {
    for text in [
        "Marokko: Das Königshaus sagt den Besuch ab.",
        "Decathlon: le magasin du quai ferme à la fin du mois.",
        "Berlin – Hauptstadt seit 1990 – wächst wieder.",
        "NASA – die Raumfahrtbehörde der USA – startet am Freitag eine Rakete.",
        "Les élus – ils étaient vingt – ont voté contre.",
        "Le maire - Un ancien avocat - a voté contre.",
        "The mayor — A former teacher — voted against it.",
        "Jean-Luc Moulin a voté contre.",
        "Macron: Das Land braucht die Brücke.",
        "Report: The bridge is safe.",
        "In London – The city of bridges – the mayor voted.",
        "COVID-19 cases rose again in June.",
        "The bank (UBS) — the largest of the country — cut jobs.",
        "Jane Low (45) – The mayor of Brevan – voted against it.",
        "International Business Machines (IBM) said on Friday that it cuts jobs.",
        "The agency (Reuters) said so.",
        "On March 3 – The day of the vote – it rained.",
        "Die Stadt und der Hafen liegen still - Das gab es nie zuvor.",
        "Anna, 12 Jahre – Die Schülerin hat gewonnen.",
        "Il ponte - Chiuso da lunedì - riapre.",
        "5 - The number of bridges that closed.",
        "« PARIS – Le pont » est un film.",
        "3月3日，电力公司宣布停电。",
        "市议会星期二晚上决定，老河桥将对卡车关闭六周。",
        "「橋は危険だ」と市は言った。",
        "(서울 시장) 시의회는 다리를 닫는다.",
        "—¿Es seguro el puente?",
        "J. R. R. Holt voted against it.",
        "The U.S. Senate voted.",
        "Yes. The bridge is closed.",
        "Paris. La nuit.",
        "M. Moulin – Le maire – a voté contre.",
        "A. – The first answer.",
        "",
        " – ",
        "(",
        "PARIS (AFP",
    ] {
        assert_eq!(without_dateline(text, true), text);
    }
}

#[test]
fn a_place_without_capitals_date_or_agency_is_a_dateline_at_the_beginning_alone() {
    for (text, inside) in [
        ("Köln – Die Fähre legt wieder an.", "Köln – Die Fähre legt wieder an."),
        ("Köln (dpa) – Die Fähre legt wieder an.", "Die Fähre legt wieder an."),
        ("KÖLN – Die Fähre legt wieder an.", "Die Fähre legt wieder an."),
        ("KÖLN: Die Fähre legt wieder an.", "KÖLN: Die Fähre legt wieder an."),
    ] {
        assert_eq!(without_dateline(text, true), "Die Fähre legt wieder an.");
        assert_eq!(without_dateline(text, false), inside);
    }
}

#[test]
fn whatever_the_text_what_is_left_is_its_end_and_takes_no_time() {
    let long = "(AFP) – ".repeat(50_000);
    for text in ["(/[【（", "/ / / /", "日电（", "((((((((((", "— — — —", "【】", "(=) = = ", "Ä – ", long.as_str()]
    {
        for opens in [true, false] {
            assert!(text.ends_with(without_dateline(text, opens)), "{text}");
        }
    }
}
