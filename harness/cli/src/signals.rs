//! The signals that ask the program to end: the first one for a partial report, the second one at once.

use std::io;
use std::process;

use tokio::sync::mpsc;

use super::environment::ignores_hangup;
use passmuster::engine::Interrupt;

/// Listens to every signal that asks the program to end. What was started ends with it, however it goes.
pub(crate) fn listen() -> Interrupt {
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    let (tell, mut told) = mpsc::channel::<()>(2);
    // Without a handler the signal does what it always did.
    let _ = subscribe(&tell);
    tokio::spawn(async move {
        if told.recv().await.is_some() {
            raised.raise();
        }
        if told.recv().await.is_some() {
            process::exit(130);
        }
    });
    interrupt
}

#[cfg(unix)]
fn subscribe(tell: &mpsc::Sender<()>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit()];
    // Under `nohup` a run is to outlive its terminal.
    if !ignores_hangup() {
        kinds.push(SignalKind::hangup());
    }
    for kind in kinds {
        let (mut signals, tell) = (signal(kind)?, tell.clone());
        tokio::spawn(async move {
            while signals.recv().await.is_some() && tell.send(()).await.is_ok() {
                if kind == SignalKind::hangup() {
                    // The shell and the system both send it: that is no second wish.
                    return;
                }
            }
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn subscribe(tell: &mpsc::Sender<()>) -> io::Result<()> {
    let tell = tell.clone();
    tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && tell.send(()).await.is_ok() {} });
    Ok(())
}
