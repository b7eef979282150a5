//! `/a/TOKEN`: the alerts of one topic, or of the reader's own words: to stop them, to get a digest instead, and back.
//! It leads to no other choice; how a change is written is in `store::membership`.

use axum::{body::Bytes, extract::rejection::BytesRejection, response::Response};

use super::{
    answer::{self, Refusal},
    asked::{Asked, InPath, Reader},
    choices::{self, Target},
    reader_form::{Form, post_path},
};
use crate::{
    digest::Why,
    render::{AlertChoices, AlertDone, PageContent},
    store::{
        self, Conn,
        membership::{self, Follow, Wanted},
        schedule::INSTANT,
        subscription::LinkRow,
    },
    subscriber::token::Purpose,
};

/// What was done, and to which digest the topic was moved, so that undoing it takes it from there again.
#[derive(Default)]
struct Done {
    what: Option<AlertDone>,
    moved: Option<String>,
}

/// Shows how things stand.
pub(super) async fn page(asked: Asked, InPath(token): InPath) -> Response {
    asked.settle(shown(&asked, &token, Done::default()).await)
}

/// Takes over what was chosen and shows it.
pub(super) async fn choose(asked: Asked, InPath(token): InPath, body: Result<Bytes, BytesRejection>) -> Response {
    let shown = match chosen(&asked, &token, body).await {
        Ok(done) => shown(&asked, &token, done).await,
        Err(refusal) => Err(refusal),
    };
    asked.settle(shown)
}

async fn shown(asked: &Asked, token: &str, done: Done) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Alert, token).await?;
    reader.may_choose()?;
    let why = Why::of_code(reader.claims.extra);
    let mut conn = asked.ctx.pool.acquire().await?;
    let (topic, follow) = named(&mut conn, asked, &reader, why).await?;
    let links = store::subscription::live(&mut conn, &[reader.row.id]).await?;
    let here = |schedule: &str| links.iter().any(|link| link.why() == why && link.schedule == schedule);
    let rhythms = asked.compose().rhythms.iter();
    let content = AlertChoices {
        post: &post_path("a", token)?,
        topic: &topic,
        done: done.what,
        paused: reader.paused(),
        alerted: here(INSTANT),
        offered: asked
            .compose()
            .digests()
            .enumerate()
            .map(|(n, r)| choices::often_of(r, reader.zone, n == 0))
            .collect(),
        digests: rhythms
            .filter(|r| r.line.is_some() && here(&r.name))
            .map(|r| choices::often_of(r, reader.zone, true))
            .collect(),
        again: follow.is_some(),
        moved: done.moved.as_deref(),
    };
    asked.page(reader.language, &PageContent::Alert(content))
}

/// What the alerts are about, and how to follow it again; none where a topic was taken from the catalogue.
async fn named(conn: &mut Conn, asked: &Asked, reader: &Reader, why: Why) -> Result<(String, Option<Follow>), Refusal> {
    match why {
        Why::Topic(id) => {
            if let Some(topic) = store::topic::live(conn).await?.iter().find(|topic| topic.id == id) {
                return Ok((choices::title(asked, reader, topic), Some(Follow::Topic(id))));
            }
            let gone = store::topic::named(conn).await?.into_iter().find(|topic| topic.id == id);
            Ok((choices::title(asked, reader, &gone.ok_or(Refusal::Missing)?), None))
        }
        Why::Filter(id) => {
            let (_, text) = store::filter::texts(conn, &[id]).await?.pop().ok_or(Refusal::Missing)?;
            Ok((text.clone(), Some(Follow::Filter(text))))
        }
    }
}

async fn chosen(asked: &Asked, token: &str, body: Result<Bytes, BytesRejection>) -> Result<Done, Refusal> {
    let reader = asked.reader(Purpose::Alert, token).await?;
    let why = Why::of_code(reader.claims.extra);
    let form = Form::read(&answer::body(body)?);
    let mut tx = asked.ctx.pool.begin().await?;
    let mut links = choices::locked(&mut tx, &reader).await?;
    let room = choices::has_room(&links, 1);
    links.retain(|link| link.why() == why);
    let done = match form.get("do") {
        Some("mute") => mute(&mut tx, &links).await,
        Some("digest") => digest(&mut tx, asked, &reader, &links, &form).await,
        Some("again") => again(&mut tx, asked, &reader, why, &links, &form, room).await,
        _ => Err(Refusal::Unreadable),
    }?;
    tx.commit().await?;
    Ok(done)
}

fn on(links: &[LinkRow], schedule: &str) -> Vec<LinkRow> {
    links.iter().filter(|link| link.schedule == schedule).cloned().collect()
}

async fn mute(conn: &mut Conn, links: &[LinkRow]) -> Result<Done, Refusal> {
    let alerts = on(links, INSTANT);
    if !alerts.is_empty() {
        membership::unfollow(conn, &alerts).await?;
    }
    Ok(Done { what: Some(AlertDone::Muted), moved: None })
}

/// Moves the topic to a digest that is offered; what was told stays told.
async fn digest(
    conn: &mut Conn,
    asked: &Asked,
    reader: &Reader,
    links: &[LinkRow],
    form: &Form,
) -> Result<Done, Refusal> {
    let name = form.get("often").ok_or(Refusal::Unreadable)?;
    if !asked.compose().digests().any(|rhythm| rhythm.name == name) {
        return Err(Refusal::Unreadable);
    }
    let alerts = on(links, INSTANT);
    if alerts.is_empty() {
        // Sent twice, it is done; from a page that was open since before the alerts ended, nothing is begun anew.
        let what = (!on(links, name).is_empty()).then_some(AlertDone::Moved);
        return Ok(Done { what, moved: None });
    }
    let schedules = store::schedule::all(conn).await?;
    let (schedule, zone) = Target { asked, schedules: &schedules, zone: reader.zone.name() }.named(name, None)?;
    let begun = membership::reschedule(conn, asked.now, &alerts, schedule, zone).await?;
    // What came in that digest before goes on doing so when this is undone.
    Ok(Done { what: Some(AlertDone::Moved), moved: (begun > 0).then(|| name.to_owned()) })
}

/// Alerts again: moved back from the digest that the form names, else begun from here on.
async fn again(
    conn: &mut Conn,
    asked: &Asked,
    reader: &Reader,
    why: Why,
    links: &[LinkRow],
    form: &Form,
    room: bool,
) -> Result<Done, Refusal> {
    let resumed = Done { what: Some(AlertDone::Resumed), moved: None };
    if !on(links, INSTANT).is_empty() {
        return Ok(resumed);
    }
    let (_, Some(follow)) = named(conn, asked, reader, why).await? else { return Ok(Done::default()) };
    let schedules = store::schedule::all(conn).await?;
    let instant = schedules.iter().find(|(_, name)| name == INSTANT);
    let (schedule_id, _) = *instant.ok_or(Refusal::Missing)?;
    let moved = form.get("often").map(|name| on(links, name)).unwrap_or_default();
    if moved.is_empty() {
        if !room {
            return Err(Refusal::Unreadable);
        }
        let wanted = Wanted { follow, schedule_id, zone: String::new() };
        membership::follow(conn, asked.now, reader.row.id, &[wanted]).await?;
    } else {
        membership::reschedule(conn, asked.now, &moved, schedule_id, "").await?;
    }
    Ok(resumed)
}
