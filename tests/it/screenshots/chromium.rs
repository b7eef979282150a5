//! Starts a headless Chromium that sees one file and no network.
//! It judges nothing.

use std::{fs, path::PathBuf, process::Command};

use crate::support::ready;

/// Names under which distributions install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Where pictures are kept when somebody wants to look at them; else they vanish with the test.
const KEEP: &str = "DEPECHE_PICTURES";
/// Height of a picture in pixels; mails that are longer are cut off, which a picture may.
const HEIGHT: u32 = 5200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

pub(crate) struct Chromium {
    binary: &'static str,
    dir: tempfile::TempDir,
}

/// What a script in the page measured.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Seen {
    /// Elements that reach beyond the right edge.
    pub(crate) overflow: Vec<String>,
    /// Links, buttons and fields lower than 44 px that are no words within a sentence.
    pub(crate) small: Vec<String>,
    /// Whether the background is dark.
    pub(crate) dark: bool,
    /// Lowest contrast of a text with what is behind it (WCAG 2.2, 1.4.3), and which text.
    pub(crate) contrast: f64,
    pub(crate) faintest: String,
}

const SCRIPT: &str = r#"<script>
const name = e => e.tagName + " " + (e.textContent || "").trim().slice(0, 40);
const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
const light = c => { const [r, g, b] = parse(c).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (parse(c)[3] > 0) return c; } return "rgb(255,255,255)"; };
const shown = [...document.body.querySelectorAll("*")].filter(e => e.tagName !== "SCRIPT" && getComputedStyle(e).display !== "none" && !e.closest("[style*='display:none']"));
const seen = { overflow: [], small: [], dark: light(behind(document.body)) < .2, contrast: 99, faintest: "" };
for (const e of shown) {
  const box = e.getBoundingClientRect();
  if (box.right > document.documentElement.clientWidth + 1) seen.overflow.push(name(e) + " " + Math.round(box.right));
  const inline = e.tagName === "A" && getComputedStyle(e).display === "inline";
  const typed = e.tagName === "SELECT" || e.tagName === "INPUT" && !["hidden", "checkbox", "radio"].includes(e.type);
  if ((e.tagName === "A" || e.tagName === "BUTTON" || typed) && !inline && box.height < 44) seen.small.push(name(e) + " " + Math.round(box.height));
  if ([...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < seen.contrast) { seen.contrast = ratio; seen.faintest = name(e); }
  }
}
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) seen.overflow.push("the document");
document.body.innerHTML = ""; const out = document.createElement("pre"); out.id = "seen"; out.textContent = JSON.stringify(seen); document.body.append(out);
</script>"#;

impl Chromium {
    /// None, with a message, where there is none and none can be installed.
    pub(crate) fn find() -> Option<Self> {
        ready("setup.sh", &["chromium"])?;
        let starts = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success());
        let binary = NAMES.into_iter().find(starts).expect("a Chromium that starts");
        Some(Self { binary, dir: tempfile::tempdir().expect("a temporary directory") })
    }

    fn run(&self, scheme: Scheme, width: u32, more: &[String], file: &str) -> Vec<u8> {
        // 0 is dark, 1 is light (blink::mojom::PreferredColorScheme).
        let preferred = i32::from(scheme != Scheme::Dark);
        let output = Command::new(self.binary)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files"])
            .arg(format!("--blink-settings=preferredColorScheme={preferred}"))
            .arg(format!("--user-data-dir={}", self.dir.path().join("profile").display()))
            .arg(format!("--window-size={width},{HEIGHT}"))
            .args(more)
            .arg(format!("file://{}", self.dir.path().join(file).display()))
            .output()
            .expect("Chromium runs");
        assert!(output.status.success(), "Chromium: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Shows `html` in a frame `width` pixels wide (a window cannot be narrower than 500) and measures it.
    pub(crate) fn look(&self, html: &[u8], width: u32, scheme: Scheme) -> Seen {
        let html = String::from_utf8(html.to_vec()).expect("UTF-8").replace("</body>", &format!("{SCRIPT}</body>"));
        fs::write(self.dir.path().join("look.html"), html).expect("a file");
        let wrapper = format!(
            "<!doctype html><iframe id=f src=look.html width={width} height=800 style=border:0></iframe>\
             <script>f.onload = () => {{ const p = document.createElement('pre'); p.id = 'seen'; \
             p.textContent = f.contentDocument.getElementById('seen').textContent; document.body.append(p); }}</script>"
        );
        fs::write(self.dir.path().join("wrapper.html"), wrapper).expect("a file");
        let dom =
            self.run(scheme, 1000, &["--dump-dom".to_owned(), "--virtual-time-budget=3000".to_owned()], "wrapper.html");
        let dom = String::from_utf8_lossy(&dom).into_owned();
        let (_, json) = dom.split_once("<pre id=\"seen\">").unwrap_or_else(|| panic!("no measurement in {dom}"));
        let json = json
            .split("</pre>")
            .next()
            .expect("the start of a text")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">");
        serde_json::from_str(&json).expect("what the script wrote")
    }

    /// Takes a picture, and keeps it where `DEPECHE_PICTURES` says.
    pub(crate) fn picture(&self, html: &[u8], width: u32, scheme: Scheme, name: &str) {
        fs::write(self.dir.path().join("picture.html"), html).expect("a file");
        let wrapper = format!(
            "<!doctype html><body style=margin:0><iframe src=picture.html width={width} height={HEIGHT} style=border:0></iframe>"
        );
        fs::write(self.dir.path().join("frame.html"), wrapper).expect("a file");
        let to = kept().unwrap_or_else(|| self.dir.path().to_owned()).join(name);
        self.run(scheme, width.max(500), &[format!("--screenshot={}", to.display())], "frame.html");
        let size = fs::metadata(&to).expect("a picture").len();
        assert!(size > 5_000, "{name} has only {size} bytes: nothing can be on it");
    }

    #[expect(clippy::unused_self, reason = "said of a Chromium like `picture`, so that both are kept for one look")]
    pub(crate) fn keep(&self, name: &str, content: &[u8]) {
        if let Some(dir) = kept() {
            fs::write(dir.join(name), content).expect("a file to look at");
        }
    }
}

/// The directory for pictures that somebody wants to look at.
fn kept() -> Option<PathBuf> {
    let dir = PathBuf::from(std::env::var_os(KEEP)?);
    fs::create_dir_all(&dir).expect("a directory for pictures");
    Some(dir)
}
