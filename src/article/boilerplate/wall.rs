//! Tells the words with which a page says that this piece is for those who pay.
//! A mere call to subscribe, as free pages have it too, is none.

use std::sync::LazyLock;

use super::{anywhere::Anywhere, prose};
use crate::article::words::{self, Line};

#[rustfmt::skip]
const PHRASES: &[&str] = &[
    "subscribers only", "subscriber only", "subscriber-only", "exclusively for subscribers",
    "exclusive to subscribers", "reserved for subscribers", "subscribe to continue", "to continue reading",
    "subscribe to read", "subscribe to keep reading", "unlock this article", "unlock this story", "sign in to continue",
    "to read the full article", "to read the rest of this", "read the rest of this article",
    "reserve aux abonnes", "reserve a nos abonnes", "reservee aux abonnes", "reservee a nos abonnes",
    "pour lire la suite", "de cet article a lire", "pour continuer a lire", "pour poursuivre votre lecture",
    "nur fur abonnenten", "exklusiv fur abonnenten", "nur mit abo", "mit abo weiterlesen", "um weiterzulesen",
    "jetzt weiterlesen", "den ganzen artikel lesen sie mit", "diesen artikel weiterlesen",
    "alleen voor abonnees", "exclusief voor abonnees", "om verder te lezen", "verder lezen?",
    "solo para suscriptores", "exclusivo para suscriptores", "para seguir leyendo", "para continuar leyendo",
    "riservato agli abbonati", "per continuare a leggere", "per continuare la lettura",
    "exclusivo para assinantes", "para assinantes", "para continuar a ler", "para continuar lendo",
    "tylko dla prenumeratorow", "tylko dla subskrybentow", "dla prenumeratorow", "aby czytac dalej",
    "for prenumeranter", "for abonnenter", "kun for abonnenter", "las vidare som prenumerant",
    "この記事は会員限定", "この記事は有料", "有料会員限定記事です", "会員限定記事です", "この記事の続き", "この記事の残り",
];

/// Whether a text says that the piece it stands in is for those who pay.
pub(in crate::article) fn is_wall(text: &str) -> bool {
    static ALL: LazyLock<Anywhere> = LazyLock::new(|| Anywhere::new(std::iter::once(PHRASES)));
    let line = Line::of(text);
    line.words <= super::MAX_WORDS
        && ALL.first_of(&line.folded, 0..1).is_some_and(|(_, phrase)| prose::calls(&line, phrase, true))
}

/// Whether a feed's category is the mark of pieces for those who pay.
pub(in crate::article) fn is_paid_category(category: &str) -> bool {
    #[rustfmt::skip]
    const MARKS: &[&str] = &[
        "subscribers", "subscriber", "subscribers only", "subscriber only", "subscriber-only", "paywall", "paid",
        "members only", "abonnes", "abonne", "reserve aux abonnes", "article abonne", "article abonnes",
        "abonnenten", "nur fur abonnenten", "abo", "paid content", "abonnees", "alleen voor abonnees", "suscriptores",
        "solo suscriptores", "abbonati", "riservato agli abbonati", "assinantes", "so assinantes", "prenumerant",
    ];
    // Åbo is a town.
    MARKS.contains(&words::fold(category).trim()) && !category.contains(['å', 'Å', '\u{30a}'])
}

/// Whether a category may be such a mark, or as well the name of a section, an edition or a league.
pub(in crate::article) fn may_be_paid_category(category: &str) -> bool {
    words::fold(category).trim() == "premium"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_is_told_from_a_call_and_from_news_of_walls() {
        for wall in [
            "This story is for subscribers only. Already a subscriber? Log in.",
            "Subscribe to continue reading",
            "Cet article est réservé aux abonnés",
            "Il vous reste 80% de cet article à lire. La suite est réservée aux abonnés.",
            "Diesen Artikel weiterlesen mit dem Abo des Boten",
            "Dit artikel is alleen voor abonnees",
            "Suscríbete para seguir leyendo",
            "Abbonati per continuare a leggere",
            "Conteúdo exclusivo para assinantes",
            "Artykuł tylko dla prenumeratorów",
            "この記事は会員限定です。",
        ] {
            assert!(is_wall(wall), "{wall}");
        }
        for other in [
            "Subscribe to our newsletter",
            "Abonnez-vous pour soutenir le Fanal",
            "Already a subscriber? Log in",
            "有料会員になると会員限定の記事もお読みいただけます。",
            "Le parking sera réservé aux abonnés du train dès septembre, annonce la mairie.",
            "The box is for subscribers only, a porter at the opera told the two ministers.",
            "The children were told to continue reading while the roof was being mended.",
        ] {
            assert!(!is_wall(other), "{other}");
        }
        assert!(is_paid_category("Réservé aux abonnés") && !is_paid_category("Premier League"));
        assert!(is_paid_category("Abo") && !is_paid_category("Åbo") && !is_paid_category("A\u{30a}bo"));
        assert!(may_be_paid_category(" Premium") && !may_be_paid_category("Premium cars"));
    }
}
