//! Functions of IP networks. Addresses are numbers here; IPv4 and IPv6 differ in how many bits they have.

use super::{Args, FnError, WHOLE};
use crate::value::{Type, Value};
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A network: an address whose bits behind the prefix are zero.
#[derive(Clone, Copy, PartialEq)]
struct Network {
    address: u128,
    prefix: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    /// `10.0.0.0/8`, `fd00::/8`; leading zeros are decimal zeros.
    fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = text.split_once('/')?;
        let (address, bits) = match address.contains(':') {
            false => (u128::from(ipv4(address)?), 32),
            true => (ipv6(address)?, 128),
        };
        let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|n| digits && *n <= bits)?;
        Some(Network { address: address & mask(prefix, bits), prefix, bits })
    }

    /// Whether it is an IPv4 network written as IPv6, which prints as IPv4.
    fn mapped(&self) -> bool {
        self.bits == 128 && self.address >> 32 == 0xffff
    }

    fn to_text(self) -> String {
        let prefix = if self.mapped() { self.prefix.saturating_sub(96) } else { self.prefix };
        format!("{}/{prefix}", address_text(self.address, self.bits))
    }
}

/// The bits of the prefix.
fn mask(prefix: u32, bits: u32) -> u128 {
    let ones = u128::MAX >> (128 - bits);
    ones & !ones.checked_shr(prefix).unwrap_or(0)
}

fn ipv4(text: &str) -> Option<u32> {
    let mut address = 0;
    let mut parts = 0;
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = part.trim_start_matches('0');
        let n: u8 = if part.is_empty() { 0 } else { part.parse().ok()? };
        address = address << 8 | u32::from(n);
        parts += 1;
        if parts > 4 {
            return None;
        }
    }
    (parts == 4).then_some(address)
}

/// The library's reader, after taking off zeros that it does not want.
fn ipv6(text: &str) -> Option<u128> {
    let (groups, last) = match text.rsplit_once(':') {
        Some((groups, last)) if last.contains('.') => (groups, Ipv4Addr::from(ipv4(last)?).to_string()),
        _ => (text, String::new()),
    };
    let groups: Vec<&str> = groups
        .split(':')
        .map(|g| if g.len() > 1 && g.bytes().all(|b| b == b'0') { "0" } else { g.trim_start_matches('0') })
        .zip(groups.split(':'))
        .map(|(trimmed, group)| if trimmed.is_empty() && !group.is_empty() { "0" } else { trimmed })
        .collect();
    let text = match last.is_empty() {
        true => groups.join(":"),
        false => format!("{}:{last}", groups.join(":")),
    };
    text.parse::<Ipv6Addr>().ok().map(u128::from)
}

fn address_text(address: u128, bits: u32) -> String {
    match u32::try_from(address) {
        Ok(address) if bits == 32 => Ipv4Addr::from(address).to_string(),
        _ if address >> 32 == 0xffff => Ipv4Addr::from(address as u32).to_string(),
        _ => Ipv6Addr::from(address).to_string(),
    }
}

fn network(a: &Args<'_>) -> Result<Network, FnError> {
    let wrong = || FnError::arg(0, "is not an address prefix like 10.0.0.0/8 or fd00::/8").got(a.str(0));
    Network::parse(a.str(0)).ok_or_else(wrong)
}

fn bigint(a: &Args<'_>, i: usize) -> Result<BigInt, FnError> {
    let n = a.values[i].as_number().and_then(|n| n.to_bigint());
    n.ok_or_else(|| FnError::arg(i, "must be a whole number"))
}

/// The lowest 64 bits of a number without its sign, by which Terraform checks that it is not too large.
fn low64(n: &BigInt) -> BigInt {
    BigInt::from_biguint(Sign::Plus, n.magnitude() & BigUint::from(u64::MAX))
}

/// `number` put into the bits of `network` that end at bit `prefix`. A negative number's bits are those of its two's complement.
fn insert(network: &Network, number: &BigInt, shift: u32) -> Option<u128> {
    let total: BigInt = BigInt::from(network.address) | (number << shift);
    total.magnitude().to_u128().filter(|t| *t <= u128::MAX >> (128 - network.bits))
}

/// A negative number counts from the end of the network.
pub(super) fn cidrhost(a: &Args<'_>) -> Result<Value, FnError> {
    let network = network(a)?;
    let mut number = bigint(a, 1)?;
    let most: BigInt = (BigInt::one() << (network.bits - network.prefix)) - 1;
    let too_large = || FnError::arg(1, format!("is too large for a prefix of {} bits", network.prefix));
    let mut checked = low64(&number);
    if number.is_negative() {
        checked = -&number - 1i32;
        number = &most - &checked;
    }
    if checked > most {
        return Err(too_large());
    }
    // Of IPv4 written as IPv6, Terraform counts the hosts from the front.
    let shift = if network.mapped() { 96 } else { 0 };
    let address = insert(&network, &number, shift).ok_or_else(too_large)?;
    Ok(Value::string(address_text(address, network.bits)))
}

pub(super) fn cidrnetmask(a: &Args<'_>) -> Result<Value, FnError> {
    let network = network(a)?;
    if network.bits != 32 && !network.mapped() {
        return Err(FnError::arg(0, "must be an IPv4 prefix: IPv6 has no netmasks").got(a.str(0)));
    }
    Ok(Value::string(address_text(mask(network.prefix, network.bits), network.bits)))
}

pub(super) fn cidrsubnet(a: &Args<'_>) -> Result<Value, FnError> {
    let network = network(a)?;
    let (new_bits, number) = (a.int(1)?, bigint(a, 2)?);
    let prefix = i64::from(network.prefix).checked_add(new_bits).and_then(|p| u32::try_from(p).ok());
    let Some(prefix) = prefix.filter(|p| *p <= network.bits) else {
        let free = network.bits - network.prefix;
        return Err(FnError::arg(1, format!("must not be greater than {free}: the prefix leaves no more bits")));
    };
    let most = match u32::try_from(new_bits) {
        Ok(n) if n < 64 => (BigInt::one() << n) - 1,
        _ => BigInt::from(u64::MAX),
    };
    let too_large = || FnError::arg(2, format!("is too large for {new_bits} more bits"));
    if low64(&number) > most {
        return Err(too_large());
    }
    let address = insert(&network, &number, network.bits - prefix).ok_or_else(too_large)?;
    Ok(Value::string(Network { address, prefix, bits: network.bits }.to_text()))
}

/// One network after the other, each at the next place that its size allows.
pub(super) fn cidrsubnets(a: &Args<'_>) -> Result<Value, FnError> {
    let network = network(a)?;
    let mut subnets = Vec::new();
    // One past the last address that is taken; the first subnet may begin where the network does.
    let mut next = BigInt::from(network.address);
    let size = |prefix: u32| BigInt::one() << (network.bits - prefix);
    let end = &next + size(network.prefix);
    // Terraform steps back before the first address, so nothing fits into the network of all addresses.
    let everything = network.prefix == 0 || network.address.is_zero();
    // Nor does it find its way in IPv6 addresses that stand for those of IPv4.
    let mapped = network.bits == 128 && network.prefix >= 96 && network.address >> 32 == 0xffff;
    for i in 1..a.values.len() {
        let more = match a.values[i].as_number().and_then(|n| n.to_i64()) {
            None => return Err(FnError::arg(i, WHOLE)),
            Some(n) if n < 1 => return Err(FnError::arg(i, "must be at least 1")),
            Some(n) if n > 32 => return Err(FnError::arg(i, "must be at most 32")),
            Some(n) => n as u32,
        };
        let prefix = network.prefix + more;
        if prefix > network.bits {
            let free = network.bits - network.prefix;
            return Err(FnError::arg(i, format!("must not be greater than {free}: the prefix leaves no more bits")));
        }
        let size = size(prefix);
        let start: BigInt = (&next + &size - 1i32) / &size * &size;
        next = &start + &size;
        if next > end || everything || mapped {
            return Err(FnError::arg(i, format!("asks for more space than is left: a prefix of {prefix} bits")));
        }
        let address = start.to_u128().unwrap_or(u128::MAX);
        subnets.push(Value::string(Network { address, prefix, bits: network.bits }.to_text()));
    }
    Ok(Value::list(Type::String, subnets))
}
