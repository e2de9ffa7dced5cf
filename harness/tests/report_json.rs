//! A report in JSON holds everything, and takes the place of an older one only as a whole.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::sample;
use passmuster::report::{self, format};

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report_json").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn what_is_written_can_be_read_again() {
    let path = folder("again").join("run.json");
    for record in [sample::clean(), sample::flawed()] {
        format("json").unwrap().write_file(&record, &path).unwrap();
        assert_eq!(report::read(&path).unwrap(), record);
    }
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file stays behind");
}

#[test]
fn a_report_that_can_not_be_written_names_the_file_and_the_fix() {
    let dir = folder("unwritable");
    let json = format("json").unwrap();
    let path = dir.join("missing").join("run.json");
    let message = json.write_file(&sample::clean(), &path).unwrap_err().to_string();
    assert!(message.contains("missing/run.json") && message.contains("make its folder first"), "{message}");
    let message = json.write_file(&sample::clean(), &dir).unwrap_err().to_string();
    assert!(message.contains("name a file, not a folder"), "{message}");
}

#[test]
fn a_file_that_is_no_report_is_told_from_one_of_another_version() {
    let dir = folder("malformed");
    let path = dir.join("run.json");
    let failing = |text: &str| {
        fs::write(&path, text).unwrap();
        report::read(&path).unwrap_err().to_string()
    };
    assert!(failing("{").contains("it is no report"));
    assert!(failing(r#"{"schema":"passmuster.run/9"}"#).contains("its schema is passmuster.run/9"));
    assert!(failing(r#"{"schema":"passmuster.run/1"}"#).contains("missing field"));
    let strange = serde_json::to_string(&sample::flawed()).unwrap().replace(r#""broken""#, r#""cracked""#);
    assert!(failing(&strange).contains("unknown variant `cracked`, expected one of `supported`, `unsupported`"));
    assert!(report::read(&dir.join("none.json")).unwrap_err().to_string().contains("--report json=FILE"));
}
