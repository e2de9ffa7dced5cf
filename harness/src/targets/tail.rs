//! The last words of a process: its output, of which only the end is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

const MAX_BYTES: usize = 32 << 10;
const MAX_LINES: usize = 200;

/// The end of what was written to it.
#[derive(Clone, Default)]
pub(super) struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    /// Reads a pipe to its end; two may be read into one tail.
    pub(super) async fn fill(self, mut pipe: impl AsyncRead + Unpin) {
        let mut chunk = vec![0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut chunk).await {
            self.push(&chunk[..length]);
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(bytes);
        let surplus = kept.len().saturating_sub(MAX_BYTES);
        kept.drain(..surplus);
    }

    /// The last lines; bytes that are no text are replaced.
    pub(super) fn text(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        if lines.is_empty() {
            return "(it said nothing)".to_owned();
        }
        lines[lines.len().saturating_sub(MAX_LINES)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, MAX_LINES, Tail};

    #[test]
    fn of_endless_output_only_the_end_is_kept() {
        let tail = Tail::default();
        for line in 0..100_000 {
            tail.push(format!("{line}\n").as_bytes());
        }
        let text = tail.text();
        assert_eq!(text.lines().count(), MAX_LINES);
        assert!(text.ends_with("99999"), "{text}");
    }

    #[test]
    fn a_line_without_end_is_cut_too() {
        let tail = Tail::default();
        for _ in 0..100 {
            tail.push(&[b'x'; 4096]);
        }
        assert_eq!(tail.text().len(), MAX_BYTES);
    }
}
