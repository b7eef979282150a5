//! The address of an article: canonical, without tracking parameters, the piece itself and not its AMP twin.
//! It does not say whether two addresses are one entry of a feed; that is `feed`.

use url::Url;

/// Query parameters that say where a reader came from and change nothing on the page.
#[rustfmt::skip]
const TRACKING: &[&str] = &[
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "igshid", "twclid", "ttclid", "mc_cid",
    "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "vero_id", "oly_enc_id", "oly_anon_id", "wickedid", "s_cid", "cmpid",
    "cmp", "ncid", "ocid", "xtor", "at_medium", "at_campaign", "at_custom1", "at_custom2", "ito", "ref_src",
    "ref_url", "soc_src", "soc_trk", "smid", "partner", "srnd", "sr_share", "_ga", "_gl", "mbid", "rss", "feedname",
    "feedtype", "ftag", "guccounter", "guce_referrer", "guce_referrer_sig", "outputtype", "wt_mc", "wtmc", "wt_zmc",
    "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "traffic_source", "campaign_id", "cid",
    "taid", "giftcopy",
];

/// Parameters whose name begins so are tracking too.
const TRACKING_PREFIXES: &[&str] =
    &["utm_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "stm_", "itm_", "int_cmp", "at_", "trk_", "sc_"];

/// An address as it is stored: tracking parameters, fragment, default port and the marks of an AMP copy removed. What is no web address is returned as it is.
pub fn canonical(address: &str) -> String {
    let address = address.trim();
    let Ok(mut url) = Url::parse(address) else { return address.to_owned() };
    if !matches!(url.scheme(), "http" | "https") {
        return address.to_owned();
    }
    if let Some(inner) = amp_cache_target(&url) {
        url = inner;
    }
    url.set_fragment(None);
    let kept: Vec<(String, String)> =
        url.query_pairs().filter(|(k, v)| !is_tracking(k, v)).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    if url.query_pairs().count() != kept.len() {
        if kept.is_empty() {
            url.set_query(None);
        } else {
            url.query_pairs_mut().clear().extend_pairs(kept);
        }
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    without_amp(&mut url);
    url.to_string()
}

/// An address that a page declares as its own, if it can be believed: resolved against where the page was fetched, on the same
/// site, and not the front page.
pub(super) fn declared(declared: &str, fetched: Option<&str>) -> Option<String> {
    let base = fetched.and_then(|f| Url::parse(f).ok());
    let url = match &base {
        Some(base) => base.join(declared.trim()).ok()?,
        None => Url::parse(declared.trim()).ok()?,
    };
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    if let Some(base) = &base {
        let front = url.path().len() <= 1 && url.query().is_none() && base.path().len() > 1;
        if front || (registrable(&url) != registrable(base) && amp_cache_target(base).is_none()) {
            return None;
        }
    }
    Some(canonical(url.as_str()))
}

fn registrable(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(psl::domain_str(host).unwrap_or(host).to_owned())
}

fn is_tracking(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING.contains(&name.as_str())
        || TRACKING_PREFIXES.iter().any(|p| name.starts_with(p))
        || (matches!(name.as_str(), "source" | "ref" | "from" | "origin")
            && matches!(value, "rss" | "feed" | "newsletter" | "twitter" | "facebook" | "google"))
        || (name == "amp" && matches!(value, "" | "1" | "true"))
}

/// `https://example-com.cdn.ampproject.org/c/s/example.com/a` and Google's viewer hold the address in their path.
fn amp_cache_target(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let path = url.path();
    let rest = if host.ends_with(".cdn.ampproject.org") {
        ["/c/", "/v/", "/i/"].iter().find_map(|p| path.strip_prefix(p))?
    } else if host.starts_with("www.google.") {
        path.strip_prefix("/amp/")?
    } else {
        return None;
    };
    let (scheme, rest) = rest.strip_prefix("s/").map_or(("http", rest), |rest| ("https", rest));
    Url::parse(&format!("{scheme}://{rest}")).ok()
}

/// Marks of the AMP copy that name their original: `/amp` at the end of the path, `.amp.html`. A host `amp.` does not: only the page's canonical link does.
fn without_amp(url: &mut Url) {
    let path = url.path().to_owned();
    let plain = path
        .strip_suffix("/amp/")
        .map(|p| format!("{p}/"))
        .or_else(|| path.strip_suffix("/amp").map(str::to_owned))
        .or_else(|| path.strip_suffix(".amp.html").map(|p| format!("{p}.html")))
        .or_else(|| path.strip_suffix(".amp").map(str::to_owned));
    if let Some(plain) = plain.filter(|p| p.len() > 1) {
        url.set_path(&plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: &str) {
        assert_eq!(canonical(address), expected);
        assert_eq!(canonical(expected), expected, "twice is once");
    }

    #[test]
    fn tracking_and_amp_are_taken_off_and_nothing_else() {
        check("https://a.example/x?id=7&utm_source=rss&fbclid=1#top", "https://a.example/x?id=7");
        check("https://a.example/x/?utm_medium=mail", "https://a.example/x/");
        check("https://a.example/x?page=2&b=%C3%A9+x", "https://a.example/x?page=2&b=%C3%A9+x");
        check("https://a.example/news/pont/amp/", "https://a.example/news/pont/");
        check("https://a-example.cdn.ampproject.org/c/s/a.example/pont.amp.html?amp=1", "https://a.example/pont.html");
        check("mailto:x@a.example", "mailto:x@a.example");
    }

    #[test]
    fn a_declared_address_must_be_of_the_same_site_and_not_its_front_page() {
        let at = Some("https://www.a.example/story?ref=rss");
        assert_eq!(declared("/story", at).as_deref(), Some("https://www.a.example/story"));
        assert_eq!(declared("https://a.example/story-7", at).as_deref(), Some("https://a.example/story-7"));
        assert_eq!(declared("https://other.example/story", at), None);
        assert_eq!(declared("https://www.a.example/", at), None);
    }
}
