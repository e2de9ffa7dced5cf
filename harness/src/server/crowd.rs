//! The connections of a server that may take so many: who has not spoken for longest makes way for who wants to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The time after which it is looked again for somebody who can make way.
const PAUSE: Duration = Duration::from_millis(20);

/// The places for connections.
#[derive(Debug)]
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    idle: Mutex<IdleConnections>,
}

/// The connections on which no request is being answered, the one that has been so for longest first.
#[derive(Debug, Default)]
struct IdleConnections {
    next: u64,
    leaving: BTreeMap<u64, Arc<Notify>>,
}

/// The place of a connection.
#[derive(Debug)]
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    leave: Arc<Notify>,
    turn: Mutex<u64>,
    _place: OwnedSemaphorePermit,
}

/// While it is held a request is being answered.
pub(super) struct Busy<'a>(&'a Seat);

impl Crowd {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { places: Arc::new(Semaphore::new(most)), idle: Mutex::default() })
    }

    /// A place, as soon as there is one.
    pub(super) async fn seat(self: Arc<Self>) -> Option<Seat> {
        let place = loop {
            let place = self.places.clone();
            if let Ok(place) = place.clone().try_acquire_owned() {
                break place;
            }
            self.lock().dismiss();
            if let Ok(place) = timeout(PAUSE, place.acquire_owned()).await {
                break place.ok()?;
            }
        };
        let leave = Arc::new(Notify::new());
        let turn = self.lock().wait(leave.clone());
        Some(Seat { crowd: self, leave, turn: Mutex::new(turn), _place: place })
    }

    fn lock(&self) -> MutexGuard<'_, IdleConnections> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IdleConnections {
    fn wait(&mut self, leave: Arc<Notify>) -> u64 {
        self.next += 1;
        self.leaving.insert(self.next, leave);
        self.next
    }

    /// Asks the one that has been idle for longest to leave.
    fn dismiss(&mut self) {
        if let Some((_, leave)) = self.leaving.pop_first() {
            leave.notify_one();
        }
    }
}

impl Seat {
    /// Waits until the connection has to make way for another.
    pub(super) async fn dismissed(&self) {
        self.leave.notified().await;
    }

    /// Takes note that a request of it is whole, and is being answered.
    pub(super) fn busy(&self) -> Busy<'_> {
        self.crowd.lock().leaving.remove(&self.turn());
        Busy(self)
    }

    fn turn(&self) -> MutexGuard<'_, u64> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let turn = self.0.crowd.lock().wait(self.0.leave.clone());
        *self.0.turn() = turn;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.crowd.lock().leaving.remove(&self.turn());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_has_been_idle_for_longest_makes_way_and_who_is_busy_does_not() {
        let crowd = Crowd::new(3);
        let first = crowd.clone().seat().await.unwrap();
        let second = crowd.clone().seat().await.unwrap();
        let third = crowd.clone().seat().await.unwrap();
        let busy = first.busy();
        let (newcomer, ()) = tokio::join!(crowd.clone().seat(), async move {
            second.dismissed().await;
            drop(second);
        });
        drop(busy);
        let (another, ()) = tokio::join!(crowd.clone().seat(), async move {
            third.dismissed().await;
            drop(third);
        });
        drop((newcomer, another, first));
        assert_eq!(crowd.places.available_permits(), 3);
        assert!(crowd.lock().leaving.is_empty());
    }
}
