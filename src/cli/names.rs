//! Finds what a person named on the command line: topic, feed, schedule, relay, subscriber.
//! A wrong name gets the nearest known one.

use crate::{
    config::{self, Config},
    digest::schedule::INSTANT,
    feed::FeedUrl,
    store::{self, Conn, feed::FeedRow, subscriber::SubscriberRow, topic::TopicRow},
    subscriber::address::Address,
};

use super::Failure;

/// Similarity (Jaro-Winkler) above which an unknown name is taken for a slip of a known one.
const LIKE_ENOUGH: f64 = 0.75;

/// Names that an error lists at most; beyond it the listing command is better.
const MAX_LISTED: usize = 12;

/// The known name that was probably meant.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let given = given.to_lowercase();
    let likeness = |name: &&'a str| (strsim::jaro_winkler(&name.to_lowercase(), &given), *name);
    let best = known.iter().map(likeness).max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness >= LIKE_ENOUGH).map(|(_, name)| name)
}

/// Bad input: there is no such thing; the nearest, or what there is.
pub(super) fn unknown(what: &str, given: &str, known: &[&str], list: &str) -> Failure {
    if let Some(name) = nearest(given, known) {
        return Failure::input(format!("there is no {what} `{given}`; did you mean `{name}`?"));
    }
    let hint = match known.len() {
        0 => format!("there is none yet; {list}"),
        1..=MAX_LISTED => format!("there are: {}", known.join(", ")),
        _ => list.to_owned(),
    };
    Failure::input(format!("there is no {what} `{given}`; {hint}"))
}

/// A live topic by its slug.
pub(super) async fn topic(conn: &mut Conn, slug: &str) -> Result<TopicRow, Failure> {
    let mut found = topics(conn, std::slice::from_ref(&slug.to_owned())).await?;
    found.pop().ok_or_else(|| Failure::input("no topic was named"))
}

/// Live topics by their slugs, in the given order.
pub(super) async fn topics(conn: &mut Conn, slugs: &[String]) -> Result<Vec<TopicRow>, Failure> {
    if slugs.is_empty() {
        return Ok(Vec::new());
    }
    let live = store::topic::live(conn).await?;
    let find = |slug: &String| {
        let wanted = slug.trim().to_lowercase();
        live.iter().find(|topic| topic.slug == wanted).cloned().ok_or_else(|| no_topic(slug, &live))
    };
    slugs.iter().map(find).collect()
}

/// Bad input: no topic has this slug.
pub(super) fn no_topic(slug: &str, live: &[TopicRow]) -> Failure {
    let known: Vec<&str> = live.iter().map(|topic| topic.slug.as_str()).collect();
    unknown("topic", slug, &known, "see `depeche topic list`, or add it with `depeche topic add`")
}

/// A live feed by its number, address or title.
pub(super) async fn feed(conn: &mut Conn, given: &str) -> Result<FeedRow, Failure> {
    let live = store::feed::live(conn).await?;
    let given = given.trim();
    if given.is_empty() {
        return Err(Failure::input("no feed is named; give its number, address or title, see `depeche feed list`"));
    }
    if let Ok(id) = given.trim_start_matches('#').parse::<i64>() {
        let found = live.into_iter().find(|feed| feed.id == id);
        return found.ok_or_else(|| Failure::input(format!("there is no feed {id}; see `depeche feed list`")));
    }
    let address = FeedUrl::parse(given).ok();
    let is_address = |feed: &&FeedRow| address.as_ref().is_some_and(|url| url.as_str() == feed.url);
    if let Some(feed) = live.iter().find(is_address) {
        return Ok(feed.clone());
    }
    let is_titled = |feed: &&FeedRow| super::feed::title(feed).to_lowercase() == given.to_lowercase();
    let titled: Vec<&FeedRow> = live.iter().filter(is_titled).collect();
    match titled.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let known: Vec<&str> = live.iter().flat_map(|feed| [feed.url.as_str(), super::feed::title(feed)]).collect();
            Err(unknown("feed", given, &known, "see `depeche feed list`, or add it with `depeche feed add URL`"))
        }
        many => {
            let ids: Vec<String> = many.iter().map(|feed| feed.id.to_string()).collect();
            Err(Failure::input(format!(
                "several feeds are called `{given}`; name one by its number: {}",
                ids.join(", ")
            )))
        }
    }
}

/// A schedule of the config, or `instant`: its name and rule as the store keeps them.
pub(super) fn schedule<'a>(config: &'a Config, name: &str) -> Result<(&'a str, &'a str), Failure> {
    let wanted = name.trim().to_lowercase();
    if wanted == INSTANT {
        return Ok((INSTANT, ""));
    }
    if let Some(found) = config.schedule(&wanted) {
        return Ok((found.schedule.name(), found.schedule.cron()));
    }
    let mut known: Vec<&str> = config.schedules.iter().map(|found| found.schedule.name()).collect();
    known.push(INSTANT);
    Err(unknown("schedule", name, &known, "see [schedules] in the config"))
}

/// A relay of the config.
pub(super) fn relay<'a>(config: &'a Config, name: &str) -> Result<&'a config::Relay, Failure> {
    let known: Vec<&str> = config.relays.iter().map(|relay| relay.name.as_str()).collect();
    let found = config.relays.iter().find(|relay| relay.name == name.trim());
    found.ok_or_else(|| unknown("relay", name, &known, "add a [[relay]] section to the config"))
}

/// Reads an address that a person typed.
pub(super) fn address(given: &str) -> Result<Address, Failure> {
    Address::parse(given).map_err(|error| Failure::input(format!("`{given}`: {error}")))
}

/// A subscriber by address or number.
pub(super) async fn subscriber(conn: &mut Conn, given: &str) -> Result<SubscriberRow, Failure> {
    if let Ok(id) = given.trim().trim_start_matches('#').parse::<i64>() {
        let found = store::subscriber::by_ids(conn, &[id]).await?.pop();
        return found
            .ok_or_else(|| Failure::input(format!("there is no subscriber {id}; see `depeche subscriber list`")));
    }
    let address = address(given)?;
    if let Some(found) = store::subscriber::by_key(conn, &address.address_key()).await? {
        return Ok(found);
    }
    let hint = match address.suggestion() {
        Some(meant) => format!("did you mean `{}`?", meant.shown()),
        None => "see `depeche subscriber list`, or add it with `depeche subscriber add`".to_owned(),
    };
    Err(Failure::input(format!("no subscriber has the address `{}`; {hint}", address.shown())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_gets_the_nearest_or_what_there_is() {
        let check = |given: &str, known: &[&str], text: &str| {
            assert_eq!(unknown("topic", given, known, "see `depeche topic list`").to_string(), text);
        };
        check("transport", &["climat", "transports"], "there is no topic `transport`; did you mean `transports`?");
        check("Climate", &["climat"], "there is no topic `Climate`; did you mean `climat`?");
        check("xyz", &["climat", "transports"], "there is no topic `xyz`; there are: climat, transports");
        check("xyz", &[], "there is no topic `xyz`; there is none yet; see `depeche topic list`");
        check("xyz", &["a"; 13], "there is no topic `xyz`; see `depeche topic list`");
    }
}
