//! JSON as Terraform lays it out: two spaces, members in the order given, and `<`, `>`, `&` escaped as Go's encoder does.

use crate::value::json::write_string;
use serde_json::Value as Json;

/// `value` over several lines, each but the first indented by two spaces a level; no newline at the end.
pub fn print_json(value: &Json) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out
}

/// `value` on one line, without spaces.
pub fn print_json_line(value: &Json) -> String {
    fn line(value: &Json, out: &mut String) {
        match value {
            Json::Array(vs) => {
                out.push('[');
                for (i, v) in vs.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    line(v, out);
                }
                out.push(']');
            }
            Json::Object(fs) => {
                out.push('{');
                for (i, (k, v)) in fs.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_string(out, k);
                    out.push(':');
                    line(v, out);
                }
                out.push('}');
            }
            simple => write(simple, 0, out),
        }
    }
    let mut out = String::new();
    line(value, &mut out);
    out
}

pub(super) fn write(value: &Json, level: usize, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Json::Number(n) => out.push_str(&n.to_string()),
        Json::String(s) => write_string(out, s),
        Json::Array(vs) if vs.is_empty() => out.push_str("[]"),
        Json::Array(vs) => {
            let mut list = List::new('[', level, out);
            for v in vs {
                list.next();
                write(v, level + 1, list.out);
            }
            list.end(']');
        }
        Json::Object(fs) if fs.is_empty() => out.push_str("{}"),
        Json::Object(fs) => {
            let mut list = List::new('{', level, out);
            for (k, v) in fs {
                list.member(k);
                write(v, level + 1, list.out);
            }
            list.end('}');
        }
    }
}

/// Writes the brackets, commas and indentation of an array or object.
pub(super) struct List<'a> {
    pub(super) out: &'a mut String,
    level: usize,
    empty: bool,
}

impl<'a> List<'a> {
    pub(super) fn new(open: char, level: usize, out: &'a mut String) -> List<'a> {
        out.push(open);
        List { out, level, empty: true }
    }

    /// Before each element.
    pub(super) fn next(&mut self) {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(',');
        }
        self.newline(self.level + 1);
    }

    /// Before each member's value.
    pub(super) fn member(&mut self, name: &str) {
        self.next();
        write_string(self.out, name);
        self.out.push_str(": ");
    }

    pub(super) fn end(mut self, close: char) {
        if !self.empty {
            self.newline(self.level);
        }
        self.out.push(close);
    }

    fn newline(&mut self, level: usize) {
        self.out.push('\n');
        for _ in 0..level {
            self.out.push_str("  ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_escapes_are_gos() {
        let json: Json = serde_json::from_str(
            r#"{"b":[],"a":{},"c":[1,{"x":null}],"s":"<a href=\"x\">&\u2028\u0001\b\f\u007f é","n":1.10,"e":1e+2}"#,
        )
        .unwrap();
        let expected = "{
  \"b\": [],
  \"a\": {},
  \"c\": [
    1,
    {
      \"x\": null
    }
  ],
  \"s\": \"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\u2028\\u0001\\b\\f\u{7f} é\",
  \"n\": 1.10,
  \"e\": 1e+2
}";
        assert_eq!(print_json(&json), expected);
        let line = r#"{"b":[],"a":{},"c":[1,{"x":null}],"s":"\u003ca href=\"x\"\u003e\u0026\u2028\u0001\b\f"#;
        assert!(print_json_line(&json).starts_with(line), "{}", print_json_line(&json));
    }
}
