//! The typed input of an operation, in terms of the scenario's accounts. A request can be wrong on purpose.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Account, AccountRef, Document, Naming, Operation, Region};

/// One operation with its input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The operation called.
    pub operation: Operation,
    /// Its members.
    pub input: Input,
}

/// The members of a request. `None` is a member that is not sent, whether required or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// Operations without input.
    Empty,
    /// `EnableSecurityHub`
    Enable {
        /// `EnableDefaultStandards`
        standards: Option<bool>,
        /// `ControlFindingGenerator`
        generator: Option<String>,
        /// `Tags`
        tags: Option<BTreeMap<String, String>>,
    },
    /// `DescribeHub`, with `HubArn`
    Describe(Option<HubArn>),
    /// `UpdateSecurityHubConfiguration`
    Configure {
        /// `AutoEnableControls`
        auto_enable_controls: Option<bool>,
        /// `ControlFindingGenerator`
        generator: Option<String>,
    },
    /// `CreateMembers`, with `AccountDetails`
    Create(Option<Vec<AccountDetail>>),
    /// Every operation whose input is `AccountIds`
    Accounts(Option<Vec<AccountRef>>),
    /// Every paged read
    Page(Page),
    /// `AcceptAdministratorInvitation` and `AcceptInvitation`
    Accept {
        /// `AdministratorId` or `MasterId`
        administrator: Option<AccountRef>,
        /// `InvitationId`
        invitation: Option<InvitationRef>,
    },
    /// Every operation whose input is one account: `AdminAccountId`, `AccountId`, and the `AccountName` by which
    /// `CreateAccount` tells which account of the scenario is meant
    Account(Option<AccountRef>),
    /// `UpdateOrganizationConfiguration`
    Organize {
        /// `AutoEnable`
        auto_enable: Option<bool>,
        /// `AutoEnableStandards`
        standards: Option<String>,
        /// `ConfigurationType` of `OrganizationConfiguration`
        configuration: Option<String>,
    },
    /// `BatchEnableStandards` and `BatchDisableStandards`, by `StandardsArn` and `StandardsSubscriptionArns`
    Standards(Option<Vec<String>>),
    /// `BatchImportFindings`, with `Findings`
    Import(Option<Vec<FindingRef>>),
    /// A request that the model doesn't look into: its members as JSON text, so that requests stay ordered.
    Open(String),
}

/// A finding, as it is imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingRef {
    /// `AwsAccountId`
    pub account: AccountRef,
    /// `Id`
    pub id: String,
    /// `ProductArn`
    pub product: ProductRef,
}

/// The product that a finding is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProductRef {
    /// The default product of the caller in the Region of the call.
    #[default]
    Own,
    /// The default product of an account in a Region.
    Default(Account, Region),
    /// Any other.
    Text(String),
}

/// One entry of `AccountDetails`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountDetail {
    /// `AccountId`
    pub account: Option<AccountRef>,
    /// `Email`
    pub email: Option<String>,
}

/// Members of a paged read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Page {
    /// `OnlyAssociated` (`ListMembers` only): `true`, `false`, or wrong on purpose
    pub only_associated: Option<String>,
    /// `MaxResults`
    pub max_results: Option<i64>,
    /// `NextToken`; where absent, a run follows the pages to the end
    pub next_token: Option<String>,
}

/// The value of `HubArn`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HubArn {
    /// A well-formed ARN of some account's default hub in some Region.
    Of(Account, Region),
    /// Any other text.
    Text(String),
}

/// The value of `InvitationId`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvitationRef {
    /// The id last seen for an invitation from this account to the caller.
    Latest(Account),
    /// The id seen before the last, from this account to the caller.
    Previous(Account),
    /// A well-formed id that was never given.
    Unknown,
    /// This text.
    Text(String),
}

impl InvitationRef {
    /// A well-formed id that no server hands out.
    pub const UNKNOWN: &'static str = "0000000000000000000000000000dead";
}

/// The name that trusted access is given to.
pub(super) const SERVICE_PRINCIPAL: &str = "securityhub.amazonaws.com";

const LATEST: &str = "invitation from ";
const PREVIOUS: &str = "earlier invitation from ";

impl Request {
    /// A request of an operation without input.
    #[must_use]
    pub const fn empty(operation: Operation) -> Self {
        Self { operation, input: Input::Empty }
    }

    /// A request of an operation whose input is `AccountIds`.
    #[must_use]
    pub fn accounts(operation: Operation, accounts: impl IntoIterator<Item = Account>) -> Self {
        Self { operation, input: Input::Accounts(Some(accounts.into_iter().map(AccountRef::Account).collect())) }
    }

    /// The members as they travel, with the strings that `naming` gives accounts and invitations.
    #[must_use]
    pub fn to_document(&self, caller: Account, region: Region, naming: &impl Naming) -> Document {
        let mut document = Document::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                document.insert(name.to_owned(), value);
            }
        };
        match &self.input {
            Input::Empty => {}
            Input::Enable { standards, generator, tags } => {
                put("EnableDefaultStandards", standards.map(Value::from));
                put("ControlFindingGenerator", generator.clone().map(Value::from));
                put("Tags", tags.as_ref().map(|tags| json!(tags)));
            }
            Input::Describe(arn) => put("HubArn", arn.as_ref().map(|arn| arn.text(naming).into())),
            Input::Configure { auto_enable_controls, generator } => {
                put("AutoEnableControls", auto_enable_controls.map(Value::from));
                put("ControlFindingGenerator", generator.clone().map(Value::from));
            }
            Input::Create(details) => put(
                "AccountDetails",
                details.as_ref().map(|details| details.iter().map(|entry| entry.to_value(naming)).collect()),
            ),
            Input::Accounts(accounts) => put(
                "AccountIds",
                accounts.as_ref().map(|accounts| accounts.iter().map(|id| account_text(id, naming)).collect()),
            ),
            Input::Page(page) => {
                put("OnlyAssociated", page.only_associated.as_deref().map(flag));
                put("MaxResults", page.max_results.map(Value::from));
                put("NextToken", page.next_token.clone().map(Value::from));
            }
            Input::Accept { administrator, invitation } => {
                let name = self.administrator_member();
                put(name, administrator.as_ref().map(|id| account_text(id, naming).into()));
                put("InvitationId", invitation.as_ref().map(|id| naming.invitation(caller, id).into()));
            }
            Input::Account(id) => {
                let text = id.as_ref().map(|id| account_text(id, naming));
                if self.operation == Operation::CreateAccount {
                    let email = |name: &String| format!("{}@example.com", name.trim_start_matches('@'));
                    put("Email", text.as_ref().map(email).map(Value::from));
                }
                put(self.account_member(), text.map(Value::from));
            }
            Input::Organize { auto_enable, standards, configuration } => {
                put("AutoEnable", auto_enable.map(Value::from));
                put("AutoEnableStandards", standards.clone().map(Value::from));
                let configuration = configuration.as_ref().map(|value| json!({ "ConfigurationType": value }));
                put("OrganizationConfiguration", configuration);
            }
            Input::Standards(arns) if self.operation == Operation::BatchEnableStandards => {
                let request = |arn: &String| json!({ "StandardsArn": arn });
                put("StandardsSubscriptionRequests", arns.as_ref().map(|arns| arns.iter().map(request).collect()));
            }
            Input::Standards(arns) => put("StandardsSubscriptionArns", arns.as_ref().map(|arns| json!(arns))),
            Input::Import(findings) => {
                let finding = |finding: &FindingRef| finding.to_value(caller, region, naming);
                put("Findings", findings.as_ref().map(|findings| findings.iter().map(finding).collect()));
            }
            Input::Open(text) => return serde_json::from_str(text).unwrap_or_default(),
        }
        if self.operation.is_setup()
            && self.operation.shape().input.iter().any(|member| member.name == "ServicePrincipal")
        {
            document.insert("ServicePrincipal".to_owned(), SERVICE_PRINCIPAL.into());
        }
        document
    }

    fn account_member(&self) -> &'static str {
        account_member(self.operation)
    }

    fn administrator_member(&self) -> &'static str {
        administrator_member(self.operation)
    }

    /// A well-formed account id that stands as text where names are wanted.
    #[must_use]
    pub fn literal_account(&self) -> Option<&str> {
        self.account_texts().find(|text| Account::from_digits(text).is_some())
    }

    /// Whether every id in the request is well formed.
    #[must_use]
    pub fn names_only_accounts(&self) -> bool {
        match &self.input {
            Input::Create(Some(details)) => {
                details.iter().all(|detail| detail.account.as_ref().is_some_and(|id| id.account().is_some()))
            }
            Input::Accounts(Some(accounts)) => accounts.iter().all(|id| id.account().is_some()),
            Input::Account(id) => id.as_ref().is_some_and(|id| id.account().is_some()),
            Input::Empty
            | Input::Enable { .. }
            | Input::Describe(_)
            | Input::Configure { .. }
            | Input::Create(None)
            | Input::Accounts(None)
            | Input::Page(_)
            | Input::Accept { .. }
            | Input::Organize { .. }
            | Input::Standards(_)
            | Input::Import(_)
            | Input::Open(_) => true,
        }
    }

    /// Every text that the request has in the place of an account.
    pub fn account_texts(&self) -> impl Iterator<Item = &str> {
        let accounts: Vec<&AccountRef> = match &self.input {
            Input::Create(Some(details)) => details.iter().filter_map(|detail| detail.account.as_ref()).collect(),
            Input::Accounts(Some(accounts)) => accounts.iter().collect(),
            Input::Accept { administrator: Some(account), .. } | Input::Account(Some(account)) => vec![account],
            Input::Import(Some(findings)) => findings.iter().map(|finding| &finding.account).collect(),
            Input::Empty
            | Input::Enable { .. }
            | Input::Describe(_)
            | Input::Configure { .. }
            | Input::Create(None)
            | Input::Accounts(None)
            | Input::Page(_)
            | Input::Accept { administrator: None, .. }
            | Input::Account(None)
            | Input::Organize { .. }
            | Input::Standards(_)
            | Input::Import(None)
            | Input::Open(_) => Vec::new(),
        };
        accounts.into_iter().filter_map(|account| match account {
            AccountRef::Text(text) => Some(text.as_str()),
            AccountRef::Account(_) => None,
        })
    }

    /// Every well-formed account the request names, in order, repeated where it repeats.
    #[must_use]
    pub fn named_accounts(&self) -> Vec<Account> {
        match &self.input {
            Input::Create(Some(details)) => {
                details.iter().filter_map(|detail| detail.account.as_ref()?.account()).collect()
            }
            Input::Accounts(Some(accounts)) => accounts.iter().filter_map(AccountRef::account).collect(),
            Input::Accept { administrator: Some(AccountRef::Account(account)), .. }
            | Input::Account(Some(AccountRef::Account(account))) => vec![*account],
            Input::Import(Some(findings)) => {
                findings.iter().filter_map(|finding| finding.account.account()).collect()
            }
            Input::Empty
            | Input::Enable { .. }
            | Input::Describe(_)
            | Input::Configure { .. }
            | Input::Create(None)
            | Input::Accounts(None)
            | Input::Page(_)
            | Input::Accept { .. }
            | Input::Account(_)
            | Input::Organize { .. }
            | Input::Standards(_)
            | Input::Import(None)
            | Input::Open(_) => Vec::new(),
        }
    }
}

/// Whether the operation's input is `AccountIds`.
#[must_use]
pub fn has_account_ids(operation: Operation) -> bool {
    matches!(operation.shape().input, [member] if member.name == "AccountIds")
}

/// The member that holds the account of an operation whose input is one account.
pub(super) fn account_member(operation: Operation) -> &'static str {
    let input = operation.shape().input;
    // The account that is created has an email address, too, which is made of its name.
    let named = input.iter().find(|member| operation != Operation::CreateAccount || member.name != "Email");
    named.map_or("", |member| member.name)
}

/// The member that holds the administrator whose invitation is accepted.
pub(super) fn administrator_member(operation: Operation) -> &'static str {
    if operation == Operation::AcceptInvitation { "MasterId" } else { "AdministratorId" }
}

impl FindingRef {
    /// A finding of its importer's default product.
    pub fn of(account: impl Into<AccountRef>, id: impl Into<String>) -> Self {
        Self { account: account.into(), id: id.into(), product: ProductRef::Own }
    }

    /// The finding as it travels, with every member that the API demands.
    #[must_use]
    pub fn to_value(&self, owner: Account, region: Region, naming: &impl Naming) -> Value {
        let account = account_text(&self.account, naming);
        if !naming.findings_in_full() {
            if self.product == ProductRef::Own {
                return json!({ "AwsAccountId": account, "Id": self.id });
            }
            let product = self.product.text(owner, region, naming);
            return json!({ "AwsAccountId": account, "Id": self.id, "ProductArn": product });
        }
        json!({
            "SchemaVersion": "2018-10-08",
            "Id": self.id,
            "ProductArn": self.product.text(owner, region, naming),
            "GeneratorId": "passmuster",
            "AwsAccountId": account,
            "Types": ["Software and Configuration Checks"],
            "CreatedAt": "2018-11-28T22:14:06.771Z",
            "UpdatedAt": "2018-11-28T22:14:06.771Z",
            "Severity": { "Label": "LOW" },
            "Title": "A finding",
            "Description": "A finding that a scenario imports.",
            "Resources": [{ "Type": "Other", "Id": "passmuster" }],
        })
    }
}

impl ProductRef {
    /// Whether it is the default product of this account in this Region.
    #[must_use]
    pub fn is_default(&self, account: Account, region: Region) -> bool {
        *self == Self::Own || *self == Self::Default(account, region)
    }

    fn text(&self, owner: Account, region: Region, naming: &impl Naming) -> String {
        let of = |owner: Account, region: Region| {
            let (owner, region) = (naming.account(owner), naming.region(region));
            let partition = partition(&region);
            format!("arn:{partition}:securityhub:{region}:{owner}:product/{owner}/default")
        };
        match self {
            Self::Own => of(owner, region),
            Self::Default(account, region) => of(*account, *region),
            Self::Text(text) => text.clone(),
        }
    }

    /// Reads an ARN.
    pub(super) fn from_text(text: &str, naming: &impl Naming) -> Self {
        Self::parse(text, naming).unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    fn parse(text: &str, naming: &impl Naming) -> Option<Self> {
        let mut parts = text.split(':');
        let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
        let (region, account, product) = (parts.next()?, parts.next()?, parts.next()?);
        let is = arn == "arn" && PARTITIONS.contains(&partition) && service == "securityhub";
        let default = product.strip_prefix("product/")?.strip_suffix("/default")? == account;
        let whole = is && default && parts.next().is_none();
        let read = || Some(Self::Default(naming.account_from(account)?, naming.region_from(region)?));
        whole.then(read).flatten()
    }
}

/// The partitions that Security Hub's Regions are in.
const PARTITIONS: [&str; 3] = ["aws", "aws-cn", "aws-us-gov"];

/// The partition of a Region, as ARNs name it (SH-WIRE-016).
#[must_use]
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

impl AccountDetail {
    fn to_value(&self, naming: &impl Naming) -> Value {
        let mut entry = Document::new();
        if let Some(account) = &self.account {
            entry.insert("AccountId".to_owned(), account_text(account, naming).into());
        }
        if let Some(email) = &self.email {
            entry.insert("Email".to_owned(), email.as_str().into());
        }
        Value::Object(entry)
    }
}

impl HubArn {
    /// The ARN as a string.
    #[must_use]
    pub fn text(&self, naming: &impl Naming) -> String {
        match self {
            Self::Of(account, region) => {
                let (region, account) = (naming.region(*region), naming.account(*account));
                format!("arn:{}:securityhub:{region}:{account}:hub/default", partition(&region))
            }
            Self::Text(text) => text.clone(),
        }
    }

    /// Reads an ARN.
    #[must_use]
    pub fn from_text(text: &str, naming: &impl Naming) -> Self {
        Self::parse(text, naming).unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    fn parse(text: &str, naming: &impl Naming) -> Option<Self> {
        let (own, rest) = text.strip_prefix("arn:")?.strip_suffix(":hub/default")?.split_once(":securityhub:")?;
        let (region, account) = rest.split_once(':')?;
        if own != partition(region) {
            return None;
        }
        Some(Self::Of(naming.account_from(account)?, naming.region_from(region)?))
    }
}

impl InvitationRef {
    /// The symbolic form that saved scenarios use.
    #[must_use]
    pub fn symbolic(&self, name: impl Fn(Account) -> String) -> String {
        match self {
            Self::Latest(from) => format!("@{LATEST}{}", name(*from)),
            Self::Previous(from) => format!("@{PREVIOUS}{}", name(*from)),
            Self::Unknown => "@unknown".to_owned(),
            Self::Text(text) => text.clone(),
        }
    }

    /// Reads the symbolic form; text without a leading `@` stays text.
    #[must_use]
    pub fn from_symbolic(text: &str, account: impl Fn(&str) -> Option<Account>) -> Self {
        let symbol = text.strip_prefix('@');
        let from = |prefix| symbol.and_then(|symbol| symbol.strip_prefix(prefix)).and_then(&account);
        if symbol == Some("unknown") {
            Self::Unknown
        } else if let Some(from) = from(LATEST) {
            Self::Latest(from)
        } else if let Some(from) = from(PREVIOUS) {
            Self::Previous(from)
        } else {
            Self::Text(text.to_owned())
        }
    }
}

fn account_text(account: &AccountRef, naming: &impl Naming) -> String {
    match account {
        AccountRef::Account(account) => naming.account(*account),
        AccountRef::Text(text) => text.clone(),
    }
}

pub(super) fn account_ref(text: String, naming: &impl Naming) -> AccountRef {
    naming.account_from(&text).map_or(AccountRef::Text(text), AccountRef::Account)
}

fn flag(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        other => Value::from(other),
    }
}
