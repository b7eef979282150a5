//! Tells paragraphs that somebody speaks without quotation marks: turns of a dialogue, answers of an interview.
//! Quotation marks are the business of `quotes`.

use super::dateline::is_dash;
use crate::article::sentences::is_question;

/// Who speaks in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The newspaper.
    None,
    /// An item of a list behind a hyphen, as far as can be told.
    Item,
    /// Somebody behind a dash, whom the sentence itself may name: "– Nie ryzykujemy – powiedział burmistrz."
    Dash,
    /// Somebody who was asked: nothing here says who.
    Answer,
}

impl Turn {
    /// Whose turn a line is below the line before it.
    pub(super) fn of(line: &str, above: Option<&str>) -> Self {
        let rest = behind_dash(line);
        let dash = rest.len() < line.len();
        let asked = above.is_some_and(is_question);
        if labelled(line, asked) || (asked && (dash || answers(rest))) {
            Self::Answer
        } else if dash {
            let item = line.starts_with("- ") && !has_inner_dash(rest);
            if item { Self::Item } else { Self::Dash }
        } else {
            Self::None
        }
    }

    /// The line without the dash that opens it.
    pub(super) fn behind_mark(self, line: &str) -> &str {
        if matches!(self, Self::Item | Self::Dash) { behind_dash(line) } else { line }
    }

    /// Whether a sentence of the line can be told alone: it is the newspaper's, or says whose it is.
    pub(super) fn tells(self, sentence: &str) -> bool {
        match self {
            // "– Nie ryzykujemy – powiedział burmistrz. – Zamykamy most."
            Self::None | Self::Item => !sentence.starts_with(is_dash),
            Self::Dash => !sentence.starts_with(is_dash) && (has_inner_dash(sentence) || ends_in_speaker(sentence)),
            Self::Answer => false,
        }
    }
}

fn behind_dash(line: &str) -> &str {
    if !line.starts_with(is_dash) {
        return line;
    }
    line.trim_start_matches(|c: char| c.is_whitespace() || is_dash(c))
}

/// Whether a dash stands behind a space, as before the name of who speaks.
fn has_inner_dash(sentence: &str) -> bool {
    let mut before = ' ';
    sentence.chars().enumerate().any(|(n, c)| {
        let found = n > 1 && is_dash(c) && before.is_whitespace();
        before = c;
        found
    })
}

/// ", sier Retzius.", ", säger Johan Håkansson från polisen.", ", sanoi hän.": a verb and who speaks, behind a comma.
fn ends_in_speaker(sentence: &str) -> bool {
    const PRONOUNS: &[&str] = &["han", "hun", "hon", "hän", "de"];
    sentence.split(", ").skip(1).any(|clause| {
        let mut words = clause.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
        let verb = words.next().is_some_and(|w| w.starts_with(char::is_lowercase) && w.chars().count() >= 3);
        verb && words.next().is_some_and(|w| w.starts_with(char::is_uppercase) || PRONOUNS.contains(&w))
    })
}

/// "Q: …", "A: …", "P. ¿…?", "R. …": a letter for who speaks. With a stop it is one only below a question, or before one: else it is
/// somebody's initial.
fn labelled(paragraph: &str, asked: bool) -> bool {
    let mut chars = paragraph.chars();
    let letter = chars.next().is_some_and(char::is_uppercase);
    match chars.next() {
        Some(':' | '：') => letter,
        Some('.') => letter && (asked || is_question(paragraph)),
        _ => false,
    }
}

/// Opens with yes or no, and a mark behind it.
fn answers(text: &str) -> bool {
    #[rustfmt::skip]
    const YES_NO: &[&str] = &[
        "yes", "no", "yeah", "oui", "non", "si", "sí", "ja", "nein", "doch", "nee", "nej", "nei", "jo", "sì", "sim", "não", "tak", "nie",
        "ano", "ne", "да", "нет", "так", "ні", "igen", "nem", "kyllä", "joo", "ei", "evet", "hayır", "ναι", "όχι", "da", "nu", "はい",
        "いいえ", "是", "是的", "不", "不是", "네", "예", "아니요", "نعم", "لا", "हाँ", "हां", "नहीं", "ya", "tidak",
    ];
    let end = text.find(|c: char| !c.is_alphabetic() && !matches!(c, '\u{900}'..='\u{97f}')).unwrap_or(text.len());
    let marked = text[end..].starts_with(['.', ',', '!', ':', ';', '。', '，', '、', '،', '।', '…']);
    marked && YES_NO.contains(&text[..end].to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_what_the_article_says() {
        let check = |above: &str, line: &str, expected: Turn| {
            assert_eq!(Turn::of(line, Some(above).filter(|a| !a.is_empty())), expected, "{above} / {line}");
        };
        for (above, line) in [
            ("Is it safe?", "No. The pier has cracks."),
            ("¿Es seguro?", "—No lo es para los camiones."),
            ("¿Es seguro el puente?", "R. El Estado paga la mitad."),
            ("", "P. ¿Quién paga las obras?"),
            ("", "Q: Who pays for it?"),
            ("Q: Who pays?", "A: The state pays half."),
            ("Le pont est-il sûr ?", "Non, la pile est fissurée."),
            ("Le pont est-il sûr ?", "– La pile est fissurée."),
            ("Ist die Brücke sicher?“", "Nein, der Pfeiler hat Risse."),
            ("Мост безопасен?", "Нет, опора треснула."),
            ("Είναι ασφαλής η γέφυρα;", "Όχι, ο πυλώνας έχει ρωγμές."),
            ("橋は安全ですか。", "いいえ、橋脚にひびがあります。"),
            ("هل الجسر آمن؟", "لا، في العمود شقوق."),
        ] {
            check(above, line, Turn::Answer);
        }
        for (above, line) in [
            ("Why so long?", "The engineers found cracks."),
            ("Is it safe?", "No engineer says so."),
            ("Is it safe?", "Nobody knows."),
            ("The bridge is closed.", "No, said the mayor."),
            ("The bridge is closed.", "A. Smith opened it in 1936."),
            ("", "J. K. Holt voted against it."),
            ("", "Der Fluss steigt."),
        ] {
            check(above, line, Turn::None);
        }
        check("", "– Zamykamy most – powiedział burmistrz.", Turn::Dash);
        check("", "– Vi stänger bron, säger Lo.", Turn::Dash);
        check("", "- The bridge is closed.", Turn::Item);
        check("", "- Zamykamy most - powiedział burmistrz.", Turn::Dash);
    }

    #[test]
    fn what_is_said_behind_a_dash_is_told_where_it_names_its_speaker() {
        for (told, sentence) in [
            (true, "Zamykamy most – powiedział burmistrz."),
            (true, "Мы закрываем мост, — сказал мэр."),
            (true, "Vi stänger bron på fredag, säger Johan Lo från kommunen."),
            (true, "Suljemme sillan perjantaina, sanoo kaupunginjohtaja Virta, sanoi hän."),
            (true, "Jeg vet ikke, men jeg tror det, sier Retzius."),
            (false, "Zamykamy most na sześć tygodni."),
            (false, "Vi stänger bron, och sedan öppnar vi den igen."),
            (false, "– Potem go otworzymy – dodał."),
        ] {
            assert_eq!(Turn::Dash.tells(sentence), told, "{sentence}");
        }
        assert!(!Turn::Answer.tells("We close it – perhaps."));
        assert!(Turn::None.tells("The bridge closes – for weeks."));
    }
}
