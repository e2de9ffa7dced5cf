//! The chain by which the AWS tools find keys, beyond those that are written down: single sign-on, programs, roles,
//! containers, instances. It is in programs that are built with the feature `aws`.

use passmuster::targets::keys::KeyOrigin;

/// The words of a build without it.
pub(super) const MISSING: &str = if cfg!(feature = "aws") {
    "the whole chain of the AWS tools was asked"
} else {
    "this build reads only keys that are written down: take the packaged program, or build with `--features aws`"
};

/// The origin of a profile's keys, or of those of whoever calls; none where this build knows no such origin.
#[cfg(not(feature = "aws"))]
pub(super) const fn origin(_: Option<&str>) -> Option<KeyOrigin> {
    None
}

/// The origin of a profile's keys, or of those of whoever calls; none where this build knows no such origin.
#[cfg(feature = "aws")]
pub(super) fn origin(profile: Option<&str>) -> Option<KeyOrigin> {
    Some(KeyOrigin::Renewed(passmuster::targets::keys::RenewedKeys::new(linked::Chain::new(profile))))
}

#[cfg(feature = "aws")]
mod linked {
    use std::error::Error;

    use aws_config::default_provider::credentials::DefaultCredentialsChain;
    use aws_config::profile::ProfileFileCredentialsProvider;
    use aws_config::provider_config::ProviderConfig;
    use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
    use aws_smithy_http_client::Builder;
    use aws_smithy_http_client::tls::Provider;
    use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
    use tokio::sync::OnceCell;

    use passmuster::domain::Timestamp;
    use passmuster::targets::Credentials;
    use passmuster::targets::keys::{IssuedKeys, KeySource, KeysOnTheirWay};
    use passmuster::targets::secrets::masked;

    /// The causes of a failure that are told, and the longest text of them.
    const MOST_CAUSES: usize = 8;
    const MOST_TEXT: usize = 600;

    /// A profile, or the whole chain where none is named. It is set up when it is asked first.
    pub(super) struct Chain {
        profile: Option<String>,
        provider: OnceCell<SharedCredentialsProvider>,
    }

    impl Chain {
        pub(super) fn new(profile: Option<&str>) -> Self {
            Self { profile: profile.map(str::to_owned), provider: OnceCell::new() }
        }

        async fn set_up(&self) -> SharedCredentialsProvider {
            let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
            let config = ProviderConfig::without_region().with_http_client(client).load_default_region().await;
            match &self.profile {
                // A profile that is named comes before the keys of the environment.
                Some(name) => {
                    let builder = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name);
                    SharedCredentialsProvider::new(builder.build())
                }
                None => {
                    let builder = DefaultCredentialsChain::builder().configure(config);
                    SharedCredentialsProvider::new(builder.build().await)
                }
            }
        }

        fn failure(&self, error: &(dyn Error + 'static)) -> String {
            let causes = std::iter::successors(Some(error), |&error| error.source()).take(MOST_CAUSES);
            let causes: Vec<String> = causes.map(ToString::to_string).collect();
            let text: String = masked(&causes.join(": ").replace(';', ",")).chars().take(MOST_TEXT).collect();
            match &self.profile {
                Some(name) => format!(
                    "get keys of profile {name:?}: {text}; try `aws sts get-caller-identity --profile {name}`"
                ),
                None => format!("get keys of whoever calls: {text}; try `aws sts get-caller-identity`"),
            }
        }
    }

    impl KeySource for Chain {
        fn get(&self) -> KeysOnTheirWay<'_> {
            Box::pin(async move {
                let provider = self.provider.get_or_init(|| self.set_up()).await;
                let keys = provider.provide_credentials().await.map_err(|error| self.failure(&error))?;
                let since = keys.expiry().and_then(|end| end.duration_since(std::time::UNIX_EPOCH).ok());
                let end = since.and_then(|since| i64::try_from(since.as_millis()).ok());
                let credentials = Credentials {
                    access_key: keys.access_key_id().to_owned(),
                    secret_key: keys.secret_access_key().to_owned(),
                    session_token: keys.session_token().map(str::to_owned),
                };
                Ok(IssuedKeys { credentials, expires: end.map(Timestamp) })
            })
        }
    }
}
