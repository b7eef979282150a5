//! Shows by cases what `delivery::verdict` promises.
//! It does not show how the parts beside it take it up; their own tests do.

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
