//! The sessions that STS opens here: their keys, whose they are, and when they end.

use std::collections::BTreeMap;
use std::time::Duration;

use super::mix;
use passmuster_contract::domain::{Account, Timestamp};

/// The most sessions at once; the one that was opened first makes room.
const MOST_SESSIONS: usize = 1_000;
/// The life of a session that nobody has chosen another for, as AWS has it.
const LIFETIME: Duration = Duration::from_secs(3600);

/// The rules of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRules {
    /// The external id that every role wants; without one none is looked at.
    pub external_id: Option<String>,
    /// The calls after which a session is over; without a number it is its end alone that counts.
    pub most_calls: Option<u64>,
    /// The life of a session, an hour where none is given.
    pub lifetime: Option<Duration>,
}

/// A session that was opened.
#[derive(Clone, Debug)]
pub(super) struct OpenSession {
    pub(super) account: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) token: String,
    pub(super) expires: Timestamp,
    left: Option<u64>,
}

/// The sessions of a server, by their access key ids.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    opened: BTreeMap<String, OpenSession>,
    count: u64,
}

impl Sessions {
    /// Opens a session in an account.
    pub(super) fn open(
        &mut self,
        account: Account,
        rules: &SessionRules,
        seed: u64,
        at: Timestamp,
    ) -> OpenSession {
        self.count += 1;
        let draw = |salt: u64| format!("{:016x}", mix(seed ^ mix(self.count << 8 | salt)));
        let lifetime = rules.lifetime.unwrap_or(LIFETIME).as_millis();
        let session = OpenSession {
            account: account.to_string(),
            // The number comes first: the first key in order is the oldest.
            access_key: format!("ASIA{:010}", self.count),
            secret_key: [draw(1), draw(2)].concat(),
            token: format!("{}+/{}==", draw(3), draw(4)),
            expires: Timestamp(at.0.saturating_add(i64::try_from(lifetime).unwrap_or(i64::MAX))),
            left: rules.most_calls,
        };
        if self.opened.len() >= MOST_SESSIONS {
            self.opened.pop_first();
        }
        self.opened.insert(session.access_key.clone(), session.clone());
        session
    }

    /// The session of an access key id.
    pub(super) fn of(&self, access_key: &str) -> Option<&OpenSession> {
        self.opened.get(access_key)
    }

    /// Takes note that a session has made a call.
    pub(super) fn spend(&mut self, access_key: &str) {
        if let Some(left) = self.opened.get_mut(access_key).and_then(|session| session.left.as_mut()) {
            *left = left.saturating_sub(1);
        }
    }
}

impl OpenSession {
    /// Whether it has come to its end.
    pub(super) fn is_over(&self, at: Timestamp) -> bool {
        at >= self.expires || self.left == Some(0)
    }
}
