//! Recorded from Terraform 1.11.4.

use super::format;

/// What stands at the very end, behind the last newline or without one.
#[test]
fn ends() {
    let table = [
        ("", ""),
        (" ", " "),
        ("\t", " "),
        ("\n  ", "\n  "),
        ("a=1", "a = 1"),
        ("  a=1  ", "a = 1  "),
        ("a = 1\t", "a = 1 "),
        ("a = 1\n\n  ", "a = 1\n\n  "),
        ("a = 1\r\n  ", "a = 1\r\n  "),
        ("a {\nb=1\n} \t", "a {\n  b = 1\n}  "),
        ("a=1\nb  =  2  ", "a = 1\nb = 2  "),
        ("a = 1 # c  ", "a = 1 # c  "),
        ("# c ", "# c "),
        ("a = 1 /* x */  ", "a = 1 /* x */  "),
        ("a = <<E\nE\n ", "a = <<E\nE\n "),
    ];
    for (text, formatted) in table {
        assert_eq!(format(text).ok().as_deref(), Some(formatted), "{text:?}");
    }
}
