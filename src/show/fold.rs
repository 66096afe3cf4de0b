//! Two long texts that differ in a part: what they share is folded, so that the part is in sight.
//!
//! Refuses to know where they stand.

/// What stays of a folded end, in characters.
const END: usize = 12;
/// What stays around the part that differs.
const AROUND: usize = 10;
/// Shorter folds are not worth it.
const WORTH: usize = 8;

/// Both texts, what they share folded to `…`; as they are where that saves nothing.
pub fn pair(before: &str, after: &str) -> (String, String) {
    let (b, a): (Vec<char>, Vec<char>) = (before.chars().collect(), after.chars().collect());
    let head = b.iter().zip(&a).take_while(|(x, y)| x == y).count();
    let most = b.len().min(a.len()) - head;
    let tail = b.iter().rev().zip(a.iter().rev()).take(most).take_while(|(x, y)| x == y).count();
    (folded(&b, head, tail), folded(&a, head, tail))
}

/// Folds the shared beginning and the shared end.
fn folded(text: &[char], head: usize, tail: usize) -> String {
    let mut out = String::new();
    let from = text.len() - tail;
    if head > END + AROUND + WORTH {
        out.extend(&text[..END]);
        out.push('…');
        out.extend(&text[head - AROUND..head]);
    } else {
        out.extend(&text[..head]);
    }
    out.extend(&text[head..from]);
    if tail > END + AROUND + WORTH {
        out.extend(&text[from..from + AROUND]);
        out.push('…');
        out.extend(&text[text.len() - END..]);
    } else {
        out.extend(&text[from..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_differs_stays_in_sight() {
        let long =
            |version: &str| format!("arn:aws:lambda:eu-central-1:123456789012:function:charge-the-card:{version}");
        let (b, a) = pair(&long("7"), &long("12"));
        assert_eq!((&*b, &*a), ("arn:aws:lamb…-the-card:7", "arn:aws:lamb…-the-card:12"));
        let around = |word: &str| format!("{}{word}{}", "x".repeat(50), "y".repeat(50));
        let (b, a) = pair(&around("OLD"), &around("NEWER"));
        assert_eq!(b, format!("{}…{}OLD{}…{}", "x".repeat(12), "x".repeat(10), "y".repeat(10), "y".repeat(12)));
        assert!(a.contains("xNEWERy"));
        for (b, a) in [("short", "shirt"), ("", "new"), ("日本語", "日本人"), ("aaa", "aaaa"), ("same", "same")] {
            assert_eq!(pair(b, a), (b.to_string(), a.to_string()));
        }
        // What is repeated at the cut belongs to one side only.
        let (b, a) = pair(&"ab".repeat(60), &"ab".repeat(61));
        assert!(b.chars().count() < 60 && a.chars().count() < 64 && b != a, "{b} {a}");
    }
}
