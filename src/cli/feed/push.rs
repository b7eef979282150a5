//! What `depeche feed show` says of pushing: the hook for the publisher's own system, and how it stands with the feed's hub.
//! It changes nothing but that the first look makes the keys that hooks are signed with.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::{
    cli::{Failure, Store, output},
    config::load_or_create_keys,
    feed::push::State,
    store::{
        self,
        websub::{self, WebSubRow},
    },
    subscriber::token::Purpose,
};

/// How a feed can tell that it has news.
pub(super) struct Push {
    /// The hook's address, or why it cannot be told.
    pub(super) hook: Result<String, String>,
    hub: Option<WebSubRow>,
}

impl Push {
    pub(super) async fn of(store: &Store, conn: &mut store::Conn, feed: i64) -> Result<Self, Failure> {
        let base = &store.config.publisher.base_url;
        let hook = load_or_create_keys(&store.config.key_file)
            .map(|keys| format!("{base}hooks/feed/{}", keys.sign(Purpose::FeedHook, feed, 0).as_str()))
            .map_err(|error| error.to_string());
        Ok(Self { hook, hub: websub::of_feeds(conn, &[feed]).await?.pop() })
    }

    pub(super) fn lines(&self, zone: Tz) -> Vec<String> {
        let mut lines = vec![match &self.hook {
            Ok(hook) => format!(
                "hook:      {hook}\n           a POST to it has the feed read at once; who knows it can do no more"
            ),
            Err(why) => format!("hook:      cannot be told: {why}"),
        }];
        let Some(hub) = &self.hub else {
            lines.push("hub:       none; the feed is polled".to_owned());
            return lines;
        };
        lines.push(format!("hub:       {}: {}", super::shown(&hub.hub), standing(hub, zone)));
        lines.extend(hub.why.as_ref().map(|why| format!("           {why}")));
        let last = hub.pushed_at.map(|at| format!(", the last {}", output::at(at, zone))).unwrap_or_default();
        let ignored = match hub.ignored {
            0 => String::new(),
            n => format!("; {} without the right signature ignored", output::number(n)),
        };
        lines.push(format!("           {}{last}{ignored}", output::count(hub.pushes, "push", "pushes")));
        lines
    }

    pub(super) fn json(&self) -> Value {
        self.hub.as_ref().map_or(Value::Null, |hub| {
            json!({
                "url": super::shown(&hub.hub), "topic": super::shown(&hub.topic), "state": hub.state, "why": hub.why,
                "asked_at": hub.asked_at, "verified_at": hub.verified_at, "lease_until": hub.lease_until,
                "next_at": hub.next_at, "pushes": hub.pushes, "pushed_at": hub.pushed_at, "ignored": hub.ignored,
            })
        })
    }
}

fn standing(hub: &WebSubRow, zone: Tz) -> String {
    let next = output::at(hub.next_at, zone);
    let until = hub.lease_until.map(|at| output::at(at, zone)).unwrap_or_default();
    match State::of(&hub.state) {
        Some(State::Wanted) if hub.asked_at.is_none() => "to be asked to push".to_owned(),
        Some(State::Wanted) => format!("asked to push, not verified yet; asked again {next}"),
        Some(State::Active) if hub.missed_at.is_some() => {
            format!("pushes until {until}, but has not yet told of the last news")
        }
        Some(State::Active) if hub.pushed_at.is_none() => {
            format!("to push until {until}; polled as usual until it has")
        }
        Some(State::Active) => format!("pushes until {until}, so that the feed is polled less"),
        Some(State::Denied) => format!("denied; asked again {next}"),
        Some(State::Bad) => format!("bad, so that the feed is polled as usual; asked again {next}"),
        Some(State::Leaving) | None => hub.state.clone(),
    }
}
