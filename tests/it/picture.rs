//! The picture of a plan in the README is what the program prints. `FORMWORK_BLESS=1` draws it anew.

use crate::support::place::{Place, repository};
use std::fmt::Write;
use std::fs;

fn configuration(protected: bool, actions: &str, seconds: u8) -> String {
    format!(
        r#"resource "aws_dynamodb_table" "orders" {{
  name                        = "orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = {protected}

  attribute {{
    name = "id"
    type = "S"
  }}
}}

resource "aws_iam_role" "workflow" {{
  name = "workflow"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "states.amazonaws.com" }} }}]
  }})
}}

resource "aws_iam_role_policy" "orders" {{
  name = "orders"
  role = aws_iam_role.workflow.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = [{actions}], Resource = aws_dynamodb_table.orders.arn }}]
  }})
}}

resource "aws_sfn_state_machine" "store" {{
  name     = "store"
  role_arn = aws_iam_role.workflow.arn
  definition = jsonencode({{
    StartAt = "Wait"
    States = {{
      Wait = {{ Type = "Wait", Seconds = {seconds}, Next = "Store" }}
      Store = {{
        Type       = "Task"
        Resource   = "arn:aws:states:::dynamodb:putItem"
        Parameters = {{ TableName = aws_dynamodb_table.orders.name, Item = {{ id = {{ "S.$" = "$.id" }} }} }}
        Retry      = [{{ ErrorEquals = ["States.TaskFailed"], MaxAttempts = {seconds} }}]
        End        = true
      }}
    }}
  }})
}}
"#
    )
}

#[test]
fn the_picture_of_a_plan_is_what_is_printed() {
    let place = Place::with(&[("main.tf", &configuration(true, r#""dynamodb:PutItem""#, 2))]);
    place.ok("apply -auto-approve");
    place.write("main.tf", &configuration(false, r#""dynamodb:PutItem", "dynamodb:DeleteItem""#, 5));
    let text = place.painted("plan -concise -out=plan");
    let drawn = svg(&format!("$ formwork -sandbox plan -concise -out=plan\n{text}"));
    let file = repository("docs/plan.svg");
    if std::env::var_os("FORMWORK_BLESS").is_some() {
        fs::write(&file, &drawn).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == drawn,
        "docs/plan.svg shows something else; FORMWORK_BLESS=1 draws it"
    );
}

/// A terminal with this in it.
fn svg(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let widest = lines.iter().map(|l| plain(l).chars().count()).max().unwrap_or_default().max(80);
    let (width, height) = (widest * 8 + 48, lines.len() * 18 + 32);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,monospace\" font-size=\"13\" fill=\"#e6edf3\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    for (n, line) in lines.iter().enumerate() {
        let _ = write!(out, "<text x=\"16\" y=\"{}\" xml:space=\"preserve\">", n * 18 + 28);
        for (n, part) in line.split("\u{1b}[").enumerate() {
            let (codes, shown) = if n == 0 { ("0", part) } else { part.split_once('m').unwrap_or(("0", part)) };
            let look: String = codes
                .split(';')
                .map(|code| match code {
                    "1" => " font-weight=\"bold\"",
                    "2" => " fill=\"#8b949e\"",
                    "31" => " fill=\"#ff7b72\"",
                    "32" => " fill=\"#7ee787\"",
                    "33" => " fill=\"#e3b341\"",
                    "36" => " fill=\"#79c0ff\"",
                    _ => "",
                })
                .collect();
            if !shown.is_empty() {
                let shown = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let _ = write!(out, "<tspan{look}>{shown}</tspan>");
            }
        }
        out.push_str("</text>\n");
    }
    out + "</svg>\n"
}

/// Without colours.
fn plain(line: &str) -> String {
    let part =
        |(n, p): (usize, &str)| if n == 0 { p.to_string() } else { p.split_once('m').unwrap_or(("", p)).1.into() };
    line.split("\u{1b}[").enumerate().map(part).collect()
}
