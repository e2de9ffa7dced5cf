//! Saved scenarios: what can be read can be written, and means the same.

use passmuster::generate::{parse_scenario, write_scenario};

/// A text is refused in words, or read as a scenario that is the same once it was written and read again.
pub fn scenarios_survive_the_round_trip(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match parse_scenario(&text) {
        Ok(scenario) => {
            let written = write_scenario(&scenario);
            let again = parse_scenario(&written);
            assert_eq!(again.as_ref(), Ok(&scenario), "written as\n{written}");
            assert_eq!(again.map(|again| write_scenario(&again)), Ok(written));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
