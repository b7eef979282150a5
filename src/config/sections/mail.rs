//! `[mail]` and `[[relay]]`: what all mails have in common, and who takes them.
//! Signing and sending are not configured here but done in `mail`.

use crate::config::{Expiry, Mail, OnDoubt, Publisher, Relay, RelayTls, document::Value, section::Section, value};

use super::{Around, from_file};

/// Characters of a From name that phones show beside a subject.
const LONGEST_FROM_NAME: usize = 25;

pub(super) fn mail(section: &mut Section, publisher: Option<&Publisher>) -> Option<Mail> {
    let from = section.required("from", "\"resume@lettres.lefanal.example\"", value::address);
    let from_name = section.optional("from_name", value::line);
    let return_path = section.optional("return_path", value::address);
    let unsubscribe_to = section.optional("unsubscribe_to", value::address);
    let list_id = section.optional("list_id", list_id);
    let only_to = section.or("only_to", "", value::addresses);
    let on_doubt = section.or("on_doubt", "resend", on_doubt);
    let retry_first = section.or("retry_first", "1m", value::duration);
    let retry_longest = section.or("retry_longest", "1h", value::duration);
    let expiry = section.within("expiry", expiry).flatten();
    let (retry_first, retry_longest) = (retry_first?, retry_longest?);
    if retry_first.is_zero() || retry_longest < retry_first {
        section.complain(
            "retry_longest",
            "must not be shorter than `retry_first`, and `retry_first` not zero; 1m and 1h are usual",
        );
    }
    let from_name = from_name?.or_else(|| publisher.map(|publisher| publisher.name.clone()))?;
    if from_name.chars().count() > LONGEST_FROM_NAME {
        let text = format!(
            "`{from_name}` is longer than the {LONGEST_FROM_NAME} characters that phones show; give a shorter one"
        );
        section.complain("from_name", &text);
    }
    let from = from?;
    let by_default = format!("{}.{}", plain_label(from.local()), from.domain());
    Some(Mail {
        from_name,
        return_path: return_path?.unwrap_or_else(|| from.clone()),
        unsubscribe_to: match unsubscribe_to? {
            Some(address) => address,
            None => publisher?.contact.clone(),
        },
        list_id: list_id?.unwrap_or(by_default),
        from,
        only_to: only_to?,
        on_doubt: on_doubt?,
        retry_first,
        retry_longest,
        expiry: expiry?,
    })
}

/// A local part as one label of a List-Id.
fn plain_label(local: &str) -> String {
    local.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

fn list_id(value: &Value) -> Result<String, String> {
    let text = value::line(value)?;
    let bare = text.trim_start_matches('<').trim_end_matches('>');
    // RFC 2919 section 2: dot-atom text with at least one dot.
    let lawful = bare.contains('.')
        && bare.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
    if lawful {
        Ok(bare.to_ascii_lowercase())
    } else {
        Err(format!("`{text}` is not a List-Id; `resume.lettres.lefanal.example` is"))
    }
}

fn on_doubt(value: &Value) -> Result<OnDoubt, String> {
    match value::text(value)?.as_str() {
        "resend" => Ok(OnDoubt::Resend),
        "keep" => Ok(OnDoubt::Keep),
        other => Err(format!("`{other}` is neither \"resend\" nor \"keep\"")),
    }
}

fn expiry(section: &mut Section) -> Option<Expiry> {
    let mut one = |key: &str, default: &str| section.or(key, default, value::duration);
    let (alert, confirmation, digest) = (one("alert", "4h"), one("confirmation", "24h"), one("digest", "36h"));
    let (correction, proof, notice) = (one("correction", "72h"), one("proof", "2h"), one("notice", "24h"));
    Some(Expiry {
        alert: alert?,
        confirmation: confirmation?,
        digest: digest?,
        correction: correction?,
        proof: proof?,
        notice: notice?,
    })
}

pub(super) fn relay(section: &mut Section, around: &Around<'_>) -> Option<Relay> {
    let name = section.required("name", "\"main\"", relay_name);
    let host = section.required("host", "\"smtp.lefanal.example\"", value::host);
    let tls = section.or("tls", "starttls", relay_tls);
    let port = section.optional("port", value::port);
    let username = section.optional("username", value::line);
    let password_file = section.optional("password_file", value::path);
    let connections = section.or("connections", "4", value::number::<1, 100>);
    let mails_per_connection = section.or("mails_per_connection", "500", value::number::<1, 10_000>);
    let ca_file = section.optional("ca_file", value::path).map(|file| file.map(|file| around.base.join(file)));
    let ehlo = section.optional("ehlo", value::host);
    let (name, host, tls, username) = (name?, host?, tls?, username?);
    let credential = format!("relay.{name}.password");
    let password = from_file(section, around, "password_file", password_file?.as_deref(), &credential);
    if tls == RelayTls::None && !value::is_loopback(&host) {
        let text = format!(
            "is \"none\", but `{host}` is not this machine: mails would pass readable; use \"starttls\" or \"implicit\""
        );
        section.complain("tls", &text);
    }
    let login = match (username, password) {
        (Some(username), Some(password)) => Some((username, password)),
        (None, None) => None,
        (Some(_), None) => {
            let text =
                format!("has no password; name its file by `password_file`, or give systemd's credential {credential}");
            section.complain("username", &text);
            None
        }
        (None, Some(_)) => {
            section.complain("password_file", "has no user; give `username` as well");
            None
        }
    };
    let port = port?.unwrap_or(match tls {
        RelayTls::Starttls => 587,
        RelayTls::Implicit => 465,
        RelayTls::None => 25,
    });
    Some(Relay {
        name,
        host,
        port,
        tls,
        login,
        connections: connections?,
        mails_per_connection: mails_per_connection?,
        ca_file: ca_file?,
        ehlo: ehlo?,
    })
}

fn relay_name(value: &Value) -> Result<String, String> {
    let name = value::line(value)?;
    let lawful = name.len() <= 32
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if lawful {
        Ok(name)
    } else {
        Err(format!("`{name}` cannot name a relay; use up to 32 of a-z, 0-9, `-` and `_`, such as `main`"))
    }
}

fn relay_tls(value: &Value) -> Result<RelayTls, String> {
    match value::text(value)?.as_str() {
        "starttls" => Ok(RelayTls::Starttls),
        "implicit" => Ok(RelayTls::Implicit),
        "none" => Ok(RelayTls::None),
        other => Err(format!("`{other}` is none of \"starttls\", \"implicit\" and \"none\"")),
    }
}

pub(super) fn name_once(root: &mut Section, relays: &[Relay]) {
    for (index, relay) in relays.iter().enumerate() {
        if relays[..index].iter().any(|other| other.name == relay.name) {
            root.complain("relay", &format!("two relays are called `{}`; each needs a name of its own", relay.name));
        }
    }
}
