//! Tables of what a table's planning, requests and answers come to.

use super::steps::{self, Step};
use super::*;
use crate::value::{Type, json};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, BillingModeSummary, GlobalSecondaryIndexDescription, KeySchemaElement, KeyType,
    OnDemandThroughput, PointInTimeRecoveryDescription, Projection, ProjectionType, ProvisionedThroughputDescription,
    ScalarAttributeType, SseDescription, StreamSpecification, StreamViewType,
};
use serde_json::{Value as Json, json};

/// An object of the schema's type: what is not named is null.
fn object(json: Json) -> Object {
    Object::from_value(&json::from_json(&json, &schema::SCHEMA.ty()).unwrap())
}

/// A table as it is read, with these attributes instead.
fn table(changes: Json) -> Object {
    let mut all = json!({
        "id": "t", "name": "t", "arn": "arn", "hash_key": "id", "billing_mode": "PAY_PER_REQUEST",
        "attribute": [{"name": "id", "type": "S"}], "read_capacity": 0, "write_capacity": 0,
        "deletion_protection_enabled": false, "table_class": "STANDARD",
        "stream_enabled": false, "stream_view_type": "", "stream_arn": "", "stream_label": "",
        "global_secondary_index": [], "local_secondary_index": [], "on_demand_throughput": [],
        "point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 0}],
        "server_side_encryption": [], "ttl": [{"enabled": false, "attribute_name": ""}],
        "import_table": [], "replica": [], "tags": {}, "tags_all": {},
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    object(all)
}

fn index(name: &str, changes: Json) -> Json {
    let mut all = json!({
        "name": name, "hash_key": name, "range_key": "", "projection_type": "ALL", "non_key_attributes": [],
        "read_capacity": 0, "write_capacity": 0, "on_demand_throughput": [],
    });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

/// A step in few words.
fn words(step: &Step) -> String {
    let input = match step {
        Step::Table(input) => input,
        Step::TimeToLive { attribute, enabled } => return format!("ttl {attribute} {enabled}"),
        Step::Backups { enabled, days } => return format!("backups {enabled} {days:?}"),
        Step::Tags(changes) => return format!("untag {:?} tag {:?}", changes.remove, changes.set),
        Step::ReplicaBackups { region, enabled } => return format!("backups in {region} {enabled}"),
        Step::ReplicaTags { region, changes } => {
            return format!("in {region} untag {:?} tag {:?}", changes.remove, changes.set);
        }
    };
    assert_eq!(input.get_table_name().as_deref(), Some("t"));
    let mut words = Vec::new();
    if let Some(mode) = input.get_billing_mode() {
        words.push(mode.to_string());
    }
    if let Some(t) = input.get_provisioned_throughput() {
        words.push(format!("capacity {}/{}", t.read_capacity_units(), t.write_capacity_units()));
    }
    let limits =
        |t: &OnDemandThroughput| format!("limits {:?}/{:?}", t.max_read_request_units(), t.max_write_request_units());
    words.extend(input.get_on_demand_throughput().as_ref().map(limits));
    words.extend(input.get_deletion_protection_enabled().map(|on| format!("protected {on}")));
    words.extend(input.get_table_class().as_ref().map(ToString::to_string));
    if let Some(s) = input.get_stream_specification() {
        words.push(format!("stream {} {}", s.stream_enabled(), s.stream_view_type().map_or("", |v| v.as_str())));
    }
    if let Some(s) = input.get_sse_specification() {
        words.push(format!("key {:?} {:?}", s.enabled(), s.kms_master_key_id()));
    }
    for update in input.get_global_secondary_index_updates().iter().flatten() {
        if let Some(d) = update.delete() {
            words.push(format!("-{}", d.index_name()));
        }
        if let Some(c) = update.create() {
            let definitions = input.get_attribute_definitions().as_ref().unwrap().len();
            words.push(format!("+{} of {definitions}", c.index_name()));
        }
        if let Some(u) = update.update() {
            let capacity = u.provisioned_throughput().map(|t| t.read_capacity_units());
            words.push(format!("~{} {capacity:?} {:?}", u.index_name(), u.on_demand_throughput().map(limits)));
        }
    }
    words.join(", ")
}

#[test]
fn changes_come_in_an_order_that_dynamodb_accepts() {
    let provisioned = |more: Json| {
        let mut all = json!({"billing_mode": "PROVISIONED", "read_capacity": 5, "write_capacity": 5});
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    let cases: &[(Json, Json, &[&str])] = &[
        (json!({}), json!({}), &[]),
        (json!({"tags": null}), json!({"stream_view_type": "KEYS_ONLY"}), &[]),
        (provisioned(json!({})), provisioned(json!({"read_capacity": 7})), &["capacity 7/5"]),
        (json!({}), provisioned(json!({})), &["PROVISIONED, capacity 5/5"]),
        (provisioned(json!({})), json!({}), &["PAY_PER_REQUEST"]),
        (
            json!({"global_secondary_index": [index("a", json!({})), index("b", json!({}))]}),
            provisioned(
                json!({"global_secondary_index": [index("a", json!({"read_capacity": 2, "write_capacity": 3}))]}),
            ),
            &["-b", "PROVISIONED, capacity 5/5, ~a Some(2) None"],
        ),
        (
            provisioned(json!({"global_secondary_index": [index("a", json!({"read_capacity": 2}))]})),
            json!({"global_secondary_index": [index("a", json!({}))]}),
            &["PAY_PER_REQUEST"],
        ),
        (
            provisioned(
                json!({"global_secondary_index": [index("a", json!({"read_capacity": 2})), index("b", json!({}))]}),
            ),
            provisioned(
                json!({"global_secondary_index": [index("a", json!({"read_capacity": 4})), index("b", json!({}))]}),
            ),
            &["~a Some(4) None"],
        ),
        (
            json!({}),
            json!({
                "attribute": [{"name": "id", "type": "S"}, {"name": "a", "type": "S"}, {"name": "b", "type": "N"}],
                "global_secondary_index": [index("a", json!({})), index("b", json!({}))],
            }),
            &["+a of 3", "+b of 3"],
        ),
        (
            json!({"global_secondary_index": [index("a", json!({})), index("b", json!({}))]}),
            json!({"global_secondary_index": [index("a", json!({"range_key": "id"}))]}),
            &["-a", "-b", "+a of 1"],
        ),
        (
            json!({"global_secondary_index": [index("a", json!({"non_key_attributes": ["y", "x"]}))]}),
            json!({"global_secondary_index": [index("a", json!({"non_key_attributes": ["x", "y"]}))]}),
            &[],
        ),
        (
            json!({"on_demand_throughput": [{"max_read_request_units": 5, "max_write_request_units": 0}]}),
            json!({"on_demand_throughput": []}),
            &["limits Some(-1)/None"],
        ),
        (
            json!({}),
            json!({"on_demand_throughput": [{"max_read_request_units": 5, "max_write_request_units": -1}]}),
            &["limits Some(5)/Some(-1)"],
        ),
        (
            json!({"global_secondary_index": [index("a", json!({"on_demand_throughput": [{"max_read_request_units": 5}]}))]}),
            json!({"global_secondary_index": [index("a", json!({"on_demand_throughput": [{"max_read_request_units": 9}]}))]}),
            &["~a None Some(\"limits Some(9)/None\")"],
        ),
        (
            json!({"table_class": ""}),
            json!({"table_class": "STANDARD_INFREQUENT_ACCESS"}),
            &["STANDARD_INFREQUENT_ACCESS"],
        ),
        (
            json!({"deletion_protection_enabled": true}),
            json!({"deletion_protection_enabled": null, "stream_enabled": true, "stream_view_type": "NEW_IMAGE"}),
            &["protected false, stream true NEW_IMAGE"],
        ),
        (
            json!({"stream_enabled": true, "stream_view_type": "NEW_IMAGE"}),
            json!({"stream_enabled": false, "stream_view_type": "NEW_IMAGE"}),
            &["stream false "],
        ),
        (
            json!({"stream_enabled": true, "stream_view_type": "NEW_IMAGE"}),
            json!({"stream_enabled": true, "stream_view_type": "KEYS_ONLY"}),
            &["stream false ", "stream true KEYS_ONLY"],
        ),
        (
            json!({}),
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": ""}]}),
            &["key Some(true) None"],
        ),
        (
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": ""}]}),
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": "k"}]}),
            &["key Some(true) Some(\"k\")"],
        ),
        (
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": "k"}]}),
            json!({}),
            &["key Some(false) None"],
        ),
        (json!({}), json!({"server_side_encryption": [{"enabled": false}]}), &[]),
        (json!({}), json!({"ttl": [{"enabled": true, "attribute_name": "x"}]}), &["ttl x true"]),
        (
            json!({"ttl": [{"enabled": true, "attribute_name": "x"}]}),
            json!({"ttl": [{"enabled": false}]}),
            &["ttl x false"],
        ),
        (
            json!({"ttl": [{"enabled": true, "attribute_name": "x"}]}),
            json!({"ttl": [{"enabled": true, "attribute_name": "y"}]}),
            &["ttl x false", "ttl y true"],
        ),
        (json!({}), json!({"ttl": [{"enabled": false, "attribute_name": "y"}]}), &[]),
        (json!({}), json!({"point_in_time_recovery": [{"enabled": true}]}), &["backups true None"]),
        (
            json!({}),
            json!({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 7}]}),
            &["backups true Some(7)"],
        ),
        (
            json!({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 35}]}),
            json!({"point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 0}]}),
            &["backups false None"],
        ),
        (
            json!({"tags_all": {"a": "1", "b": "1"}}),
            json!({"tags_all": {"b": "2"}}),
            &["untag [\"a\"] tag [(\"b\", \"2\")]"],
        ),
    ];
    for (prior, planned, wanted) in cases {
        let steps = steps::steps(&table(prior.clone()), &table(planned.clone())).unwrap();
        let words: Vec<_> = steps.iter().map(words).collect();
        assert_eq!(words, *wanted, "{prior} -> {planned}");
    }
}

#[test]
fn a_new_table_is_asked_for_as_a_whole() {
    let planned = table(json!({
        "billing_mode": "PROVISIONED", "read_capacity": 1, "write_capacity": 2, "range_key": "at",
        "attribute": [{"name": "id", "type": "S"}, {"name": "at", "type": "N"}],
        "deletion_protection_enabled": true, "stream_enabled": true, "stream_view_type": "KEYS_ONLY",
        "global_secondary_index": [index("g", json!({
            "projection_type": "INCLUDE", "non_key_attributes": ["x"], "read_capacity": 3, "write_capacity": 4,
        }))],
        "local_secondary_index": [{"name": "l", "range_key": "g", "projection_type": "KEYS_ONLY"}],
        "server_side_encryption": [{"enabled": true, "kms_key_arn": "k"}],
    }));
    let input = request::creation(&planned, vec![("a".into(), "1".into())]).unwrap().build().unwrap();
    let throughput = input.provisioned_throughput().unwrap();
    assert_eq!((throughput.read_capacity_units(), throughput.write_capacity_units()), (1, 2));
    assert_eq!((input.attribute_definitions().len(), input.key_schema().len()), (2, 2));
    let index = &input.global_secondary_indexes()[0];
    assert_eq!(index.projection().unwrap().non_key_attributes(), ["x"]);
    assert_eq!(index.provisioned_throughput().unwrap().read_capacity_units(), 3);
    assert_eq!(input.local_secondary_indexes()[0].key_schema()[0].attribute_name(), "id");
    assert_eq!(input.stream_specification().unwrap().stream_view_type(), Some(&StreamViewType::KeysOnly));
    assert_eq!(input.sse_specification().unwrap().kms_master_key_id(), Some("k"));
    assert_eq!((input.deletion_protection_enabled(), input.table_class()), (Some(true), None));
    assert_eq!(input.tags()[0].key(), "a");

    let planned = table(
        json!({"table_class": "STANDARD_INFREQUENT_ACCESS", "on_demand_throughput": [{"max_read_request_units": 4}]}),
    );
    let input = request::creation(&planned, vec![]).unwrap().build().unwrap();
    assert_eq!(input.billing_mode(), Some(&BillingMode::PayPerRequest));
    assert_eq!(input.on_demand_throughput().unwrap().max_read_request_units(), Some(4));
    assert!(input.provisioned_throughput().is_none() && input.stream_specification().is_none());
    assert!(input.sse_specification().is_none() && input.deletion_protection_enabled().is_none());
    assert_eq!(input.table_class().unwrap().as_str(), "STANDARD_INFREQUENT_ACCESS");
}

#[test]
fn what_follows_a_creation() {
    for (planned, wanted) in [
        (json!({}), &[][..]),
        (
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}], "point_in_time_recovery": [{"enabled": false}]}),
            &[],
        ),
        (json!({"ttl": null, "point_in_time_recovery": null}), &[]),
        (
            json!({"ttl": [{"enabled": true, "attribute_name": "x"}], "point_in_time_recovery": [{"enabled": true}]}),
            &["backups true None", "ttl x true"],
        ),
    ] {
        let steps = steps::after_creation(&table(planned.clone())).unwrap();
        assert_eq!(steps.iter().map(words).collect::<Vec<_>>(), wanted, "{planned}");
    }
}

fn key(name: &str, ty: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(ty).build().unwrap()
}

fn described() -> aws_sdk_dynamodb::types::builders::TableDescriptionBuilder {
    let id =
        AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build().unwrap();
    TableDescription::builder()
        .table_name("t")
        .table_arn("arn")
        .table_status(TableStatus::Active)
        .attribute_definitions(id)
        .key_schema(key("id", KeyType::Hash))
        .billing_mode_summary(BillingModeSummary::builder().billing_mode(BillingMode::PayPerRequest).build())
        // Some endpoints go on telling the capacity of before.
        .provisioned_throughput(ProvisionedThroughputDescription::builder().read_capacity_units(5).build())
}

fn found(table: aws_sdk_dynamodb::types::builders::TableDescriptionBuilder) -> Found {
    Found { table: table.build(), backups: None, ttl: None, replicas: vec![], default_key: None }
}

fn without_tags(object: Object) -> Object {
    object.with("tags", Value::null(Type::map(Type::String))).with("tags_all", Value::null(Type::map(Type::String)))
}

#[test]
fn a_plain_table_is_read_as_the_provider_does() {
    let read = describe::object(&Object::new().with("id", "t"), &found(described()));
    assert_eq!(read, without_tags(table(json!({}))));
}

#[test]
fn everything_of_a_table_is_read() {
    let index = GlobalSecondaryIndexDescription::builder()
        .index_name("g")
        .key_schema(key("g", KeyType::Hash))
        .key_schema(key("id", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::Include)
                .non_key_attributes("y")
                .non_key_attributes("x")
                .build(),
        )
        .on_demand_throughput(OnDemandThroughput::builder().max_read_request_units(9).build());
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewImage);
    let described = described()
        .key_schema(key("at", KeyType::Range))
        .deletion_protection_enabled(true)
        .global_secondary_indexes(index.build())
        .stream_specification(stream.build().unwrap())
        .latest_stream_arn("arn/stream/1")
        .latest_stream_label("1")
        .on_demand_throughput(OnDemandThroughput::builder().max_write_request_units(7).build())
        .sse_description(SseDescription::builder().status(SseStatus::Enabled).kms_master_key_arn("default").build());
    let backups = PointInTimeRecoveryDescription::builder()
        .point_in_time_recovery_status(PointInTimeRecoveryStatus::Enabled)
        .recovery_period_in_days(35)
        .build();
    let ttl =
        TimeToLiveDescription::builder().time_to_live_status(TimeToLiveStatus::Enabling).attribute_name("x").build();
    let mut found =
        Found { table: described.build(), backups: Some(backups), ttl: Some(ttl), replicas: vec![], default_key: None };
    let wanted = |key: &str| {
        without_tags(table(json!({
            "range_key": "at", "deletion_protection_enabled": true,
            "global_secondary_index": [{
                "name": "g", "hash_key": "g", "range_key": "id", "projection_type": "INCLUDE", "non_key_attributes": ["x", "y"],
                "read_capacity": 0, "write_capacity": 0,
                "on_demand_throughput": [{"max_read_request_units": 9, "max_write_request_units": 0}],
            }],
            "stream_enabled": true, "stream_view_type": "NEW_IMAGE", "stream_arn": "arn/stream/1", "stream_label": "1",
            "on_demand_throughput": [{"max_read_request_units": 0, "max_write_request_units": 7}],
            "server_side_encryption": [{"enabled": true, "kms_key_arn": key}],
            "point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 35}],
            "ttl": [{"enabled": true, "attribute_name": "x"}],
        })))
    };
    // KMS does not tell: an import has the key; a table that was made without naming one goes on not naming it.
    assert_eq!(describe::object(&Object::new().with("id", "t"), &found), wanted("default"));
    let seen = object(json!({"id": "t", "server_side_encryption": [{"enabled": true, "kms_key_arn": ""}]}));
    assert_eq!(describe::object(&seen, &found), wanted(""));
    let own = object(json!({"id": "t", "server_side_encryption": [{"enabled": true, "kms_key_arn": "own"}]}));
    assert_eq!(describe::object(&own, &found), wanted("default"));
    // KMS tells: the default key has no name, whatever was seen before, and any other key has one.
    found.default_key = Some("default".into());
    for before in [&Object::new().with("id", "t"), &seen, &own] {
        assert_eq!(describe::object(before, &found), wanted(""));
    }
    found.default_key = Some("another".into());
    assert_eq!(describe::object(&seen, &found), wanted("default"));
}

#[test]
fn what_aws_does_not_tell_stays() {
    let seen = object(json!({
        "id": "t", "stream_view_type": "KEYS_ONLY", "restore_source_name": "s", "timeouts": {"create": "5m"},
        "on_demand_throughput": [{"max_read_request_units": -1, "max_write_request_units": 5}],
    }));
    let read = describe::object(&seen, &found(described()));
    let wanted = without_tags(table(json!({
        "stream_view_type": "KEYS_ONLY", "restore_source_name": "s", "timeouts": {"create": "5m"},
        "on_demand_throughput": [{"max_read_request_units": -1, "max_write_request_units": 0}],
    })));
    assert_eq!(read, wanted);
}

/// Adjusts and gives the attributes of `names`.
fn adjusted(config: &Object, prior: Option<&Object>, mut planned: Object, names: &[&str]) -> Vec<Value> {
    let place = Place { partition: "aws".into(), region: "r".into(), account: "1".into(), ..Place::default() };
    Table.adjust(&place, config, prior, &mut planned);
    names.iter().map(|name| planned.get(name).unwrap().clone()).collect()
}

#[test]
fn a_plan_says_what_aws_will_say() {
    let cases: &[(Json, Option<Json>, Json, Json)] = &[
        // Config, prior, planned, and what becomes of the planned.
        (json!({}), None, json!({"billing_mode": "PROVISIONED", "read_capacity": 3}), json!({"read_capacity": 3})),
        (json!({}), None, json!({"billing_mode": "PAY_PER_REQUEST"}), json!({"read_capacity": 0, "write_capacity": 0})),
        (
            json!({}),
            Some(json!({"billing_mode": "PROVISIONED", "read_capacity": 3})),
            json!({"billing_mode": "PAY_PER_REQUEST", "read_capacity": 3}),
            json!({"read_capacity": 0}),
        ),
        (
            json!({"global_secondary_index": [{"name": "a", "hash_key": "a", "projection_type": "ALL", "read_capacity": 5}]}),
            None,
            json!({
                "billing_mode": "PAY_PER_REQUEST",
                "global_secondary_index": [{
                    "name": "a", "hash_key": "a", "projection_type": "ALL", "read_capacity": 5, "on_demand_throughput": [],
                }],
            }),
            json!({"global_secondary_index": [index("a", json!({}))]}),
        ),
        (
            json!({}),
            None,
            json!({"local_secondary_index": [{"name": "a", "range_key": "a", "projection_type": "ALL"}]}),
            json!({"local_secondary_index": [{"name": "a", "range_key": "a", "projection_type": "ALL", "non_key_attributes": []}]}),
        ),
        (
            json!({"on_demand_throughput": [{"max_read_request_units": 4}]}),
            None,
            json!({"on_demand_throughput": [{"max_read_request_units": 4}]}),
            json!({"on_demand_throughput": [{"max_read_request_units": 4, "max_write_request_units": 0}]}),
        ),
        (json!({}), None, json!({}), json!({"stream_view_type": "", "stream_arn": "", "stream_label": ""})),
        (
            json!({"stream_view_type": "KEYS_ONLY"}),
            None,
            json!({"stream_enabled": false, "stream_view_type": "KEYS_ONLY"}),
            json!({"stream_view_type": "KEYS_ONLY"}),
        ),
        (
            json!({"stream_enabled": true, "stream_view_type": "KEYS_ONLY"}),
            None,
            json!({"stream_enabled": true, "stream_view_type": "KEYS_ONLY"}),
            json!({"stream_view_type": "KEYS_ONLY", "stream_arn": null}),
        ),
        (
            json!({}),
            Some(json!({"stream_arn": "old"})),
            json!({"stream_enabled": false, "stream_arn": "old"}),
            json!({"stream_arn": "old"}),
        ),
        (
            json!({"server_side_encryption": [{"enabled": false}]}),
            None,
            json!({"server_side_encryption": [{"enabled": false}]}),
            json!({"server_side_encryption": []}),
        ),
        (
            json!({"server_side_encryption": [{"enabled": true}]}),
            None,
            json!({"server_side_encryption": [{"enabled": true}]}),
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": ""}]}),
        ),
        (
            json!({}),
            Some(json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": "k"}]})),
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": "k"}]}),
            json!({"server_side_encryption": [{"enabled": true, "kms_key_arn": "k"}]}),
        ),
        (
            json!({"point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 9}]}),
            None,
            json!({"point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 9}]}),
            json!({"point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 0}]}),
        ),
        (
            json!({"point_in_time_recovery": [{"enabled": true}]}),
            Some(json!({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 9}]})),
            json!({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 9}]}),
            json!({"point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": 9}]}),
        ),
        (
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
            None,
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
            json!({"ttl": [{"enabled": false, "attribute_name": ""}]}),
        ),
        (
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
            Some(json!({"ttl": [{"enabled": false, "attribute_name": ""}]})),
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
            json!({"ttl": [{"enabled": false, "attribute_name": ""}]}),
        ),
        (
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
            Some(json!({"ttl": [{"enabled": true, "attribute_name": "x"}]})),
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
            json!({"ttl": [{"enabled": false, "attribute_name": "x"}]}),
        ),
    ];
    for (config, prior, planned, wanted) in cases {
        let names: Vec<&str> = wanted.as_object().unwrap().keys().map(String::as_str).collect();
        let prior = prior.clone().map(object);
        let got = adjusted(&object(config.clone()), prior.as_ref(), object(planned.clone()), &names);
        let wanted = object(wanted.clone());
        let wanted: Vec<_> = names.iter().map(|name| wanted.get(name).unwrap().clone()).collect();
        assert_eq!(got, wanted, "{config} {planned}");
    }
}

#[test]
fn holes_of_the_configuration_stay() {
    let hole = || Value::unknown(Type::Number);
    let with_limits = |read: Value, write: Value| {
        let block = Value::object_of([("max_read_request_units", read), ("max_write_request_units", write)]);
        object(json!({})).with("on_demand_throughput", Value::list(block.ty(), vec![block]))
    };
    let config = with_limits(hole(), Value::null(Type::Number));
    let planned = with_limits(hole(), hole());
    let got = adjusted(&config, None, planned, &["on_demand_throughput"]);
    assert_eq!(got, [with_limits(hole(), 0.into()).get("on_demand_throughput").unwrap().clone()]);

    let days = |days: Value| {
        let block = Value::object_of([("enabled", true.into()), ("recovery_period_in_days", days)]);
        object(json!({})).with("point_in_time_recovery", Value::list(block.ty(), vec![block]))
    };
    let prior = object(json!({"point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 0}]}));
    let got = adjusted(&days(Value::null(Type::Number)), Some(&prior), days(0.into()), &["point_in_time_recovery"]);
    assert_eq!(got, [days(hole()).get("point_in_time_recovery").unwrap().clone()]);

    let mode = object(json!({})).with("billing_mode", Value::unknown(Type::String)).with("read_capacity", hole());
    assert_eq!(adjusted(&mode, None, mode.clone(), &["read_capacity"]), [hole()]);
}

#[test]
fn mistakes_are_found_before_anything_is_sent() {
    let gsi = |name: &str, more: Json| {
        let mut all = json!({"name": name, "hash_key": "id", "projection_type": "ALL"});
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    let many = |n: usize, prefix: &str| (0..n).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>();
    let lsi = |name: &str| json!({"name": name, "range_key": "at", "projection_type": "ALL"});
    let six: Vec<_> = ["lsa", "lsb", "lsc", "lsd", "lse", "lsf"].map(lsi).into();
    let two = json!([{"name": "id", "type": "S"}, {"name": "at", "type": "S"}]);
    let cases: &[(Json, &[(&str, &str)])] = &[
        (json!({}), &[]),
        (
            json!({"hash_key": null}),
            &[("", "Missing required argument"), (".attribute[...].name", "Attribute is not used by a key")],
        ),
        (
            json!({"hash_key": "ID"}),
            &[
                (".attribute[...].name", "Attribute is not used by a key"),
                (".hash_key", "Key attribute is not defined"),
            ],
        ),
        (json!({"range_key": "at"}), &[(".range_key", "Key attribute is not defined")]),
        (json!({"range_key": "id"}), &[(".range_key", "Same attribute for both keys")]),
        (json!({"range_key": ""}), &[]),
        (json!({"attribute": two}), &[(".attribute[...].name", "Attribute is not used by a key")]),
        (
            json!({"attribute": [{"name": "id", "type": "S"}, {"name": "id", "type": "N"}]}),
            &[(".attribute[...].type", "Attribute is defined twice")],
        ),
        (
            json!({"global_secondary_index": [gsi("by-a", json!({"range_key": "at"})), gsi("by-b", json!({"range_key": "at"}))]}),
            &[(".global_secondary_index[...].range_key", "Key attribute is not defined")],
        ),
        (
            json!({"global_secondary_index": [gsi("by-a", json!({})), gsi("by-a", json!({"projection_type": "KEYS_ONLY"}))]}),
            &[(".global_secondary_index[...].name", "Duplicate index name")],
        ),
        (
            json!({"global_secondary_index": [gsi("by-a", json!({"projection_type": "INCLUDE"}))]}),
            &[(".global_secondary_index[...].projection_type", "Missing attributes of an index")],
        ),
        (
            json!({"global_secondary_index": [gsi("by-a", json!({"non_key_attributes": ["x"]}))]}),
            &[(".global_secondary_index[...].non_key_attributes", "Attributes of an index have no meaning")],
        ),
        (
            json!({"attribute": two, "local_secondary_index": [lsi("lsi")]}),
            &[(".local_secondary_index", "Local index without a sort key")],
        ),
        (
            json!({"attribute": two, "range_key": "at", "local_secondary_index": six}),
            &[(".local_secondary_index", "Too many local indexes")],
        ),
        (json!({"read_capacity": 5}), &[(".read_capacity", "Capacity of an on-demand table")]),
        (json!({"read_capacity": 0}), &[]),
        (json!({"billing_mode": null, "read_capacity": 5, "write_capacity": 5}), &[]),
        (
            json!({"billing_mode": null, "on_demand_throughput": [{"max_read_request_units": 5}]}),
            &[(".on_demand_throughput", "On-demand limits of a provisioned table")],
        ),
        (json!({"ttl": [{"enabled": true}]}), &[(".ttl[0].enabled", "Time to live without an attribute")]),
        (
            json!({"ttl": [{"enabled": true, "attribute_name": ""}]}),
            &[(".ttl[0].enabled", "Time to live without an attribute")],
        ),
        (json!({"ttl": [{"enabled": false}]}), &[]),
        (
            json!({"global_secondary_index": [gsi("ix", json!({}))]}),
            &[(".global_secondary_index[...].name", "Name of an index is too short")],
        ),
        (
            json!({"global_secondary_index": [
                gsi("by-a", json!({"projection_type": "INCLUDE", "non_key_attributes": many(60, "a")})),
                gsi("by-b", json!({"projection_type": "INCLUDE", "non_key_attributes": many(41, "a")})),
            ]}),
            &[(".global_secondary_index", "Too many projected attributes")],
        ),
        (
            json!({"replica": [{"region_name": "eu-west-1"}, {"region_name": "eu-west-1", "propagate_tags": true}]}),
            &[(".replica[...].region_name", "Duplicate replica"), (".replica", "Replica without a stream")],
        ),
        (
            json!({"replica": [{"region_name": "eu-west-1"}], "stream_enabled": true, "stream_view_type": "NEW_AND_OLD_IMAGES"}),
            &[],
        ),
        (json!({"hash_key": null, "attribute": [], "restore_source_name": "s", "restore_to_latest_time": true}), &[]),
        (
            json!({"hash_key": null, "attribute": [], "restore_source_name": "s"}),
            &[(".restore_source_name", "Missing time to restore")],
        ),
        (
            json!({"restore_source_table_arn": "a", "restore_to_latest_time": true, "restore_date_time": "2026-01-01T00:00:00Z"}),
            &[(".restore_date_time", "Two times to restore")],
        ),
        (
            json!({
                "restore_source_name": "s", "restore_to_latest_time": true, "range_key": "at", "attribute": two,
                "local_secondary_index": [lsi("lsi")], "import_table": [{"input_format": "CSV", "s3_bucket_source": [{"bucket": "b"}]}],
            }),
            &[
                (".import_table", "Two origins of a table"),
                (".local_secondary_index", "Local index of an imported table"),
            ],
        ),
    ];
    for (changes, wanted) in cases {
        let mut config = json!({"name": "t", "hash_key": "id", "billing_mode": "PAY_PER_REQUEST", "attribute": [{"name": "id", "type": "S"}]});
        for (name, value) in changes.as_object().unwrap() {
            config[name] = value.clone();
        }
        let findings = Table.check(&object(config));
        let got: Vec<_> = findings.iter().map(|(path, d)| (path.to_string(), d.summary)).collect();
        let got: Vec<_> = got.iter().map(|(path, summary)| (path.as_str(), *summary)).collect();
        assert_eq!(got, *wanted, "{changes}");
    }
}

#[test]
fn holes_are_no_mistakes() {
    let base = || {
        object(
            json!({"name": "t", "hash_key": "id", "billing_mode": "PAY_PER_REQUEST", "attribute": [{"name": "id", "type": "S"}]}),
        )
    };
    let hole = || Value::unknown(Type::String);
    let attributes = Value::object_of([("name", hole()), ("type", "S".into())]);
    for config in [
        base().with("hash_key", hole()),
        base().with("billing_mode", hole()).with("read_capacity", 5),
        base().with("attribute", Value::unknown(base().get("attribute").unwrap().ty())).with("range_key", "at"),
        base().with("attribute", Value::set(attributes.ty(), vec![attributes.clone()])),
        base().with("global_secondary_index", Value::unknown(base().get("global_secondary_index").unwrap().ty())),
        base().with("ttl", Value::unknown(Type::Any)),
    ] {
        let findings = Table.check(&config);
        assert!(findings.is_empty(), "{config:?} {findings:?}");
    }
}

#[test]
fn a_plan_is_judged_with_what_was_before() {
    let one = json!([{"name": "id", "type": "S"}]);
    let local = json!([{"name": "by-at", "range_key": "at", "projection_type": "ALL"}]);
    let cases: &[(Json, Option<Json>, Json, &[(&str, &str)])] = &[
        (
            json!({}),
            None,
            json!({"billing_mode": "PROVISIONED", "write_capacity": 0}),
            &[
                (".read_capacity", "Missing capacity of a provisioned table"),
                (".write_capacity", "Missing capacity of a provisioned table"),
            ],
        ),
        (json!({}), None, json!({"billing_mode": "PROVISIONED", "read_capacity": 1, "write_capacity": 1}), &[]),
        (
            json!({"global_secondary_index": [{"name": "g"}]}),
            None,
            json!({
                "billing_mode": "PROVISIONED", "read_capacity": 1, "write_capacity": 1,
                "global_secondary_index": [{"name": "g", "read_capacity": 1}],
            }),
            &[(".global_secondary_index[...].write_capacity", "Missing capacity of an index")],
        ),
        (json!({}), None, json!({"stream_enabled": true}), &[(".stream_enabled", "Missing stream view type")]),
        (json!({}), None, json!({"stream_enabled": true, "stream_view_type": "KEYS_ONLY"}), &[]),
        (json!({"attribute": one}), Some(json!({"attribute": one})), json!({}), &[]),
        (
            json!({"attribute": [{"name": "id", "type": "N"}]}),
            Some(json!({"attribute": one})),
            json!({}),
            &[(".attribute[...].type", "Type of a key attribute stays")],
        ),
        (
            json!({"local_secondary_index": [{"name": "by-at", "range_key": "at", "projection_type": "KEYS_ONLY"}]}),
            Some(json!({"local_secondary_index": local})),
            json!({"local_secondary_index": local}),
            &[(".local_secondary_index[...].projection_type", "Local index stays")],
        ),
        (
            json!({"local_secondary_index": local}),
            Some(json!({"local_secondary_index": local})),
            json!({"local_secondary_index": local}),
            &[],
        ),
    ];
    for (config, prior, planned, wanted) in cases {
        let prior = prior.clone().map(object);
        let findings = Table.review(&object(config.clone()), prior.as_ref(), &object(planned.clone()));
        let got: Vec<_> = findings.iter().map(|(path, d)| (path.to_string(), d.summary)).collect();
        let got: Vec<_> = got.iter().map(|(path, summary)| (path.as_str(), *summary)).collect();
        assert_eq!(got, *wanted, "{planned}");
    }
}

#[test]
fn an_import_takes_a_name() {
    assert_eq!(Table.import_id("orders").unwrap(), Object::new().with("id", "orders").with("name", "orders"));
    for id in ["", "arn:aws:dynamodb:us-east-1:123456789012:table/orders"] {
        assert!(Table.import_id(id).is_err(), "{id}");
    }
}

#[test]
fn another_attribute_of_time_to_live_takes_two_changes() {
    let ttl = |name: &str, enabled: bool| object(json!({"ttl": [{"attribute_name": name, "enabled": enabled}]}));
    for (before, after, wanted) in [
        (ttl("a", true), ttl("b", true), Some("Time to live changes twice")),
        (ttl("a", true), ttl("a", true), None),
        (ttl("a", true), ttl("b", false), None),
        (ttl("", false), ttl("b", true), None),
    ] {
        let found = Table.review(&after, Some(&before), &after);
        assert_eq!(found.first().map(|(_, d)| d.summary), wanted, "{after:?}");
    }
}
