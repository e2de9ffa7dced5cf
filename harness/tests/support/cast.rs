//! A reference server at a socket, and the accounts of somebody on it.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use passmuster::domain::Account;
use passmuster::engine::{HttpSupply, RunSettings};
use passmuster::fitted;
use passmuster::server::{Listener, Reference, ServerSettings};
use passmuster::targets::footprint::Footprint;
use passmuster::targets::guard::Guard;
use passmuster::targets::journal::{Journal, JournalHead};
use passmuster::targets::{Caller, HttpTransport, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub(crate) const ACCOUNTS: [&str; 3] = ["111111111111", "222222222222", "333333333333"];
pub(crate) const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// Serves until the test ends.
pub(crate) async fn reference(settings: ServerSettings) -> String {
    let listener = Listener::bind(0, Duration::ZERO).await.unwrap();
    let endpoint = listener.endpoint();
    tokio::spawn(async move {
        listener.serve(Reference::with(settings)).await;
    });
    endpoint
}

/// A target whose accounts are somebody's.
pub(crate) fn target(endpoint: &str) -> Target {
    let cast = ACCOUNTS.iter().map(|id| Account::from_digits(id).unwrap()).collect();
    Target { cast: Some(cast), ..Target::at(endpoint) }
}

/// A way there that is still closed to changes.
pub(crate) fn closed(endpoint: &str) -> HttpTransport {
    HttpTransport::new(target(endpoint), Guard::allowing(ACCOUNTS, 100_000)).unwrap()
}

/// A new journal in a folder for temporary files.
pub(crate) fn journal(name: &str, endpoint: &str) -> (PathBuf, Journal) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.journal", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let (accounts, regions) = (ACCOUNTS.map(str::to_owned).to_vec(), REGIONS.map(str::to_owned).to_vec());
    let head = JournalHead::new("custom", endpoint, accounts, regions, String::new());
    let journal = Journal::create(&path, &head).unwrap();
    (path, journal)
}

/// Makes sure whose keys there are.
pub(crate) async fn identified(transport: &HttpTransport) {
    for account in ACCOUNTS {
        transport.identify(&Caller::new(account, REGIONS[0])).await.unwrap();
    }
}

/// A run on these accounts, open to changes.
pub(crate) async fn opened(endpoint: &str, journal: Journal, most: u64) -> (Arc<HttpSupply>, RunSettings) {
    let transport = closed(endpoint);
    identified(&transport).await;
    transport.guard().permit_changes(journal, most);
    let settings = fitted(RunSettings::default(), transport.target()).unwrap();
    (Arc::new(HttpSupply { transport: transport.into(), reset: None }), settings)
}

/// What is left on the server, looked at with all hubs on: who has none is told of nothing.
pub(crate) async fn left(endpoint: &str) -> Vec<String> {
    use passmuster::domain::{Document, Operation};
    use passmuster::targets::SystemUnderTest;
    let transport = HttpTransport::new(Target::at(endpoint), Guard::default()).unwrap();
    let mut left = Vec::new();
    for region in REGIONS {
        let callers = ACCOUNTS.map(|account| Caller::new(account, region));
        for caller in &callers {
            let found = Footprint::read(&transport, caller).await.unwrap();
            if !found.is_empty() {
                left.push(format!("{} in {region}: {found}", caller.account));
            }
        }
        for operation in [Operation::EnableSecurityHub, Operation::DisableSecurityHub] {
            for caller in &callers {
                let request = passmuster::wire::encode_request(operation, &Document::new());
                transport.call(caller, request).await.unwrap();
            }
            for caller in &callers {
                let found = Footprint::read(&transport, caller).await.unwrap();
                if !found.is_alone() {
                    left.push(format!("{} in {region}, hidden: {found}", caller.account));
                }
            }
        }
    }
    left
}

/// Counts the requests that pass, and lets none pass after so many.
pub(crate) struct Gate {
    pub(crate) endpoint: String,
    pub(crate) shut: Arc<Notify>,
    state: Arc<GateState>,
}

struct GateState {
    server: String,
    most: u64,
    passed: AtomicU64,
    is_shut: AtomicBool,
    shut: Arc<Notify>,
}

impl Gate {
    /// A gate before a server. The request that shuts it still passes where `passes` says so.
    pub(crate) async fn before(server: &str, most: u64, passes: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shut = Arc::new(Notify::new());
        let state = Arc::new(GateState {
            server: server.trim_start_matches("http://").to_owned(),
            most,
            passed: AtomicU64::new(0),
            is_shut: AtomicBool::new(false),
            shut: shut.clone(),
        });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let state = shared.clone();
                tokio::spawn(async move { state.carry(client, passes).await });
            }
        });
        Self { endpoint, shut, state }
    }

    pub(crate) fn passed(&self) -> u64 {
        self.state.passed.load(Ordering::SeqCst)
    }
}

impl GateState {
    async fn carry(&self, mut client: TcpStream, passes: bool) -> io::Result<()> {
        if self.is_shut.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut server = TcpStream::connect(&self.server).await?;
        let (mut asked, mut answered) = ([0; 16 << 10], [0; 16 << 10]);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let bytes = &asked[..read?];
                    if bytes.is_empty() || self.is_shut.load(Ordering::SeqCst) {
                        return Ok(());
                    }
                    let heads = bytes.windows(11).filter(|window| *window == b" HTTP/1.1\r\n").count() as u64;
                    let is_last = self.passed.fetch_add(heads, Ordering::SeqCst) + heads >= self.most;
                    if is_last {
                        self.is_shut.store(true, Ordering::SeqCst);
                    }
                    if !is_last || passes {
                        server.write_all(bytes).await?;
                    }
                    if is_last {
                        if passes {
                            // The answer shows that the server has done it.
                            let _ = server.read(&mut answered).await;
                        }
                        self.shut.notify_one();
                        return Ok(());
                    }
                }
                read = server.read(&mut answered) => {
                    let bytes = &answered[..read?];
                    if bytes.is_empty() {
                        return Ok(());
                    }
                    client.write_all(bytes).await?;
                }
            }
        }
    }
}
