//! Every property holds for every seed and for small mutations of it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use passmuster::server::Fault;
use passmuster_fuzz::{Property, TARGETS, disagreement};

/// Mutations of the seeds of one target.
const MUTATIONS: usize = 400;
/// A folder with fewer seeds has lost some.
const FEWEST_SEEDS: usize = 5;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The seeds of a target, in the order of their names. Files that a fuzzer added don't end in `.txt`.
fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(root().join("corpus").join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The words of the dictionary.
fn dictionary() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(root().join("dict/restjson.dict")).unwrap();
    let words = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    words.map(unescape).collect()
}

fn unescape(word: &str) -> Vec<u8> {
    let mut bytes = word.bytes();
    let mut word = Vec::new();
    while let Some(byte) = bytes.next() {
        word.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'x') => {
                    let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                    u8::from_str_radix(&digits, 16).unwrap()
                }
                Some(escaped @ (b'\\' | b'"')) => escaped,
                other => panic!("no escape: {other:?}"),
            },
            byte => byte,
        });
    }
    word
}

/// Numbers that are the same in every run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((value ^ (value >> 31)) % bound.max(1) as u64).unwrap()
    }

    fn range(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let from = self.below(bytes.len() + 1);
        let length = self.below(bytes.len().min(from + 24) - from.min(bytes.len()) + 1);
        from..from + length
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, dictionary: &[Vec<u8>], other: &[u8]) {
        let range = self.range(bytes);
        match self.below(5) {
            0 => bytes.drain(range).for_each(drop),
            1 => {
                let word = dictionary[self.below(dictionary.len())].clone();
                bytes.splice(range, word).for_each(drop);
            }
            2 => {
                let again = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, again).for_each(drop);
            }
            3 => {
                let part = other[self.range(other)].to_vec();
                bytes.splice(range, part).for_each(drop);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(range.start) {
                    *byte = u8::try_from(self.below(256)).unwrap();
                }
            }
        }
    }
}

fn hold(target: &str, property: Property, origin: &str, bytes: &[u8]) {
    let held = catch_unwind(AssertUnwindSafe(|| property(bytes)));
    assert!(held.is_ok(), "{target} does not hold for {origin}:\n{}", bytes.escape_ascii());
}

#[test]
fn every_property_holds_for_every_seed() {
    for (target, property) in TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() >= FEWEST_SEEDS, "{target} has only {} seeds", seeds.len());
        for (path, bytes) in seeds {
            hold(target, *property, &path.display().to_string(), &bytes);
        }
    }
}

#[test]
fn every_property_holds_for_hundreds_of_mutated_seeds() {
    let dictionary = dictionary();
    for (target, property) in TARGETS {
        let seeds = seeds(target);
        let mut chance = Chance(1);
        for _ in 0..MUTATIONS {
            let (path, seed) = &seeds[chance.below(seeds.len())];
            let other = &seeds[chance.below(seeds.len())].1;
            let mut bytes = seed.clone();
            for _ in 0..=chance.below(4) {
                chance.mutate(&mut bytes, &dictionary, other);
            }
            hold(target, *property, &format!("a mutation of {}", path.display()), &bytes);
        }
    }
}

#[test]
fn every_property_holds_for_no_bytes_at_all() {
    for (target, property) in TARGETS {
        hold(target, *property, "nothing", &[]);
    }
}

#[test]
fn targets_files_and_folders_go_by_the_same_names() {
    let listed: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let stems = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let bins =
        manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    assert_eq!(stems("fuzz_targets"), listed);
    assert_eq!(stems("corpus"), listed);
    assert_eq!(bins.map(str::to_owned).collect::<BTreeSet<_>>(), listed);
}

#[test]
fn the_dictionary_knows_every_operation() {
    let dictionary = dictionary();
    for operation in passmuster::domain::Operation::ALL {
        assert!(dictionary.iter().any(|word| word == operation.name().as_bytes()), "{operation}");
    }
}

#[test]
fn the_seeds_alone_expose_most_faults_of_a_server() {
    let seeds = seeds("agreement");
    let exposed = |fault: &&Fault| seeds.iter().any(|(_, bytes)| disagreement(bytes, &[**fault]).is_some());
    let (exposed, all) = (Fault::all().iter().filter(exposed).count(), Fault::all().len());
    assert!(2 * exposed > all, "{exposed} of {all}");
}
