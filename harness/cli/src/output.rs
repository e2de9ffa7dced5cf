//! The standard streams, as long as anybody reads them.

use std::io::{self, ErrorKind, Write};

/// A stream that takes everything once nobody reads it any more: who pipes into `head` has seen enough, and the verdict
/// is in the exit code.
pub(crate) struct Output<W>(pub(crate) W);

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
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
        let mut broken = Output(Failing(ErrorKind::BrokenPipe));
        assert!(broken.write_all(b"text").is_ok() && broken.flush().is_ok());
        let mut full = Output(Failing(ErrorKind::StorageFull));
        assert!(full.write_all(b"text").is_err() && full.flush().is_err());
    }
}
