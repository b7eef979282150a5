//! Shows by cases what `feed::polling` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    // A Tuesday, 00:00 UTC.
    DateTime::parse_from_rfc3339("2026-11-24T00:00:00Z").expect("a date").with_timezone(&Utc)
        + TimeDelta::minutes(minutes)
}

fn url(text: &str) -> FeedUrl {
    FeedUrl::parse(text).expect("a valid address")
}

fn headers(pairs: &[(&str, &str)]) -> AnswerHeaders {
    let mut headers = AnswerHeaders::default();
    for (name, value) in pairs {
        let field = match *name {
            "retry-after" => &mut headers.retry_after,
            "cache-control" => &mut headers.cache_control,
            "expires" => &mut headers.expires,
            "date" => &mut headers.date,
            "age" => &mut headers.age,
            "remaining" => &mut headers.ratelimit_remaining,
            "reset" => &mut headers.ratelimit_reset,
            other => panic!("no header {other}"),
        };
        *field = Some((*value).to_owned());
    }
    headers
}

/// Feed 0 has the jitter that this constant says; the tests below allow for the most, a tenth.
fn poll(state: &PollState, answer: &Answer<'_>, h: &[(&str, &str)], now: DateTime<Utc>) -> Polled {
    after(state, (7, &url("http://a.example/f")), answer, &headers(h), None, now, &PollConfig::default())
}

fn waits(state: &PollState, answer: &Answer<'_>, h: &[(&str, &str)], minutes: i64) {
    let wait = poll(state, answer, h, at(0)).state.next_poll_at.expect("a next poll") - at(0);
    let (least, most) = (TimeDelta::minutes(minutes), TimeDelta::minutes(minutes + minutes / 10));
    assert!(wait >= least && wait <= most.min(MAX_WAIT).max(least), "{answer:?} {h:?}: {wait} and not {minutes} min");
}

#[test]
fn a_good_answer_waits_as_the_publisher_wishes_up_to_a_day() {
    let state = PollState::default();
    let same = Answer::NotModified;
    waits(&state, &same, &[], 60);
    waits(&state, &same, &[("cache-control", "public, max-age=7200")], 120);
    waits(&state, &same, &[("cache-control", "max-age=7200"), ("age", "1800")], 90);
    waits(&state, &same, &[("cache-control", "no-cache, max-age=7200")], 60);
    waits(
        &state,
        &same,
        &[("expires", "Tue, 24 Nov 2026 03:00:00 GMT"), ("date", "Tue, 24 Nov 2026 00:30:00 GMT")],
        150,
    );
    waits(&state, &same, &[("expires", "0")], 60);
    waits(&state, &same, &[("expires", "Thu, 01 Jan 1970 00:00:00 GMT")], 60);
    waits(&state, &same, &[("cache-control", "max-age=31536000")], 24 * 60);
    waits(&state, &same, &[("remaining", "0"), ("reset", "10800")], 180);
    waits(&state, &same, &[("remaining", "3"), ("reset", "10800")], 60);
    waits(&state, &same, &[("remaining", "0"), ("reset", &(at(200).timestamp()).to_string())], 200);
}

#[test]
fn hints_of_the_document_are_wishes_too() {
    let read = |hints: &PollHints| {
        waits(
            &PollState::default(),
            &Answer::Read { new_entries: 0, hints, validators: Validators::default() },
            &[],
            300,
        );
    };
    read(&PollHints { ttl: Some(300), ..PollHints::default() });
    read(&PollHints { update_every: Some(300), ..PollHints::default() });
}

#[test]
fn failures_double_the_wait_and_end_with_the_first_success() {
    let mut state = PollState::default();
    for minutes in [15, 30, 60, 120, 240, 480, 960, 1440, 1440] {
        waits(&state, &Answer::Failed("timed out".into()), &[], minutes);
        state = poll(&state, &Answer::Failed("timed out".into()), &[], at(0)).state;
    }
    assert_eq!(state.failing_since, Some(at(0)));
    let state = poll(&state, &Answer::NotModified, &[], at(60)).state;
    assert_eq!((state.failures, state.failing_since, state.last_error), (0, None, None));
}

#[test]
fn retry_after_is_kept_in_all_its_forms() {
    let state = PollState { failures: 5, last_success_at: Some(at(-60)), ..PollState::default() };
    let limit = Answer::Status(429);
    waits(&state, &limit, &[("retry-after", "7200")], 120);
    waits(&state, &limit, &[("retry-after", "Tue, 24 Nov 2026 02:00:00 GMT")], 120);
    waits(&state, &limit, &[("retry-after", "99999999")], 24 * 60);
    // 0 is a value: at once, which is our shortest wait, and not the back-off of five failures.
    waits(&state, &limit, &[("retry-after", "0")], 15);
    waits(&state, &limit, &[("retry-after", "Mon, 01 Jan 2001 00:00:00 GMT")], 15);
    waits(&state, &limit, &[("retry-after", "soon")], 480);
    waits(&state, &limit, &[("retry-after", "-5")], 480);
    waits(&state, &limit, &[("reset", "7200")], 120);
}

#[test]
fn limits_hold_for_the_whole_domain() {
    let known = PollState { last_success_at: Some(at(-60)), ..PollState::default() };
    let wait = |state: &PollState, status: u16, h: &[(&str, &str)]| {
        poll(state, &Answer::Status(status), h, at(0)).domain_wait_until
    };
    assert_eq!(wait(&known, 429, &[("retry-after", "7200")]), Some(at(120)));
    assert!(wait(&known, 403, &[]).is_some(), "403 after success is a limit");
    assert!(wait(&PollState::default(), 403, &[]).is_none());
    assert!(wait(&known, 503, &[("retry-after", "60")]).is_some());
    assert!(wait(&known, 503, &[]).is_none());
    assert!(wait(&known, 500, &[]).is_none());
}

#[test]
fn the_rhythm_of_a_feed_sets_its_wait() {
    let hints = PollHints::default();
    let mut state = PollState::default();
    let news = Answer::Read { new_entries: 1, hints: &hints, validators: Validators::default() };
    let mut now = at(0);
    for _ in 0..30 {
        now += TimeDelta::minutes(80);
        state = poll(&state, &news, &[], now).state;
    }
    assert_eq!(state.arrivals.len(), MAX_ARRIVALS);
    let wait = state.next_poll_at.expect("a next poll") - now;
    assert!(wait >= TimeDelta::minutes(36) && wait <= TimeDelta::minutes(44), "{wait}");
}

#[test]
fn skipped_hours_and_days_are_kept_unless_all_are_skipped() {
    let hints = |skip_hours: Vec<u8>, skip_days| PollHints { skip_hours, skip_days, ..PollHints::default() };
    let next = |hints: &PollHints| {
        poll(
            &PollState::default(),
            &Answer::Read { new_entries: 0, hints, validators: Validators::default() },
            &[],
            at(0),
        )
        .state
        .next_poll_at
        .expect("a next poll")
    };
    assert_eq!(next(&hints(vec![0, 1, 2, 3, 4], vec![])), at(5 * 60));
    assert!(next(&hints((0..24).collect(), vec![])) <= at(66));
    // The whole of Tuesday is skipped: Wednesday 0:00, a day away.
    assert_eq!(next(&hints(vec![], vec![chrono::Weekday::Tue])), at(24 * 60));
}

#[test]
fn a_permanent_move_is_adopted_after_seven_days_of_the_same_answer() {
    let (from, to, other) = (url("http://a.example/f"), url("https://b.example/f"), url("https://c.example/f"));
    let mut state = PollState::default();
    let mut step = |day: i64, to: Option<&FeedUrl>, answer: &Answer<'_>| {
        let polled =
            after(&state, (1, &from), answer, &AnswerHeaders::default(), to, at(day * 1440), &PollConfig::default());
        state = polled.state;
        polled.adopt
    };
    assert_eq!(step(0, Some(&to), &Answer::NotModified), None);
    assert_eq!(step(3, Some(&other), &Answer::NotModified), None);
    assert_eq!(step(4, Some(&to), &Answer::NotModified), None);
    assert_eq!(step(10, Some(&to), &Answer::NotModified), None);
    // A redirect to something that is no feed moves nothing, and breaks nothing.
    assert_eq!(step(11, Some(&to), &Answer::Failed("this is a web page".into())), None);
    assert_eq!(step(12, Some(&to), &Answer::NotModified), Some(to.clone()));
    // A day without the redirect begins the count anew.
    assert_eq!(step(20, Some(&to), &Answer::NotModified), None);
    assert_eq!(step(22, None, &Answer::NotModified), None);
    assert_eq!(step(28, Some(&to), &Answer::NotModified), None);
}

#[test]
fn https_is_adopted_at_once() {
    let (from, to) = (url("http://a.example/f"), url("https://a.example/f"));
    let polled = after(
        &PollState::default(),
        (1, &from),
        &Answer::NotModified,
        &AnswerHeaders::default(),
        Some(&to),
        at(0),
        &PollConfig::default(),
    );
    assert_eq!(polled.adopt, Some(to));
}

#[test]
fn a_feed_that_is_gone_is_stopped_with_patience() {
    let run = |steps: &[(i64, u16)]| {
        let (mut state, mut stopped) = (PollState::default(), None);
        for (hour, status) in steps {
            let polled = poll(&state, &Answer::Status(*status), &[], at(hour * 60));
            (state, stopped) = (polled.state, polled.stopped);
        }
        stopped
    };
    assert_eq!(run(&[(1, 410), (5, 410)]), None, "the same day");
    assert_eq!(run(&[(1, 410), (25, 410)]), Some(Stop::Gone));
    assert_eq!(run(&[(1, 410), (20, 500), (25, 410)]), None);
    assert_eq!(run(&[(0, 404), (24 * 13, 404)]), None);
    assert_eq!(run(&[(0, 404), (24 * 14, 404)]), Some(Stop::NotFound));
}

#[test]
fn feeds_added_together_drift_apart_and_each_keeps_its_own_wait() {
    let next = |id: i64| {
        after(
            &PollState::default(),
            (id, &url("http://a.example/f")),
            &Answer::NotModified,
            &AnswerHeaders::default(),
            None,
            at(0),
            &PollConfig::default(),
        )
        .state
        .next_poll_at
        .expect("a next poll")
    };
    let mut all: Vec<_> = (0..100).map(next).collect();
    assert_eq!(all[3], next(3));
    all.sort_unstable();
    all.dedup();
    assert!(all.len() > 80, "{} different waits", all.len());
}

#[test]
fn the_state_survives_storing() {
    let state = poll(&PollState::default(), &Answer::Status(404), &[], at(0)).state;
    let stored = serde_json::to_string(&state).expect("serialises");
    let beside = PollState { next_poll_at: None, last_success_at: None, ..state };
    assert_eq!(serde_json::from_str::<PollState>(&stored).expect("reads back"), beside, "the instants stand beside it");
    assert_eq!(serde_json::from_str::<PollState>("{}").expect("an empty state"), PollState::default());
}
