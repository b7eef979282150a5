//! What a relay's reply means for one mail: final, to be tried again, and who is to blame.
//! It does not speak SMTP and does not count attempts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The step of an SMTP session (RFC 5321) in which something happened. The codes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(i16)]
pub enum Phase {
    /// Name look-up and TCP connection.
    Connect = 1,
    /// TLS handshake, implicit or after STARTTLS.
    Tls = 2,
    /// The relay's first line.
    Greeting = 3,
    /// EHLO.
    Ehlo = 4,
    /// STARTTLS.
    StartTls = 5,
    /// AUTH.
    Auth = 6,
    /// MAIL FROM.
    Mail = 7,
    /// RCPT TO.
    Rcpt = 8,
    /// DATA, before the first byte of the mail.
    Data = 9,
    /// The mail itself, before the final dot.
    Body = 10,
    /// The final dot was sent, or may have been.
    Dot = 11,
}

impl Phase {
    /// The word for logs, tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "TLS handshake",
            Self::Greeting => "greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "body",
            Self::Dot => "final dot",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

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
    fn is(&self, subject: u16, detail: u16) -> bool {
        self.enhanced.is_some_and(|e| e.subject == subject && e.detail == detail)
    }

    fn subject(&self) -> Option<u16> {
        self.enhanced.map(|e| e.subject)
    }

    fn says(&self, words: &[&str]) -> bool {
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

/// Who stands in the way of a mail that is to be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The mailbox or its domain: full, greylisted, away. Back off this mail alone.
    Recipient,
    /// This mail as it is. Back off this mail alone.
    Message,
    /// The relay, the way to it, or our standing there: the next mail would meet the same, so slow or stop this relay.
    Relay,
}

/// Why a mail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// No such mailbox or domain.
    NoSuchMailbox,
    /// The mailbox exists and takes no mail any more.
    MailboxDisabled,
    /// The mailbox is full, and the relay says for good.
    MailboxFull,
    /// The address cannot be written to: its syntax, or letters that the relay does not take.
    BadAddress,
    /// Larger than the relay or the mailbox takes.
    TooLarge,
    /// Refused by a rule of the receiver.
    Policy,
    /// The content was refused.
    Content,
    /// Refused without a reason that can be told.
    Refused,
}

impl Failure {
    /// Whether the address is dead: mailing it again is what ruins a sender's name.
    pub const fn is_hard_bounce(self) -> bool {
        matches!(self, Self::NoSuchMailbox | Self::MailboxDisabled)
    }

    /// The words for tables and logs.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoSuchMailbox => "no such mailbox",
            Self::MailboxDisabled => "mailbox disabled",
            Self::MailboxFull => "mailbox full",
            Self::BadAddress => "address cannot be written to",
            Self::TooLarge => "too large",
            Self::Policy => "refused by policy",
            Self::Content => "content refused",
            Self::Refused => "refused",
        }
    }
}

/// What is to be done with a mail after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The relay answers for it now.
    Accepted,
    /// Not taken yet; safe to try again.
    Retry(Blame),
    /// Not taken, for good.
    Failed(Failure),
    /// The relay may have it.
    InDoubt,
}

/// Reads a full reply. `phase` is the command it answers; [`Phase::Dot`] is the end of the mail.
///
/// Replies about the session or the sender never fail a mail: a wrong password would otherwise fail a whole list within
/// minutes. They blame the relay and the mail waits until it expires.
pub fn judge(phase: Phase, reply: &Reply) -> Verdict {
    match (reply.code, phase) {
        // The relay closes the connection whatever the command was (RFC 5321, 3.8).
        (421, _) => Verdict::Retry(Blame::Relay),
        (200..=299, Phase::Dot) => Verdict::Accepted,
        (400..=499, Phase::Rcpt | Phase::Data | Phase::Dot) => Verdict::Retry(deferral(phase, reply)),
        (500..=599, Phase::Mail) if is_too_large(reply) => Verdict::Failed(Failure::TooLarge),
        (500..=599, Phase::Mail) if reply.is(6, 7) => Verdict::Failed(Failure::BadAddress),
        (500..=599, Phase::Rcpt) => refusal_of_recipient(reply),
        (500..=599, Phase::Data | Phase::Dot) => refusal_of_mail(reply),
        // A positive reply other than the one that ends a mail, or no SMTP at all: after the dot nobody can tell.
        (_, Phase::Dot) => Verdict::InDoubt,
        _ => Verdict::Retry(Blame::Relay),
    }
}

fn is_too_large(reply: &Reply) -> bool {
    reply.is(3, 4) || reply.is(2, 3) || (reply.code == 552 && reply.enhanced.is_none())
}

fn deferral(phase: Phase, reply: &Reply) -> Blame {
    // 454 is what large relays say when their rate is exceeded; 4.3.x is the relay's own state, 4.4.2 its connection.
    if reply.code == 454 || reply.subject() == Some(3) || reply.is(4, 2) {
        return Blame::Relay;
    }
    match phase {
        Phase::Rcpt => Blame::Recipient,
        // After the mail, policy and limits are about how much we send, not about this mail.
        _ if reply.subject() == Some(7) || reply.is(5, 3) => Blame::Relay,
        _ if reply.subject() == Some(2) || reply.subject() == Some(1) => Blame::Recipient,
        _ => Blame::Message,
    }
}

/// How relays say that they do not relay for us: our configuration is wrong, not the recipient.
const RELAYING_DENIED: [&str; 9] = [
    "relay access",
    "relaying",
    "relay not",
    "relay denied",
    "to relay",
    "no relay",
    "authentication required",
    "must authenticate",
    "starttls",
];

/// How relays without enhanced codes say that nobody lives there. "Invalid recipient" and "mailbox unavailable" are not
/// among them: `OpenSMTPD` and others say so to a client they do not know as well, and whole lists would be taken for dead.
const NOBODY_THERE: [&str; 10] = [
    "user unknown",
    "unknown user",
    "recipient unknown",
    "unknown recipient",
    "no such",
    "not exist",
    "user not found",
    "recipient not found",
    "mailbox not found",
    "no mailbox",
];

fn refusal_of_recipient(reply: &Reply) -> Verdict {
    let session = Verdict::Retry(Blame::Relay);
    // Unrecognised, not implemented, bad sequence, authentication required: the session, not the address.
    if matches!(reply.code, 500 | 502 | 503 | 504 | 530 | 535 | 538) {
        return session;
    }
    let says_no_relay = reply.says(&RELAYING_DENIED);
    Verdict::Failed(match reply.enhanced.map(|e| (e.subject, e.detail)) {
        // 5.1.7 and 5.1.8 are about the sender's address.
        Some((1, 7 | 8)) => return session,
        Some((7, _)) | None if says_no_relay => return session,
        Some((1, 3) | (6, 7)) => Failure::BadAddress,
        // 5.4.4: no route to the domain.
        Some((1, _) | (4, 4)) => Failure::NoSuchMailbox,
        Some((2, 1)) => Failure::MailboxDisabled,
        Some((2, 2)) => Failure::MailboxFull,
        Some((2, 3) | (3, 4)) => Failure::TooLarge,
        Some((7, _)) => Failure::Policy,
        _ if reply.says(&NOBODY_THERE) => Failure::NoSuchMailbox,
        None if reply.code == 552 => Failure::MailboxFull,
        None if matches!(reply.code, 501 | 553) => Failure::BadAddress,
        _ => Failure::Refused,
    })
}

fn refusal_of_mail(reply: &Reply) -> Verdict {
    if matches!(reply.code, 500 | 502 | 503 | 530 | 535 | 538) {
        return Verdict::Retry(Blame::Relay);
    }
    Verdict::Failed(match reply.enhanced.map(|e| (e.subject, e.detail)) {
        _ if is_too_large(reply) => Failure::TooLarge,
        Some((1, 7 | 8)) => return Verdict::Retry(Blame::Relay),
        Some((1, _)) => Failure::NoSuchMailbox,
        Some((2, 1)) => Failure::MailboxDisabled,
        Some((2, 2)) => Failure::MailboxFull,
        Some((6, _)) => Failure::Content,
        Some((7, _)) => Failure::Policy,
        _ => Failure::Refused,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELAY: Verdict = Verdict::Retry(Blame::Relay);
    const RECIPIENT: Verdict = Verdict::Retry(Blame::Recipient);

    fn check(phase: Phase, line: &str, expected: Verdict) {
        let (code, text) = line.split_once(' ').unwrap_or((line, ""));
        let reply = Reply::new(code.parse().expect("three digits"), text);
        assert_eq!(judge(phase, &reply), expected, "{phase}: {line}");
    }

    #[test]
    fn only_a_2xx_after_the_dot_accepts() {
        check(Phase::Dot, "250 2.0.0 Ok: queued as 4Xy", Verdict::Accepted);
        check(Phase::Dot, "250", Verdict::Accepted);
        check(Phase::Dot, "354 go on", Verdict::InDoubt);
        check(Phase::Rcpt, "250 Ok", RELAY);
        check(Phase::Data, "250 Ok", RELAY);
    }

    #[test]
    fn a_session_that_is_refused_fails_no_mail() {
        check(Phase::Greeting, "554 5.7.1 blocked", RELAY);
        check(Phase::Ehlo, "550 go away", RELAY);
        check(Phase::Auth, "535 5.7.8 bad credentials", RELAY);
        check(Phase::Mail, "530 5.7.0 Must issue a STARTTLS command first", RELAY);
        check(Phase::Mail, "550 5.7.1 sender not allowed", RELAY);
        check(Phase::Mail, "553 5.1.8 sender domain does not exist", RELAY);
        check(Phase::Mail, "452 4.3.1 Insufficient system storage", RELAY);
        check(Phase::Rcpt, "554 5.7.1 <a@b.example>: Relay access denied", RELAY);
        check(Phase::Rcpt, "550 relay not permitted", RELAY);
        check(Phase::Rcpt, "503 5.5.1 need MAIL first", RELAY);
        for phase in [Phase::Greeting, Phase::Mail, Phase::Rcpt, Phase::Data, Phase::Dot] {
            check(phase, "421 4.3.2 shutting down", RELAY);
        }
    }

    #[test]
    fn a_mailbox_that_is_not_there_is_a_hard_bounce() {
        for line in [
            "550 5.1.1 User unknown in virtual mailbox table",
            "550 5.1.10 recipient not found",
            "550 5.1.2 bad destination system",
            "550 No such user here",
            "550 5.4.4 unable to route",
            "551 5.1.6 moved",
        ] {
            check(Phase::Rcpt, line, Verdict::Failed(Failure::NoSuchMailbox));
        }
        check(Phase::Rcpt, "550 5.2.1 disabled", Verdict::Failed(Failure::MailboxDisabled));
        assert!(Failure::NoSuchMailbox.is_hard_bounce() && Failure::MailboxDisabled.is_hard_bounce());
        assert!(!Failure::Policy.is_hard_bounce() && !Failure::MailboxFull.is_hard_bounce());
    }

    #[test]
    fn other_refusals_end_the_mail_and_spare_the_address() {
        check(Phase::Rcpt, "550 5.7.1 message refused by the recipient's rules", Verdict::Failed(Failure::Policy));
        check(Phase::Rcpt, "552 5.2.2 over quota", Verdict::Failed(Failure::MailboxFull));
        check(Phase::Rcpt, "501 5.1.3 bad address syntax", Verdict::Failed(Failure::BadAddress));
        check(Phase::Rcpt, "550 5.7.1 refused, says relay.example", Verdict::Failed(Failure::Policy));
        check(Phase::Rcpt, "550 Invalid recipient: <a@b.example>", Verdict::Failed(Failure::Refused));
        check(Phase::Rcpt, "550 rejected", Verdict::Failed(Failure::Refused));
        check(Phase::Mail, "552 5.3.4 message size exceeds fixed limit", Verdict::Failed(Failure::TooLarge));
        check(Phase::Mail, "552 too big", Verdict::Failed(Failure::TooLarge));
        check(Phase::Dot, "552 5.3.4 too big", Verdict::Failed(Failure::TooLarge));
        check(Phase::Dot, "554 5.6.0 bad content", Verdict::Failed(Failure::Content));
        check(Phase::Dot, "550 5.7.1 spam", Verdict::Failed(Failure::Policy));
        check(Phase::Dot, "554 transaction failed", Verdict::Failed(Failure::Refused));
    }

    #[test]
    fn a_deferral_blames_the_one_who_stands_in_the_way() {
        check(Phase::Rcpt, "450 4.7.1 greylisted", RECIPIENT);
        check(Phase::Rcpt, "452 4.2.2 mailbox full", RECIPIENT);
        check(Phase::Rcpt, "451 4.3.0 local error", RELAY);
        check(Phase::Dot, "451 4.7.1 too many messages, slow down", RELAY);
        check(Phase::Dot, "454 Throttling failure: maximum sending rate exceeded", RELAY);
        check(Phase::Dot, "451 please try again", Verdict::Retry(Blame::Message));
    }

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
