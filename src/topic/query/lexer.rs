//! Cuts the typed filter into tokens: brackets, operators, fields, words, quotations.
//! It does not know precedence and does not build a tree.

use std::ops::Range;

use super::error::{Problem, QueryError};
use super::{FARTHEST, MOST_BYTES, Scope};
use crate::topic::analyze::units;

/// One token and where it stands in the input, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) at: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Close,
    And,
    Or,
    /// `NOT`, `!` or `-`.
    Not,
    Near {
        distance: u32,
        ordered: bool,
    },
    Field(FieldName),
    /// A word as typed, escapes resolved.
    Word {
        text: String,
        exact: bool,
        prefix: bool,
        /// Typed with `+`, or in capitals: kept even where it is a stop word.
        kept: bool,
    },
    /// What stands between quotation marks, and the distance of `"a b"~n`.
    Quoted {
        text: String,
        exact: bool,
        slop: Option<u32>,
    },
}

/// What can stand before a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldName {
    Text(Scope),
    Site,
    Lang,
}

impl FieldName {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text(scope) => scope.name(),
            Self::Site => "site",
            Self::Lang => "lang",
        }
    }

    /// Names of ours, and those of other services that mean the same.
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "title" | "intitle" | "headline" | "titre" | "titel" => Self::Text(Scope::Title),
            "lead" | "standfirst" => Self::Text(Scope::Lead),
            "body" | "intext" | "inbody" | "content" => Self::Text(Scope::Body),
            "author" | "auteur" | "autor" => Self::Text(Scope::Author),
            "cat" | "category" | "tag" => Self::Text(Scope::Category),
            "feed" => Self::Text(Scope::Feed),
            "site" | "domain" | "host" | "domainurl" => Self::Site,
            "lang" | "language" => Self::Lang,
            _ => return None,
        })
    }
}

/// Fields of other services and what to write instead.
const FOREIGN_FIELDS: [(&str, &str); 14] = [
    ("allintitle", "write the words in brackets: `title:(budget ville)`"),
    ("allintext", "write the words in brackets: `body:(budget ville)`"),
    ("inurl", "addresses are not searched; `site:example.org` asks for a site"),
    ("allinurl", "addresses are not searched; `site:example.org` asks for a site"),
    ("url", "addresses are not searched; `site:example.org` asks for a site"),
    ("source", "write `site:example.org` for a site, or `feed:name` for a feed"),
    ("sourcetype", "leave it out: every source here is a feed"),
    ("sourcecountry", "write `site:fr` for sites that end in .fr, or `lang:fr` for a language"),
    ("location", "leave it out, or write the place as a word"),
    ("filetype", "leave it out: only articles are searched"),
    ("before", "leave it out: a filter looks at new articles only"),
    ("after", "leave it out: a filter looks at new articles only"),
    ("related", "leave it out, and write the words you want to follow"),
    ("cache", "leave it out"),
];

/// Operators in the languages of our readers, and what they are here.
const FOREIGN_OPERATORS: [(&str, &str); 9] = [
    ("OU", "OR"),
    ("ODER", "OR"),
    ("SAUF", "NOT"),
    ("NICHT", "NOT"),
    ("NIET", "NOT"),
    ("OHNE", "NOT"),
    ("SANS", "NOT"),
    ("XOR", "OR"),
    ("WITHOUT", "NOT"),
];

/// The same for words that are also written in capitals within a filter all in capitals (`BANK OF ENGLAND`).
const FOREIGN_CONJUNCTIONS: [(&str, &str); 4] = [("ET", "AND"), ("UND", "AND"), ("EN", "AND"), ("OF", "OR")];

pub(super) struct Lexer<'a> {
    input: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

type Lexed<T> = Result<T, QueryError>;

/// All tokens of the input. Linear in its length.
pub(super) fn tokens(input: &str, most_bytes: usize) -> Lexed<Vec<Token>> {
    if input.len() > most_bytes {
        return Err(too_long(input));
    }
    let mut lexer = Lexer { input, at: 0, tokens: Vec::new() };
    while let Some(c) = lexer.peek() {
        lexer.token(c)?;
    }
    Ok(lexer.tokens)
}

pub(super) fn too_long(input: &str) -> QueryError {
    let at = (0..=MOST_BYTES).rev().find(|at| input.is_char_boundary(*at)).unwrap_or(0);
    let remedy = "make it shorter, or make two filters of it; what is behind the caret is too much";
    QueryError::new(input, at..at, Problem::TooLong(input.len()), remedy)
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, length: usize, kind: TokenKind) {
        self.tokens.push(Token { kind, at: self.at..self.at + length });
        self.at += length;
    }

    fn error<T>(&self, at: Range<usize>, problem: Problem, remedy: impl Into<String>) -> Lexed<T> {
        Err(QueryError::new(self.input, at, problem, remedy))
    }

    /// The character after the one at the cursor.
    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn token(&mut self, c: char) -> Lexed<()> {
        let after = self.second();
        let before_word = after.is_some_and(|next| !next.is_whitespace() && !matches!(next, ')' | '-'));
        match c {
            '(' => self.push(1, TokenKind::Open),
            ')' => self.push(1, TokenKind::Close),
            '|' => self.push(if after == Some('|') { 2 } else { 1 }, TokenKind::Or),
            '&' if after == Some('&') => self.push(2, TokenKind::And),
            '!' if before_word && after != Some('!') => self.push(1, TokenKind::Not),
            '-' | '−' | '–' if before_word => self.push(c.len_utf8(), TokenKind::Not),
            '-' | '−' | '–' => {
                let remedy = "write `-word` without a space to leave a word out, or leave the dash away";
                return self.error(self.at..self.at + c.len_utf8(), Problem::LoneDash, remedy);
            }
            '[' | '{' => {
                let remedy = "leave them out: there are no ranges of values to choose from";
                return self.error(self.at..self.at + 1, Problem::NotUnderstood("ranges"), remedy);
            }
            '=' | '+' if before_word && !after.is_some_and(|next| matches!(next, '=' | '+')) => {
                self.at += 1;
                return self.operand(c == '=', c == '+');
            }
            '/' if self.rest()[1..].contains('/') && before_word => {
                let remedy = "write the words themselves, or a beginning such as `climat*`";
                return self.error(self.at..self.at + 1, Problem::NotUnderstood("regular expressions"), remedy);
            }
            c if c.is_whitespace() || (is_loose(c) && !matches!(c, '*' | '\\')) => self.at += c.len_utf8(),
            _ => return self.operand(false, false),
        }
        Ok(())
    }

    /// A word, a quotation, a field or an operator in letters; after `=` or `+` no operator.
    fn operand(&mut self, exact: bool, kept: bool) -> Lexed<()> {
        match self.peek() {
            Some(open) if closing(open).is_some() => self.quoted(open, exact),
            Some('(') => Ok(()),
            _ => {
                if !exact && !kept && (self.field()? || self.operator()?) {
                    return Ok(());
                }
                self.word(exact, kept)
            }
        }
    }

    fn field(&mut self) -> Lexed<bool> {
        let rest = self.rest();
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        if letters == 0 || !rest[letters..].starts_with(':') {
            return Ok(false);
        }
        let name = rest[..letters].to_ascii_lowercase();
        let value = &rest[letters + 1..];
        let at = self.at..self.at + letters + 1;
        let after_site = matches!(self.tokens.last(), Some(Token { kind: TokenKind::Field(FieldName::Site), .. }));
        if matches!(name.as_str(), "http" | "https" | "ftp") && value.starts_with("//") {
            if after_site {
                return Ok(false);
            }
            let host = value[2..].split(['/', '?', '#', ')', ' ']).next().unwrap_or_default();
            let host = host.strip_prefix("www.").unwrap_or(host);
            let remedy = format!("write `site:{host}` for articles of that site");
            return self.error(at, Problem::NotUnderstood("addresses"), remedy);
        }
        if let Some(field) = FieldName::from_name(&name) {
            self.push(letters + 1, TokenKind::Field(field));
            return Ok(true);
        }
        let known = FOREIGN_FIELDS.iter().find(|(foreign, _)| *foreign == name);
        if known.is_none() && !value.starts_with(|c: char| !c.is_whitespace() && c != ')') {
            return Ok(false);
        }
        let remedy = known.map_or_else(|| fields_are(&name), |(_, remedy)| (*remedy).to_owned());
        self.error(at, Problem::UnknownField(name), remedy)
    }

    fn operator(&mut self) -> Lexed<bool> {
        let rest = self.rest();
        if let Some((length, ours)) = foreign_near(rest) {
            let problem = Problem::ForeignOperator(rest[..length].to_owned());
            let remedy = format!("write `{ours}`, or put it in quotation marks if it is text");
            return self.error(self.at..self.at + length, problem, remedy);
        }
        let length = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let name = &rest[..length];
        let ends = !rest[length..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '&' | '\'' | '’'));
        match name {
            "AND" if ends => self.push(length, TokenKind::And),
            "OR" if ends => self.push(length, TokenKind::Or),
            "NOT" if ends => self.push(length, TokenKind::Not),
            "NEAR" | "ONEAR" if ends => return self.near(length, '/'),
            "AROUND" if rest[length..].starts_with('(') => return self.near(length, '('),
            _ if ends => match self.foreign_operator(name) {
                Some((foreign, ours)) => {
                    let remedy =
                        format!("write {ours}, or write `{}` in small letters if it is a word", name.to_lowercase());
                    let problem = Problem::ForeignOperator((*foreign).to_owned());
                    return self.error(self.at..self.at + length, problem, remedy);
                }
                None => return Ok(false),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn near(&mut self, name: usize, sign: char) -> Lexed<bool> {
        let rest = self.rest();
        let ordered = rest.starts_with('O');
        let digits = rest[name..].strip_prefix(sign).unwrap_or_default();
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let closes = usize::from(sign == '(');
        let distance = digits[..count].parse().ok().filter(|distance| *distance <= FARTHEST);
        let closed = closes == 0 || digits[count..].starts_with(')');
        match distance {
            Some(distance) if closed => self.push(name + 1 + count + closes, TokenKind::Near { distance, ordered }),
            _ => {
                let written = if ordered { "ONEAR" } else { "NEAR" };
                let remedy = format!("write `{written}/5` for at most five words in between");
                let length = name + usize::from(count > 0) * (1 + count);
                return self.error(self.at..self.at + length, Problem::NearDistance, remedy);
            }
        }
        Ok(true)
    }

    /// What an operator of another language is here.
    fn foreign_operator(&self, name: &str) -> Option<&'static (&'static str, &'static str)> {
        let between = !self.tokens.is_empty() && self.input.contains(char::is_lowercase);
        let conjunctions = FOREIGN_CONJUNCTIONS.iter().filter(|_| between);
        FOREIGN_OPERATORS.iter().chain(conjunctions).find(|(foreign, _)| *foreign == name)
    }

    fn word(&mut self, exact: bool, kept: bool) -> Lexed<()> {
        let start = self.at;
        let mut text = String::new();
        let mut star = false;
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.at += 1;
                if let Some(escaped) = self.peek() {
                    text.push(escaped);
                    self.at += escaped.len_utf8();
                }
                continue;
            }
            let list = matches!(c, ',' | ';') && !self.second().is_some_and(|next| next.is_ascii_digit());
            let ends = c.is_whitespace() || matches!(c, '(' | ')' | '|') || closing(c).is_some();
            if ends || list || (c == '&' && self.second() == Some('&')) {
                break;
            }
            let here = self.at..self.at + c.len_utf8();
            match c {
                '.' if self.is_range(&text) => {
                    let remedy = "leave it out: there are no ranges of values to choose from";
                    return self.error(start..self.at + 2, Problem::NotUnderstood("ranges"), remedy);
                }
                '*' => star = self.star(&text, star)?,
                '^' | '~' => {
                    self.suffix(c)?;
                    continue;
                }
                '?' if self.second().is_some_and(char::is_alphanumeric) => {
                    let remedy = format!("write a beginning such as `{}*`, or the spellings with OR", beginning(&text));
                    return self.error(here, Problem::OneLetterWildcard, remedy);
                }
                c if star && c.is_alphanumeric() => {
                    let remedy = format!("write `{}*`", beginning(&text));
                    return self.error(here, Problem::Wildcard, remedy);
                }
                c => text.push(c),
            }
            self.at += c.len_utf8();
        }
        let capitals = text.chars().filter(|c| c.is_uppercase()).count() > 1 && !text.chars().any(char::is_lowercase);
        let kind = TokenKind::Word { text, exact, prefix: star, kept: kept || capitals };
        self.tokens.push(Token { kind, at: start..self.at });
        Ok(())
    }

    /// Whether `text` and what is at the cursor are a range of numbers: `2010..2020`.
    fn is_range(&self, text: &str) -> bool {
        let behind = self.rest().strip_prefix("..").unwrap_or_default();
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '€' | '$' | '£');
        !text.is_empty() && text.chars().all(is_number) && behind.starts_with(is_number)
    }

    /// A star at the cursor, behind `text`.
    fn star(&self, text: &str, again: bool) -> Lexed<bool> {
        if text.is_empty() || again {
            let remedy = "write at least three letters before `*`, or `a NEAR/3 b` for any words in between";
            return self.error(self.at..self.at + 1, Problem::Wildcard, remedy);
        }
        Ok(true)
    }

    /// `^2` says nothing about whether an article matches and is passed over; `~` is refused.
    fn suffix(&mut self, sign: char) -> Lexed<()> {
        let digits = self.rest()[1..].bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        if sign == '~' {
            let remedy = "write a beginning such as `climat*`, or the spellings with OR";
            return self.error(self.at..self.at + 1 + digits, Problem::Fuzzy, remedy);
        }
        self.at += 1 + digits;
        Ok(())
    }

    fn quoted(&mut self, open: char, exact: bool) -> Lexed<()> {
        let start = self.at;
        self.at += open.len_utf8();
        let closes = closing(open).unwrap_or(&['"']);
        let mut text = String::new();
        loop {
            match self.peek() {
                None => {
                    let shown = self.input[start + open.len_utf8()..].trim();
                    let remedy = format!("write `\"{}\"`", shown.chars().take(30).collect::<String>());
                    return self.error(start..start + open.len_utf8(), Problem::Unclosed(open), remedy);
                }
                Some('\\') => {
                    self.at += 1;
                    if let Some(escaped) = self.peek() {
                        text.push(escaped);
                        self.at += escaped.len_utf8();
                    }
                }
                Some(c) => {
                    self.at += c.len_utf8();
                    if closes.contains(&c) {
                        break;
                    }
                    text.push(c);
                }
            }
        }
        let slop = self.slop()?;
        if self.rest().starts_with('^') {
            self.suffix('^')?;
        }
        self.tokens.push(Token { kind: TokenKind::Quoted { text, exact, slop }, at: start..self.at });
        Ok(())
    }

    fn slop(&mut self) -> Lexed<Option<u32>> {
        let Some(digits) = self.rest().strip_prefix('~') else { return Ok(None) };
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        match digits[..count].parse() {
            Ok(slop) if slop <= FARTHEST => {
                self.at += 1 + count;
                Ok(Some(slop))
            }
            _ => {
                let remedy = "write `\"a b\"~5` or `a NEAR/5 b` for at most five words in between";
                self.error(self.at..self.at + 1 + count, Problem::NearDistance, remedy)
            }
        }
    }
}

/// How long the operator of press databases is that stands here (`w/5`, `PRE/3`), and what it is in our language.
fn foreign_near(rest: &str) -> Option<(usize, String)> {
    let (name, behind) = rest.split_once('/')?;
    let ours = match name.to_ascii_lowercase().as_str() {
        "w" | "n" | "within" => "NEAR",
        "pre" | "adj" => "ONEAR",
        _ => return None,
    };
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !behind[digits..].starts_with(char::is_alphanumeric);
    (digits > 0 && ends).then(|| (name.len() + 1 + digits, format!("{ours}/{}", &behind[..digits])))
}

/// Marks that can end a quotation begun with `open`; none where it does not begin one.
fn closing(open: char) -> Option<&'static [char]> {
    match open {
        '"' | '“' | '”' | '„' | '‟' | '＂' => Some(&['"', '“', '”', '„', '＂']),
        '«' => Some(&['»']),
        '»' => Some(&['«']),
        '‹' => Some(&['›']),
        '›' => Some(&['‹']),
        _ => None,
    }
}

/// Signs that mean nothing at the beginning of a word.
fn is_loose(c: char) -> bool {
    !c.is_alphanumeric() && !units::is_unspaced(c) && closing(c).is_none() && !units::SYMBOLS.contains(c)
}

fn beginning(text: &str) -> String {
    if text.chars().count() < 3 { "climat".into() } else { text.to_lowercase() }
}

fn fields_are(name: &str) -> String {
    const FIELDS: [&str; 8] = ["title", "lead", "body", "site", "feed", "author", "cat", "lang"];
    let close = FIELDS.iter().find(|field| strsim::damerau_levenshtein(field, name) <= 2);
    let meant = close.map(|field| format!("did you mean `{field}:`? ")).unwrap_or_default();
    format!(
        "{meant}the fields are {}; in quotation marks it is searched as text",
        FIELDS.map(|f| format!("{f}:")).join(" ")
    )
}
