//! Tells languages in Latin letters apart, by their alphabets and by their most frequent groups of three letters.
//! It gives what whatlang gives, by its rule and its tables, in a fifth of the time; it does not know other scripts.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Groups of letters that a language is known by, and the most that one of them can miss its place by.
const KNOWN: u32 = 300;
/// Groups of a text that are looked at, the most frequent ones.
const LOOKED_AT: usize = 600;

/// whatlang's tables the other way round: what a text is asked for.
#[derive(Default)]
struct Tables {
    codes: Vec<&'static str>,
    /// The languages whose alphabet has a letter, as bits.
    alphabets: FxHashMap<char, u64>,
    /// The languages that a group of letters is frequent in, and its place in each of them.
    groups: FxHashMap<u64, Vec<(usize, u32)>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables::default();
    let lines = include_str!("latin.txt").lines().filter(|line| !line.starts_with('#'));
    for (language, line) in lines.enumerate() {
        let mut words = line.split(' ');
        tables.codes.extend(words.next());
        for letter in words.next().unwrap_or_default().chars() {
            *tables.alphabets.entry(letter).or_default() |= 1 << language;
        }
        for (place, letters) in (0..).zip(words) {
            let group = letters.chars().fold(0, |group, c| append(group, if c == '_' { ' ' } else { c }));
            tables.groups.entry(group).or_default().push((language, place));
        }
    }
    tables
});

/// The last three letters as one number; numbers are in the order of the letters.
fn append(group: u64, letter: char) -> u64 {
    const LETTER: u32 = 21;
    (group << LETTER | u64::from(u32::from(letter))) & ((1 << (3 * LETTER)) - 1)
}

/// What is no letter of any word.
fn parts_words(c: char) -> bool {
    matches!(c, '\0'..='@' | '['..='`' | '{'..='~')
}

/// The language of a text whose script is Latin, by its ISO 639-3 code, and how sure that is, from 0 to 1.
pub(super) fn detect(text: &str) -> Option<(&'static str, f64)> {
    let lower = text.to_lowercase();
    let times = letters(&lower);
    let letters = times.values().sum::<u32>();
    if letters == 0 {
        return None;
    }
    let (groups, near) = nearness(&lower);
    let weight = (-(f64::from(letters) / 300.0) + 2.0 / 3.0).clamp(1.0 / 3.0, 2.0 / 3.0);
    let scores = spelled(&times).into_iter().zip(near).map(|(spelled, near)| {
        let spelled = f64::from((2 * spelled).saturating_sub(letters)) / f64::from(letters);
        let near = f64::from(near) / f64::from(groups * KNOWN);
        spelled * weight + near * (1.0 - weight)
    });
    let (mut best, mut first, mut second) = (0, 0.0, 0.0);
    for (language, score) in scores.enumerate() {
        if score > first {
            (best, first, second) = (language, score, first);
        } else if score > second {
            second = score;
        }
    }
    let lead = (first - second) / second;
    let clear = 3.0 / f64::from(groups) + 0.015;
    let confidence = if second == 0.0 { first } else { (lead / clear).min(1.0) };
    Some((TABLES.codes[best], confidence))
}

/// How often a text has each of its letters.
fn letters(lower: &str) -> FxHashMap<char, u32> {
    let (mut ascii, mut times) = ([0; 128], FxHashMap::default());
    for c in lower.chars().filter(|c| !parts_words(*c)) {
        *ascii.get_mut(c as usize).unwrap_or_else(|| times.entry(c).or_default()) += 1;
    }
    times.extend((b'\0'..).map(char::from).zip(ascii).filter(|(_, times)| *times > 0));
    times
}

/// How many letters of a text each language's alphabet has.
fn spelled(times: &FxHashMap<char, u32>) -> Vec<u32> {
    let mut spelled = vec![0; TABLES.codes.len()];
    for (letter, times) in times {
        let languages = TABLES.alphabets.get(letter).copied().unwrap_or_default();
        for (language, spelled) in spelled.iter_mut().enumerate() {
            *spelled += if languages >> language & 1 == 1 { *times } else { 0 };
        }
    }
    spelled
}

/// How many groups of letters of a text are looked at, and how near to their places in each language they are.
fn nearness(lower: &str) -> (u32, Vec<u32>) {
    let groups = frequent_groups(lower);
    let count = u32::try_from(groups.len()).unwrap_or(KNOWN);
    // As far from a language as can be, where it knows none of the groups.
    let mut far = vec![KNOWN * KNOWN; TABLES.codes.len()];
    for (place, group) in (0_u32..).zip(groups) {
        for (language, known) in TABLES.groups.get(&group).into_iter().flatten() {
            far[*language] = far[*language] - KNOWN + place.abs_diff(*known);
        }
    }
    let few = KNOWN.saturating_sub(count) * KNOWN;
    let near = far.into_iter().map(|far| count * KNOWN - (far - few).min(KNOWN * KNOWN));
    (count, near.collect())
}

/// The groups of three letters in a text, the most frequent first.
fn frequent_groups(lower: &str) -> Vec<u64> {
    let between = |c: char| if parts_words(c) { ' ' } else { c };
    let mut times: FxHashMap<u64, u32> = FxHashMap::default();
    times.reserve(LOOKED_AT);
    let mut group = append(append(0, ' '), ' ');
    let (mut before, mut last) = (' ', ' ');
    for (at, c) in lower.chars().map(between).chain([' ']).enumerate() {
        group = append(group, c);
        if at > 0 && !(last == ' ' && (before == ' ' || c == ' ')) {
            *times.entry(group).or_default() += 1;
        }
        (before, last) = (last, c);
    }
    // One number each: that sorts without branches.
    let mut counted: Vec<u128> = times.into_iter().map(|(g, times)| u128::from(times) << 64 | u128::from(g)).collect();
    counted.sort_unstable();
    let most = counted.iter().rev().take(LOOKED_AT);
    most.map(|counted| u64::try_from(counted & u128::from(u64::MAX)).unwrap_or_default()).collect()
}
