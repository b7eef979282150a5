//! What kind of piece a page's JSON-LD and microdata declare, and whether it is for those who pay.
//! A page declares other pieces too (the next one, the most read): they say nothing of this one.

use dom_query::Document;
use serde_json::Value;

use super::{super::body::same_words, Form, text_of, types};

/// The object that is the page's article: the one that bears the page's heading or address, else the first.
pub(super) fn article<'v>(objects: &'v [Value], heading: Option<&str>, url: Option<&str>) -> Option<&'v Value> {
    let articles = || objects.iter().filter(|o| is_article(o));
    let titled = |o: &&Value| {
        let headline = text_of(&o["headline"]).or_else(|| text_of(&o["name"])).unwrap_or_default();
        heading.is_some_and(|heading| same_words(heading, &headline))
    };
    let here = |o: &&Value| {
        let own = [&o["url"], &o["mainEntityOfPage"], &o["@id"]].into_iter().filter_map(text_of);
        url.is_some_and(|url| own.into_iter().any(|own| own.trim_end_matches('/') == url.trim_end_matches('/')))
    };
    articles().find(titled).or_else(|| articles().find(here)).or_else(|| articles().next())
}

fn is_article(object: &Value) -> bool {
    types(object).iter().any(|t| {
        t.ends_with("Article") || t.ends_with("Posting") || t.ends_with("Blog") || matches!(*t, "Report" | "Review")
    })
}

/// Whether the article, a part of it, or the page itself where it says nothing, is not free.
pub(super) fn is_paid(article: Option<&Value>, objects: &[Value]) -> bool {
    let Some(article) = article else {
        // Nothing here is called an article: what is said is said of the page.
        return objects.iter().any(|o| is_free(o) == Some(false));
    };
    let parts = match &article["hasPart"] {
        Value::Array(parts) => parts.as_slice(),
        part => std::slice::from_ref(part),
    };
    let of_page = || objects.iter().filter(|o| types(o).iter().any(|t| t.ends_with("WebPage"))).find_map(is_free);
    let part_is_paid = parts.iter().any(|part| is_free(part) == Some(false));
    !is_free(article).unwrap_or_else(|| !part_is_paid && of_page().unwrap_or(true))
}

fn is_free(object: &Value) -> Option<bool> {
    match &object["isAccessibleForFree"] {
        Value::Bool(free) => Some(*free),
        other => read_flag(&text_of(other)?),
    }
}

/// "False", "no", or the name that schema.org gives it as an address.
fn read_flag(text: &str) -> Option<bool> {
    match text.rsplit('/').next()?.trim().to_ascii_lowercase().as_str() {
        "false" | "no" | "0" => Some(false),
        "true" | "yes" | "1" => Some(true),
        _ => None,
    }
}

/// `itemprop="isAccessibleForFree"` of the item that holds the page's heading, or of none.
pub(super) fn microdata_says_paid(document: &Document) -> bool {
    document.select("[itemprop='isAccessibleForFree']").nodes().iter().any(|node| {
        let said = node.attr("content").map_or_else(|| node.text().to_string(), |c| c.to_string());
        if read_flag(&said) != Some(false) {
            return false;
        }
        let around = node.ancestors(None);
        let item = around.iter().find(|a| a.has_attr("itemscope") && a.attr("itemprop").as_deref() != Some("hasPart"));
        item.is_none_or(|item| dom_query::Selection::from(*item).select("h1").exists())
    })
}

/// The form that the types declare. A film beside an article is its company, and a live blog or a gallery of another name is
/// another piece.
pub(super) fn form(article: Option<&Value>, objects: &[Value]) -> Form {
    let name = |o: &Value| text_of(&o["headline"]).or_else(|| text_of(&o["name"])).unwrap_or_default();
    let this = |o: &Value| article.is_none_or(|a| std::ptr::eq(a, o) || same_words(&name(a), &name(o)));
    let any = |part: &str| objects.iter().filter(|o| this(o)).flat_map(types).any(|t| t.contains(part));
    if any("LiveBlog") {
        Form::Live
    } else if any("Gallery") {
        Form::Gallery
    } else if article.is_none() && any("VideoObject") {
        Form::Video
    } else {
        Form::Article
    }
}

#[cfg(test)]
mod tests {
    use super::{super::read, *};

    /// A page with this JSON-LD in its head and this beside its heading: whether it is for those who pay, and its form.
    fn check(head: &str, inside: &str, paid: bool, form: Form) {
        let head = if head.starts_with(['{', '[']) {
            format!("<script type=\"application/ld+json\">{head}</script>")
        } else {
            head.to_owned()
        };
        let page = format!("<head>{head}</head><main itemscope><h1>The lock stays shut</h1>{inside}</main>");
        let meta = read(&Document::from(page), None);
        assert_eq!((meta.paid, meta.form), (paid, form), "{head} {inside}");
    }

    #[test]
    fn only_what_is_declared_of_this_piece_makes_it_paid() {
        const OWN: &str = "\"@type\":\"NewsArticle\",\"headline\":\"The lock stays shut\"";
        const OTHER: &str = "{\"@type\":\"NewsArticle\",\"headline\":\"Eels return\",\"isAccessibleForFree\":false}";
        check(&format!("{{{OWN},\"isAccessibleForFree\":\"False\"}}"), "", true, Form::Article);
        check(&format!("{{{OWN},\"isAccessibleForFree\":\"http://schema.org/False\"}}"), "", true, Form::Article);
        check(&format!("{{{OWN},\"hasPart\":{{\"isAccessibleForFree\":\"False\"}}}}"), "", true, Form::Article);
        check(&format!("{{{OWN},\"hasPart\":[{{}},{{\"isAccessibleForFree\":false}}]}}"), "", true, Form::Article);
        check(&format!("[{{\"@type\":\"WebPage\",\"isAccessibleForFree\":false}},{{{OWN}}}]"), "", true, Form::Article);
        check("{\"@type\":\"WebPage\",\"isAccessibleForFree\":false}", "", true, Form::Article);
        check(&format!("[{OTHER},{{{OWN}}}]"), "", false, Form::Article);
        check(&format!("[{{{OWN},\"isAccessibleForFree\":true}},{OTHER}]"), "", false, Form::Article);
        check(&format!("[{{{OWN}}},{OTHER}]"), "", false, Form::Article);
        check("", "<meta itemprop=isAccessibleForFree content=False>", true, Form::Article);
        check(
            "",
            "<p itemprop=hasPart itemscope><link itemprop=isAccessibleForFree content=false></p>",
            true,
            Form::Article,
        );
        check("", "<div itemscope>Eels <meta itemprop=isAccessibleForFree content=false></div>", false, Form::Article);
        check("", "<meta itemprop=isAccessibleForFree content=true>", false, Form::Article);
        check("<meta property='article:content_tier' content=locked>", "", true, Form::Article);
        check("<meta property='article:content_tier' content=metered>", "", false, Form::Article);
    }

    #[test]
    fn a_form_is_declared_of_this_piece_and_not_of_what_stands_beside_it() {
        const OWN: &str = "{\"@type\":\"NewsArticle\",\"headline\":\"The lock stays shut\"}";
        check("{\"@type\":\"LiveBlogPosting\",\"headline\":\"The lock stays shut\"}", "", false, Form::Live);
        check(
            &format!("[{OWN},{{\"@type\":\"LiveBlogPosting\",\"headline\":\"The lock stays shut\"}}]"),
            "",
            false,
            Form::Live,
        );
        check(
            &format!("[{OWN},{{\"@type\":\"LiveBlogPosting\",\"headline\":\"Snow everywhere\"}}]"),
            "",
            false,
            Form::Article,
        );
        check("{\"@type\":\"ImageGallery\"}", "", false, Form::Gallery);
        check("{\"@type\":[\"MediaGallery\"],\"name\":\"The lock\"}", "", false, Form::Gallery);
        check("{\"@type\":\"VideoObject\",\"name\":\"The lock\"}", "", false, Form::Video);
        check(&format!("[{OWN},{{\"@type\":\"VideoObject\",\"name\":\"The lock\"}}]"), "", false, Form::Article);
    }
}
