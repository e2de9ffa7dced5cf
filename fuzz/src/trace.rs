//! Recorded conversations: what can be read can be judged and written, and stays the same.

use passmuster::check::check;
use passmuster::model::Answers;
use passmuster::oracle::Strictness;
use passmuster::trace::{Conversation, parse, write};

/// A text is refused in words, or read as conversations that can be judged, and are the same once they were written
/// and read again.
pub fn traces_survive_the_round_trip(bytes: &[u8]) {
    match parse(bytes) {
        Ok(conversations) => {
            for conversation in &conversations {
                let checked = check(conversation, Strictness::Message, &Answers::default());
                assert!(checked.found.iter().all(|(at, _)| *at < conversation.calls.len()));
            }
            let written = written(&conversations);
            let again = parse(&written).map(|again| self::written(&again));
            assert_eq!(again.as_ref(), Ok(&written), "{}", String::from_utf8_lossy(&written));
        }
        Err(error) => assert!(error.line > 0 && !error.what.is_empty() && !error.fix.is_empty()),
    }
}

fn written(conversations: &[Conversation]) -> Vec<u8> {
    let mut text = Vec::new();
    for conversation in conversations {
        let written = write(conversation, &mut text);
        assert!(written.is_ok(), "{written:?}");
    }
    text
}
