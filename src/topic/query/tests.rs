//! Parsing, refusals and the canonical form.
//! What filters find in texts is in `tests/it/filters.rs`.

use proptest::prelude::*;

use super::*;

fn canonical(input: &str) -> String {
    match Query::parse(input) {
        Ok(query) => query.to_string(),
        Err(error) => panic!("{input}: {error}"),
    }
}

#[test]
fn equal_meanings_have_one_text() {
    for (input, expected) in [
        ("Inflation", "inflation"),
        ("zinc cuivre", "cuivre AND zinc"),
        ("cuivre AND zinc", "cuivre AND zinc"),
        ("((zinc)) && (cuivre)", "cuivre AND zinc"),
        ("zinc OR cuivre", "cuivre OR zinc"),
        ("zinc | cuivre || or", "cuivre OR or OR zinc"),
        ("zinc -cuivre", "zinc -cuivre"),
        ("NOT cuivre zinc", "zinc -cuivre"),
        ("zinc AND NOT cuivre", "zinc -cuivre"),
        ("zinc !cuivre", "zinc -cuivre"),
        ("zinc –cuivre", "zinc -cuivre"),
        ("zinc -(cuivre OR or)", "zinc -cuivre -or"),
        ("zinc -(cuivre or)", "zinc AND (-cuivre OR -or)"),
        ("NOT NOT zinc", "zinc"),
        ("zinc OR cuivre -or", "(cuivre OR zinc) -or"),
        ("zinc AND cuivre OR or", "or OR (cuivre AND zinc)"),
        ("zinc OR (zinc cuivre)", "zinc"),
        ("zinc (zinc OR cuivre)", "zinc"),
        ("zinc zinc", "zinc"),
        ("le prix du zinc", "prix AND zinc"),
        ("+le zinc", "+le AND zinc"),
        ("WHO zinc", "who AND zinc"),
        ("IT zinc", "+it AND zinc"),
        ("\"Banque de  France\"", "\"banque de france\""),
        ("« Banque de France »", "\"banque de france\""),
        ("„Banque de France“", "\"banque de france\""),
        ("“Banque\u{a0}de France”", "\"banque de france\""),
        ("\"zinc\"", "zinc"),
        ("=\"Banque de France\"", "=\"banque de france\""),
        ("l’inflation", "inflation"),
        ("Porte-Parole", "porte-parole"),
        ("C++ OR 5G", "5g OR c++"),
        ("U.S.A.", "usa"),
        ("title:(zinc OR cuivre)", "title:cuivre OR title:zinc"),
        ("intitle:zinc", "title:zinc"),
        ("titre: zinc", "title:zinc"),
        ("-title:zinc or", "or -title:zinc"),
        ("title:-zinc or", "or -title:zinc"),
        ("site:https://www.lemonde.fr/ zinc", "zinc AND site:lemonde.fr"),
        ("zinc site:\"a.fr\" site:b.fr", "zinc AND (site:a.fr OR site:b.fr)"),
        ("zinc OR or lang:FR-ca", "lang:fr AND (or OR zinc)"),
        ("ZIN*", "zin*"),
        ("zinc NEAR/3 or", "or NEAR/3 zinc"),
        ("zinc AROUND(3) or", "or NEAR/3 zinc"),
        ("\"zinc or\"~3", "or NEAR/3 zinc"),
        ("zinc ONEAR/3 or", "zinc ONEAR/3 or"),
        ("(zinc OR fer) NEAR/3 or", "or NEAR/3 (fer OR zinc)"),
        ("zinc^2 \"a b\"^3", "zinc AND \"a b\""),
        ("=Élysée", "=élysée"),
        ("\\(zinc\\)", "zinc"),
        ("climat, énergie", "climat AND énergie"),
    ] {
        let text = canonical(input);
        assert_eq!(text, expected, "{input}");
        assert_eq!(canonical(&text), text, "{input}");
    }
}

#[test]
fn refusals_name_the_place_and_the_remedy() {
    for (input, caret, problem, remedy) in [
        ("", "", "empty", "write the words"),
        ("climat (ville", "(", "`(` is never closed", "write `)`"),
        ("climat )", ")", "closes nothing", "take it away"),
        ("climat \"ville", "\"", "never closed", "`\"ville\"`"),
        ("climat AND", "AND", "nothing behind", "take `AND` away"),
        ("OR climat", "OR", "nothing before", "both sides"),
        ("climat AND OR ville", "AND", "nothing behind", "take `AND` away"),
        ("climat ()", "()", "no word", "between the brackets"),
        ("-sport", "-", "at least one word", "`climat -sport`"),
        ("climat OR -sport", "-", "at least one word", "-sport"),
        ("the of and", "the", "every article", "quotation marks"),
        ("cl*", "cl*", "too short", "more letters"),
        ("cli*mat", "m", "end of a word", "`cli*`"),
        ("te?t", "?", "does not stand for a letter", "OR"),
        ("climat~2", "~2", "similar spellings", "climat*"),
        ("*climat", "*", "end of a word", "three letters"),
        ("tilte:climat", "tilte:", "no field `tilte:`", "did you mean `title:`?"),
        ("inurl:climat", "inurl:", "no field", "site:example.org"),
        ("https://www.lemonde.fr/a b", "https:", "addresses", "`site:lemonde.fr`"),
        ("site:lemonde.fr/eco", "lemonde.fr/eco", "cannot take", "`site:lemonde.fr`"),
        ("lang:french", "french", "cannot take", "lang:fr"),
        ("zinc fer OR or", "fer", "two ways", "`zinc AND (fer OR or)`, or `or OR (fer AND zinc)`"),
        ("zinc OU or", "OU", "not an operator", "write OR"),
        ("zinc NEAR or", "NEAR", "number of words", "NEAR/5"),
        ("zinc NEAR/900 or", "NEAR/900", "number of words", "NEAR/5"),
        ("(zinc or) NEAR/3 fer", "(zinc or)", "NEAR joins", "AND c"),
        ("zinc - or", "-", "dash alone", "without a space"),
        ("zinc -zinc", "zinc -zinc", "never match", "take one"),
        ("date:[a TO b]", "date:", "no field", "title:"),
        ("[a TO b]", "[", "ranges", "leave them out"),
        ("/cli.*t/", "/", "regular expressions", "climat*"),
        ("title:", "title:", "cannot take", "title:climat"),
        ("\"zinc * or\"", "\"zinc * or\"", "end of a word", "ONEAR"),
    ] {
        let error = match Query::parse(input) {
            Ok(query) => panic!("{input} was read as {query}"),
            Err(error) => error,
        };
        assert_eq!(&input[error.at()], caret, "{input}: {error}");
        assert!(error.problem().to_string().contains(problem), "{input}: {error}");
        assert!(error.remedy().contains(remedy), "{input}: {error}");
    }
}

#[test]
fn an_error_shows_the_caret_under_the_fault() {
    let error = Query::parse("climat AND (énergie OR ville").expect_err("never closed");
    assert_eq!(
        error.to_string(),
        "`(` is never closed\n  climat AND (énergie OR ville\n             ^\n\
         write `)` where the group ends, or take `(` away"
    );
    let error = Query::parse("東京 AND zi*").expect_err("too short");
    assert!(error.to_string().contains("\n           ^^^\n"), "{error}");
}

#[test]
fn bounds_hold() {
    let long = "zinc ".repeat(500);
    assert!(matches!(Query::parse(&long).expect_err("long").problem(), Problem::TooLong(2500)));
    let many: Vec<String> = (0..257).map(|n| format!("w{n}")).collect();
    assert!(matches!(Query::parse(&many.join(" ")).expect_err("many").problem(), Problem::TooManyTerms(257)));
    let deep = format!("{}zinc{}", "(".repeat(33), ")".repeat(33));
    assert!(matches!(Query::parse(&deep).expect_err("deep").problem(), Problem::TooDeep));
    assert!(matches!(Query::parse(&"(".repeat(2000)).expect_err("deep").problem(), Problem::TooDeep));
    let chain = vec!["zinc"; 40].join(" NEAR/1 ");
    assert!(matches!(Query::parse(&chain).expect_err("deep").problem(), Problem::TooDeep));
}

#[test]
fn a_canonical_text_longer_than_what_people_may_type_is_read() {
    let typed: Vec<String> = (0..250).map(|n| format!("w{n:04}")).collect();
    let query = Query::parse(&typed.join("|")).expect("short enough");
    assert!(query.to_string().len() > MOST_BYTES);
    assert_eq!(Query::parse(&query.to_string()), Ok(query));
}

#[test]
fn two_plain_fields_make_a_filter() {
    for (words, without, expected) in [
        ("logement étudiant", "", "logement AND étudiant"),
        ("logement étudiant, loyer", "Paris", "(loyer OR (logement AND étudiant)) -paris"),
        ("\"pouvoir d'achat\"; salaires", "foot, rugby", "(salaires OR \"pouvoir achat\") -foot -rugby"),
        ("le prix OR -x", "", "or AND prix AND x"),
        ("(zinc) title:or*", "", "title-or AND zinc"),
    ] {
        let query = Query::from_words(words, without).unwrap_or_else(|error| panic!("{words}: {error}"));
        assert_eq!(query.to_string(), expected, "{words}");
        assert_eq!(Query::parse(&query.to_string()), Ok(query), "{words}");
    }
    assert_eq!(Query::from_words(" , ", "x").expect_err("nothing").problem(), &Problem::Empty);
    assert_eq!(Query::from_words("le la", "").expect_err("stop words").problem(), &Problem::OnlyStopWords);
}

/// Text that looks like filters.
fn filterish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-cé]{1,4}",
        Just("AND".to_owned()),
        Just("OR".to_owned()),
        Just("NOT".to_owned()),
        "O?NEAR/[0-9]{1,3}",
        "AROUND\\([0-9]\\)",
        "[-+=!(]{1,2}[a-c]{1,3}",
        "[a-d]{3}\\*\\)?",
        "(title|body|site|lang|author|foo):[a-c(\"]{0,3}",
        "[\"«»„“”]",
        "[()]",
        "\"[a-c ]{0,6}\"(~[0-9])?",
        "\\PC{1,3}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn anything_is_read_or_refused_and_the_canonical_text_reads_back(input in prop_oneof![filterish(), "\\PC{0,60}", any::<String>()]) {
        match Query::parse(&input) {
            Ok(query) => {
                let text = query.to_string();
                prop_assert_eq!(Query::parse(&text), Ok(query), "{}", text);
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        let _ = Query::from_words(&input, &input);
    }

    #[test]
    fn order_case_and_brackets_do_not_matter(mut words in proptest::collection::vec("[b-d]{2,4}", 1..6), or in any::<bool>()) {
        let link = if or { " OR " } else { " AND " };
        let one = words.join(link);
        words.reverse();
        let other = words.iter().map(|w| format!("(({}))", w.to_uppercase())).collect::<Vec<_>>().join(link);
        prop_assert_eq!(Query::parse(&one), Query::parse(&format!("({other})")));
    }
}

#[test]
fn sites_and_languages_that_brackets_bring_together_are_alternatives_as_those_side_by_side() {
    let check = |typed: &str, plain: &str| {
        let query = Query::parse(typed).expect(typed);
        assert_eq!(Some(&query), Query::parse(plain).as_ref().ok(), "{typed}");
        assert_eq!(Some(&query), Query::parse(&query.to_string()).as_ref().ok(), "{typed}");
    };
    check("(a site:b.example) AND site:c.example", "a site:b.example site:c.example");
    check("a NOT (NOT site:b.example OR NOT site:c.example)", "a site:b.example site:c.example");
    check("city NOT (site:b.example site:c.example)", "city -site:b.example -site:c.example");
    check("(a lang:fr) AND lang:de AND (lang:fr OR b)", "a lang:fr lang:de (lang:fr OR b)");
    check("(a site:b.example) AND (site:c.example lang:fr) lang:fr", "a site:b.example site:c.example lang:fr");
    check("(a site:b.example) OR (c site:d.example)", "(c site:d.example) OR (a site:b.example)");
}

#[test]
fn a_site_that_was_read_reads_back_however_it_was_quoted() {
    for host in [
        "_",
        "_._",
        "a._",
        "_a",
        "a_",
        "_a.b",
        "-",
        "a.-.b",
        "a-.b",
        "_dmarc.example.org",
        "é",
        "xn--9ca",
        "1",
        "a..b",
        "www._a",
        "www.www.a",
        "*.www.a_",
    ] {
        for typed in [format!("site:\"{host}\""), format!("site:https://{host}"), format!("site:„{host}”")] {
            if let Ok(query) = Query::parse(&typed) {
                assert_eq!(Query::parse(&query.to_string()), Ok(query), "{typed}");
            }
        }
    }
    for refused in ["site:„_”", "]\u{825b5}site:https://_"] {
        Query::parse(refused).expect_err(refused);
    }
}
