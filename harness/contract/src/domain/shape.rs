//! The shape of an operation by the API model: method, path, members, constraints, errors. Types only; their values are
//! in `wire_table`.

use super::ErrorKind;

/// An HTTP method the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The place of a member in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the JSON body.
    Body,
    /// In the query string.
    Query,
}

/// The type of a member, with its constraints.
#[derive(Clone, Copy, Debug)]
pub enum ShapeKind {
    /// Any string.
    String,
    /// A string with at least one character that is not white space (`.*\S.*`).
    NonEmpty,
    /// A string that holds an ISO-8601 instant.
    Timestamp,
    /// A boolean.
    Boolean,
    /// An integer, with its bounds (both included) where the model has them.
    Integer(Option<(i64, i64)>),
    /// A string out of a closed list.
    Enum(&'static [&'static str]),
    /// A list, with the bounds of its length where the model has them.
    List {
        /// Least and greatest length.
        bounds: Option<(usize, usize)>,
        /// The type of each entry.
        item: &'static Self,
    },
    /// A map of 1 to 50 tags, strings to strings.
    Tags,
    /// A structure.
    Structure(&'static [MemberShape]),
    /// A JSON object whose inside this tool does not look into (findings and their filters).
    Open,
}

/// One member of an input, output or structure.
#[derive(Clone, Copy, Debug)]
pub struct MemberShape {
    /// The name on the wire.
    pub name: &'static str,
    /// Whether the model marks it required.
    pub required: bool,
    /// Body or query.
    pub location: Location,
    /// Its type.
    pub kind: ShapeKind,
}

/// All that the API model says about one operation.
#[derive(Clone, Copy, Debug)]
pub struct OperationShape {
    /// The HTTP method.
    pub method: Method,
    /// The path; none of these operations has labels in it.
    pub path: &'static str,
    /// Members of the request.
    pub input: &'static [MemberShape],
    /// Members of the response; empty for operations without output.
    pub output: &'static [MemberShape],
    /// Errors the model declares. The service also sends others.
    pub errors: &'static [ErrorKind],
}

/// The messages of one operation, by the API model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Messages {
    pub(super) input: &'static [MemberShape],
    pub(super) output: &'static [MemberShape],
    pub(super) errors: &'static [ErrorKind],
}

impl Messages {
    /// The shape of the operation that is called by this method at this path.
    pub(super) const fn at(&self, method: Method, path: &'static str) -> OperationShape {
        let Self { input, output, errors } = *self;
        OperationShape { method, path, input, output, errors }
    }
}
