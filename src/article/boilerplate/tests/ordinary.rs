//! Shows that the words publishers call with are left alone in sentences of the news, and still caught in calls.
//! One table for each; the languages stand side by side.

use super::*;

#[test]
fn news_that_shares_words_with_boilerplate_is_left_alone() {
    let all = ENGLISH.iter().chain(FRENCH).chain(GERMAN).chain(OTHERS);
    let taken: Vec<_> = all.filter_map(|sentence| Some((why(sentence, 0.0)?, sentence))).collect();
    assert!(taken.is_empty(), "{taken:#?}");
    assert!(ENGLISH.len() + FRENCH.len() + GERMAN.len() + OTHERS.len() >= 80);
}

#[test]
fn a_point_without_a_stop_is_left_alone_too() {
    let points = [
        "Moldova set to become a member of the union",
        "Copyright rules change across the union from January",
        "Getty Images sues the maker of an image generator",
        "Your support for the bill decides the vote in May",
        "Le contrat est vendu sans engagement de durée",
        "Das Ticket bleibt für alle Fahrgäste monatlich kündbar",
        "El gas sigue siendo la preferred source de la industria",
        "Publicité sur le tabac : le Conseil d’État annule le décret",
        "Conversations are under way on a common border force",
        "Reporting by local media led to the arrest of the mayor",
    ];
    let taken: Vec<_> = points.iter().filter_map(|point| Some((why(point, 0.0)?, point))).collect();
    assert!(taken.is_empty(), "{taken:#?}");
}

const ENGLISH: &[&str] = &[
    "Moldova wants to become a member of the customs union by the end of the decade.",
    "She was the first woman to become a member of the guild in Kervel.",
    "Getty Images won a first round against the maker of an image generator on Monday.",
    "Talks and conversations are going on behind closed doors in three capitals.",
    "Conversations are recorded by the new cameras on all night buses of the city.",
    "Copyright law protects the tune for seventy years after its writer died.",
    "Your support kept the lifeboat going, the crew told the people of the island.",
    "Sign up closed at noon for the twelve plots on the old allotment field.",
    "Register to vote before the tenth of May or stay at home, the posters told students.",
    "Subscribe figures at the phone company fell for the third quarter in a row.",
    "Support our farmers, the banner on the town hall read for the whole of the summer.",
    "Join our strike, the bakers shouted at the millers across the market square.",
    "Follow us to the harbour, a man in uniform told the crowd that had left the ferry.",
    "Donate days brought in nine tons of coats for the camps on the border.",
    "Never miss a penalty was the only rule that the old coach ever wrote down.",
    "Coal remains the preferred source of energy for the steel works on the river.",
    "The band first appeared on television in the winter of 1962.",
    "The name first appeared on a map that monks drew in the tenth century.",
    "The app sends push notifications to all parents when a school closes.",
    "Members may read the files without a subscription to the land register.",
    "The children were told to continue reading while the roof was being mended.",
    "The box is for subscribers only, a porter at the opera told the two ministers.",
    "Published on Monday, the report blames the council for the floods of last autumn.",
    "Updated on the advice of two judges, the bill goes back to the upper house.",
    "First published in 1931, the novel sold two million copies before the war.",
    "Translated by machines, the leaflets told the villagers the opposite of what was meant.",
    "Reporting by local journalists had led the police to the barn in the first place.",
    "To watch the eclipse, thousands of families slept on the dunes of the west coast.",
    "Also read at the service was a letter that the king had written in hospital.",
    "See also how the river rose, the engineer told the judges, and pointed at the chart.",
    "More: that was the one word which the boy in the play was not allowed to say.",
    "Watch: the word stood on every door of the street that the flood had taken.",
    "Filed under seal in March, the suit accuses the bank of hiding its losses.",
    "Posted in Lagos for six years, she came home to lead the foreign office.",
    "Comments are closed doors to a judge, the lawyer argued, and asked for a hearing.",
    "We may earn less than our parents did, a study of the central bank says.",
    "Advertisement boards along the ring road must come down before the winter.",
    "Edited by a machine, the film of the landing showed boats that were never there.",
    "He found a note in your inbox style on the door of the flat he had just bought.",
    "The bridge stays closed, the police said on Monday. Reuters/AFP",
    "He put the word and/or into the bill that the king signed on Monday.",
    "The road from Brevan to the Kervel/Lannic junction stays closed for a week.",
    "Listen to this valley in spring and it is silent, the bird counters report.",
];

const FRENCH: &[&str] = &[
    "Publicité pour l’alcool : la cour annule l’amende infligée à deux stations de radio.",
    "Soutenez par un tuteur, les plants de tomates résistent mieux au vent d’ouest.",
    "En images comme en mots, le musée raconte la vie des bateliers du siècle dernier.",
    "En vidéo, le témoin affirme avoir vu le camion brûler le feu rouge dimanche soir.",
    "Le forfait à dix euros reste sans engagement de durée pour les nouveaux clients.",
    "Il vous reste une semaine pour inscrire vos enfants à la cantine du quartier.",
    "Déjà abonné au réseau de chaleur, le lycée économise un tiers de son gaz.",
    "Le parking de la gare sera réservé aux abonnés du train à partir de septembre.",
    "Le logo est apparu sur la façade de l’hôtel de ville dans la nuit de samedi.",
    "Publié le jour même, le décret interdit les feux de forêt jusqu’à la fin d’août.",
    "Mis à jour le mois dernier, le plan prévoit deux digues de plus sur la côte.",
    "Commenter les décisions des juges reste interdit aux ministres, rappelle la cour.",
    "Les commentaires sont partagés dans la presse étrangère après le vote de dimanche.",
    "Recevez chaque voisin avec respect, conseille la brochure distribuée aux gardiens.",
    "Ne ratez pas votre tour, répète le patron du bac aux passagers qui attendent.",
    "Regardez vers le nord, dit le guide, car la banquise y a perdu deux kilomètres.",
    "Suivez-nous, crient les pompiers aux habitants réfugiés sur les toits du village.",
    "S’abonner au gaz coûte désormais soixante euros par an aux petits ménages.",
    "Connectez-vous moins, recommande aux lycéens une étude publiée par deux médecins.",
    "Le message est arrivé dans votre boîte mail avant même d’avoir été écrit, ironise l’avocat.",
];

const GERMAN: &[&str] = &[
    "Das neue Monatsticket ist jederzeit kündbar und gilt auch für die Fähren im Hafen.",
    "Abonnieren Sie nichts an der Haustür, mahnt die Verbraucherzentrale in einem Rundbrief.",
    "Registrieren Sie sich rechtzeitig, rät das Wahlamt den Studenten der Stadt.",
    "Folgen Sie dem gelben Pfeil, stand auf dem Schild vor dem gesperrten Tunnel.",
    "Auch interessant fanden die Richter, dass der Zeuge zweimal umgezogen war.",
    "Veröffentlicht am Tag der Wahl, brachte der Brief die Partei um ihre Mehrheit.",
    "Ich bin damit einverstanden, sagte die Ministerin am Montag vor dem Ausschuss.",
    "Der WhatsApp-Kanal des Ministeriums hat seit Mai zwei Millionen Leser gewonnen.",
    "Bleiben Sie informiert und ruhig, bat der Landrat die Menschen am Deich.",
    "Lesen Sie hier nicht laut, stand in der Bibliothek des alten Klosters an der Wand.",
    "Ohne Abo kostet die Fahrt mit der neuen Seilbahn neun Euro für jeden Gast.",
    "Das Motiv erschien zuerst auf einer Münze aus der Zeit der Stadtgründung.",
    "Die Brücke bleibt zu, teilte die Polizei am Montag mit. dpa/lno",
    "Lesezeit ist Lebenszeit, sagt die Leiterin der Bücherei, die im Herbst schließt.",
];

const OTHERS: &[&str] = &[
    "Suscríbete fue la palabra del año para los académicos que votaron el jueves.",
    "Regístrese quien quiera votar, dijo el alcalde, antes del viernes a mediodía.",
    "Publicado el mismo lunes, el informe acusa al ayuntamiento de ocultar los datos.",
    "Imagen de la Virgen y dos cálices fueron robados de la ermita en la noche del martes.",
    "Síguenos, gritaban los pescadores a los barcos de la patrulla frente al puerto.",
    "Recibe las llaves el dueño del piso que llevaba nueve años en manos del banco.",
    "El nombre aparece primero en una carta que un monje escribió hace mil años.",
    "Seguici era il motto della lista che vinse le elezioni nel piccolo comune di montagna.",
    "L’acqua del nuovo acquedotto proviene da due sorgenti sopra il paese di Vernaccia.",
    "Il disegno è apparso su un muro della stazione nella notte tra sabato e domenica.",
    "Pubblicato il giorno dopo il voto, il libro accusa tre ministri di aver taciuto.",
    "Iscriviti in ritardo restano fuori dalle mense di dodici scuole della provincia.",
    "Sostieni di legno reggono da ieri la volta della chiesa colpita dal terremoto.",
    "Riceve le chiavi del teatro la compagnia che lo aveva occupato dieci anni fa.",
    "Meld je aan bij de balie, zegt het bord dat de gemeente in elke hal heeft gehangen.",
    "Steun ons niet met woorden, riepen de boeren, die de weg naar de haven versperden.",
    "Foto van de koning hangt sinds maandag weer in de raadzaal van de oude vesting.",
    "Word lid worden kost bij de club voortaan het dubbele, aldus de voorzitter.",
    "Gepubliceerd op de dag van de stemming, bracht het rapport de wethouder ten val.",
    "Zapisz się przed piątkiem, radzi urząd studentom, którzy chcą głosować w mieście.",
    "Reklama papierosów zniknie z przystanków w całym województwie do końca roku.",
    "Newsletter ministra trafił przez pomyłkę do dwóch tysięcy żołnierzy, podał rzecznik.",
    "Assine quem quiser, disse o prefeito, mas a obra do porto começa na segunda-feira.",
    "Publicado no domingo, o decreto proíbe carros no centro da cidade até outubro.",
    "Inscreva-se até sexta, avisou a câmara aos moradores que querem uma horta.",
    "O desenho apareceu primeiro em moedas cunhadas na ilha há dois mil anos.",
    "大手銀行は会員限定のサービスを四月から東京と大阪の支店で始めると発表した。",
    "動画の有料会員は三年で二倍に増え、百万人を超えたと会社は発表した。",
];

#[test]
fn calls_labels_and_signatures_are_caught_in_many_languages() {
    let all = CAUGHT.iter().flat_map(|(expected, texts)| texts.iter().map(move |text| (Some(*expected), text)));
    let missed: Vec<_> = all.filter(|(expected, text)| why(text, 0.0) != *expected).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

const CAUGHT: &[(Why, &[&str])] = &[
    (
        Why::Subscribe,
        &[
            "Become a member of the Lamp’s club and read all our stories without a single advertisement.",
            "Become a member today",
            "Become a member of the Lamp and keep a newsroom alive in the valley.",
            "This article is for subscribers only.",
            "Support our journalism with a small gift every month, and help us to stay free.",
            "Register to read this story and five more every month.",
            "Il vous reste 75% de cet article à lire. La suite est réservée à ceux qui paient.",
            "Article réservé aux abonnés du Fanal, à lire en ligne ou sur papier.",
            "Abonnez-vous dès maintenant pour un euro par mois et lisez tous nos articles en ligne.",
            "Soutenez une rédaction qui ne dépend de personne et qui prend le temps d’enquêter.",
            "Jetzt abonnieren und alle Artikel auf allen Geräten ohne Werbung lesen.",
            "Monatlich kündbar: alle Artikel des Boten für neun Euro.",
            "Neem een abonnement en lees elke dag alle artikelen van onze verslaggevers.",
            "Suscríbete y lee sin límites todos los artículos de El Faro por un euro al mes.",
            "Abbonati per leggere tutti gli articoli della Lanterna senza limiti.",
            "Assine e leia sem limites todos os artigos do Farol por um real.",
            "Zapisz się i czytaj bez ograniczeń wszystkie artykuły naszej gazety co dzień.",
            "Esta función es sólo para suscriptores",
            "続きを読むには会員限定の登録が必要です。",
        ],
    ),
    (
        Why::Newsletter,
        &[
            "Follow the Lamp on WhatsApp for the latest news from the coast.",
            "Folgen Sie dem Boten auf Instagram, um nichts zu verpassen.",
            "Suivez Le Fanal sur Facebook et ne manquez aucune information.",
            "Sigue a El Faro en Telegram para recibir las noticias del valle.",
            "Our best stories of the week, delivered to your inbox on Saturday.",
            "Zapisz się na nasz newsletter i dostawaj wiadomości co rano.",
            "Subscreva a nossa newsletter e receba as notícias de manhã.",
            "Подпишитесь на нашу рассылку и получайте письма по субботам.",
            "Bültenimize kaydolun, haberler her sabah postanıza gelsin.",
            "Prenumerera på vårt nyhetsbrev och få läsning varje fredag.",
            "The stories of the day and its figures in your inbox",
            "各種メールマガジンで最新情報をお届け",
            "Download our app and choose the alerts that you want to receive from us.",
        ],
    ),
    (
        Why::Related,
        &[
            "Przeczytaj także: Noc muzeów w starej hucie szkła",
            "Читайте також: Ніч музеїв у старій гуті",
            "Διαβάστε επίσης: Η νύχτα των μουσείων",
            "İlginizi çekebilir: Müzeler gecesi başlıyor",
            "Olvassa el ezt is: A múzeumok éjszakája",
            "Citește și: Noaptea muzeelor la vechea fabrică",
            "Přečtěte si také: Muzejní noc ve staré sklárně",
            "Læs også: Museernes nat i det gamle glasværk",
            "Lue myös: Museoiden yö vanhassa lasitehtaassa",
            "Veja também: A noite dos museus na velha fábrica",
            "Sur le même sujet : La nuit des musées dans l’ancienne verrerie",
            "(Lire aussi : La nuit des musées dans l’ancienne verrerie)",
            "READ | Night of the museums in the old glass works",
            "→ Zum Weiterlesen: Die Nacht der Museen in der alten Glashütte",
            "More: Night of the museums fills the old glass works on Saturday evening.",
            "関連記事：古いガラス工場で博物館の夜",
            "اقرأ أيضا: ليلة المتاحف في المصنع القديم",
        ],
    ),
    (
        Why::Furniture,
        &[
            "With material from AFP and dpa.",
            "Mit Material von dpa und AFP",
            "Edited by Tom Hay, with more material from the agencies in Berlin.",
            "(avec AFP)",
            "Con información de Europa Press",
            "Utilizamos cookies para mejorar tu visita a estas páginas.",
            "Questo sito utilizza cookie tecnici e di terze parti per funzionare meglio.",
            "Używamy plików cookie, aby strony działały szybciej i lepiej.",
            "Wij gebruiken cookies om deze site beter te laten werken.",
            "Publié le 3 mars 2026 à 10h40, mis à jour à 11h05",
            "Published on 3 March 2026 at 10:40 by Jane Low",
            "Lesezeit: 4 Minuten",
        ],
    ),
    (
        Why::Credit,
        &[
            "Photo by Jane Low of the Carrick Lamp in Brevan on Tuesday",
            "Copyright 2026 The Carrick Lamp and its licensors",
            "Getty Images/Jane Low/The Carrick Lamp/Dunmore Agency",
            "Illustration: Jane Low for the Carrick Lamp",
            "The closed bridge on Tuesday morning. REUTERS/Jane Low",
            "Lorries queue in front of the bridge on Tuesday. AP Photo/Jane Low",
            "Le pont fermé mardi matin. AFP/Jean Morel",
            "A lorry on the bridge. © Jane Low",
            "Ein Lastwagen auf der gesperrten Brücke. Foto: Jan Muster/dpa",
            "Vrachtwagens voor de brug. Foto: Jan de Boer",
        ],
    ),
    (
        Why::Footer,
        &[
            "The post Ferry to run all night first appeared on Carrick Lamp.",
            "This essay appeared first on The Conversation.",
            "Dieser Artikel erschien zuerst bei Warnitzer Bote.",
            "L’articolo Il ponte riapre proviene da La Lanterna.",
        ],
    ),
];
