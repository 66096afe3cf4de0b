//! Routing, unknown operations, regions and partitions, planned trouble, determinism, and the server.

use super::script::ask_at;
use super::*;
use crate::sandbox::{Trouble, When};
use bytes::Bytes;
use http::{Request, Response};

/// The answer to a bare request: status and body.
fn bare(sandbox: &Sandbox, headers: &[(&str, &str)], uri: &str, body: &str) -> (u16, String) {
    let mut request = Request::post(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response: Response<Bytes> = sandbox.answer(&request.body(Bytes::from(body.to_owned())).unwrap()).unwrap();
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn scope(region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

#[test]
fn a_service_is_found_by_what_there_is() {
    let who = "Action=GetCallerIdentity&Version=2011-06-15";
    let list = ("x-amz-target", "DynamoDB_20120810.ListTables");
    let scoped = scope("eu-west-1", "sts");
    let table: &[(&[(&str, &str)], &str, &str, &str)] = &[
        (&[list], "https://x/", "{}", "{\"TableNames\":[]}"),
        (&[list], "https://x/", "", "{\"TableNames\":[]}"),
        (&[("host", "dynamodb.eu-west-1.amazonaws.com"), list], "https://x/", "{}", "{\"TableNames\":[]}"),
        (&[], "https://x/", who, "<Account>000000000000</Account>"),
        (&[], "https://x/?Action=GetCallerIdentity&Version=2011-06-15", "", "<Account>000000000000</Account>"),
        (&[("authorization", &scoped)], "https://x/", "Action=GetCallerIdentity", "<Account>000000000000</Account>"),
        (&[], "https://sts.amazonaws.com/", "Action=GetCallerIdentity", "<Account>000000000000</Account>"),
    ];
    for (headers, uri, body, wanted) in table {
        let (status, text) = bare(&Sandbox::in_memory(1), headers, uri, body);
        assert!(status == 200 && text.contains(wanted), "{headers:?} {uri} {body}: {status} {text}");
    }
}

#[test]
fn what_it_does_not_know_it_says() {
    let s3 = scope("us-east-1", "s3");
    let (sqs, lambda) = (scope("us-east-1", "sqs"), scope("us-east-1", "lambda"));
    let iam = scope("us-east-1", "iam");
    let ddb = ("x-amz-target", "DynamoDB_20120810.ListBackups");
    let table: &[(&[(&str, &str)], &str, u16, &[&str])] = &[
        (
            &[("authorization", &s3)],
            "",
            501,
            &["<Error><Code>NotImplemented</Code>", "does not know this operation of S3."],
        ),
        (
            &[("authorization", &sqs)],
            "Action=ListQueues&Version=2012-11-05",
            400,
            &["<ErrorResponse><Error><Code>", "(sqs, operation ListQueues)."],
        ),
        (&[("authorization", &lambda)], "{}", 400, &["{\"__type\":\"UnknownOperationException\"", "(lambda)."]),
        (&[], "", 400, &["UnknownOperationException"]),
        (
            &[ddb],
            "{}",
            400,
            &[
                "com.amazon.coral.service#UnknownOperationException",
                "does not know the operation dynamodb:ListBackups.",
            ],
        ),
        (
            &[("authorization", &iam)],
            "Action=CreateUser&Version=2010-05-08",
            400,
            &["<Code>InvalidAction</Code>", "does not know the operation iam:CreateUser."],
        ),
        (&[("x-amz-target", "DynamoDB_20120810.ListTables")], "[", 400, &["SerializationException"]),
        (&[("x-amz-target", "DynamoDB_20120810.ListTables")], "[]", 400, &["SerializationException"]),
        (&[("x-amz-target", "Logs_20140328.CreateLogGroup")], "\u{0}", 400, &["SerializationException"]),
    ];
    for (headers, body, wanted, parts) in table {
        let (status, text) = bare(&Sandbox::in_memory(1), headers, "https://x/", body);
        assert_eq!(status, *wanted, "{text}");
        assert!(parts.iter().all(|p| text.contains(p)), "{headers:?}: {text}");
    }
}

#[test]
fn error_statuses() {
    let get = |service: &str, headers: &[(&str, &str)], body: &str| {
        let auth = scope("us-east-1", service);
        let all: Vec<(&str, &str)> = headers.iter().copied().chain([("authorization", auth.as_str())]).collect();
        bare(&Sandbox::in_memory(1), &all, "https://x/", body).0
    };
    let version = "&Version=2010-05-08";
    assert_eq!(get("iam", &[], &format!("Action=GetRole&RoleName=x{version}")), 404);
    assert_eq!(get("iam", &[], &format!("Action=GetRole{version}")), 400);
    let target = [("x-amz-target", "DynamoDB_20120810.DescribeTable")];
    assert_eq!(get("dynamodb", &target, r#"{"TableName":"none"}"#), 400);
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(get("iam", &[], &format!("Action=DeletePolicy&PolicyArn={policy}{version}")), 403);
}

#[test]
fn regions_and_partitions() {
    let sandbox = Sandbox::in_memory(1);
    let group = || json!({"logGroupName": "g"});
    for region in ["us-east-1", "cn-north-1", "us-gov-west-1"] {
        ask_at(&sandbox, region, "logs:CreateLogGroup", group()).unwrap();
    }
    let arn = |region: &str| {
        ask_at(&sandbox, region, "logs:DescribeLogGroups", json!({})).unwrap()["logGroups"][0]["logGroupArn"].clone()
    };
    assert_eq!(arn("us-east-1"), "arn:aws:logs:us-east-1:000000000000:log-group:g");
    assert_eq!(arn("cn-north-1"), "arn:aws-cn:logs:cn-north-1:000000000000:log-group:g");
    assert_eq!(arn("us-gov-west-1"), "arn:aws-us-gov:logs:us-gov-west-1:000000000000:log-group:g");
    assert_eq!(arn("eu-west-1"), Value::Null);
    // IAM is the same everywhere.
    ask(&sandbox, "iam:CreateRole", json!({"RoleName": "r", "AssumeRolePolicyDocument": TRUST})).unwrap();
    assert!(ask_at(&sandbox, "eu-west-1", "iam:GetRole", json!({"RoleName": "r"})).is_ok());
}

#[tokio::test]
async fn trouble_before_and_after() {
    let sandbox = Sandbox::in_memory(1);
    let c = Clients::of(&sandbox);
    let throttled =
        Trouble::Refused { status: 400, code: "ThrottlingException".into(), message: "Rate exceeded".into() };
    let create = || c.logs.create_log_group().log_group_name("g").send();
    let there = async || c.logs.describe_log_groups().send().await.unwrap().log_groups().len();

    sandbox.trouble("logs:CreateLogGroup", 1, When::Before, throttled.clone());
    let error = create().await.unwrap_err();
    assert!(format!("{error:?}").contains("ThrottlingException"), "{error:?}");
    assert_eq!(there().await, 0);

    sandbox.trouble("logs:CreateLogGroup", 1, When::After, Trouble::Lost);
    assert!(matches!(create().await, Err(aws_sdk_cloudwatchlogs::error::SdkError::DispatchFailure(_))));
    assert_eq!(there().await, 1);

    sandbox.trouble("logs:DeleteLogGroup", 2, When::Before, Trouble::Lost);
    for wanted in [false, false, true] {
        assert_eq!(c.logs.delete_log_group().log_group_name("g").send().await.is_ok(), wanted);
    }
    sandbox.trouble("logs:CreateLogGroup", 1, When::After, throttled);
    assert!(create().await.is_err());
    assert_eq!(there().await, 1);
}

#[test]
fn calls_are_counted() {
    let sandbox = Sandbox::in_memory(1);
    let _ = ask(&sandbox, "dynamodb:ListTables", json!({}));
    let _ = ask(&sandbox, "iam:GetRole", json!({"RoleName": "x"}));
    assert_eq!(sandbox.take_calls(), ["dynamodb:ListTables", "iam:GetRole"]);
    assert!(sandbox.take_calls().is_empty());
}

#[test]
fn the_same_seed_the_same_bytes() {
    let play = |seed: u64| {
        let sandbox = Sandbox::in_memory(seed);
        let role = json!({"RoleName": "r", "AssumeRolePolicyDocument": TRUST});
        let table = json!({
            "TableName": "tab", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"Enabled": true},
        });
        let (a, b) =
            (ask(&sandbox, "iam:CreateRole", role).unwrap(), ask(&sandbox, "dynamodb:CreateTable", table).unwrap());
        format!("{a}{b}")
    };
    assert_eq!(play(7), play(7));
    assert_ne!(play(7), play(8));
}

#[test]
fn a_clock_of_ones_own() {
    let sandbox = Sandbox::options().clock(|| 1_800_000_000_123).in_memory();
    let made = ask(&sandbox, "states:CreateActivity", json!({"name": "a"})).unwrap();
    assert_eq!(made["creationDate"].to_string(), "1800000000.123");
}

#[tokio::test]
async fn on_a_port() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let sandbox = Sandbox::in_memory(1);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = {
        let sandbox = sandbox.clone();
        tokio::spawn(async move { sandbox.serve(listener).await })
    };
    let talk = async |body: &str| {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-amz-target: Logs_20140328.CreateLogGroup\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    };
    assert!(talk(r#"{"logGroupName":"g"}"#).await.starts_with("HTTP/1.1 200 OK\r\n"));
    let twice = talk(r#"{"logGroupName":"g"}"#).await;
    assert!(twice.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{twice}");
    assert!(twice.contains("ResourceAlreadyExistsException"), "{twice}");
    // What came in by the port is there in process too.
    assert!(ask(&sandbox, "logs:ListTagsLogGroup", json!({"logGroupName": "g"})).is_ok());
    sandbox.trouble("logs:CreateLogGroup", 1, When::Before, Trouble::Lost);
    assert_eq!(talk("{}").await, "", "the connection breaks without an answer");
    server.abort();
}
