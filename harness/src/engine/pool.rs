//! The one loop that does pieces of work several at once, and takes note of them in the order in which they were
//! given: what is found does not depend on how many workers there are.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::pin::pin;

use tokio::task::JoinSet;

/// So many pieces for each worker may be done or under way before the first of them is taken note of.
const AHEAD: usize = 4;

/// Does the work, so many pieces at once, and hands each result to `commit` in the order of the pieces. A piece is
/// made when a worker is free for it. Ends when all is done, `end` comes, or `commit` breaks; says why where it was
/// not the first. What is under way then is dropped.
///
/// # Panics
///
/// When a piece does.
pub(super) async fn ordered<F, E>(
    pieces: impl IntoIterator<Item = F>,
    workers: usize,
    end: impl Future<Output = E>,
    mut commit: impl FnMut(F::Output) -> ControlFlow<E>,
) -> Option<E>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let workers = workers.max(1);
    let mut pieces = pieces.into_iter().enumerate();
    let mut end = pin!(end);
    let (mut running, mut waiting) = (JoinSet::new(), BTreeMap::new());
    let mut next = 0;
    let why = 'work: loop {
        while running.len() < workers
            && running.len() + waiting.len() < AHEAD * workers
            && let Some((number, piece)) = pieces.next()
        {
            running.spawn(async move { (number, piece.await) });
        }
        let joined = tokio::select! {
            joined = running.join_next() => joined,
            why = &mut end => break Some(why),
        };
        match joined {
            Some(Ok((number, result))) => drop(waiting.insert(number, result)),
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // No piece is cancelled while others go on.
            Some(Err(_)) | None => break None,
        }
        while let Some(result) = waiting.remove(&next) {
            next += 1;
            if let ControlFlow::Break(why) = commit(result) {
                break 'work Some(why);
            }
        }
    };
    running.shutdown().await;
    why
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Pieces that take the longer the earlier they come.
    fn slow_first(pieces: u64) -> impl Iterator<Item = impl Future<Output = u64>> {
        (0..pieces).map(move |number| async move {
            tokio::time::sleep(Duration::from_millis((pieces - number) * 3)).await;
            number
        })
    }

    #[tokio::test]
    async fn results_come_in_the_order_of_the_pieces_whatever_the_number_of_workers() {
        for workers in [0, 1, 3, 40] {
            let mut seen = Vec::new();
            let why = ordered(slow_first(20), workers, std::future::pending::<()>(), |number| {
                seen.push(number);
                ControlFlow::Continue(())
            });
            assert_eq!(why.await, None);
            assert_eq!(seen, (0..20).collect::<Vec<_>>());
        }
    }

    #[tokio::test]
    async fn nothing_is_begun_after_the_commit_that_breaks_beyond_what_the_workers_were_ahead() {
        let begun = Arc::new(AtomicUsize::new(0));
        let count = begun.clone();
        let pieces = (0..1_000_u64).map(move |number| {
            count.fetch_add(1, Ordering::SeqCst);
            async move { number }
        });
        let why = ordered(pieces, 2, std::future::pending(), |number| match number {
            5 => ControlFlow::Break("enough"),
            _ => ControlFlow::Continue(()),
        });
        assert_eq!(why.await, Some("enough"));
        assert!(begun.load(Ordering::SeqCst) <= 6 + AHEAD * 2);
    }

    #[tokio::test]
    async fn the_end_comes_though_a_piece_never_does() {
        let pieces = std::iter::once(std::future::pending::<()>());
        let why = ordered(pieces, 1, std::future::ready("late"), |()| ControlFlow::Continue(()));
        assert_eq!(why.await, Some("late"));
    }
}
