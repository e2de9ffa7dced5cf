//! `corpus export` writes requests for other fuzzers, and nothing over what isn't its own.

use std::fs;

use crate::support::{Folder, passmuster};
use passmuster::malformed::kit::{message, reference, sound};

#[test]
fn a_folder_is_written_and_written_again() {
    let folder = Folder::new("corpus");
    for _ in 0..2 {
        let ended = passmuster(folder.path(), &["corpus", "export", "seeds"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.ends_with("files in seeds; its README.md says how to use them\n"), "{ended:?}");
    }
    let seeds = folder.path().join("seeds");
    for seed in sound() {
        let bytes = fs::read(seeds.join(format!("requests/{}.http", seed.name))).unwrap();
        assert_eq!(message::read(&bytes), seed.request);
        assert!(reference(&seed.request).is_ok());
    }
    assert_eq!(fs::read(seeds.join("bodies/m160-create-members-null.json")).unwrap(), b"null");
    let readme = fs::read_to_string(seeds.join("README.md")).unwrap();
    assert!(["AFL++", "Atheris", "Jazzer", "cargo-fuzz"].iter().all(|tool| readme.contains(tool)));
}

#[test]
fn every_line_of_the_dictionary_is_a_word_in_quotes() {
    let folder = Folder::new("corpus-dictionary");
    passmuster(folder.path(), &["corpus", "export", "."]);
    let text = fs::read_to_string(folder.path().join("restjson.dict")).unwrap();
    let words = text.lines().filter(|line| !line.starts_with('#'));
    assert!(words.clone().all(|line| line.len() > 2 && line.starts_with('"') && line.ends_with('"')), "{text}");
    assert!(text.is_ascii());
    for word in [r#""AccountDetails""#, r#""\xef\xbb\xbf""#, r#""\\ud800""#, r#""SECURITY_CONTROL""#] {
        assert!(words.clone().any(|line| line == word), "{word}");
    }
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let folder = Folder::new("corpus-foreign");
    fs::write(folder.path().join("README.md"), "# Mine\n").unwrap();
    let ended = passmuster(folder.path(), &["corpus", "export", "."]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("holds files that `corpus export` did not write"), "{ended:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let ended = passmuster(folder.path(), &["corpus", "export", "README.md"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("README.md"), "{ended:?}");
}
