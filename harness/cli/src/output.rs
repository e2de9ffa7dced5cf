//! The standard streams, as long as anybody reads them.

use std::io::{self, ErrorKind, Write};

use super::workflow::LogLine;

/// A stream that takes everything once nobody reads it any more: who pipes into `head` has seen enough, and the verdict
/// is in the exit code.
pub(crate) struct Output<W> {
    stream: W,
    /// Where it is the log of a job: the line that is being written.
    log: Option<LogLine>,
}

impl<W> Output<W> {
    /// A stream that shows what is written as it is.
    pub(crate) const fn plain(stream: W) -> Self {
        Self { stream, log: None }
    }

    /// A stream that may be the log of a job of GitHub Actions, where no text becomes a command.
    pub(crate) fn guarded(stream: W, is_log: bool) -> Self {
        Self { stream, log: is_log.then_some(LogLine::START) }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.log {
            Some(line) => self.stream.write_all(&line.escaped(bytes)).map(|()| bytes.len()),
            None => self.stream.write(bytes),
        };
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.stream.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_pipe_that_nobody_reads_is_no_error_and_a_full_disk_is_one() {
        let mut broken = Output::plain(Failing(ErrorKind::BrokenPipe));
        assert!(broken.write_all(b"text").is_ok() && broken.flush().is_ok());
        let mut full = Output::plain(Failing(ErrorKind::StorageFull));
        assert!(full.write_all(b"text").is_err() && full.flush().is_err());
    }
}
