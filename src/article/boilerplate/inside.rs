//! Phrases that betray a block wherever in it they stand.
//! What is news for one is a call for another: whether a phrase counts in its sentence, `prose` says.

use std::sync::LazyLock;

use super::{Why, anywhere::Anywhere, phrases::opens_with, prose};
use crate::article::words::Line;

/// Hardly any report writes this.
#[rustfmt::skip]
const SURE_FOOTER: &[&str] = &[
    "all rights reserved", "tous droits reserves", "alle rechte vorbehalten", "alle rechten voorbehouden",
    "todos los derechos reservados", "tutti i diritti riservati", "todos os direitos reservados",
    "wszelkie prawa zastrzezone", "riproduzione riservata", "reproduction interdite", "reproduccion reservada",
    "無断転載", "무단 전재", "무단전재", "protected by recaptcha", "geschutzt durch recaptcha", "protege par recaptcha",
];
#[rustfmt::skip]
const SURE_SUBSCRIBE: &[&str] = &[
    "pour lire la suite, abonnez", "already a subscriber", "subscribe to continue", "unlock this article",
    "start your free trial", "sign in to continue", "bereits abonnent", "mit abo weiterlesen", "ya eres suscriptor",
    "suscribete para seguir leyendo", "sei gia abbonato", "abbonati per continuare", "create an account or sign in",
    "de cet article a lire", "無料で会員登録", "有料記事",
];
#[rustfmt::skip]
const SURE_NEWSLETTER: &[&str] = &[
    "by signing up to our", "our website is the place", "sie konnen sich jederzeit wieder abmelden",
    "jederzeit wieder abbestellen", "vous desinscrire a tout moment", "unsubscribe at any time", "a notre newsletter",
    "a nos newsletters", "a notre infolettre", "a notre lettre d'information", "to our newsletter",
    "to our daily newsletter", "our free newsletter", "our weekly newsletter", "our newsletters",
    "our morning newsletter", "unseren newsletter", "unserem newsletter", "unsere newsletter", "onze nieuwsbrief",
    "nuestra newsletter", "nuestro boletin", "nuestros boletines", "nostra newsletter", "vart nyhetsbrev",
    "vores nyhedsbrev", "vart nyhedsbrev", "nossa newsletter", "nasz newsletter", "naszego newslettera",
    "на нашу рассылку", "на нашу розсилку", "bultenimize", "listen on apple podcasts", "ecoutez notre podcast",
];

/// What is also said of maps, rivers and songs.
#[rustfmt::skip]
const FOOTER: &[&str] = &[
    "appeared first on", "first appeared on", "est apparu en premier sur", "est apparu d'abord sur",
    "est apparu en premier dans", "erschien zuerst auf", "erschien zuerst bei", "ist zuerst erschienen auf",
    "verscheen eerst op", "verscheen als eerste op", "aparecio primero en", "aparece primero en",
    "aparece por primera vez en", "aparece antes en", "est apparu sur", "verscheen het eerst op", "e apparso su",
    "se publico primero en", "proviene da", "e apparso per primo su", "apareceu primeiro em",
    "dukkade forst upp pa",
];
/// Calls, unless they stand in a sentence of the report.
#[rustfmt::skip]
const SUBSCRIBE: &[&str] = &[
    "reserve a nos abonnes", "subscribers only", "exclusively for subscribers", "exclusive to subscribers",
    "subscribe now", "subscribe today", "become a subscriber", "nur fur abonnenten", "jetzt abonnieren",
    "exklusiv fur abonnenten", "alleen voor abonnees", "neem een abonnement", "abonneer je nu",
    "solo para suscriptores", "exclusivo para suscriptores", "suscribete ahora", "riservato agli abbonati",
    "会員限定", "有料会員",
];
#[rustfmt::skip]
const NEWSLETTER: &[&str] = &[
    "on google news", "our whatsapp channel", "sur google actualites", "en google news", "bei google news",
    "notre chaine whatsapp", "delivered to your inbox", "straight to your inbox", "in your inbox",
    "directly to your inbox", "follow us on", "join our whatsapp", "download our app", "folgen sie uns",
    "folge uns auf", "in ihr postfach", "volg ons op", "in je mailbox", "in je inbox", "siguenos en", "en tu correo",
    "seguici su", "suivez-nous sur", "suivez nous sur", "retrouvez-nous sur", "dans votre boite mail",
    "dans votre boite de reception", "daily push alerts", "メールマガジン",
];
/// What tickets, clubs and ministries have too: it needs a second sign even in half a sentence.
#[rustfmt::skip]
const LOOSE_SUBSCRIBE: &[&str] = &[
    "reserve aux abonnes", "deja abonne", "deja abonnee", "to continue reading", "become a member",
    "monatlich kundbar", "jederzeit kundbar", "al abonnee", "gia abbonato", "without a subscription",
    "sans engagement", "ohne abo",
];
#[rustfmt::skip]
const LOOSE_NEWSLETTER: &[&str] = &["preferred source", "push notifications", "whatsapp-kanal", "download the app"];

/// What a phrase needs to count.
#[derive(Clone, Copy)]
enum Manner {
    Sure,
    Named,
    Call,
    Loose,
}

const TABLES: &[(&[&str], Why, Manner)] = &[
    (SURE_FOOTER, Why::Footer, Manner::Sure),
    (FOOTER, Why::Footer, Manner::Named),
    (SURE_SUBSCRIBE, Why::Subscribe, Manner::Sure),
    (SURE_NEWSLETTER, Why::Newsletter, Manner::Sure),
    (SUBSCRIBE, Why::Subscribe, Manner::Call),
    (NEWSLETTER, Why::Newsletter, Manner::Call),
    (LOOSE_SUBSCRIBE, Why::Subscribe, Manner::Loose),
    (LOOSE_NEWSLETTER, Why::Newsletter, Manner::Loose),
];

/// Of these, the first ones hold the footers, which a feed hangs on long blocks too.
const FOOTERS: usize = 2;

/// Words of a block above which only a footer is looked for.
const CALL_WORDS: usize = 40;

/// A block of few words that holds one of these anywhere.
pub(super) fn inside(line: &Line<'_>) -> Option<Why> {
    static ALL: LazyLock<Anywhere> = LazyLock::new(|| Anywhere::new(TABLES.iter().map(|(table, ..)| *table)));
    let mut tables = 0..if line.words > CALL_WORDS { FOOTERS } else { TABLES.len() };
    while let Some((table, phrase)) = ALL.first_of(&line.folded, tables.clone()) {
        let (_, why, manner) = TABLES[table];
        let counts = match manner {
            Manner::Sure => !prose::is_said(line, phrase),
            Manner::Named => names_where(line, phrase),
            Manner::Call => prose::calls(line, phrase, true),
            Manner::Loose => prose::calls(line, phrase, opens(line, phrase)),
        };
        if counts {
            return Some(why);
        }
        tables.start = table + 1;
    }
    None
}

fn opens(line: &Line<'_>, phrase: &str) -> bool {
    opens_with(line.folded.trim_start_matches(|c: char| !c.is_alphanumeric()), phrase)
}

/// Words of an outlet's name.
const NAME_WORDS: usize = 8;

/// "The post X appeared first on The Lamp": it speaks of itself, and a name ends it.
fn names_where(line: &Line<'_>, phrase: &str) -> bool {
    #[rustfmt::skip]
    const SELVES: &[&str] = &[
        "the post", "this post", "this article", "this story", "this essay", "this piece", "this interview",
        "this column", "the article", "the story", "l'article", "cet article", "ce texte", "le billet", "der beitrag",
        "dieser beitrag", "der artikel", "dieser artikel", "dieser text", "het bericht", "dit bericht", "het artikel",
        "dit artikel", "la entrada", "esta entrada", "el articulo", "este articulo", "el post", "l'articolo",
        "questo articolo", "il post", "o post", "o artigo", "este artigo", "inlagget", "den har artikeln",
    ];
    let folded = line.folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some((_, name)) = folded.split_once(phrase) else { return false };
    let words = name.split_whitespace().count();
    let name: Vec<&str> = line.text.split_whitespace().rev().take(words).collect();
    let named = name.iter().rev().take(2).any(|w| w.contains(char::is_uppercase) || w.contains('.'));
    (1..=NAME_WORDS).contains(&words) && named && SELVES.iter().any(|own| opens_with(folded, own))
}
