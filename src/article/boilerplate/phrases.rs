//! The words that publishers put around articles, folded, in the languages of the field.
//! It holds tables; `boilerplate` decides when they apply.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Why;

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
        "latest news", "related news", "las mas leidas", "mas leidas", "mas leidos", "ultimas noticias", "temas relacionados",
        "notas relacionadas", "articulos relacionados", "artigos relacionados", "materias relacionadas", "mehr zu diesem thema",
        "relaterade artiklar", "relaterte artikler", "relaterede artikler", "powiazane artykuly", "souvisejici clanky",
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

/// Whether a text begins with a phrase and not merely with a longer word of the same beginning.
pub(super) fn opens_with(folded: &str, phrase: &str) -> bool {
    folded
        .strip_prefix(phrase)
        .is_some_and(|rest| !phrase.ends_with(char::is_alphanumeric) || !rest.starts_with(char::is_alphanumeric))
}

/// "… closed on Tuesday. REUTERS/Jane Low", "… the bridge. © Jane Low", "… Foto: Jan Muster": what is left of a caption are names.
/// An agency's mark at the end of a report ("… teilte sie mit. dpa/lno") names nobody.
pub(super) fn ends_in_name(text: &str) -> bool {
    #[rustfmt::skip]
    const AGENCIES: &[&str] = &[
        "REUTERS", "Reuters", "AFP", "EPA", "Photo", "Images", "EFE", "ANSA", "dpa", "imago", "IMAGO", "Keystone",
        "KEYSTONE", "alliance", "AP", "APA", "TT", "NTB", "Ritzau", "Scanpix", "PAP", "CTK", "ČTK", "Lusa", "SOPA",
        "POOL", "Pool",
    ];
    const MARKS: &[&str] =
        &["Foto:", "Fotos:", "Photo:", "Photos:", "Bild:", "Photograph:", "Beeld:", "Fot.", "Zdjęcie:"];
    const NAME_WORDS: usize = 6;
    let named = |word: &str| word.starts_with(char::is_uppercase);
    let words: Vec<&str> = text.split_whitespace().collect();
    let from = words.len().saturating_sub(NAME_WORDS).max(3);
    let mut tail = words.iter().enumerate().skip(from);
    let Some((at, mark)) = tail.find(|(_, w)| w.starts_with('©') || MARKS.contains(w) || w.contains('/')) else {
        return false;
    };
    let rest = &words[at + 1..];
    let names = rest.iter().filter(|w| named(w)).count();
    if let Some((agency, name)) = mark.split_once('/') {
        let own = !AGENCIES.iter().any(|known| name.starts_with(known)) || name.contains(char::is_lowercase);
        return AGENCIES.contains(&agency) && own && named(name) && names * 2 >= rest.len() && !rest.is_empty();
    }
    let inner = mark.trim_start_matches('©');
    (names > 0 || named(inner)) && names * 2 >= rest.len()
}
