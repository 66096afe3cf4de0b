//! Tables: create, describe, update, delete, list, and what is refused.

use super::*;

/// A table on demand with the key `id`.
fn on_demand(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

/// The same with other members; null takes one away.
fn with(mut base: Value, other: Value) -> Value {
    for (key, value) in other.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

fn attributes(names: &[&str]) -> Value {
    names.iter().map(|n| json!({"AttributeName": n, "AttributeType": "S"})).collect()
}

fn keys(names: &[&str]) -> Value {
    let kinds = ["HASH", "RANGE"];
    names.iter().zip(kinds).map(|(n, k)| json!({"AttributeName": n, "KeyType": k})).collect()
}

fn index(name: &str, of: &[&str]) -> Value {
    json!({"IndexName": name, "KeySchema": keys(of), "Projection": {"ProjectionType": "ALL"}})
}

fn units(read: i64, write: i64) -> Value {
    json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write})
}

const INVALID: &str = "ValidationException: One or more parameter values were invalid: ";

#[test]
fn create_and_describe() {
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t-1";
    let steps: &[Step] = &[
        (
            "dynamodb:CreateTable",
            on_demand("t-1"),
            r#"{"TableDescription":{"TableStatus":"CREATING","TableName":"t-1","ItemCount":0,"TableId":"?","WarmThroughput":null,
               "BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"DeletionProtectionEnabled":false}}"#,
        ),
        (
            "dynamodb:DescribeTable",
            json!({"TableName": "t-1"}),
            r#"{"Table":{"TableStatus":"ACTIVE","TableArn":"arn:aws:dynamodb:us-east-1:000000000000:table/t-1",
               "CreationDateTime":1767225600,"GlobalSecondaryIndexes":null,"StreamSpecification":null,"SSEDescription":null,
               "ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},
               "WarmThroughput":{"ReadUnitsPerSecond":12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}}}"#,
        ),
        ("dynamodb:DescribeTable", json!({"TableName": arn}), r#"{"Table":{"TableName":"t-1"}}"#),
        ("dynamodb:CreateTable", on_demand("t-1"), "ResourceInUseException: Table already exists: t-1"),
        (
            "dynamodb:CreateTable",
            with(
                on_demand("t-2"),
                json!({
                    "AttributeDefinitions": attributes(&["id", "at", "who"]),
                    "KeySchema": keys(&["id", "at"]),
                    "BillingMode": "PROVISIONED",
                    "ProvisionedThroughput": units(5, 6),
                    "GlobalSecondaryIndexes": [{
                        "IndexName": "by-who", "KeySchema": keys(&["who", "at"]), "ProvisionedThroughput": units(1, 2),
                        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]},
                    }],
                    "LocalSecondaryIndexes": [index("local", &["id", "who"])],
                    "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
                    "SSESpecification": {"Enabled": true, "SSEType": "KMS"},
                    "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
                    "TableClass": "STANDARD_INFREQUENT_ACCESS",
                    "DeletionProtectionEnabled": true,
                }),
            ),
            "",
        ),
        (
            "dynamodb:DescribeTable",
            json!({"TableName": "t-2"}),
            r#"{"Table":{"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],
               "BillingModeSummary":null,"DeletionProtectionEnabled":true,
               "ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},
               "WarmThroughput":{"ReadUnitsPerSecond":5,"WriteUnitsPerSecond":6},
               "GlobalSecondaryIndexes":[{"IndexName":"by-who","IndexStatus":"ACTIVE","Backfilling":null,
                 "IndexArn":"arn:aws:dynamodb:us-east-1:000000000000:table/t-2/index/by-who",
                 "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a","b"]},
                 "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}],
               "LocalSecondaryIndexes":[{"IndexName":"local","Projection":{"ProjectionType":"ALL"}}],
               "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},
               "LatestStreamLabel":"2026-01-01T00:00:00.001",
               "LatestStreamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/t-2/stream/2026-01-01T00:00:00.001",
               "SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"?"},
               "TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"}}}"#,
        ),
        (
            "dynamodb:ListTagsOfResource",
            json!({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t-2"}),
            r#"{"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}],"NextToken":null}"#,
        ),
        (
            "dynamodb:ListStreams",
            json!({"TableName": "t-2"}),
            r#"{"Streams":[{"TableName":"t-2","StreamLabel":"2026-01-01T00:00:00.001"}]}"#,
        ),
        (
            "dynamodb:CreateTable",
            with(
                on_demand("t-3"),
                json!({
                    "AttributeDefinitions": attributes(&["id", "who"]),
                    "OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20},
                    "WarmThroughput": {"ReadUnitsPerSecond": 13000},
                    "GlobalSecondaryIndexes": [with(index("by-who", &["who"]), json!({"OnDemandThroughput": {"MaxReadRequestUnits": 3}}))],
                    "SSESpecification": {"Enabled": true, "KMSMasterKeyId": "arn:aws:kms:us-east-1:000000000000:key/k"},
                }),
            ),
            "",
        ),
        (
            "dynamodb:DescribeTable",
            json!({"TableName": "t-3"}),
            r#"{"Table":{"OnDemandThroughput":{"MaxReadRequestUnits":10,"MaxWriteRequestUnits":20},
               "WarmThroughput":{"ReadUnitsPerSecond":13000,"WriteUnitsPerSecond":4000},
               "GlobalSecondaryIndexes":[{"OnDemandThroughput":{"MaxReadRequestUnits":3,"MaxWriteRequestUnits":-1}}],
               "SSEDescription":{"KMSMasterKeyArn":"arn:aws:kms:us-east-1:000000000000:key/k"}}}"#,
        ),
        ("dynamodb:ListTables", json!({}), r#"{"TableNames":["t-1","t-2","t-3"],"LastEvaluatedTableName":null}"#),
        ("dynamodb:ListTables", json!({"Limit": 2}), r#"{"TableNames":["t-1","t-2"],"LastEvaluatedTableName":"t-2"}"#),
        (
            "dynamodb:ListTables",
            json!({"ExclusiveStartTableName": "t-2"}),
            r#"{"TableNames":["t-3"],"LastEvaluatedTableName":null}"#,
        ),
        (
            "dynamodb:ListTables",
            json!({"Limit": 0}),
            "ValidationException: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: \
             Member must have value greater than or equal to 1",
        ),
        (
            "dynamodb:DeleteTable",
            json!({"TableName": "t-2"}),
            "ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion \
             protection first.",
        ),
        ("dynamodb:UpdateTable", json!({"TableName": "t-2", "DeletionProtectionEnabled": false}), ""),
        (
            "dynamodb:DeleteTable",
            json!({"TableName": "t-2"}),
            r#"{"TableDescription":{"TableName":"t-2","TableStatus":"DELETING","KeySchema":null}}"#,
        ),
        (
            "dynamodb:DescribeTable",
            json!({"TableName": "t-2"}),
            "ResourceNotFoundException: Requested resource not found: Table: t-2 not found",
        ),
        (
            "dynamodb:DeleteTable",
            json!({"TableName": "t-2"}),
            "ResourceNotFoundException: Requested resource not found: Table: t-2 not found",
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn creations_refused() {
    let gsi = |index: Value| {
        with(
            on_demand("tab"),
            json!({"AttributeDefinitions": attributes(&["id", "who"]), "GlobalSecondaryIndexes": [index]}),
        )
    };
    let lsi = |index: Value| {
        with(
            on_demand("tab"),
            json!({
                "AttributeDefinitions": attributes(&["id", "at", "who"]),
                "KeySchema": keys(&["id", "at"]),
                "LocalSecondaryIndexes": [index],
            }),
        )
    };
    let one = "ValidationException: 1 validation error detected: Value ";
    let refused: Vec<(Value, String)> = vec![
        (
            with(on_demand("tab"), json!({"TableName": null})),
            "ValidationException: The parameter 'TableName' is required but was not present in the request".into(),
        ),
        (
            on_demand("a"),
            format!("{one}'a' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"),
        ),
        (
            on_demand("a b c"),
            format!("{one}'a b c' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
        ),
        (
            with(on_demand("tab"), json!({"BillingMode": "FREE"})),
            format!("{one}'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
        ),
        (
            with(on_demand("tab"), json!({"TableClass": "COLD"})),
            format!("{one}'COLD' at 'tableClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, STANDARD_INFREQUENT_ACCESS]"),
        ),
        (
            with(on_demand("tab"), json!({"KeySchema": []})),
            format!("{one}'[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or equal to 1"),
        ),
        (
            with(on_demand("tab"), json!({"KeySchema": null})),
            format!("{one}null at 'keySchema' failed to satisfy constraint: Member must not be null"),
        ),
        (
            with(on_demand("tab"), json!({"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "M"}]})),
            format!("{one}'M' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]"),
        ),
        (
            with(on_demand("tab"), json!({"KeySchema": [{"AttributeName": "id", "KeyType": "KEY"}]})),
            format!("{one}'KEY' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]"),
        ),
        (
            with(on_demand("tab"), json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 0}})),
            "ValidationException: 2 validation errors detected: Value null at 'provisionedThroughput.writeCapacityUnits' failed to \
             satisfy constraint: Member must not be null; Value '0' at 'provisionedThroughput.readCapacityUnits' failed to satisfy \
             constraint: Member must have value greater than or equal to 1"
                .into(),
        ),
        (
            with(on_demand("tab"), json!({"ProvisionedThroughput": units(1, 1)})),
            format!("{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"),
        ),
        (
            with(on_demand("tab"), json!({"BillingMode": "PROVISIONED"})),
            format!("{INVALID}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"),
        ),
        (
            with(on_demand("tab"), json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1 << 50, 1)})),
            "ValidationException: Given value 1125899906842624 for ReadCapacityUnits is out of bounds".into(),
        ),
        (
            with(on_demand("tab"), json!({"AttributeDefinitions": []})),
            "ValidationException: Invalid KeySchema: Some index key attribute have no definition".into(),
        ),
        (
            with(on_demand("tab"), json!({"AttributeDefinitions": attributes(&["x"])})),
            format!("{INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [x]"),
        ),
        (
            with(on_demand("tab"), json!({"AttributeDefinitions": attributes(&["id", "x"])})),
            format!("{INVALID}Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"),
        ),
        (
            with(on_demand("tab"), json!({"KeySchema": [{"AttributeName": "id", "KeyType": "RANGE"}]})),
            "ValidationException: Invalid KeySchema: The first KeySchemaElement is not a HASH key type".into(),
        ),
        (
            with(on_demand("tab"), json!({"KeySchema": keys(&["id", "id"])})),
            "ValidationException: Both the Hash Key and the Range Key element in the KeySchema have the same name".into(),
        ),
        (
            with(on_demand("tab"), json!({
                "AttributeDefinitions": attributes(&["id", "at"]),
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "HASH"}],
            })),
            "ValidationException: Invalid KeySchema: The second KeySchemaElement is not a RANGE key type".into(),
        ),
        (
            with(on_demand("tab"), json!({"GlobalSecondaryIndexes": []})),
            format!("{INVALID}List of GlobalSecondaryIndexes is empty"),
        ),
        (
            with(on_demand("tab"), json!({"GlobalSecondaryIndexes": [index("by-who", &["who"])]})),
            format!("{INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [who], AttributeDefinitions: [id]"),
        ),
        (
            gsi(index("by-id", &["id"])),
            format!("{INVALID}Some AttributeDefinitions are not used. AttributeDefinitions: [id, who], keys used: [id]"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"ProvisionedThroughput": units(1, 1)}))),
            format!("{INVALID}ProvisionedThroughput should not be specified for index: by-who when BillingMode is PAY_PER_REQUEST"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"Projection": {}}))),
            format!("{INVALID}Unknown ProjectionType: null"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"Projection": {"ProjectionType": "ALL", "NonKeyAttributes": ["a"]}}))),
            format!("{INVALID}ProjectionType is ALL, but NonKeyAttributes is specified"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"Projection": {"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["a"]}}))),
            format!("{INVALID}ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"Projection": {"ProjectionType": "INCLUDE"}}))),
            format!("{INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"Projection": {"ProjectionType": "SOME"}}))),
            format!("{one}'SOME' at 'globalSecondaryIndexes.1.member.projection.projectionType' failed to satisfy constraint: Member must satisfy enum value set: [ALL, INCLUDE, KEYS_ONLY]"),
        ),
        (
            gsi(with(index("by-who", &["who"]), json!({"Projection": null}))),
            format!("{one}null at 'globalSecondaryIndexes.1.member.projection' failed to satisfy constraint: Member must not be null"),
        ),
        (
            with(gsi(index("by-who", &["who"])), json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1, 1)})),
            format!("{INVALID}ProvisionedThroughput must be specified for index: by-who"),
        ),
        (
            with(gsi(index("by-who", &["who"])), json!({"GlobalSecondaryIndexes": [index("by-who", &["who"]), index("by-who", &["who"])]})),
            format!("{INVALID}Duplicate index name: by-who"),
        ),
        (
            with(on_demand("tab"), json!({
                "AttributeDefinitions": attributes(&["id", "who"]), "LocalSecondaryIndexes": [index("local", &["id", "who"])],
            })),
            format!("{INVALID}Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"),
        ),
        (lsi(index("local", &["id"])), format!("{INVALID}Index KeySchema does not have a range key for index: local")),
        (
            lsi(index("local", &["who", "at"])),
            format!("{INVALID}Index KeySchema does not have the same leading hash key as table KeySchema for index: local. index hash key: who, table hash key: id"),
        ),
        (
            with(lsi(index("both", &["id", "who"])), json!({"GlobalSecondaryIndexes": [index("both", &["who"])]})),
            format!("{INVALID}Duplicate index name: both"),
        ),
        (
            with(lsi(json!({})), json!({
                "LocalSecondaryIndexes": (0..6).map(|i| index(&format!("local{i}"), &["id", "who"])).collect::<Vec<_>>(),
            })),
            format!("{INVALID}Number of LocalSecondaryIndexes exceeds per-table limit of 5"),
        ),
        (
            with(gsi(json!({})), json!({
                "GlobalSecondaryIndexes": (0..21).map(|i| index(&format!("index{i}"), &["who"])).collect::<Vec<_>>(),
            })),
            format!("{INVALID}GlobalSecondaryIndex count exceeds the per-table limit of 20"),
        ),
        (
            with(on_demand("tab"), json!({"StreamSpecification": {"StreamEnabled": true}})),
            format!("{INVALID}Table is being created with a stream enabled, but no StreamViewType was specified"),
        ),
        (
            with(on_demand("tab"), json!({"StreamSpecification": {"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"}})),
            format!("{INVALID}Table is being created with a stream disabled, UpdateViewType should not be specified"),
        ),
        (
            with(on_demand("tab"), json!({"SSESpecification": {"Enabled": true, "SSEType": "AES256"}})),
            format!("{INVALID}AES256 is not a valid SSEType"),
        ),
        (
            with(on_demand("tab"), json!({"OnDemandThroughput": {"MaxReadRequestUnits": 0}})),
            format!("{INVALID}Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range"),
        ),
        (
            with(on_demand("tab"), json!({
                "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1, 1), "OnDemandThroughput": {"MaxReadRequestUnits": 5},
            })),
            format!("{INVALID}MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED"),
        ),
        (
            with(on_demand("tab"), json!({"WarmThroughput": {"ReadUnitsPerSecond": 1}})),
            format!("{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than minimum WarmThroughput, minimum: 12000, requested: 1"),
        ),
        (
            with(on_demand("tab"), json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]})),
            format!("{INVALID}Duplicate tag key found: a"),
        ),
        (
            with(on_demand("tab"), json!({"Tags": [{"Key": "aws:a", "Value": "1"}]})),
            format!("{INVALID}Tag keys starting with 'aws:' are reserved for system use"),
        ),
        (
            with(on_demand("tab"), json!({"ResourcePolicy": "{"})),
            "ValidationException: Resource-based policy is invalid: the policy document is not well-formed".into(),
        ),
        (
            with(on_demand("tab"), json!({"BillingMode": 1})),
            "SerializationException: billingMode can not be converted to a String".into(),
        ),
    ];
    let sandbox = Sandbox::in_memory(1);
    for (input, wanted) in refused {
        run(&sandbox, &[("dynamodb:CreateTable", input, &wanted)]);
    }
    run(&sandbox, &[("dynamodb:ListTables", json!({}), r#"{"TableNames":[]}"#)]);
}

#[test]
fn updates() {
    let provisioned = with(
        on_demand("tab"),
        json!({
            "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1, 2), "AttributeDefinitions": attributes(&["id"]),
        }),
    );
    let update = |other: Value| with(json!({"TableName": "tab"}), other);
    let describe = || json!({"TableName": "tab"});
    let gsi = |change: Value| json!({"TableName": "tab", "GlobalSecondaryIndexUpdates": [change]});
    let create = with(
        gsi(json!({"Create": with(index("by-who", &["who"]), json!({"ProvisionedThroughput": units(3, 4)}))})),
        json!({"AttributeDefinitions": attributes(&["id", "who"])}),
    );
    let same = "ValidationException: The provisioned throughput for the table will not change. The requested value equals the \
        current value. Current ReadCapacityUnits provisioned for the table: 1. Requested ReadCapacityUnits: 1. Current \
        WriteCapacityUnits provisioned for the table: 2. Requested WriteCapacityUnits: 2. Refer to the Amazon DynamoDB Developer \
        Guide for current limits and how to request higher limits.";
    let nothing = "ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
        GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required";
    let neither = &format!(
        "{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
    );
    let steps: &[Step] = &[
        ("dynamodb:CreateTable", provisioned, ""),
        ("dynamodb:UpdateTable", describe(), nothing),
        ("dynamodb:UpdateTable", update(json!({"GlobalSecondaryIndexUpdates": []})), nothing),
        (
            "dynamodb:UpdateTable",
            json!({"TableName": "none", "DeletionProtectionEnabled": true}),
            "ResourceNotFoundException: Requested resource not found: Table: none not found",
        ),
        ("dynamodb:UpdateTable", update(json!({"ProvisionedThroughput": units(1, 2)})), same),
        (
            "dynamodb:UpdateTable",
            update(json!({"ProvisionedThroughput": units(5, 1)})),
            r#"{"TableDescription":{"TableStatus":"UPDATING","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":1,
               "LastIncreaseDateTime":1767225600,"LastDecreaseDateTime":1767225600}}}"#,
        ),
        ("dynamodb:DescribeTable", describe(), r#"{"Table":{"TableStatus":"ACTIVE"}}"#),
        // An index.
        (
            "dynamodb:UpdateTable",
            gsi(json!({"Create": index("by-who", &["who"])})),
            &format!(
                "{INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [who], AttributeDefinitions: []"
            ),
        ),
        (
            "dynamodb:UpdateTable",
            create.clone(),
            r#"{"TableDescription":{"GlobalSecondaryIndexes":[{"IndexName":"by-who","IndexStatus":"CREATING","Backfilling":true}]}}"#,
        ),
        (
            "dynamodb:DescribeTable",
            describe(),
            r#"{"Table":{"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"who","AttributeType":"S"}],
               "GlobalSecondaryIndexes":[{"IndexName":"by-who","IndexStatus":"ACTIVE",
               "ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}]}}"#,
        ),
        ("dynamodb:UpdateTable", create, &format!("{INVALID}Index already exists: by-who")),
        (
            "dynamodb:UpdateTable",
            gsi(json!({"Update": {"IndexName": "by-who", "ProvisionedThroughput": units(7, 8)}})),
            r#"{"TableDescription":{"GlobalSecondaryIndexes":[{"IndexStatus":"UPDATING",
               "ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":8}}]}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            gsi(json!({"Update": {"IndexName": "nothing", "ProvisionedThroughput": units(7, 8)}})),
            "ValidationException: This operation cannot be performed with given input values. Please contact DynamoDB service team \
             for more info: Action Blocked: IndexUpdate",
        ),
        (
            "dynamodb:UpdateTable",
            gsi(json!({})),
            &format!(
                "{INVALID}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null"
            ),
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"GlobalSecondaryIndexUpdates": [
                {"Delete": {"IndexName": "by-who"}}, {"Delete": {"IndexName": "other"}},
            ]})),
            "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"GlobalSecondaryIndexUpdates": [
                {"Delete": {"IndexName": "by-who"}}, {"Update": {"IndexName": "by-who", "ProvisionedThroughput": units(1, 1)}},
            ]})),
            &format!(
                "{INVALID}Only one global secondary index update per index is allowed simultaneously. Index: by-who"
            ),
        ),
        (
            "dynamodb:UpdateTable",
            gsi(json!({"Delete": {"IndexName": "nothing"}})),
            "ResourceNotFoundException: Requested resource not found: No such Index in table: nothing",
        ),
        // Billing.
        (
            "dynamodb:UpdateTable",
            update(json!({"BillingMode": "PAY_PER_REQUEST"})),
            r#"{"TableDescription":{"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1767225600},
               "ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0},
               "GlobalSecondaryIndexes":[{"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0}}]}}"#,
        ),
        ("dynamodb:UpdateTable", update(json!({"ProvisionedThroughput": units(1, 1)})), neither),
        (
            "dynamodb:UpdateTable",
            update(json!({"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": units(1, 1)})),
            neither,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"OnDemandThroughput": {"MaxReadRequestUnits": 9}, "GlobalSecondaryIndexUpdates": [
                {"Update": {"IndexName": "by-who", "OnDemandThroughput": {"MaxWriteRequestUnits": 4}}},
            ]})),
            r#"{"TableDescription":{"OnDemandThroughput":{"MaxReadRequestUnits":9,"MaxWriteRequestUnits":-1},
               "GlobalSecondaryIndexes":[{"OnDemandThroughput":{"MaxReadRequestUnits":-1,"MaxWriteRequestUnits":4}}]}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"OnDemandThroughput": {"MaxReadRequestUnits": -1}})),
            r#"{"TableDescription":{"OnDemandThroughput":null}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"OnDemandThroughput": {"MaxReadRequestUnits": -2}})),
            &format!(
                "{INVALID}Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range"
            ),
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"BillingMode": "PROVISIONED"})),
            &format!("{INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED"),
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1, 1)})),
            &format!("{INVALID}ProvisionedThroughput must be specified for index: by-who"),
        ),
        (
            "dynamodb:UpdateTable",
            update(
                json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1, 1), "GlobalSecondaryIndexUpdates": [
                    {"Update": {"IndexName": "by-who", "ProvisionedThroughput": units(2, 2)}},
                ]}),
            ),
            r#"{"TableDescription":{"BillingModeSummary":{"BillingMode":"PROVISIONED"},
               "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},
               "GlobalSecondaryIndexes":[{"OnDemandThroughput":null}]}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            gsi(json!({"Delete": {"IndexName": "by-who"}})),
            r#"{"TableDescription":{"AttributeDefinitions":[{"AttributeName":"id"}],"GlobalSecondaryIndexes":null}}"#,
        ),
        // Streams.
        (
            "dynamodb:UpdateTable",
            update(json!({"StreamSpecification": {"StreamEnabled": false}})),
            "ValidationException: Table is already disabled: TableName: tab",
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}})),
            r#"{"TableDescription":{"LatestStreamLabel":"2026-01-01T00:00:00.001","StreamSpecification":{"StreamViewType":"KEYS_ONLY"}}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"}})),
            "ValidationException: Table already has an enabled stream: TableName: tab",
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"StreamSpecification": {"StreamEnabled": false}})),
            r#"{"TableDescription":{"LatestStreamLabel":"2026-01-01T00:00:00.001","StreamSpecification":null}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"}})),
            r#"{"TableDescription":{"LatestStreamLabel":"2026-01-01T00:00:00.002","StreamSpecification":{"StreamViewType":"OLD_IMAGE"}}}"#,
        ),
        // Encryption.
        (
            "dynamodb:UpdateTable",
            update(json!({"SSESpecification": {"Enabled": true}})),
            r#"{"TableDescription":{"SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"?"}}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"SSESpecification": {"Enabled": true, "KMSMasterKeyId": "alias/aws/dynamodb"}})),
            r#"{"TableDescription":{"SSEDescription":{"KMSMasterKeyArn":"?"}}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"SSESpecification": {"Enabled": false}})),
            r#"{"TableDescription":{"SSEDescription":null}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"SSESpecification": {"Enabled": false}})),
            &format!("{INVALID}Table is already encrypted by given KMSMasterKey"),
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"SSESpecification": {"Enabled": false, "KMSMasterKeyId": "k"}})),
            &format!("{INVALID}KMSMasterKeyId cannot be specified unless SSE is enabled"),
        ),
        // The rest.
        (
            "dynamodb:UpdateTable",
            update(json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"})),
            r#"{"TableDescription":{"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS","LastUpdateDateTime":1767225600}}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"DeletionProtectionEnabled": true})),
            r#"{"TableDescription":{"TableStatus":"ACTIVE","DeletionProtectionEnabled":true}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"WarmThroughput": {"ReadUnitsPerSecond": 20000}})),
            r#"{"TableDescription":{"WarmThroughput":{"ReadUnitsPerSecond":20000}}}"#,
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"WarmThroughput": {"ReadUnitsPerSecond": 10000}})),
            &format!(
                "{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than minimum WarmThroughput, minimum: 20000, requested: 10000"
            ),
        ),
        (
            "dynamodb:UpdateTable",
            update(json!({"ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]})),
            "ValidationException: Table must have DynamoDB Streams enabled with StreamViewType set to NEW_AND_OLD_IMAGES to add a replica.",
        ),
        (
            "dynamodb:DescribeTable",
            describe(),
            r#"{"Table":{"TableStatus":"ACTIVE","DeletionProtectionEnabled":true,"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"},
               "BillingModeSummary":{"BillingMode":"PROVISIONED"},"SSEDescription":null}}"#,
        ),
    ];
    run(&Sandbox::in_memory(1), steps);
}

#[test]
fn what_settles_slowly() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.settle_after(2);
    let tab = || json!({"TableName": "tab"});
    let busy = |how: &str| {
        format!("ResourceInUseException: Attempt to change a resource which is still in use: Table is being {how}: tab")
    };
    let protect = || json!({"TableName": "tab", "TableClass": "STANDARD_INFREQUENT_ACCESS"});
    let add = json!({
        "TableName": "tab", "AttributeDefinitions": attributes(&["who"]),
        "GlobalSecondaryIndexUpdates": [{"Create": index("by-who", &["who"])}],
    });
    let steps: &[Step] = &[
        ("dynamodb:CreateTable", on_demand("tab"), ""),
        ("dynamodb:UpdateTable", protect(), &busy("created")),
        ("dynamodb:DeleteTable", tab(), &busy("created")),
        ("dynamodb:DescribeTable", tab(), r#"{"Table":{"TableStatus":"CREATING"}}"#),
        ("dynamodb:DescribeTable", tab(), r#"{"Table":{"TableStatus":"CREATING"}}"#),
        ("dynamodb:DescribeTable", tab(), r#"{"Table":{"TableStatus":"ACTIVE"}}"#),
        ("dynamodb:UpdateTable", add, ""),
        ("dynamodb:UpdateTable", protect(), &busy("updated")),
        (
            "dynamodb:DescribeTable",
            tab(),
            r#"{"Table":{"TableStatus":"UPDATING","GlobalSecondaryIndexes":[{"IndexStatus":"CREATING","Backfilling":true}]}}"#,
        ),
        ("dynamodb:DescribeTable", tab(), r#"{"Table":{"TableStatus":"UPDATING"}}"#),
        (
            "dynamodb:DescribeTable",
            tab(),
            r#"{"Table":{"TableStatus":"ACTIVE","GlobalSecondaryIndexes":[{"IndexStatus":"ACTIVE"}]}}"#,
        ),
        ("dynamodb:DeleteTable", tab(), ""),
        ("dynamodb:DescribeTable", tab(), r#"{"Table":{"TableStatus":"DELETING"}}"#),
        ("dynamodb:DeleteTable", tab(), &busy("deleted")),
        ("dynamodb:DescribeTable", tab(), r#"{"Table":{"TableStatus":"DELETING"}}"#),
        (
            "dynamodb:DescribeTable",
            tab(),
            "ResourceNotFoundException: Requested resource not found: Table: tab not found",
        ),
        ("dynamodb:CreateTable", on_demand("tab"), ""),
    ];
    run(&sandbox, steps);
}
