//! Items, and what tables and their items have to do with each other.

use super::*;

fn table(name: &str) -> Value {
    json!({
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

fn put(name: &str, item: Value) -> Value {
    json!({"TableName": name, "Item": item})
}

fn key(name: &str, id: &str) -> Value {
    json!({"TableName": name, "Key": {"id": {"S": id}}})
}

const GONE: &str = "ResourceNotFoundException: Requested resource not found";

/// Everything that must hold in memory and on disk alike.
fn all(sandbox: &Sandbox) {
    let who = |id: &str, who: &str| json!({"id": {"S": id}, "who": {"S": who}});
    let conditional = {
        let mut input = put("tab", who("1", "a"));
        input["ConditionExpression"] = json!("attribute_not_exists(id)");
        input
    };
    let update = json!({
        "TableName": "tab", "Key": {"id": {"S": "1"}}, "UpdateExpression": "SET #n = if_not_exists(#n, :z) + :one",
        "ExpressionAttributeNames": {"#n": "n"}, "ExpressionAttributeValues": {":z": {"N": "0"}, ":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    });
    let add = json!({
        "TableName": "tab", "AttributeDefinitions": [{"AttributeName": "who", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": {
            "IndexName": "by-who", "KeySchema": [{"AttributeName": "who", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"},
        }}],
    });
    let query = || {
        json!({
            "TableName": "tab", "IndexName": "by-who", "KeyConditionExpression": "who = :w",
            "ExpressionAttributeValues": {":w": {"S": "b"}},
        })
    };
    let steps: &[Step] = &[
        ("dynamodb:PutItem", put("tab", who("1", "a")), GONE),
        ("dynamodb:CreateTable", table("tab"), ""),
        ("dynamodb:GetItem", key("tab", "1"), r#"{"Item":null}"#),
        ("dynamodb:PutItem", put("tab", who("1", "a")), ""),
        ("dynamodb:PutItem", conditional, "ConditionalCheckFailedException: The conditional request failed"),
        (
            "dynamodb:PutItem",
            put("tab", json!({"other": {"S": "1"}})),
            "ValidationException: One or more parameter values were invalid: Missing the key id in the item",
        ),
        ("dynamodb:GetItem", key("tab", "1"), r#"{"Item":{"id":{"S":"1"},"who":{"S":"a"}}}"#),
        (
            "dynamodb:GetItem",
            key("arn:aws:dynamodb:us-east-1:000000000000:table/tab", "1"),
            r#"{"Item":{"id":{"S":"1"}}}"#,
        ),
        ("dynamodb:UpdateItem", update, r#"{"Attributes":{"n":{"N":"1"}}}"#),
        (
            "dynamodb:BatchWriteItem",
            json!({"RequestItems": {"tab": [{"PutRequest": {"Item": who("2", "b")}}, {"PutRequest": {"Item": who("3", "b")}}]}}),
            r#"{"UnprocessedItems":{}}"#,
        ),
        (
            "dynamodb:BatchGetItem",
            json!({"RequestItems": {"tab": {"Keys": [{"id": {"S": "2"}}]}}}),
            r#"{"Responses":{"tab":[{"who":{"S":"b"}}]}}"#,
        ),
        ("dynamodb:BatchGetItem", json!({"RequestItems": {"none": {"Keys": [{"id": {"S": "2"}}]}}}), GONE),
        (
            "dynamodb:TransactWriteItems",
            json!({"TransactItems": [
                {"Put": put("tab", who("4", "b"))},
                {"Delete": key("tab", "3")},
            ]}),
            "",
        ),
        (
            "dynamodb:TransactGetItems",
            json!({"TransactItems": [{"Get": key("tab", "4")}, {"Get": key("tab", "3")}]}),
            r#"{"Responses":[{"Item":{"id":{"S":"4"}}},{"Item":null}]}"#,
        ),
        ("dynamodb:Scan", json!({"TableName": "tab"}), r#"{"Count":3,"ScannedCount":3}"#),
        ("dynamodb:DescribeTable", json!({"TableName": "tab"}), r#"{"Table":{"ItemCount":3}}"#),
        // An index that comes later has what is there already.
        ("dynamodb:Query", query(), "ValidationException: The table does not have the specified index: by-who"),
        ("dynamodb:UpdateTable", add, ""),
        ("dynamodb:Query", query(), r#"{"Count":2}"#),
        (
            "dynamodb:UpdateTable",
            json!({"TableName": "tab", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-who"}}]}),
            "",
        ),
        ("dynamodb:Query", query(), "ValidationException: The table does not have the specified index: by-who"),
        ("dynamodb:DeleteItem", key("tab", "1"), ""),
        ("dynamodb:GetItem", key("tab", "1"), r#"{"Item":null}"#),
        // A table created again is empty.
        ("dynamodb:DeleteTable", json!({"TableName": "tab"}), ""),
        ("dynamodb:Scan", json!({"TableName": "tab"}), GONE),
        ("dynamodb:CreateTable", table("tab"), ""),
        ("dynamodb:Scan", json!({"TableName": "tab"}), r#"{"Count":0}"#),
    ];
    run(sandbox, steps);
}

#[test]
fn in_memory() {
    all(&Sandbox::in_memory(1));
}

#[test]
fn on_disk() {
    let dir = tempfile::tempdir().unwrap();
    all(&Sandbox::open(dir.path()).unwrap());
}

#[test]
fn kept_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let item = json!({"id": {"S": "1"}});
    let first = Sandbox::open(dir.path()).unwrap();
    run(&first, &[("dynamodb:CreateTable", table("tab"), "")]);
    let files = || {
        std::fs::read_dir(dir.path())
            .unwrap()
            .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with("sqlite"))
            .count()
    };
    assert_eq!(files(), 0, "a table without items needs no database");
    run(&first, &[("dynamodb:PutItem", put("tab", item.clone()), "")]);
    assert_eq!(files(), 1);
    let second = Sandbox::open(dir.path()).unwrap();
    run(&second, &[("dynamodb:GetItem", key("tab", "1"), r#"{"Item":{"id":{"S":"1"}}}"#)]);
    // The second replaces the table by one with another key; the first must not believe what it remembers.
    let other = json!({
        "TableName": "tab", "AttributeDefinitions": [{"AttributeName": "nr", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "nr", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
    });
    run(
        &second,
        &[
            ("dynamodb:DeleteTable", json!({"TableName": "tab"}), ""),
            ("dynamodb:CreateTable", other, ""),
            ("dynamodb:PutItem", put("tab", json!({"nr": {"N": "1"}})), ""),
        ],
    );
    run(
        &first,
        &[
            ("dynamodb:Scan", json!({"TableName": "tab"}), r#"{"Items":[{"nr":{"N":"1"}}]}"#),
            ("dynamodb:PutItem", put("tab", json!({"nr": {"N": "2"}})), ""),
            ("dynamodb:DescribeTable", json!({"TableName": "tab"}), r#"{"Table":{"ItemCount":2}}"#),
        ],
    );
}

#[test]
fn a_region_has_its_own_items() {
    let sandbox = Sandbox::in_memory(1);
    for region in ["us-east-1", "eu-west-1"] {
        script::ask_at(&sandbox, region, "dynamodb:CreateTable", table("tab")).unwrap();
    }
    script::ask_at(&sandbox, "eu-west-1", "dynamodb:PutItem", put("tab", json!({"id": {"S": "1"}}))).unwrap();
    let count = |region: &str| {
        script::ask_at(&sandbox, region, "dynamodb:Scan", json!({"TableName": "tab"})).unwrap()["Count"].clone()
    };
    assert_eq!((count("us-east-1"), count("eu-west-1")), (json!(0), json!(1)));
}

#[test]
fn a_table_on_its_way_takes_no_items() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.settle_after(1);
    run(
        &sandbox,
        &[
            ("dynamodb:CreateTable", table("tab"), ""),
            ("dynamodb:PutItem", put("tab", json!({"id": {"S": "1"}})), GONE),
            ("dynamodb:DescribeTable", json!({"TableName": "tab"}), ""),
            ("dynamodb:PutItem", put("tab", json!({"id": {"S": "1"}})), ""),
        ],
    );
}
