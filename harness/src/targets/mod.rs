//! Targets: how to reach one, how to treat it, and the one way of calling it.
//!
//! A target is hostile until proved otherwise: every body, wait and retry in this layer has a limit, and nothing
//! leaves it without passing [`guard::Guard`].

mod assume;
mod clock;
pub mod endpoint;
mod failure;
pub mod footprint;
pub mod guard;
pub mod identity;
mod in_process;
mod incoming;
pub mod journal;
pub mod keys;
mod lane;
mod manners;
mod named;
mod organization;
pub mod presets;
mod raw;
pub mod reset;
pub mod restore;
mod scheme;
pub mod scope;
pub mod secrets;
pub mod sign;
pub mod spawn;
mod tail;
mod tls;
mod transport;
pub mod version;
mod words;

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keys::KeyOrigin;
use passmuster_contract::domain::Account;
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::{HttpRequest, HttpResponse};

pub(crate) use clock::write_date;
pub use failure::{CallStage, TransportError};
pub use in_process::InProcess;
pub use named::may_be_account;
pub use organization::OrganizationSetup;
pub use raw::{ConnectionEnd, Garbage, RawAnswer, RawConnection, RawExchange};
pub(crate) use transport::now;
pub use transport::{HttpTransport, SetupError, fresh_nonce};
pub use words::WordsError;

/// Anything that can take a call.
pub trait SystemUnderTest: Send + Sync {
    /// Sends one request on behalf of `caller` and waits for the whole answer.
    ///
    /// An `Err` is never an answer of the target: it says that none was received, and why.
    fn call(
        &self,
        caller: &Caller,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send;

    /// Whether waiting can change what it answers.
    fn may_lag(&self) -> bool {
        true
    }
}

impl<S: SystemUnderTest> SystemUnderTest for Arc<S> {
    fn call(
        &self,
        caller: &Caller,
        request: HttpRequest,
    ) -> impl Future<Output = Result<HttpResponse, TransportError>> + Send {
        S::call(self, caller, request)
    }

    fn may_lag(&self) -> bool {
        S::may_lag(self)
    }
}

/// The account that calls, and the Region. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    /// The account, by its twelve-digit id.
    pub account: Arc<str>,
    /// The real name of a Region.
    pub region: Arc<str>,
}

impl Caller {
    /// A caller by account id and Region name.
    #[must_use]
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.into(), region: region.into() }
    }
}

/// A key pair, with the session token that temporary keys need.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key. Never printed.
    pub secret_key: String,
    /// The session token of temporary credentials. Never printed.
    pub session_token: Option<String>,
}

impl Default for Credentials {
    /// The pair that stand-ins take which do not verify signatures.
    fn default() -> Self {
        Self { access_key: "test".to_owned(), secret_key: "test".to_owned(), session_token: None }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The means by which a target learns which account calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountSelection {
    /// The twelve-digit account id is sent as the access key id (most stand-ins).
    AccessKey,
    /// The account id is sent in a header of this name, in lower case (moto).
    Header(String),
    /// There is one account, and it has this id; a call by any other is refused.
    Single(String),
    /// Each account signs with its own keys (AWS); a call by an account that is not listed is refused.
    Keys(Vec<(String, KeyOrigin)>),
}

impl AccountSelection {
    /// The origin of the keys of an account that is listed.
    #[must_use]
    pub fn origin(&self, account: &str) -> Option<&KeyOrigin> {
        match self {
            Self::Keys(keys) => keys.iter().find(|(name, _)| name == account).map(|(_, origin)| origin),
            Self::AccessKey | Self::Header(_) | Self::Single(_) => None,
        }
    }
}

/// A request that makes a target forget its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// The method.
    pub method: Method,
    /// The path, beginning with `/`.
    pub path: String,
}

/// The most of a target's time and data that is taken before it is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// For a call as a whole: connecting, sending, the head of the answer, and all of its body.
    pub request_timeout: Duration,
    /// The least time from one call to the next.
    pub pause: Duration,
    /// The largest body that is read, in bytes.
    pub max_body: usize,
    /// The most pages that are followed in one walk through a list.
    pub max_pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(2),
            request_timeout: Duration::from_secs(10),
            pause: Duration::ZERO,
            max_body: 4 << 20,
            max_pages: 400,
        }
    }
}

/// A system under test, with all that says how to reach and treat it; [`presets`] fill it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name in reports, and of the folder of its baseline.
    pub name: String,
    /// The address, `http://127.0.0.1:5000` say; `{region}` in it is replaced, and `{domain}`
    /// by that of its partition. None for the embedded server.
    pub endpoint: Option<String>,
    /// The address of STS, where that is another.
    pub sts: Option<String>,
    /// The accounts there are, where no others may be made up: those of somebody.
    pub cast: Option<Vec<Account>>,
    /// The means by which it learns which account calls.
    pub accounts: AccountSelection,
    /// The source of an organization.
    pub organization: OrganizationSetup,
    /// Whether hubs are on from the start, whatever the target says to `EnableSecurityHub`.
    pub given_hubs: bool,
    /// Whether it answers a page of HTML with status 500 where it lacks an operation, as it does where one crashes.
    pub lacks_by_error_page: bool,
    /// The Regions a run may use; the first is the one most calls go to.
    pub regions: Vec<String>,
    /// The most that is taken from it before it is given up.
    pub limits: Limits,
    /// A path that answers once it is up; without one a connection is proof enough.
    pub ready: Option<String>,
    /// A path that answers a JSON object with its `version`, where one is known.
    pub version_at: Option<String>,
    /// The certificates (PEM) to trust for `https` instead of those of the system.
    pub ca: Option<PathBuf>,
    /// The keys to sign with, where [`Target::accounts`] doesn't say otherwise.
    pub credentials: Credentials,
    /// A line for `--spawn` that starts it, where one is known.
    pub spawn_hint: Option<String>,
    /// A request for `--reset` that clears its state, where one is known. It is not made unasked: without it each
    /// scenario takes fresh accounts, and several go on at once.
    pub reset_hint: Option<String>,
}

impl Target {
    /// A target at an address, otherwise as most stand-ins are.
    #[must_use]
    pub fn at(endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..Self::default() }
    }
}

impl Default for Target {
    fn default() -> Self {
        Self {
            name: "custom".to_owned(),
            endpoint: None,
            sts: None,
            cast: None,
            accounts: AccountSelection::AccessKey,
            organization: OrganizationSetup::default(),
            given_hubs: false,
            lacks_by_error_page: false,
            regions: vec!["us-east-1".to_owned(), "eu-west-1".to_owned()],
            limits: Limits::default(),
            ready: None,
            version_at: None,
            ca: None,
            credentials: Credentials::default(),
            spawn_hint: None,
            reset_hint: None,
        }
    }
}
