//! `[schedules.NAME]` and `[instant]`: when digests and alerts go out, and how many items they hold.
//! What an expression means is for `digest::schedule`.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    article::language::Language,
    config::{Instant, ScheduleConfig, document::Value, section::Section, value},
    digest::schedule::{Schedule, ScheduleError, ScheduleLine},
};

use super::interface_language;

/// The schedules of a file that has none: each morning, and Monday morning.
const DEFAULT_SCHEDULES: [(&str, &str); 2] = [("morning", "0 7 * * *"), ("weekly", "0 7 * * 1")];

/// Cut-off of a schedule that sets none: time enough for an editor to look at what will go out.
const DEFAULT_CUT_OFF: Duration = Duration::from_mins(15);

/// Items with key points of a schedule that sets no number.
const DEFAULT_ITEMS: u32 = 12;

/// Items with their title only of a schedule that sets no number.
const DEFAULT_TITLES: u32 = 10;

pub(super) fn schedules(root: &mut Section) -> Vec<ScheduleConfig> {
    let mut given = false;
    let schedules = root.each("schedules", |name, section| {
        given = true;
        schedule(name, section)
    });
    if given {
        return schedules.into_iter().flatten().collect();
    }
    let by_default =
        DEFAULT_SCHEDULES.iter().filter_map(|(name, cron)| Schedule::parse(name, cron, DEFAULT_CUT_OFF).ok());
    by_default
        .map(|schedule| ScheduleConfig {
            schedule,
            public: true,
            max_items: DEFAULT_ITEMS,
            max_titles: DEFAULT_TITLES,
            titles: BTreeMap::new(),
        })
        .collect()
}

fn schedule(name: &str, section: &mut Section) -> Option<ScheduleConfig> {
    let cron = section.required("cron", "\"0 7 * * *\"", value::line);
    let public = section.or("public", "true", value::yes);
    let cut_off = section.or("cut_off", "15m", value::duration);
    let max_items = section.or("max_items", "12", value::number::<1, 50>);
    let max_titles = section.or("max_titles", "10", value::number::<0, 100>);
    let titles = section.within("title", titles).unwrap_or_default();
    let (cron, public) = (cron?, public?);
    let schedule = match Schedule::parse(name, &cron, cut_off?) {
        Ok(schedule) => schedule,
        Err(error) => {
            let key = match error {
                ScheduleError::CutOff(_) => "cut_off",
                _ => "cron",
            };
            section.complain(key, &error.to_string());
            return None;
        }
    };
    if public && titles.is_empty() && matches!(schedule.describe(), ScheduleLine::Other(_)) {
        let text = format!(
            "`{cron}` cannot be said in words to readers; give a title in your languages, such as `title.en = \"Twice a day\"`, or `public = false`"
        );
        section.complain("cron", &text);
    }
    Some(ScheduleConfig { schedule, public, max_items: max_items?, max_titles: max_titles?, titles })
}

fn titles(section: &mut Section) -> BTreeMap<Language, String> {
    let mut titles = BTreeMap::new();
    for (key, title) in section.rest(value::line) {
        match interface_language(&Value::Text(key.clone())) {
            Ok(language) => {
                titles.insert(language, title);
            }
            Err(text) => section.complain(&key, &text),
        }
    }
    titles
}

pub(super) fn instant(section: &mut Section) -> Option<Instant> {
    let public = section.or("public", "true", value::yes);
    let settle = section.or("settle", "3m", value::duration);
    let per_hour = section.or("per_hour", "3", value::number::<1, 60>);
    let per_day = section.or("per_day", "8", value::number::<1, 200>);
    let max_items = section.or("max_items", "12", value::number::<1, 50>);
    let (per_hour, per_day, settle) = (per_hour?, per_day?, settle?);
    if per_day < per_hour {
        section.complain("per_day", "is less than `per_hour`; 3 an hour and 8 a day are usual");
    }
    if settle > Duration::from_hours(1) {
        section.complain("settle", "is longer than an hour, which is no alert; 3m is usual");
    }
    Some(Instant { public: public?, settle, per_hour, per_day, max_items: max_items? })
}
