//! Follows quotations through the sentences of a paragraph: whether one is whole or a half of something said.
//! It knows the marks of many scripts; who speaks where no mark stands, `speech` says.

/// Words that begin with an apostrophe.
const ELISIONS: &[&str] =
    &["s", "t", "n", "k", "m", "em", "til", "tis", "twas", "cause", "round", "bout", "cos", "ve", "neath"];

/// Quotations open at one time; deeper nesting is noise.
const DEEPEST: usize = 8;

/// The quotations that are open, outermost first, each by the mark that opened it.
#[derive(Default)]
pub(super) struct Quotes {
    open: Vec<char>,
    /// A single quotation that an apostrophe may have closed: "the workers’ strike".
    perhaps_closed: bool,
}

impl Quotes {
    /// Reads the next sentence of a paragraph; whether every quotation in it begins and ends in it.
    pub(super) fn is_whole(&mut self, sentence: &str) -> bool {
        let begun_before = !self.open.is_empty();
        let mut torn = false;
        let mut before = None;
        let mut chars = sentence.chars().peekable();
        while let Some(c) = chars.next() {
            torn |= !self.read(c, before, chars.peek().copied(), || chars.clone());
            before = Some(c);
        }
        if self.perhaps_closed {
            self.open.retain(|c| !matches!(c, '‘' | '\''));
            self.perhaps_closed = false;
        }
        !begun_before && !torn && self.open.is_empty()
    }

    /// Reads one character; false where it closes what never opened.
    fn read<I: Iterator<Item = char>>(
        &mut self,
        c: char,
        before: Option<char>,
        after: Option<char>,
        rest: impl Fn() -> I,
    ) -> bool {
        let opened_before = before.is_none_or(|b| b.is_whitespace() || is_bracket_or_dash(b));
        let at_word = opened_before && after.is_some_and(begins_word);
        match c {
            '"' | '＂' => {
                // Inches: 27".
                let inches = before.is_some_and(|b| b.is_ascii_digit()) && !self.holds(&['"']);
                if !inches && !self.close(&['"', '„']) {
                    self.begin('"');
                }
                true
            }
            '„' | '「' | '『' | '《' | '〈' | '﹁' | '﹃' | '〝' => self.begin(c),
            '“' => {
                let closes = self.holds(&['„']) || (self.holds(&['“']) && !at_word);
                if !(closes && self.close(&['„', '“'])) {
                    self.begin('“');
                }
                true
            }
            '”' => self.close(&['“', '„', '”']) || (at_word && self.begin('”')),
            '«' | '‹' => self.close(&[reversed(c)]) || self.begin(c),
            '»' | '›' => self.close(&[reversed(c), c]) || (at_word && self.begin(c)),
            '」' => self.close(&['「']),
            '』' => self.close(&['『']),
            '》' => self.close(&['《']),
            '〉' => self.close(&['〈']),
            '‚' if at_word => self.begin('‚'),
            '‘' => {
                let opens = at_word && !after.is_some_and(|a| a.is_ascii_digit()) && !elided(rest());
                self.close(&['‚']) || !opens || self.begin('‘')
            }
            '\'' if at_word && before.is_none_or(|b| !b.is_ascii_digit()) && opens_word(after) && !elided(rest()) => {
                self.begin('\'')
            }
            '’' | '\'' if after.is_none_or(|a| !a.is_alphanumeric() || is_wide(a)) => self.read_apostrophe(before),
            _ => true,
        }
    }

    /// A closing single quote, or the apostrophe of a plural or of a cut word, which only the character before it tells.
    fn read_apostrophe(&mut self, before: Option<char>) -> bool {
        const SINGLE: &[char] = &['‘', '\'', '‚'];
        match before {
            Some('.' | ',' | '!' | '?' | '…' | ';') => {
                let was_open = self.close(SINGLE);
                std::mem::take(&mut self.perhaps_closed) || was_open
            }
            Some('s' | 'S') => {
                self.perhaps_closed |= self.holds(SINGLE);
                true
            }
            _ => {
                self.close(SINGLE);
                true
            }
        }
    }

    fn holds(&self, openers: &[char]) -> bool {
        self.open.iter().any(|c| openers.contains(c))
    }

    fn begin(&mut self, c: char) -> bool {
        if self.open.len() < DEEPEST {
            self.open.push(c);
        }
        true
    }

    /// Closes the innermost quotation that one of the marks opened, and all inside it.
    fn close(&mut self, openers: &[char]) -> bool {
        let Some(at) = self.open.iter().rposition(|c| openers.contains(c)) else { return false };
        self.open.truncate(at);
        true
    }
}

/// «…» and »…« are both in use.
fn reversed(c: char) -> char {
    match c {
        '«' => '»',
        '»' => '«',
        '‹' => '›',
        _ => '‹',
    }
}

fn is_bracket_or_dash(c: char) -> bool {
    matches!(c, '(' | '[' | '-' | '–' | '—' | '"' | '“' | '„' | '«' | '‘' | ':' | '/')
}

/// What a quotation can begin with: no space and no mark that ends one.
fn begins_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | ')' | ']' | '-' | '–' | '—')
}

/// Scripts without apostrophes, whose words follow a quotation without a space.
fn is_wide(c: char) -> bool {
    c >= '\u{1100}'
}

fn opens_word(after: Option<char>) -> bool {
    after.is_some_and(char::is_alphabetic)
}

/// Whether the word that follows an apostrophe is one that begins with it.
fn elided(rest: impl Iterator<Item = char>) -> bool {
    let word: String = rest.take_while(|c| c.is_alphanumeric()).take(8).collect::<String>().to_lowercase();
    ELISIONS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which sentences of a paragraph are whole.
    fn check(sentences: &[&str], expected: &[bool]) {
        let mut quotes = Quotes::default();
        let whole: Vec<bool> = sentences.iter().map(|sentence| quotes.is_whole(sentence)).collect();
        assert_eq!(whole, expected, "{sentences:?}");
    }

    #[test]
    fn a_quotation_over_several_sentences_makes_each_of_them_a_part() {
        let parts = [false, false, false, true];
        check(&["“We closed it.", "The pier moved.", "It was late,” she said.", "The port is open."], &parts);
        check(&["\"We closed it.", "The pier moved.", "It was late,\" she said.", "The port is open."], &parts);
        check(
            &["‘We closed it.", "The workers’ pier didn’t hold.", "It was late,’ she said.", "The port is open."],
            &parts,
        );
        check(&["'We closed it.", "The pier didn't hold.", "It was late,' she said.", "The port's open."], &parts);
        check(&["« Nous fermons.", "La pile a bougé.", "Il est tard », dit-elle.", "Le port est ouvert."], &parts);
        check(&["„Wir sperren.", "Der Pfeiler wankt.", "Es ist spät“, sagte sie.", "Der Hafen ist offen."], &parts);
        check(&["„Zamykamy.", "Filar się chwieje.", "Jest późno” – powiedziała.", "Port jest otwarty."], &parts);
        check(&["»Wir sperren.", "Der Pfeiler wankt.", "Es ist spät«, sagte sie.", "Der Hafen ist offen."], &parts);
        check(&["‚Wir sperren.", "Der Pfeiler wankt.", "Es ist spät‘, sagte sie.", "Der Hafen ist offen."], &parts);
        check(&["”Vi stänger.", "Pelaren rör sig.", "Det är sent”, sade hon.", "Hamnen är öppen."], &parts);
        check(&["»Vi stänger.", "Pelaren rör sig.", "Det är sent», sade hon.", "Hamnen är öppen."], &parts);
        check(&["「橋を閉じる。", "橋脚が動いた。", "もう遅い」と言った。", "港は開いている。"], &parts);
        check(&["『橋を閉じる。", "橋脚が動いた。", "もう遅い』と言った。", "港は開いている。"], &parts);
        check(&["“我们关闭了它。", "桥墩动了。", "很晚了”，她说。", "港口开放。"], &parts);
        check(&["«Мы закрыли мост.", "Опора сдвинулась.", "Было поздно», — сказала она.", "Порт открыт."], &parts);
    }

    #[test]
    fn marks_that_open_and_close_in_one_sentence_or_are_none_leave_it_whole() {
        for sentence in [
            "“We closed it,” she said, “and the pier moved.”",
            "She called it a ‘risk’ and the workers’ strike ‘late’.",
            "She called it a 'risk' and the workers' strike 'late'.",
            "The ’90s and the ‘90s were the port's best years.",
            "In de jaren '90 ging 's avonds 't licht uit.",
            "Rock 'n' roll came back, they told 'em.",
            "Es war ‚ein Risiko‘ und „kein ‚Zufall‘, wie es hieß“.",
            "Le « pont » et l’« autre pont » sont fermés.",
            "Er nannte es »ein Risiko« und »spät«.",
            "Hon kallade det ”en risk” och »sent».",
            "市は「橋は『危険』だ」と言った。",
            "报告《河桥》说“桥不安全”。",
            "A 27\" screen and a 6'2\" guard stand at the bridge.",
            "L'auto dell'amico è un po' vecchia.",
            "Дім'я стоїть, а м'яч лежить.",
            "Ha’penny Bridge and O’Connell Street don’t close.",
            "그는 마침내 ‘정권교체’라는 결실을 맺었다.",
            "In der 72.‘ fiel das Tor, nach 80’ das nächste.",
            "No marks at all.",
            "„Mieszane” i „niemieckie“ znaki, i „proste\".",
        ] {
            check(&[sentence, "The port is open."], &[true, true]);
        }
    }

    #[test]
    fn what_closes_without_having_opened_is_a_half() {
        for sentence in [
            "It was late,’ she said.",
            "It was late,' she said.",
            "It was late,” she said.",
            "Il est tard », dit-elle.",
            "Es ist spät‘ und „so“ weiter” sagte sie.",
            "もう遅い」と言った。",
        ] {
            check(&[sentence, "The port is open."], &[false, true]);
        }
    }
}
