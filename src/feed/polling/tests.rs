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
            "ratelimit" => &mut headers.ratelimit,
            "policy" => &mut headers.ratelimit_policy,
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
    let failure = Answer::Failed("timed out".into());
    for minutes in [15, 30, 60, 120, 240, 480, 960] {
        waits(&state, &failure, &[], minutes);
        state = poll(&state, &failure, &[], at(0)).state;
    }
    // At the cap there is no room for the jitter but before it.
    let at_cap = |id: i64, state: &PollState, headers: &AnswerHeaders| {
        let polled =
            after(state, (id, &url("http://a.example/f")), &failure, headers, None, at(0), &PollConfig::default());
        polled.state.next_poll_at.expect("a next poll") - at(0)
    };
    let mut waits: Vec<TimeDelta> = (0..100).map(|id| at_cap(id, &state, &AnswerHeaders::default())).collect();
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 80, "{} different waits", waits.len());
    assert!(waits[0] >= TimeDelta::minutes(1296) && waits[waits.len() - 1] <= MAX_WAIT, "{waits:?}");
    // But not before what was asked for.
    assert_eq!(at_cap(7, &state, &headers(&[("retry-after", "90000")])), MAX_WAIT);
    let wishing = PollState { hints: PollHints { ttl: Some(1_430), ..PollHints::default() }, ..state.clone() };
    assert!(at_cap(7, &wishing, &AnswerHeaders::default()) >= TimeDelta::minutes(1_430));
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
    waits(&state, &limit, &[("retry-after", &at(120).timestamp().to_string())], 120);
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
        poll(state, &Answer::Status(status), h, at(0)).limit.map(|limit| limit.until)
    };
    assert_eq!(wait(&known, 429, &[("retry-after", "7200")]), Some(at(120)));
    assert!(wait(&known, 403, &[]).is_some(), "403 after success is a limit");
    assert!(wait(&PollState::default(), 403, &[]).is_none());
    assert!(wait(&known, 503, &[("retry-after", "60")]).is_some());
    assert!(wait(&known, 503, &[]).is_none());
    assert!(wait(&known, 500, &[]).is_none());
}

#[test]
fn a_challenge_is_a_limit_where_its_status_is_one_and_says_who_asks() {
    let known = PollState { last_success_at: Some(at(-60)), ..PollState::default() };
    let check = |state: &PollState, status: u16, h: &[(&str, &str)], until: Option<i64>| {
        let polled = poll(state, &Answer::Challenged(status, "asks for a person".to_owned()), h, at(0));
        assert_eq!(polled.limit.map(|limit| limit.until), until.map(at), "{status} {h:?}");
        assert_eq!(polled.state.last_error.as_deref(), Some("asks for a person"));
        assert_eq!((polled.state.failures, polled.stopped), (1, None));
    };
    check(&known, 429, &[("retry-after", "7200")], Some(120));
    check(&known, 429, &[], Some(15));
    check(&known, 403, &[], Some(15));
    check(&known, 503, &[("retry-after", "7200")], Some(120));
    check(&PollState::default(), 403, &[], None);
    check(&known, 503, &[], None);
    check(&known, 410, &[], None);
}

#[test]
fn a_limit_without_a_named_wait_is_a_guess_and_the_others_of_the_site_are_to_find_out_soon() {
    let known =
        PollState { last_success_at: Some(at(-60)), failures: 5, failing_since: Some(at(-50)), ..PollState::default() };
    let limit = |status: u16, h: &[(&str, &str)]| {
        poll(&known, &Answer::Status(status), h, at(0)).limit.map(|limit| (limit.until, limit.guessed, limit.since))
    };
    assert_eq!(limit(403, &[]), Some((at(15), true, at(-50))));
    assert_eq!(limit(429, &[]), Some((at(480), true, at(-50))));
    assert_eq!(limit(403, &[("retry-after", "3600")]), Some((at(60), false, at(-50))));
    assert_eq!(limit(429, &[("reset", "3600")]), Some((at(60), false, at(-50))));
    let first = poll(&PollState::default(), &Answer::Status(403), &[("remaining", "0"), ("reset", "3600")], at(0));
    assert_eq!(first.limit, Some(Limit { until: at(60), guessed: false, since: at(0) }));
    assert_eq!(
        poll(&PollState::default(), &Answer::Status(403), &[("remaining", "9"), ("reset", "3600")], at(0)).limit,
        None
    );
}

#[test]
fn quotas_are_read_in_every_form_that_they_are_sent_in() {
    let epoch = at(45).timestamp().to_string();
    let (split, millis) = (format!("{epoch}.0"), at(45).timestamp_millis().to_string());
    let check = |h: &[(&str, &str)], limited: bool, minutes: Option<i64>| {
        let read = quota::until_filled(&headers(h), at(0), limited).map(|wait| wait.num_minutes());
        assert_eq!(read, minutes, "{h:?}, limited: {limited}");
    };
    for (reset, minutes) in [
        ("2700", 45),
        (&*epoch, 45),
        (&*split, 45),
        (&*millis, 45),
        ("Tue, 24 Nov 2026 00:45:00 GMT", 45),
        ("2026-11-24T00:45:00Z", 45),
        ("9e9", 24 * 60),
        // Seconds, as no wait is a year or a day of the calendar.
        ("2026", 33),
        ("20261124", 24 * 60),
        ("99999999999999", 24 * 60),
    ] {
        check(&[("remaining", "0"), ("reset", reset)], false, Some(minutes));
        check(&[("remaining", "1"), ("reset", reset)], false, None);
        check(&[("reset", reset)], true, Some(minutes));
    }
    for (reset, limited) in [("soon", true), ("-60", true), ("", true), ("NaN", true), ("60", false)] {
        check(&[("reset", reset)], limited, None);
    }
    // All that are used up must be filled again; where none says so, the first may be meant.
    check(&[("ratelimit", "\"a\";r=0;t=600, \"b\";r=0;t=1200,\"c\";r=7;t=60")], false, Some(20));
    check(&[("ratelimit", "\"a\";r=3;t=600, \"b\";r=9;t=36000")], true, Some(10));
    check(&[("ratelimit", "\"a\";r=3;t=600, \"b\";r=9;t=36000")], false, None);
    check(&[("ratelimit", "default; r=0; t=600")], false, Some(10));
    check(&[("ratelimit", "limit=100;w=3600, remaining=0, reset=600")], false, Some(10));
    check(&[("ratelimit", "limit=100, remaining=50, reset=600")], false, None);
    check(&[("ratelimit", "\"a\";r=0"), ("policy", "\"b\";q=1;w=60,\"a\";q=10;w=1200")], false, Some(20));
    check(&[("ratelimit", "\"a\";r=0"), ("policy", "\"b\";q=1;w=60")], false, None);
    // A policy says nothing of what is left.
    check(&[("policy", "\"b\";q=1;w=60")], true, None);
    for odd in ["", ",", ";", "=", "\"", "\"a\";r=;t=", "\"a\";r=x;t=y", "r=0;t=", "\"a\";t=60;r=-1"] {
        check(&[("ratelimit", odd)], false, None);
    }
    check(&[("remaining", "0"), ("reset", "600"), ("ratelimit", "\"a\";r=0;t=1200")], false, Some(20));
}

#[test]
fn a_quota_that_is_left_says_nothing_of_a_failure() {
    let state = PollState { failures: 2, ..PollState::default() };
    waits(&state, &Answer::Status(404), &[("remaining", "4999"), ("reset", "3600")], 60);
    waits(&state, &Answer::Status(500), &[("reset", "36000")], 60);
    waits(&state, &Answer::Status(500), &[("remaining", "0"), ("reset", "36000")], 600);
}

#[test]
fn a_limit_makes_us_ask_no_sooner_than_without_it() {
    let known = PollState { last_success_at: Some(at(-60)), ..PollState::default() };
    let cached =
        poll(&known, &Answer::NotModified, &[("cache-control", "max-age=15000"), ("age", "3000")], at(0)).state;
    assert_eq!(cached.fresh_hours, Some(4), "whole hours, whatever the age");
    waits(&cached, &Answer::Status(429), &[], 240);
    // What went wrong for itself is looked at again soon.
    waits(&cached, &Answer::Status(500), &[], 15);
    let hints = PollHints { ttl: Some(90), update_every: Some(300), ..PollHints::default() };
    let slow = PollState { hints, ..known.clone() };
    for answer in [Answer::Status(429), Answer::Status(403), Answer::Status(500), Answer::Failed("timed out".into())] {
        waits(&slow, &answer, &[], 300);
        waits(&slow, &answer, &[("retry-after", "0")], 300);
        waits(&slow, &answer, &[("retry-after", "36000")], 600);
    }
    // A feed's own wish is not its site's limit.
    let limited = poll(&slow, &Answer::Status(429), &[], at(0));
    assert_eq!(limited.limit.map(|limit| limit.until), Some(at(15)));
    let busy = PollState { arrivals: vec![at(-60), at(-45), at(-30)], ..known };
    waits(&busy, &Answer::Status(429), &[], 15);
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
    // More than a day of rest is looked at once a day, a week of it is none.
    let days = [0, 1, 2, 3, 4, 5, 6].map(|day| chrono::Weekday::try_from((day + 1) % 7).expect("a day"));
    for n in 2..7 {
        assert_eq!(next(&hints(vec![], days[..n].to_vec())), at(24 * 60), "{n} days from Tuesday on");
    }
    assert!(next(&hints(vec![], days.to_vec())) <= at(66));
    let but_noon = (0..24).filter(|hour| *hour != 12).collect();
    assert_eq!(next(&hints(but_noon, vec![])), at(12 * 60));
    assert_eq!(next(&hints((0..20).collect(), vec![chrono::Weekday::Wed])), at(20 * 60));
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
    let mut state = PollState::default();
    let mut step = |day: i64, from: &FeedUrl| {
        let (same, none) = (Answer::NotModified, AnswerHeaders::default());
        let polled = after(&state, (1, from), &same, &none, Some(&to), at(day * 1440), &PollConfig::default());
        state = polled.state;
        (polled.adopt, state.moving.clone())
    };
    assert_eq!(step(0, &from).0, Some(to.clone()));
    // Where another feed is there already, it comes to nothing, and is tried again after days.
    assert_eq!(step(1, &from).0, None);
    assert_eq!(step(6, &from).0, None);
    assert_eq!(step(7, &from).0, Some(to.clone()));
    assert_eq!(step(8, &to), (None, None), "nothing is left of it");
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
