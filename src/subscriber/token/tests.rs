//! Shows by cases what `subscriber::token` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

const PURPOSES: [Purpose; 8] = [
    Purpose::Unsubscribe,
    Purpose::Preferences,
    Purpose::Confirm,
    Purpose::Resubscribe,
    Purpose::Web,
    Purpose::FeedHook,
    Purpose::Hub,
    Purpose::Alert,
];

fn keys() -> Keys {
    Keys::new([7; SECRET_LENGTH])
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("an instant")
}

#[test]
fn a_token_comes_back_as_what_was_signed() {
    for (subscriber, extra) in [(1, 0), (0, 0), (123_456, 1_800_000_000), (i64::MAX, u64::MAX), (-1, 1 << 63)] {
        let token = keys().sign(Purpose::Web, subscriber, extra);
        assert_eq!(keys().verify(Purpose::Web, token.as_str(), at(0)), Ok(Claims { subscriber, extra }));
        assert!((29..=53).contains(&token.as_str().len()));
        assert!(token.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
}

#[test]
fn a_token_of_one_purpose_is_refused_for_every_other() {
    for signed in PURPOSES {
        let token = keys().sign(signed, 12, 4_000_000_000);
        for asked in PURPOSES {
            let verdict = keys().verify(asked, token.as_str(), at(0));
            let wanted = Claims { subscriber: 12, extra: 4_000_000_000 };
            assert_eq!(verdict, if signed == asked { Ok(wanted) } else { Err(TokenError::Forged) });
        }
    }
}

#[test]
fn no_altered_character_and_no_cut_passes() {
    let token = keys().sign(Purpose::Unsubscribe, 123_456, 789);
    for index in 0..token.as_str().len() {
        assert!(keys().verify(Purpose::Unsubscribe, &token.as_str()[..index], at(0)).is_err(), "cut at {index}");
        for other in ['A', 'B', '_', '.', ' '] {
            let mut altered: Vec<char> = token.as_str().chars().collect();
            if altered[index] != other {
                altered[index] = other;
                let altered: String = altered.into_iter().collect();
                assert!(keys().verify(Purpose::Unsubscribe, &altered, at(0)).is_err(), "{altered}");
            }
        }
    }
    let endless = "A".repeat(1 << 20);
    for odd in ["", "=", "é", &endless] {
        assert_eq!(keys().verify(Purpose::Unsubscribe, odd, at(0)), Err(TokenError::Malformed));
    }
}

#[test]
fn tokens_that_expire_say_until_when_they_were_good() {
    let token = keys().sign_until(Purpose::Confirm, 5, at(1000));
    assert!(keys().verify(Purpose::Confirm, token.as_str(), at(999)).is_ok());
    assert_eq!(keys().verify(Purpose::Confirm, token.as_str(), at(1000)), Err(TokenError::Expired(at(1000))));
    let lasting = keys().sign(Purpose::Unsubscribe, 5, 1000);
    assert!(keys().verify(Purpose::Unsubscribe, lasting.as_str(), at(9_000_000_000)).is_ok());
}

#[test]
fn old_links_stay_good_after_the_key_was_changed() {
    let token = keys().sign(Purpose::Unsubscribe, 5, 1);
    let mut ring = keys();
    for round in 1..u8::try_from(MOST_KEYS).expect("few") {
        ring = ring.rotated([round; SECRET_LENGTH]);
        assert!(ring.verify(Purpose::Unsubscribe, token.as_str(), at(0)).is_ok());
    }
    ring = ring.rotated([99; SECRET_LENGTH]);
    assert_eq!(ring.verify(Purpose::Unsubscribe, token.as_str(), at(0)), Err(TokenError::UnknownKey(1)));
    assert_eq!(ring.all().count(), MOST_KEYS);
    let other = Keys::new([8; SECRET_LENGTH]);
    assert_eq!(other.verify(Purpose::Unsubscribe, token.as_str(), at(0)), Err(TokenError::Forged));
}

#[test]
fn a_key_file_is_read_back_and_its_faults_are_named_by_line() {
    let ring = keys().rotated([9; SECRET_LENGTH]);
    let again = Keys::parse(&ring.to_file()).expect("a key file");
    assert_eq!(again.sign(Purpose::Web, 1, 2), ring.sign(Purpose::Web, 1, 2));
    let old = keys().sign(Purpose::Web, 1, 2);
    assert!(again.verify(Purpose::Web, old.as_str(), at(0)).is_ok());
    let secret = URL_SAFE_NO_PAD.encode([1; SECRET_LENGTH]);
    let check = |text: &str, wanted: KeysError| assert_eq!(Keys::parse(text).err(), Some(wanted), "{text}");
    check("# nothing\n\n", KeysError::Empty);
    check("1 abc\n", KeysError::Line(1));
    check(&format!("\n{secret}\n"), KeysError::Line(2));
    check(&format!("256 {secret}\n"), KeysError::Line(1));
    check(&format!("1 {secret}\n1 {secret}\n"), KeysError::Twice(2));
    let many: Vec<String> = (0..17).map(|id| format!("{id} {secret}")).collect();
    check(&many.join("\n"), KeysError::Many);
}

#[test]
fn secrets_and_tokens_do_not_show_in_debug_output() {
    let ring = Keys::new(*b"0123456789abcdef0123456789abcdef");
    assert_eq!(format!("{ring:?}"), "Keys { numbers: [1], .. }");
    assert_eq!(format!("{:?}", ring.sign(Purpose::Web, 1, 2)), "Token(…)");
}

#[test]
fn a_token_made_today_stays_good_in_every_later_version() {
    // Frozen, and computed by other means (Python's hmac): links in mails that were sent must not die with an update.
    let token = keys().sign(Purpose::Unsubscribe, 42, 7);
    assert_eq!(token.as_str(), "tk_ASoH-JVVOfehmUoM9ESYmj0Y2w");
    let token = keys().sign(Purpose::Alert, 42, 14);
    assert_eq!(token.as_str(), "tk_ASoOp1OpLiEnYZtLPUcaBfDK0w");
}

#[test]
fn a_hubs_secret_goes_with_its_token_and_outlives_a_new_key() {
    let old = Keys::new([1; SECRET_LENGTH]);
    let token = old.sign(Purpose::Hub, 7, 0);
    let secret = old.hub_secret(token.as_str()).expect("a secret");
    assert_eq!(old.rotated([2; SECRET_LENGTH]).hub_secret(token.as_str()), Some(secret.clone()));
    assert!(secret.len() < 200 && !token.as_str().contains(&secret));
    for other in [old.sign(Purpose::Hub, 8, 0), Keys::new([2; SECRET_LENGTH]).sign(Purpose::Hub, 7, 0)] {
        assert_ne!(old.hub_secret(other.as_str()), Some(secret.clone()));
    }
    assert_ne!(Keys::new([2; SECRET_LENGTH]).hub_secret(token.as_str()), Some(secret));
    assert_eq!(old.hub_secret("tk_"), None);
}
