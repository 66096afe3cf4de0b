//! Things that need other things: an order in which each comes after what it needs, or the circle that forbids it.
//!
//! Refuses to know what the things are: they are indices.

/// `needs[i]` are the things that `i` needs.
pub type Needs = Vec<Vec<usize>>;

/// Every index once, each after all that it needs; ties go to the smaller index, so the order is stable.
///
/// # Errors
/// A circle: each of the returned indices needs the next, the last needs the first.
pub fn order(needs: &Needs) -> Result<Vec<usize>, Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; needs.len()];
    let mut out = Vec::with_capacity(needs.len());
    // A stack of our own, for chains may be longer than the thread's stack is deep.
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for root in 0..needs.len() {
        if marks[root] != Mark::New {
            continue;
        }
        marks[root] = Mark::Open;
        stack.push((root, 0));
        while let Some((node, next)) = stack.pop() {
            let Some(&need) = needs[node].get(next) else {
                marks[node] = Mark::Done;
                out.push(node);
                continue;
            };
            stack.push((node, next + 1));
            match marks[need] {
                Mark::Done => {}
                Mark::New => {
                    marks[need] = Mark::Open;
                    stack.push((need, 0));
                }
                Mark::Open => {
                    let from = stack.iter().position(|(n, _)| *n == need).unwrap_or_default();
                    return Err(stack[from..].iter().map(|(n, _)| *n).collect());
                }
            }
        }
    }
    Ok(out)
}

/// All that `starts` need, directly or through others, themselves included; `true` per index.
pub fn closure(needs: &Needs, starts: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut seen = vec![false; needs.len()];
    let mut open: Vec<usize> = starts.into_iter().collect();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut seen[node], true) {
            open.extend(needs[node].iter().copied().filter(|n| !seen[*n]));
        }
    }
    seen
}

/// The same edges seen from the other end: who needs `i`.
pub fn reversed(needs: &Needs) -> Needs {
    let mut out = vec![Vec::new(); needs.len()];
    for (node, list) in needs.iter().enumerate() {
        for need in list {
            out[*need].push(node);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_circle_is_named_as_a_path() {
        assert_eq!(order(&vec![vec![1], vec![2], vec![1]]), Err(vec![1, 2]));
        assert_eq!(order(&vec![vec![0]]), Err(vec![0]));
    }

    #[test]
    fn a_long_chain_does_not_overflow() {
        let n = 200_000;
        let needs: Needs = (0..n).map(|i| if i + 1 < n { vec![i + 1] } else { vec![] }).collect();
        assert_eq!(order(&needs).unwrap()[0], n - 1);
    }

    proptest! {
        #[test]
        fn each_comes_after_what_it_needs(edges in prop::collection::vec((0usize..30, 0usize..30), 0..80)) {
            let mut needs = vec![Vec::new(); 30];
            for (a, b) in edges {
                if a > b { needs[a].push(b) }
            }
            let order = order(&needs).unwrap();
            let place: Vec<usize> = (0..30).map(|i| order.iter().position(|o| *o == i).unwrap()).collect();
            for (i, list) in needs.iter().enumerate() {
                for n in list { prop_assert!(place[*n] < place[i]) }
            }
            let all = closure(&needs, 0..30);
            prop_assert!(all.iter().all(|b| *b));
        }
    }
}
