//! The five fields together: which values each has, the same for the crate `cron`, and in words.
//! It knows no dates; `schedule` walks them.

use std::{collections::BTreeSet, str::FromStr as _};

use chrono::{Datelike as _, NaiveDate, NaiveTime, Weekday};

use super::{ScheduleError, ScheduleLine, field::Field};

pub(super) fn expand(cron: &str) -> &str {
    match cron.trim() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    }
}

pub(super) type Fields = [BTreeSet<u32>; 5];

pub(super) fn parse_fields(cron: &str) -> Result<Fields, ScheduleError> {
    let texts: Vec<_> = cron.split(' ').filter(|text| !text.is_empty()).collect();
    if texts.len() != Field::ALL.len() {
        let right = match texts.as_slice() {
            [seconds, rest @ ..] if rest.len() == Field::ALL.len() && *seconds == "0" => {
                format!("leave the seconds off: `{}`", rest.join(" "))
            }
            _ => "`0 7 * * *` is every day at 7:00".to_owned(),
        };
        return Err(ScheduleError::Count { cron: cron.to_owned(), found: texts.len(), right });
    }
    let mut fields = Fields::default();
    for (index, (field, text)) in Field::ALL.into_iter().zip(&texts).enumerate() {
        fields[index] = field.parse(text).map_err(|reason| ScheduleError::Field {
            cron: cron.to_owned(),
            number: index + 1,
            field: field.name(),
            reason,
        })?;
    }
    if !Field::Day.is_every(&fields[2]) && !Field::Weekday.is_every(&fields[4]) {
        return Err(ScheduleError::BothDays {
            cron: cron.to_owned(),
            day: texts[2].to_owned(),
            weekday: texts[4].to_owned(),
        });
    }
    Ok(fields)
}

/// The same times for the crate `cron`, which wants seconds first and counts Sunday as 1.
pub(super) fn rule_of(fields: &Fields) -> cron::Schedule {
    let list = |field: Field, shift: u32| {
        let values = &fields[field as usize];
        if field.is_every(values) {
            return "*".to_owned();
        }
        values.iter().map(|value| (value + shift).to_string()).collect::<Vec<_>>().join(",")
    };
    let expression = format!(
        "0 {} {} {} {} {}",
        list(Field::Minute, 0),
        list(Field::Hour, 0),
        list(Field::Day, 0),
        list(Field::Month, 0),
        list(Field::Weekday, 1)
    );
    cron::Schedule::from_str(&expression).expect("plain lists of values within their bounds")
}

pub(super) fn line_of(cron: &str, [minutes, hours, days, months, weekdays]: &Fields) -> ScheduleLine {
    let other = || ScheduleLine::Other(cron.to_owned());
    let (Some(&minute), Some(&hour)) = (minutes.first(), hours.first()) else { return other() };
    let Some(time) = NaiveTime::from_hms_opt(hour, minute, 0) else { return other() };
    if minutes.len() > 1 || hours.len() > 1 || !Field::Day.is_every(days) || !Field::Month.is_every(months) {
        return other();
    }
    if Field::Weekday.is_every(weekdays) {
        return ScheduleLine::Daily { time };
    }
    if weekdays.iter().copied().eq(1..=5) {
        return ScheduleLine::Weekdays { time };
    }
    match (weekdays.first(), weekdays.len()) {
        (Some(&day), 1) => ScheduleLine::Weekly { weekday: weekday_of(day), time },
        _ => other(),
    }
}

fn weekday_of(from_sunday: u32) -> Weekday {
    // 4 January 1970 was a Sunday.
    NaiveDate::from_ymd_opt(1970, 1, 4 + from_sunday).map_or(Weekday::Sun, |day| day.weekday())
}
