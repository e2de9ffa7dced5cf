//! Runs the built program as its users do. Waits for events, never for a time: only a hang reaches a limit.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

/// A guard against hanging, not a promise of speed.
const PATIENCE: Duration = Duration::from_secs(900);

/// Leaves out the phases that take long whatever the budget; a test of the default run does without.
pub(crate) const RANDOM: &str = "--phases=probe,laws,random";

/// The end of a program: its exit code and its output.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The last line of its report.
    pub(crate) fn last_line(&self) -> &str {
        self.stdout.lines().next_back().unwrap_or_default()
    }
}

/// Standard error as it comes.
#[derive(Default)]
struct Told {
    so_far: Mutex<Said>,
    more: Condvar,
}

#[derive(Default)]
struct Said {
    text: String,
    is_all: bool,
}

impl Told {
    fn so_far(&self) -> MutexGuard<'_, Said> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a pipe to its end.
    fn hear(&self, pipe: impl Read) {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            self.so_far().text.push_str(&format!("{line}\n"));
            self.more.notify_all();
        }
        self.so_far().is_all = true;
        self.more.notify_all();
    }
}

/// A program under way; it is ended when this is dropped.
pub(crate) struct Program {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    told: Arc<Told>,
    /// The reader of standard error.
    stderr: Option<JoinHandle<()>>,
}

/// The program with these arguments, in a folder of its own, in an environment that says nothing.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passmuster"));
    command.args(arguments).current_dir(folder).env_clear();
    // The path leads to the programs that are spawned.
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("NO_COLOR", "1");
    // Runs end by their number of calls, however slow the machine; a flag of the test overrides this.
    command.env("PASSMUSTER_MAX_TIME", "14m");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        let told = Arc::new(Told::default());
        let listener = Arc::clone(&told);
        let stderr = child.stderr.take().map(|pipe| std::thread::spawn(move || listener.hear(pipe)));
        Self { child, stdout, told, stderr }
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until it has written this to standard error.
    pub(crate) fn until(&self, text: &str) {
        let waits = |said: &mut Said| !said.text.contains(text) && !said.is_all;
        let (said, waited) = self.told.more.wait_timeout_while(self.told.so_far(), PATIENCE, waits).unwrap();
        let outcome = if waited.timed_out() { "hangs" } else { "ends" };
        assert!(said.text.contains(text), "it {outcome} and has not said {text:?}:\n{}", said.text);
    }

    /// Asks it to stop, as Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
    }

    #[cfg(unix)]
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// The most memory that it has taken so far, in kB, unless it has ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    pub(crate) fn wait(mut self) -> Ended {
        let reader = self.stdout.take().map(|mut pipe| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                let _ = pipe.read_to_end(&mut text);
                String::from_utf8_lossy(&text).into_owned()
            })
        });
        let code = self.status().code();
        if let Some(stderr) = self.stderr.take() {
            stderr.join().unwrap();
        }
        let stdout = reader.map(|reader| reader.join().unwrap()).unwrap_or_default();
        Ended { code, stdout, stderr: self.told.so_far().text.clone() }
    }

    fn status(&mut self) -> ExitStatus {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("the program does not end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it to its end; the reports that it writes are as their schemas say.
pub(crate) fn passmuster(folder: &Path, arguments: &[&str]) -> Ended {
    let ended = Program::start(&mut command(folder, arguments)).wait();
    crate::schema::check_written(folder, arguments);
    ended
}
