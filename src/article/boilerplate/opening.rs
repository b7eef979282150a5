//! Phrases that betray a block which opens with them, each table with its own bound of words.
//! Whether the block goes on as a call, a label or a sentence of the report, `prose` says.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{Why, phrases::opens_with, prose};
use crate::article::words::Line;

/// What a phrase is, and so what it needs to count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Hardly any sentence of a report opens so.
    Sure,
    /// "Join our …": the reader is told to do something.
    Call,
    /// "Photo by …", "Updated on …": a name, a date or a mark follows.
    Label,
}

struct Opening {
    phrase: &'static str,
    /// Words that the block may have.
    most: usize,
    why: Why,
    manner: Manner,
}

#[rustfmt::skip]
const CALLS: &[&str] = &[
    "abonnez-vous", "s'abonner", "abonne-toi", "subscribe", "sign up", "register to", "log in to", "please log in",
    "abonnieren sie", "jetzt testen", "registrieren sie sich", "abonneer", "word lid", "suscribete", "suscribase",
    "hazte socio", "abbonati", "iscriviti", "assine", "inscreva-se", "subscreva", "connectez-vous", "inscrivez-vous",
    "je m'abonne", "j'ai deja un compte", "support our", "soutenez", "faites un don", "donate",
    "unterstutzen sie uns", "steun ons", "haz una donacion", "sostieni", "melden sie sich an", "meld je aan",
    "prenumerera", "abonner pa", "zapisz sie", "подпишитесь", "подписываитесь", "підпишіться", "підписуитесь", "newsletter", "recevez chaque",
    "recevez tous les", "recevez nos", "get the latest", "get our", "join our", "follow us", "suivez-nous",
    "suivez l'actualite", "folgen sie", "volg ons", "siguenos", "seguici", "folge uns", "ne manquez rien", "ne ratez",
    "never miss", "stay up to date", "restez informe", "bleiben sie informiert", "apuntate a", "recibe cada",
    "recibe las", "ricevi ogni", "ricevi le", "ontvang elke", "ontvang dagelijks", "erhalten sie taglich",
    "telechargez l'application", "telecharger l'application", "retrouvez toute l'actualite", "download our",
    "laden sie unsere",
];
#[rustfmt::skip]
const SURE_RELATED: &[&str] = &[
    "a lire aussi", "lire aussi", "a lire :", "a lire egalement", "a voir aussi", "lire egalement", "voir aussi",
    "sur le meme sujet", "sur le meme theme", "read also", "related:", "read |", "watch |", "lesen sie auch", "lesen sie dazu",
    "lies auch", "mehr dazu:", "zum weiterlesen", "lees ook", "zie ook", "bekijk ook", "meer lezen:", "lea tambien",
    "lee tambien", "tambien puedes leer", "le puede interesar:", "te puede interesar", "leggi anche", "guarda anche",
    "vedi anche", "leia tambem", "leia mais:", "veja tambem", "ler tambem", "las aven", "las ocksa", "las mer:",
    "las mer om", "les ogsa", "les mer:", "laes ogsa", "laes mere:", "lue myos", "czytaj takze",
    "czytaj tez", "czytaj rowniez", "przeczytaj takze", "przeczytaj tez", "przeczytaj rowniez", "zobacz takze",
    "zobacz tez", "zobacz rowniez", "ctete take", "prectete si", "precitajte si", "citajte aj", "olvassa el",
    "olvasd el", "kapcsolodo", "citeste si", "cititi si", "procitajte i", "procitaj i", "preberite tudi",
    "читаите также", "читаите також", "czytaj wiecej:", "более подробно", "διαβαστε επισης",
    "διαβαστε ακομα", "δειτε επισης", "ilginizi cekebilir", "bunlar da ilginizi", "ayrica okuyun", "関連記事", "あわせて読みたい",
    "相关阅读", "延伸阅读", "相關閱讀", "延伸閱讀", "관련기사", "관련 기사", "اقرأ أيضا", "اقرا ايضا", "اقرأ ايضا", "إقرأ أيضا",
    "קראו גם",
];
#[rustfmt::skip]
const RELATED: &[&str] = &[
    "read more:", "read more :", "more:", "watch:", "listen:", "video:", "podcast:", "mas informacion:", "lea mas",
    "lesen sie hier", "read next", "also read", "see also", "must read", "mehr zum thema", "auch interessant",
    "approfondisci", "en images", "en video", "regardez", "watch more", "watch now", "to watch",
];
#[rustfmt::skip]
const SURE_CREDIT: &[&str] = &[
    "photo:", "photo :", "photos:", "photos :", "photograph:", "photographs:", "credit photo",
    "credits:", "credits :", "foto:", "fotos:", "bild:", "bilder:", "beeld:", "titelbild:",
    "legende:", "illustrasjonsfoto", "фото:", "zdroj:", "fot.", "© ", "(c) ",
];
#[rustfmt::skip]
const CREDIT: &[&str] = &[
    "credit:", "credit :", "quelle:", "source:",
    "photo by", "photography by", "image:", "image :", "image credit", "image source", "images:", "picture:",
    "pictures:", "foto van", "bildquelle", "imagen:", "imagen de", "illustration:", "illustration :",
    "illustration by", "illustrations:", "getty images", "copyright", "video by",
];
#[rustfmt::skip]
const SURE_FURNITURE: &[&str] = &[
    "get in touch with our", "for more stories like this", "this article first appeared",
    "this story first appeared", "article republished from", "if you buy something using links",
    "an dieser stelle findest du", "an dieser stelle finden sie", "empfohlener redaktioneller inhalt",
    "personenbezogene daten konnen an", "hier finden sie informationen zu", "gastkommentare und beitrage",
    "글자크기", "글자 크기", "ein klick fur den datenschutz", "cet article est paru", "zitiervorschlag",
    "dieses thema im programm", "signaler une erreur", "report an error", "report a typo", "fehler gefunden",
    "fehler melden", "correct a mistake", "laissez un commentaire", "leave a comment", "post a comment",
    "poster un commentaire", "kommentar schreiben", "plaats een reactie", "deja un comentario",
    "lascia un commento", "mots-cles", "keywords:", "this article was amended",
    "article originally published", "ecouter cet article", "your browser does not support",
    "we use cookies", "nous utilisons des cookies", "wir verwenden cookies", "utilizamos cookies",
    "usamos cookies", "questo sito utilizza", "utilizziamo i cookie", "uzywamy plikow cookie", "wij gebruiken cookies",
    "we gebruiken cookies", "vi anvander cookies", "vi bruger cookies", "мы используем", "please enable javascript",
    "to view this content", "want to comment", "do you have a story", "got a story", "if you have a story",
    "benachrichtigung aktivieren", "benachrichtigungen aktivieren", "benachrichtigungen erfolgreich", "activer les notifications",
    "activar notificaciones", "activar las notificaciones", "enable notifications", "turn on notifications", "attiva le notifiche",
    "zet notificaties aan", "have you spotted an error", "spotted an error", "avez-vous repere une erreur", "vous avez repere une erreur",
    "hai trovato un errore", "has detectado un error", "encontraste un error",
    "encontrou algum erro", "encontrou algo errado", "encontrou um erro", "heb je een fout gezien", "fout gezien",
    "hat ihnen dieser artikel gefallen", "hat dir dieser artikel gefallen", "wie hat ihnen dieser artikel", "war dieser artikel hilfreich",
    "mochten sie den artikel teilen", "was this article helpful", "did you find this article", "cet article vous a plu",
    "vous avez aime cet article", "cet article vous a-t-il", "te ha gustado este articulo", "te ha resultado interesante",
    "ti e piaciuto questo articolo", "vond je dit artikel", "we want to hear what you think about this article", "advertising disclosure",
    "this entry was posted", "dieser eintrag wurde veroffentlicht", "dieser eintrag wurde am", "dieser beitrag wurde unter",
    "dieser beitrag wurde am", "der beitrag wurde am", "cette entree a ete publiee", "esta entrada fue publicada",
    "questa voce e stata pubblicata", "so konnen sie kommentieren", "sie mussen sich anmelden, um die kommentarfunktion", "sie mussen angemeldet sein, um einen kommentar", "you must be logged in to post",
    "vous devez etre connecte pour commenter", "debe iniciar sesion para comentar", "karte wird geladen", "klicken sie auf den unteren button",
    "postmedia is committed", "conversations are moderated", "conversations are opinions",
];
#[rustfmt::skip]
const FURNITURE: &[&str] = &[
    "first published in", "we may earn", "aus dem englischen von", "aus dem franzosischen von",
    "traduit de l'anglais par", "translated by", "reporting by", "additional reporting by", "edited by",
    "editing by", "with material from", "with files from", "with information from", "mit material von",
    "mit material der", "mit informationen von", "avec afp", "avec reuters", "avec l'afp", "con informacion de",
    "con informaciones de", "com informacoes d", "ich bin damit einverstanden", "publicite", "advertisement",
    "commenter", "join the conversation", "comments are closed", "les commentaires sont", "filed under",
    "temps de lecture", "lesezeit", "reading time", "leestijd", "tiempo de lectura", "tempo di lettura", "min read",
    "listen to this", "mis a jour le", "publie le", "modifie le", "updated on", "last updated", "published on",
    "veroffentlicht am", "aktualisiert am", "zuletzt aktualisiert", "gepubliceerd op", "bijgewerkt op",
    "publicado el", "actualizado el", "pubblicato il", "aggiornato il", "posted in", "this story has been shared",
    "contact us at", "email us at", "your support", "conversations are",
];

/// Labels that are dates and lists; with a sentence behind it, each is a word of the report.
const LISTS: &[&str] = &["stand:", "tags:", "tags :"];

const TABLES: &[(&[&str], usize, Why, Manner)] = &[
    (CALLS, 30, Why::Subscribe, Manner::Call),
    (SURE_RELATED, 35, Why::Related, Manner::Sure),
    (RELATED, 35, Why::Related, Manner::Label),
    (SURE_CREDIT, 18, Why::Credit, Manner::Sure),
    (CREDIT, 18, Why::Credit, Manner::Label),
    (SURE_FURNITURE, 25, Why::Furniture, Manner::Sure),
    (FURNITURE, 25, Why::Furniture, Manner::Label),
    (LISTS, 25, Why::Furniture, Manner::Call),
];

/// Phrases by their first three bytes.
type Openings = FxHashMap<[u8; 3], Vec<Opening>>;

/// What a block is that opens with one of these. `opening` is its folded text from the first letter on.
pub(super) fn opening(line: &Line<'_>, opening: &str) -> Option<Why> {
    static ALL: LazyLock<Openings> = LazyLock::new(by_beginning);
    let alike = ALL.get(opening.as_bytes().first_chunk()?)?;
    let known = alike.iter().filter(|o| line.words <= o.most && opens_with(opening, o.phrase));
    known
        .map(|o| {
            let counts = match o.manner {
                Manner::Sure => !prose::is_said(line, o.phrase),
                Manner::Call => prose::calls(line, o.phrase, true),
                Manner::Label => prose::labels(line, opening, o.phrase),
            };
            counts.then_some(o.why)
        })
        .find_map(|why| why)
}

fn by_beginning() -> Openings {
    let mut all = Openings::default();
    for (table, most, why, manner) in TABLES {
        for phrase in *table {
            let begin = phrase.as_bytes().first_chunk().expect("a phrase has three bytes");
            let opening = Opening { phrase, most: *most, why: *why, manner: *manner };
            all.entry(*begin).or_default().push(opening);
        }
    }
    all
}
