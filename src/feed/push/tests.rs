//! Shows what is believed of feeds and hubs, and when hubs are asked. Whole lives are played in the integration tests.
//! It sends nothing.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn active() -> Subscription {
    Subscription {
        id: 7,
        state: State::Active,
        attempts: 0,
        asked_at: Some(at(0)),
        verified_at: Some(at(0)),
        lease_until: Some(at(1_000)),
        pushed_at: None,
        missed_at: None,
    }
}

#[test]
fn link_headers_stand_before_the_document() {
    fn check(headers: &[&str], hub: &str, own: &str) {
        let base = Url::parse("https://a.example/feed/").expect("an address");
        let mut hints = PollHints {
            hub: Some("https://document.example/".into()),
            self_url: Some("https://document.example/feed".into()),
            ..PollHints::default()
        };
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        prefer(&headers, &base, &mut hints);
        assert_eq!((hints.hub.as_deref(), hints.self_url.as_deref()), (Some(hub), Some(own)), "{headers:?}");
    }
    let (hub, own) = ("https://document.example/", "https://document.example/feed");
    check(&[], hub, own);
    check(&["<https://h.example/>; rel=hub"], "https://h.example/", own);
    check(&["<https://h.example/>; rel=\"hub\", <../f>; rel=self"], "https://h.example/", "https://a.example/f");
    check(&["<https://h.example/?a,b;c>; title=\"x, <y>; rel\"; REL=\"next Hub\""], "https://h.example/?a,b;c", own);
    check(&["<https://one.example/>; rel=hub", "<https://two.example/>; rel=hub"], "https://one.example/", own);
    check(&["<https://h.example/; rel=hub", "rel=hub", "<>;;=;rel", "<x>; rel=next"], hub, own);
}

#[test]
fn a_feed_offers_a_web_address_as_hub_or_none() {
    fn check(hub: &str, own: Option<&str>, topic: Option<&str>) {
        let feed = FeedUrl::parse("https://a.example/feed").expect("an address");
        let hints = PollHints { hub: Some(hub.into()), self_url: own.map(str::to_owned), ..PollHints::default() };
        assert_eq!(Offer::of(&hints, &feed).map(|offer| offer.topic).as_deref(), topic, "{hub}");
    }
    check("https://hub.example/", Some("https://a.example/own"), Some("https://a.example/own"));
    check("https://hub.example/", None, Some("https://a.example/feed"));
    check("ftp://hub.example/", None, None);
    check("file:///etc/passwd", None, None);
    check(&format!("https://hub.example/{}", "x".repeat(MAX_LINE)), None, None);
    check("https://hub.example/", Some("mailto:a@b.example"), None);
}

#[test]
fn only_the_right_signature_of_the_whole_body_is_right() {
    fn check(header: &str, body: &[u8], right: bool) {
        let check = Signature::parse(header).and_then(|signature| signature.check(b"secret"));
        let found = check.is_some_and(|mut check| {
            body.chunks(3).for_each(|piece| check.update(piece));
            check.is_right()
        });
        assert_eq!(found, right, "{header}");
    }
    // As `printf news | openssl dgst -METHOD -hmac secret` says.
    let sha1 = "sha1=977622fd94adc9c9b1b1600836dc8b99ecd2b07e";
    let sha256 = "sha256=1012018980a3101f542350e984cf9ccd965ee612485d66a36cfadcc2d008ecbc";
    let sha384 =
        "sha384=2de812f9c465e8110828379f9354d7aa3ef70a9723e7f6b7dfd18c850971d3705683620f1cdb43af095cd68d0d8be3f8";
    let sha512 = "SHA512=b4fa76a3d1fef401ebda29a4c464c30b003ee7e7177e0ab44d679c71bbfad65c42b0e3c436dc3e175379bf8945e625373b1d1cd5dbce22eb7e19ca19209888c2";
    for header in [sha1, sha256, sha384, sha512] {
        check(header, b"news", true);
        check(header, b"newsletter", false);
        check(&header[..header.len() - 2], b"news", false);
        check(&format!("{header}00"), b"news", false);
        check(&header.replace("sha1", "sha256"), b"news", header != sha1);
    }
    for header in ["", "sha1", "sha1=", "sha256=0", "sha256=zz", "md5=00", "sha256=é€"] {
        check(header, b"news", false);
    }
}

#[test]
fn leases_are_believed_within_reason() {
    fn check(said: Option<&str>, hours: i64) {
        assert_eq!(granted(said), TimeDelta::hours(hours), "{said:?}");
    }
    check(Some("86400"), 24);
    check(Some(" 864000 "), 240);
    for lie in [None, Some(""), Some("0"), Some("-5"), Some("soon"), Some("99999999999999999999999")] {
        check(lie, 1);
    }
    check(Some("3153600000"), 30 * 24);
}

#[test]
fn a_lease_is_renewed_with_a_good_part_of_it_left() {
    for id in 0..1_000 {
        let renewal = Subscription { id, ..active() }.renewal(at(0));
        assert!((at(500)..=at(550)).contains(&renewal), "{id}: {renewal}");
    }
    assert_ne!(Subscription { id: 1, ..active() }.renewal(at(0)), Subscription { id: 2, ..active() }.renewal(at(0)));
}

#[test]
fn each_state_has_its_step() {
    fn check(change: impl Fn(&mut Subscription), minute: i64, step: Step) {
        let mut subscription = active();
        change(&mut subscription);
        assert_eq!(subscription.step(at(minute)), step, "{subscription:?}");
    }
    let renewal = active().renewal(at(0));
    check(|_| {}, 10, Step::Wait(renewal));
    check(|_| {}, 600, Step::Subscribe);
    check(|s| s.missed_at = Some(at(10)), 10, Step::Wait(at(25)));
    check(|s| s.missed_at = Some(at(10)), 25, Step::CallBad);
    check(|s| s.state = State::Wanted, 10, Step::Subscribe);
    check(|s| s.state = State::Denied, 10, Step::Subscribe);
    check(|s| s.state = State::Bad, 10, Step::Subscribe);
    check(|s| s.state = State::Leaving, 10, Step::Unsubscribe);
    check(|s| (s.state, s.attempts) = (State::Leaving, 3), 10, Step::Forget);
    check(|s| (s.state, s.asked_at) = (State::Leaving, None), 10, Step::Forget);
}

#[test]
fn a_hub_spares_pulls_once_it_has_kept_its_word() {
    fn check(change: impl Fn(&mut Subscription, &mut PollState), minutes: i64) {
        let mut subscription = Subscription { pushed_at: Some(at(-200)), ..active() };
        let mut poll = PollState { next_poll_at: Some(at(60)), arrivals: vec![at(-190)], ..PollState::default() };
        change(&mut subscription, &mut poll);
        subscription.pace(&mut poll, at(0), &PollConfig::default(), None);
        assert_eq!(poll.next_poll_at, Some(at(minutes)), "{subscription:?}");
    }
    check(|_, _| {}, 240);
    check(|_, p| p.next_poll_at = Some(at(120)), 360);
    check(|_, p| p.next_poll_at = Some(at(600)), 600);
    check(|s, _| s.pushed_at = None, 60);
    check(|s, _| s.lease_until = Some(at(0)), 60);
    check(|s, _| s.missed_at = Some(at(-1)), 60);
    check(|s, _| s.state = State::Bad, 60);
    check(|_, p| p.failures = 1, 60);
    // The push told of something that the pull did not find.
    check(|s, _| s.pushed_at = Some(at(-1)), 15);
    check(|s, p| (s.pushed_at, p.arrivals) = (Some(at(-1)), Vec::new()), 15);
    check(|s, p| (s.pushed_at, p.arrivals) = (Some(at(-1)), vec![at(0)]), 240);
}

#[test]
fn hubs_that_fail_are_asked_less_and_less() {
    let headers = AnswerHeaders::default();
    let waits: Vec<i64> = (1..=9).map(|n| (again(1, n, &headers, at(0)) - at(0)).num_minutes()).collect();
    assert!(waits.is_sorted() && (10..=11).contains(&waits[0]) && waits[8] <= 12 * 60, "{waits:?}");
    let headers = AnswerHeaders { retry_after: Some("7200".into()), ..AnswerHeaders::default() };
    assert_eq!(again(1, 1, &headers, at(0)), at(120));
}
