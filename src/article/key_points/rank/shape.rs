//! Tells texts of which no two sentences can stand for the whole: lists of entries, transcripts, the answers of an interview.
//! It looks at how paragraphs begin and follow each other; what a single sentence says, the files beside it judge.

use crate::article::{language::Language, sentences, words};

/// Words of a line that can be an entry.
const ENTRY_WORDS: usize = 5;
/// Entries from which on they make a list, where they are two thirds of the text.
const FEWEST_ENTRIES: usize = 3;
/// Characters and words that name an entry or a speaker before a colon.
const LABEL: usize = 48;
const LABEL_WORDS: usize = 3;
/// Words of a line that tells the result of one match among others.
const RESULT_WORDS: usize = 16;
/// Questions that make an interview, where those asked answer half of them in the first person.
const FEWEST_QUESTIONS: usize = 3;

/// Above what a cook needs.
#[rustfmt::skip]
const INGREDIENTS: &[&str] = &[
    "ingredients", "zutaten", "ingrédients", "ingrediënten", "ingredientes", "ingredienti", "składniki", "ingredience", "suroviny",
    "ingredienser", "ainekset", "ингредиенты", "hozzávalók", "malzemeler", "υλικά",
];

/// Whether most lines are entries: results, forecasts, horoscopes, minutes of a ticker, turns of a transcript, the parts of a recipe.
pub(super) fn is_list(paragraphs: &[String]) -> bool {
    let lines = || paragraphs.iter().flat_map(|paragraph| paragraph.lines());
    if lines().any(announces_ingredients) {
        return true;
    }
    let long = || lines().filter(|line| words::count(line) >= ENTRY_WORDS);
    let entries = long().filter(|line| is_labelled(line) || is_numbered(line) || has_score(line)).count();
    entries >= FEWEST_ENTRIES && entries * 3 >= long().count() * 2
}

/// The paragraphs before the first question of an interview; all of any other text.
pub(super) fn before_interview(paragraphs: &[String], language: Language) -> &[String] {
    let own: &[&str] = first_person(language);
    let speaks = |paragraph: &String| {
        !paragraph.contains(['"', '“', '„', '«', '»', '”'])
            && paragraph
                .split(|c: char| !c.is_alphabetic())
                .any(|word| own.contains(&word) || own.contains(&word.to_lowercase().as_str()))
    };
    let asks = |paragraph: &String| sentences::is_question(paragraph);
    let turns = paragraphs.array_windows().filter(|[above, below]| asks(above) && !asks(below));
    let (asked, answered) =
        turns.fold((0, 0), |(asked, answered), [_, below]| (asked + 1, answered + usize::from(speaks(below))));
    let is_interview = asked >= FEWEST_QUESTIONS && answered * 2 >= asked;
    let first = paragraphs.iter().position(asks).filter(|_| is_interview);
    &paragraphs[..first.unwrap_or(paragraphs.len())]
}

fn announces_ingredients(line: &str) -> bool {
    let word = line.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let rest = line[word.len()..].trim_start();
    INGREDIENTS.contains(&word.to_lowercase().as_str()) && (rest.is_empty() || rest.starts_with([':', '(']))
}

/// "Brevan: sunny, high 14", "Aries (March 21 – April 19): …", "HALE: …".
fn is_labelled(line: &str) -> bool {
    let Some(end) = line.find([':', '：']).filter(|end| *end <= LABEL) else { return false };
    let (label, rest) = (&line[..end], &line[end..]);
    let name = label.split('(').next().unwrap_or_default();
    let spaced = rest.starts_with('：') || rest[1..].starts_with(char::is_whitespace);
    spaced && label.starts_with(char::is_alphabetic) && (1..=LABEL_WORDS).contains(&name.split_whitespace().count())
}

/// "10:45 Trains…", "10.45 Uhr: …", "10h45 …", "3) …", "3. …".
fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_short = (1..=2).contains(&(line.len() - rest.len()));
    let Some(behind) = rest.trim_start().strip_prefix([':', '.', 'h', ')']) else { return false };
    is_short && behind.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(char::is_whitespace)
}

/// "3-1", "2–2", "3:1", with few words about it: who tells of one match names the score as well.
fn has_score(line: &str) -> bool {
    words::count(line) <= RESULT_WORDS
        && line.split_whitespace().any(|word| {
            let word = word.trim_matches(|c: char| !c.is_ascii_digit());
            word.split_once(['-', '–', ':']).is_some_and(|(a, b)| {
                [a, b].iter().all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit()))
            })
        })
}

/// What who speaks of themselves says, in small letters but for the English "I".
fn first_person(language: Language) -> &'static [&'static str] {
    match language.code() {
        "en" => &["I", "we", "my", "our", "me"],
        "fr" => &["je", "j", "nous", "notre", "nos", "mon", "mes"],
        "de" => &["ich", "wir", "mich", "uns", "mir", "mein", "meine", "unser", "unsere"],
        "nl" => &["ik", "we", "wij", "mijn", "onze", "ons"],
        "es" => &["yo", "nosotros", "me", "mi", "nos", "nuestro", "nuestra"],
        "it" => &["io", "noi", "mi", "mio", "mia", "nostro", "nostra"],
        "pt" => &["eu", "nós", "me", "meu", "minha", "nosso", "nossa"],
        "sv" | "da" | "no" | "nb" | "nn" => &["jag", "jeg", "vi", "vår", "vores", "mig", "meg"],
        "pl" => &["ja", "my", "mnie", "nas", "nasz", "nam"],
        "cs" | "sk" => &["já", "ja", "my", "nás", "náš", "nám"],
        "ru" => &["я", "мы", "мне", "нас", "наш", "нам"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn entries_of_a_list_are_told_from_paragraphs() {
        for (list, lines) in [
            (
                true,
                [
                    "Brevan: sunny, high 14, low 3, wind west.",
                    "Colmer: cloudy, high 12, low 4, wind north.",
                    "Norwick: fog, high 9, low 1, no wind.",
                ],
            ),
            (
                true,
                [
                    "Bélier : un ami vous apporte de bonnes nouvelles.",
                    "Taureau : prenez du temps pour votre famille.",
                    "Gémeaux : parlez sans attendre, on vous écoute.",
                ],
            ),
            (
                true,
                [
                    "Widder (21. März – 19. April): Ein Freund bringt heute Glück.",
                    "Stier (20. April – 20. Mai): Heute bleibt Zeit für alle.",
                    "Zwillinge (21. Mai – 21. Juni): Ideen sind heute willkommen.",
                ],
            ),
            (
                true,
                [
                    "10:45 Trains are cancelled until noon on Tuesday.",
                    "10:30 The fire brigade pumped out forty cellars.",
                    "09:50 Schools will remain closed on Wednesday.",
                ],
            ),
            (
                true,
                [
                    "10.45 Uhr: Die Züge fallen bis Mittag aus.",
                    "10.30 Uhr: Die Feuerwehr pumpt vierzig Keller leer.",
                    "9.50 Uhr: Die Schulen bleiben am Mittwoch zu.",
                ],
            ),
            (
                true,
                [
                    "10h45 Les trains sont annulés jusqu'à midi.",
                    "10 h 30 Les pompiers ont vidé quarante caves.",
                    "9h50 Les écoles restent fermées mercredi.",
                ],
            ),
            (
                true,
                [
                    "Brevan United beat Colmer Town 3-1 at home.",
                    "Norwick City drew 0–0 with Port Athletic on Saturday.",
                    "Langley lost 2:4 to Danton Park at home.",
                ],
            ),
            (
                true,
                [
                    "HALE: We have no plan to raise the fare.",
                    "BROOK: The passengers do not believe a word.",
                    "HALE: The council pays a third of it.",
                ],
            ),
            (
                true,
                [
                    "Zutaten: 500 g Kartoffeln, 2 Stangen Lauch",
                    "Den Lauch waschen und in feine Ringe schneiden.",
                    "Die Suppe fein pürieren und kräftig abschmecken.",
                ],
            ),
            (
                false,
                [
                    "The council closes the bridge: it has cracks.",
                    "4,000 people signed within a week against it.",
                    "The mayor answers: “We cannot wait any longer.”",
                ],
            ),
            (
                false,
                [
                    "United won 3-1 at Colmer on Saturday evening.",
                    "Hale scored twice in the second half of the match.",
                    "The coach praised the young defenders afterwards.",
                ],
            ),
            (
                false,
                [
                    "3 mai : le pont ferme aux camions pour six mois.",
                    "Le conseil a voté mardi soir les travaux du pont.",
                    "Les ingrédients d'une crise sont réunis, dit le maire.",
                ],
            ),
        ] {
            assert_eq!(is_list(&paragraphs(&lines)), list, "{lines:?}");
        }
    }

    #[test]
    fn of_an_interview_only_what_stands_before_it_is_told() {
        let check = |language: &str, asked: [&str; 3], answers: [&str; 3], told: usize| {
            let turns = asked.iter().zip(answers).flat_map(|(asked, answer)| [*asked, answer]);
            let text = paragraphs(
                &["Ann Hale leads the ferries.", "She speaks here of fares."]
                    .into_iter()
                    .chain(turns)
                    .collect::<Vec<_>>(),
            );
            assert_eq!(before_interview(&text, language.parse().expect("a tag")).len(), told, "{language} {answers:?}");
        };
        let english = ["Will the fare rise?", "How many boats do you need?", "And the night ferry?"];
        check(
            "en",
            english,
            ["We have no plan to raise it.", "Six would be good.", "I hope that it returns in June."],
            2,
        );
        // An explanation under headings that ask is the newspaper's own.
        check(
            "en",
            english,
            ["The council decides in May.", "The timetable needs six.", "It returns, “we hope”, in June."],
            8,
        );
        let german = ["Steigt der Preis?", "Wie viele Boote brauchen Sie?", "Und die Nachtfähre?"];
        check("de", german, ["Wir haben das nicht vor.", "Sechs wären gut.", "Ich hoffe, dass sie im Juni fährt."], 2);
        let french = ["Le prix va-t-il monter ?", "Combien de bateaux ?", "Et le bac de nuit ?"];
        check(
            "fr",
            french,
            ["Nous n'en avons pas l'intention.", "Six seraient bien.", "J'espère qu'il revient en juin."],
            2,
        );
        let spanish = ["¿Subirá el precio?", "¿Cuántos barcos?", "¿Y el ferri nocturno?"];
        check(
            "es",
            spanish,
            ["No nos parece necesario.", "Seis estarían bien.", "Me gustaría que volviera en junio."],
            2,
        );
    }
}
