//! Previews of what is stored: one subscriber, a reader of one topic, or everybody.
//! Which items a mail has is the planner's decision; how the answer looks is `answer`'s.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{
    DryRunArgs,
    answer::{self, Shown, Standing},
};
use crate::{
    cli::{Failure, Invocation, Store, names, output, settings},
    clock::parse_time,
    config::{Config, load_or_create_keys},
    daemon::{
        Settings,
        compose::Cache,
        deliver::offer,
        plan::{
            self,
            page::{Look, Planned},
        },
        preview::{self, Preview, mails::Mail},
    },
    digest::{Why, left_out::LeftOut, schedule::INSTANT},
    store::{self, Conn, delivery::OutboxRow, subscriber::SubscriberRow, subscription::LinkRow, topic::TopicRow},
    subscriber::{Status, token::Keys},
};

/// Stands in for the keys that the first run makes: a preview makes no file that the service could not read.
const NO_SECRET: [u8; 32] = [0; 32];

/// A reader of one topic alone, who is not in the store; ids of stored ones begin at 1.
const NOBODY: i64 = 0;

/// What a preview of stored things works with: one instant of the database.
pub(super) struct Stored<'a> {
    pub(super) config: &'a Config,
    pub(super) settings: Settings,
    pub(super) tx: store::Transaction<'static>,
    pub(super) cache: Cache,
    pub(super) now: DateTime<Utc>,
}

impl<'a> Stored<'a> {
    /// Opens a transaction that can write nothing, with the daemon's own settings.
    pub(super) async fn open(invocation: &Invocation, store: &'a Store, args: &DryRunArgs) -> Result<Self, Failure> {
        let config = &store.config;
        if let Some(name) = &args.schedule {
            names::schedule(config, name)?;
        }
        let keys = if config.key_file.exists() {
            load_or_create_keys(&config.key_file).map_err(Failure::of)?
        } else {
            Keys::new(NO_SECRET)
        };
        let settings = settings::settings(config, keys).map_err(|error| Failure::input(error.to_string()))?;
        let tx = store::begin_read_only(&store.pool).await?;
        Ok(Self { config, settings, tx, cache: Cache::default(), now: invocation.now })
    }

    /// The instant that was asked for, on the wall clock of `zone` where none was given.
    fn at(&self, args: &DryRunArgs, zone: Tz) -> Result<Option<DateTime<Utc>>, Failure> {
        let parse = |text: &String| parse_time(text, self.now, zone).map_err(|error| Failure::input(error.to_string()));
        args.at.as_ref().map(parse).transpose()
    }

    /// The slots of these groups at or after the instant that was asked for, the first one first.
    pub(super) async fn slots(
        &mut self,
        args: &DryRunArgs,
        zone: Tz,
        groups: &[(i32, String)],
    ) -> Result<Vec<Preview>, Failure> {
        let at = self.at(args, zone)?;
        let wanted = args.schedule.as_ref().map(|name| name.trim().to_lowercase());
        let known = store::schedule::all(&mut self.tx).await?;
        let mut found = Vec::new();
        for (id, zone) in groups {
            let Some((_, name)) = known.iter().find(|(known, _)| known == id) else { continue };
            if wanted.as_ref().is_some_and(|wanted| wanted != name) {
                continue;
            }
            let slot = preview::find(&mut self.tx, &self.settings.plan, (*id, name), zone, at, self.now).await;
            found.extend(slot.map_err(Failure::of)?);
        }
        // Alerts have no time of their own: a digest, where there is one, is what "next" means.
        found.sort_by_key(|p| (p.schedule == INSTANT, p.slot.slot_at, p.schedule.clone(), p.slot.zone.clone()));
        Ok(found)
    }

    /// How a slot stands, for the head of the answer.
    pub(super) fn standing(&self, preview: &Preview, zone: Tz) -> Standing {
        Standing {
            schedule: preview.schedule.clone(),
            slot_at: preview.slot.slot_at,
            closes_at: preview.slot.cut_off,
            as_of: self.now,
            frozen: preview.frozen,
            earlier: preview.earlier,
            zone: preview.slot.zone.parse().unwrap_or(zone),
        }
    }

    /// Why this reader would not be mailed; none where they would.
    fn refused(&self, reader: &OutboxRow) -> Option<String> {
        offer::skip_reason(&self.settings.deliver, reader).map(|reason| reason.text().to_owned())
    }

    async fn addresses(&mut self, left_out: &[(i64, LeftOut)]) -> Result<Vec<(String, String)>, Failure> {
        let ids: Vec<i64> = left_out.iter().map(|(article, _)| *article).collect();
        let rows = store::article::addresses(&mut self.tx, &ids).await?;
        let url = |id: i64| rows.iter().find(|row| row.article_id == id).map(|row| row.url.clone()).unwrap_or_default();
        Ok(left_out.iter().map(|(id, why)| (url(*id), why.reason().to_owned())).collect())
    }
}

/// What one subscriber, or a reader of one topic alone, would get.
pub(super) async fn one(mut stored: Stored<'_>, args: &DryRunArgs) -> Result<Shown, Failure> {
    if let Some(address) = &args.subscriber {
        let reader = names::subscriber(&mut stored.tx, address).await?;
        return of_subscriber(&mut stored, args, &reader).await;
    }
    let slug = args.topic.as_deref().unwrap_or_default();
    let topic = names::topic(&mut stored.tx, slug).await?;
    of_topic(&mut stored, args, &topic).await
}

async fn of_subscriber(stored: &mut Stored<'_>, args: &DryRunArgs, reader: &SubscriberRow) -> Result<Shown, Failure> {
    let zone: Tz = reader.zone.parse().unwrap_or(stored.config.publisher.zone);
    let links = store::subscription::live(&mut stored.tx, &[reader.id]).await?;
    if links.is_empty() {
        let status = Status::try_from(reader.status).map_or("", Status::word);
        let hint = "`depeche subscriber add` with --topic gives them something to follow";
        return Err(Failure::input(format!("{} ({status}) follows nothing now; {hint}", reader.address)));
    }
    let groups = groups_of(&links);
    let slots = stored.slots(args, zone, &groups).await?;
    let Some(preview) = slots.into_iter().next() else { return Err(no_slot(stored.config, args, &links)) };
    let (settings, now) = (stored.settings.plan.clone(), stored.now);
    let readers =
        preview.readers(&mut stored.tx, &settings, Look::One(reader.id), 0, now).await.map_err(Failure::of)?;
    let left_out = stored.addresses(&readers.left_out).await?;
    let standing = stored.standing(&preview, zone);
    let mails = mails(stored, &preview, readers.planned, None).await?;
    let mut shown = Shown::new(standing, reader.address.clone());
    let row = store::delivery::readers(&mut stored.tx, &[reader.id]).await?.pop();
    shown.refused = row.and_then(|row| stored.refused(&row));
    shown.left_out = left_out;
    if let Some(mail) = mails.into_iter().next() {
        shown.take(mail);
    }
    Ok(shown)
}

async fn of_topic(stored: &mut Stored<'_>, args: &DryRunArgs, topic: &TopicRow) -> Result<Shown, Failure> {
    let zone = stored.config.publisher.zone;
    let known = store::schedule::all(&mut stored.tx).await?;
    let of_config = |name: &String| stored.settings.plan.schedule(name).is_some();
    let groups: Vec<(i32, String)> = known
        .iter()
        .filter(|(_, name)| of_config(name) || (name == INSTANT && args.schedule.as_deref() == Some(INSTANT)))
        .map(|(id, name)| (*id, if name == INSTANT { String::new() } else { zone.to_string() }))
        .collect();
    let slots = stored.slots(args, zone, &groups).await?;
    let Some(preview) = slots.into_iter().next() else { return Err(no_slot(stored.config, args, &[])) };
    let why = Why::Topic(topic.id);
    let (selection, left_out) = preview.of_one(&stored.settings.plan, why);
    let language = stored.config.publisher.language;
    let contact = stored.config.publisher.contact.as_str();
    let reader = OutboxRow::of_nobody(contact, language.code(), zone.name(), stored.now);
    let link = LinkRow {
        id: 0,
        subscriber_id: NOBODY,
        topic_id: Some(topic.id),
        slug: Some(topic.slug.clone()),
        filter_id: None,
        canonical: None,
        schedule_id: preview.slot.schedule_id,
        schedule: preview.schedule.clone(),
        zone: preview.slot.zone.clone(),
        position: 0,
    };
    let planned = selection.map(|selection| Planned { subscriber_id: NOBODY, status: Status::Confirmed, selection });
    let left_out = stored.addresses(&left_out).await?;
    let mut shown = Shown::new(stored.standing(&preview, zone), format!("a reader of {}", topic.slug));
    if let Some(planned) = planned {
        let mails = mails(stored, &preview, vec![planned], Some((reader, vec![link]))).await?;
        if let Some(mail) = mails.into_iter().next() {
            shown.take(mail);
        }
    }
    shown.left_out = left_out;
    Ok(shown)
}

/// What everybody would get, slot by slot and page by page.
pub(super) async fn all(mut stored: Stored<'_>, args: &DryRunArgs) -> Result<(), Failure> {
    let zone = stored.config.publisher.zone;
    let groups = store::subscription::groups(&mut stored.tx).await?;
    let slots = stored.slots(args, zone, &groups).await?;
    if slots.is_empty() {
        return Err(no_slot(stored.config, args, &[]));
    }
    let mut answer = answer::Many::new(args);
    let bar = output::progress(slots.len() as u64, "slots");
    for preview in &slots {
        let standing = stored.standing(preview, zone);
        let mut cursor = 0;
        for _ in 0..plan::MAX_PAGES {
            let (settings, now) = (stored.settings.plan.clone(), stored.now);
            let page =
                preview.readers(&mut stored.tx, &settings, Look::Show, cursor, now).await.map_err(Failure::of)?;
            for mail in mails(&mut stored, preview, page.planned, None).await? {
                let mut shown = Shown::new(standing.clone(), mail.reader.address.clone());
                shown.refused = stored.refused(&mail.reader);
                shown.take(mail);
                answer.add(&shown)?;
            }
            let Some(next) = page.cursor else { break };
            cursor = next;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    answer.finish()
}

async fn mails(
    stored: &mut Stored<'_>,
    preview: &Preview,
    planned: Vec<Planned>,
    nobody: Option<(OutboxRow, Vec<LinkRow>)>,
) -> Result<Vec<Mail>, Failure> {
    let Stored { settings, tx, cache, .. } = stored;
    let conn: &mut Conn = tx;
    preview.mails(conn, settings, cache, planned, nobody).await.map_err(Failure::of)
}

fn groups_of(links: &[LinkRow]) -> Vec<(i32, String)> {
    let mut groups: Vec<(i32, String)> = links.iter().map(|link| (link.schedule_id, link.zone.clone())).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// No slot answers the question: the schedules in use, or what else is wrong.
fn no_slot(config: &Config, args: &DryRunArgs, links: &[LinkRow]) -> Failure {
    let mut used: Vec<&str> = links.iter().map(|link| link.schedule.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    match (&args.schedule, &args.at) {
        (Some(name), _) if !used.is_empty() && !used.contains(&name.as_str()) => {
            Failure::input(format!("nothing is followed on `{name}`; it is on {}", used.join(", ")))
        }
        (Some(name), _) if used.is_empty() => Failure::input(format!("nobody follows anything on `{name}` yet")),
        (_, Some(at)) => Failure::input(format!(
            "no slot was planned at or after `{at}` that is not overtaken by a later one; `depeche delivery list` shows what was sent"
        )),
        _ if config.schedules.is_empty() => {
            Failure::input("the config has no schedules; add a [schedules.NAME] section")
        }
        _ => Failure::input("nobody follows anything yet; `depeche subscriber add` is how it begins"),
    }
}
