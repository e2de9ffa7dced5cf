//! Plans on a thread of its own while the first calls are made; knows nothing of what is planned.

use std::thread;

use tokio::sync::oneshot;

/// Work that was begun ahead of its use.
pub(super) struct Ahead<T>(oneshot::Receiver<T>);

impl<T: Send + 'static> Ahead<T> {
    /// Begins work, and after it what is needed later. It goes on when nobody waits for it any more.
    pub(super) fn begin(work: impl FnOnce() -> T + Send + 'static, later: impl FnOnce() + Send + 'static) -> Self {
        let (tell, ready) = oneshot::channel();
        thread::spawn(move || {
            // Whether anybody waits makes no difference.
            let _ = tell.send(work());
            later();
        });
        Self(ready)
    }

    /// Waits for the result; `None` where the thread died.
    pub(super) async fn ready(self) -> Option<T> {
        self.0.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn the_result_of_what_was_begun_is_there_once_it_is_done_unless_it_died() {
        let (go, wait) = mpsc::channel::<()>();
        let ahead = Ahead::begin(move || wait.recv().is_ok(), || ());
        let ready = ahead.ready();
        tokio::pin!(ready);
        tokio::select! {
            biased;
            _ = &mut ready => panic!("it is not done"),
            () = tokio::task::yield_now() => go.send(()).unwrap(),
        }
        assert_eq!(ready.await, Some(true));
        let dead: Ahead<bool> = Ahead::begin(|| panic!("a thread that dies"), || ());
        assert_eq!(dead.ready().await, None);
    }
}
