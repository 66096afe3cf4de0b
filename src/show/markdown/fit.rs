//! Sections that know shorter forms of themselves, brought into so many bytes: what weighs least gives way first.
//!
//! Refuses to know what they are about.

use std::fmt::Write;

/// A part of the comment, with ever shorter forms of itself.
pub(super) struct Piece {
    /// Higher ones keep their length longer.
    pub(super) weight: u8,
    /// From whole to shortest; the last one may be empty.
    pub(super) forms: Vec<String>,
}

pub(super) struct Section {
    pub(super) title: String,
    pub(super) pieces: Vec<Piece>,
    /// What stands for all pieces where there is no room for each.
    pub(super) counted: String,
}

/// Shortens what weighs least until everything fits. Also whether nothing had to be shortened.
pub(super) fn fit(sections: Vec<Section>, room: usize) -> (String, bool) {
    let mut form: Vec<Vec<usize>> = sections.iter().map(|s| vec![0; s.pieces.len()]).collect();
    let mut counted = vec![false; sections.len()];
    let size_of = |s: usize, p: usize, f: usize| sections[s].pieces[p].forms[f].len();
    let mut total: usize =
        sections.iter().map(|s| s.title.len() + 8 + s.pieces.iter().map(|p| p.forms[0].len()).sum::<usize>()).sum();
    // One shortening after the other: the lightest first, of those the longest, of those the last.
    let mut order: Vec<(u8, usize, usize, usize, usize)> = Vec::new();
    for (s, section) in sections.iter().enumerate() {
        for (p, piece) in section.pieces.iter().enumerate() {
            for f in 1..piece.forms.len() {
                order.push((piece.weight, f, usize::MAX - piece.forms[f - 1].len(), usize::MAX - s, usize::MAX - p));
            }
        }
    }
    order.sort_unstable();
    for (_, f, _, s, p) in order {
        if total <= room {
            break;
        }
        let (s, p) = (usize::MAX - s, usize::MAX - p);
        total = total - size_of(s, p, form[s][p]) + size_of(s, p, f);
        form[s][p] = f;
    }
    for s in (0..sections.len()).rev() {
        if total <= room {
            break;
        }
        let now: usize = form[s].iter().enumerate().map(|(p, f)| size_of(s, p, *f)).sum();
        total = (total - now) + sections[s].counted.len();
        counted[s] = true;
    }
    let folded = form.iter().flatten().filter(|f| **f > 0).count() + counted.iter().filter(|c| **c).count();
    let mut out = String::new();
    for (s, section) in sections.iter().enumerate() {
        let _ = write!(out, "\n### {}\n\n", section.title);
        match counted[s] {
            true => out.push_str(&section.counted),
            false => section.pieces.iter().enumerate().for_each(|(p, piece)| out.push_str(&piece.forms[form[s][p]])),
        }
    }
    (out, folded == 0)
}
