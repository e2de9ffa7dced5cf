//! Lanes to a target: HTTP clients with one connection each, so that what happens to a connection can be known.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::ClientConfig;

use super::{Limits, Target};

/// A kept connection is trusted this long.
///
/// A server that closes idle connections does so after a second or more. Staying well below that is what keeps a
/// request that must not be sent twice from meeting a connection which is being closed at that moment.
const IDLE: Duration = Duration::from_millis(500);

/// The number of addresses of 127.0.0.0/8 that are taken in turn; with some 28,000 ports each that is more than any
/// server that closes each connection can use up within the minute a port needs to become free.
const MAX_ADDRESSES: u8 = 64;

/// One client, used by one call at a time.
pub(super) struct Lane {
    pub(super) client: Client,
    /// Whether the last answer left the connection open for another call.
    pub(super) kept: bool,
    /// Whether its client keeps connections at all.
    pub(super) pooled: bool,
    address: u8,
}

/// The lanes of one transport.
pub(super) struct Lanes {
    idle: Mutex<Vec<Lane>>,
    /// Whether connections are kept; given up for good once the target was seen to close them unannounced.
    reuse: AtomicBool,
    /// The number of the local address that new lanes bind to; 0 leaves the choice to the system.
    address: AtomicU8,
    can_rotate: bool,
    limits: Limits,
    /// Whom to trust; none where no TLS is spoken.
    tls: Option<Arc<ClientConfig>>,
    /// The names whose addresses were looked up once for all.
    pinned: Vec<(String, Vec<SocketAddr>)>,
}

impl Lanes {
    pub(super) fn new(
        target: &Target,
        ip: Option<IpAddr>,
        tls: Option<Arc<ClientConfig>>,
        pinned: Vec<(String, Vec<SocketAddr>)>,
    ) -> Self {
        // Elsewhere only 127.0.0.1 itself is an address of the machine unless more are added.
        let can_rotate = cfg!(target_os = "linux") && ip.is_some_and(|ip| ip.is_ipv4() && ip.is_loopback());
        Self {
            idle: Mutex::default(),
            reuse: AtomicBool::new(true),
            address: AtomicU8::new(0),
            can_rotate,
            limits: target.limits.clone(),
            tls,
            pinned,
        }
    }

    /// An idle lane, the one used last first, or a new one.
    pub(super) fn take(&self) -> Result<Lane, reqwest::Error> {
        let (reuse, address) = (self.reuse.load(Ordering::Relaxed), self.address.load(Ordering::Relaxed));
        let fits = |lane: &Lane| lane.pooled == reuse && lane.address == address;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.filter(fits).map_or_else(|| self.open(reuse, address), Ok)
    }

    pub(super) fn give_back(&self, lane: Lane) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lane);
    }

    /// From now on every call gets a connection of its own.
    pub(super) fn stop_reusing(&self) {
        self.reuse.store(false, Ordering::Relaxed);
    }

    /// Lets new lanes bind to the next local address; false where there is none that was not tried.
    pub(super) fn rotate(&self, exhausted: &Lane) -> bool {
        if !self.can_rotate {
            return false;
        }
        let next = exhausted.address + 1;
        // Of several calls that meet the same exhaustion one moves on; the others follow it.
        let moved = self.address.compare_exchange(
            exhausted.address,
            next % MAX_ADDRESSES,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        moved.is_err() || next < MAX_ADDRESSES
    }

    fn open(&self, pooled: bool, address: u8) -> Result<Lane, reqwest::Error> {
        let local = (self.can_rotate && address > 0).then(|| IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1 + address)));
        let builder = locked_down(&self.limits).pool_max_idle_per_host(usize::from(pooled)).local_address(local);
        // Without TLS there is no server to trust, and the certificates of the system need not be read.
        let builder = match &self.tls {
            None => builder.tls_certs_only([]),
            Some(tls) => builder.tls_backend_preconfigured(ClientConfig::clone(tls)),
        };
        let pin = |builder: ClientBuilder, (name, to): &(String, Vec<_>)| builder.resolve_to_addrs(name, to);
        let builder = self.pinned.iter().fold(builder, pin);
        Ok(Lane { client: builder.build()?, kept: false, pooled, address })
    }
}

/// A client that does what it is told and no more: no proxy, no redirect, no retry, no cookies, no decompression.
pub(super) fn locked_down(limits: &Limits) -> ClientBuilder {
    // An error means that a provider is in place already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("passmuster/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .no_proxy()
        .referer(false)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .tcp_nodelay(true)
        .connect_timeout(limits.connect_timeout)
        .pool_idle_timeout(IDLE)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use super::{Lanes, MAX_ADDRESSES, locked_down};
    use crate::targets::{Limits, Target, TransportError};

    fn lanes(ip: Ipv4Addr) -> Lanes {
        Lanes::new(&Target::default(), Some(IpAddr::V4(ip)), None, Vec::new())
    }

    #[tokio::test]
    async fn a_port_that_cannot_be_had_is_no_answer_of_the_target() {
        // An address kept for documentation is no address of this machine: binding to it fails as it does when the
        // ports are used up.
        let nowhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
        let client = locked_down(&Limits::default()).local_address(nowhere).tls_certs_only([]).build().unwrap();
        let error = client.get("http://127.0.0.1:9/").send().await.unwrap_err();
        let error = TransportError::before_body(&error, "http://127.0.0.1:9", Duration::ZERO, false);
        assert!(matches!(error, TransportError::PortsExhausted { .. }), "{error:?}");
        assert_eq!(error.fault_of_target(), None);
    }

    #[test]
    fn calls_that_meet_the_same_exhaustion_move_on_by_one_address_together() {
        let lanes = lanes(Ipv4Addr::LOCALHOST);
        let (first, second) = (lanes.take().unwrap(), lanes.take().unwrap());
        assert_eq!(lanes.rotate(&first), cfg!(target_os = "linux"));
        assert_eq!(lanes.rotate(&second), cfg!(target_os = "linux"));
        assert_eq!(lanes.take().unwrap().address, u8::from(cfg!(target_os = "linux")));
    }

    #[test]
    fn rotation_ends_when_every_address_was_tried() {
        let lanes = lanes(Ipv4Addr::LOCALHOST);
        let turns = (0..1000).take_while(|_| lanes.rotate(&lanes.take().unwrap())).count();
        assert!(turns < usize::from(MAX_ADDRESSES), "{turns}");
    }

    #[test]
    fn the_address_of_another_machine_is_never_reached_from_a_loopback_address() {
        let lanes = lanes(Ipv4Addr::new(192, 0, 2, 1));
        assert!(!lanes.rotate(&lanes.take().unwrap()));
        assert_eq!(lanes.take().unwrap().address, 0);
    }
}
