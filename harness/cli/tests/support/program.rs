//! The built program, run as its users run it, and never waited for longer than a minute or two.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

/// A guard against hanging, not a promise of speed.
const PATIENCE: Duration = Duration::from_secs(120);

/// Leaves out the phases that take long whatever the budget; a test of the default run does without.
pub(crate) const RANDOM: &str = "--phases=probe,laws,random";

/// What a program did.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The last line it wrote to standard error.
    pub(crate) fn last_line(&self) -> &str {
        self.stderr.lines().next_back().unwrap_or_default()
    }
}

/// A program under way; it is ended when this is dropped.
pub(crate) struct Program {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    /// What it has written to standard error so far, and who reads it.
    said: Arc<Mutex<String>>,
    stderr: Option<JoinHandle<()>>,
}

/// The program with these arguments, in a folder of its own, in an environment that says nothing.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passmuster"));
    command.args(arguments).current_dir(folder).env_clear();
    // The path leads to the programs that are spawned.
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("NO_COLOR", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        let stderr = child.stderr.take().map(|pipe| {
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    heard.lock().unwrap().push_str(&format!("{line}\n"));
                }
            })
        });
        Self { child, stdout, said, stderr }
    }

    /// The next line of its standard output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until it has written this to standard error.
    pub(crate) fn until(&self, text: &str) {
        let began = Instant::now();
        while !self.said.lock().unwrap().contains(text) {
            assert!(began.elapsed() < PATIENCE, "it never says {text:?}");
            sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to stop, as Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
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
        Ended { code, stdout, stderr: self.said.lock().unwrap().clone() }
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

/// Runs it to its end.
pub(crate) fn passmuster(folder: &Path, arguments: &[&str]) -> Ended {
    Program::start(&mut command(folder, arguments)).wait()
}
