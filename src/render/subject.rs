//! Subject lines by the rules of a good sender: the lead title, cleaned, then the rest counted.
//! Which article leads the mail was decided by plan; here only which title leads the subject.

use chrono::{Datelike as _, NaiveDate, NaiveTime};
use sha2::{Digest as _, Sha256};

use super::{locale::Speech, plain, when};

/// Characters of the lead title.
const TITLE: usize = 60;
/// Characters of the whole line.
const WHOLE: usize = 90;
/// Characters of a topic before an alert's title, so that the title still shows on a phone.
const TOPIC: usize = 28;
/// Labels and source names taken off one title at most.
const PEELS: usize = 6;

/// What newsrooms put before or after a title to say what kind of piece it is, in lower case.
const LABELS: &[&str] = &[
    "vidéo",
    "video",
    "vidéos",
    "videos",
    "photos",
    "photo",
    "en images",
    "images",
    "diaporama",
    "podcast",
    "audio",
    "son",
    "infographie",
    "infographies",
    "en direct",
    "direct",
    "le direct",
    "direct vidéo",
    "live",
    "en live",
    "live blog",
    "liveblog",
    "live updates",
    "liveticker",
    "live-ticker",
    "newsticker",
    "ticker",
    "exclusif",
    "exclusivité",
    "exclusive",
    "exklusiv",
    "exclusief",
    "breaking",
    "breaking news",
    "urgent",
    "alerte info",
    "eilmeldung",
    "eil",
    "flash",
    "info",
    "update",
    "updated",
    "mise à jour",
    "mis à jour",
    "actualisé",
    "maj",
    "aktualisiert",
    "watch",
    "listen",
    "bilder",
    "fotos",
    "fotostrecke",
    "bildergalerie",
    "interaktiv",
    "interactif",
    "beeld",
    "foto's",
    "direct in beeld",
    "replay",
];

/// What marks a piece for subscribers; only in brackets or after a bar, as the words are common otherwise.
const PAID: &[&str] = &[
    "abonnés",
    "abonné",
    "abonnes",
    "réservé aux abonnés",
    "article réservé aux abonnés",
    "payant",
    "premium",
    "plus",
    "+",
    "subscribers",
    "subscribers only",
    "for subscribers",
    "subscriber exclusive",
    "members only",
    "abo",
    "abonnenten",
    "nur für abonnenten",
    "f+",
    "z+",
    "s+",
    "abonnees",
    "voor abonnees",
    "alleen voor abonnees",
    "paid",
];

/// Titles that say nothing, in lower case without punctuation.
const GENERIC: &[&str] = &[
    "en direct",
    "direct",
    "le direct",
    "live",
    "live blog",
    "liveblog",
    "live updates",
    "liveticker",
    "newsticker",
    "ticker",
    "le point",
    "le point sur la situation",
    "point de situation",
    "l essentiel",
    "l essentiel de l actualité",
    "à la une",
    "a la une",
    "la une",
    "une",
    "actualités",
    "actualité",
    "actus",
    "l actu",
    "l actualité",
    "les infos",
    "infos",
    "info",
    "en bref",
    "brèves",
    "les brèves",
    "revue de presse",
    "le journal",
    "le brief",
    "newsletter",
    "éditorial",
    "édito",
    "edito",
    "sans titre",
    "article",
    "vidéo",
    "video",
    "vidéos",
    "videos",
    "podcast",
    "photos",
    "photo",
    "images",
    "diaporama",
    "untitled",
    "no title",
    "news",
    "latest",
    "latest news",
    "headlines",
    "top stories",
    "today",
    "briefing",
    "the briefing",
    "morning briefing",
    "in brief",
    "update",
    "updates",
    "breaking",
    "breaking news",
    "editorial",
    "opinion",
    "comment",
    "nachrichten",
    "aktuell",
    "aktuelles",
    "schlagzeilen",
    "kurzmeldungen",
    "in kürze",
    "kurz notiert",
    "ohne titel",
    "leitartikel",
    "kommentar",
    "meldungen",
    "nieuws",
    "kort nieuws",
    "het laatste nieuws",
    "laatste nieuws",
    "in het kort",
    "zonder titel",
    "kort",
    "actueel",
];

/// A title fit for a subject line: without labels and source, not generic, not all capitals; None where nothing is left.
/// Not yet cut, so that what leads can be cut to the room there is.
pub(super) fn title(raw: &str, sources: &[&str]) -> Option<String> {
    let clean = plain::clean(raw);
    let mut title = clean.trim();
    for _ in 0..PEELS {
        let peeled = without_suffix(without_prefix(title), sources);
        if peeled == title {
            break;
        }
        title = peeled;
    }
    // A full stop belongs to a sentence, not to a heading; "U.S." keeps its own.
    if let Some(rest) = title.strip_suffix('.').filter(|r| !r.ends_with('.')) {
        let last = rest.rsplit(' ').next().unwrap_or(rest);
        title = if last.contains('.') { title } else { rest };
    }
    (!is_empty_talk(title)).then(|| title.to_owned())
}

/// A title as it stands over its article, whose source is named beside it: without the source's name.
pub(super) fn without_source<'t>(title: &'t str, source: &str) -> &'t str {
    let head = without_suffix(title, &[source]);
    let tail = title[head.len()..].trim_matches(|c: char| !c.is_alphanumeric());
    if is_source(tail, &[source]) { head } else { title }
}

fn is_empty_talk(title: &str) -> bool {
    let letters = title.chars().filter(|c| c.is_alphabetic());
    let small = letters.clone().any(char::is_lowercase);
    let large = letters.clone().any(char::is_uppercase);
    if letters.count() < 3 || (large && !small) {
        return true;
    }
    let bare = bare(title);
    GENERIC.contains(&bare.as_str())
}

/// Lower case, words only, one blank between them.
fn bare(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_label(text: &str) -> bool {
    let lower = text.trim().trim_end_matches(['.', ':', '!']).trim_end().to_lowercase();
    LABELS.contains(&lower.as_str())
}

fn is_paid(text: &str) -> bool {
    PAID.contains(&text.trim().to_lowercase().as_str())
}

/// «VIDÉO. …», «EN DIRECT | …», «[Abonnés] …».
fn without_prefix(title: &str) -> &str {
    if let Some((inside, rest)) = bracketed_start(title) {
        return if is_label(inside) || is_paid(inside) { rest } else { title };
    }
    let separators = [
        ". ",
        " | ",
        " : ",
        "\u{a0}: ",
        "\u{202f}: ",
        ": ",
        " - ",
        " – ",
        " — ",
        " • ",
        " · ",
        " / ",
        "\u{a0}| ",
        " ! ",
    ];
    // The earliest separator: what stands before it may be a label.
    let first = separators.iter().filter_map(|s| title.find(s).map(|at| (at, s.len()))).min();
    let Some((at, length)) = first else { return title };
    let (head, rest) = (&title[..at], title[at + length..].trim());
    let barred = title[at..].trim_start().starts_with('|');
    if !rest.is_empty() && (is_label(head) || barred && is_paid(head)) { rest } else { title }
}

fn bracketed_start(title: &str) -> Option<(&str, &str)> {
    let close = match title.chars().next()? {
        '[' => ']',
        '(' => ')',
        _ => return None,
    };
    let (inside, rest) = title[1..].split_once(close)?;
    Some((inside, rest.trim_start_matches([' ', '\u{a0}', ':', '.', '|', '-', '–'])))
}

/// «… – Le Fanal», «… | Ouest Info», «… (VIDÉO)».
fn without_suffix<'t>(title: &'t str, sources: &[&str]) -> &'t str {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(inner) = title.strip_suffix(close)
            && let Some((head, inside)) = inner.rsplit_once(open)
            && !head.trim().is_empty()
            && (is_label(inside) || is_paid(inside) || is_source(inside, sources))
        {
            return head.trim_end();
        }
    }
    let separators = [" – ", " — ", " - ", " | ", " · ", " • ", " : ", "\u{a0}| ", "\u{a0}– "];
    let last = separators.iter().filter_map(|s| title.rfind(s).map(|at| (at, s.len()))).max();
    let Some((at, length)) = last else { return title };
    let (head, tail) = (title[..at].trim_end(), &title[at + length..]);
    let barred = title[at..].trim_start().starts_with('|');
    let goes = is_source(tail, sources) || is_label(tail) || barred && is_paid(tail);
    if goes && !head.is_empty() { head } else { title }
}

/// Whether `text` is a source's name or the first words of it: feeds call themselves «Le Fanal - Actualités».
fn is_source(text: &str, sources: &[&str]) -> bool {
    let text = bare(text);
    text.len() >= 3
        && sources.iter().any(|source| {
            let source = bare(source);
            source == text || source.strip_prefix(&text).is_some_and(|rest| rest.starts_with(' '))
        })
}

/// Tells titles apart as subject lines do: equal keys would lead to equal lines. None where the title cannot lead; never 0.
pub fn lead_key(raw: &str, source: &str) -> Option<i64> {
    let title = title(raw, &[source])?;
    let digest = Sha256::digest(bare(&title).as_bytes());
    let start = digest.first_chunk().copied().unwrap_or_default();
    Some(i64::from_le_bytes(start)).filter(|key| *key != 0)
}

/// `Trains : ce qui change lundi, et 6 autres articles`.
pub(super) fn digest(speech: Speech<'_>, title: &str, count: usize) -> String {
    let title = plain::clipped(title, TITLE);
    let others = count.saturating_sub(1);
    if others == 0 {
        return title.into_owned();
    }
    within(WHOLE, &title, |title| {
        let id = if title.ends_with(['?', '!', '.']) { "subject-more-after-stop" } else { "subject-more" };
        speech.say(id, &[("title", title.into()), ("count", others.into())])
    })
}

/// `Nantes : 4 articles`, where no title can lead.
pub(super) fn by_topic(speech: Speech<'_>, topic: &str, count: usize) -> String {
    within(WHOLE, &plain::clean(topic), |topic| {
        speech.say("subject-topic", &[("topic", topic.into()), ("count", count.into())])
    })
}

/// `Votre résumé de mardi`, where there is not even a topic.
pub(super) fn by_day(speech: Speech<'_>, day: NaiveDate) -> String {
    let weekday = speech.word(&format!("weekday-{}", day.weekday().number_from_monday()));
    speech.say("subject-day", &[("weekday", weekday.into())])
}

/// The line that `make` makes of `title`, which is cut as far as the whole needs.
fn within(limit: usize, title: &str, make: impl Fn(&str) -> String) -> String {
    let line = make(title);
    let over = plain::length(&line).saturating_sub(limit);
    if over == 0 {
        return line;
    }
    make(&plain::clipped(title, plain::length(title).saturating_sub(over).max(2)))
}

/// `Nantes : le pont des Îles fermé jusqu'à 14 h`.
pub(super) fn alert(speech: Speech<'_>, topic: &str, title: &str) -> String {
    let topic = plain::clean(topic);
    let topic = plain::clipped(&topic, TOPIC);
    // A title that names its topic needs it but once.
    let (lower, name) = (title.to_lowercase(), topic.to_lowercase());
    let stands_alone = |at: usize| {
        !lower[..at].ends_with(char::is_alphanumeric) && !lower[at + name.len()..].starts_with(char::is_alphanumeric)
    };
    if lower.match_indices(&name).any(|(at, _)| stands_alone(at)) {
        return plain::clipped(title, TITLE).into_owned();
    }
    within(WHOLE, &plain::clipped(title, TITLE), |title| {
        speech.say("subject-alert", &[("topic", topic.as_ref().into()), ("title", title.into())])
    })
}

/// `Nantes : 4 nouvelles depuis 9 h`.
pub(super) fn alert_bundle(speech: Speech<'_>, topic: &str, count: usize, since: Option<NaiveTime>) -> String {
    let topic = plain::clean(topic);
    let topic = plain::clipped(&topic, TITLE);
    let (topic, count) = (("topic", topic.as_ref().into()), ("count", count.into()));
    match since {
        Some(since) => speech.say("subject-alert-bundle", &[topic, count, ("time", when::time(speech, since).into())]),
        None => speech.say("subject-alert-bundle-day", &[topic, count]),
    }
}

/// `Correction : …`.
pub(super) fn correction(speech: Speech<'_>, title: &str) -> String {
    let title = plain::clean(title);
    within(WHOLE, &plain::clipped(&title, TITLE), |title| speech.say("subject-correction", &[("title", title.into())]))
}

/// `[Épreuve] …` on a proof.
pub(super) fn marked(speech: Speech<'_>, subject: String, proof: bool) -> String {
    if proof { speech.say("subject-proof", &[("subject", subject.into())]) } else { subject }
}

#[cfg(test)]
mod tests;
