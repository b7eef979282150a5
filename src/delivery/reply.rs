//! A relay's reply: its codes, and its text without what the books may not hold.
//! It does not say what the reply means.

use std::{fmt, str::FromStr};

/// An enhanced status code (RFC 3463), such as 5.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Enhanced {
    /// 2 success, 4 persistent transient, 5 permanent.
    pub class: u8,
    /// 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// The detail within the subject.
    pub detail: u16,
}

impl FromStr for Enhanced {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let number = |part: &str| -> Result<u16, ()> {
            if (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()) {
                part.parse().map_err(|_| ())
            } else {
                Err(())
            }
        };
        let mut parts = word.split('.');
        let (Some(class), Some(subject), Some(detail), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        let class = match class {
            "2" => 2,
            "4" => 4,
            "5" => 5,
            _ => return Err(()),
        };
        Ok(Self { class, subject: number(subject)?, detail: number(detail)? })
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Longest reply text that is kept, in characters: enough for a sentence, too short for a relay to fill a ledger with.
const REPLY_TEXT_MAX: usize = 300;

/// A full SMTP reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits, 200 to 599.
    pub code: u16,
    /// The enhanced code, where one leads the text and agrees with the reply code (RFC 2034, section 4).
    pub enhanced: Option<Enhanced>,
    /// The text without the enhanced code, on one line, without mail addresses and paths of links: it goes into the
    /// ledger and into logs, and neither may hold them.
    pub text: String,
}

impl Reply {
    /// From a reply's code and its lines joined by spaces.
    pub fn new(code: u16, text: &str) -> Self {
        let text = text.trim();
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        let enhanced = first.parse::<Enhanced>().ok().filter(|enhanced| u16::from(enhanced.class) == code / 100);
        let text = scrub(if enhanced.is_some() { rest } else { text });
        Self { code, enhanced, text }
    }

    /// Whether subject and detail are these, where the relay gives them.
    pub(super) fn is(&self, subject: u16, detail: u16) -> bool {
        self.enhanced.is_some_and(|e| e.subject == subject && e.detail == detail)
    }

    pub(super) fn subject(&self) -> Option<u16> {
        self.enhanced.map(|e| e.subject)
    }

    pub(super) fn says(&self, words: &[&str]) -> bool {
        let text = self.text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(enhanced) = self.enhanced {
            write!(f, " {enhanced}")?;
        }
        if self.text.is_empty() { Ok(()) } else { write!(f, " {}", self.text) }
    }
}

/// One line, bounded, with addresses and what follows a link's host taken out.
fn scrub(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(REPLY_TEXT_MAX));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        if word.contains('@') {
            out.push_str("<address>");
        } else if let Some(start) = word.find("://") {
            let host_at = start + 3;
            let host_end = word[host_at..].find('/').map_or(word.len(), |slash| host_at + slash);
            out.push_str(&word[..host_end]);
        } else {
            out.push_str(word);
        }
        if out.len() >= REPLY_TEXT_MAX {
            break;
        }
    }
    if let Some((cut, _)) = out.char_indices().nth(REPLY_TEXT_MAX) {
        out.truncate(cut);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_keeps_no_address_and_no_token() {
        let reply =
            Reply::new(550, "5.1.1 <claire@lecteur.example>:\r\n user unknown, see https://help.example/t/SECRET?x=1");
        assert_eq!(reply.enhanced, Some(Enhanced { class: 5, subject: 1, detail: 1 }));
        assert_eq!(reply.to_string(), "550 5.1.1 <address> user unknown, see https://help.example");
        assert!(Reply::new(250, &"é ".repeat(5000)).text.chars().count() <= REPLY_TEXT_MAX);
    }

    #[test]
    fn an_enhanced_code_that_contradicts_its_reply_is_text() {
        assert_eq!(Reply::new(250, "5.1.1 odd").enhanced, None);
        assert_eq!(Reply::new(550, "5.1 odd").enhanced, None);
        assert_eq!(Reply::new(550, "5.1.1000 odd").enhanced, None);
        assert_eq!(Reply::new(220, "mail.example ESMTP").to_string(), "220 mail.example ESMTP");
    }
}
