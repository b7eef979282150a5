//! Draws one reader's mail from what was loaded.
//! It queries nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{ComposeError, ComposeSettings, Composer, Draft, loaded::Frozen, message, unsubscribe_url};
use crate::{
    daemon::Settings,
    delivery::{Key, Kind},
    digest::{FrozenItem, Place, Why, schedule::ScheduleLine},
    render::{
        AlertMail, AlsoAt, ArticleFragmentInput, ConfirmationMail, DigestMail, Excerpt, FragmentCache, Href, Links,
        Note, Rendered, Section, UiLanguage,
    },
    store::{article::RevisionRow, delivery::OutboxRow, schedule::INSTANT, slot::SlotRow},
    subscriber::token::Purpose,
};

/// From this lateness on a digest says that it is late.
const LATE: TimeDelta = TimeDelta::minutes(60);
/// Days that the links to a reader's choices stay good.
const CHOICES_GOOD_FOR: TimeDelta = TimeDelta::days(90);
/// Days after which an unconfirmed address is forgotten (mails-and-pages.md).
pub(super) const CONFIRM_DAYS: u32 = 7;

impl Composer {
    /// Composes the mail of one delivery.
    pub fn compose(
        &self,
        settings: &Settings,
        fragments: &FragmentCache,
        row: &OutboxRow,
    ) -> Result<Draft, ComposeError> {
        let kind = Kind::from_code(row.kind).map_err(|_| ComposeError::Nothing)?;
        match (&self.slot, kind) {
            (Some(slot), Kind::Digest | Kind::Alert) => self.of_slot(settings, fragments, slot, kind, row),
            (None, Kind::Confirmation) => self.confirmation(&settings.compose, row),
            _ => Err(ComposeError::Nothing),
        }
    }

    fn of_slot(
        &self,
        settings: &Settings,
        fragments: &FragmentCache,
        slot: &SlotRow,
        kind: Kind,
        row: &OutboxRow,
    ) -> Result<Draft, ComposeError> {
        let compose = &settings.compose;
        let frozen = self.frozen.get(&row.subscriber_id).ok_or(ComposeError::Nothing)?;
        let language: UiLanguage = row.language.parse().unwrap_or(compose.language);
        let zone: Tz = row.zone.parse().unwrap_or(compose.zone);
        let items: Vec<&FrozenItem> = frozen.items.iter().filter(|item| self.is_there(item)).collect();
        if !items.iter().any(|item| item.place != Place::Alerted) {
            return Err(ComposeError::Withdrawn);
        }
        let occasion = u64::try_from(slot.slot_at.timestamp()).unwrap_or(0);
        let sheet = Sheet { composer: self, settings, slot, row, language, zone, occasion };
        let rendered = match kind {
            Kind::Alert => sheet.alert(fragments, &items),
            _ => sheet.digest(fragments, &items, frozen),
        }?;
        let key =
            Key::new(kind, row.subscriber_id, format!("{} {} {}", self.schedule, slot.zone, slot.local_at).as_bytes());
        let (envelope, bytes) = message(compose, row, kind, key, occasion, self.due_at, language, zone, &rendered)?;
        let mut topics: Vec<i64> = items
            .iter()
            .flat_map(|item| &item.why)
            .filter_map(|why| if let Why::Topic(id) = why { Some(*id) } else { None })
            .collect();
        topics.sort_unstable();
        topics.dedup();
        let mut feeds: Vec<i64> =
            items.iter().filter_map(|item| self.revisions.get(&(item.article, item.rev)).map(|r| r.feed_id)).collect();
        feeds.sort_unstable();
        feeds.dedup();
        // What an alert told before is told.
        let missing = |item: &&FrozenItem| item.place != Place::Alerted && !self.is_there(item);
        let missing = frozen.items.iter().filter(missing).map(|item| item.story).collect();
        Ok(Draft { key, kind, envelope, bytes, rendered, topics, feeds, missing })
    }

    /// What a heading says: the topic's title, or the reader's own words; empty where they no longer follow them.
    pub(super) fn title(&self, compose: &ComposeSettings, reader: i64, language: UiLanguage, why: Why) -> String {
        match why {
            Why::Topic(id) => self.topics.get(&id).map_or_else(String::new, |topic| {
                let titles = &topic.titles.0;
                let own = titles.get(language.code()).or_else(|| titles.get(compose.language.code()));
                own.or_else(|| titles.values().next()).cloned().unwrap_or_else(|| topic.slug.clone())
            }),
            Why::Filter(id) => {
                let links = self.links.get(&reader).map_or(&[][..], Vec::as_slice);
                let link = links.iter().find(|link| link.filter_id == Some(id));
                link.and_then(|link| link.canonical.clone()).unwrap_or_default()
            }
        }
    }

    /// What is shown of an item.
    pub(in crate::daemon) fn input(&self, item: &FrozenItem) -> Option<ArticleFragmentInput<'_>> {
        let revision = self.revisions.get(&(item.article, item.rev))?;
        let feed = self.feeds.get(&revision.feed_id)?;
        let also_at = item.also.iter().filter_map(|article| {
            let elsewhere = self.elsewhere.get(article)?;
            Some(AlsoAt { source: &self.feeds.get(&elsewhere.feed_id)?.title, url: &elsewhere.url })
        });
        Some(ArticleFragmentInput {
            article_id: item.article,
            rev: item.rev,
            text: &revision.body.0,
            first_seen: revision.seen_at,
            source: &feed.title,
            credit: feed.credit.as_deref(),
            also_at: also_at.collect(),
            show_paid: feed.paid == "label",
            image_allowed: feed.own,
            excerpt: match feed.excerpt.as_str() {
                "title" => Excerpt::Title,
                "summary" => Excerpt::Summary,
                _ => Excerpt::KeyPoints,
            },
            max_chars: usize::try_from(feed.max_chars).unwrap_or(0),
            words: self.own_words(item),
            updated: item.updated,
        })
    }

    /// Whether an item may still be shown: an article can be withdrawn, and a feed's rules changed, until the last moment.
    pub(in crate::daemon) fn is_there(&self, item: &FrozenItem) -> bool {
        let hidden = |revision: &RevisionRow| {
            let paid = revision.body.0.paid || self.paid_by_now.contains(&item.article);
            paid && self.feeds.get(&revision.feed_id).is_some_and(|feed| feed.paid == "hide")
        };
        let revision = self.revisions.get(&(item.article, item.rev));
        revision.is_some_and(|revision| !hidden(revision)) && !self.withdrawn.contains(&item.article)
    }

    fn confirmation(&self, compose: &ComposeSettings, row: &OutboxRow) -> Result<Draft, ComposeError> {
        if !self.letters.contains_key(&row.n) {
            return Err(ComposeError::Nothing);
        }
        let language: UiLanguage = row.language.parse().unwrap_or(compose.language);
        let zone: Tz = row.zone.parse().unwrap_or(compose.zone);
        let until = self.due_at + TimeDelta::days(i64::from(CONFIRM_DAYS));
        let token = compose.keys.sign_until(Purpose::Confirm, row.subscriber_id, until);
        let confirm = page(compose, "c", token.as_str())?;
        let rendered =
            ConfirmationMail { publisher: &compose.publisher, language, confirm: &confirm, days: CONFIRM_DAYS }
                .render(&compose.templates)
                .map_err(|error| ComposeError::Render(error.to_string()))?;
        let occasion = u64::try_from(self.due_at.timestamp()).unwrap_or(0);
        let key = Key::new(Kind::Confirmation, row.subscriber_id, &occasion.to_be_bytes());
        let (envelope, bytes) =
            message(compose, row, Kind::Confirmation, key, occasion, self.due_at, language, zone, &rendered)?;
        let (topics, feeds, missing) = Default::default();
        Ok(Draft { key, kind: Kind::Confirmation, envelope, bytes, rendered, topics, feeds, missing })
    }
}

/// A page of ours with a token.
fn page(compose: &ComposeSettings, path: &str, token: &str) -> Result<Href, ComposeError> {
    let page = compose.publisher.page(&format!("{path}/{token}"));
    page.parse().map_err(|error| ComposeError::Render(format!("base_url: {error}")))
}

/// One reader's mail in the making.
struct Sheet<'a> {
    composer: &'a Composer,
    settings: &'a Settings,
    slot: &'a SlotRow,
    row: &'a OutboxRow,
    language: UiLanguage,
    zone: Tz,
    occasion: u64,
}

impl<'a> Sheet<'a> {
    fn digest(
        &self,
        fragments: &FragmentCache,
        items: &[&'a FrozenItem],
        frozen: &Frozen,
    ) -> Result<Rendered, ComposeError> {
        let titles: BTreeMap<Why, String> =
            items.iter().flat_map(|item| &item.why).map(|why| (*why, self.title(*why))).collect();
        let mut sections: Vec<Section<'_>> = Vec::new();
        let full = items.iter().filter(|item| item.place == Place::Full);
        let mut under: Option<Why> = None;
        for item in full {
            if under != Some(item.why[0]) {
                under = Some(item.why[0]);
                sections.push(Section { title: &titles[&item.why[0]], items: Vec::new() });
            }
            let input = self.input(item).ok_or(ComposeError::Nothing)?;
            sections.last_mut().expect("just pushed").items.push(input);
        }
        let placed = |place: Place| {
            items.iter().filter(move |i| i.place == place).filter_map(|i| self.input(i)).collect::<Vec<_>>()
        };
        let followed = self.followed();
        let nothing: Vec<&str> = followed
            .iter()
            .filter(|(why, _)| !items.iter().any(|item| item.why.contains(why)))
            .map(|(_, title)| title.as_str())
            .collect();
        let late = self.composer.due_at - self.slot.slot_at;
        let line = self.settings.plan.schedule(&self.composer.schedule).map(|s| s.schedule.describe().clone());
        let line = line.unwrap_or_else(|| ScheduleLine::Other(self.composer.schedule.clone()));
        let compose = &self.settings.compose;
        let mail = DigestMail {
            publisher: &compose.publisher,
            language: self.language,
            zone: self.zone,
            slot_local: self.slot.local_at,
            schedule: &line,
            sections,
            brief: placed(Place::Brief),
            counted: items.iter().filter(|item| item.place == Place::Counted).count(),
            alerted: placed(Place::Alerted),
            nothing_today_for: nothing,
            note: (late >= LATE).then_some(Note::Delay(late)),
            links: self.links()?,
            subscribed_on: self.local(self.row.since).date(),
            topics: followed.iter().map(|(_, title)| title.as_str()).collect(),
            lead: self.lead(items, frozen.lead_key),
            proof: false,
        };
        mail.render(&compose.templates, fragments).map_err(|error| ComposeError::Render(error.to_string()))
    }

    fn alert(&self, fragments: &FragmentCache, items: &[&'a FrozenItem]) -> Result<Rendered, ComposeError> {
        let inputs: Vec<ArticleFragmentInput<'_>> = items.iter().filter_map(|item| self.input(item)).collect();
        let local = self.local(self.slot.slot_at);
        let since = inputs.iter().map(|input| self.local(input.first_seen)).min();
        let why = items[0].why[0];
        let topic = self.title(why);
        let compose = &self.settings.compose;
        let token = compose.keys.sign(Purpose::Alert, self.row.subscriber_id, why.code());
        let to_digest = compose.digests().next().map(|_| page(compose, "a", &format!("{}#digest", token.as_str())));
        let mail = AlertMail {
            publisher: &compose.publisher,
            language: self.language,
            zone: self.zone,
            local,
            topic: &topic,
            since: since.filter(|since| inputs.len() > 1 && since.date() == local.date()).map(|since| since.time()),
            items: inputs,
            per_hour: u32::try_from(self.settings.plan.instant.per_hour).unwrap_or(u32::MAX),
            mute: Some(page(compose, "a", &format!("{}#mute", token.as_str()))?),
            to_digest: to_digest.transpose()?,
            links: self.links()?,
            subscribed_on: self.local(self.row.since).date(),
            proof: false,
        };
        mail.render(&compose.templates, fragments).map_err(|error| ComposeError::Render(error.to_string()))
    }

    /// The item that leads the subject, as plan froze it.
    fn lead(&self, items: &[&FrozenItem], lead_key: i64) -> Option<usize> {
        items.iter().filter(|item| item.place == Place::Full).position(|item| {
            let input = self.input(item);
            input.is_some_and(|input| {
                crate::render::subject::lead_key(&input.text.title, input.source) == Some(lead_key)
            })
        })
    }

    fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    fn links(&self) -> Result<Links, ComposeError> {
        let compose = &self.settings.compose;
        let reader = self.row.subscriber_id;
        let choices = compose.keys.sign_until(Purpose::Preferences, reader, self.slot.slot_at + CHOICES_GOOD_FOR);
        let leave = compose.keys.sign(Purpose::Unsubscribe, reader, self.occasion);
        let web = compose.keys.sign(Purpose::Web, reader, self.occasion);
        Ok(Links {
            change: page(compose, "p", choices.as_str())?,
            unsubscribe: unsubscribe_url(compose, leave.as_str())
                .parse()
                .map_err(|error| ComposeError::Render(format!("base_url: {error}")))?,
            less: Some(page(compose, "p", &format!("{}#often", choices.as_str()))?),
            pause: Some(page(compose, "p", &format!("{}#pause", choices.as_str()))?),
            share: Some(page(compose, "d", web.as_str())?),
            why: Some(page(compose, "d", &format!("{}#why", web.as_str()))?),
            data: Some(page(compose, "p", &format!("{}#data", choices.as_str()))?),
            web: Some(page(compose, "d", web.as_str())?),
        })
    }

    /// What the reader follows on this schedule, in their order, with its title.
    fn followed(&self) -> Vec<(Why, String)> {
        let links = self.composer.links.get(&self.row.subscriber_id).map_or(&[][..], Vec::as_slice);
        let here = links.iter().filter(|link| {
            link.schedule_id == self.slot.schedule_id
                && (link.zone == self.slot.zone || self.composer.schedule == INSTANT)
        });
        here.map(|link| (link.why(), self.title(link.why()))).collect()
    }

    fn title(&self, why: Why) -> String {
        self.composer.title(&self.settings.compose, self.row.subscriber_id, self.language, why)
    }

    fn input(&self, item: &FrozenItem) -> Option<ArticleFragmentInput<'a>> {
        self.composer.input(item)
    }
}
