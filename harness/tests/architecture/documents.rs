//! The tables of ARCHITECTURE.md, held against what they are about.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::LAYERS;

/// The folder of each crate of the workspace.
const FOLDERS: [&str; 6] =
    ["harness/contract", "harness/generate", "harness/malformed", "harness", "harness/cli", "fuzz"];

/// The tables of a manifest that name dependencies, each with the word for it in the document.
const KINDS: [(&str, &str); 3] =
    [("dependencies", ""), ("dev-dependencies", "tests"), ("build-dependencies", "build")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The rows of the first table below a heading, without its head: the cells of each.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let below = text.lines().skip_while(|line| *line != heading).skip_while(|line| !line.starts_with('|'));
    let table = below.take_while(|line| line.starts_with('|')).skip(2);
    table.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The texts between backticks in a cell.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The dependencies in the document: crate, kind, name.
fn told() -> Vec<(String, String, String)> {
    let mut crate_name = String::new();
    let mut told = Vec::new();
    for row in rows("## Dependencies") {
        let [named, dependencies, _] = &row[..] else { panic!("{row:?} has not three cells") };
        crate_name = quoted(named).next().unwrap_or(crate_name);
        let kind = dependencies.split_once(": ").map_or("", |(kind, _)| kind);
        told.extend(quoted(dependencies).map(|name| (crate_name.clone(), kind.to_owned(), name)));
    }
    told
}

/// The dependencies in the manifests: crate, kind, name.
fn declared() -> BTreeSet<(String, String, String)> {
    let mut declared = BTreeSet::new();
    for folder in FOLDERS {
        let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let crate_name = manifest["package"]["name"].as_str().unwrap();
        let of_targets =
            manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values);
        let tables = std::iter::once(&manifest).chain(of_targets.filter_map(toml::Value::as_table));
        for table in tables {
            for (key, kind) in KINDS {
                let names = table.get(key).and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
                declared.extend(names.map(|name| (crate_name.to_owned(), kind.to_owned(), name.clone())));
            }
        }
    }
    declared
}

#[test]
fn the_document_names_every_direct_dependency_once_and_no_other() {
    let told = told();
    let named: BTreeSet<_> = told.iter().cloned().collect();
    assert_eq!(named.len(), told.len(), "a dependency is named twice in {told:?}");
    let declared = declared();
    let missing: Vec<_> = declared.difference(&named).collect();
    let beyond: Vec<_> = named.difference(&declared).collect();
    assert!(
        missing.is_empty() && beyond.is_empty(),
        "not in the document: {missing:?}\nin no manifest: {beyond:?}"
    );
}

#[test]
fn the_manifests_are_those_of_the_workspace() {
    let manifest: toml::Table = fs::read_to_string(root().join("Cargo.toml")).unwrap().parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<&str> = members.iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(members, BTreeSet::from(FOLDERS));
}

#[test]
fn the_vocabulary_has_a_row_for_each_word_and_no_word_twice() {
    let words: Vec<String> = rows("## Vocabulary").into_iter().map(|mut row| row.remove(0)).collect();
    let distinct: BTreeSet<&String> = words.iter().collect();
    assert!(words.len() > 20, "{words:?}");
    assert_eq!(distinct.len(), words.len(), "{words:?}");
    let several: Vec<&String> = words.iter().filter(|word| word.contains([',', ';'])).collect();
    assert!(several.is_empty(), "{several:?}");
}

#[test]
fn the_document_names_every_module_that_has_a_layer() {
    let named: BTreeSet<String> =
        rows("## Layers").iter().flat_map(|row| quoted(&row[1]).collect::<Vec<_>>()).collect();
    // These two are crates of their own, and have no modules in the table.
    let wanted = LAYERS
        .iter()
        .map(|(module, _)| *module)
        .filter(|module| !["generate", "malformed", "cli"].contains(module));
    assert_eq!(named, wanted.map(str::to_owned).collect());
}
