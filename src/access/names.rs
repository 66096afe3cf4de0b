//! ARNs as people call things: `table orders`, `role workflow`, `state machine hello`.
//!
//! Refuses to know policies.

/// The account in an ARN, or an account id that stands alone.
pub fn account(name: &str) -> Option<&str> {
    let is_id = |s: &str| s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit());
    if is_id(name) {
        return Some(name);
    }
    name.strip_prefix("arn:")?.split(':').nth(3).filter(|s| is_id(s))
}

/// Whether a principal is an account as a whole.
pub(super) fn is_account_root(name: &str) -> bool {
    account(name).is_some() && (!name.starts_with("arn:") || name.ends_with(":root"))
}

/// What stands for a resource in a sentence; an ARN of a kind that is not known here stays as it is.
pub fn resource_name(arn: &str, home: Option<&str>) -> String {
    if arn == "*" {
        return "everything".into();
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, owner, what] = parts[..] else { return arn.to_string() };
    let Some(name) = named(service, what) else { return arn.to_string() };
    match (account(arn), home) {
        (Some(a), Some(home)) if a != home => format!("{name} of account {a}"),
        _ if owner == "*" => format!("{name} of any account"),
        _ => name,
    }
}

fn named(service: &str, what: &str) -> Option<String> {
    let (kind, name) = what.split_once(['/', ':']).unwrap_or(("", what));
    let all = |noun: &str, plural: &str, name: &str| match name {
        "*" => format!("all {plural}"),
        name => format!("{noun} {name}"),
    };
    Some(match (service, kind) {
        ("dynamodb", "table") => match name.split_once('/') {
            Some((table, "index/*")) => format!("all indexes of {}", all("table", "tables", table)),
            Some((table, rest)) => match rest.split_once('/') {
                Some(("index", index)) => format!("index {index} of {}", all("table", "tables", table)),
                Some(("stream", "*")) => format!("the stream of {}", all("table", "tables", table)),
                _ => return None,
            },
            None => all("table", "tables", name),
        },
        ("iam", "role") => all("role", "roles", name),
        ("iam", "policy") => all("policy", "policies", name),
        ("iam", "user") => all("user", "users", name),
        ("states", "stateMachine") => all("state machine", "state machines", name),
        ("states", "execution") => match name.strip_suffix(":*") {
            Some(machine) => format!("executions of {}", all("state machine", "state machines", machine)),
            None => all("execution", "executions", name),
        },
        ("states", "activity") => all("activity", "activities", name),
        ("lambda", "function") => match name.strip_suffix(":*") {
            Some(function) => format!("all versions of {}", all("function", "functions", function)),
            None => all("function", "functions", name),
        },
        ("logs", "log-group") => match name.strip_suffix(":*") {
            Some(group) => format!("what is in {}", all("log group", "log groups", group)),
            None => all("log group", "log groups", name),
        },
        ("sqs", "") => all("queue", "queues", name),
        ("sns", "") => all("topic", "topics", name),
        ("s3", "") => all("bucket", "buckets", name),
        ("s3", bucket) if name == "*" => format!("all objects of {}", all("bucket", "buckets", bucket)),
        ("s3", bucket) => format!("{name} in {}", all("bucket", "buckets", bucket)),
        ("kms", "key") => all("key", "keys", name),
        ("events", "rule") => all("rule", "rules", name),
        ("events", "event-bus") => all("event bus", "event buses", name),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_by_name() {
        for (arn, want) in [
            ("*", "everything"),
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items", "table items"),
            ("arn:aws:dynamodb:us-east-1:999999999999:table/items", "table items of account 999999999999"),
            ("arn:aws:dynamodb:*:*:table/*", "all tables of any account"),
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items/index/*", "all indexes of table items"),
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items/index/by-x", "index by-x of table items"),
            ("arn:aws:iam::123456789012:role/app", "role app"),
            ("arn:aws:states:us-east-1:123456789012:stateMachine:hello", "state machine hello"),
            ("arn:aws:states:us-east-1:123456789012:execution:hello:*", "executions of state machine hello"),
            ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/x:*", "what is in log group /aws/x"),
            ("arn:aws:s3:::bucket/*", "all objects of bucket bucket"),
            ("arn:aws:s3:::bucket/a/b", "a/b in bucket bucket"),
            ("arn:aws:s3:::bucket", "bucket bucket"),
            ("arn:aws:sqs:us-east-1:123456789012:q", "queue q"),
            ("arn:aws:what:::x", "arn:aws:what:::x"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(resource_name(arn, Some("123456789012")), want);
        }
    }

    #[test]
    fn accounts() {
        for (name, want) in [
            ("123456789012", Some("123456789012")),
            ("arn:aws:iam::123456789012:root", Some("123456789012")),
            ("arn:aws:s3:::x", None),
            ("states.amazonaws.com", None),
        ] {
            assert_eq!(account(name), want);
        }
    }
}
