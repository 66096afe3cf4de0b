//! Gzip files with the very bytes that Go's writer makes at its default level: a plan shows them, so they must be Terraform's.
//!
//! Deflate (RFC 1951) leaves to the writer which earlier text a match repeats, where a block ends and which code it is written in; what is
//! decided here is what Go decides. Refuses to know Base64 and values.

use flate2::Crc;

/// What can be looked back at.
const WINDOW: usize = 1 << 15;
/// The shortest match that is used.
const SHORTEST: usize = 4;
/// The longest match that there is.
const LONGEST: usize = 258;
/// A short match is used only this near.
const NEAR: usize = 4096;
/// A match so long is good enough.
const NICE: usize = 128;
/// So many earlier places are looked at.
const TRIES: usize = 128;
/// After a match so long, no better one is looked for.
const LAZY: usize = 16;
/// What a block holds.
const TOKENS: usize = 1 << 14;
/// What a block holds that is not compressed.
const STORED: usize = 65535;
const HASH_BITS: u32 = 17;

/// Ends a block.
const END: usize = 256;
/// The first code of a length.
const LENGTHS: usize = 257;
/// How many codes of letters and lengths there are.
const LITERALS: usize = 286;
/// How many codes of distances there are.
const DISTANCES: usize = 30;
/// The order in which the lengths of the codes for code lengths stand.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A text as a gzip file: no name, no time, a flush before the end.
pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = Packer::new(text);
    packer.out.bytes.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    packer.pack();
    packer.out.stored(&[], false);
    packer.out.stored(&[], true);
    let mut out = packer.out.bytes;
    let mut crc = Crc::new();
    crc.update(text);
    out.extend(crc.sum().to_le_bytes());
    out.extend((text.len() as u32).to_le_bytes());
    out
}

/// What a text is taken apart into.
#[derive(Clone, Copy)]
enum Token {
    Letter(u8),
    /// Length and distance.
    Match(usize, usize),
}

/// Finds repetitions.
struct Packer<'t> {
    text: &'t [u8],
    out: Bits,
    /// By hash, the last place of four such bytes, counted from 1.
    heads: Vec<u32>,
    /// By place within a window, the place before it with the same hash, counted from 1.
    before: Vec<u32>,
    tokens: Vec<Token>,
    /// Where the block began that the tokens belong to; `None`: so far back that it cannot be stored any more.
    block: Option<usize>,
    /// The text in reach: from and to.
    reach: (usize, usize),
    at: usize,
    /// The match that was found one place before, length and distance; shorter than the shortest: none.
    last: (usize, usize),
    /// The letter one place before is in no token yet.
    pending: bool,
}

impl<'t> Packer<'t> {
    fn new(text: &'t [u8]) -> Packer<'t> {
        Packer {
            text,
            out: Bits::default(),
            heads: vec![0; 1 << HASH_BITS],
            before: vec![0; WINDOW],
            tokens: Vec::with_capacity(TOKENS),
            block: Some(0),
            reach: (0, text.len().min(2 * WINDOW)),
            at: 0,
            last: (SHORTEST - 1, 0),
            pending: false,
        }
    }

    /// Two windows of text are in reach; when little is left of them, they move on by one.
    fn pack(&mut self) {
        while self.reach.1 < self.text.len() {
            self.run(SHORTEST + LONGEST);
            self.reach.0 += WINDOW;
            self.reach.1 = (self.reach.0 + 2 * WINDOW).min(self.text.len());
            self.block = self.block.filter(|start| *start >= self.reach.0);
        }
        self.run(1);
        if self.pending {
            self.tokens.push(Token::Letter(self.text[self.at - 1]));
            self.pending = false;
        }
        if !self.tokens.is_empty() {
            self.end_block(self.at);
        }
    }

    /// Goes on while so much is ahead.
    fn run(&mut self, ahead: usize) {
        while self.reach.1 - self.at >= ahead {
            let head = self.insert();
            let (length, distance) = self.last;
            let room = self.reach.1 - self.at;
            self.last = (SHORTEST - 1, 0);
            if let Some(head) = head
                && room > length
                && length < LAZY
            {
                self.last = self.longest(head, room.min(LONGEST));
            }
            if length >= SHORTEST && self.last.0 <= length {
                // The match one place before is not beaten.
                self.tokens.push(Token::Match(length, distance));
                let behind = self.at + length - 1;
                self.at += 1;
                while self.at < behind {
                    self.insert();
                    self.at += 1;
                }
                self.pending = false;
                self.last = (SHORTEST - 1, 0);
                if self.tokens.len() == TOKENS {
                    self.end_block(self.at);
                }
            } else {
                if self.pending {
                    self.tokens.push(Token::Letter(self.text[self.at - 1]));
                    if self.tokens.len() == TOKENS {
                        self.end_block(self.at);
                    }
                }
                self.at += 1;
                self.pending = true;
            }
        }
    }

    /// Notes this place; gives the last one before it with the same hash, if it is in reach.
    fn insert(&mut self) -> Option<usize> {
        let &[a, b, c, d] = self.text[..self.reach.1].get(self.at..self.at + SHORTEST)? else { return None };
        let hash = u32::from_be_bytes([a, b, c, d]).wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS);
        let head = &mut self.heads[hash as usize];
        let found = *head;
        self.before[self.at % WINDOW] = found;
        *head = (self.at + 1) as u32;
        self.in_reach(found)
    }

    fn in_reach(&self, noted: u32) -> Option<usize> {
        let place = (noted as usize).checked_sub(1)?;
        (place >= self.reach.0 && place + WINDOW >= self.at).then_some(place)
    }

    /// The longest match of up to `most` bytes, from this place back; length and distance.
    fn longest(&self, head: usize, most: usize) -> (usize, usize) {
        let here = &self.text[self.at..self.at + most];
        let nice = NICE.min(most);
        let mut best = (SHORTEST - 1, 0);
        let mut place = head;
        for _ in 0..TRIES {
            let distance = self.at - place;
            if self.text[place + best.0] == here[best.0] {
                let length = self.text[place..].iter().zip(here).take_while(|(a, b)| a == b).count();
                if length > best.0 && (length > SHORTEST || distance <= NEAR) {
                    best = (length, distance);
                    if length >= nice {
                        break;
                    }
                }
            }
            if distance == WINDOW {
                break;
            }
            match self.in_reach(self.before[place % WINDOW]) {
                Some(next) => place = next,
                None => break,
            }
        }
        best
    }

    fn end_block(&mut self, at: usize) {
        let text = self.block.map(|start| &self.text[start..at]);
        self.block = Some(at);
        self.out.block(&self.tokens, text);
        self.tokens.clear();
    }
}

/// The code of a length or distance, counted from the least, and how many bits follow it with what: `values` codes have no bits, then each
/// further pair (of distances) or four (of lengths) one more.
fn ranged(value: usize, plain: usize) -> (usize, u32, usize) {
    if value < plain {
        return (value, 0, 0);
    }
    // Each doubling of the value has `plain / 2` codes.
    let half = plain / 2;
    let bits = (value / half).ilog2();
    let code = value >> bits;
    (code + bits as usize * half, bits, value - (code << bits))
}

/// The code of a match's length, and its bits.
fn length_code(length: usize) -> (usize, u32, usize) {
    match length {
        LONGEST => (LITERALS - 1, 0, 0),
        _ => {
            let (code, bits, rest) = ranged(length - 3, 8);
            (LENGTHS + code, bits, rest)
        }
    }
}

/// The code of a match's distance, and its bits.
fn distance_code(distance: usize) -> (usize, u32, usize) {
    ranged(distance - 1, 4)
}

/// By symbol, the bits of its code (the first bit lowest) and how many.
struct Codes(Vec<(u16, u32)>);

impl Codes {
    /// The best codes for symbols that come so often, none longer than `limit`.
    fn of(counts: &[u32], limit: usize) -> Codes {
        let mut codes = vec![(0, 0); counts.len()];
        let mut used: Vec<(u32, usize)> =
            counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(symbol, n)| (*n, symbol)).collect();
        if used.len() <= 2 {
            for (code, (_, symbol)) in used.iter().enumerate() {
                codes[*symbol] = (code as u16, 1);
            }
            return Codes(codes);
        }
        used.sort_unstable();
        let mut code = 0u16;
        for (bits, count) in lengths(&used, limit).into_iter().enumerate() {
            let bits = bits as u32 + 1;
            let mut chunk = used.split_off(used.len() - count);
            chunk.sort_unstable_by_key(|(_, symbol)| *symbol);
            for (_, symbol) in chunk {
                codes[symbol] = (code.reverse_bits() >> (16 - bits), bits);
                code += 1;
            }
            code <<= 1;
        }
        Codes(codes)
    }

    /// The codes that need no description.
    fn fixed() -> (Codes, Codes) {
        let literal = |symbol: u16| match symbol {
            0..144 => (symbol + 48, 8),
            144..256 => (symbol + 256, 9),
            256..280 => (symbol - 256, 7),
            _ => (symbol - 88, 8),
        };
        let reversed = |(code, bits): (u16, u32)| (code.reverse_bits() >> (16 - bits), bits);
        let literals = (0..LITERALS as u16).map(|symbol| reversed(literal(symbol))).collect();
        (Codes(literals), Codes((0..DISTANCES as u16).map(|symbol| reversed((symbol, 5))).collect()))
    }

    /// How many bits symbols take that come so often.
    fn size(&self, counts: &[u32]) -> u64 {
        counts.iter().zip(&self.0).map(|(n, (_, bits))| u64::from(*n) * u64::from(*bits)).sum()
    }
}

/// How many symbols have codes of 1, 2, ... bits: packages are merged level by level, a package before a symbol that comes as often.
fn lengths(used: &[(u32, usize)], limit: usize) -> Vec<usize> {
    let limit = limit.min(used.len() - 1);
    // Of each level, whether its items are symbols, least first.
    let mut levels: Vec<Vec<bool>> = Vec::with_capacity(limit);
    let mut below: Vec<u64> = Vec::new();
    for _ in 0..limit {
        let packages: Vec<u64> = below.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
        let mut packages = packages.into_iter().peekable();
        let mut symbols = used.iter().map(|(n, _)| u64::from(*n)).peekable();
        let (mut level, mut weights) = (Vec::new(), Vec::new());
        loop {
            let symbol = match (symbols.peek(), packages.peek()) {
                (Some(symbol), Some(package)) => symbol < package,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => break,
            };
            level.push(symbol);
            weights.extend(if symbol { symbols.next() } else { packages.next() });
        }
        levels.push(level);
        below = weights;
    }
    // From the top: how many symbols have codes of at least 1, 2, ... bits.
    let mut items = 2 * used.len() - 2;
    let mut at_least = Vec::with_capacity(limit + 1);
    for level in levels.iter().rev() {
        let symbols = level.iter().take(items).filter(|symbol| **symbol).count();
        at_least.push(symbols);
        items = 2 * (items.min(level.len()) - symbols);
    }
    at_least.push(0);
    at_least.windows(2).map(|pair| pair[0] - pair[1]).collect()
}

/// Writes bits, the first lowest.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    open: u64,
    count: u32,
}

impl Bits {
    fn put(&mut self, bits: u64, count: u32) {
        self.open |= bits << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.open as u8);
            self.open >>= 8;
            self.count -= 8;
        }
    }

    fn code(&mut self, codes: &Codes, symbol: usize) {
        let (code, bits) = codes.0[symbol];
        self.put(u64::from(code), bits);
    }

    /// A block as it is.
    fn stored(&mut self, text: &[u8], last: bool) {
        self.put(u64::from(last), 3);
        self.put(0, (8 - self.count) % 8);
        let length = text.len() as u16;
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend((!length).to_le_bytes());
        self.bytes.extend(text);
    }

    /// A block, written the way that takes least; `text` is what it stands for, if that can be stored.
    fn block(&mut self, tokens: &[Token], text: Option<&[u8]>) {
        let mut literals = [0u32; LITERALS];
        let mut distances = [0u32; DISTANCES];
        let mut extra = 0;
        for token in tokens {
            match *token {
                Token::Letter(letter) => literals[usize::from(letter)] += 1,
                Token::Match(length, distance) => {
                    let (length, distance) = (length_code(length), distance_code(distance));
                    literals[length.0] += 1;
                    distances[distance.0] += 1;
                    extra += u64::from(length.1 + distance.1);
                }
            }
        }
        literals[END] += 1;
        let used = |counts: &[u32]| counts.iter().rposition(|n| *n > 0).map_or(0, |last| last + 1);
        let literal_count = used(&literals);
        // Without a match there is one distance all the same, for there must be a code.
        if used(&distances) == 0 {
            distances[0] = 1;
        }
        let own = (Codes::of(&literals, 15), Codes::of(&distances, 15));
        let header = Header::new(&own.0.0[..literal_count], &own.1.0[..used(&distances)]);
        let fixed = Codes::fixed();
        let size = |codes: &(Codes, Codes)| codes.0.size(&literals) + codes.1.size(&distances) + extra;
        let (own_size, fixed_size) = (header.size() + size(&own), 3 + size(&fixed));
        if let Some(text) = text.filter(|text| text.len() <= STORED)
            && (text.len() as u64 + 5) * 8 < own_size.min(fixed_size)
        {
            return self.stored(text, false);
        }
        let codes = if own_size < fixed_size {
            header.write(self);
            own
        } else {
            self.put(2, 3);
            fixed
        };
        for token in tokens {
            match *token {
                Token::Letter(letter) => self.code(&codes.0, usize::from(letter)),
                Token::Match(length, distance) => {
                    let (symbol, bits, rest) = length_code(length);
                    self.code(&codes.0, symbol);
                    self.put(rest as u64, bits);
                    let (symbol, bits, rest) = distance_code(distance);
                    self.code(&codes.1, symbol);
                    self.put(rest as u64, bits);
                }
            }
        }
        self.code(&codes.0, END);
    }
}

/// The description of a block's own codes.
struct Header {
    literals: usize,
    distances: usize,
    /// Symbols for code lengths, with the bits that follow each.
    symbols: Vec<(usize, u32, u64)>,
    codes: Codes,
    counts: [u32; 19],
}

impl Header {
    fn new(literals: &[(u16, u32)], distances: &[(u16, u32)]) -> Header {
        let lengths: Vec<usize> = literals.iter().chain(distances).map(|(_, bits)| *bits as usize).collect();
        let mut symbols = Vec::new();
        for run in lengths.chunk_by(|a, b| a == b) {
            let (length, mut count) = (run[0], run.len());
            if length > 0 {
                symbols.push((length, 0, 0));
                count -= 1;
            }
            loop {
                let (symbol, bits, least, most) = match (length, count) {
                    (0, 11..) => (18, 7, 11, 138),
                    (0, 3..) => (17, 3, 3, 10),
                    (1.., 3..) => (16, 2, 3, 6),
                    _ => break,
                };
                let many = count.min(most);
                symbols.push((symbol, bits, (many - least) as u64));
                count -= many;
            }
            symbols.extend(std::iter::repeat_n((length, 0, 0), count));
        }
        let mut counts = [0; 19];
        symbols.iter().for_each(|(symbol, ..)| counts[*symbol] += 1);
        Header { literals: literals.len(), distances: distances.len(), codes: Codes::of(&counts, 7), symbols, counts }
    }

    /// How many codes for code lengths are described.
    fn described(&self) -> usize {
        ORDER.iter().rposition(|symbol| self.counts[*symbol] > 0).map_or(4, |last| (last + 1).max(4))
    }

    fn size(&self) -> u64 {
        let following: u64 = self.symbols.iter().map(|(_, bits, _)| u64::from(*bits)).sum();
        17 + 3 * self.described() as u64 + self.codes.size(&self.counts) + following
    }

    fn write(&self, out: &mut Bits) {
        let described = self.described();
        out.put(4, 3);
        out.put((self.literals - LENGTHS) as u64, 5);
        out.put((self.distances - 1) as u64, 5);
        out.put((described - 4) as u64, 4);
        for symbol in &ORDER[..described] {
            out.put(u64::from(self.codes.0[*symbol].1), 3);
        }
        for (symbol, bits, rest) in &self.symbols {
            out.code(&self.codes, *symbol);
            out.put(*rest, *bits);
        }
    }
}
