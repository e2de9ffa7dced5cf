//! Whose keys an account signs with, as the target itself says (`sts:GetCallerIdentity`).

use thiserror::Error;

use super::{Caller, HttpTransport, SystemUnderTest, TransportError};
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::HttpRequest;

/// The one question that is put to STS, besides the request for keys of a role.
pub(super) const QUESTION: &[u8] = b"Action=GetCallerIdentity&Version=2011-06-15";

/// The part of an answer that is looked at, in bytes.
const MOST_ANSWER: usize = 16 << 10;
/// The longest text that is taken from an answer.
const MOST_TEXT: usize = 200;

/// Why it is not known whose keys an account signs with. Fits after "failed to …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// There was no answer.
    #[error("find out whose keys account {account} signs with: could not {error}")]
    Transport {
        /// The account.
        account: String,
        /// Why there was none.
        error: TransportError,
    },
    /// The keys belong to another account.
    #[error(
        "sign as account {account}: its keys are those of {arn}, account {found}; name accounts and keys in the same order"
    )]
    Other {
        /// The account that was meant.
        account: String,
        /// The account that the keys belong to.
        found: String,
        /// Who signs with them.
        arn: String,
    },
    /// The answer says nothing.
    #[error(
        "find out whose keys account {account} signs with: GetCallerIdentity answered {status}{detail}; check the keys"
    )]
    Unclear {
        /// The account.
        account: String,
        /// The status.
        status: u16,
        /// The code of the error, if it has one.
        detail: String,
    },
}

/// The identity that a key pair stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: String,
    /// The user or role.
    pub arn: String,
}

impl HttpTransport {
    /// Makes sure that the keys of an account are its own. Only then the guard lets it change anything.
    ///
    /// # Errors
    ///
    /// When they are another's, or nobody can say.
    pub async fn identify(&self, caller: &Caller) -> Result<Identity, IdentityError> {
        let account = caller.account.to_string();
        let response = self.call(caller, form(QUESTION)).await;
        let response = response.map_err(|error| IdentityError::Transport { account: account.clone(), error })?;
        let body = String::from_utf8_lossy(response.body.get(..MOST_ANSWER).unwrap_or(&response.body));
        let unclear =
            |detail: String| IdentityError::Unclear { account: account.clone(), status: response.status, detail };
        if response.status != 200 {
            let code = element(&body, "Code", MOST_TEXT).map_or_else(String::new, |code| format!(" ({code})"));
            return Err(unclear(code));
        }
        let found =
            element(&body, "Account", MOST_TEXT).ok_or_else(|| unclear(" without an account".to_owned()))?;
        let arn = element(&body, "Arn", MOST_TEXT).unwrap_or_else(|| "nobody known".to_owned());
        if found != account {
            return Err(IdentityError::Other { account, found, arn });
        }
        self.guard.know(&found);
        Ok(Identity { account: found, arn })
    }
}

/// A request to STS.
pub(super) fn form(body: &[u8]) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        path: "/".into(),
        query: String::new(),
        headers: vec![("content-type".into(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())],
        body: body.to_vec(),
    }
}

/// The text of the first element of this name, so many characters at most.
pub(super) fn element(xml: &str, name: &str, most: usize) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim().chars().take(most).collect())
}
