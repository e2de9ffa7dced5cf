//! Plans on a thread of its own while the first calls are made; knows nothing of what is planned.

use std::thread;

use tokio::sync::watch;

/// Work that was begun ahead of its use.
pub(super) struct Ahead(watch::Receiver<bool>);

impl Ahead {
    /// Begins work whose result is remembered elsewhere, and after it what is needed later. It goes on when nobody
    /// waits for it any more.
    pub(super) fn begin(work: impl FnOnce() + Send + 'static, later: impl FnOnce() + Send + 'static) -> Self {
        let (tell, ready) = watch::channel(false);
        thread::spawn(move || {
            work();
            // Whether anybody waits makes no difference.
            let _ = tell.send(true);
            later();
        });
        Self(ready)
    }

    /// Waits until it is done; a thread that died leaves it to the one who needs it.
    pub(super) async fn ready(&mut self) {
        let _ = self.0.wait_for(|ready| *ready).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_is_ready_once_it_is_done_or_dead() {
        let (go, wait) = mpsc::channel::<()>();
        let mut ahead = Ahead::begin(move || assert!(wait.recv().is_ok()), || ());
        tokio::select! {
            biased;
            () = ahead.ready() => panic!("it is not done"),
            () = tokio::task::yield_now() => go.send(()).unwrap(),
        }
        ahead.ready().await;
        Ahead::begin(|| panic!("a thread that dies"), || ()).ready().await;
    }
}
