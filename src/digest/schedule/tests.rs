//! Shows by cases what `digest::schedule` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

fn schedule(cron: &str) -> Schedule {
    Schedule::parse("morning", cron, Duration::from_mins(15)).expect("a schedule")
}

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a local time")
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn check_locals(cron: &str, after: &str, wanted: &[&str]) {
    let schedule = schedule(cron);
    let mut at = local(after);
    for wanted in wanted {
        at = schedule.next_local(at).expect("a firing");
        assert_eq!(at, local(wanted), "{cron}");
    }
}

#[test]
fn expressions_mean_what_people_mean() {
    check_locals("0 7 * * *", "2027-03-01 06:59", &["2027-03-01 07:00", "2027-03-02 07:00"]);
    check_locals("0 7 * * 0", "2027-03-01 00:00", &["2027-03-07 07:00", "2027-03-14 07:00"]);
    check_locals("0 7 * * 7", "2027-03-01 00:00", &["2027-03-07 07:00"]);
    check_locals("0 7 * * sun", "2027-03-01 00:00", &["2027-03-07 07:00"]);
    check_locals("30 18 * * Mon-Fri", "2027-03-05 18:30", &["2027-03-08 18:30"]);
    check_locals("0 9 * * sat-sun", "2027-03-05 18:30", &["2027-03-06 09:00", "2027-03-07 09:00", "2027-03-13 09:00"]);
    check_locals(
        "0 9 * * fri-mon/3",
        "2027-03-01 12:00",
        &["2027-03-05 09:00", "2027-03-08 09:00", "2027-03-12 09:00"],
    );
    check_locals("0 */6 * * *", "2027-03-01 01:00", &["2027-03-01 06:00", "2027-03-01 12:00"]);
    check_locals("10/20 8 * * *", "2027-03-01 01:00", &["2027-03-01 08:10", "2027-03-01 08:30", "2027-03-01 08:50"]);
    check_locals(
        "0 8-18/5 1,15 feb *",
        "2027-01-20 00:00",
        &["2027-02-01 08:00", "2027-02-01 13:00", "2027-02-01 18:00", "2027-02-15 08:00"],
    );
    check_locals("0 7 29 2 *", "2026-01-01 00:00", &["2028-02-29 07:00", "2032-02-29 07:00"]);
    check_locals("@weekly", "2027-03-01 00:00", &["2027-03-07 00:00"]);
    check_locals("0 7 1-31 * 1", "2027-03-01 08:00", &["2027-03-08 07:00"]);
    check_locals("  0   7 * * *", "2027-03-01 08:00", &["2027-03-02 07:00"]);
}

#[test]
fn a_time_with_seconds_never_loses_the_next_slot() {
    let just_before = utc("2027-06-01T04:59:59.999999Z");
    let slot = schedule("0 7 * * *").next_slot(Tz::Europe__Paris, just_before).expect("a slot");
    assert_eq!(slot.at, utc("2027-06-01T05:00:00Z"));
    let next = schedule("0 7 * * *").next_slot(Tz::Europe__Paris, slot.at).expect("a slot");
    assert_eq!(next.at, utc("2027-06-02T05:00:00Z"));
}

fn check_refused(cron: &str, wanted: &str) {
    let error = Schedule::parse("morning", cron, Duration::ZERO).expect_err(cron).to_string();
    assert!(error.contains(wanted), "{cron}: {error}");
}

#[test]
fn a_refusal_says_where_and_what_would_be_right() {
    check_refused("0 25 * * *", "field 2 (hour): `25` is not between 0 and 23");
    check_refused("0 7 * * *  *", "has 6 fields");
    check_refused("0 0 7 * * *", "leave the seconds off: `0 7 * * *`");
    check_refused("", "has 0 fields");
    check_refused("@reboot", "has 1 fields");
    check_refused("0 7 1 * 1", "sets both the day of month (`1`) and the day of week (`1`)");
    check_refused("*/5 * * * *", "fires at 00:00 and again at 00:05");
    check_refused("* 7 * * *", "fires at 07:00 and again at 07:01");
    check_refused("0,50 0,23 * * *", "fires at 23:50 and again at 00:00");
    check_refused("0 7 30 2 *", "never fires");
    check_refused("0 7 31 feb,apr *", "never fires");
    check_refused("0 22-2 * * *", "write `22-23,0-2`");
    check_refused("0 7 * * monkey", "a name such as `mon`");
    check_refused("0 7 L * *", "L, W and # are not supported");
    check_refused("0 */0 * * *", "from 1 to 23");
    check_refused("0 7, * * *", "a value is missing");
    check_refused("0 -7 * * *", "a value is missing");
    check_refused("0 99999999999 * * *", "neither a number");
}

#[test]
fn midnight_joins_count_only_where_two_days_in_a_row_fire() {
    assert!(Schedule::parse("odd", "0,50 0,23 * * 1", Duration::ZERO).is_ok());
    assert!(Schedule::parse("odd", "0,50 0,23 * * 1,2", Duration::ZERO).is_err());
    assert!(Schedule::parse("odd", "0,50 0,23 1 * *", Duration::ZERO).is_ok());
    assert!(Schedule::parse("odd", "*/15 * * * *", Duration::ZERO).is_ok());
}

#[test]
fn names_are_plain_and_instant_is_taken() {
    let parse = |name: &str| Schedule::parse(name, "0 7 * * *", Duration::ZERO);
    assert_eq!(parse(INSTANT).expect_err("taken"), ScheduleError::Reserved);
    for name in ["", "Morning", "a b", "7am", &"m".repeat(33)] {
        assert!(matches!(parse(name), Err(ScheduleError::Name(_))), "{name}");
    }
    assert!(parse("twice-a_day2").is_ok());
    assert!(matches!(Schedule::parse("x", "0 7 * * *", Duration::from_secs(86_401)), Err(ScheduleError::CutOff(_))));
}

#[test]
fn the_footer_says_it_in_words() {
    let seven = NaiveTime::from_hms_opt(7, 0, 0).expect("a time");
    let check = |cron: &str, wanted: ScheduleLine| assert_eq!(*schedule(cron).describe(), wanted, "{cron}");
    check("0 7 * * *", ScheduleLine::Daily { time: seven });
    check("0 7 * * 1", ScheduleLine::Weekly { weekday: Weekday::Mon, time: seven });
    check("0 7 * * sun", ScheduleLine::Weekly { weekday: Weekday::Sun, time: seven });
    check("0 7 * * 1-5", ScheduleLine::Weekdays { time: seven });
    check("0 7 1 * *", ScheduleLine::Other("0 7 1 * *".to_owned()));
    check("0 7,19 * * *", ScheduleLine::Other("0 7,19 * * *".to_owned()));
    check("0 7 * * 1,3", ScheduleLine::Other("0 7 * * 1,3".to_owned()));
    check("0 7 * jan *", ScheduleLine::Other("0 7 * jan *".to_owned()));
}

#[test]
fn a_slot_in_a_gap_is_the_first_valid_instant_and_one_in_an_overlap_the_first() {
    let at = |zone: Tz, text: &str| instant_of(zone, local(text)).to_rfc3339();
    assert_eq!(at(Tz::Europe__Paris, "2027-03-28 02:30"), "2027-03-28T01:00:00+00:00");
    assert_eq!(at(Tz::Europe__Paris, "2027-10-31 02:30"), "2027-10-31T00:30:00+00:00");
    assert_eq!(at(Tz::America__New_York, "2027-03-14 02:00"), "2027-03-14T07:00:00+00:00");
    assert_eq!(at(Tz::Australia__Lord_Howe, "2027-10-03 02:15"), "2027-10-02T15:30:00+00:00");
    assert_eq!(at(Tz::Pacific__Apia, "2011-12-30 07:00"), "2011-12-30T10:00:00+00:00");
    let with_seconds = local("2027-03-28 02:30") + TimeDelta::seconds(17);
    assert_eq!(instant_of(Tz::Europe__Paris, with_seconds).to_rfc3339(), "2027-03-28T01:00:00+00:00");
}

#[test]
fn slots_close_one_cut_off_before_they_are_sent() {
    let schedule = schedule("0 7 * * *");
    let closing = |after: &str, until: &str| schedule.closing_between(Tz::UTC, utc(after), utc(until), 10);
    let slots = closing("2027-06-01T06:44:59Z", "2027-06-01T06:45:00Z");
    assert_eq!(slots.len(), 1);
    assert_eq!((slots[0].cut_off, slots[0].at), (utc("2027-06-01T06:45:00Z"), utc("2027-06-01T07:00:00Z")));
    assert!(closing("2027-06-01T06:45:00Z", "2027-06-02T06:44:59Z").is_empty());
    assert_eq!(schedule.slots_between(Tz::UTC, utc("2027-06-01T00:00:00Z"), utc("2028-06-01T00:00:00Z"), 3).len(), 3);
}

proptest::proptest! {
    #[test]
    fn no_expression_makes_the_parser_panic_or_hang(cron in "[0-9*/,\\- a-zA-Z@?]{0,40}|(\\*|[0-9]{1,2})( (\\*|[0-9,/-]{1,4})){4}") {
        if let Ok(schedule) = Schedule::parse("any", &cron, Duration::ZERO) {
            let again = Schedule::parse("any", schedule.cron(), Duration::ZERO).expect("its own text");
            let first = schedule.next_local(local("2027-01-01 00:00"));
            proptest::prop_assert!(first.is_some());
            proptest::prop_assert_eq!(first, again.next_local(local("2027-01-01 00:00")));
        }
    }
}
