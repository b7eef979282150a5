//! Cuts a paragraph into sentences, by the habits of its language.
//! It does not judge sentences; that is `key_points`.

mod abbreviations;

#[cfg(test)]
mod tests;

use super::language::Language;

/// Splits one paragraph into its sentences, verbatim slices without outer white space.
///
/// A full stop ends a sentence unless it belongs to an abbreviation, an initial, a number or an ordinal. Closing quotes
/// stay with their sentence, French ones with the no-break space before them. Joined again with the space between them,
/// the sentences are the paragraph.
pub fn split(paragraph: &str, language: Language) -> Vec<&str> {
    let chars: Vec<(usize, char)> = paragraph.char_indices().collect();
    let mut sentences = Vec::new();
    let mut begin = 0;
    let mut i = 0;
    let mut depth = Depth::of(&chars);
    while i < chars.len() {
        let (_, c) = chars[i];
        depth.read(c);
        if !is_terminator(c, language) {
            i += 1;
            continue;
        }
        let mut end = i + 1;
        while end < chars.len() && is_terminator(chars[end].1, language) {
            end += 1;
        }
        let after_quotes = skip_closing(&chars, end, &mut depth);
        let closed = after_quotes > end;
        let outside = depth.corners == 0 && (depth.brackets == 0 || closed);
        if ends_here(&chars, begin, i, end, after_quotes, language) && outside {
            let stop = chars.get(after_quotes).map_or(paragraph.len(), |(at, _)| *at);
            push_trimmed(&mut sentences, &paragraph[chars[begin].0..stop]);
            begin = after_quotes;
            while begin < chars.len() && chars[begin].1.is_whitespace() {
                begin += 1;
            }
            depth.brackets = 0;
            i = begin;
        } else {
            i = after_quotes.max(i + 1);
        }
    }
    if let Some((at, _)) = chars.get(begin) {
        push_trimmed(&mut sentences, &paragraph[*at..]);
    }
    sentences
}

fn push_trimmed<'t>(sentences: &mut Vec<&'t str>, slice: &'t str) {
    let slice = slice.trim();
    if !slice.is_empty() {
        sentences.push(slice);
    }
}

/// Whether a sentence states something: it ends in a stop, and neither asks nor breaks off.
pub(super) fn is_statement(sentence: &str) -> bool {
    let end = sentence.trim_end_matches(|c: char| c.is_whitespace() || is_closing(c));
    let words = end.trim_end_matches(ends_sentence);
    let marks = &end[words.len()..];
    marks.contains(states) && !marks.contains(['…', '‥']) && !marks.contains("...") && !is_question(sentence)
}

/// Whether a text ends in a question, in any script.
pub(super) fn is_question(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || is_closing(c) || matches!(c, '*' | '_'));
    let words = end.trim_end_matches(ends_sentence).trim_end_matches([';', '\u{37e}']);
    let marks = &end[words.len()..];
    // Japanese asks with its last syllable, Armenian above the word that is asked for.
    marks.contains(asks) || (marks.starts_with('。') && words.ends_with('か')) || text.contains('՞')
}

fn states(c: char) -> bool {
    matches!(c, '.' | '!' | '。' | '｡' | '！' | '।' | '॥' | '۔' | '։' | '።' | '။' | '។' | '‼')
}

fn asks(c: char) -> bool {
    matches!(c, '?' | '？' | '؟' | '፧' | '⁇' | '⁈' | '⁉' | ';' | '\u{37e}')
}

/// Marks that end a sentence in any language.
fn ends_sentence(c: char) -> bool {
    states(c) || matches!(c, '…' | '‥') || (asks(c) && c != ';')
}

fn is_terminator(c: char, language: Language) -> bool {
    // What parts the clauses of others is the question mark of Greek.
    ends_sentence(c) || (c == ';' && language.code() == "el")
}

fn is_wide(c: char) -> bool {
    matches!(c, '。' | '｡' | '！' | '？' | '။')
}

/// Closing marks that belong to the sentence that ends before them.
pub(super) fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | '“' | '‘' | '«' | ')' | ']' | '」' | '』' | '）' | '］' | '›' | '‹')
}

/// A small letter of a script that has capitals in running text; Georgian has them for headlines alone.
pub(super) fn is_small(c: char) -> bool {
    c.is_lowercase() && !matches!(c, '\u{10d0}'..='\u{10ff}')
}

/// Brackets and corner quotes that are open.
struct Depth {
    brackets: u32,
    corners: u32,
    /// Whether every corner quote of the paragraph closes.
    paired: bool,
}

impl Depth {
    fn of(chars: &[(usize, char)]) -> Self {
        let count = |marks: [char; 2]| chars.iter().filter(|(_, c)| marks.contains(c)).count();
        Self { brackets: 0, corners: 0, paired: count(['「', '『']) == count(['」', '』']) }
    }

    fn read(&mut self, c: char) {
        match c {
            '(' | '[' => self.brackets += 1,
            ')' | ']' => self.brackets = self.brackets.saturating_sub(1),
            '「' | '『' if self.paired => self.corners += 1,
            '」' | '』' => self.corners = self.corners.saturating_sub(1),
            _ => {}
        }
    }
}

/// Past the closing quotes after a terminator, a French no-break space before `»` included.
fn skip_closing(chars: &[(usize, char)], from: usize, depth: &mut Depth) -> usize {
    let mut at = from;
    loop {
        match chars.get(at).map(|(_, c)| *c) {
            Some(c) if is_closing(c) => {
                depth.read(c);
                at += 1;
            }
            Some(' ' | '\u{a0}' | '\u{202f}' | '\u{2009}') if chars.get(at + 1).is_some_and(|(_, c)| *c == '»') => {
                at += 2;
            }
            _ => return at,
        }
    }
}

/// Whether the run of terminators `at..end` ends a sentence that began at `begin`.
fn ends_here(chars: &[(usize, char)], begin: usize, at: usize, end: usize, after: usize, language: Language) -> bool {
    let Some((_, next)) = chars.get(after) else { return true };
    if is_wide(chars[end - 1].1) {
        // “…！”市长说。「…。」と話した。: who said it follows.
        let called = after > end && matches!(chars[end - 1].1, '！' | '？') && next.is_alphanumeric();
        return after == end
            || !(called || matches!(next, 'と' | 'っ' | 'な' | 'の' | 'は' | 'が' | 'を' | 'に' | 'も'));
    }
    if !next.is_whitespace() {
        return false;
    }
    let mut opener = after;
    while chars.get(opener).is_some_and(|(_, c)| c.is_whitespace() || is_opening(*c) || *c == '’') {
        opener += 1;
    }
    let Some((_, first)) = chars.get(opener) else { return true };
    if !first.is_alphanumeric() && !matches!(first, '#' | '@' | '€' | '$' | '£') {
        return false;
    }
    if is_small(*first) && !opens_though_small(chars, opener) {
        return false;
    }
    let single_stop = end - at == 1 && chars[at].1 == '.';
    !(single_stop && after == end && belongs_to_word(chars, begin, at, opener, language))
}

/// "iPhone", and the Dutch "'s Avonds" and "'t Is", whose capital comes later.
fn opens_though_small(chars: &[(usize, char)], at: usize) -> bool {
    let char_at = |at: usize| chars.get(at).map(|(_, c)| *c);
    let capital = |at: usize| char_at(at).is_some_and(char::is_uppercase);
    let cut_word =
        at > 0 && matches!(char_at(at - 1), Some('\'' | '’' | '‘')) && char_at(at + 1).is_some_and(char::is_whitespace);
    capital(at + 1) || (cut_word && capital(at + 2))
}

fn is_opening(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '„'
            | '‘'
            | '«'
            | '»'
            | '‚'
            | '('
            | '['
            | '–'
            | '—'
            | '-'
            | '•'
            | '¿'
            | '¡'
            | '›'
            | '‹'
    )
}

/// Whether the full stop at `at` is part of the word before it: an abbreviation, an initial, an ordinal.
fn belongs_to_word(chars: &[(usize, char)], begin: usize, at: usize, next: usize, language: Language) -> bool {
    let mut from = at;
    let in_word = |at: usize| chars[at].1 == '\'' && at > begin && chars[at - 1].1.is_alphanumeric();
    let goes_on = |c: char| !c.is_whitespace() && !is_opening(c);
    while from > begin && (goes_on(chars[from - 1].1) || in_word(from - 1)) {
        from -= 1;
    }
    let word: String = chars[from..at].iter().map(|(_, c)| *c).collect();
    if word.is_empty() {
        return false;
    }
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let first_of_sentence = from == begin;
    if word.chars().all(|c| c.is_ascii_digit()) {
        let ordinal = word.len() <= 2 && abbreviations::ordinal_dot(language);
        return (first_of_sentence && word.len() <= 2)
            || (ordinal && !abbreviations::opens_sentence(&word_at(chars, next)));
    }
    // "J. K. Rowling", "U.S. Senate": a lone capital, or capitals with stops between, before a capital.
    let capitals = word.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_uppercase));
    if letters > 0 && capitals {
        let opener = word_at(chars, next);
        if first_of_sentence && letters == 1 {
            return true;
        }
        // "Vitamin C. That is…", "World War I. In 1920…"; but "J. De Wit", "J. A. Holt".
        let of_name = letters == 1
            && abbreviations::is_of_names(&opener)
            && (!matches!(word.as_str(), "I" | "O") || opener == "A");
        return of_name || !abbreviations::opens_sentence(&opener);
    }
    // "L’art. 3", "dell’on. Bassi"; but "wie’s".
    let word = word.rsplit(['’', '\'']).next().filter(|rest| rest.chars().count() > 1).unwrap_or(&word);
    // "z. B.", "p. 3": a lone small letter is short for something.
    let lone = letters == 1 && word.chars().count() == 1 && word.chars().all(char::is_lowercase);
    // "No. 4", but not "No. The pier…".
    let answer = word.eq_ignore_ascii_case("no") && !chars[next].1.is_numeric();
    lone || (!answer && abbreviations::is_abbreviation(word, language) && !ends_after(word, chars, next))
}

/// "at 5 p.m. The mayor…", "Äpfel usw. Der Rest…", "l’histoire de l’art. Le musée…": what often stands last, before a word that opens.
fn ends_after(word: &str, chars: &[(usize, char)], next: usize) -> bool {
    let opener = word_at(chars, next);
    abbreviations::stands_last(word) && abbreviations::opens_sentence(&opener)
}

fn word_at(chars: &[(usize, char)], at: usize) -> String {
    chars[at..].iter().map(|(_, c)| *c).take_while(|c| c.is_alphabetic() || *c == '’' || *c == '\'').collect()
}
