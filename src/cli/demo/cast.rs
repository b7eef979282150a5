//! The demo's topics and readers, and how they are entered in the store.
//! What happens to them during the day is in `day`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::site::{HOSTILE, Site};
use crate::{
    cli::{Failure, filter_text},
    digest::schedule::INSTANT,
    feed::FeedUrl,
    store::{
        self, Conn, Pool,
        feed::NewFeed,
        membership::{Added, Follow, Wanted},
        subscriber::NewSubscriber,
        topic::NewTopic,
    },
    subscriber::{Status, address::Address},
};

/// Who is said to have set all this up.
const WHO: &str = "demo";
/// The reader who leaves between a cut-off and its slot.
pub(super) const LEAVER: &str = "hugo@amarre.example";
/// The reader whose mailbox is gone.
pub(super) const GONE: &str = "adele@plein.example";
/// The reader whose server wants to be asked twice.
pub(super) const LATER: &str = "theo@patience.example";

struct TopicPart {
    slug: &'static str,
    titles: [&'static str; 4],
    filter: &'static str,
}

/// Titles in fr, en, de, nl.
const TOPICS: [TopicPart; 8] = [
    TopicPart {
        slug: "sablerive",
        titles: ["Sablerive", "Sablerive", "Sablerive", "Sablerive"],
        filter: "title:sablerive OR title:\"pont des Îles\"",
    },
    TopicPart {
        slug: "transports",
        titles: ["Transports", "Transport", "Verkehr", "Vervoer"],
        filter: "title:tram OR title:trains OR \"circulation des trains\" OR title:pont OR title:buses OR title:ferry OR title:Straßenbahn OR title:Radschnellweg OR title:fietsbrug",
    },
    TopicPart {
        slug: "culture",
        titles: ["Culture", "Culture", "Kultur", "Cultuur"],
        filter: "festival OR musée OR museum OR library OR title:culture",
    },
    TopicPart {
        slug: "climate",
        titles: ["Climat", "Climate", "Klima", "Klimaat"],
        filter: "climat OR climatique OR climate OR Klimaschutz OR klimaat OR zeespiegel",
    },
    TopicPart {
        slug: "housing",
        titles: ["Logement", "Housing", "Wohnen", "Wonen"],
        filter: "loyers OR \"logements sociaux\" OR Wohnungen OR woningen OR (homes AND council)",
    },
    TopicPart {
        slug: "cycling",
        titles: ["À vélo", "Cycling", "Radfahren", "Fietsen"],
        filter: "title:vélo OR \"pistes cyclables\" OR title:fietsbrug OR title:bakfiets* OR Fahrrad",
    },
    TopicPart {
        slug: "energy",
        titles: ["Énergie", "Energy", "Energie", "Energie"],
        filter: "éoliennes OR turbine OR \"heat pump\" OR grid OR Wärmepumpe OR warmtepomp OR (eaux AND chauffée)",
    },
    TopicPart {
        slug: "sea",
        titles: ["La mer", "The sea", "Das Meer", "De zee"],
        filter: "pêcheurs OR cargo OR chalutier OR \"salt marsh\" OR squid OR \"flood gates\" OR title:slaperdijk",
    },
];

/// Schedule, topics, filters of their own.
type Follows = (&'static str, &'static [&'static str], &'static [&'static str]);

struct ReaderPart {
    address: &'static str,
    language: &'static str,
    reads: &'static [&'static str],
    zone: &'static str,
    status: Status,
    follows: &'static [Follows],
}

const fn reader(
    address: &'static str,
    language: &'static str,
    reads: &'static [&'static str],
    zone: &'static str,
    follows: &'static [Follows],
) -> ReaderPart {
    ReaderPart { address, language, reads, zone, status: Status::Confirmed, follows }
}

const READERS: [ReaderPart; 14] = [
    reader(
        "claire@balise.example",
        "fr",
        &["fr"],
        "Europe/Paris",
        &[("morning", &["transports", "sablerive", "housing", "culture", "energy", "sea"], &[])],
    ),
    reader(
        "yann@balise.example",
        "fr",
        &["fr"],
        "Europe/Paris",
        &[("instant", &["sablerive"], &[]), ("noon", &["sablerive", "transports"], &[])],
    ),
    reader(
        "lucie@lagon.example",
        "fr",
        &["fr", "en"],
        "Pacific/Noumea",
        &[("morning", &["sablerive", "sea"], &["marsh OR dune*"])],
    ),
    reader(
        "samuel@erable.example",
        "fr",
        &["fr", "en"],
        "America/Toronto",
        &[("noon", &["transports", "climate", "energy"], &[])],
    ),
    reader(
        "emily@quay.example",
        "en",
        &["en"],
        "Europe/London",
        &[("morning", &["climate", "transports", "energy", "housing"], &[])],
    ),
    reader(
        "james@quay.example",
        "en",
        &["en"],
        "Europe/London",
        &[("weekly", &["sea", "climate"], &["storm AND (ferry OR power)"])],
    ),
    reader("anke@deich.example", "de", &["de"], "Europe/Berlin", &[("morning", &["housing", "transports"], &[])]),
    reader(
        "jonas@deich.example",
        "de",
        &["de", "en"],
        "Europe/Berlin",
        &[("noon", &["transports", "cycling", "energy"], &["\"Moordiek\""])],
    ),
    reader(
        "femke@polder.example",
        "nl",
        &["nl"],
        "Europe/Amsterdam",
        &[("morning", &["cycling", "housing", "climate"], &[])],
    ),
    reader(
        "pieter@polder.example",
        "nl",
        &["nl"],
        "Europe/Brussels",
        &[("weekly", &["cycling"], &["zwemtassen OR windscherm"]), ("instant", &["climate"], &[])],
    ),
    ReaderPart {
        status: Status::Paused,
        ..reader(
            "margaux@relache.example",
            "fr",
            &["fr"],
            "Europe/Paris",
            &[("morning", &["culture", "transports"], &[])],
        )
    },
    reader(LEAVER, "fr", &["fr"], "Europe/Paris", &[("noon", &["transports", "energy"], &[])]),
    reader(GONE, "fr", &["fr"], "Europe/Paris", &[("morning", &["transports"], &[])]),
    reader(LATER, "fr", &["fr"], "Europe/Paris", &[("morning", &["culture", "sea"], &[])]),
];

/// Enters feeds, topics and readers.
pub(super) async fn enter(pool: &Pool, site: &Site) -> Result<(), Failure> {
    let mut tx = pool.begin().await?;
    for publisher in &site.publishers {
        feed(&mut tx, site, &publisher.host, &publisher.title, publisher.host == "fanal").await?;
    }
    feed(&mut tx, site, HOSTILE, "Le Piège", false).await?;
    let mut topics = BTreeMap::new();
    for part in &TOPICS {
        topics.insert(part.slug, topic(&mut tx, part, site.begin).await?);
    }
    let schedules: BTreeMap<String, i32> =
        store::schedule::all(&mut tx).await?.into_iter().map(|(id, name)| (name, id)).collect();
    for (at, part) in READERS.iter().enumerate() {
        // They joined on different days, which their mails say.
        let joined = site.begin - TimeDelta::days(20 + 17 * i64::try_from(at).unwrap_or(0));
        subscriber(&mut tx, part, &topics, &schedules, joined).await?;
    }
    Ok(tx.commit().await?)
}

async fn feed(conn: &mut Conn, site: &Site, host: &str, title: &str, own: bool) -> Result<(), Failure> {
    let url = FeedUrl::parse(&site.feed_url(host)).map_err(Failure::of)?;
    let name = url.url().host_str().unwrap_or_default();
    let new = NewFeed { url: url.as_str(), title, site: name, domain: name, language: None, own, mail_newest: 0 };
    store::feed::add(conn, site.begin, &new).await?;
    Ok(())
}

async fn topic(conn: &mut Conn, part: &TopicPart, now: DateTime<Utc>) -> Result<i64, Failure> {
    let canonical = filter_text::parse(part.filter)?;
    let seq = store::take_log_seq(conn, 1).await?;
    let filter_id = store::filter::intern(conn, &canonical, seq).await?;
    let titles = ["fr", "en", "de", "nl"].iter().zip(part.titles).map(|(l, t)| ((*l).to_owned(), t.to_owned()));
    let new = NewTopic { slug: part.slug, titles: titles.collect(), descriptions: BTreeMap::new(), filter_id };
    let added = store::topic::add(conn, now, WHO, &new, seq).await?;
    added.ok_or_else(|| Failure::failed(format!("the topic {} is there already", part.slug)))
}

async fn subscriber(
    conn: &mut Conn,
    part: &ReaderPart,
    topics: &BTreeMap<&str, i64>,
    schedules: &BTreeMap<String, i32>,
    joined: DateTime<Utc>,
) -> Result<(), Failure> {
    let absent = |what: &str| Failure::failed(format!("{}: no {what}", part.address));
    let address = Address::parse(part.address).map_err(Failure::of)?;
    let reads: Vec<String> = part.reads.iter().map(|code| (*code).to_owned()).collect();
    let mut wanted = Vec::new();
    for (schedule, slugs, filters) in part.follows {
        let schedule_id = *schedules.get(*schedule).ok_or_else(|| absent(schedule))?;
        let zone = if *schedule == INSTANT { "" } else { part.zone };
        let mut follow = |follow| wanted.push(Wanted { follow, schedule_id, zone: zone.to_owned() });
        for slug in *slugs {
            follow(Follow::Topic(*topics.get(slug).ok_or_else(|| absent(slug))?));
        }
        for filter in *filters {
            follow(Follow::Filter(filter_text::parse(filter)?));
        }
    }
    let new = NewSubscriber {
        address_key: &address.address_key(),
        address: address.as_str(),
        status: part.status.code(),
        language: part.language,
        reads: &reads,
        zone: part.zone,
    };
    match store::membership::add(conn, joined, &new, &wanted, WHO).await? {
        Added::New(_) => Ok(()),
        Added::Known => Err(absent("second reader with this address")),
    }
}

/// The schedules that a reader of the cast is mailed by, for the table.
pub(super) fn schedules_of(address: &str) -> String {
    let part = READERS.iter().find(|part| part.address == address);
    part.map(|part| part.follows.iter().map(|(schedule, ..)| *schedule).collect::<Vec<_>>().join(" + "))
        .unwrap_or_default()
}

/// What the mailboxes' server says to a recipient at the given attempt, if it does not take the mail.
pub(super) fn refusal(address: &str, attempt: usize) -> Option<&'static str> {
    match address {
        GONE => Some("550 5.1.1 there is no such mailbox here"),
        LATER if attempt == 1 => Some("451 4.7.1 greylisted, try again in a minute"),
        _ => None,
    }
}
