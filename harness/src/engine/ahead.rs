//! Plans on threads of their own while calls are made; knows nothing of what is planned.

use std::thread;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};

/// Work that was begun ahead of its use.
pub(super) struct Ahead<T>(oneshot::Receiver<T>);

impl<T: Send + 'static> Ahead<T> {
    /// Begins work, which goes on when nobody waits for it any more.
    pub(super) fn begin(work: impl FnOnce() -> T + Send + 'static) -> Self {
        Self::begin_with(work, || ()).0
    }

    /// Begins work, and after it what is needed later.
    pub(super) fn begin_with<L: Send + 'static>(
        work: impl FnOnce() -> T + Send + 'static,
        later: impl FnOnce() -> L + Send + 'static,
    ) -> (Self, Ahead<L>) {
        let (tell, ready) = oneshot::channel();
        let (tell_later, ready_later) = oneshot::channel();
        thread::spawn(move || {
            // Whether anybody waits makes no difference.
            let _ = tell.send(work());
            let _ = tell_later.send(later());
        });
        (Self(ready), Ahead(ready_later))
    }

    /// Waits for the result; `None` where the thread died.
    pub(super) async fn ready(self) -> Option<T> {
        self.0.await.ok()
    }
}

/// What is sought once, and needed in several places.
#[derive(Clone)]
pub(super) struct SoughtAhead<T>(watch::Receiver<Option<T>>);

impl<T: Copy + Send + Sync + 'static> SoughtAhead<T> {
    /// Begins to seek it.
    pub(super) fn begin(seek: impl FnOnce() -> T + Send + 'static) -> Self {
        let (tell, known) = watch::channel(None);
        thread::spawn(move || tell.send_replace(Some(seek())));
        Self(known)
    }

    /// Waits for it until then; `None` where it is not known by then, or the thread died.
    pub(super) async fn by(&self, end: Instant) -> Option<T> {
        let mut known = self.0.clone();
        let known = timeout_at(end, known.wait_for(Option::is_some)).await.ok()?.ok()?;
        *known
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn the_result_of_what_was_begun_is_there_once_it_is_done_unless_it_died() {
        let (go, wait) = mpsc::channel::<()>();
        let (ahead, later) = Ahead::begin_with(move || wait.recv().is_ok(), || "later");
        let ready = ahead.ready();
        tokio::pin!(ready);
        tokio::select! {
            biased;
            _ = &mut ready => panic!("it is not done"),
            () = tokio::task::yield_now() => go.send(()).unwrap(),
        }
        assert_eq!(ready.await, Some(true));
        assert_eq!(later.ready().await, Some("later"));
        let dead: Ahead<bool> = Ahead::begin(|| panic!("a thread that dies"));
        assert_eq!(dead.ready().await, None);
    }

    #[tokio::test]
    async fn what_is_sought_is_known_to_all_who_wait_or_to_none_by_their_time() {
        let (go, wait) = mpsc::channel::<()>();
        let sought = SoughtAhead::begin(move || wait.recv().is_ok());
        assert_eq!(sought.by(Instant::now()).await, None);
        go.send(()).unwrap();
        let far = Instant::now() + std::time::Duration::from_secs(600);
        assert_eq!(sought.clone().by(far).await, Some(true));
        assert_eq!(sought.by(Instant::now()).await, Some(true));
        let dead: SoughtAhead<bool> = SoughtAhead::begin(|| panic!("a thread that dies"));
        assert_eq!(dead.by(far).await, None);
    }
}
