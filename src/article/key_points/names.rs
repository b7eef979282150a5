//! Class names and the like by which pages say where key points stand.
//! What stands above them for readers is in `headings`.

/// Names, cut into words, that say "key points" by themselves.
#[rustfmt::skip]
const NAMES: &[&[&str]] = &[
    &["keypoints"], &["keypoint"], &["key", "points"], &["key", "point"], &["takeaways"], &["takeaway"],
    &["keytakeaways"], &["keyfacts"], &["key", "facts"], &["key", "findings"], &["tldr"], &["bulletpoints"],
    &["bullet", "points"], &["bullet", "summary"], &["summary", "bullets"], &["summary", "bullet"],
    &["summary", "list"], &["summary", "points"], &["summary", "items"], &["story", "highlights"],
    &["article", "highlights"], &["key", "highlights"], &["at", "a", "glance"], &["in", "brief"], &["inbrief"],
    &["essentiel"], &["a", "retenir"], &["points", "cles"], &["pointscles"], &["aretenir"],
    &["auf", "einen", "blick"], &["kernpunkte"], &["kurzfassung"], &["kurz", "gefasst"], &["zusammenfassung"],
    &["in", "kuerze"], &["samenvatting"], &["in", "het", "kort"], &["puntos", "clave"], &["claves"],
    &["punti", "chiave"], &["sammanfattning"], &["oppsummering"], &["factboxsummary"], &["quick", "summary"],
    &["ai", "summary"], &["aisummary"], &["summary", "ai"], &["article", "summary"], &["articlesummary"],
    &["smart", "summary"], &["gist"], &["tl", "dr"], &["toplines"], &["top", "lines"], &["quick", "read"], &["quickread"],
    &["nutshell"], &["in", "short"], &["lo", "mas", "importante"], &["in", "breve"], &["inhetkort"], &["en", "bref"],
    &["enbref"], &["faits", "saillants"], &["points", "forts"], &["main", "points"], &["what", "to", "know"],
    &["generated", "summary"], &["gpt", "summary"], &["summary", "box"], &["summarybox"], &["article", "bullets"],
    &["story", "bullets"], &["kernaussagen"], &["darum", "gehts"], &["pontos", "chave"], &["hovedpunkter"],
];

/// Whether names, cut into words, mark a block of key points.
pub(super) fn marks(names: &[String]) -> bool {
    NAMES.iter().any(|phrase| names.windows(phrase.len()).any(|window| window.iter().zip(*phrase).all(|(a, b)| a == b)))
}

/// Names of a standfirst; several short ones in a row are a block of points.
pub(super) fn leads(names: &[String]) -> bool {
    #[rustfmt::skip]
    const LEADS: &[&str] = &[
        "lead", "leads", "leadtext", "ingress", "standfirst", "summary", "subtitle", "subtitles", "subhead",
        "subheadline", "deck", "dek", "chapo", "chapeau", "intro", "midtitle", "bullet", "bullets", "preamble",
        "teaser", "excerpt", "abstract", "subheading", "sottotitolo", "bajada", "entradilla", "sumario", "vorspann",
    ];
    names.iter().any(|name| LEADS.contains(&name.as_str()))
}

/// Whether names may mark a block of key points, if it stands where such a block does.
pub(super) fn hints(names: &[String]) -> bool {
    const HINTS: &[&str] = &["highlights", "resumen", "resumo", "resume", "synthese", "sintesi", "recap", "essentials"];
    leads(names) || names.iter().any(|name| HINTS.contains(&name.as_str()))
}
