//! Names and ARNs of state machines, versions, aliases and activities.
//!
//! Refuses to know what they name.

use crate::sandbox::fault::Fault;
use crate::sandbox::input::{Input, Rule, len};

/// An ARN in a request.
pub(super) const ARN: Rule = len(1, 256);

/// What an ARN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    Machine(&'a str),
    Version(&'a str, u32),
    Alias(&'a str, &'a str),
    Activity(&'a str),
}

/// Takes an ARN apart.
pub(super) fn parse(arn: &str) -> Result<Named<'_>, Fault> {
    let bad = |why: String| Fault::new("InvalidArn", format!("Invalid Arn: '{why}'"));
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", _, "states", _, _, kind, rest @ ..] = parts.as_slice() else {
        return Err(bad(format!("Invalid ARN prefix: {arn}")));
    };
    match (*kind, rest) {
        ("stateMachine", [name]) if !name.is_empty() => Ok(Named::Machine(name)),
        ("stateMachine", [name, part]) if !name.is_empty() && !part.is_empty() => Ok(match part.parse() {
            Ok(number) => Named::Version(name, number),
            Err(_) => Named::Alias(name, part),
        }),
        ("activity", [name]) if !name.is_empty() => Ok(Named::Activity(name)),
        ("stateMachine" | "activity", _) => Err(bad(format!("Invalid ARN resource: {arn}"))),
        (other, _) => Err(bad(format!("Resource type not valid in this context: {other}"))),
    }
}

/// A machine's or an activity's name.
pub(super) fn name<'a>(input: &Input<'a>, key: &str) -> Result<&'a str, Fault> {
    let name = input.need(key, len(1, 80));
    input.check()?;
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    if name.chars().any(bad) {
        return Err(Fault::new("InvalidName", format!("Invalid Name: '{name}'")));
    }
    Ok(name)
}

/// That a machine is not there.
pub(super) fn no_machine(arn: &str) -> Fault {
    Fault::new("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
}

/// That something a request names is not there.
pub(super) fn no_resource() -> Fault {
    Fault::new("ResourceNotFound", "Request references a resource that does not exist.")
}

/// That an ARN names something of another kind than wanted.
pub(super) fn wrong_kind(kind: &str) -> Fault {
    Fault::new("InvalidArn", format!("Invalid Arn: 'Resource type not valid in this context: {kind}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let start = "arn:aws:states:eu-west-1:000000000000:";
        let table = [
            ("stateMachine:a", Some(Named::Machine("a"))),
            ("stateMachine:a:12", Some(Named::Version("a", 12))),
            ("stateMachine:a:live", Some(Named::Alias("a", "live"))),
            ("activity:b", Some(Named::Activity("b"))),
            ("stateMachine:", None),
            ("stateMachine:a:b:c", None),
            ("execution:a:b", None),
        ];
        for (rest, wanted) in table {
            assert_eq!(parse(&format!("{start}{rest}")).ok(), wanted, "{rest}");
        }
        assert_eq!(parse("nonsense").unwrap_err().message, "Invalid Arn: 'Invalid ARN prefix: nonsense'");
    }
}
