//! The canonical form of an article's address: to show, without tracking, and to compare, without its variants.
//! It does not ask the page for the address it names as canonical.

use std::borrow::Cow;

use url::Url;

/// Parameters that tell the site where a reader came from and nothing about the page. `prefix*` or whole name.
const TRACKING: [&str; 48] = [
    "utm_*",
    "at_*",
    "mtm_*",
    "pk_*",
    "hsa_*",
    "oly_*",
    "vero_*",
    "ns_*",
    "_hs*",
    "wt_*",
    "wt.*",
    "itm_*",
    "ga_*",
    "fb_*",
    "guce_*",
    "fbclid",
    "gclid",
    "gclsrc",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "twclid",
    "ttclid",
    "yclid",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "xtor",
    "xtref",
    "cmpid",
    "cmp",
    "ocid",
    "icid",
    "s_cid",
    "spm",
    "srsltid",
    "smid",
    "sref",
    "ito",
    "__twitter_impression",
    "_ga",
    "_gl",
    "trk",
    "wickedid",
    "rss_id",
];

/// Parameters that track with certain values only.
const TRACKING_VALUES: [(&str, &[&str]); 5] = [
    ("ref", &["rss", "feed", "newsletter", "twitter", "facebook"]),
    ("source", &["rss", "feed"]),
    ("from", &["rss", "feed"]),
    ("partner", &["rss"]),
    ("format", &["amp"]),
];

/// An address without tracking parameters and fragment, otherwise as the publisher writes it. What is no web address
/// comes back as it is.
pub fn canonical_url(address: &str) -> String {
    match Url::parse(address.trim()) {
        Ok(url) if is_web(&url) => canonical(url).into(),
        _ => address.trim().to_owned(),
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

fn canonical(mut url: Url) -> Url {
    // `#!` begins a route of a script's page: without it the address leads elsewhere.
    if url.fragment().is_some_and(|f| !f.starts_with('!')) {
        url.set_fragment(None);
    }
    if let Some(query) = url.query() {
        let kept: Vec<&str> = query.split('&').filter(|p| !p.is_empty() && !is_tracking(p)).collect();
        let kept = kept.join("&");
        if kept != query || kept.is_empty() {
            url.set_query(Some(kept.as_str()).filter(|q| !q.is_empty()));
        }
    }
    url
}

/// An address in the form in which it is compared: canonical, and without scheme, `www.`, trailing slash, index page,
/// order of parameters, and AMP.
pub fn url_key(address: &str) -> String {
    let mut address = Cow::Borrowed(address.trim());
    let mut url = Url::parse(&address);
    if let Some(publishers) = url.as_ref().ok().and_then(unwrapped) {
        url = Url::parse(&publishers);
        address = Cow::Owned(publishers);
    }
    let url = match url {
        Ok(url) if is_web(&url) => canonical(url),
        Ok(url) => url,
        Err(_) => return super::readable(address.into_owned()),
    };
    let host = url.host_str().unwrap_or_default();
    let host =
        ["www.", "amp.", "m."].iter().find_map(|p| host.strip_prefix(p)).filter(|h| h.contains('.')).unwrap_or(host);
    let mut key = host.to_owned();
    if let Some(port) = url.port() {
        key.extend([":", &port.to_string()]);
    }
    key.push_str(&comparable_path(url.path()));
    let mut query: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|p| !p.is_empty()).collect();
    query.retain(|p| !matches!(*p, "amp" | "amp=1" | "amp=true" | "outputType=amp" | "outputtype=amp" | "m=1"));
    query.sort_unstable();
    if !query.is_empty() {
        key.push('?');
        key.push_str(&query.join("&"));
    }
    if let Some(route) = url.fragment() {
        key.push('#');
        key.push_str(route);
    }
    super::readable(key)
}

/// The publisher's address behind an AMP cache's (`google.com/amp/s/site/…`, `site.cdn.ampproject.org/c/s/site/…`).
fn unwrapped(url: &Url) -> Option<String> {
    let host = url.host_str().unwrap_or_default();
    let path = url.path();
    let rest = if host == "www.google.com" {
        path.strip_prefix("/amp/s/").or_else(|| path.strip_prefix("/amp/"))
    } else if host.ends_with(".cdn.ampproject.org") {
        ["/c/s/", "/v/s/", "/c/", "/v/"].iter().find_map(|p| path.strip_prefix(p))
    } else {
        None
    };
    rest.map(|rest| format!("https://{rest}"))
}

fn comparable_path(path: &str) -> String {
    let mut path = path;
    for index in ["/index.html", "/index.htm", "/index.php", "/default.aspx"] {
        path = path.strip_suffix(index).unwrap_or(path);
    }
    path = path.trim_end_matches('/');
    path = path.strip_suffix("/amp").unwrap_or(path);
    let (path, ending) = path.strip_suffix(".amp.html").map_or((path, ""), |path| (path, ".html"));
    let path = path.to_owned() + ending;
    let path = if path.starts_with("/amp/") { &path["/amp".len()..] } else { &path };
    upper_percent(path)
}

/// `%c3%a9` as `%C3%A9` (RFC 3986, section 6.2.2.1).
fn upper_percent(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    let mut left = 0;
    for c in path.chars() {
        if c == '%' {
            left = 3;
        }
        out.push(if left > 0 { c.to_ascii_uppercase() } else { c });
        left = usize::saturating_sub(left, 1);
    }
    out
}

fn is_tracking(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    let listed = TRACKING.iter().any(|t| match t.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *t,
    });
    listed || TRACKING_VALUES.iter().any(|(n, values)| name == *n && values.contains(&value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(given: &str, want: &str) {
        assert_eq!(canonical_url(given), want, "{given}");
    }

    #[test]
    fn tracking_goes_and_the_rest_stays_in_order() {
        shown("https://a.example/x?b=2&utm_source=rss&a=1#comments", "https://a.example/x?b=2&a=1");
        shown("https://a.example/x?xtor=RSS-1", "https://a.example/x");
        shown("https://a.example/x?ref=rss", "https://a.example/x");
        shown("https://a.example/x?ref=1234", "https://a.example/x?ref=1234");
        shown("https://a.example/#!/piece/7", "https://a.example/#!/piece/7");
        shown("https://a.example/x?q=a%20b+c", "https://a.example/x?q=a%20b+c");
        shown("mailto:a@b.example", "mailto:a@b.example");
    }

    fn same(a: &str, b: &str) {
        assert_eq!(url_key(a), url_key(b), "{a} {b}");
    }

    #[test]
    fn variants_of_an_address_have_one_key() {
        same("http://www.a.example/x/", "https://a.example/x");
        same("https://a.example/x?b=2&a=1&fbclid=z", "https://a.example/x?a=1&b=2");
        same("https://a.example/x/amp/", "https://a.example/x");
        same("https://a.example/x.amp.html", "https://a.example/x.html");
        same("https://www.google.com/amp/s/a.example/x", "https://a.example/x");
        same("https://a-example.cdn.ampproject.org/c/s/a.example/x?amp=1", "https://a.example/x");
        same("https://a.example/%c3%a9t%C3%A9", "https://a.example/été");
        same("https://a.example/dir/index.html", "https://a.example/dir/");
    }

    #[test]
    fn other_pages_have_other_keys() {
        let keys = [
            "https://a.example/?p=1",
            "https://a.example/?p=2",
            "https://a.example/",
            "https://m.example/",
            "https://a.example/X",
        ];
        let mut set: Vec<String> = keys.iter().map(|k| url_key(k)).collect();
        set.sort();
        set.dedup();
        assert_eq!(set.len(), keys.len(), "{set:?}");
    }
}
