//! Whose an object is that stands where ours was to be: told after an answer was lost, or a run ended in the middle of a call.
//!
//! Refuses to know what becomes of it then.

use super::{Aws, Resource, Result};
use crate::schema::Cost;
use crate::value::{Object, Value};
use std::time::{Duration, SystemTime};

/// How far the clock of this machine and that of AWS may be apart.
const SKEW: Duration = Duration::from_secs(60);

/// What stands there.
#[derive(Clone, Debug, PartialEq)]
pub enum Whose {
    /// What we were about to make, as AWS has it: perhaps not everything about it is done.
    Ours(Object),
    /// Something else. Why that is certain: the rest of a sentence about it.
    Others(String),
    /// Nothing.
    Nobodys,
}

/// Looks for what was to be made as `planned`, nothing of which was there before `since`.
///
/// # Errors
/// It cannot be seen.
pub async fn whose(resource: &dyn Resource, aws: &Aws, planned: &Object, since: SystemTime) -> Result<Whose> {
    let Some(found) = resource.find(aws, planned).await? else { return Ok(Whose::Nobodys) };
    let Some(made) = resource.made(aws, &found).await? else {
        // What has no date is not made but put: it is ours if it is what we would put.
        return Ok(if other_part(resource, planned, &found, false).is_none() {
            Whose::Ours(found)
        } else {
            Whose::Nobodys
        });
    };
    if made + SKEW < since {
        return Ok(Whose::Others("it was there before".into()));
    }
    Ok(match other_part(resource, planned, &found, true) {
        Some(name) => Whose::Others(format!("its {name} is another one than was planned")),
        None => Whose::Ours(found),
    })
}

/// A part in which the object that was found differs from the planned one; `fixed`: of those that are decided when it is made.
fn other_part(resource: &dyn Resource, planned: &Object, found: &Object, fixed: bool) -> Option<&'static str> {
    let nothing = Value::is_zero;
    let differs = |name: &str| {
        let (Some(a), Some(b)) = (planned.get(name), found.get(name)) else { return false };
        a.is_wholly_known() && a != b && !resource.same(name, a, b) && !(nothing(a) && nothing(b))
    };
    let attributes = resource.schema().block.attributes.iter();
    let mut attributes = attributes.filter(|a| a.is_configurable() && (!fixed || a.cost == Cost::Replace));
    if let Some(other) = attributes.find(|a| differs(a.name)) {
        return Some(other.name);
    }
    // Tags come with the call that makes it; none at all may be tags that are not seen yet.
    let tagged = found.get("tags_all").is_some_and(|tags| !nothing(tags));
    (tagged && differs("tags_all")).then_some("tags_all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Clock, Settings, resource};
    use crate::sandbox::Sandbox;
    use crate::value::Type;

    const NOW: u64 = 1_800_000_000;

    fn aws(sandbox: &Sandbox) -> Aws {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        Aws::with_http_client(Settings::default(), sandbox.http_client()).with_clock(Clock::frozen(start))
    }

    #[tokio::test]
    async fn what_was_made_since_and_as_planned_is_ours() {
        let sandbox = Sandbox::options().clock(|| i64::try_from(NOW * 1000).unwrap()).in_memory();
        let aws = aws(&sandbox);
        let role = resource("aws_iam_role").unwrap();
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let planned = Object::new()
            .with("name", "r")
            .with("id", "r")
            .with("path", "/")
            .with("assume_role_policy", trust)
            .with("unique_id", Value::unknown(Type::String));
        let before = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - 3600);
        assert_eq!(whose(role, &aws, &planned, before).await.unwrap(), Whose::Nobodys);
        role.create(&aws, &planned).await.unwrap();
        let later = before + Duration::from_secs(7200);
        let team = planned.clone().with("path", "/team/");
        for (since, planned, ours, why) in [
            (before, &planned, true, ""),
            (later, &planned, false, "it was there before"),
            (before, &team, false, "its path is another one than was planned"),
        ] {
            match whose(role, &aws, planned, since).await.unwrap() {
                Whose::Ours(found) => assert!(ours && found.text("unique_id").is_some(), "{found:?}"),
                other => assert_eq!(other, Whose::Others(why.into())),
            }
        }

        let policy = resource("aws_iam_role_policy").unwrap();
        let put = |text: &str| Object::new().with("id", "r:p").with("name", "p").with("role", "r").with("policy", text);
        let (one, other) = (
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#,
        );
        policy.create(&aws, &put(one)).await.unwrap();
        assert!(matches!(whose(policy, &aws, &put(one), later).await.unwrap(), Whose::Ours(_)));
        assert_eq!(whose(policy, &aws, &put(other), later).await.unwrap(), Whose::Nobodys);
    }
}
