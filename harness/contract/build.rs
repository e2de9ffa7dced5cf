//! Makes a constant of each rule and each open question that code names, out of `fixtures/contract/`.

#[path = "build/names.rs"]
mod names;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const FIXTURES: &str = "../../fixtures/contract";

#[expect(clippy::disallowed_methods, reason = "Cargo tells a build script by the environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={FIXTURES}");
    let texts = read()?;
    match names::constants(&texts) {
        Ok(constants) => {
            let out = env::var("OUT_DIR")?;
            fs::write(Path::new(&out).join("rules.rs"), constants.rules)?;
            fs::write(Path::new(&out).join("questions.rs"), constants.questions)?;
        }
        Err(problem) => println!("cargo::error={problem}"),
    }
    Ok(())
}

/// The name and the text of each file, by name.
fn read() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(FIXTURES)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            texts.push((name, fs::read_to_string(&path)?));
        }
    }
    texts.sort();
    Ok(texts)
}
