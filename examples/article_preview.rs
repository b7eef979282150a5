//! Shows what is kept of a saved page or text: `article_preview article preview FILE [--title T] [--format json]`.
//! It takes the arguments of `depeche article preview`, so that the same measure can be put to both.

use std::process::ExitCode;

use depeche::article::preview::{Source, preview};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !matches!(a.as_str(), "article" | "preview")).collect();
    let value_of = |flag: &str| args.iter().position(|a| a == flag).and_then(|at| args.get(at + 1)).map(String::as_str);
    let Some(path) = args.first().filter(|a| !a.starts_with("--")) else {
        eprintln!("usage: article_preview article preview FILE [--title T] [--format json]");
        return ExitCode::from(2);
    };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{path}: {error}; give the path of a saved page or text");
            return ExitCode::FAILURE;
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    println!("{:#}", preview(&text, Source::of(path, &text), None, value_of("--title")));
    ExitCode::SUCCESS
}
