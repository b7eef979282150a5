//! Shows what blocks the walk makes of a page.
//! Which of them are the article, the extraction decides.

use super::*;

fn check(html: &str, expected: &[(Kind, &str)]) {
    let outline = outline(html);
    let got: Vec<(Kind, &str)> = outline.blocks.iter().map(|b| (b.kind, b.text.as_str())).collect();
    assert_eq!(got, expected, "{html}");
}

#[test]
fn typography_survives_and_layout_space_does_not() {
    check(
        "<p>«\u{a0}Oui\u{202f}!\u{a0}»\n  dit-il,   l’air\n las.</p>",
        &[(Kind::Paragraph, "«\u{a0}Oui\u{202f}!\u{a0}» dit-il, l’air las.")],
    );
}

#[test]
fn two_line_breaks_end_a_block_and_one_is_a_line() {
    check(
        "<div>One<br>two<br> <br>three<script>no</script></div>",
        &[(Kind::Paragraph, "One\ntwo"), (Kind::Paragraph, "three")],
    );
}

#[test]
fn a_page_of_brackets_is_read_as_quickly_as_another() {
    let begun = std::time::Instant::now();
    for piece in ["(", "(a. ", "(opens in a tab) "] {
        assert!(outline(&format!("<p>The bridge {}</p>", piece.repeat(100_000))).blocks.len() == 1);
    }
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn what_a_link_says_to_the_ear_is_left_out() {
    check(
        "<p>Er äußerte sich <a href=\"/a\">nicht<span class=\"x-vh\">(öffnet im neuen Fenster)</span></a> dazu (noch nicht).</p>",
        &[(Kind::Paragraph, "Er äußerte sich nicht dazu (noch nicht).")],
    );
}

#[test]
fn a_paragraph_that_repeats_a_pictures_description_is_its_caption() {
    check(
        "<img alt=\"The port on a grey morning\"><p>The port on a  grey morning</p><p>The port</p>",
        &[(Kind::Caption, "The port on a grey morning"), (Kind::Paragraph, "The port")],
    );
}

#[test]
fn what_stands_below_a_picture_in_slanted_letters_or_by_its_name_is_its_caption() {
    for below in [
        "<p><img src=a.jpg><br><em>The port at dawn, seen from the pier.</em></p>",
        "<p><a href=/a><img src=a.jpg></a><i>The port at dawn, seen from the pier.</i></p>",
        "<div><img src=a.jpg><span class=legend>The port at dawn, seen from the pier.</span></div>",
        "<div><img src=a.jpg><small class=photo-caption>The port at dawn, seen from the pier.</small></div>",
    ] {
        check(below, &[(Kind::Caption, "The port at dawn, seen from the pier.")]);
    }
    for beside in [
        "<p><img src=a.jpg> The port at dawn is <em>empty</em>.</p>",
        "<p><img src=a.jpg></p><p>The port at dawn is <em>empty</em>.</p>",
        "<p>The port <span class=credit>at dawn</span> is empty.</p>",
        "<p><em>The port at dawn is empty.</em></p>",
    ] {
        assert!(outline(beside).blocks.iter().all(|b| b.kind == Kind::Paragraph), "{beside}");
    }
}

#[test]
fn names_are_cut_into_words() {
    assert_eq!(names("KeyPoints_list-2x topBox"), ["key", "points", "list", "2x", "top", "box"]);
}

#[test]
fn a_page_nested_without_end_is_read_as_far_as_it_makes_sense() {
    let deep = format!("<p>before</p>{}deep", "<div>".repeat(5_000));
    assert_eq!(outline(&deep).blocks.len(), 1);
}

#[test]
fn readings_above_characters_are_no_part_of_the_line() {
    check(
        "<p><ruby>橋<rp>（</rp><rt>はし</rt><rp>）</rp></ruby>は<ruby><rb>月曜</rb><rt>げつよう</rt></ruby>に閉まる。</p>",
        &[(Kind::Paragraph, "橋は月曜に閉まる。")],
    );
}
