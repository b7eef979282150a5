//! A feed server on loopback on which many publishers have their moods: what each answers depends on the simulated time.
//! It knows which of their stories a reader must have got, and asserts nothing.

use std::{
    collections::HashMap,
    fmt::Write as _,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use depeche::clock::Clock;

use super::feed_server::{Asked, FeedServer, Reply, reply};

/// Hours between two stories of a publisher.
pub(crate) const PACE: i64 = 12;
/// Hour of the last story: what comes after it is time for readers to get it.
pub(crate) const LAST: i64 = 19 * 24;
/// Stories out before the first reading.
const BEFORE: i64 = 40;
/// Stories shown at a time, which is four days of them.
const SHOWN: i64 = 8;
/// Words of a story's text: of more than one in a thousand texts no three in a row are the same by chance.
const WORDS: usize = 48;
/// Paths under which feeds stand; all others are pages, and there are none.
const FEEDS: [&str; 3] = ["/feed", "/moved", "/mirror"];

/// One feed: what it answers, and what a reader must have got of it.
#[derive(Clone, Debug)]
pub(crate) struct Publisher {
    /// First word of its titles, and first label of its host where nothing else is said.
    pub(crate) name: &'static str,
    /// Last words of its titles.
    tail: &'static str,
    host: Option<&'static str>,
    answer: fn(&Turn<'_>) -> Reply,
    /// Hours whose stories wait in quarantine.
    pub(crate) held: Range<i64>,
    /// The hour from which on it can be read no more.
    end: i64,
    /// The path where its feed stands in the end.
    pub(crate) ends_at: &'static str,
    /// Part of what is to be read of each of its bad moods.
    pub(crate) says: &'static [&'static str],
}

impl Publisher {
    pub(crate) fn new(name: &'static str, answer: fn(&Turn<'_>) -> Reply) -> Self {
        Self {
            name,
            tail: "gâché à Orléans",
            host: None,
            answer,
            held: 0..0,
            end: i64::MAX,
            ends_at: "/feed",
            says: &[],
        }
    }

    pub(crate) fn on(self, host: &'static str) -> Self {
        Self { host: Some(host), ..self }
    }

    pub(crate) fn writing(self, tail: &'static str) -> Self {
        Self { tail, ..self }
    }

    pub(crate) fn held_in(self, hours: Range<i64>) -> Self {
        Self { held: hours, ..self }
    }

    pub(crate) fn until(self, hour: i64) -> Self {
        Self { end: hour, ..self }
    }

    pub(crate) fn moving_to(self, path: &'static str) -> Self {
        Self { ends_at: path, ..self }
    }

    pub(crate) fn saying(self, says: &'static [&'static str]) -> Self {
        Self { says, ..self }
    }

    pub(crate) fn host(&self) -> String {
        self.host.map_or_else(|| format!("{}.example", self.name.to_lowercase()), str::to_owned)
    }

    /// The stories that came up after the first reading, as each of its readers must have got them, each once.
    pub(crate) fn told(&self) -> Vec<String> {
        let free = |n: &i64| !self.held.contains(&((n - BEFORE) * PACE));
        (BEFORE + 1..=newest(LAST.min(self.end - 1))).filter(free).map(|n| self.title(n)).collect()
    }

    /// The stories that must wait in quarantine.
    pub(crate) fn waiting(&self) -> Vec<String> {
        let held = |n: &i64| self.held.contains(&((n - BEFORE) * PACE));
        (BEFORE + 1..=newest(LAST)).filter(held).map(|n| self.title(n)).collect()
    }

    fn title(&self, n: i64) -> String {
        format!("{} {n:03} {}", self.name, self.tail)
    }
}

fn newest(hour: i64) -> i64 {
    BEFORE + hour.min(LAST) / PACE
}

/// One request for a feed.
pub(crate) struct Turn<'a> {
    publisher: &'a Publisher,
    pub(crate) asked: &'a Asked,
    /// Hours since the first reading.
    pub(crate) hour: i64,
    pub(crate) now: DateTime<Utc>,
    /// Requests for feeds that its registrable domain had in this hour before.
    pub(crate) before: usize,
}

/// One story as it is shown; what is empty is left out.
pub(crate) struct Piece {
    pub(crate) n: i64,
    /// When it came up.
    pub(crate) out: DateTime<Utc>,
    /// Hours since then.
    pub(crate) age: i64,
    pub(crate) guid: String,
    pub(crate) link: String,
    pub(crate) date: String,
    pub(crate) text: String,
    title: String,
}

impl Turn<'_> {
    /// The feed, each of its stories changed by `mood`.
    pub(crate) fn shows(&self, mood: impl Fn(&mut Piece)) -> Reply {
        sent("application/rss+xml", self.document("<?xml version='1.0'?>", mood))
    }

    /// The same as a text.
    pub(crate) fn document(&self, prolog: &str, mood: impl Fn(&mut Piece)) -> String {
        self.document_after(prolog, 0, mood)
    }

    /// The same behind so many pieces of an archive, others each hour, with nothing to tell them by but their links.
    pub(crate) fn document_after(&self, prolog: &str, old: i64, mood: impl Fn(&mut Piece)) -> String {
        let name = self.publisher.name;
        let archive = (0..old).map(|nth| {
            let n = 1_000 * (self.hour + 1) + nth;
            let (title, text) = (self.publisher.title(n), text(name, n));
            Piece { link: format!("/old/{n}"), title, text, guid: String::new(), date: String::new(), ..self.piece(n) }
        });
        let newest = newest(self.hour);
        let shown = (newest - SHOWN + 1..=newest).rev().map(|n| {
            let mut piece = self.piece(n);
            mood(&mut piece);
            piece
        });
        let items: String = archive.chain(shown).map(|piece| piece.xml()).collect();
        format!(
            "{prolog}<rss version='2.0'><channel><title>{name}</title><language>fr</language>{items}</channel></rss>"
        )
    }

    fn piece(&self, n: i64) -> Piece {
        let (age, name) = (self.hour - (n - BEFORE) * PACE, self.publisher.name);
        let out = self.now - TimeDelta::hours(age);
        Piece {
            n,
            out,
            age,
            guid: format!("id-{n}"),
            link: format!("/story/{n}"),
            date: out.to_rfc2822(),
            text: text(name, n),
            title: self.publisher.title(n),
        }
    }
}

/// A document of this type.
pub(crate) fn sent(kind: &str, document: impl AsRef<[u8]>) -> Reply {
    reply(200, &[("Content-Type", kind)], document)
}

impl Piece {
    fn xml(&self) -> String {
        let mut xml = format!("<item><title>{}</title>", self.title);
        let fields = [("link", &self.link), ("pubDate", &self.date), ("description", &self.text)];
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(xml, "<{name}>{value}</{name}>");
        }
        if !self.guid.is_empty() {
            let _ = write!(xml, "<guid isPermaLink='false'>{}</guid>", self.guid);
        }
        xml + "</item>"
    }
}

/// Sentences that no other story has.
fn text(name: &str, n: i64) -> String {
    #[rustfmt::skip]
    const LEXICON: [&str; 48] = [
        "le", "pont", "ferme", "mardi", "pour", "six", "semaines", "la", "mairie", "compte", "sur", "une", "barque", "les",
        "enfants", "du", "quartier", "vont", "dans", "nouvelle", "classe", "avec", "des", "livres", "ouverts", "chez", "nous",
        "vent", "souffle", "contre", "port", "sans", "bateau", "neuf", "trains", "circulent", "vers", "gare", "voisine",
        "depuis", "lundi", "soir", "habitants", "demandent", "plus", "de", "bancs", "publics",
    ];
    let seed = name.bytes().fold(n.unsigned_abs(), |all, byte| (all ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut state = seed;
    let mut text = String::new();
    for nth in 0..WORDS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = LEXICON[usize::try_from((state >> 33) % 48).unwrap_or(0)];
        match nth % 12 {
            0 => text.extend([&word[..1].to_uppercase(), &word[1..]]),
            11 => text.extend([" ", word, ". "]),
            _ => text.extend([" ", word]),
        }
    }
    text
}

/// Starts the server on which all of them stand.
pub(crate) async fn start(publishers: Vec<Publisher>, begin: DateTime<Utc>, clock: Clock) -> FeedServer {
    let by_host: HashMap<String, Publisher> = publishers.into_iter().map(|one| (one.host(), one)).collect();
    let counts: Mutex<HashMap<(String, i64), usize>> = Mutex::default();
    FeedServer::start(move |asked| {
        let host = asked.headers.get("host").and_then(|host| host.split(':').next()).unwrap_or_default();
        let Some(publisher) = by_host.get(host).filter(|_| FEEDS.contains(&asked.path.as_str())) else {
            return reply(404, &[], "");
        };
        let now = clock.now();
        let hour = (now - begin).num_hours();
        let labels: Vec<&str> = host.rsplit('.').take(2).collect();
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((labels.join("."), hour)).or_default();
        *count += 1;
        let turn = Turn { publisher, asked, hour, now, before: *count - 1 };
        (publisher.answer)(&turn)
    })
    .await
}
