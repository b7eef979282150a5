//! One value of the file parsed into its type, or a sentence that says what would be right.
//! It knows neither keys nor sections.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono_tz::{TZ_VARIANTS, Tz};
use url::Url;

use crate::{article::language::Language, subscriber::address::Address};

use super::document::{Item, Value};

/// Similarity (Jaro-Winkler) above which an unknown zone is taken for a slip of a known one.
const LIKE_ENOUGH: f64 = 0.88;

/// Units of a duration with their seconds.
const UNITS: [(&[&str], u64); 5] = [
    (&["s", "sec", "secs", "second", "seconds"], 1),
    (&["m", "min", "mins", "minute", "minutes"], 60),
    (&["h", "hour", "hours"], 3600),
    (&["d", "day", "days"], 86_400),
    (&["w", "week", "weeks"], 7 * 86_400),
];

/// The text itself, whatever it holds.
pub(super) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) => Ok(text.trim().to_owned()),
        other => Err(format!("must be text in quotes, not {other}")),
    }
}

/// Text that says something, in one line.
pub(super) fn line(value: &Value) -> Result<String, String> {
    let text = text(value)?;
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.contains(|c: char| c.is_control()) {
        return Err("must be one line without control characters".to_owned());
    }
    Ok(text)
}

/// `true` or `false`.
pub(super) fn yes(value: &Value) -> Result<bool, String> {
    match value {
        Value::Boolean(yes) => Ok(*yes),
        Value::Text(text) if text == "true" => Ok(true),
        Value::Text(text) if text == "false" => Ok(false),
        other => Err(format!("must be true or false, not `{other}`")),
    }
}

/// A whole number from `LOW` to `HIGH`.
pub(super) fn number<const LOW: u32, const HIGH: u32>(value: &Value) -> Result<u32, String> {
    let number = match value {
        Value::Integer(number) => u32::try_from(*number).ok(),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| (LOW..=HIGH).contains(number))
        .ok_or_else(|| format!("must be a whole number from {LOW} to {HIGH}, not `{value}`"))
}

/// A TCP port.
pub(super) fn port(value: &Value) -> Result<u16, String> {
    number::<1, 65_535>(value).map(|port| u16::try_from(port).unwrap_or_default())
}

/// `15m`, `3 min`, `1h30m`, `24h`.
pub(super) fn duration(value: &Value) -> Result<Duration, String> {
    match value {
        Value::Text(text) => parse_duration(text),
        Value::Integer(number) => {
            Err(format!("`{number}` has no unit; write \"{number}s\", \"{number}m\" or \"{number}h\""))
        }
        other => Err(format!("must be a duration in quotes such as \"15m\", not `{other}`")),
    }
}

/// Reads a duration as people write it: whole numbers with units from seconds to weeks, one after the other.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("`{text}` is not a duration; \"90s\", \"15m\", \"3 min\", \"1h30m\", \"24h\" and \"7 days\" are");
    let mut rest = text.trim();
    let mut seconds = 0u64;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        if letters == 0 && digits == text.trim().len() {
            return Err(format!("`{number}` has no unit; write \"{number}s\", \"{number}m\" or \"{number}h\""));
        }
        let unit = unit.to_ascii_lowercase();
        let (_, factor) = UNITS.iter().find(|(names, _)| names.contains(&unit.as_str())).ok_or_else(wrong)?;
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor)).ok_or_else(wrong)?;
        seconds = seconds.checked_add(part).ok_or_else(wrong)?;
        rest = after.trim_start();
    }
    Ok(Duration::from_secs(seconds))
}

/// An IANA time zone.
pub(super) fn zone(value: &Value) -> Result<Tz, String> {
    let name = line(value)?;
    parse_zone(&name)
}

/// Reads an IANA zone name; a slip gets the nearest one.
pub fn parse_zone(name: &str) -> Result<Tz, String> {
    if let Some(zone) = TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name)) {
        return Ok(*zone);
    }
    let likeness = |zone: &Tz| {
        let city = zone.name().rsplit('/').next().unwrap_or_default();
        let given = name.to_lowercase();
        strsim::jaro_winkler(&zone.name().to_lowercase(), &given)
            .max(strsim::jaro_winkler(&city.to_lowercase(), &given))
    };
    let nearest = TZ_VARIANTS.iter().map(|zone| (likeness(zone), zone)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, zone)) if likeness >= LIKE_ENOUGH => {
            Err(format!("`{name}` is not a time zone; did you mean `{}`?", zone.name()))
        }
        _ => Err(format!("`{name}` is not a time zone; names such as `Europe/Paris` are (IANA)")),
    }
}

/// An e-mail address.
pub(super) fn address(value: &Value) -> Result<Address, String> {
    Address::parse(&text(value)?).map_err(|error| error.to_string())
}

/// A list of e-mail addresses; an override joins them by commas.
pub(super) fn addresses(value: &Value) -> Result<Vec<Address>, String> {
    let one = |(number, value): (usize, &Value)| address(value).map_err(|error| format!("address {number}: {error}"));
    match value {
        Value::List(items) => (1..).zip(items.iter().map(|Item { value, .. }| value)).map(one).collect(),
        Value::Text(text) => {
            let texts: Vec<_> = text.split(',').map(str::trim).filter(|text| !text.is_empty()).collect();
            (1..).zip(texts).map(|(number, text)| one((number, &Value::Text(text.to_owned())))).collect()
        }
        other => Err(format!("must be a list such as [\"name@example.org\"], not `{other}`")),
    }
}

/// An `http` or `https` address of a page.
pub(super) fn page(value: &Value) -> Result<Url, String> {
    let text = line(value)?;
    let url =
        Url::parse(&text).map_err(|error| format!("`{text}` is not a URL ({error}); write `https://example.org/`"))?;
    match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
            Err("must not hold a user name or password".to_owned())
        }
        "http" | "https" => Ok(url),
        scheme => Err(format!("must begin with https://, not with {scheme}:")),
    }
}

/// The address under which readers reach the web pages: https, or http on this very machine; no query.
pub(super) fn base(value: &Value) -> Result<Url, String> {
    let mut url = page(value)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a `?` or `#`".to_owned());
    }
    if url.scheme() == "http" && !url.host_str().is_some_and(is_loopback) {
        return Err("must begin with https://: mailbox providers refuse one-click unsubscribe without TLS (RFC 8058)"
            .to_owned());
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// A two-letter language code.
pub(super) fn language(value: &Value) -> Result<Language, String> {
    line(value)?.parse().map_err(|error: crate::article::language::LanguageError| error.to_string())
}

/// An address and port to listen on.
pub(super) fn socket(value: &Value) -> Result<SocketAddr, String> {
    let text = line(value)?;
    text.parse().map_err(|_| format!("`{text}` is not an address with a port; `127.0.0.1:8080` and `[::]:8080` are"))
}

/// A path, relative to the directory of the config file.
pub(super) fn path(value: &Value) -> Result<PathBuf, String> {
    line(value).map(PathBuf::from)
}

/// A host name or an IP address, without a port.
pub(super) fn host(value: &Value) -> Result<String, String> {
    let text = line(value)?;
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<std::net::IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    match url::Host::parse(&text) {
        Ok(host) => Ok(host.to_string()),
        Err(_) => Err(format!("`{text}` is not a host name; `smtp.example.org` is, and the port is a key of its own")),
    }
}

/// Whether a host is this very machine, so that nobody can listen on the way.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
