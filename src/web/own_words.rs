//! Follows words of a reader's own, or shows beforehand what they bring: two plain fields made a filter, explained and counted.
//! What the fields mean is `topic::query`'s, and the page is `choices`'.

use tokio::sync::Semaphore;

use super::{
    answer::Refusal,
    asked::{Asked, Reader},
    choices::{self, Target},
    reader_form::Form,
};
use crate::{
    daemon::forecast,
    render::{OwnRefusal, OwnSaid, Stories},
    store::{
        self, Conn,
        membership::{self, Follow, Wanted},
    },
    topic::query::{Problem, Query, explain},
};

/// Words held against the stored articles at once: each takes a connection and a tenth of a second, and mails go first. More wait, and
/// are told after [`super::REQUEST_TIME`] that it took too long.
static COUNTING: Semaphore = Semaphore::const_new(2);

/// What was written, and what is said of it.
pub(super) struct Answered {
    pub(super) words: String,
    pub(super) without: String,
    /// The schedule that was chosen.
    pub(super) often: String,
    pub(super) said: OwnSaid,
}

/// Reads the two fields; with `follow` the reader follows them from now on, unless they are refused.
pub(super) async fn answer(asked: &Asked, reader: &Reader, form: &Form, follow: bool) -> Result<Answered, Refusal> {
    let field = |name: &str| form.get(name).map(str::to_owned).ok_or(Refusal::Unreadable);
    let (words, without, often) = (field("words")?, field("without")?, field("often")?);
    let said = match Query::from_words(&words, &without) {
        Ok(query) => said(asked, reader, &query, &often, follow).await?,
        Err(error) => OwnSaid::Refused(refusal(error.problem())),
    };
    Ok(Answered { words, without, often, said })
}

async fn said(asked: &Asked, reader: &Reader, query: &Query, often: &str, follow: bool) -> Result<OwnSaid, Refusal> {
    let _counting = COUNTING.acquire().await.map_err(|closed| Refusal::Broken(closed.to_string()))?;
    let mut conn = asked.ctx.pool.acquire().await?;
    let limit = asked.settings.max_hits_per_day;
    let breadth = forecast::breadth(&mut conn, asked.now, limit).await?;
    if let Some(Err(error)) = breadth.map(|breadth| breadth.check(query)) {
        return Ok(OwnSaid::Refused(refusal(error.problem())));
    }
    let told = forecast::forecast(&mut conn, asked.now, query).await?;
    let titles = told.samples.into_iter().map(|row| row.title).collect();
    let stories = Stories { count: told.forecast.hits, about: told.forecast.about, titles };
    let read = OwnSaid::Read {
        explained: explain(query, reader.language.code()),
        stories: (told.stored > 0).then_some(stories),
        followed: follow,
    };
    if !follow {
        return Ok(read);
    }
    let mut tx = store::begin(&mut conn).await?;
    let said = if begin(&mut tx, asked, reader, query.to_string(), often).await? {
        read
    } else {
        OwnSaid::Refused(OwnRefusal::Full)
    };
    tx.commit().await?;
    Ok(said)
}

/// Begins the link unless the reader follows these words as often already; false where they follow as much as one may.
async fn begin(
    conn: &mut Conn,
    asked: &Asked,
    reader: &Reader,
    canonical: String,
    often: &str,
) -> Result<bool, Refusal> {
    let links = choices::locked(conn, reader).await?;
    let schedules = store::schedule::all(conn).await?;
    let (schedule_id, zone) = Target { asked, schedules: &schedules, zone: reader.zone.name() }.named(often, None)?;
    let known = links.iter().any(|l| l.canonical.as_ref() == Some(&canonical) && l.schedule_id == schedule_id);
    if !known && !choices::has_room(&links, 1) {
        return Ok(false);
    }
    let wanted = Wanted { follow: Follow::Filter(canonical), schedule_id, zone: zone.to_owned() };
    membership::follow(conn, asked.now, reader.row.id, &[wanted]).await?;
    Ok(true)
}

/// The caret and the remedy are for those who write operators.
fn refusal(problem: &Problem) -> OwnRefusal {
    match problem {
        Problem::Empty | Problem::NothingInside | Problem::OnlyNot | Problem::OnlyStopWords => OwnRefusal::NoWord,
        Problem::TooLong(_) | Problem::TooManyTerms(_) | Problem::TooDeep => OwnRefusal::TooMuch,
        Problem::Contradiction(_) => OwnRefusal::Contradiction,
        Problem::TooBroad { hits_per_day, .. } => OwnRefusal::TooBroad(*hits_per_day),
        _ => OwnRefusal::Odd,
    }
}
