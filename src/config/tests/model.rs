//! What blocks mean, once they are read.

use super::super::version::TERRAFORM_VERSION;
use super::super::{Module, Repeat, address_of, key_of};
use super::{loaded, loaded_files};
use crate::address::Mode;
use crate::config::{Config, LoadOptions, ProviderConfig};
use crate::value::{Type, Value};
use std::path::Path;
use std::sync::Arc;

fn fine(text: &str) -> Module {
    let (config, diags) = loaded(text);
    assert!(diags.is_empty(), "{diags:?}");
    config.root
}

#[test]
fn types_are_read_with_their_defaults() {
    for (written, ty) in [
        ("string", "string"),
        ("any", "any"),
        ("list", "list(any)"),
        ("map", "map(any)"),
        ("set(number)", "set(number)"),
        ("tuple([string, list(bool)])", "tuple([string, list(bool)])"),
        ("tuple([])", "tuple([])"),
        ("object({})", "object({})"),
        ("object({ b = string, a = optional(number) })", "object({a=optional(number), b=string})"),
        ("map(object({ any = any, list = list(any) }))", "map(object({any=any, list=list(any)}))"),
    ] {
        let m = fine(&format!("variable \"v\" {{\n type = {written}\n}}"));
        let v = &m.variables["v"];
        assert_eq!(v.ty.to_string(), ty, "{written}");
        assert!(v.ty_given && v.required && v.type_defaults.is_none(), "{written}");
    }
    let m = fine(
        r#"variable "v" {
             type = map(object({
               n = optional(number, "7")
               o = optional(object({ s = optional(string, "x") }), {})
               t = tuple([object({ b = optional(bool, true) })])
             }))
           }"#,
    );
    let defaults = m.variables["v"].type_defaults.as_ref().unwrap();
    assert!(defaults.values.is_empty());
    let object = &defaults.children[""];
    assert_eq!(object.values["n"], Value::number(7i64));
    assert_eq!(object.values["o"], Value::object_of([("s", "x".into())]));
    assert_eq!(object.children["o"].values["s"], "x".into());
    assert_eq!(object.children["t"].children["0"].values["b"], true.into());
}

#[test]
fn variables_have_their_defaults_converted() {
    let m = fine(
        r#"variable "n" {
             type    = number
             default = "12"
           }
           variable "l" {
             type    = list(object({ a = string, b = optional(string, "b") }))
             default = [{ a = 1 }]
           }
           variable "free" { default = { x = [-1, true, null], y = (2) } }
           variable "null" {
             type    = string
             default = null
           }
           variable "flags" {
             sensitive   = "true"
             nullable    = false
             ephemeral   = true
             description = 5
           }"#,
    );
    let default = |name: &str| m.variables[name].default.clone().unwrap();
    assert_eq!(default("n"), Value::number(12i64));
    let element = default("l").as_slice().unwrap()[0].clone();
    assert_eq!(element.get("a"), Some("1".into()));
    assert_eq!(element.get("b"), Some("b".into()));
    let free = default("free");
    assert_eq!(free.get("y"), Some(Value::number(2i64)));
    assert_eq!(free.get("x").unwrap().as_slice().unwrap()[0], Value::number(-1i64));
    assert_eq!(default("null"), Value::null(Type::String));
    let flags = &m.variables["flags"];
    assert!(flags.sensitive && !flags.nullable && flags.ephemeral && flags.required);
    assert_eq!(flags.description.as_deref(), Some("5"));
    assert!(!m.variables["n"].sensitive && m.variables["n"].nullable && !m.variables["n"].required);
}

#[test]
fn resources_keep_only_what_is_their_own() {
    let m = fine(
        r#"provider "terraform" { alias = "west" }
           resource "terraform_data" "a" {
             count      = 2
             provider   = terraform.west
             depends_on = [terraform_data.b, data.terraform_remote_state.s]
             input      = 1
             dynamic "block" {
               for_each = [1]
               content {}
             }
             lifecycle {
               create_before_destroy = true
               prevent_destroy       = false
               ignore_changes        = [input, tags["x"]]
               replace_triggered_by  = [terraform_data.b["k"].id, terraform_data.c[count.index]]
               precondition {
                 condition     = local.l == 1
                 error_message = "pre"
               }
               postcondition {
                 condition     = self.input == 1
                 error_message = "post"
               }
             }
           }
           resource "terraform_data" "b" {
             for_each = { k = 1 }
             lifecycle { ignore_changes = all }
           }
           resource "terraform_data" "c" { count = 2 }
           data "terraform_remote_state" "s" { backend = "local" }
           locals { l = 1 }"#,
    );
    let get = |mode, name: &str| {
        let ty = if mode == Mode::Data { "terraform_remote_state" } else { "terraform_data" };
        &m.resources[&(mode, Arc::from(ty), Arc::from(name))]
    };
    let a = get(Mode::Managed, "a");
    assert!(matches!(a.repeat, Repeat::Count(_)));
    assert_eq!(a.provider.as_ref().unwrap().text(), "terraform.west");
    assert_eq!(a.depends_on.len(), 2);
    let own: Vec<&str> = a.body.attributes.iter().map(|a| &*a.name.name).collect();
    assert_eq!(own, ["input"]);
    assert_eq!(&*a.body.blocks[0].ty.name, "dynamic");
    let l = &a.lifecycle;
    assert_eq!(l.create_before_destroy, Some(true));
    assert!(l.prevent_destroy.is_some() && !l.ignore_all);
    let ignored: Vec<&str> = l.ignore_changes.iter().map(|e| e.span.text()).collect();
    assert_eq!(ignored, ["input", "tags[\"x\"]"]);
    assert_eq!((l.replace_triggered_by.len(), l.preconditions.len(), l.postconditions.len()), (2, 1, 1));
    assert!(get(Mode::Managed, "b").lifecycle.ignore_all);
    assert_eq!(get(Mode::Data, "s").local_address(), "data.terraform_remote_state.s");
    assert_eq!(get(Mode::Data, "s").provider_name(), "terraform");
    assert_eq!(a.span.text(), "resource \"terraform_data\" \"a\"");
}

#[test]
fn settings_are_merged_over_files() {
    let (config, diags) = loaded_files(&[
        ("a.tf", "terraform {\n required_version = \">= 1.0, < 2\"\n backend \"s3\" {\n  bucket = \"b\"\n }\n}\n"),
        (
            "b.tf",
            r#"terraform {
                 required_providers {
                   aws  = { source = "hashicorp/aws", version = "~> 5.0", configuration_aliases = [aws.west] }
                   null = "1.0"
                   own  = { source = "Example.com/acme/own" }
                 }
                 provider_meta "aws" { module_name = "x" }
                 experiments = []
               }"#,
        ),
    ]);
    assert!(diags.is_empty(), "{diags:?}");
    let s = &config.root.settings;
    assert_eq!(s.required_version[0].0, ">= 1.0, < 2");
    assert_eq!(&*s.backend.as_ref().unwrap().kind, "s3");
    assert_eq!(s.backend.as_ref().unwrap().body.attributes.len(), 1);
    let aws = &s.required_providers["aws"];
    assert_eq!(aws.source, "registry.terraform.io/hashicorp/aws");
    assert_eq!(aws.version.as_deref(), Some("~> 5.0"));
    assert_eq!(aws.aliases[0].0, "aws.west");
    assert_eq!(s.required_providers["null"].source, "registry.terraform.io/hashicorp/null");
    assert_eq!(s.required_providers["own"].source, "example.com/acme/own");
    assert_eq!(config.root.files.len(), 2);
    assert_eq!(TERRAFORM_VERSION, "1.11.4");
}

#[test]
fn modules_are_loaded_with_their_places() {
    let (config, diags) = loaded_files(&[
        (
            "main.tf",
            "module \"a\" {\n source = \"./m/x\"\n in = 1\n}\nmodule \"b\" {\n source = \"./m/../m/x\"\n in = 2\n}\n",
        ),
        (
            "m/x/main.tf",
            "variable \"in\" {}\nmodule \"deep\" {\n source = \"../y\"\n}\noutput \"o\" {\n value = module.deep.p\n}\n",
        ),
        ("m/y/main.tf", "output \"p\" {\n value = path.module\n}\n"),
        ("m/y/main.tf~", "nonsense"),
        ("m/y/.hidden.tf", "nonsense"),
        ("m/y/readme.md", "nonsense"),
    ]);
    assert!(diags.is_empty(), "{diags:?}");
    let deep = config.module(&["b".into(), "deep".into()]).unwrap();
    assert!(deep.dir.ends_with("m/y"));
    assert_eq!(deep.path, ["b".into(), "deep".into()]);
    assert_eq!(deep.files.len(), 1);
    assert!(config.module(&["a".into(), "nope".into()]).is_none());
}

#[test]
fn installed_modules_are_found_through_the_manifest() {
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},
        {"Key":"vpc","Source":"registry.terraform.io/acme/vpc/aws","Version":"1.2.3","Dir":".terraform/modules/vpc"},
        {"Key":"old","Source":"registry.terraform.io/acme/other/aws","Version":"1.0.0","Dir":".terraform/modules/old"},
        {"Key":"pinned","Source":"registry.terraform.io/acme/vpc/aws","Version":"1.2.3","Dir":".terraform/modules/vpc"},
        {"Key":"gone","Source":"git::https://example.com/x.git","Dir":".terraform/modules/gone"},
        {"Key":"vpc.sub","Source":"git::https://github.com/acme/sub.git","Dir":".terraform/modules/vpc.sub"}]}"#;
    let (config, diags) = loaded_files(&[
        (
            "main.tf",
            r#"module "vpc" {
  source  = "acme/vpc/aws"
  version = "~> 1.2"
}
module "old" {
  source = "acme/vpc/aws"
}
module "pinned" {
  source  = "acme/vpc/aws"
  version = "2.0"
}
module "gone" {
  source = "git::https://example.com/x.git"
}
module "new" {
  source = "acme/new/aws"
}
"#,
        ),
        (".terraform/modules/modules.json", manifest),
        (".terraform/modules/vpc/main.tf", "module \"sub\" {\n source = \"github.com/acme/sub\"\n}\n"),
        (".terraform/modules/vpc.sub/main.tf", "output \"o\" {\n value = 1\n}\n"),
    ]);
    let found: Vec<(usize, &str)> =
        diags.iter().map(|d| (d.span.as_ref().unwrap().line_column().0, d.summary)).collect();
    assert_eq!(
        found,
        [
            (6, "Module source has changed"),
            (10, "Module version requirements have changed"),
            (13, "Module not installed"),
            (16, "Module not installed"),
        ]
    );
    assert!(diags.iter().all(|d| d.help.as_ref().is_some_and(|h| h.contains("formwork init"))));
    let missing: Vec<String> =
        config.not_installed.iter().map(|m| format!("{}: {}", m.path.join("."), m.diagnostic.summary)).collect();
    assert_eq!(
        missing,
        [
            "gone: Module not installed",
            "new: Module not installed",
            "old: Module source has changed",
            "pinned: Module version requirements have changed",
        ]
    );
    assert!(config.module(&["vpc".into(), "sub".into()]).unwrap().outputs.contains_key("o"));
}

#[test]
fn a_damaged_manifest_and_an_unreadable_directory_are_reported() {
    let (_, diags) = loaded_files(&[("main.tf", ""), (".terraform/modules/modules.json", "{")]);
    assert_eq!(diags.iter().map(|d| d.summary).collect::<Vec<_>>(), ["Invalid list of installed modules"]);
    let (config, diags) = super::load(Path::new("/nonexistent/formwork"), &LoadOptions::default());
    assert_eq!(diags.iter().map(|d| d.summary).collect::<Vec<_>>(), ["Unreadable module directory"]);
    assert!(config.root.files.is_empty());
}

#[test]
fn provider_configurations_are_own_passed_or_inherited() {
    let (config, diags) = loaded_files(&[
        (
            "main.tf",
            r#"provider "aws" { region = "us-east-1" }
               provider "aws" {
                 alias  = "west"
                 region = "us-west-2"
               }
               module "inherits" { source = "./plain" }
               module "passed" {
                 source    = "./aliased"
                 providers = {
                   aws      = aws.west
                   aws.main = aws
                 }
               }"#,
        ),
        ("plain/main.tf", "module \"deeper\" {\n source = \"../proxy\"\n}\n"),
        ("proxy/main.tf", "provider \"aws\" {}\n"),
        (
            "aliased/main.tf",
            r#"terraform {
                 required_providers {
                   aws = {
                     source                = "hashicorp/aws"
                     configuration_aliases = [aws.main]
                   }
                 }
               }
               module "below" { source = "../plain" }"#,
        ),
    ]);
    // (Of an empty block Terraform warns, and takes it.)
    assert!(!diags.has_errors(), "{diags:?}");
    let text = |p: Option<ProviderConfig<'_>>| {
        p.map(|p| format!("{}/{}/{}", p.module.join("."), p.name, p.alias.as_deref().unwrap_or("-")))
    };
    let at = |config: &Config, path: &str, alias: Option<&str>| {
        let path: Vec<Arc<str>> = path.split('.').filter(|s| !s.is_empty()).map(Arc::from).collect();
        text(config.provider(&path, "aws", alias)).unwrap_or_default()
    };
    for (path, alias, found) in [
        ("", None, "/aws/-"),
        ("", Some("west"), "/aws/west"),
        ("", Some("nope"), ""),
        ("inherits", None, "/aws/-"),
        ("inherits", Some("west"), ""),
        ("inherits.deeper", None, "/aws/-"),
        ("passed", None, "/aws/west"),
        ("passed", Some("main"), "/aws/-"),
        ("passed.below.deeper", None, "/aws/west"),
    ] {
        assert_eq!(at(&config, path, alias), found, "{path} {alias:?}");
    }
    assert!(config.provider(&[], "terraform", None).unwrap().block.is_none());
}

#[test]
fn override_files_change_what_ordinary_files_declare() {
    let (config, diags) = loaded_files(&[
        (
            "main.tf",
            r#"terraform {
                 required_providers {
                   aws  = { source = "hashicorp/aws", version = "4.0" }
                   null = { source = "hashicorp/null" }
                 }
                 backend "local" {}
               }
               provider "aws" { region = "a" }
               provider "aws" {
                 alias  = "w"
                 region = "b"
               }
               variable "v" { default = "x" }
               locals {
                 a = 1
                 b = 2
               }
               output "o" { value = 1 }
               resource "terraform_data" "r" {
                 count = 1
                 input = "base"
                 tag { n = 1 }
                 tag { n = 2 }
                 other {}
                 lifecycle {
                   create_before_destroy = true
                   ignore_changes        = [input]
                 }
               }"#,
        ),
        (
            "a_override.tf",
            r#"terraform {
                 required_providers {
                   aws = { source = "hashicorp/aws", version = "5.0" }
                 }
                 backend "s3" {}
               }
               provider "aws" {
                 alias  = "w"
                 region = "c"
               }
               variable "v" {
                 type    = number
                 default = "3"
               }
               locals { b = 3 }
               output "o" { sensitive = true }
               resource "terraform_data" "r" {
                 for_each = {}
                 dynamic "tag" {
                   for_each = []
                   content {}
                 }
                 lifecycle { create_before_destroy = false }
               }"#,
        ),
        ("override.tf", "variable \"v\" {\n default = 4\n}\n"),
    ]);
    // That `for_each` takes no `count`'s place.
    assert_eq!(diags.iter().map(|d| d.summary).collect::<Vec<_>>(), ["Override without effect"]);
    let m = &config.root;
    assert_eq!(m.settings.required_providers["aws"].version.as_deref(), Some("5.0"));
    assert!(m.settings.required_providers.contains_key("null"));
    assert_eq!(&*m.settings.backend.as_ref().unwrap().kind, "s3");
    let region = |alias: Option<&str>| {
        let p = m.providers.iter().find(|p| p.alias.as_deref() == alias).unwrap();
        p.body.attribute("region").unwrap().value.span.text().to_string()
    };
    assert_eq!((region(None).as_str(), region(Some("w")).as_str()), ("\"a\"", "\"c\""));
    assert_eq!(m.variables["v"].default, Some(Value::number(4i64)));
    assert_eq!(m.locals["b"].value.span.text(), "3");
    assert!(m.outputs["o"].sensitive);
    let r = m.resources.values().next().unwrap();
    assert!(matches!(r.repeat, Repeat::Count(_)));
    let blocks: Vec<&str> = r.body.blocks.iter().map(|b| &*b.ty.name).collect();
    assert_eq!(blocks, ["other", "dynamic"]);
    assert_eq!(r.body.attribute("input").unwrap().value.span.text(), "\"base\"");
    assert_eq!((r.lifecycle.create_before_destroy, r.lifecycle.ignore_changes.len()), (Some(false), 1));
}

#[test]
fn moves_imports_and_removals_name_addresses() {
    let m = fine(
        r#"moved {
             from = module.a["k"].aws_iam_role.x[0]
             to   = module.b.aws_iam_role.x
           }
           moved {
             from = module.a
             to   = module.b["k"]
           }
           import {
             for_each = { a = "x" }
             to       = terraform_data.r[each.key]
             id       = each.value
           }
           removed {
             from = terraform_data.gone
             lifecycle { destroy = false }
           }
           resource "terraform_data" "r" { for_each = { a = 1 } }
           check "c" {
             data "terraform_remote_state" "s" { backend = "local" }
             assert {
               condition     = data.terraform_remote_state.s.outputs.x == 1
               error_message = "no"
             }
           }"#,
    );
    let text = |e| address_of(e, &mut |_| None).unwrap().to_string();
    assert_eq!(text(&m.moved[0].from), "module.a[\"k\"].aws_iam_role.x[0]");
    assert_eq!(text(&m.moved[0].to), "module.b.aws_iam_role.x");
    assert_eq!(text(&m.moved[1].to), "module.b[\"k\"]");
    assert!(address_of(&m.imports[0].to, &mut |_| None).is_err());
    let with_key = address_of(&m.imports[0].to, &mut |_| key_of(&"a".into())).unwrap();
    assert_eq!(with_key.to_string(), "terraform_data.r[\"a\"]");
    assert!(!m.removed[0].destroy);
    assert_eq!(m.checks["c"].asserts.len(), 1);
    assert!(m.checks["c"].data.is_some());
    assert_eq!(key_of(&Value::number(3i64)).unwrap().to_string(), "[3]");
    for bad in [Value::number(-1i64), true.into(), Value::null(Type::String)] {
        assert!(key_of(&bad).is_none(), "{bad:?}");
    }
}

#[test]
fn json_means_the_same_as_the_native_syntax() {
    let table = include_str!("json.txt");
    let case = super::cases(table).into_iter().find(|c| c.name == "everything in JSON").unwrap();
    let files: Vec<(&str, &str)> = case.files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let (config, diags) = loaded_files(&files);
    assert!(diags.is_empty(), "{diags:?}");
    let m = &config.root;
    assert_eq!(&*m.settings.backend.as_ref().unwrap().kind, "local");
    assert_eq!(m.providers.len(), 2);
    let a = &m.variables["a"];
    assert_eq!(a.description.as_deref(), Some("${not.read}"));
    assert_eq!(a.default, Some(Value::list(Type::String, vec!["${not.read}".into(), "$${x}".into()])));
    assert_eq!(a.ty.to_string(), "list(string)");
    assert_eq!(m.variables["b"].type_defaults.as_ref().unwrap().values["a"], "x".into());
    assert_eq!(m.variables["b"].validations.len(), 1);
    let r = &m.resources[&(Mode::Managed, "terraform_data".into(), "r".into())];
    assert!(matches!(r.repeat, Repeat::Count(_)));
    assert_eq!(r.provider.as_ref().unwrap().text(), "terraform.west");
    let texts = |es: &[crate::config::expr::Expr]| es.iter().map(|e| e.span.text().to_string()).collect::<Vec<_>>();
    assert_eq!(texts(&r.depends_on), ["terraform_data.s", "data.terraform_remote_state.d"]);
    assert_eq!(texts(&r.lifecycle.ignore_changes), ["input", "triggers_replace[0]"]);
    assert_eq!(texts(&r.lifecycle.replace_triggered_by), ["terraform_data.s[count.index]"]);
    assert_eq!(r.lifecycle.create_before_destroy, Some(true));
    assert_eq!(r.body.attributes.len(), 1);
    let s = &m.resources[&(Mode::Managed, "terraform_data".into(), "s".into())];
    assert!(s.lifecycle.ignore_all);
    let moved = address_of(&m.moved[0].to, &mut |_| None).unwrap();
    assert_eq!(moved.to_string(), "terraform_data.s[\"a\"]");
    assert!(!m.removed[0].destroy && m.checks["c"].asserts.len() == 1 && m.imports.len() == 1);
}
