//! A value as an expression of the language, the way Terraform's `output`, `console` and the end of an apply print it.

use crate::value::{Fields, Kind, Type, Value, quote};

/// The value over as many lines as it takes; the first is not indented. Sensitive parts are not shown.
pub fn console(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, indent: usize, out: &mut String) {
    if value.marks().ephemeral {
        return out.push_str("(ephemeral value)");
    }
    if value.is_sensitive() {
        return out.push_str("(sensitive value)");
    }
    match value.kind() {
        Kind::Unknown(..) => out.push_str("(known after apply)"),
        Kind::Null(ty) => out.push_str(&null(ty)),
        Kind::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Kind::Number(n) => out.push_str(&n.to_string()),
        Kind::String(s) if s.contains('\n') => heredoc(s, indent, out),
        Kind::String(s) => quote::go(s, out),
        Kind::Tuple(vs) => elements("", vs, indent, out),
        Kind::List(_, vs) => elements("tolist", vs, indent, out),
        Kind::Set(_, vs) => elements("toset", vs, indent, out),
        Kind::Object(fs) => fields("", fs, indent, out),
        Kind::Map(_, fs) => fields("tomap", fs, indent, out),
    }
}

/// A type over as many lines as it takes: what `type(...)` prints in the console.
pub fn type_text(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, 0, &mut out);
    out
}

fn write_type(ty: &Type, indent: usize, out: &mut String) {
    let (function, inner) = match ty {
        Type::Any => return out.push_str("dynamic"),
        Type::Bool | Type::Number | Type::String => return out.push_str(&ty.to_string()),
        Type::List(t) => ("list(", t),
        Type::Set(t) => ("set(", t),
        Type::Map(t) => ("map(", t),
        Type::Tuple(types) => {
            out.push_str("tuple([");
            for ty in types.iter() {
                line(indent + 4, out);
                write_type(ty, indent + 4, out);
                out.push(',');
            }
            if !types.is_empty() {
                line(indent, out);
            }
            return out.push_str("])");
        }
        Type::Object(types, _) => {
            out.push_str("object({");
            for (name, ty) in types.iter() {
                line(indent + 4, out);
                out.push_str(name);
                out.push_str(": ");
                write_type(ty, indent + 4, out);
                out.push(',');
            }
            if !types.is_empty() {
                line(indent, out);
            }
            return out.push_str("})");
        }
    };
    out.push_str(function);
    match is_flat(inner) {
        true => write_type(inner, indent, out),
        false => {
            line(indent + 4, out);
            write_type(inner, indent + 4, out);
            out.push(',');
            line(indent, out);
        }
    }
    out.push(')');
}

/// Whether a type is written in one line.
fn is_flat(ty: &Type) -> bool {
    match ty {
        Type::List(t) | Type::Set(t) | Type::Map(t) => is_flat(t),
        Type::Tuple(_) | Type::Object(..) => false,
        _ => true,
    }
}

fn null(ty: &Type) -> String {
    let of = |t: &Type| if *t == Type::Any { "dynamic".to_string() } else { t.friendly() };
    match ty {
        Type::Any => "null".into(),
        Type::Bool | Type::Number | Type::String => format!("to{}(null)", ty.friendly()),
        Type::List(t) => format!("tolist(null) /* of {} */", of(t)),
        Type::Set(t) => format!("toset(null) /* of {} */", of(t)),
        Type::Map(t) => format!("tomap(null) /* of {} */", of(t)),
        Type::Tuple(_) => "null /* tuple */".into(),
        Type::Object(..) => "null /* object */".into(),
    }
}

fn elements(function: &str, values: &[Value], indent: usize, out: &mut String) {
    let (open, close) = if function.is_empty() { ("[".to_string(), "]") } else { (format!("{function}(["), "])") };
    out.push_str(&open);
    for value in values {
        line(indent + 2, out);
        write(value, indent + 2, out);
        out.push(',');
    }
    if !values.is_empty() {
        line(indent, out);
    }
    out.push_str(close);
}

fn fields(function: &str, values: &Fields, indent: usize, out: &mut String) {
    let (open, close) = if function.is_empty() { ("{".to_string(), "}") } else { (format!("{function}({{"), "})") };
    out.push_str(&open);
    for (name, value) in values {
        line(indent + 2, out);
        quote::go(name, out);
        out.push_str(" = ");
        write(value, indent + 2, out);
    }
    if !values.is_empty() {
        line(indent, out);
    }
    out.push_str(close);
}

fn line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

fn heredoc(text: &str, indent: usize, out: &mut String) {
    let mut word = "EOT".to_string();
    while text.split('\n').any(|l| l.trim() == word) {
        word.push('_');
    }
    out.push_str(if indent == 0 { "<<" } else { "<<-" });
    out.push_str(&word);
    for text in text.split('\n').chain([&*word]) {
        line(indent, out);
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Marks;
    use crate::value::json::{from_json, type_from_json};

    /// Answers of Terraform 1.11.4.
    #[test]
    fn types_look_as_terraform_prints_them() {
        for (ty, expected) in [
            (r#""string""#, "string"),
            (r#""dynamic""#, "dynamic"),
            (r#"["set","string"]"#, "set(string)"),
            (r#"["map",["set","dynamic"]]"#, "map(set(dynamic))"),
            (r#"["list",["list","string"]]"#, "list(list(string))"),
            (r#"["list",["tuple",["number"]]]"#, "list(\n    tuple([\n        number,\n    ]),\n)"),
            (r#"["tuple",[]]"#, "tuple([])"),
            (r#"["object",{}]"#, "object({})"),
            (
                r#"["object",{"a":["object",{"b":"number"}],"a b":["tuple",["bool","string"]]}]"#,
                "object({\n    a: object({\n        b: number,\n    }),\n    a b: tuple([\n        bool,\n        string,\n    ]),\n})",
            ),
        ] {
            let ty = type_from_json(&serde_json::from_str(ty).unwrap()).unwrap();
            assert_eq!(type_text(&ty), expected);
        }
    }

    /// Answers of Terraform 1.11.4.
    #[test]
    fn values_look_as_terraform_prints_them() {
        let table = [
            (r#""string""#, r#""x\ny\n""#, "<<EOT\nx\ny\n\nEOT"),
            (r#""string""#, r#""a\nEOT\n""#, "<<EOT_\na\nEOT\n\nEOT_"),
            (r#""string""#, r#""""#, "\"\""),
            (
                r#""string""#,
                r#""q\"\\ ${x} é \u0007 \t <> \u202f \u200b \u00a0 d\u0301 \ue000 \u007f \u0001""#,
                "\"q\\\"\\\\ ${x} é \\a \\t <> \\u202f \\u200b \\u00a0 d\u{301} \\ue000 \\x7f \\x01\"",
            ),
            (r#""number""#, "1.5", "1.5"),
            (r#""bool""#, "true", "true"),
            (r#"["list","string"]"#, r#"["a",null]"#, "tolist([\n  \"a\",\n  tostring(null),\n])"),
            (r#"["list","dynamic"]"#, "[]", "tolist([])"),
            (r#"["tuple",[]]"#, "[]", "[]"),
            (r#"["set","string"]"#, r#"["q"]"#, "toset([\n  \"q\",\n])"),
            (r#"["map","number"]"#, r#"{"b c":2,"a":1}"#, "tomap({\n  \"a\" = 1\n  \"b c\" = 2\n})"),
            (r#"["map","string"]"#, "{}", "tomap({})"),
            (r#"["object",{}]"#, "{}", "{}"),
            (
                r#"["tuple",["string",["object",{"k":"string"}]]]"#,
                r#"["x\ny\n",{"k":"x\n  y"}]"#,
                "[\n  <<-EOT\n  x\n  y\n  \n  EOT,\n  {\n    \"k\" = <<-EOT\n    x\n      y\n    EOT\n  },\n]",
            ),
            (r#"["list","string"]"#, "null", "tolist(null) /* of string */"),
            (r#"["map",["list","number"]]"#, "null", "tomap(null) /* of list of number */"),
            (r#"["set",["object",{"a":"string"}]]"#, "null", "toset(null) /* of object */"),
            (r#"["object",{"a":"string"}]"#, "null", "null /* object */"),
            (r#"["tuple",["string"]]"#, "null", "null /* tuple */"),
            (r#""dynamic""#, "null", "null"),
        ];
        for (ty, value, expected) in table {
            let ty = type_from_json(&serde_json::from_str(ty).unwrap()).unwrap();
            let value = from_json(&serde_json::from_str(value).unwrap(), &ty).unwrap();
            assert_eq!(console(&value), expected);
        }
        let secret = Value::tuple(vec![Value::string("x").mark(Marks::SENSITIVE), Value::unknown(Type::String)]);
        assert_eq!(console(&secret), "[\n  (sensitive value),\n  (known after apply),\n]");
    }
}
