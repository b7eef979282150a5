//! The words that publishers put around articles, folded, in the languages of the field.
//! It holds tables; `boilerplate` decides when they apply.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Why, anywhere::Anywhere};

/// Networks and share targets, for rows of them.
#[rustfmt::skip]
const NETWORKS: &[&str] = &[
    "facebook", "twitter", "x", "whatsapp", "linkedin", "email", "e-mail", "mail", "telegram", "pinterest", "reddit",
    "pocket", "messenger", "threads", "bluesky", "mastodon", "instagram", "youtube", "tiktok", "xing", "flipboard",
    "imprimer", "print", "drucken", "afdrukken", "imprimir", "stampa", "partager", "share", "teilen", "delen",
    "compartir", "condividi", "copier", "copy", "link", "kopieren", "lien", "sms", "bookmark", "save", "speichern",
    "bewaar",
];

/// Whether a word is the name of a network or a share target.
pub(super) fn is_network(word: &str) -> bool {
    static KNOWN: LazyLock<FxHashSet<&str>> = LazyLock::new(|| NETWORKS.iter().copied().collect());
    KNOWN.contains(word)
}

/// A block that is exactly this.
pub(super) fn whole(bare: &str) -> Option<Why> {
    #[rustfmt::skip]
    const LONE: &[&str] = &[
        "plus", "lire plus", "lire la suite", "lire l'article", "lire l'article complet", "la suite", "suite",
        "voir plus", "en savoir plus", "afficher plus", "voir la suite", "read more", "more", "continue reading",
        "keep reading", "read on", "full story", "read the full story", "read full article", "learn more",
        "see more", "show more", "view more", "mehr", "weiterlesen", "mehr lesen", "mehr erfahren", "weiter lesen",
        "zum artikel", "mehr anzeigen", "ganzen artikel lesen", "lees meer", "lees verder", "meer", "meer lezen",
        "verder lezen", "toon meer", "bekijk meer", "leer mas", "seguir leyendo", "ver mas", "mas",
        "continuar leyendo", "mas informacion", "leggi tutto", "leggi di piu", "continua a leggere", "continua",
        "altro", "scopri di piu", "ler mais", "saiba mais", "continuar a ler", "las mer", "les mer", "laes mere",
        "les videre", "czytaj dalej", "czytaj wiecej", "wiecej", "cist dal", "vice", "читать далее", "подробнее",
        "tap here to see other videos from our team", "learn more here", "link", "video", "details", "here", "ici",
        "hier", "aqui", "qui",
    ];
    #[rustfmt::skip]
    const FURNITURE: &[&str] = &[
        "publicite", "advertisement", "advertising", "ad", "anzeige", "werbung", "advertentie", "publicidad",
        "pubblicita", "publicidade", "annons", "annonse", "annonce", "reklama", "реклама", "sponsored", "sponsorise",
        "gesponsert", "commentaires", "comments", "kommentare", "reacties", "comentarios", "commenti", "kommentarer",
        "komentarze", "article content", "skip to content", "close", "fermer", "schliessen", "sluiten", "cerrar",
        "chiudi", "loading", "chargement", "ecouter l'article", "listen to this article", "artikel anhoren",
        "artikel horen", "listen", "ecouter", "vorlesen", "copy link", "copier le lien", "link kopieren",
        "lien copie", "link copied", "retour", "zuruck", "terug", "back to top", "haut de page", "nach oben",
        "story continues below", "story continues below advertisement", "article continues below",
        "advertisement continue reading the main story", "la suite apres la publicite",
        "la suite apres cette publicite", "weiter nach der anzeige", "tags", "themes", "themen", "sujets", "topics",
        "mots-cles", "schlagworte", "trefwoorden", "etiquetas", "temas", "argomenti", "sources", "quelle",
        "signaler une erreur", "image source getty images", "getty images", "caption", "media caption",
        "image caption", "video unavailable", "this video can not be played", "galerie", "diashow", "fotostrecke",
        "bilderstrecke", "diaporama", "photos", "fotos", "foto", "photo", "bild", "image", "slideshow", "gallery",
        "fotogaleria", "fotogallery", "zoom",
    ];
    #[rustfmt::skip]
    const SHARE: &[&str] = &[
        "partager", "share", "teilen", "delen", "compartir", "condividi", "partilhar", "dela", "del", "share this",
        "share this article", "share this story", "partager cet article", "partager l'article", "artikel teilen",
        "beitrag teilen", "deel dit artikel", "comparte", "comparte esta noticia", "condividi questo articolo",
        "imprimer", "print", "drucken", "afdrukken", "save", "enregistrer", "merken", "bewaren", "guardar", "salva",
        "udostepnij", "sdilet", "поделиться", "cadeau", "offrir l'article", "gift article",
    ];
    #[rustfmt::skip]
    const RELATED: &[&str] = &[
        "a lire aussi", "lire aussi", "a lire egalement", "sur le meme sujet", "sur le meme theme", "articles lies",
        "articles associes", "a decouvrir", "nos derniers articles", "dans la meme rubrique", "les plus lus",
        "related", "related articles", "related stories", "related content", "related topics", "more on this story",
        "more from this section", "recommended", "recommended for you", "recommended stories", "you may also like",
        "you might also like", "see also", "read also", "most read", "trending", "editor's picks", "lesen sie auch",
        "mehr zum thema", "das konnte sie auch interessieren", "das konnte dich auch interessieren",
        "auch interessant", "weitere artikel", "weiterfuhrende links", "mehr dazu", "meistgelesen", "zum thema",
        "passend zum thema", "lees ook", "lees ook deze artikelen", "meer over dit onderwerp", "gerelateerd",
        "gerelateerde artikelen", "meest gelezen", "ook interessant", "lea tambien", "lee tambien",
        "te puede interesar", "noticias relacionadas", "mas noticias", "lo mas leido", "mas sobre este tema",
        "leggi anche", "articoli correlati", "potrebbe interessarti", "ti potrebbe interessare", "i piu letti",
        "leia tambem", "relacionadas", "las ocksa", "las mer om", "les ogsa", "laes ogsa", "czytaj takze",
        "zobacz takze", "ctete take", "читаите также", "more stories", "popular now", "more from us", "top stories",
        "latest news",
    ];
    const TABLES: &[(&[&str], Why)] =
        &[(LONE, Why::LoneLink), (FURNITURE, Why::Furniture), (SHARE, Why::Share), (RELATED, Why::Related)];
    static ALL: LazyLock<FxHashMap<&str, Why>> = LazyLock::new(|| {
        // What stands in two tables is the first one's.
        let phrases = TABLES.iter().rev().flat_map(|(table, why)| table.iter().map(move |phrase| (*phrase, *why)));
        phrases.collect()
    });
    ALL.get(bare).copied()
}

/// A block of few words that holds one of these anywhere.
pub(super) fn inside(folded: &str, count: usize) -> Option<Why> {
    #[rustfmt::skip]
    const FOOTER: &[&str] = &[
        "appeared first on", "first appeared on", "est apparu en premier sur", "est apparu d'abord sur",
        "est apparu en premier dans", "erschien zuerst auf", "erschien zuerst bei", "ist zuerst erschienen auf",
        "verscheen eerst op", "verscheen als eerste op", "aparecio primero en", "aparece primero en",
        "aparece por primera vez en", "aparece antes en", "est apparu sur", "verscheen het eerst op", "e apparso su",
        "se publico primero en", "proviene da", "e apparso per primo su", "apareceu primeiro em",
        "dukkade forst upp pa", "all rights reserved", "tous droits reserves", "alle rechte vorbehalten",
        "alle rechten voorbehouden", "todos los derechos reservados", "tutti i diritti riservati",
        "riproduzione riservata", "reproduction interdite", "reproduccion reservada", "無断転載", "무단 전재", "무단전재",
        "protected by recaptcha", "geschutzt durch recaptcha", "protege par recaptcha",
    ];
    #[rustfmt::skip]
    const SUBSCRIBE: &[&str] = &[
        "reserve aux abonnes", "reserve a nos abonnes", "il vous reste", "pour lire la suite, abonnez",
        "deja abonne", "deja abonnee", "already a subscriber", "subscribers only", "exclusively for subscribers",
        "exclusive to subscribers", "subscribe to continue", "subscribe now", "subscribe today",
        "to continue reading", "unlock this article", "start your free trial", "become a member",
        "become a subscriber", "sign in to continue", "bereits abonnent", "nur fur abonnenten", "jetzt abonnieren",
        "exklusiv fur abonnenten", "mit abo weiterlesen", "monatlich kundbar", "jederzeit kundbar",
        "alleen voor abonnees", "al abonnee", "neem een abonnement", "abonneer je nu", "solo para suscriptores",
        "exclusivo para suscriptores", "ya eres suscriptor", "suscribete para seguir leyendo", "suscribete ahora",
        "riservato agli abbonati", "abbonati per continuare", "sei gia abbonato", "gia abbonato",
        "create an account or sign in", "without a subscription", "sans engagement", "ohne abo", "会員限定", "有料会員",
        "無料で会員登録", "有料記事",
    ];
    #[rustfmt::skip]
    const NEWSLETTER: &[&str] = &[
        "on google news", "preferred source", "by signing up to our", "our website is the place",
        "sie konnen sich jederzeit wieder abmelden", "jederzeit wieder abbestellen",
        "vous desinscrire a tout moment", "unsubscribe at any time", "our whatsapp channel", "sur google actualites",
        "en google news", "bei google news", "a notre newsletter", "a nos newsletters", "a notre infolettre",
        "a notre lettre d'information", "notre chaine whatsapp", "to our newsletter", "to our daily newsletter",
        "our free newsletter", "our weekly newsletter", "our newsletters", "our morning newsletter",
        "delivered to your inbox", "straight to your inbox", "in your inbox", "directly to your inbox",
        "follow us on", "join our whatsapp", "download our app", "download the app", "unseren newsletter",
        "unserem newsletter", "unsere newsletter", "folgen sie uns", "folge uns auf", "whatsapp-kanal",
        "in ihr postfach", "onze nieuwsbrief", "volg ons op", "in je mailbox", "in je inbox", "nuestra newsletter",
        "nuestro boletin", "nuestros boletines", "siguenos en", "en tu correo", "nostra newsletter", "seguici su",
        "suivez-nous sur", "suivez nous sur", "retrouvez-nous sur", "dans votre boite mail",
        "dans votre boite de reception", "vart nyhetsbrev", "vart nyhetsbrev", "vart nyhedsbrev", "nossa newsletter",
        "listen on apple podcasts", "ecoutez notre podcast", "daily push alerts", "push notifications", "メールマガジン",
    ];
    const TABLES: &[(&[&str], Why)] =
        &[(FOOTER, Why::Footer), (SUBSCRIBE, Why::Subscribe), (NEWSLETTER, Why::Newsletter)];
    static ALL: LazyLock<Anywhere> = LazyLock::new(|| Anywhere::new(TABLES.iter().map(|(table, _)| *table)));
    // A long block may still be the footer that a feed appends.
    let tables = if count > 40 { 1 } else { TABLES.len() };
    ALL.first_of(folded, tables).map(|table| TABLES[table].1)
}

/// Whether a remark in brackets is about who took a picture.
pub(super) fn names_a_picture(remark: &str) -> bool {
    #[rustfmt::skip]
    const OPENINGS: &[&str] = &[
        "photo", "photos", "foto", "fotos", "bild", "image", "picture", "credit", "archivfoto", "archivbild",
        "symbolbild", "symbolfoto", "ap photo", "getty images", "file photo", "photo by", "beeld", "imagen", "immagine",
        "fotografia", "фото", "写真",
    ];
    OPENINGS.iter().any(|o| opens_with(remark, o))
}

/// Phrases with the most words of a block that may open so, by their first three bytes.
type Openings = FxHashMap<[u8; 3], Vec<(&'static str, usize, Why)>>;

/// A block that opens with one of these; each table has its own bound of words.
pub(super) fn opening(folded: &str, count: usize) -> Option<Why> {
    #[rustfmt::skip]
    const SUBSCRIBE: &[&str] = &[
        "abonnez-vous", "s'abonner", "abonne-toi", "subscribe", "sign up", "register to", "log in to",
        "please log in", "abonnieren sie", "jetzt testen", "registrieren sie sich", "abonneer", "word lid",
        "suscribete", "suscribase", "hazte socio", "abbonati", "iscriviti", "assine", "inscreva-se",
        "connectez-vous", "inscrivez-vous", "je m'abonne", "j'ai deja un compte", "support our", "soutenez",
        "faites un don", "donate", "unterstutzen sie uns", "steun ons", "haz una donacion", "sostieni",
        "melden sie sich an", "meld je aan", "prenumerera", "abonner pa", "zapisz sie", "newsletter",
        "recevez chaque", "recevez tous les", "recevez nos", "get the latest", "get our", "join our", "follow us",
        "suivez-nous", "suivez l'actualite", "folgen sie", "volg ons", "siguenos", "seguici", "folge uns",
        "ne manquez rien", "ne ratez", "never miss", "stay up to date", "restez informe", "bleiben sie informiert",
        "apuntate a", "recibe cada", "recibe las", "ricevi ogni", "ricevi le", "ontvang elke", "ontvang dagelijks",
        "erhalten sie taglich", "telechargez l'application", "telecharger l'application",
        "retrouvez toute l'actualite", "download our", "laden sie unsere",
    ];
    #[rustfmt::skip]
    const RELATED: &[&str] = &[
        "a lire aussi", "lire aussi", "a lire :", "a lire egalement", "a voir aussi", "lire egalement", "voir aussi",
        "read also", "read more:", "read more :", "read next", "also read", "more:", "related:", "see also",
        "must read", "lesen sie auch", "lesen sie hier", "lesen sie dazu", "lies auch", "mehr dazu:",
        "mehr zum thema", "auch interessant", "lees ook", "zie ook", "bekijk ook", "meer lezen:", "lea tambien",
        "lee tambien", "lea mas", "mas informacion:", "tambien puedes leer", "leggi anche", "approfondisci",
        "guarda anche", "vedi anche", "leia tambem", "las aven", "las ocksa", "las mer:", "las mer om", "les ogsa",
        "les mer:", "laes ogsa", "czytaj takze", "czytaj tez", "zobacz takze", "zobacz rowniez", "ctete take",
        "prectete si", "читаите также", "более подробно", "watch:", "listen:", "video:", "en images", "en video",
        "podcast:", "regardez", "watch more", "watch now", "to watch",
    ];
    #[rustfmt::skip]
    const CREDIT: &[&str] = &[
        "photo:", "photo :", "photos:", "photos :", "photo by", "photograph:", "photographs:", "photography by",
        "credit photo", "credit:", "credit :", "credits:", "credits :", "image:", "image :", "image credit",
        "image source", "images:", "picture:", "pictures:", "foto:", "fotos:", "foto van", "bild:", "bilder:",
        "bildquelle", "quelle:", "beeld:", "imagen:", "imagen de", "illustration:", "illustration :",
        "illustration by", "illustrations:", "getty images", "© ", "(c) ", "copyright", "source:", "titelbild:",
        "video by", "legende:", "illustrasjonsfoto", "фото:", "zdroj:", "fot.",
    ];
    #[rustfmt::skip]
    const FURNITURE: &[&str] = &[
        "get in touch with our", "for more stories like this", "first published in", "this article first appeared",
        "this story first appeared", "article republished from", "if you buy something using links", "we may earn",
        "an dieser stelle findest du", "an dieser stelle finden sie", "empfohlener redaktioneller inhalt",
        "personenbezogene daten konnen an", "hier finden sie informationen zu", "gastkommentare und beitrage",
        "aus dem englischen von", "aus dem franzosischen von", "traduit de l'anglais par", "translated by",
        "reporting by", "additional reporting by", "글자크기", "글자 크기",
        "ein klick fur den datenschutz", "ich bin damit einverstanden", "cet article est paru", "zitiervorschlag",
        "dieses thema im programm", "publicite", "advertisement", "signaler une erreur", "report an error",
        "report a typo", "fehler gefunden", "fehler melden", "correct a mistake", "commenter",
        "laissez un commentaire", "leave a comment", "post a comment", "poster un commentaire",
        "kommentar schreiben", "plaats een reactie", "deja un comentario", "lascia un commento",
        "join the conversation", "comments are closed", "les commentaires sont", "tags:", "tags :", "mots-cles",
        "keywords:", "filed under", "temps de lecture", "lesezeit", "reading time", "leestijd", "tiempo de lectura",
        "tempo di lettura", "min read", "this article was amended", "article originally published", "listen to this",
        "ecouter cet article", "mis a jour le", "publie le", "modifie le", "updated on", "last updated",
        "published on", "veroffentlicht am", "aktualisiert am", "zuletzt aktualisiert", "gepubliceerd op",
        "bijgewerkt op", "publicado el", "actualizado el", "pubblicato il", "aggiornato il", "posted in",
        "this story has been shared", "stand:", "your browser does not support", "we use cookies",
        "nous utilisons des cookies", "wir verwenden cookies", "please enable javascript", "to view this content",
        "want to comment", "do you have a story", "got a story", "if you have a story", "contact us at",
        "email us at", "your support", "postmedia is committed", "conversations are",
    ];
    const TABLES: &[(&[&str], usize, Why)] = &[
        (SUBSCRIBE, 30, Why::Subscribe),
        (RELATED, 35, Why::Related),
        (CREDIT, 18, Why::Credit),
        (FURNITURE, 25, Why::Furniture),
    ];
    static ALL: LazyLock<Openings> = LazyLock::new(|| by_beginning(TABLES));
    opens_with_one(&ALL, folded, count)
}

fn by_beginning(tables: &[(&[&'static str], usize, Why)]) -> Openings {
    let mut all = Openings::default();
    for (table, most, why) in tables {
        for phrase in *table {
            let begin = phrase.as_bytes().first_chunk().expect("a phrase has three bytes");
            all.entry(*begin).or_default().push((*phrase, *most, *why));
        }
    }
    all
}

fn opens_with_one(all: &Openings, folded: &str, count: usize) -> Option<Why> {
    let alike = all.get(folded.as_bytes().first_chunk()?)?;
    alike.iter().find(|(phrase, most, _)| count <= *most && opens_with(folded, phrase)).map(|(_, _, why)| *why)
}

/// Whether a text begins with a phrase and not merely with a longer word of the same beginning.
fn opens_with(folded: &str, phrase: &str) -> bool {
    folded
        .strip_prefix(phrase)
        .is_some_and(|rest| !phrase.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric))
}
