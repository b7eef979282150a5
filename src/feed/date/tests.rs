//! Shows by cases which dates are read, and which are believed.
//! What follows from a date is shown beside `verdict`.

use super::*;

fn check(text: &str, want: &str) {
    let got = parse(text).map_or("none".to_owned(), |d| d.format("%Y-%m-%dT%H:%M:%S").to_string());
    assert_eq!(got, want, "{text}");
}

#[test]
fn iso_dates_are_read() {
    check("2003-12-31T10:14:55Z", "2003-12-31T10:14:55");
    check("2003-12-31T10:14:55.123+01:30", "2003-12-31T08:44:55");
    check("2003-12-31 10:14:55", "2003-12-31T10:14:55");
    check("2003-12-31T10:14-08:00", "2003-12-31T18:14:00");
    check("2003-12-31", "2003-12-31T00:00:00");
    check("20031231", "2003-12-31T00:00:00");
    check("2003-12", "2003-12-01T00:00:00");
    check("2003-335", "2003-12-01T00:00:00");
    check("2003", "2003-01-01T00:00:00");
    check("2020-01-01T24:00:00Z", "2020-01-02T00:00:00");
    check("2026-W48-2", "2026-11-24T00:00:00");
    check("2026W482T10:00:00+01:00", "2026-11-24T09:00:00");
    check("2026-W01", "2025-12-29T00:00:00");
    for text in ["2026-W54-1", "2026-W48-0", "2026-W48-8", "2026-W48-22", "26-W48-1", "2026-W4", "2026-Wéé"] {
        check(text, "none");
    }
}

#[test]
fn mail_dates_are_read() {
    check("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21");
    check("Thu, 01 Jan 2004 19:48:21 EST", "2004-01-02T00:48:21");
    check("01 Jan 04 19:48 +0100", "2004-01-01T18:48:00");
    check("Thu, 01 Jan 2004 19:48:21 -0530", "2004-01-02T01:18:21");
    check("Thursday, January 1, 2004 7:48 pm", "2004-01-01T19:48:00");
    check("Thu Jan  1 19:48:21 2004", "2004-01-01T19:48:21");
    check("Thu, 01 Jan 2004 19:48:21 Etc/GMT", "2004-01-01T19:48:21");
    check("1-Jan-2004 10:00:00 GMT", "2004-01-01T10:00:00");
    check("Mon, 31 Dec 2016 23:59:60 UT", "2016-12-31T23:59:59");
    check("Tue, 24 Nov 2026 08:00:00 NZDT", "2026-11-23T19:00:00");
    check("Tue, 24 Nov 2026 08:00:00 KST", "2026-11-23T23:00:00");
    check("Tue, 24 Nov 2026 08:00:00 AKST", "2026-11-24T17:00:00");
}

#[test]
fn month_names_of_readers_languages_are_read() {
    check("mar., 3 févr. 2026 08:00:00 +0100", "2026-02-03T07:00:00");
    check("mardi 5 août 2025 8:00", "2025-08-05T08:00:00");
    check("Di, 03 Mär 2026 08:00:00 +0100", "2026-03-03T07:00:00");
    check("Donnerstag, 4. Dezember 2025 10:00", "2025-12-04T10:00:00");
    check("5 juillet 2025", "2025-07-05T00:00:00");
    check("marți, 24 noiembrie 2026 08:00", "2026-11-24T08:00:00");
    check("mar., 24 noi. 2026", "2026-11-24T00:00:00");
    check("tis, 12 maj 2026 08:00:00 +0200", "2026-05-12T06:00:00");
    check("ti 24 marras 2026", "none");
}

#[test]
fn nonsense_is_no_date() {
    for text in ["", "yesterday", "2003-13-41", "99/99/9999", "Thu, 32 Jan 2004", "03/04/2005", "-", "T", "é"] {
        check(text, "none");
    }
}

#[test]
fn dates_in_figures_are_read_where_day_and_month_cannot_be_mistaken() {
    check("11/26/2026 2:30 PM", "2026-11-26T14:30:00");
    check("26/11/2026 14:30:05", "2026-11-26T14:30:05");
    check("26.11.2026 14:30", "2026-11-26T14:30:00");
    check("3.4.2026", "2026-04-03T00:00:00");
    check("2026/11/26 14:30:00", "2026-11-26T14:30:00");
    check("2026/3/4", "2026-03-04T00:00:00");
    check("2026.11.26 14:30", "2026-11-26T14:30:00");
    check("2026. 11. 26. 14:30", "2026-11-26T14:30:00");
    check("2026年11月26日 14:30", "2026-11-26T14:30:00");
    check("2026年3月4日(水) 14時05分", "2026-03-04T14:05:00");
    check("26-11-2026 14:30 +0100", "2026-11-26T13:30:00");
    check("Thu, 11/26/2026 - 14:30", "2026-11-26T14:30:00");
    check("Do., 26.11.2026, 14.30 Uhr", "2026-11-26T14:30:00");
    check("Donnerstag, den 26.11.2026 um 9:05 Uhr", "2026-11-26T09:05:00");
    check("26/11/2026 à 14h30", "2026-11-26T14:30:00");
    check("26/11/2026 - 14h", "2026-11-26T14:00:00");
    check("05/05/2026 11:00 a.m.", "2026-05-05T11:00:00");
    check("11/26/2026 12:05\u{202f}AM", "2026-11-26T00:05:00");
    check("11/26/2026 2:30 PM EST", "2026-11-26T19:30:00");
    check("26.11.2026", "2026-11-26T00:00:00");
}

#[test]
fn dates_in_figures_that_may_mean_two_days_are_none() {
    for text in [
        "03/04/2026",
        "3/4/2026 2:30 PM",
        "12-11-2026 10:00",
        "13/13/2026",
        "32.1.2026",
        "26.13.2026",
        "2026/13/01",
        "2026/02/30",
        "26.11.26",
        "11/26",
        "26.11.",
        "1.2.3",
        "1.10.2.2026",
        "10.11.12.2026",
        "192.168.2026.1",
        "26.11/2026",
    ] {
        check(text, "none");
    }
}

#[test]
fn seconds_since_1970_are_read() {
    check("1795703400", "2026-11-26T14:30:00");
    check("1795703400.25", "2026-11-26T14:30:00");
    check("1795703400000", "2026-11-26T14:30:00");
    check("999999999", "none");
    check("179570340", "none");
    check("17957034001", "none");
    check("-1795703400", "none");
    check("1795703400 GMT", "none");
}

#[test]
fn figures_without_marks_between_them_are_read() {
    check("20261126T143005Z", "2026-11-26T14:30:05");
    check("20261126T1430+0100", "2026-11-26T13:30:00");
    check("20261126143005", "2026-11-26T14:30:05");
    check("202611261430", "2026-11-26T14:30:00");
    check("20261326143005", "none");
}

#[test]
fn dates_in_words_are_read_with_the_small_words_between() {
    check("26 de noviembre de 2026 14:30", "2026-11-26T14:30:00");
    check("26 de novembro de 2026", "2026-11-26T00:00:00");
    check("5 dicembre 2025", "2025-12-05T00:00:00");
    check("5 de diciembre de 2025", "2025-12-05T00:00:00");
    check("domenica 7 dicembre 2025", "2025-12-07T00:00:00");
    check("dimanche 7 décembre 2025 à 14h30", "2025-12-07T14:30:00");
    check("dinsdag 2 december 2025 om 9.05", "2025-12-02T09:05:00");
    check("1er mars 2026", "2026-03-01T00:00:00");
    check("November 26th, 2026 2:30 p.m.", "2026-11-26T14:30:00");
    check("Thursday, 3rd December 2026", "2026-12-03T00:00:00");
    check("26. November 2026, 14.30 Uhr", "2026-11-26T14:30:00");
}

#[test]
fn lying_dates_are_not_believed() {
    let now = parse("2026-11-24T08:00:00Z").expect("a date");
    let at = |s: &str| believable(parse(s), now);
    assert_eq!(at("1970-01-01T00:00:00Z"), None);
    assert_eq!(at("2001-01-01T00:00:00Z"), None);
    assert_eq!(at("0001-01-01T00:00:00Z"), None);
    assert_eq!(at("2027-01-01T00:00:00Z"), None);
    assert_eq!(at("2026-11-24T20:00:00Z"), Some(now));
    assert_eq!(at("2026-11-23T20:00:00Z"), parse("2026-11-23T20:00:00Z"));
    assert_eq!(believable(None, now), None);
}
