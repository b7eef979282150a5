//! Shows by cases what `clock::spoken` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

/// Wednesday, 24 November 2027, 17:04 in Paris.
const NOW: &str = "2027-11-24T16:04:00Z";

fn read(text: &str) -> Result<DateTime<Utc>, TimeError> {
    parse_time(text, NOW.parse().expect("an instant"), Tz::Europe__Paris)
}

fn check(text: &str, wanted: &str) {
    let wanted: DateTime<Utc> = wanted.parse().expect("an instant");
    assert_eq!(read(text), Ok(wanted), "{text}");
}

#[test]
fn times_are_read_as_people_type_them() {
    check("tomorrow 07:00", "2027-11-25T06:00:00Z");
    check("Tomorrow at 7am", "2027-11-25T06:00:00Z");
    check("07:00 tomorrow", "2027-11-25T06:00:00Z");
    check("today 18:00", "2027-11-24T17:00:00Z");
    check("today 07:00", "2027-11-24T06:00:00Z");
    check("yesterday 12:30:15", "2027-11-23T11:30:15Z");
    check("monday 7:00", "2027-11-29T06:00:00Z");
    check("wednesday 7:00", "2027-12-01T06:00:00Z");
    check("wed 18:00", "2027-11-24T17:00:00Z");
    check("07:00", "2027-11-25T06:00:00Z");
    check("18h30", "2027-11-24T17:30:00Z");
    check("7 h", "2027-11-25T06:00:00Z");
    check("12 am", "2027-11-24T23:00:00Z");
    check("12:15 pm", "2027-11-25T11:15:00Z");
    check("2027-03-28 07:00", "2027-03-28T05:00:00Z");
    check("2027-11-25T07:00", "2027-11-25T06:00:00Z");
    check("2027-11-25T07:00:00Z", "2027-11-25T07:00:00Z");
    check("2027-11-25 07:00:00+05:30", "2027-11-25T01:30:00Z");
    check("in 2 hours", "2027-11-24T18:04:00Z");
    check("in 90min", "2027-11-24T17:34:00Z");
    check("in 1 week", "2027-12-01T16:04:00Z");
    check("now", NOW);
    check("demain à 7h", "2027-11-25T06:00:00Z");
    check("aujourd’hui 18 h 05", "2027-11-24T17:05:00Z");
    check("dans 2 heures", "2027-11-24T18:04:00Z");
    check("lundi 7h00", "2027-11-29T06:00:00Z");
    check("Morgen um 7:00 Uhr", "2027-11-25T06:00:00Z");
    check("in 2 Stunden", "2027-11-24T18:04:00Z");
    check("maandag 7:00", "2027-11-29T06:00:00Z");
    check("over 3 dagen", "2027-11-27T16:04:00Z");
}

#[test]
fn times_in_a_gap_or_an_overlap_are_those_of_a_slot() {
    check("2027-03-28 02:30", "2027-03-28T01:00:00Z");
    check("2027-10-31 02:30", "2027-10-31T00:30:00Z");
}

#[test]
fn what_is_no_time_or_means_two_is_refused_with_what_would_be_right() {
    let refused = |text: &str, wanted: &str| {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(wanted), "{text}: {error}");
    };
    refused("", "is not a time");
    refused("soon", "`tomorrow 07:00`");
    refused("tomorrow", "write `tomorrow 07:00`");
    refused("2027-03-28", "write `2027-03-28 07:00`");
    refused("tomorrow 7", "write `tomorrow 07:00`");
    refused("7", "write `07:00`");
    refused("2027", "may be an hour or a day");
    refused("28/03/2027 07:00", "YYYY-MM-DD");
    refused("28.03.2027 07:00", "YYYY-MM-DD");
    refused("2027-02-30 07:00", "`2027-02-30` is not a day");
    refused("tomorrow 25:00", "`25:00` is not an hour");
    refused("tomorrow 07:60", "is not an hour");
    refused("13pm", "is not an hour");
    refused("07:00 soon", "is not an hour");
    refused("in 2", "is not a time");
    refused("in two hours", "is not a time");
    refused("in 400 days", "more than a year");
    refused("in 99999999999999999999 days", "more than a year");
    refused("2027-11-25Tx", "is not an hour");
    refused(&"1".repeat(10_000), "is not a time");
}

proptest::proptest! {
    #[test]
    fn nothing_that_can_be_typed_makes_the_parser_panic(
        text in "\\PC{0,30}|(in|dans|monday|demain|2027-03-28)? ?[0-9]{0,3}[:hamp ]{0,2}[0-9]{0,2} ?(am|pm|hours|days|é)?",
    ) {
        if let Err(error) = read(&text) {
            proptest::prop_assert!(error.to_string().contains('`'), "{}", error);
        }
    }
}
