//! `Link` headers (RFC 8288): the hub and the feed's own address, which stand before those in the document.
//! Other relations are passed over.

use url::Url;

use crate::feed::{MAX_LINE, PollHints};

/// Puts what the headers say before what the document says (W3C `WebSub`, section 4).
pub fn prefer(headers: &[String], base: &Url, hints: &mut PollHints) {
    let (mut hub, mut own) = (None, None);
    for (target, relations) in headers.iter().flat_map(|header| links(header)) {
        let absolute = || base.join(target.trim()).ok().map(String::from).filter(|url| url.len() <= MAX_LINE);
        for relation in relations.split_ascii_whitespace() {
            match relation.to_ascii_lowercase().as_str() {
                "hub" => hub = hub.or_else(absolute),
                "self" => own = own.or_else(absolute),
                _ => {}
            }
        }
    }
    hints.hub = hub.or_else(|| hints.hub.take());
    hints.self_url = own.or_else(|| hints.self_url.take());
}

/// Targets with their relations, in order. Targets and quoted values may hold commas and semicolons.
fn links(header: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<')
        && let Some((target, parameters)) = after.split_once('>')
    {
        let (parameters, next) = parameters.split_at(end(parameters));
        found.push((target, relation(parameters)));
        rest = next;
    }
    found
}

/// Where a link's parameters end: at the first comma outside quotes.
fn end(parameters: &str) -> usize {
    let mut quoted = false;
    let comma = parameters.find(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    comma.unwrap_or(parameters.len())
}

fn relation(parameters: &str) -> &str {
    let named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut relations = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel"));
    relations.next().map_or("", |(_, value)| value.trim().trim_matches('"'))
}
