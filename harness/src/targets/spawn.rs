//! Starts a server for the length of a run, and ends it whatever happens.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use reqwest::Client;
use thiserror::Error;
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::Limits;
use super::lane::locked_down;
use super::secrets::masked;
use super::tail::Tail;
use super::words::{self, WordsError};

/// The time that a server may take to get ready unless told otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);

const POLL: Duration = Duration::from_millis(20);
/// For one look at whether it is ready.
const LOOK: Duration = Duration::from_secs(1);
/// Between asking it to end and ending it.
const GRACE: Duration = Duration::from_millis(600);
/// For the rest of its output to be read once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The first process of the group that a server runs in. Its standard input ends when this program does, however that
/// came about, and then it ends the group. A request to end is for the server alone.
#[cfg(unix)]
const WATCHDOG: &str = "trap '' HUP INT QUIT TERM; read -r _; kill -KILL 0";

/// A server that was started, and is ended when this is dropped, or with this program.
pub struct Spawned {
    child: Child,
    /// The leader of the process group.
    #[cfg(unix)]
    watchdog: Child,
    /// The process group, until it has been ended.
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    port: u16,
    tail: Tail,
    readers: Vec<JoinHandle<()>>,
}

/// Why a server could not be started. Fits after "failed to …".
#[derive(Debug, Error)]
pub enum SpawnError {
    /// The command can't be split into words.
    #[error("read the command `{command}`: {source}")]
    Words {
        /// The command as given.
        command: String,
        /// The fault in it.
        source: WordsError,
    },
    /// The command doesn't say where its port goes.
    #[error("start `{command}`: it doesn't say where its port goes; put {{port}} there")]
    NoPort {
        /// The command as given.
        command: String,
    },
    /// The HTTP client that looks at it can't be made.
    #[error("set up the HTTP client: {0}")]
    Client(String),
    /// No free port was found.
    #[error("find a free port on 127.0.0.1: {0}")]
    Port(io::Error),
    /// The program could not be run.
    #[error("run `{program}`: {source}; install it, or give its full path in --spawn")]
    Run {
        /// The program.
        program: String,
        /// The words of the system.
        source: io::Error,
    },
    /// The server ended before it was ready.
    #[error("start `{command}`: it ended with {status} before it was ready; its last output:\n{output}")]
    Died {
        /// The command as run.
        command: String,
        /// The status that it ended with.
        status: ExitStatus,
        /// The last words of it.
        output: String,
    },
    /// The server did not get ready in time.
    #[error(
        "see `{command}` ready within {deadline:?}: {seen}; does it listen on 127.0.0.1 at the port given? \
         its last output:\n{output}"
    )]
    NeverReady {
        /// The command as run.
        command: String,
        /// The time that it had.
        deadline: Duration,
        /// The result of the last look at it.
        seen: String,
        /// The last words of it.
        output: String,
    },
}

impl Spawned {
    /// Runs a command after putting a free port where it says `{port}`, and waits until it is ready: until a `GET` of
    /// the path `ready` is answered with a 2xx status or, without one, until something listens there.
    ///
    /// The command is split as a shell splits words, but no shell runs it.
    ///
    /// # Errors
    /// When it can't be run, ends early, or isn't ready by the deadline.
    pub async fn start(command: &str, ready: Option<&str>, deadline: Duration) -> Result<Self, SpawnError> {
        if !command.contains("{port}") {
            return Err(SpawnError::NoPort { command: masked(command) });
        }
        let port = free_port().map_err(SpawnError::Port)?;
        let command = command.replace("{port}", &port.to_string());
        let mut words = words::split(&command)
            .map_err(|source| SpawnError::Words { command: masked(&command), source })?
            .into_iter();
        let program = words.next().unwrap_or_default();
        let mut spawned = Self::run(&program, words, port)
            .map_err(|source| SpawnError::Run { program: masked(&program), source })?;
        spawned.wait_until_ready(&masked(&command), ready, deadline).await?;
        Ok(spawned)
    }

    fn run(program: &str, arguments: impl Iterator<Item = String>, port: u16) -> io::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A group of its own, so that what the server starts can be ended with it.
        #[cfg(unix)]
        let (watchdog, group) = watchdog()?;
        #[cfg(unix)]
        command.process_group(group.as_raw_nonzero().get());
        let mut child = command.spawn()?;
        let tail = Tail::default();
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|pipe| tokio::spawn(tail.clone().fill(pipe))));
        readers.extend(child.stderr.take().map(|pipe| tokio::spawn(tail.clone().fill(pipe))));
        Ok(Self {
            #[cfg(unix)]
            group: Some(group),
            #[cfg(unix)]
            watchdog,
            child,
            port,
            tail,
            readers,
        })
    }

    async fn wait_until_ready(
        &mut self,
        command: &str,
        ready: Option<&str>,
        deadline: Duration,
    ) -> Result<(), SpawnError> {
        let client = locked_down(&Limits::default()).tls_certs_only([]).build();
        let client = client.map_err(|error| SpawnError::Client(error.to_string()))?;
        let end = Instant::now() + deadline;
        let mut seen;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                self.kill_group();
                self.hear_out().await;
                return Err(SpawnError::Died { command: command.to_owned(), status, output: self.last_output() });
            }
            match timeout(LOOK, self.look(&client, ready)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(reason)) => seen = reason,
                Err(_) => seen = "it takes connections but doesn't answer".to_owned(),
            }
            if Instant::now() >= end {
                break;
            }
            sleep(POLL).await;
        }
        self.stop().await;
        Err(SpawnError::NeverReady { command: command.to_owned(), deadline, seen, output: self.last_output() })
    }

    /// One look at whether it is ready.
    async fn look(&self, client: &Client, ready: Option<&str>) -> Result<(), String> {
        let nobody = || "nothing listens there".to_owned();
        let Some(path) = ready else {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
            return is_listening(address).await.then_some(()).ok_or_else(nobody);
        };
        match client.get(format!("{}{path}", self.endpoint())).send().await {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!("GET {path} is answered by status {}", response.status().as_u16())),
            Err(error) if error.is_connect() => Err(nobody()),
            Err(_) => Err(format!("GET {path} gets no HTTP answer")),
        }
    }

    /// The address at which it listens.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The last it said on standard output and standard error, at most 200 lines and 32 KiB; secrets in it are hidden.
    #[must_use]
    pub fn last_output(&self) -> String {
        masked(&self.tail.text())
    }

    /// Asks the server and all it started to end, where the system has a way to ask.
    pub fn ask_to_end(&self) {
        #[cfg(unix)]
        if let Some(group) = self.group {
            // It fails when no process is left, which is what is wanted.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
        }
    }

    /// Asks the server and all it started to end, and ends what is left of them soon after.
    pub async fn stop(&mut self) {
        #[cfg(unix)]
        {
            self.ask_to_end();
            let _ = timeout(GRACE, self.child.wait()).await;
        }
        self.kill_group();
        let _ = timeout(GRACE, self.child.kill()).await;
        #[cfg(unix)]
        let _ = timeout(GRACE, self.watchdog.kill()).await;
        self.hear_out().await;
    }

    /// Waits for the readers to have read what was written before the end, but not for ever: a stray descendant may
    /// hold the pipes open.
    async fn hear_out(&mut self) {
        for reader in &mut self.readers {
            if timeout(LAST_WORDS, &mut *reader).await.is_err() {
                reader.abort();
            }
        }
        self.readers.clear();
    }

    /// Ends what is left of the group, once: its number may be that of others soon after its last process is gone.
    fn kill_group(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group.take() {
            // It fails when no process is left, which is what is wanted.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        // The child itself is also ended by `kill_on_drop`; this takes along what it started.
        self.kill_group();
        for reader in &self.readers {
            reader.abort();
        }
    }
}

/// Begins a process group by its watchdog.
#[cfg(unix)]
fn watchdog() -> io::Result<(Child, rustix::process::Pid)> {
    let watchdog = Command::new("/bin/sh")
        .args(["-c", WATCHDOG])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let id = watchdog.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    Ok((watchdog, id.ok_or(io::ErrorKind::NotFound)?))
}

/// A port that was free a moment ago. Another process may take it first; then the server says so and the start fails.
fn free_port() -> io::Result<u16> {
    // Not listened on: a process that is being started elsewhere in this program holds a copy of the socket for a
    // moment, and that must not be taken for the server.
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.local_addr().map(|address| address.port())
}

/// Whether a server listens there. A connection may also come about with itself, when the system happens to choose the
/// very port as the local one.
async fn is_listening(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok_and(|stream| stream.local_addr().is_ok_and(|local| local != address))
}
