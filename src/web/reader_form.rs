//! What a reader's form sends, read: fields, the end of a pause, where it posts to.
//! It changes nothing.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::answer::Refusal;
use crate::{digest::schedule::instant_of, render::Href};

/// Longest pause that is given in days.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(730);

/// The fields of a form, in the order in which they came.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`; what is none has no fields that anybody asks for.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// When a pause ends; none for one until further notice.
    pub(super) fn pause_until(&self, now: DateTime<Utc>, zone: Tz) -> Result<Option<DateTime<Utc>>, Refusal> {
        let today = now.with_timezone(&zone).date_naive();
        let day = match self.get("for").ok_or(Refusal::Unreadable)? {
            "open" => return Ok(None),
            "date" => self.get("until").and_then(|until| until.parse().ok()).ok_or(Refusal::Unreadable)?,
            days => today + TimeDelta::days(days.parse::<u16>().map_err(|_| Refusal::Unreadable)?.into()),
        };
        let day: NaiveDate = day;
        if day <= today || day - today > LONGEST_PAUSE {
            return Err(Refusal::Unreadable);
        }
        // The first moment of that day on the reader's calendar, so that its morning digest comes.
        Ok(Some(instant_of(zone, day.and_time(NaiveTime::MIN))))
    }
}

/// The page itself, for its forms.
pub(super) fn post_path(page: &str, token: &str) -> Result<Href, Refusal> {
    Href::path(&format!("/{page}/{token}")).map_err(|_| Refusal::Missing)
}
