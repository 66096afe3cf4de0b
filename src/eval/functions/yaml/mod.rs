//! YAML text of values and values of YAML text.

mod breaks;
mod indent;
mod read;
mod write;

use super::{Args, FnError};
use crate::value::{Type, Value};

/// In Terraform's style: strings in double quotes, or as a block if they have several lines.
pub(super) fn yamlencode(a: &Args<'_>) -> Result<Value, FnError> {
    if !a.values[0].is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    let text = write::document(&a.values[0]).ok_or_else(|| FnError::new("would make a text that fills the memory"))?;
    Ok(Value::string(text))
}

pub(super) fn yamldecode(a: &Args<'_>) -> Result<Value, FnError> {
    read::document(a.str(0)).map_err(|e| FnError::arg(0, format!("is not YAML: {e}")))
}
