//! Datelines of the scripts without capitals: "【ロンドン共同】", "新华社北京3月3日电（记者张三）", "(서울=연합뉴스) 홍길동 기자 = ".
//! Those with a place, a dash and an agency as everywhere are the business of `dateline`.

/// Characters that such a dateline may have.
const MOST_CHARS: usize = 45;

/// What follows the dateline, if there is one.
pub(super) fn dateline(text: &str) -> Option<&str> {
    let limit = text.char_indices().nth(MOST_CHARS).map_or(text.len(), |(at, _)| at);
    let head = &text[..limit];
    if let Some(inside) = head.strip_prefix('【') {
        return inside.find('】').map(|at| &text['【'.len_utf8() + at + '】'.len_utf8()..]).map(str::trim_start);
    }
    chinese(text, head).or_else(|| korean(text, head))
}

/// Ends in "电" or "讯" behind a date, or is a bracket that does; the reporter's name may follow in another bracket.
fn chinese<'t>(text: &'t str, head: &str) -> Option<&'t str> {
    let sent =
        |inside: &str| inside.ends_with(['电', '電', '讯', '訊']) || inside.contains(['社', '报', '報', '网', '網']);
    if let Some((inside, behind)) = bracket(head) {
        let tells = inside.contains("记者") || inside.contains("記者") || inside.ends_with(['电', '電', '讯', '訊']);
        return (sent(inside) && tells).then(|| text[text.len().min(behind)..].trim_start());
    }
    let at = ["日电", "日電", "日讯", "日訊", "日专电", "日專電"]
        .iter()
        .filter_map(|m| Some(head.find(m)? + m.len()))
        .min()?;
    // A statement has its stops: what stands before is names and a date.
    if head[..at].contains(['，', '。', '、', '「', '“']) {
        return None;
    }
    let rest = text[at..].trim_start();
    let behind =
        bracket(rest).filter(|(inside, _)| inside.chars().count() <= MOST_CHARS).map_or(0, |(_, behind)| behind);
    Some(rest[behind..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '：' | ':' | '　')))
}

/// A bracket with "=", place and agency; the reporter may follow, up to another "=".
fn korean<'t>(text: &'t str, head: &str) -> Option<&'t str> {
    let (inside, behind) = bracket(head)?;
    let (_, agency) = inside.split_once('=')?;
    let hangul = agency.contains(|c: char| matches!(c, '가'..='힣'));
    let rest = &head[behind..];
    let reporter = rest
        .find("= ")
        .filter(|at| rest[..*at].trim_end().ends_with("기자") || rest[..*at].trim_end().ends_with("특파원"));
    hangul.then(|| text[behind + reporter.map_or(0, |at| at + 2)..].trim_start())
}

/// What the bracket at the beginning of a text holds, and where the text goes on behind it.
fn bracket(text: &str) -> Option<(&str, usize)> {
    let opener = text.chars().next().filter(|c| matches!(c, '(' | '（' | '[' | '［'))?;
    let close = text.find([')', '）', ']', '］'])?;
    let closer = text[close..].chars().next()?;
    Some((&text[opener.len_utf8()..close], close + closer.len_utf8()))
}
