//! Shows by cases what `subscriber::address` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use super::*;

fn check(typed: &str, wanted: &str, key: &str) {
    let address = Address::parse(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
    assert_eq!((address.as_str(), address.address_key().as_str()), (wanted, key), "{typed}");
    assert_eq!(Address::parse(address.as_str()).as_ref(), Ok(&address), "{typed}: parsed twice");
    assert_eq!(Address::parse(&address.shown()).as_ref(), Ok(&address), "{typed}: as shown");
}

#[test]
fn what_people_type_is_read_as_the_mailbox_they_mean() {
    check("claire@lefanal.example", "claire@lefanal.example", "claire@lefanal.example");
    check("  Claire@LeFanal.Example \n", "Claire@lefanal.example", "claire@lefanal.example");
    check("<mailto:claire@lefanal.example>", "claire@lefanal.example", "claire@lefanal.example");
    check("MAILTO:claire@lefanal.example.", "claire@lefanal.example", "claire@lefanal.example");
    check("\u{200b}claire@lefanal.example\u{feff}", "claire@lefanal.example", "claire@lefanal.example");
    check("c.l+news@gmail.com", "c.l+news@gmail.com", "c.l+news@gmail.com");
    check("o'brien@post.example", "o'brien@post.example", "o'brien@post.example");
    check("zoé@Crème.example", "zoé@xn--crme-6oa.example", "zoé@xn--crme-6oa.example");
    check("Zoe\u{301}@x.example", "Zoé@x.example", "zoé@x.example");
    check("a@straße.example", "a@xn--strae-oqa.example", "a@xn--strae-oqa.example");
    check("a@b-c.co.uk", "a@b-c.co.uk", "a@b-c.co.uk");
}

#[test]
fn what_is_wrong_gets_the_sentence_that_fits() {
    use AddressError::*;
    let check = |typed: &str, wanted: AddressError| assert_eq!(Address::parse(typed), Err(wanted), "{typed}");
    check("", Empty);
    check("  <> ", Empty);
    check("claire", NoAt);
    check("claire@home@example.org", ManyAts);
    check("@example.org", NoLocal);
    check("claire@", NoDomain);
    check("claire@.", NoDomain);
    check("claire @example.org", Space);
    check("claire@exam\u{200b}ple.org", Space);
    check("claire@example.org, paul@example.org", Space);
    check("cla\u{202e}ire@example.org", Space);
    check("\"claire\"@example.org", LocalCharacter('"'));
    check("cla,ire@example.org", LocalCharacter(','));
    check(".claire@example.org", LocalDots);
    check("cl..aire@example.org", LocalDots);
    check("claire.@example.org", LocalDots);
    check("claire@gmail", NoEnding);
    check("claire@127.0.0.1", Literal);
    check("claire@[127.0.0.1]", Literal);
    check("claire@[IPv6:::1]", Literal);
    check("claire@0x7f.1", Literal);
    check("claire@example..org", Domain);
    check("claire@-example.org", Domain);
    check("claire@exa_mple.org", Domain);
    check("claire@exa%2emple.org", Domain);
    check("claire@example.org/path", Domain);
    check("claire@example.o", Domain);
    check("claire@example.c0m.9x", Domain);
}

#[test]
fn limits_are_those_of_the_rfc_to_the_octet() {
    let local = |n: usize| format!("{}@example.org", "a".repeat(n));
    assert!(Address::parse(&local(64)).is_ok());
    assert_eq!(Address::parse(&local(65)), Err(AddressError::LongLocal));
    let label = "b".repeat(63);
    let whole = |n: usize| format!("{}@{label}.{label}.{}.org", "a".repeat(n), "c".repeat(57));
    assert_eq!(Address::parse(&whole(64)).map(|a| a.as_str().len()), Ok(254));
    let too_long = format!("{}@{label}.{label}.{}.org", "a".repeat(64), "c".repeat(58));
    assert_eq!(Address::parse(&too_long), Err(AddressError::Long));
    assert_eq!(Address::parse(&format!("a@{}.org", "b".repeat(64))), Err(AddressError::Domain));
}

#[test]
fn an_address_does_not_show_in_debug_output_or_errors() {
    let address = Address::parse("claire.dupont@lefanal.example").expect("an address");
    assert_eq!(format!("{address:?}"), "Address(c…@l….example)");
    let error = Address::parse("claire.dupont@lefanal..example").expect_err("two dots");
    assert!(!format!("{error} {error:?}").contains("claire"));
}

#[test]
fn a_slip_in_the_domain_gets_a_suggestion() {
    let check = |typed: &str, wanted: Option<&str>| {
        let suggestion = Address::parse(typed).expect("an address").suggestion();
        assert_eq!(suggestion.as_ref().map(Address::as_str), wanted, "{typed}");
    };
    check("a@gmial.com", Some("a@gmail.com"));
    check("a@gmail.con", Some("a@gmail.com"));
    check("a@gmail.co", Some("a@gmail.com"));
    check("a@gmail.fr", Some("a@gmail.com"));
    check("a@hotmial.fr", Some("a@hotmail.fr"));
    check("a@outlok.com", Some("a@outlook.com"));
    check("a@lapost.net", Some("a@laposte.net"));
    check("a@wanadoo.com", Some("a@wanadoo.fr"));
    check("a@t-onlin.de", Some("a@t-online.de"));
    check("a@gmail.com", None);
    check("a@googlemail.com", None);
    check("a@gmx.at", None);
    check("a@mail.com", None);
    check("a@ymail.com", None);
    check("a@lefanal.example", None);
    check("a@fred.fr", None);
    check("a@example.con", Some("a@example.com"));
    check("a@example.com", None);
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_an_address_reads_back_as_itself_and_fits_into_one_smtp_line(
        typed in "\\PC{0,40}|[<a-zé.+@\u{200b} -]{0,20}@[a-zß.-]{1,20}\\.[a-z]{1,4}>?",
    ) {
        if let Ok(address) = Address::parse(&typed) {
            let again = Address::parse(address.as_str()).expect("its own text");
            proptest::prop_assert_eq!(&again, &address);
            proptest::prop_assert_eq!(address.as_str().matches('@').count(), 1);
            proptest::prop_assert!(address.as_str().len() <= LONGEST && address.domain().is_ascii());
            let harmful = |c: char| c.is_whitespace() || c.is_control() || "<>\",;()[]\\".contains(c);
            proptest::prop_assert!(!address.as_str().contains(harmful));
            let key = address.address_key();
            proptest::prop_assert_eq!(Address::parse(&key).expect("a key is an address").address_key(), key);
        }
    }
}
