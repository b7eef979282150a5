//! What a site's robots.txt says about fetching its article pages (RFC 9309).
//! It fetches nothing; feeds themselves are made for programs and are not asked about.

use url::Url;

/// The name under which robots.txt may speak of us.
pub const PRODUCT: &str = "depeche";
/// Bytes read (RFC 9309, section 2.5 asks for at least 500 KiB).
pub const MAX_BYTES: usize = 512_000;
/// Rules kept; more are a list of single pages.
const MAX_RULES: usize = 5_000;

/// The rules of a site for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
    closed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    pattern: String,
    allow: bool,
}

impl Robots {
    /// Where a site's robots.txt is, for the site of this page.
    pub fn address(page: &Url) -> Option<Url> {
        let mut url = page.join("/robots.txt").ok()?;
        url.set_query(None);
        url.set_fragment(None);
        matches!(url.scheme(), "http" | "https").then_some(url)
    }

    /// By the answer's status: 2xx has rules, 4xx means none, anything else that the site is not to be asked now
    /// (RFC 9309, section 2.3.1). `None` is no answer at all.
    pub fn from_answer(status: Option<u16>, body: &[u8]) -> Self {
        match status {
            Some(200..=299) => Self::parse(body),
            Some(400..=499) => Self::default(),
            _ => Self { rules: Vec::new(), closed: true },
        }
    }

    /// Reads the group that names us, else the one for all.
    pub fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(whole_lines(body));
        let text = text.trim_start_matches('\u{feff}');
        let (mut ours, mut everyones): (Option<Vec<Rule>>, Vec<Rule>) = (None, Vec::new());
        let (mut for_us, mut for_all, mut naming) = (false, false, false);
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            match key.as_str() {
                "user-agent" => {
                    // Names in a row share a group; a name after rules begins another.
                    if !naming {
                        (for_us, for_all, naming) = (false, false, true);
                    }
                    for_us |= names_us(value);
                    for_all |= value == "*";
                    if for_us {
                        ours.get_or_insert_default();
                    }
                }
                "allow" | "disallow" => {
                    naming = false;
                    // "Disallow:" without a path forbids nothing.
                    if value.is_empty() {
                        continue;
                    }
                    let rule = Rule { pattern: comparable_pattern(value), allow: key == "allow" };
                    if let Some(ours) = ours.as_mut().filter(|o| for_us && o.len() < MAX_RULES) {
                        ours.push(rule);
                    } else if for_all && everyones.len() < MAX_RULES {
                        everyones.push(rule);
                    }
                }
                _ => {}
            }
        }
        Self { rules: ours.unwrap_or(everyones), closed: false }
    }

    /// Whether a page may be fetched: the longest matching rule decides, and of two as long the one that allows.
    pub fn allows(&self, page: &Url) -> bool {
        if self.closed {
            return false;
        }
        let path = match page.query() {
            Some(query) => comparable(&format!("{}?{query}", page.path())),
            None => comparable(page.path()),
        };
        let matching = self.rules.iter().filter(|r| matches(&r.pattern, &path));
        matching.max_by_key(|r| (r.pattern.len(), r.allow)).is_none_or(|r| r.allow)
    }
}

/// `depeche`, also with a version behind it.
fn names_us(value: &str) -> bool {
    let token = value.split(['/', ' ']).next().unwrap_or_default();
    token.eq_ignore_ascii_case(PRODUCT)
}

/// What is read of it. Half a line would be another rule: `Disallow: /` instead of `Disallow: /archive`.
fn whole_lines(body: &[u8]) -> &[u8] {
    let Some(read) = body.get(..MAX_BYTES).filter(|read| read.len() < body.len()) else { return body };
    let end = read.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
    &read[..end.unwrap_or_default()]
}

/// A rule's path in the form of [`comparable`], but for what stands for something else.
fn comparable_pattern(value: &str) -> String {
    let (path, end) = value.strip_suffix('$').map_or((value, ""), |path| (path, "$"));
    let pieces: Vec<String> = path.split('*').map(comparable).collect();
    pieces.join("*") + end
}

/// Percent-encoding in one form (RFC 9309, section 2.2.2), so that `/é` and `/%C3%A9` are one, and `/~a` and `/%7ea`.
fn comparable(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        let encoded = after.first_chunk().filter(|_| *byte == b'%').and_then(|digits: &[u8; 2]| octet(*digits));
        if encoded.is_some() {
            rest = &after[2..];
        }
        match encoded.unwrap_or(*byte) {
            plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => out.push(char::from(plain)),
            reserved if encoded.is_none() && b"%/:?#[]@!&()+,;=".contains(&reserved) => out.push(char::from(reserved)),
            other => out.extend(['%', hex(other >> 4), hex(other & 15)]),
        }
    }
    out
}

fn octet(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    Some(high? << 4 | low?)
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

/// `*` stands for anything, a final `$` for the end. Linear: each piece is looked for once, behind the one before.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, anchored) = pattern.strip_suffix('$').map_or((pattern, false), |p| (p, true));
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let last = if anchored { pieces.pop() } else { None };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    match last {
        Some(last) => rest.ends_with(last),
        None => !anchored || rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(robots: &str, path: &str, want: bool) {
        let page = Url::parse("https://site.example").and_then(|u| u.join(path)).expect("a valid address");
        assert_eq!(Robots::parse(robots.as_bytes()).allows(&page), want, "{path} under {robots:?}");
    }

    #[test]
    fn the_longest_rule_decides() {
        let robots = "User-agent: *\nDisallow: /\nAllow: /news\nDisallow: /news/private # not these\n";
        check(robots, "/", false);
        check(robots, "/news/1", true);
        check(robots, "/news/private/1", false);
        check("User-agent: *\nDisallow: /a\nAllow: /a\n", "/a", true);
        check("User-agent: *\nDisallow:\n", "/a", true);
        check("", "/a", true);
    }

    #[test]
    fn our_own_group_stands_before_the_one_for_all() {
        let robots = "User-agent: *\nDisallow: /\n\nUser-Agent: other\nUser-Agent: Depeche/1.0\nDisallow: /paid\n";
        check(robots, "/x", true);
        check(robots, "/paid/x", false);
        check("User-agent: depeche\nUser-agent: x\n\nUser-agent: *\nDisallow: /\n", "/x", false);
        check("User-agent: depeche-extra\nDisallow: /\n", "/x", true);
    }

    #[test]
    fn wildcards_and_ends_are_kept() {
        check("User-agent: *\nDisallow: /*.pdf$\n", "/a/b.pdf", false);
        check("User-agent: *\nDisallow: /*.pdf$\n", "/a/b.pdf?x", true);
        check("User-agent: *\nDisallow: /*/print/*\n", "/a/print/1", false);
        check("User-agent: *\nDisallow: /exact$\n", "/exactly", true);
        check("User-agent: *\nDisallow: /*?s=\n", "/?s=1", false);
        check("User-agent: *\nDisallow: /été\n", "/%c3%a9t%C3%A9/1", false);
    }

    #[test]
    fn one_address_in_two_spellings_is_one() {
        for (rule, path) in [
            ("/%7Ejoe/", "/~joe/a"),
            ("/~joe/", "/%7ejoe/a"),
            ("/private", "/%70rivate/1"),
            ("/a{b", "/a{b"),
            ("/it's", "/it%27s"),
            ("/*?q='", "/?q='a'"),
            ("/file-%2A.html", "/file-*.html"),
            ("/price-in-$/", "/price-in-$/1"),
            ("/%24$", "/$"),
            ("/100%", "/100%/1"),
        ] {
            check(&format!("User-agent: *\nDisallow: {rule}\n"), path, false);
        }
        check("User-agent: *\nDisallow: /a%2Fb\n", "/a/b", true);
        check("User-agent: *\nDisallow: /file-%2A.html\n", "/file-1.html", true);
        check("User-agent: *\nDisallow: /%24\n", "/a", true);
    }

    #[test]
    fn a_file_without_end_has_no_half_a_rule_for_its_last() {
        let begin = "User-agent: *\nDisallow: /paid\n";
        let comments = "#".repeat(MAX_BYTES - begin.len() - "\nDisallow: /".len());
        let robots = format!("{begin}{comments}\nDisallow: /archive\n");
        check(&robots, "/news", true);
        check(&robots, "/paid", false);
        let robots = format!("User-agent: *\nDisallow: /archive{}", "x".repeat(MAX_BYTES));
        check(&robots, "/archive", true);
    }

    #[test]
    fn an_answer_without_rules_says_something_too() {
        let page = Url::parse("https://site.example/a?b#c").expect("a valid address");
        assert_eq!(Robots::address(&page).map(String::from).as_deref(), Some("https://site.example/robots.txt"));
        assert!(Robots::from_answer(Some(404), b"").allows(&page));
        assert!(!Robots::from_answer(Some(503), b"").allows(&page));
        assert!(!Robots::from_answer(None, b"").allows(&page));
    }
}
