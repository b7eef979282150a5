//! `/p/TOKEN`: a reader's own choices: topics, words of their own and how often, updates, a pause, language and zone.
//! How a change is written is in `store::membership`.

use axum::{body::Bytes, extract::rejection::BytesRejection, response::Response};
use chrono_tz::Tz;

use super::{
    answer::{self, Refusal},
    asked::{Asked, InPath, Reader},
    front, own_words,
    reader_form::{Form, post_path},
};
use crate::{
    daemon::compose::Rhythm,
    render::{Choices, FollowRow, Often, OwnWords, PageContent, UiLanguage},
    store::{
        self, Conn,
        membership::{self, Follow, Wanted},
        schedule::INSTANT,
        subscription::{LinkRow, MAX_PER_READER},
        topic::TopicRow,
    },
    subscriber::{Status, token::Purpose},
};

/// Topics offered on one page beside those that are followed.
const OFFERED: usize = 200;
/// Parts of the world whose zones are offered; the database has older names for most of them besides.
const AREAS: [&str; 8] = ["Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// What became of a form.
enum Done {
    /// None was sent.
    Nothing,
    Saved,
    /// Words of the reader's own were read.
    Own(own_words::Answered),
}

/// Shows the choices.
pub(super) async fn page(asked: Asked, InPath(token): InPath) -> Response {
    asked.settle(shown(&asked, &token, &Done::Nothing).await)
}

/// Takes over what was chosen and shows it.
pub(super) async fn choose(asked: Asked, InPath(token): InPath, body: Result<Bytes, BytesRejection>) -> Response {
    let chosen = chosen(&asked, &token, body).await;
    let shown = match chosen {
        Ok(done) => shown(&asked, &token, &done).await,
        Err(refusal) => Err(refusal),
    };
    asked.settle(shown)
}

async fn chosen(asked: &Asked, token: &str, body: Result<Bytes, BytesRejection>) -> Result<Done, Refusal> {
    let reader = asked.reader(Purpose::Preferences, token).await?;
    let form = Form::read(&answer::body(body)?);
    match form.get("do") {
        Some("pause") => pause(asked, &reader, &form).await,
        Some("resume") => resume(asked, &reader).await,
        Some("often") => often(asked, &reader, &form).await,
        Some("follow") => follow(asked, &reader, &form).await,
        Some("updates") => updates(asked, &reader, &form).await,
        Some("tongue") => tongue(asked, &reader, &form).await,
        Some(own @ ("own" | "look")) => {
            reader.may_choose()?;
            return own_words::answer(asked, &reader, &form, own == "own").await.map(Done::Own);
        }
        _ => Err(Refusal::Unreadable),
    }?;
    Ok(Done::Saved)
}

async fn shown(asked: &Asked, token: &str, done: &Done) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Preferences, token).await?;
    reader.may_choose()?;
    let mut conn = asked.ctx.pool.acquire().await?;
    let links = store::subscription::live(&mut conn, &[reader.row.id]).await?;
    let rows = store::subscriber::by_ids(&mut conn, &[reader.row.id]).await?;
    let topics = store::topic::live(&mut conn).await?;
    let titles: Vec<(&TopicRow, String)> = topics.iter().map(|t| (t, title(asked, &reader, t))).collect();
    let rhythms = &asked.compose().rhythms;
    let followed = links.iter().map(|link| {
        let topic = titles.iter().find(|(topic, _)| Some(topic.id) == link.topic_id);
        let title = topic.map(|(_, title)| title.as_str()).or(link.canonical.as_deref()).or(link.slug.as_deref());
        let here = rhythms.iter().filter(|r| r.public || r.name == link.schedule);
        let often = here.map(|r| often_of(r, reader.zone, r.name == link.schedule)).collect();
        FollowRow { field: format!("link-{}", link.id), title: title.unwrap_or_default(), often }
    });
    let offered = titles.iter().filter(|(topic, _)| !links.iter().any(|l| l.topic_id == Some(topic.id)));
    let offered = offered.take(OFFERED).map(|(topic, title)| {
        let often = rhythms.iter().filter(|r| r.public).map(|r| often_of(r, reader.zone, false)).collect();
        FollowRow { field: format!("topic-{}", topic.slug), title, often }
    });
    let leave = asked.compose().keys.sign(Purpose::Unsubscribe, reader.row.id, 0);
    let choices = Choices {
        post: &post_path("p", token)?,
        unsubscribe: &post_path("u", leave.as_str())?,
        address: &reader.masked(),
        saved: matches!(done, Done::Saved),
        paused: reader.paused(),
        today: reader.local(asked.now).date(),
        followed: followed.collect(),
        offered: offered.collect(),
        own: own(asked, reader.zone, done),
        often: for_all(asked, &reader, &links),
        updates: rows.iter().any(|row| row.updates),
        zones: zones(reader.zone),
        zone: reader.zone,
        since: reader.local(reader.row.confirmed_at.unwrap_or(reader.row.created_at)).date(),
    };
    asked.page(reader.language, &PageContent::Choices(Box::new(choices)))
}

/// The form for words of their own, with what was written in it.
fn own<'a>(asked: &'a Asked, zone: Tz, done: &'a Done) -> OwnWords<'a> {
    let answered = if let Done::Own(answered) = done { Some(answered) } else { None };
    // Words are followed as a digest unless they are to come at once.
    let first = asked.compose().digests().next().map(|r| r.name.as_str());
    let chosen = answered.map(|a| a.often.as_str()).or(first);
    let offered = asked.compose().rhythms.iter().filter(|r| r.public);
    let often = offered.map(|r| often_of(r, zone, Some(r.name.as_str()) == chosen));
    OwnWords {
        words: answered.map_or("", |a| &a.words),
        without: answered.map_or("", |a| &a.without),
        often: often.collect(),
        said: answered.map(|a| a.said.clone()),
    }
}

/// What a topic is called for this reader.
pub(super) fn title(asked: &Asked, reader: &Reader, topic: &TopicRow) -> String {
    front::said(&topic.titles.0, reader.language, asked.compose().language).unwrap_or_else(|| topic.slug.clone())
}

pub(super) fn often_of(rhythm: &Rhythm, zone: Tz, chosen: bool) -> Often<'_> {
    Often { value: &rhythm.name, line: rhythm.line.as_ref(), titles: &rhythm.titles, zone, chosen }
}

/// The digests that everything can be moved to; none where there is nothing to choose between.
pub(super) fn for_all<'a>(asked: &'a Asked, reader: &Reader, links: &[LinkRow]) -> Vec<Often<'a>> {
    let all_on = |r: &Rhythm| links.iter().all(|link| link.schedule == r.name);
    let often: Vec<_> = asked.compose().digests().map(|r| often_of(r, reader.zone, all_on(r))).collect();
    if links.is_empty() || (often.len() < 2 && often.iter().all(|o| o.chosen)) { Vec::new() } else { often }
}

/// The zones to choose from, the reader's own among them.
fn zones(own: Tz) -> Vec<&'static str> {
    let is_offered = |zone: &&Tz| **zone == own || zone.name().split_once('/').is_some_and(|(a, _)| AREAS.contains(&a));
    chrono_tz::TZ_VARIANTS.iter().filter(is_offered).map(|zone| zone.name()).collect()
}

/// Pauses until a day or until further notice.
pub(super) async fn pause(asked: &Asked, reader: &Reader, form: &Form) -> Result<(), Refusal> {
    let until = form.pause_until(asked.now, reader.zone)?;
    let mut tx = asked.ctx.pool.begin().await?;
    if !store::reader::pause(&mut tx, asked.now, reader.row.id, until).await? {
        return Err(Refusal::TooOld);
    }
    tx.commit().await?;
    Ok(())
}

async fn resume(asked: &Asked, reader: &Reader) -> Result<(), Refusal> {
    let mut tx = asked.ctx.pool.begin().await?;
    // Twice resumed is resumed.
    store::reader::resume(&mut tx, asked.now, reader.row.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves everything to one schedule, alerts too; what was told stays told.
pub(super) async fn often(asked: &Asked, reader: &Reader, form: &Form) -> Result<(), Refusal> {
    let name = form.get("often").ok_or(Refusal::Unreadable)?;
    let mut tx = asked.ctx.pool.begin().await?;
    let links = locked(&mut tx, reader).await?;
    let schedules = store::schedule::all(&mut tx).await?;
    let (schedule, zone) = Target { asked, schedules: &schedules, zone: reader.zone.name() }.named(name, None)?;
    membership::reschedule(&mut tx, asked.now, &links, schedule, zone).await?;
    tx.commit().await?;
    Ok(())
}

/// Moves, ends and begins one by one; all of it or nothing.
async fn follow(asked: &Asked, reader: &Reader, form: &Form) -> Result<(), Refusal> {
    let mut tx = asked.ctx.pool.begin().await?;
    let links = locked(&mut tx, reader).await?;
    let schedules = store::schedule::all(&mut tx).await?;
    let target = Target { asked, schedules: &schedules, zone: reader.zone.name() };
    let mut ended = Vec::new();
    for link in &links {
        match form.get(&format!("link-{}", link.id)) {
            None => {}
            Some("") => ended.push(link.clone()),
            Some(name) if name == link.schedule => {}
            Some(name) => {
                let (schedule, zone) = target.named(name, Some(&link.schedule))?;
                membership::reschedule(&mut tx, asked.now, std::slice::from_ref(link), schedule, zone).await?;
            }
        }
    }
    if !ended.is_empty() {
        membership::unfollow(&mut tx, &ended).await?;
    }
    let mut begun = Vec::new();
    for topic in store::topic::live(&mut tx).await? {
        let Some(name) = form.get(&format!("topic-{}", topic.slug)).filter(|name| !name.is_empty()) else { continue };
        let (schedule_id, zone) = target.named(name, None)?;
        begun.push(Wanted { follow: Follow::Topic(topic.id), schedule_id, zone: zone.to_owned() });
    }
    if !has_room(&links, begun.len()) {
        return Err(Refusal::Unreadable);
    }
    membership::follow(&mut tx, asked.now, reader.row.id, &begun).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether they are told what is new in a story that they got; the box that is not ticked is not sent.
async fn updates(asked: &Asked, reader: &Reader, form: &Form) -> Result<(), Refusal> {
    let wanted = match form.get("updates") {
        None => false,
        Some("yes") => true,
        Some(_) => return Err(Refusal::Unreadable),
    };
    let mut tx = asked.ctx.pool.begin().await?;
    locked(&mut tx, reader).await?;
    membership::ask_for_updates(&mut tx, &[reader.row.id], wanted).await?;
    tx.commit().await?;
    Ok(())
}

/// Language and zone; digests move to the new zone, and what was told stays told.
async fn tongue(asked: &Asked, reader: &Reader, form: &Form) -> Result<(), Refusal> {
    let language: UiLanguage = form.get("language").and_then(|l| l.parse().ok()).ok_or(Refusal::Unreadable)?;
    let zone: Tz = form.get("zone").and_then(|z| z.parse().ok()).ok_or(Refusal::Unreadable)?;
    let mut tx = asked.ctx.pool.begin().await?;
    let links = locked(&mut tx, reader).await?;
    store::reader::set_tongue(&mut tx, reader.row.id, language.code(), zone.name()).await?;
    for link in links.iter().filter(|link| !link.zone.is_empty() && link.zone != zone.name()) {
        let (link, schedule) = (std::slice::from_ref(link), link.schedule_id);
        membership::reschedule(&mut tx, asked.now, link, schedule, zone.name()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether a reader of these links may follow so many more.
pub(super) fn has_room(links: &[LinkRow], more: usize) -> bool {
    i64::try_from(links.len() + more).is_ok_and(|all| all <= MAX_PER_READER)
}

/// The live links, with the reader locked: two forms sent at once are taken one after the other.
pub(super) async fn locked(conn: &mut Conn, reader: &Reader) -> Result<Vec<LinkRow>, Refusal> {
    let row = store::reader::lock(conn, reader.row.id).await?.ok_or(Refusal::Missing)?;
    if ![Status::Confirmed.code(), Status::Paused.code()].contains(&row.status) {
        return Err(Refusal::TooOld);
    }
    Ok(store::subscription::live(conn, &[reader.row.id]).await?)
}

/// Where a schedule's name in a form leads.
pub(super) struct Target<'a> {
    pub(super) asked: &'a Asked,
    pub(super) schedules: &'a [(i32, String)],
    pub(super) zone: &'static str,
}

impl Target<'_> {
    /// Only what is offered, or what the reader has already.
    pub(super) fn named(&self, name: &str, own: Option<&str>) -> Result<(i32, &'static str), Refusal> {
        let is_offered = self.asked.compose().rhythms.iter().any(|r| r.name == name && (r.public || own == Some(name)));
        let schedule = self.schedules.iter().find(|(_, known)| known == name).filter(|_| is_offered);
        let (schedule_id, _) = schedule.ok_or(Refusal::Unreadable)?;
        Ok((*schedule_id, if name == INSTANT { "" } else { self.zone }))
    }
}
