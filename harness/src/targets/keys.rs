//! The keys of an account: those that stay, those that a source renews, and those of a role that is assumed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{Credentials, TransportError};
use passmuster_contract::domain::{Account, Timestamp, printable};

/// A source that has not given keys by then is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Keys are renewed this long before their end, in milliseconds, or earlier than that by no more than a quarter of their
/// life.
const MARGIN: i64 = 5 * 60_000;
/// For so long a failure is told to everybody who asks, and the source is left alone.
const REST: Duration = Duration::from_secs(5);

/// Keys, with the instant at which they stop being good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedKeys {
    /// The keys.
    pub credentials: Credentials,
    /// Their end; none where they have none, or nobody knows it.
    pub expires: Option<Timestamp>,
}

/// The future of keys: why there are none fits after "failed to …".
pub type KeysOnTheirWay<'a> = Pin<Box<dyn Future<Output = Result<IssuedKeys, String>> + Send + 'a>>;

/// A source of keys, which is asked again when those that it gave come to their end.
pub trait KeySource: Send + Sync {
    /// Gets keys that are good now.
    fn get(&self) -> KeysOnTheirWay<'_>;
}

/// The origin of an account's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// Keys that stay as they are.
    Fixed(Credentials),
    /// A source that renews them.
    Renewed(RenewedKeys),
    /// A role that is assumed by means of other keys.
    Role(RoleKeys),
}

impl From<Credentials> for KeyOrigin {
    fn from(credentials: Credentials) -> Self {
        Self::Fixed(credentials)
    }
}

impl KeyOrigin {
    /// The keys that are always the same.
    pub(super) const fn fixed(&self) -> Option<&Credentials> {
        match self {
            Self::Fixed(credentials) => Some(credentials),
            Self::Renewed(_) | Self::Role(_) => None,
        }
    }
}

/// Keys that a source gives. Copies share them.
#[derive(Clone)]
pub struct RenewedKeys(pub(super) Arc<Renewed>);

/// A source, and what it gave last.
pub(super) struct Renewed {
    pub(super) source: Box<dyn KeySource>,
    pub(super) cache: KeyCache,
}

impl RenewedKeys {
    /// Keys from a source.
    pub fn new(source: impl KeySource + 'static) -> Self {
        Self(Arc::new(Renewed { source: Box::new(source), cache: KeyCache::default() }))
    }
}

impl PartialEq for RenewedKeys {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for RenewedKeys {}

impl fmt::Debug for RenewedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RenewedKeys").finish_non_exhaustive()
    }
}

/// A role in an account, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    arn: String,
    account: String,
    external_id: Option<String>,
}

impl AssumedRole {
    /// The role of this ARN; none where that names no role.
    #[must_use]
    pub fn parse(arn: &str, external_id: Option<&str>) -> Option<Self> {
        let (_, account) = role_parts(arn)?;
        Account::from_digits(account)?;
        let (arn, account) = (arn.to_owned(), account.to_owned());
        Some(Self { arn, account, external_id: external_id.map(str::to_owned) })
    }

    /// The ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The account that the role is in.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The text by which whoever assumes it says on whose behalf.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }
}

/// The partition and the account in the ARN of a role; none where it is no such ARN.
#[must_use]
pub fn role_parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, role) = (parts.next()?, parts.next()?, parts.next()?.strip_prefix("role/")?);
    // The letters that IAM takes in paths and names of roles.
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&byte);
    let is_role = prefix == "arn" && service == "iam" && region.is_empty() && role.bytes().all(legal);
    (is_role && !partition.is_empty() && !role.is_empty() && !role.ends_with('/')).then_some((partition, account))
}

/// The keys of a role. Copies share them.
#[derive(Clone)]
pub struct RoleKeys(pub(super) Arc<RoleSession>);

/// A role, the keys that assume it, and those that were given for it last.
pub(super) struct RoleSession {
    pub(super) role: AssumedRole,
    pub(super) base: KeyOrigin,
    pub(super) cache: KeyCache,
}

impl RoleKeys {
    /// Keys of a role that these assume.
    #[must_use]
    pub fn new(role: AssumedRole, base: KeyOrigin) -> Self {
        Self(Arc::new(RoleSession { role, base, cache: KeyCache::default() }))
    }
}

impl PartialEq for RoleKeys {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for RoleKeys {}

impl fmt::Debug for RoleKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleKeys").field("role", &self.0.role).finish_non_exhaustive()
    }
}

/// The keys that were got last. Whoever needs others while they are got waits for the same.
pub(super) struct KeyCache {
    state: Mutex<CacheState>,
    patience: Duration,
    rest: Duration,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self { state: Mutex::default(), patience: PATIENCE, rest: REST }
    }
}

#[derive(Default)]
struct CacheState {
    held: Option<HeldKeys>,
    failed: Option<(Instant, TransportError)>,
}

struct HeldKeys {
    credentials: Credentials,
    renew_at: Option<Timestamp>,
    expires: Option<Timestamp>,
}

impl HeldKeys {
    fn new(keys: IssuedKeys, at: Timestamp) -> Self {
        // What seems to be over is used until the target says so: it may be the clock that is wrong.
        let life = keys.expires.map(|expires| expires.0.saturating_sub(at.0)).filter(|life| *life > 0);
        let renew_at = keys.expires.zip(life).map(|(end, life)| Timestamp(end.0 - MARGIN.min(life / 4)));
        Self { credentials: keys.credentials, renew_at, expires: keys.expires }
    }
}

impl KeyCache {
    /// The keys that are held, or new ones where those are about to end, or are the `stale` ones. `fetch` is awaited
    /// only then, by one caller for all, and not for ever.
    pub(super) async fn keys(
        &self,
        at: Timestamp,
        stale: Option<&Credentials>,
        fetch: impl Future<Output = Result<IssuedKeys, TransportError>>,
    ) -> Result<Credentials, TransportError> {
        let mut state = self.state.lock().await;
        let held = state.held.as_ref().filter(|held| stale != Some(&held.credentials));
        if let Some(held) = held.filter(|held| held.renew_at.is_none_or(|renew_at| at < renew_at)) {
            return Ok(held.credentials.clone());
        }
        // An attempt that is made early enough may fail: there is time for another.
        let still_good = held.filter(|held| held.expires.is_some_and(|expires| at < expires));
        let still_good = still_good.map(|held| held.credentials.clone());
        if let Some((when, error)) = &state.failed
            && when.elapsed() < self.rest
        {
            return still_good.ok_or_else(|| error.clone());
        }
        let patience = self.patience;
        let late =
            |_| Err(TransportError::NoKeys(format!("get keys within {patience:?}; see what keeps their source")));
        match timeout(patience, fetch).await.unwrap_or_else(late) {
            Ok(keys) => {
                let credentials = keys.credentials.clone();
                *state = CacheState { held: Some(HeldKeys::new(keys, at)), failed: None };
                Ok(credentials)
            }
            Err(error) => {
                state.failed = Some((Instant::now(), error.clone()));
                still_good.ok_or(error)
            }
        }
    }
}

/// A failure of a source, in words that may be shown.
pub(super) fn no_keys(reason: &str) -> TransportError {
    TransportError::NoKeys(printable(reason).into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::{JoinSet, yield_now};

    use super::*;

    const MINUTE: i64 = 60_000;

    fn issued(number: usize, expires: Option<i64>) -> IssuedKeys {
        let credentials = Credentials { access_key: number.to_string(), ..Credentials::default() };
        IssuedKeys { credentials, expires: expires.map(Timestamp) }
    }

    /// A source that counts how often it is asked.
    struct Counting {
        cache: KeyCache,
        asked: AtomicUsize,
    }

    impl Counting {
        /// A source that is left alone for so long after a failure.
        fn resting(rest: Duration) -> Self {
            Self { cache: KeyCache { rest, ..KeyCache::default() }, asked: AtomicUsize::new(0) }
        }

        /// The number of the keys that are good at this minute, where those that are got last so many.
        async fn at(&self, minute: i64, stale: Option<&Credentials>, life: Option<i64>) -> Result<String, String> {
            let fetch = async {
                let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
                for _ in 0..100 {
                    yield_now().await;
                }
                match life {
                    Some(0) => Err(no_keys("get any")),
                    life => Ok(issued(number, life.map(|life| (minute + life) * MINUTE))),
                }
            };
            let keys = self.cache.keys(Timestamp(minute * MINUTE), stale, fetch).await;
            keys.map(|keys| keys.access_key).map_err(|error| error.to_string())
        }
    }

    #[tokio::test]
    async fn keys_are_renewed_before_their_end_and_when_they_are_called_stale() {
        let source = Counting::resting(Duration::ZERO);
        let at = async |minute, life| source.at(minute, None, life).await.unwrap();
        assert_eq!([at(0, Some(60)).await, at(54, Some(60)).await], ["1", "1"]);
        assert_eq!(at(55, Some(60)).await, "2");
        let stale = issued(2, None).credentials;
        assert_eq!(source.at(56, Some(&stale), Some(60)).await.unwrap(), "3");
        // Whoever comes with older keys takes those that others have got.
        assert_eq!(source.at(56, Some(&stale), Some(60)).await.unwrap(), "3");
        // A short life is not all margin, and what has no end is kept.
        assert_eq!([at(112, Some(4)).await, at(114, Some(4)).await, at(115, None).await], ["4", "4", "5"]);
        assert_eq!(at(1_000_000, Some(1)).await, "5");
    }

    #[tokio::test]
    async fn callers_at_once_share_one_renewal_and_one_failure() {
        let source = Arc::new(Counting::resting(Duration::from_secs(3_600)));
        for (life, expected) in [(Some(60), Ok("1".to_owned())), (Some(0), Err("get any".to_owned()))] {
            let mut callers = JoinSet::new();
            for _ in 0..20 {
                let source = source.clone();
                let stale = life.is_some_and(|life| life == 0).then(|| issued(1, None).credentials);
                callers.spawn(async move { source.at(0, stale.as_ref(), life).await });
            }
            assert!(callers.join_all().await.iter().all(|keys| *keys == expected));
        }
        assert_eq!(source.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_renewal_that_fails_early_costs_nothing_and_one_that_hangs_is_given_up() {
        let source = Counting::resting(Duration::ZERO);
        assert_eq!(source.at(0, None, Some(60)).await.unwrap(), "1");
        assert_eq!(source.at(56, None, Some(0)).await.unwrap(), "1");
        assert!(source.at(60, None, Some(0)).await.is_err());
        assert_eq!(source.at(61, None, Some(60)).await.unwrap(), "4");
        let hanging = std::future::pending::<Result<IssuedKeys, TransportError>>();
        let impatient = KeyCache { patience: Duration::from_millis(1), ..KeyCache::default() };
        let error = impatient.keys(Timestamp(0), None, hanging).await.unwrap_err();
        assert!(error.to_string().starts_with("get keys within 1ms"), "{error}");
    }

    #[test]
    fn the_arn_of_a_role_tells_its_partition_and_account() {
        for (arn, parts) in [
            ("arn:aws:iam::111111111111:role/a", Some(("aws", "111111111111"))),
            ("arn:aws-cn:iam::111111111111:role/path/a_b+c=d,e.f@g-h", Some(("aws-cn", "111111111111"))),
            ("arn:aws:iam::{account}:role/a", Some(("aws", "{account}"))),
            ("arn:aws:iam::111111111111:role/", None),
            ("arn:aws:iam::111111111111:role/a/", None),
            ("arn:aws:iam::111111111111:role/a b", None),
            ("arn:aws:iam::111111111111:user/a", None),
            ("arn:aws:iam:eu-west-1:111111111111:role/a", None),
            ("arn:aws:sts::111111111111:role/a", None),
            ("", None),
        ] {
            assert_eq!(role_parts(arn), parts, "{arn}");
        }
        assert!(AssumedRole::parse("arn:aws:iam::{account}:role/a", None).is_none());
    }
}
