//! What the IAM types share: how names are judged, documents decoded, policies listed and attached, and what IAM refuses only
//! for a while.

use super::limits::{Count, Quota};
use super::{Aws, Error, ErrorKind, Result, arn, aws_iam_role, policy, wait};
use crate::diag::Diagnostic;
use crate::value::Value;
use aws_sdk_iam::types::Tag;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long what is new in IAM may take to be seen everywhere.
pub const PROPAGATION: Duration = Duration::from_secs(120);

/// How long something named in a call may still be unseen before its absence is believed.
pub const UNSEEN: Duration = Duration::from_secs(5);

/// What all inline policies of a role may come to.
static INLINE: Quota = Quota {
    what: "All inline policies of the role",
    unit: "characters without white space",
    limit: policy::ROLE_INLINE_SIZE,
    raised: policy::ROLE_INLINE_SIZE,
    help: "Shorten them, for instance by wildcards in actions or resources, or make one of them a managed policy (aws_iam_policy).",
};

/// How many managed policies a role may have.
static ATTACHED: Quota = Quota {
    what: "The managed policies of the role",
    unit: "attachments",
    limit: 10,
    raised: 20,
    help: "Put several policies into one, or have AWS raise the quota \"Managed policies per role\".",
};

/// Whether two paths mean the same: none is the root.
pub fn same_path(a: &Value, b: &Value) -> bool {
    let path = |v: &Value| v.as_str().filter(|p| !p.is_empty()).unwrap_or("/").to_string();
    path(a) == path(b)
}

/// Fails unless there is such a role; one that is new may not be seen at once.
pub async fn exists(aws: &Aws, role: &str) -> Result<()> {
    let missing = || Error::new(ErrorKind::NotFound, role, format!("There is no IAM role \"{role}\"."));
    wait::retry(aws, UNSEEN, unseen, || async { aws_iam_role::get(aws, role).await?.map(|_| ()).ok_or_else(missing) })
        .await
}

/// An inline policy of a role, for `counts`; nothing where role or text are not known.
pub fn count_inline(role: Option<&str>, name: Option<&str>, text: Option<&str>) -> Option<Count> {
    let (owner, text) = (role?.to_string(), text?);
    Some(Count { quota: &INLINE, owner, item: name.unwrap_or(text).to_string(), amount: policy::size(text) })
}

/// A managed policy of a role, for `counts`; nothing where one of the two is not known.
pub fn count_attached(role: Option<&str>, policy_arn: Option<&str>) -> Option<Count> {
    Some(Count { quota: &ATTACHED, owner: role?.to_string(), item: policy_arn?.to_string(), amount: 1 })
}

/// A policy document as IAM answers it: percent-encoded. What is not encoded stays as it is.
pub fn document(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    if text.trim_start().starts_with(['{', '[']) {
        return text.to_string();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = ahead;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Names of a role's inline policies; none if the role is gone.
pub async fn inline_policy_names(aws: &Aws, role: &str) -> Result<Vec<String>> {
    aws.once(|| format!("iam:ListRolePolicies {role}"), async {
        let pages = aws.iam().list_role_policies().role_name(role).into_paginator().items().send();
        let all = pages.collect::<std::result::Result<Vec<_>, _>>().await;
        or_none(all.map_err(Error::of("iam:ListRolePolicies", role)))
    })
    .await
}

/// The document of one inline policy, normalized by nobody; `None` if it or the role is gone.
pub async fn inline_policy(aws: &Aws, role: &str, policy: &str) -> Result<Option<String>> {
    aws.once(|| format!("iam:GetRolePolicy {role}:{policy}"), async {
        let call = aws.iam().get_role_policy().role_name(role).policy_name(policy).send().await;
        let found = Error::found(call.map_err(Error::of("iam:GetRolePolicy", &format!("{role}:{policy}"))))?;
        Ok(found.map(|answer| document(Some(answer.policy_document()))))
    })
    .await
}

/// ARNs of the managed policies attached to a role; none if the role is gone.
pub async fn attached_policy_arns(aws: &Aws, role: &str) -> Result<Vec<String>> {
    aws.once(|| format!("iam:ListAttachedRolePolicies {role}"), async {
        let pages = aws.iam().list_attached_role_policies().role_name(role).into_paginator().items().send();
        let all = pages.collect::<std::result::Result<Vec<_>, _>>().await;
        let all = or_none(all.map_err(Error::of("iam:ListAttachedRolePolicies", role)))?;
        Ok(all.into_iter().filter_map(|policy| policy.policy_arn).collect())
    })
    .await
}

/// Puts an inline policy.
pub async fn put_inline_policy(aws: &Aws, role: &str, policy: &str, text: &str) -> Result<()> {
    let target = format!("{role}:{policy}");
    wait::retry(aws, UNSEEN, unseen, || async {
        let call = aws.iam().put_role_policy().role_name(role).policy_name(policy).policy_document(text);
        call.send().await.map(|_| ()).map_err(Error::of("iam:PutRolePolicy", &target))
    })
    .await
}

/// Deletes an inline policy; one that is gone already is no error.
pub async fn delete_inline_policy(aws: &Aws, role: &str, policy: &str) -> Result<()> {
    let call = aws.iam().delete_role_policy().role_name(role).policy_name(policy).send().await;
    or_gone(call.map(|_| ()).map_err(Error::of("iam:DeleteRolePolicy", &format!("{role}:{policy}"))))
}

/// Attaches a managed policy.
pub async fn attach(aws: &Aws, role: &str, policy_arn: &str) -> Result<()> {
    let target = format!("{policy_arn} to {role}");
    let passing = |e: &Error| unseen(e).or_else(|| busy(e));
    wait::retry(aws, UNSEEN, passing, || async {
        let call = aws.iam().attach_role_policy().role_name(role).policy_arn(policy_arn);
        call.send().await.map(|_| ()).map_err(Error::of("iam:AttachRolePolicy", &target))
    })
    .await
}

/// Detaches a managed policy; one that is not attached is no error.
pub async fn detach(aws: &Aws, role: &str, policy_arn: &str) -> Result<()> {
    let target = format!("{policy_arn} from {role}");
    let result = wait::retry(aws, PROPAGATION, busy, || async {
        let call = aws.iam().detach_role_policy().role_name(role).policy_arn(policy_arn);
        call.send().await.map(|_| ()).map_err(Error::of("iam:DetachRolePolicy", &target))
    });
    or_gone(result.await)
}

/// Who has a managed policy, each by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Groups.
    pub groups: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Users.
    pub users: Vec<String>,
}

/// Who has a managed policy; nobody if it is gone.
pub async fn holders(aws: &Aws, policy_arn: &str) -> Result<Holders> {
    let mut all = Holders::default();
    let mut pages = aws.iam().list_entities_for_policy().policy_arn(policy_arn).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = match page.map_err(Error::of("iam:ListEntitiesForPolicy", policy_arn)) {
            Ok(page) => page,
            Err(error) if error.is(ErrorKind::NotFound) => return Ok(Holders::default()),
            Err(error) => return Err(error),
        };
        all.groups.extend(page.policy_groups().iter().filter_map(|g| g.group_name().map(String::from)));
        all.roles.extend(page.policy_roles().iter().filter_map(|r| r.role_name().map(String::from)));
        all.users.extend(page.policy_users().iter().filter_map(|u| u.user_name().map(String::from)));
    }
    Ok(all)
}

/// Tags as the SDK has them.
pub fn tags(tags: &[(String, String)]) -> Result<Vec<Tag>> {
    let one = |(key, value): &(String, String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(|tag| one(tag).map_err(|e| Error::new(ErrorKind::Other, &tag.0, e.to_string()))).collect()
}

/// A finding for `check` of a policy of `size` characters, where AWS takes fewer.
pub fn too_large(what: &str, size: usize, limit: usize) -> Option<Diagnostic> {
    let detail = format!(
        "{what} may have up to {limit} characters without white space; here there are {size}. Shorten it, for instance by wildcards \
         in actions or resources, or by several policies."
    );
    (size > limit).then(|| Diagnostic::error("Policy too large", detail))
}

/// What was to be there is not yet seen everywhere.
pub fn unseen(error: &Error) -> Option<String> {
    error.is(ErrorKind::NotFound).then(|| "waiting for IAM propagation".to_string())
}

/// Someone else changes the same thing at this moment.
pub fn busy(error: &Error) -> Option<String> {
    (error.code == "ConcurrentModification").then(|| "waiting for another change".to_string())
}

/// No error where it is gone.
pub fn or_gone(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
        other => other,
    }
}

fn or_none<T>(result: Result<Vec<T>>) -> Result<Vec<T>> {
    match result {
        Err(error) if error.is(ErrorKind::NotFound) => Ok(Vec::new()),
        other => other,
    }
}

/// Calls again while IAM does not know a principal that a trust policy names: a role made just before is not seen everywhere at
/// once. A principal of this account that does not exist at all is told at once.
pub async fn with_new_principals<T, F, Fut>(aws: &Aws, call: F) -> Result<T>
where
    T: Send,
    F: Fn() -> Fut + Sync,
    Fut: Future<Output = Result<T>> + Send,
{
    let looked = AtomicBool::new(false);
    let passing = |e: &Error| {
        let waits = e.says("MalformedPolicyDocument", "Invalid principal") && e.kind != ErrorKind::NotFound;
        waits.then(|| "waiting for IAM to know the principal".to_string())
    };
    wait::retry(aws, PROPAGATION, passing, || async {
        let result = call().await;
        match result {
            Err(mut error) if passing(&error).is_some() && !looked.swap(true, Ordering::SeqCst) => {
                if let Some(missing) = missing_principal(aws, &error.message).await {
                    error.kind = ErrorKind::NotFound;
                    error.message = format!("{}. There is no {missing}.", error.message.trim_end_matches('.'));
                }
                Err(error)
            }
            result => result,
        }
    })
    .await
}

/// The role or user of this account that the message names and that does not exist.
async fn missing_principal(aws: &Aws, message: &str) -> Option<String> {
    let account = aws.place_so_far().account;
    let text = message.split('"').find(|part| part.starts_with("arn:"))?;
    let principal =
        arn::Arn::parse(text).filter(|a| a.service == "iam" && !account.is_empty() && a.account == account)?;
    let name = principal.resource.rsplit('/').next()?;
    let result = match principal.resource.split('/').next()? {
        "role" => aws.iam().get_role().role_name(name).send().await.map(|_| ()).map_err(Error::of("iam:GetRole", text)),
        "user" => aws.iam().get_user().user_name(name).send().await.map(|_| ()).map_err(Error::of("iam:GetUser", text)),
        _ => return None,
    };
    result.err().filter(|e| e.is(ErrorKind::NotFound)).map(|_| text.to_string())
}

/// For `check` of a name of up to `MAX` characters.
pub fn check_name<const MAX: usize>(value: &Value) -> std::result::Result<(), String> {
    let Some(name) = value.as_str() else { return Ok(()) };
    let length = name.chars().count();
    if length == 0 || length > MAX {
        return Err(format!("A name of 1 to {MAX} characters is expected, got {length}."));
    }
    check_characters(name)
}

/// For `check` of a prefix of names of up to `MAX` characters.
pub fn check_prefix<const MAX: usize>(value: &Value) -> std::result::Result<(), String> {
    let Some(prefix) = value.as_str() else { return Ok(()) };
    let (length, max) = (prefix.chars().count(), MAX - super::names::SUFFIX);
    if length == 0 || length > max {
        return Err(format!(
            "A prefix of 1 to {max} characters is expected, got {length}: {} more are generated and {MAX} are the limit.",
            super::names::SUFFIX
        ));
    }
    check_characters(prefix)
}

fn check_characters(name: &str) -> std::result::Result<(), String> {
    match name.chars().find(|c| !c.is_ascii_alphanumeric() && !"_+=,.@-".contains(*c)) {
        Some(c) => {
            Err(format!("Only letters, digits and the characters _+=,.@- are expected, got {c:?} in \"{name}\"."))
        }
        None => Ok(()),
    }
}

/// For `check` of a path: it starts and ends with `/`.
pub fn check_path(value: &Value) -> std::result::Result<(), String> {
    let Some(path) = value.as_str().filter(|p| !p.is_empty()) else { return Ok(()) };
    if path.chars().count() > 512 {
        return Err("A path of up to 512 characters is expected.".into());
    }
    if !path.starts_with('/')
        || !path.ends_with('/')
        || path.contains("//")
        || !path.bytes().all(|b| b.is_ascii_graphic())
    {
        return Err(format!(
            "A path that starts and ends with a slash, such as \"/service/\", is expected, got \"{path}\"."
        ));
    }
    Ok(())
}

/// For `check` of an ARN.
pub fn check_arn(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some(text) if !text.is_empty() && arn::Arn::parse(text).is_none() => {
            Err(format!("An ARN, such as \"arn:aws:iam::123456789012:policy/name\", is expected, got \"{text}\"."))
        }
        _ => Ok(()),
    }
}

/// For `check` of a set or list of ARNs.
pub fn check_arns(value: &Value) -> std::result::Result<(), String> {
    value.as_slice().unwrap_or_default().iter().try_for_each(check_arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded() {
        for (text, want) in [
            (Some("%7B%22a%22%3A%20%22x%2By%20%C3%A9%22%7D"), r#"{"a": "x+y é"}"#),
            (Some(r#"{"a": "100%25+1"}"#), r#"{"a": "100%25+1"}"#),
            (Some("%7B+%7D"), "{ }"),
            (Some("%7B%2"), "{%2"),
            (Some("%7B%zz%"), "{%zz%"),
            (None, ""),
        ] {
            assert_eq!(document(text), want);
        }
    }

    #[test]
    fn names_paths_and_arns() {
        type Check = fn(&Value) -> std::result::Result<(), String>;
        let cases: &[(Check, &str, &str)] = &[
            (check_name::<64>, "a_+=,.@-Z9", ""),
            (check_name::<64>, "", "A name of 1 to 64 characters is expected, got 0."),
            (check_name::<4>, "abcde", "A name of 1 to 4 characters is expected, got 5."),
            (
                check_name::<64>,
                "a b",
                "Only letters, digits and the characters _+=,.@- are expected, got ' ' in \"a b\".",
            ),
            (check_prefix::<64>, "flow-", ""),
            (
                check_prefix::<64>,
                "",
                "A prefix of 1 to 38 characters is expected, got 0: 26 more are generated and 64 are the limit.",
            ),
            (
                check_prefix::<30>,
                "abcde",
                "A prefix of 1 to 4 characters is expected, got 5: 26 more are generated and 30 are the limit.",
            ),
            (check_path, "/", ""),
            (check_path, "/a/b/", ""),
            (
                check_path,
                "/a",
                "A path that starts and ends with a slash, such as \"/service/\", is expected, got \"/a\".",
            ),
            (check_arn, "arn:aws:iam::aws:policy/ReadOnlyAccess", ""),
            (check_arn, "", ""),
            (
                check_arn,
                "ReadOnlyAccess",
                "An ARN, such as \"arn:aws:iam::123456789012:policy/name\", is expected, got \"ReadOnlyAccess\".",
            ),
        ];
        for (check, text, want) in cases {
            assert_eq!(check(&Value::string(text)).err().unwrap_or_default(), *want, "{text}");
        }
    }
}
