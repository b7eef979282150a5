//! Times and dates in four languages, as tables.
//! They draw no mail.

use chrono::Weekday;

use super::*;
use crate::render::{language::UiLanguage, template::Templates};

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a time")
}

/// No-break spaces shown as `_`, so that a table can be read.
fn shown(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], "_")
}

#[test]
fn how_long_ago_reads_as_people_say_it() {
    let templates = Templates::built_in();
    let now = at("2026-11-24 07:00");
    for (then, fr, en, de, nl) in [
        ("2026-11-24 06:59", "à l’instant", "just now", "gerade eben", "zojuist"),
        ("2026-11-24 06:01", "à l’instant", "just now", "gerade eben", "zojuist"),
        ("2026-11-24 06:00", "6_h_00", "6:00", "6:00_Uhr", "6.00_uur"),
        ("2026-11-24 00:05", "0_h_05", "0:05", "0:05_Uhr", "0.05_uur"),
        ("2026-11-23 23:30", "hier, 23_h_30", "yesterday, 23:30", "gestern, 23:30_Uhr", "gisteren, 23.30_uur"),
        ("2026-11-23 18:40", "hier, 18_h_40", "yesterday, 18:40", "gestern, 18:40_Uhr", "gisteren, 18.40_uur"),
        ("2026-11-23 00:00", "hier, 0_h", "yesterday, 0:00", "gestern, 0_Uhr", "gisteren, 0_uur"),
        ("2026-11-20 18:40", "ven._20_nov.", "Fri_20_Nov", "Fr., 20._Nov.", "vr_20_nov"),
        ("2026-09-01 18:40", "mar._1_sept.", "Tue_1_Sep", "Di., 1._Sept.", "di_1_sep"),
        ("2025-11-20 18:40", "20 nov. 2025", "20 Nov 2025", "20._Nov. 2025", "20 nov 2025"),
        // Clocks go wrong and feeds lie.
        ("2026-11-24 09:00", "à l’instant", "just now", "gerade eben", "zojuist"),
        ("2030-01-01 00:00", "à l’instant", "just now", "gerade eben", "zojuist"),
    ] {
        for (language, want) in UiLanguage::ALL.into_iter().zip([fr, en, de, nl]) {
            assert_eq!(shown(&ago(templates.speech(language), at(then), now)), want, "{then} in {language}");
        }
    }
}

#[test]
fn just_now_reaches_over_midnight() {
    let templates = Templates::built_in();
    assert_eq!(ago(templates.speech(UiLanguage::En), at("2026-11-23 23:50"), at("2026-11-24 00:10")), "just now");
}

#[test]
fn schedules_are_told_with_the_city_of_their_clock() {
    let templates = Templates::built_in();
    let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).expect("a time");
    let daily = ScheduleLine::Daily { time: time(7, 0) };
    let weekly = ScheduleLine::Weekly { weekday: Weekday::Mon, time: time(7, 30) };
    let weekdays = ScheduleLine::Weekdays { time: time(18, 0) };
    let other = ScheduleLine::Other("0 7 1 * *".to_owned());
    for (language, line, zone, want) in [
        (UiLanguage::Fr, &daily, Tz::Europe__Paris, "Chaque jour à partir de 7_h (heure de Paris)"),
        (UiLanguage::Fr, &daily, Tz::Europe__Amsterdam, "Chaque jour à partir de 7_h (heure d’Amsterdam)"),
        (UiLanguage::Fr, &daily, Tz::Europe__Brussels, "Chaque jour à partir de 7_h (heure de Bruxelles)"),
        (
            UiLanguage::Fr,
            &daily,
            Tz::America__Argentina__Buenos_Aires,
            "Chaque jour à partir de 7_h (heure de Buenos Aires)",
        ),
        (UiLanguage::Fr, &weekly, Tz::UTC, "Chaque lundi à partir de 7_h_30 (heure UTC)"),
        (UiLanguage::En, &daily, Tz::Europe__Paris, "Every day from 7:00 (Paris time)"),
        (UiLanguage::En, &weekdays, Tz::America__New_York, "Monday to Friday from 18:00 (New York time)"),
        (UiLanguage::De, &weekly, Tz::Europe__Vienna, "Jeden Montag ab 7:30_Uhr (Ortszeit Wien)"),
        (UiLanguage::Nl, &daily, Tz::Europe__Paris, "Elke dag vanaf 7_uur (tijd in Parijs)"),
        // What an operator wrote in cron never reaches a reader.
        (UiLanguage::En, &other, Tz::Etc__UTC, "As often as you chose (UTC time)"),
    ] {
        assert_eq!(shown(&schedule(templates.speech(language), line, zone)), want);
    }
}

#[test]
fn dates_are_whole_sentences_parts() {
    let templates = Templates::built_in();
    let (fr, en, de) =
        (templates.speech(UiLanguage::Fr), templates.speech(UiLanguage::En), templates.speech(UiLanguage::De));
    let day = |text: &str| at(&format!("{text} 00:00")).date();
    for (said, want) in [
        (weekday_date(fr, day("2026-11-24")), "mardi 24 novembre"),
        (weekday_date(fr, day("2026-12-01")), "mardi 1er décembre"),
        (weekday_date(en, day("2026-11-24")), "Tuesday 24 November"),
        (weekday_date(de, day("2026-11-24")), "Dienstag, 24._November"),
        (whole_date(fr, day("2026-03-03")), "3 mars 2026"),
        (whole_date(en, day("2026-03-03")), "3 March 2026"),
        (date_range(fr, day("2026-11-12"), day("2026-11-24")), "12–24 novembre"),
        (date_range(fr, day("2026-10-30"), day("2026-11-02")), "30 octobre – 2 novembre"),
        (date_range(fr, day("2026-11-12"), day("2026-11-12")), "12 novembre"),
        (date_range(de, day("2026-11-12"), day("2026-11-24")), "12.–24._November"),
    ] {
        assert_eq!(shown(&said), want);
    }
}

#[test]
fn every_zone_of_the_database_has_a_name_to_show() {
    let templates = Templates::built_in();
    for language in UiLanguage::ALL {
        for zone in chrono_tz::TZ_VARIANTS {
            let said = zone_time(templates.speech(language), zone);
            assert!(!said.contains("city-") && !said.contains('_') && !said.contains('/'), "{}: {said}", zone.name());
        }
    }
}
