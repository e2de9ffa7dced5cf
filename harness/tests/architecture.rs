//! The rules of the house, held against the text of the sources.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod documents;
mod layers;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use layers::{ENGINE, EXCEPTIONS, LAYERS};
use tokens::{Token, tokens, without_tests};

/// The longest file, in lines.
const MOST_LINES: usize = 600;

/// The crates: where their sources are, and the name by which others import them.
const CRATES: &[(&str, &str)] = &[
    ("harness/contract/src", "passmuster_contract"),
    ("harness/generate/src", "passmuster_generate"),
    ("harness/malformed/src", "passmuster_malformed"),
    ("harness/src", "passmuster"),
    ("harness/cli/src", "passmuster_cli"),
];

/// The crates that are one module of the table as a whole, with that module.
const WHOLE: &[(&str, &str, &str)] = &[
    ("harness/cli/src", "cli", "passmuster_cli"),
    ("harness/generate/src", "generate", "passmuster_generate"),
    ("harness/malformed/src", "malformed", "passmuster_malformed"),
];

/// A source file: its path below the root of the workspace, its text, and its tokens without those of tests.
struct Source {
    path: PathBuf,
    text: String,
    tokens: Vec<Token>,
}

impl Source {
    /// The path below the `src` of its crate.
    fn below_src(&self) -> &Path {
        CRATES.iter().find_map(|(folder, _)| self.path.strip_prefix(folder).ok()).unwrap()
    }

    /// The names of the modules that lead to the file's own: `["model", "hub"]` for `model/hub.rs`.
    fn module(&self) -> Vec<String> {
        let mut path = self.below_src().with_extension("");
        if path.ends_with("mod") {
            path.pop();
        }
        let parts = path.iter().map(|part| part.to_str().unwrap().to_owned());
        if let Some(module) = self.whole() {
            return std::iter::once(module.to_owned()).chain(parts).collect();
        }
        parts.collect()
    }

    /// The module that its crate is as a whole.
    fn whole(&self) -> Option<&'static str> {
        WHOLE.iter().find_map(|(folder, module, _)| self.path.starts_with(folder).then_some(*module))
    }

    fn is_in(&self, modules: &[&str]) -> bool {
        modules.contains(&self.module()[0].as_str())
    }

    /// `file:line` of each place where these tokens follow each other.
    fn places(&self, wanted: &[&str]) -> Vec<String> {
        let windows = self.tokens.windows(wanted.len());
        let matching = windows.filter(|window| window.iter().map(|token| &*token.text).eq(wanted.iter().copied()));
        matching.map(|window| self.at(window[0].line)).collect()
    }

    fn at(&self, line: usize) -> String {
        format!("{}:{line}", self.path.display())
    }
}

/// Every Rust file below a folder of the workspace.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut folders = vec![root.join(folder)];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path != root.join("fuzz/target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let tokens = without_tests(&tokens(&text));
                sources.push(Source { path: path.strip_prefix(root).unwrap().to_owned(), text, tokens });
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

/// The sources of all crates below `harness/`, without their roots and files that are all tests.
fn harness() -> Vec<Source> {
    let mut sources: Vec<Source> = CRATES.iter().flat_map(|(folder, _)| sources(folder)).collect();
    sources.retain(|source| !source.path.ends_with("tests.rs") && !source.path.ends_with("src/lib.rs"));
    sources
}

/// Every Rust file that is written by hand.
fn everything() -> Vec<Source> {
    ["harness", "fuzz", "snapshots"].into_iter().flat_map(sources).collect()
}

/// The calls that make bytes leave, and the one file that makes each; in it, the guard is asked as often.
const EXITS: [(&[&str], &str, &[&str]); 2] = [
    (&["client", ".", "execute", "("], "harness/src/targets/transport.rs", &["guard", ".", "pass", "("]),
    (&["TcpStream", "::", "connect", "("], "harness/src/targets/raw.rs", &["guard", ".", "check", "("]),
];

/// What a file besides may call: the start of a server looks whether the port of its own has come up.
const OWN_PORT: &str = "harness/src/targets/spawn.rs";

#[test]
fn bytes_leave_at_two_places_and_the_guard_stands_before_both() {
    let sources = harness();
    for (exit, file, guard) in EXITS {
        let mut seen = 0;
        for source in sources.iter().filter(|source| !source.path.ends_with(OWN_PORT)) {
            let places = source.places(exit);
            if source.path.ends_with(file) {
                seen = places.len();
                assert_eq!(source.places(guard).len(), seen, "{file}: {guard:?}");
            } else {
                assert_eq!(places, [""; 0], "{exit:?} belongs to {file}");
            }
        }
        assert_eq!(seen, 1, "{file}");
    }
    for source in sources.iter().filter(|source| !source.path.ends_with(OWN_PORT)) {
        for other in [&["TcpSocket"][..], &["UdpSocket"], &["UnixStream"], &[".", "send", "(", ")", ".", "await"]]
        {
            let places = source.places(other);
            assert_eq!(places, [""; 0], "{other:?} would pass the guard by");
        }
    }
}

/// The modules of the crate that a file names, with the lines.
fn imports(source: &Source) -> Vec<(String, usize)> {
    let module = source.module();
    let mut found = Vec::new();
    let tokens = &source.tokens;
    for (index, token) in tokens.iter().enumerate() {
        let path_before = index > 0 && tokens[index - 1].text == "::";
        if path_before {
            continue;
        }
        let root = match token.text.as_str() {
            "crate" if source.whole().is_some() => continue,
            name if let Some((_, whole, _)) = WHOLE.iter().find(|(_, _, known)| *known == name) => {
                found.push(((*whole).to_owned(), token.line));
                continue;
            }
            name if name == "crate" || CRATES.iter().any(|(_, known)| *known == name) => index + 1,
            "super" => {
                let supers = tokens[index..].iter().step_by(2).take_while(|token| token.text == "super").count();
                if supers < module.len() || source.whole().is_some() {
                    continue;
                }
                index + 2 * supers - 1
            }
            _ => continue,
        };
        if tokens.get(root).is_some_and(|token| token.text == "::") {
            found.extend(heads(&tokens[root + 1..]));
        }
    }
    found
}

/// What a file below a folder of modules names in that folder, with the lines: for `["engine"]` it is `run` for
/// `super::run` in `engine/record.rs`, for `super::super::run` in `engine/wire/lane.rs`, and for `crate::engine::run`
/// anywhere in it.
fn imports_within(source: &Source, folder: &[&str]) -> Vec<(String, usize)> {
    let module = source.module();
    let tokens = &source.tokens;
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if index > 0 && tokens[index - 1].text == "::" {
            continue;
        }
        let steps = || tokens[index..].iter().step_by(2).map(|token| token.text.as_str());
        let root = match token.text.as_str() {
            "crate" if steps().skip(1).take(folder.len()).eq(folder.iter().copied()) => {
                index + 1 + 2 * folder.len()
            }
            "super" => {
                let supers = steps().take_while(|step| *step == "super").count();
                if supers + folder.len() != module.len() {
                    continue;
                }
                index + 2 * supers - 1
            }
            _ => continue,
        };
        if tokens.get(root).is_some_and(|token| token.text == "::") {
            found.extend(heads(&tokens[root + 1..]));
        }
    }
    found
}

/// The module that a file takes each name from which it passes on: `MalformedOutcome` from `outcome` for
/// `pub use outcome::MalformedOutcome;`.
fn passed_on(source: &Source) -> BTreeMap<String, String> {
    let tokens = &source.tokens;
    let uses = (0..tokens.len().saturating_sub(3))
        .filter(|at| tokens[*at].text == "use" && tokens[*at + 2].text == "::")
        .map(|at| (&tokens[at + 1].text, heads(&tokens[at + 3..])));
    uses.flat_map(|(from, names)| names.into_iter().map(|(name, _)| (name, from.clone()))).collect()
}

/// The files and folders of one folder that import each other in a circle, given the sources below it and the file
/// that names its modules.
fn circles(folder: &[&str], below: &[&Source], root: Option<&Source>) -> Vec<String> {
    let own = |source: &Source| source.module()[folder.len()].clone();
    let there: BTreeSet<String> = below.iter().map(|source| own(source)).collect();
    let passed_on = root.map(passed_on).unwrap_or_default();
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in below {
        for (name, _) in imports_within(source, folder) {
            let name = passed_on.get(&name).filter(|_| !there.contains(&name)).cloned().unwrap_or(name);
            if there.contains(&name) && name != own(source) {
                arrows.entry(own(source)).or_default().insert(name);
            }
        }
    }
    let reaches_itself = |start: &String| {
        let mut open: Vec<&String> = vec![start];
        let mut reached = BTreeSet::new();
        while let Some(next) = open.pop() {
            open.extend(arrows.get(next).into_iter().flatten().filter(|name| reached.insert(*name)));
        }
        reached.contains(start)
    };
    arrows.keys().filter(|name| reaches_itself(name)).cloned().collect()
}

/// The names that follow a root in paths, with the lines.
fn following(tokens: &[Token], root: &str) -> impl Iterator<Item = (String, usize)> {
    let roots = (0..tokens.len().saturating_sub(1))
        .filter(move |at| tokens[*at].text == root && tokens[*at + 1].text == "::");
    roots.flat_map(|at| heads(&tokens[at + 2..]))
}

/// The first names of what follows a path: `a` of `a::b`, `a` and `c` of `{a::b, c::{d, e}}`.
fn heads(tokens: &[Token]) -> Vec<(String, usize)> {
    if tokens.first().is_none_or(|token| token.text != "{") {
        return tokens.first().map(|token| (token.text.clone(), token.line)).into_iter().collect();
    }
    let mut depth = 0;
    let mut heads = Vec::new();
    let mut expecting = true;
    for token in tokens {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => expecting = true,
            _ if depth == 1 && expecting => {
                heads.push((token.text.clone(), token.line));
                expecting = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn hold(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}; not so in\n  {}", broken.join("\n  "));
}

#[test]
fn a_module_imports_only_from_the_layers_it_may_know() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut broken = Vec::new();
    for source in harness() {
        let own = source.module().remove(0);
        let Some(allowed) = layers.get(own.as_str()) else {
            broken.push(format!("{}: module {own} has no row in the table", source.at(1)));
            continue;
        };
        for (imported, line) in imports(&source) {
            // What the root of the crate names beside modules is none of this table's business.
            let excepted = EXCEPTIONS.contains(&(source.below_src().to_str().unwrap(), imported.as_str()));
            let known = layers.contains_key(imported.as_str());
            if known && imported != own && !allowed.contains(&imported.as_str()) && !excepted {
                broken.push(format!("{}: {own} imports {imported}", source.at(line)));
            }
        }
    }
    hold("each module imports only what its row names", &broken);
}

#[test]
fn every_exception_from_the_layers_is_still_needed() {
    let sources = harness();
    for (file, module) in EXCEPTIONS {
        let source = sources.iter().find(|source| source.below_src() == Path::new(file)).unwrap();
        assert!(
            imports(source).iter().any(|(imported, _)| imported == module),
            "{file} no longer imports {module}"
        );
    }
}

#[test]
fn the_layers_are_in_order_and_free_of_circles() {
    for (place, (module, allowed)) in LAYERS.iter().enumerate() {
        for import in *allowed {
            let at = LAYERS.iter().position(|(known, _)| known == import);
            assert!(at.is_some_and(|at| at < place), "{module} stands before {import}, which it may import");
        }
    }
}

/// The sources of the engine but for its root, each with the file or folder that it is, or is in.
fn engine() -> Vec<(String, Source)> {
    let sources = harness().into_iter().filter(|source| source.is_in(&["engine"]));
    sources.filter_map(|source| Some((source.module().get(1)?.clone(), source))).collect()
}

#[test]
fn a_file_or_folder_of_the_engine_imports_only_those_that_its_row_names() {
    let layers: BTreeMap<&str, &[&str]> = ENGINE.iter().copied().collect();
    let mut broken = Vec::new();
    for (own, source) in engine() {
        let Some(allowed) = layers.get(own.as_str()) else {
            broken.push(format!("{}: {own} has no row in the table", source.at(1)));
            continue;
        };
        for (imported, line) in imports_within(&source, &["engine"]) {
            // What is no row is taken from the root, whatever file it stands in.
            if imported != own && !allowed.contains(&imported.as_str()) {
                broken.push(format!("{}: {own} imports {imported}", source.at(line)));
            }
        }
    }
    hold("each file or folder of the engine imports only what its row names", &broken);
}

#[test]
fn the_files_and_folders_of_the_engine_are_in_order_free_of_circles_and_all_there() {
    let there: BTreeSet<String> = engine().into_iter().map(|(own, _)| own).collect();
    for (place, (own, allowed)) in ENGINE.iter().enumerate() {
        assert!(there.contains(*own), "{own} has a row, but no file");
        for import in *allowed {
            let at = ENGINE.iter().position(|(known, _)| known == import);
            assert!(at.is_some_and(|at| at < place), "{own} stands before {import}, which it may import");
        }
    }
}

#[test]
fn no_files_of_one_folder_of_the_engine_import_each_other_in_a_circle() {
    let sources: Vec<Source> = harness().into_iter().filter(|source| source.is_in(&["engine"])).collect();
    let modules: Vec<(Vec<String>, &Source)> = sources.iter().map(|source| (source.module(), source)).collect();
    let folders: BTreeSet<&[String]> = modules.iter().map(|(module, _)| &module[..module.len() - 1]).collect();
    let mut broken = Vec::new();
    for folder in folders.into_iter().filter(|folder| !folder.is_empty()) {
        let is_below = |module: &[String]| module.len() > folder.len() && module.starts_with(folder);
        let below: Vec<&Source> =
            modules.iter().filter(|(module, _)| is_below(module)).map(|(_, source)| *source).collect();
        let root = modules.iter().find(|(module, _)| module == folder).map(|(_, source)| *source);
        let names: Vec<&str> = folder.iter().map(String::as_str).collect();
        broken.extend(circles(&names, &below, root).iter().map(|own| format!("{}: {own}", names.join("/"))));
    }
    hold("no files of one folder of the engine import each other in a circle", &broken);
}

#[test]
fn a_circle_is_seen_below_a_folder_and_through_its_root() {
    let source = |path: &str, text: &str| Source {
        path: Path::new("harness/src").join(path),
        text: text.to_owned(),
        tokens: without_tests(&tokens(text)),
    };
    let seen = |one: &str, other: &str, root: &str| {
        let below = [source("engine/wire/one.rs", one), source("engine/wire/deep/other.rs", other)];
        let root = source("engine/wire/mod.rs", root);
        circles(&["engine", "wire"], &below.each_ref(), Some(&root)).join(" ")
    };
    assert_eq!(seen("use super::deep::X;\n", "use super::super::one::Y;\n", ""), "deep one");
    assert_eq!(
        seen("use super::X;\n", "use super::super::{Y, Z};\n", "use deep::X;\npub use one::{Y, A};\n"),
        "deep one"
    );
    assert_eq!(
        seen("use super::X;\n", "fn f() -> crate::engine::wire::one::Y {}\n", "pub use deep::X;\n"),
        "deep one"
    );
    assert_eq!(
        seen("use super::deep::X;\n", "use super::one::Y;\nuse super::super::B;\n", "pub use two::B;\n"),
        ""
    );
}

#[test]
fn imports_within_the_engine_are_seen_in_whatever_form_they_are_written() {
    let seen = |path: &str, text: &str| {
        let path = Path::new("harness/src").join(path);
        let source = Source { path, text: text.to_owned(), tokens: without_tests(&tokens(text)) };
        let found = imports_within(&source, &["engine"]).into_iter().map(|(name, line)| format!("{name}:{line}"));
        found.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        seen("engine/run.rs", "use super::phase::X;\nuse super::{tally, views::Y};\n"),
        "phase:1 tally:2 views:2"
    );
    assert_eq!(seen("engine/wire/lane.rs", "use super::stage::X;\nuse super::super::run::Y;\n"), "run:2");
    assert_eq!(seen("engine/wire/mod.rs", "use super::Run;\npub(super) fn f() {}\n"), "Run:1");
    assert_eq!(seen("engine/wire/lane.rs", "fn f() -> crate::engine::run::X { crate::model::y() }\n"), "run:1");
    assert_eq!(seen("engine/run.rs", "use crate::engine::{Run, tally};\n"), "Run:1 tally:1");
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    let lengths = everything().into_iter().map(|source| (source.text.lines().count(), source));
    let broken: Vec<String> = lengths
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, source)| format!("{} of {lines}", source.at(MOST_LINES + 1)))
        .collect();
    hold("files have 600 lines at most", &broken);
}

#[test]
fn every_file_opens_with_a_sentence_of_purpose() {
    let broken: Vec<String> = everything()
        .iter()
        .filter(|source| {
            let opening = source.text.lines().map_while(|line| line.strip_prefix("//! "));
            !opening.collect::<Vec<_>>().join(" ").ends_with('.')
        })
        .map(|source| source.at(1))
        .collect();
    hold("a file begins with //! and a sentence", &broken);
}

/// The files that a file of modules names, in the forms that Rust looks for them, or by their `#[path]`.
fn named(source: &Source) -> Vec<Vec<PathBuf>> {
    let folder = source.path.parent().unwrap();
    let root = ["lib.rs", "main.rs", "mod.rs", "sweeps.rs"].iter().any(|name| source.path.ends_with(name));
    let below = if root { folder.to_owned() } else { source.path.with_extension("") };
    let (mut path, mut inside) = (None, "");
    let mut found = Vec::new();
    for line in source.text.lines().map(str::trim) {
        let opened = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {"));
        inside = if line == "}" { "" } else { opened.unwrap_or(inside) };
        if let Some(quoted) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            path = Some(folder.join(quoted));
        }
        let declared = line.split("mod ").nth(1).and_then(|rest| rest.strip_suffix(';'));
        let Some(name) = declared.filter(|_| line.starts_with("mod ") || line.starts_with("pub")) else {
            continue;
        };
        found.push(match path.take() {
            Some(path) => vec![path],
            None => {
                let file = below.join(inside).join(name);
                vec![file.with_extension("rs"), file.join("mod.rs")]
            }
        });
    }
    found
}

#[test]
fn every_file_is_part_of_a_program_and_every_module_is_read() {
    let sources = everything();
    let paths: BTreeSet<&Path> = sources.iter().map(|source| source.path.as_path()).collect();
    let named: Vec<(&Source, Vec<Vec<PathBuf>>)> = sources.iter().map(|source| (source, named(source))).collect();
    // Cargo finds no test by itself, and what no module names is never compiled.
    let reached: BTreeSet<PathBuf> =
        named.iter().flat_map(|(_, modules)| modules.iter().flatten().map(|file| plain(file))).collect();
    let roots = [
        "src/lib.rs",
        "src/main.rs",
        "tests/main.rs",
        "tests/sweeps.rs",
        "tests/corpus.rs",
        "snapshots/reviewed.rs",
        "build.rs",
    ];
    let alone = |path: &Path| {
        roots.iter().any(|root| path.ends_with(root))
            || ["examples", "benches", "fuzz_targets"]
                .iter()
                .any(|folder| path.parent().unwrap().ends_with(folder))
    };
    let orphans = paths.iter().filter(|path| !alone(path) && !reached.contains(**path));
    hold("every file is named by a module", &orphans.map(|path| path.display().to_string()).collect::<Vec<_>>());
    let missed = named.iter().flat_map(|(source, modules)| {
        let unread = modules.iter().filter(|forms| !forms.iter().any(|form| paths.contains(&*plain(form))));
        unread.map(|forms| format!("{}: {}", source.path.display(), forms[0].display())).collect::<Vec<_>>()
    });
    hold("every module is read here", &missed.collect::<Vec<_>>());
}

/// A path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path {
        if part == ".." {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

#[test]
fn only_the_transport_knows_the_http_client() {
    let outside = harness().into_iter().filter(|source| !source.is_in(&["targets"]));
    let broken: Vec<String> = outside.flat_map(|source| source.places(&["reqwest"])).collect();
    hold("reqwest appears in targets only", &broken);
}

#[test]
fn only_what_waits_knows_the_runtime() {
    let waiting = ["targets", "server", "engine", "cli"];
    let outside = harness().into_iter().filter(|source| !source.is_in(&waiting));
    let broken: Vec<String> = outside.flat_map(|source| source.places(&["tokio"])).collect();
    hold("tokio appears in targets, server, engine and cli only", &broken);
}

#[test]
fn only_the_command_line_prints() {
    let outside = harness().into_iter().filter(|source| !source.is_in(&["cli"]));
    let prints = |source: Source| {
        ["print", "println", "eprint", "eprintln", "dbg"]
            .into_iter()
            .flat_map(|name| source.places(&[name, "!"]))
            .collect::<Vec<_>>()
    };
    let broken: Vec<String> = outside.flat_map(prints).collect();
    hold("nothing but cli prints", &broken);
}

#[test]
fn only_the_command_line_reads_the_environment() {
    let outside = harness().into_iter().filter(|source| !source.is_in(&["cli"]));
    let reads = |source: Source| {
        let named = following(&source.tokens, "std").filter(|(module, _)| module == "env");
        named.map(|(_, line)| source.at(line)).collect::<Vec<_>>()
    };
    let broken: Vec<String> = outside.flat_map(reads).collect();
    hold("std::env appears in cli only", &broken);
}

#[test]
fn the_environment_is_seen_in_whatever_form_it_is_written() {
    for text in
        ["use std::env;", "use std::{fs, env};", "fn f() { std::env::args(); }", "use std::{env::var, io};"]
    {
        assert!(following(&tokens(text), "std").any(|(module, _)| module == "env"), "{text}");
    }
    assert!(following(&tokens("use std::fs; use my::env;"), "std").all(|(module, _)| module != "env"));
}

#[test]
fn imports_are_seen_in_whatever_form_they_are_written() {
    let seen = |path: &str, text: &str| {
        let path = plain(&Path::new("harness/src").join(path));
        let source = Source { path, text: text.to_owned(), tokens: without_tests(&tokens(text)) };
        imports(&source).into_iter().map(|(module, line)| format!("{module}:{line}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(seen("a/b.rs", "use crate::wire::{X, Y};\n"), "wire:1");
    assert_eq!(seen("a/b.rs", "use crate::{\n    wire::{X, Y},\n    model,\n};\n"), "wire:2 model:3");
    assert_eq!(seen("a/b.rs", "fn f() -> crate::wire::X { crate::model::y() }\n"), "wire:1 model:1");
    assert_eq!(seen("a/b.rs", "use super::c;\nuse super::super::wire;\n"), "wire:2");
    assert_eq!(seen("a/mod.rs", "use super::wire;\npub(super) fn f() {}\n"), "wire:1");
    assert_eq!(seen("a/b.rs", "use passmuster_contract::wire::X;\n"), "wire:1");
    assert_eq!(seen("a/b.rs", "use passmuster_malformed::reader::X;\n"), "malformed:1");
    assert_eq!(
        seen("../malformed/src/a.rs", "use crate::catalogue::X;\nuse passmuster_contract::wire::Y;\n"),
        "wire:2"
    );
    assert_eq!(
        seen("a/b.rs", "// crate::wire\n/* crate::wire /* */ */ \"crate::wire\" 'c' r#\"crate::wire\"#\n"),
        ""
    );
    let tested = "#[cfg(test)]\nmod tests {\n    use crate::wire::X;\n}\nuse crate::model;\n";
    assert_eq!(seen("a/b.rs", tested), "model:5");
    assert_eq!(seen("a/b.rs", "#[cfg(test)]\nuse crate::wire::X;\nuse crate::model;\n"), "model:3");
    assert_eq!(seen("a/b.rs", "fn f<'a>(x: &'a str) -> crate::wire::X<'a> {}\n"), "wire:1");
}
