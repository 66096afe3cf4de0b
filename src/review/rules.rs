//! The table of findings: code, title, how bad, and why it matters. The only place that knows which there are.

pub use crate::workflow::checks::Grade;

/// A sort of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Such as `SFN-IAM-001`; what AWS has a code for goes by that.
    pub code: &'static str,
    /// A fixed phrase without a full stop.
    pub title: &'static str,
    /// How bad it is, unless the finding says otherwise.
    pub grade: Grade,
    /// Why it matters, in whole sentences.
    pub why: &'static str,
}

macro_rules! rules {
    ($($code:literal $grade:ident $title:literal $why:literal)*) => {
        &[$(Rule { code: $code, title: $title, grade: Grade::$grade, why: $why }),*]
    };
}

/// Every sort of finding, by code.
pub const RULES: &[Rule] = rules! {
    "DDB-DATA-001" Warning "Data is lost"
        "A destroyed table is gone with all its items, and so are its backups of the last 35 days unless one was made by hand."
    "DDB-PROT-001" Warning "Unprotected production table"
        "Without deletion protection one wrong plan, or one click, deletes the table with all its items."
    "DDB-PROT-002" Note "Table without point-in-time recovery"
        "Without it, what was overwritten or deleted by mistake cannot be restored."
    "DUPLICATE_STATE_NAME" Error "State name used twice"
        "JSON keeps only the last of two members of one name, so the other state is lost without a word."
    "IAM-ANY-001" Warning "Permission for everything"
        "A wildcard in both action and resource allows far more than any workload needs, and everything that is added later."
    "IAM-ANY-002" Note "Wildcard permission"
        "A wildcard allows what is added later, too. Naming actions and resources keeps a mistake small."
    "IAM-PUB-001" Warning "Open to anyone"
        "A principal of \"*\" without a condition is everyone, in every account."
    "INVALID_STATE_NAME" Error "Invalid state name"
        "AWS refuses state names of more than 80 characters."
    "LOG-RET-001" Note "Log group without retention"
        "Logs that are never deleted cost more every month, and hold data longer than most rules allow."
    "MISSING_END_STATE" Error "The machine never ends"
        "AWS refuses a machine that no state ends."
    "MISSING_TRANSITION_TARGET" Error "Transition that leads nowhere, or state that is never reached"
        "AWS refuses a transition to a state that does not exist in the same machine, and a state that nothing leads to."
    "MOV-001" Warning "Renamed, not replaced"
        "Terraform tells objects apart by their address: under another name an object is destroyed and made anew."
    "SCHEMA_VALIDATION_FAILED" Error "Invalid definition"
        "AWS refuses a definition that does not follow the Amazon States Language."
    "SEC-001" Warning "Secret in plain text"
        "What stands in a definition or a policy is in the state file, in the plan, and readable by whoever may describe the object."
    "SFN-CHO-001" Note "Choice without a default"
        "Where no rule matches and there is no default, the execution fails."
    "SFN-EXP-001" Error "Not possible in an Express workflow"
        "Express workflows cannot wait for jobs, callbacks or activities."
    "SFN-IAM-001" Warning "The role lacks a permission that a state needs"
        "The state fails when it runs: AWS answers AccessDenied."
    "SFN-IAM-002" Warning "The role is denied what a state needs"
        "A denial counts more than any permission, so the state fails when it runs."
    "SFN-IAM-003" Warning "The role does not trust Step Functions"
        "Without that trust the machine cannot be made, or cannot run."
    "SFN-IAM-004" Note "Trust without a source condition"
        "Without a condition on aws:SourceAccount or aws:SourceArn, the service may use the role on behalf of others (the confused deputy)."
    "SFN-IAM-005" Note "Permission that no state uses"
        "What nothing uses is only there for mistakes and intruders."
    "SFN-IAM-006" Note "Wildcard resource although the definition names it"
        "The state machine says which table or function it uses, so its role can be allowed just that."
    "SFN-LOG-001" Warning "Logging that cannot work"
        "Step Functions delivers logs only to a log group's ARN with `:*` behind it, and only if the role may manage log deliveries."
    "SFN-LOG-002" Note "Log group outside of /aws/vendedlogs"
        "Step Functions writes each such log group into the account's resource policy for CloudWatch Logs, which holds 5,120 characters; when it is full, no further state machine can log."
    "SFN-RTY-001" Note "Call without a retry"
        "Every service has passing faults. Without a retry they end the execution."
    "SFN-TBL-001" Note "Table that the plan does not know"
        "If it is not there under this name, the state fails when it runs."
    "SFN-TBL-002" Warning "Key that is not the table's"
        "DynamoDB answers ValidationException unless exactly the key attributes are given."
    "SFN-TBL-003" Warning "Key of another type than the table's"
        "DynamoDB answers ValidationException for a key of another type."
    "SFN-TBL-004" Warning "Index that the table does not have"
        "DynamoDB answers ValidationException for an index that is not there."
    "SFN-TBL-005" Warning "Item without a key attribute"
        "DynamoDB stores no item that lacks a part of the table's key."
    "SFN-TBL-006" Warning "Placeholder that does not fit its expression"
        "DynamoDB refuses a placeholder that is used and not defined, or defined and not used."
    "SFN-TMO-001" Warning "Callback without a time limit"
        "A callback that never comes keeps the execution open for up to a year."
    "SFN-VAR-001" Warning "Variable that nothing assigns"
        "The expression fails, or gives nothing, when it runs."
};

/// The rule of this code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_one_of_a_kind() {
        assert!(RULES.windows(2).all(|w| w[0].code < w[1].code));
        for r in RULES {
            assert!(!r.title.ends_with('.') && r.why.ends_with('.'), "{}", r.code);
        }
        // Every code that the checks of a definition give has a rule.
        let source = [include_str!("../workflow/checks.rs"), include_str!("../workflow/variables.rs")].concat();
        for code in source
            .split("tell(\"")
            .skip(1)
            .chain(source.split("code: \"").skip(1))
            .chain(source.split("fault(\n                \"").skip(1))
        {
            let code = code.split('"').next().unwrap();
            assert!(rule(code).is_some(), "{code}");
        }
    }
}
