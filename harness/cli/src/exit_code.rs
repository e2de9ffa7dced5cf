//! The exit codes of the program.

use passmuster::baseline::Ending;

/// The exit codes of `passmuster`; scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ExitCode {
    /// The command did what was asked, or a run ended as told.
    Run(Ending),
    /// The command line or the configuration is wrong, or the guard refuses the target.
    Usage,
    /// passmuster itself is at fault.
    Internal,
}

impl ExitCode {
    /// Nothing to complain about.
    pub(crate) const SUCCESS: Self = Self::Run(Ending::Clean);

    /// The code as the system sees it.
    #[must_use]
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Run(ending) => ending.code(),
            Self::Usage => 2,
            Self::Internal => 70,
        }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::Run(ending)
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_code_has_one_meaning() {
        let mut codes: Vec<u8> = Ending::ALL.iter().map(|ending| ending.code()).collect();
        codes.extend([ExitCode::Usage.code(), ExitCode::Internal.code()]);
        codes.sort_unstable();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 70, 130]);
    }
}
