//! The one loop that does pieces of work several at once, and gives their results in the order in which they were
//! given: what is found does not depend on how many workers there are.

use std::collections::BTreeMap;
use std::iter::Enumerate;
use std::pin::Pin;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};

/// So many pieces for each worker may be done or under way before the first of them is taken note of.
const AHEAD: usize = 4;

/// Work under way: so many pieces at once, whose results come in the order of the pieces. A piece is made when a worker
/// is free for it.
pub(super) struct OrderedWork<I: Iterator<Item: Future>> {
    pieces: Enumerate<I>,
    workers: usize,
    running: JoinSet<(usize, <I::Item as Future>::Output)>,
    waiting: BTreeMap<usize, <I::Item as Future>::Output>,
    next: usize,
}

/// The next thing that there is to know of the work.
pub(super) enum WorkStep<T, E> {
    /// The result of the next piece.
    Result(T),
    /// The end has come before all is done.
    End(E),
    /// All is done.
    Done,
}

impl<I> OrderedWork<I>
where
    I: Iterator<Item: Future<Output: Send + 'static> + Send + 'static>,
{
    pub(super) fn new(pieces: impl IntoIterator<IntoIter = I>, workers: usize) -> Self {
        Self {
            pieces: pieces.into_iter().enumerate(),
            workers: workers.max(1),
            running: JoinSet::new(),
            waiting: BTreeMap::new(),
            next: 0,
        }
    }

    /// Waits for the result of the next piece, or the end. What is under way goes on while nobody waits; of one worker
    /// nothing is.
    ///
    /// # Panics
    ///
    /// When a piece does.
    pub(super) async fn next<E>(
        &mut self,
        mut end: Pin<&mut impl Future<Output = E>>,
    ) -> WorkStep<<I::Item as Future>::Output, E> {
        loop {
            if let Some(result) = self.waiting.remove(&self.next) {
                self.next += 1;
                return WorkStep::Result(result);
            }
            while self.running.len() < self.workers
                && self.running.len() + self.waiting.len() < AHEAD * self.workers
                && let Some((number, piece)) = self.pieces.next()
            {
                self.running.spawn(async move { (number, piece.await) });
            }
            let joined = tokio::select! {
                joined = self.running.join_next() => joined,
                why = &mut end => return WorkStep::End(why),
            };
            match joined {
                Some(joined) => self.keep(joined),
                None => return WorkStep::Done,
            }
        }
    }

    /// Waits so long for what is under way, and gives all results that have not been given yet, in their order. What
    /// takes longer is dropped.
    pub(super) async fn finish(mut self, grace: Duration) -> impl Iterator<Item = <I::Item as Future>::Output> {
        let deadline = Instant::now() + grace;
        while let Ok(Some(joined)) = timeout_at(deadline, self.running.join_next()).await {
            self.keep(joined);
        }
        self.running.shutdown().await;
        self.waiting.into_values()
    }

    fn keep(&mut self, joined: Result<(usize, <I::Item as Future>::Output), JoinError>) {
        match joined {
            Ok((number, result)) => drop(self.waiting.insert(number, result)),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // No piece is cancelled while others go on.
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;

    use super::*;

    const GRACE: Duration = Duration::from_secs(60);

    /// Pieces of which each waits for the one after it.
    fn last_first(pieces: usize) -> impl Iterator<Item = impl Future<Output = usize>> {
        let done: Arc<[Notify]> = (0..=pieces).map(|_| Notify::new()).collect();
        done[pieces].notify_one();
        (0..pieces).map(move |number| {
            let done = done.clone();
            async move {
                done[number + 1].notified().await;
                done[number].notify_one();
                number
            }
        })
    }

    #[tokio::test]
    async fn results_come_in_the_order_of_the_pieces_though_the_last_is_done_first() {
        let mut work = OrderedWork::new(last_first(20), 20);
        let mut end = pin!(pending::<()>());
        let mut seen = Vec::new();
        while let WorkStep::Result(number) = work.next(end.as_mut()).await {
            seen.push(number);
        }
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn no_more_is_begun_than_the_workers_may_be_ahead() {
        for workers in [0, 1, 2, 7] {
            let begun = Arc::new(AtomicUsize::new(0));
            let count = begun.clone();
            let pieces = (0..1_000_u64).map(move |number| {
                count.fetch_add(1, Ordering::SeqCst);
                async move { number }
            });
            let mut work = OrderedWork::new(pieces, workers);
            let mut end = pin!(pending::<()>());
            for wanted in 0..6 {
                assert!(matches!(work.next(end.as_mut()).await, WorkStep::Result(number) if number == wanted));
            }
            assert!(begun.load(Ordering::SeqCst) <= 6 + AHEAD * workers.max(1));
        }
    }

    #[tokio::test]
    async fn the_end_comes_though_a_piece_never_does() {
        let mut work = OrderedWork::new(std::iter::once(pending::<()>()), 1);
        let end = work.next(pin!(ready("late"))).await;
        assert!(matches!(end, WorkStep::End("late")));
        assert_eq!(work.finish(Duration::ZERO).await.count(), 0);
    }

    #[tokio::test]
    async fn what_was_done_out_of_turn_is_not_lost_at_the_end() {
        let (first, third) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let pieces = (0..3).map(|number| {
            let (first, third) = (first.clone(), third.clone());
            async move {
                match number {
                    0 => first.notified().await,
                    1 => {}
                    _ => third.notify_one(),
                }
                number
            }
        });
        let mut work = OrderedWork::new(pieces, 3);
        let end = work.next(pin!(third.notified())).await;
        assert!(matches!(end, WorkStep::End(())));
        first.notify_one();
        assert_eq!(work.finish(GRACE).await.collect::<Vec<_>>(), [0, 1, 2]);
    }
}
