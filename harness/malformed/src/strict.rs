//! A message as a strict server reads it, framing and signature apart.
//! It reads with `wire::decode`; the independent witness is `reader`.

use super::message::{METHODS, Message};
use passmuster_contract::domain::{Document, Operation};
use passmuster_contract::wire::{HttpRequest, decode_request, violations};

impl Message {
    /// The call that the message makes, where method, path, query string and body are read strictly.
    ///
    /// # Errors
    ///
    /// Says what makes it none: no operation has its method and path, a member can't be read, or a constraint is
    /// broken.
    pub fn read(&self) -> Result<(Operation, Document), String> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|error| error.to_string());
        let method = METHODS.into_iter().find(|method| method.name().as_bytes() == self.method);
        let request = HttpRequest {
            method: method.ok_or("no operation has this method")?,
            path: text(self.path.clone())?.into(),
            query: text(self.query.join(&b'&'))?,
            headers: Vec::new(),
            body: self.body.clone(),
        };
        let (operation, members) = decode_request(&request).map_err(|error| error.to_string())?;
        match violations(operation, &members).first() {
            Some(violation) => Err(violation.to_string()),
            None => Ok((operation, members)),
        }
    }
}
