//! The health gate: whether a target serves others as before, once a client that it kept waiting has gone.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use passmuster_malformed::{Aspect, ClassId, Complaint, InvariantId};

/// A read that takes less is no reason to worry, however quick reads were at first.
const BUSY: Duration = Duration::from_millis(500);
/// Nor is one that takes less than so many times as long as at first.
const TIMES_SLOWER: u32 = 20;
/// So many reads have to be half as slow in the mean, while no other client asks: a busy target is so by turns.
pub(super) const LOOKS: u32 = 6;
/// So long is a read waited for.
pub(super) const TIMES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(2));

/// The health of the target, as the lanes of one campaign know it.
#[derive(Clone, Default)]
pub(super) struct HealthGate {
    /// Held by all that is sent, so that a look can wait until nothing else is under way.
    sending: Arc<RwLock<()>>,
    lost_to: Arc<OnceLock<ClassId>>,
}

impl HealthGate {
    pub(super) async fn shared(&self) -> RwLockReadGuard<'_, ()> {
        self.sending.read().await
    }

    pub(super) async fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.sending.write().await
    }

    /// Says that the target has not recovered from this class.
    pub(super) fn lose(&self, class: ClassId) {
        let _ = self.lost_to.set(class);
    }

    /// The class that the target has not recovered from: nothing that it does from then on means anything.
    pub(super) fn lost_to(&self) -> Option<ClassId> {
        self.lost_to.get().copied()
    }
}

/// The time that is slow for a read that used to take so long.
pub(super) fn slow(usual: Duration) -> Duration {
    BUSY.max(usual * TIMES_SLOWER)
}

pub(super) fn busy_complaint() -> Complaint {
    let expected = "others are served as before, once the client has gone";
    let observed = "well-formed reads take far longer than before, a quarter of a second and more";
    Complaint::by_invariant(InvariantId::I21, Aspect::Busy, expected, observed)
}

/// Why nothing more is sent.
pub(super) fn not_recovered(class: ClassId) -> String {
    format!(
        "the target has not recovered from {class}; to see what is behind it, start it again and --skip {class}"
    )
}
