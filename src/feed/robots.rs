//! What a site's robots.txt says about fetching its article pages (RFC 9309).
//! It fetches nothing; feeds themselves are made for programs and are not asked about.

use url::Url;

/// The name under which robots.txt may speak of us.
pub const PRODUCT: &str = "depeche";
/// Bytes read (RFC 9309, section 2.5 asks for at least 500 KiB).
const MAX_BYTES: usize = 512_000;
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
        let text = String::from_utf8_lossy(&body[..body.len().min(MAX_BYTES)]);
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
                    let rule = Rule { pattern: comparable(value), allow: key == "allow" };
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

/// Percent-encoding in one form: what `url` does to a path, so that `/é` and `/%C3%A9` are one.
fn comparable(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut left = 0_usize;
    for c in path.chars() {
        if c == '%' {
            left = 3;
        }
        if c.is_ascii() {
            out.push(if left > 0 { c.to_ascii_uppercase() } else { c });
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
            }
        }
        left = left.saturating_sub(1);
    }
    out
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
    fn an_answer_without_rules_says_something_too() {
        let page = Url::parse("https://site.example/a?b#c").expect("a valid address");
        assert_eq!(Robots::address(&page).map(String::from).as_deref(), Some("https://site.example/robots.txt"));
        assert!(Robots::from_answer(Some(404), b"").allows(&page));
        assert!(!Robots::from_answer(Some(503), b"").allows(&page));
        assert!(!Robots::from_answer(None, b"").allows(&page));
    }
}
