//! Numbers against Terraform's answers, `f64` and machine integers.

use super::*;
use proptest::prelude::*;

fn n(text: &str) -> Number {
    Number::parse(text).unwrap()
}

/// Expected values are Terraform's own.
#[test]
fn reads_and_prints() {
    let ones = "1234567890".repeat(20);
    let table = [
        ("0", "0"),
        ("-0", "-0"),
        ("1.", "1"),
        (".5", "0.5"),
        ("+5", "5"),
        ("00012", "12"),
        ("1p3", "8"),
        ("3p-1", "1.5"),
        ("1E-5", "0.00001"),
        ("0.1", "0.1"),
        ("1e21", "1000000000000000000000"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("99999999999999999999.99999999999", "99999999999999999999.99999999999"),
        ("123456789.000000001", "123456789.000000001"),
        ("inf", "+Inf"),
        ("-Inf", "-Inf"),
    ];
    for (text, printed) in table {
        assert_eq!(n(text).to_string(), printed, "{text}");
    }
    assert_eq!(n("1e400").to_string(), format!("1{}", "0".repeat(400)));
    assert_eq!(n("1e-30").to_string(), format!("0.{}1", "0".repeat(29)));
    // 512 bits are 154 digits; the rest is filled with zeros.
    assert!(n(&ones).to_string().starts_with(&ones[..154]) && n(&ones).to_string().ends_with("0000000000"));
    for text in ["", "+", ".", "e5", "1e", "1e+", "1_000", " 1", "0x10", "nan", "1.2.3", "1e99999999999", "ä"] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn counts_in_the_finer_precision() {
    let third = |bits| {
        let d = if bits == 64 { 19 } else { 154 };
        format!("0.{}{}", "3".repeat(d), if bits == 64 { "4" } else { "5" })
    };
    let one = Number::from(1i64);
    assert_eq!(one.div(&Number::from(3i64)).unwrap().to_string(), third(64));
    assert_eq!(n("1").div(&n("3")).unwrap().to_string(), third(512));
    assert_eq!(one.div(&n("3")).unwrap().to_string(), third(512));
    assert_eq!(n("0.1").add(&n("0.2")).unwrap(), n("0.3"));
    let root = |x: f64| Number::from_f64(x.sqrt()).unwrap();
    assert_eq!(root(2.0).to_string(), "1.4142135623730951");
    let all = "1.4142135623730951454746218587388284504413604736328125";
    assert_eq!(root(2.0).mul(&n("1")).unwrap().to_string(), all);
    assert_eq!(root(2.0).add(&root(3.0)).unwrap().to_string(), "3.1462643699419726");
    assert_eq!(root(2.0).mul(&root(3.0)).unwrap().to_string(), "2.4494897427831781237221939200634");
    assert_eq!(Number::from_f64(717897987691852600000000.0).unwrap().to_string(), "717897987691852600000000");
    let thirds = Number::from(2i64).div(&Number::from(3i64)).unwrap();
    let whole = "2.0000000000000000000542101086242752217003726400434970855712890625";
    assert_eq!(thirds.mul(&n("3")).unwrap().to_string(), whole);
    assert_eq!(thirds.rem(&n("0.1")).unwrap().to_string(), "0.06666666666666666666");
}

#[test]
fn remainders() {
    let table = [("10", "5", "0"), ("-7", "3", "-1"), ("7", "-3", "1"), ("7.5", "0.1", "0"), ("1", "0", "1")];
    for (a, b, rest) in table {
        assert_eq!(n(a).rem(&n(b)).unwrap(), n(rest), "{a} % {b}");
    }
    let rest = n("10").rem(&n("3.3")).unwrap().to_string();
    assert_eq!(rest, format!("0.1{}48", "0".repeat(152)));
}

#[test]
fn infinities_and_signed_zeros() {
    let inf = n("1").div(&n("0")).unwrap();
    assert_eq!(inf.to_string(), "+Inf");
    assert_eq!(n("-1").div(&n("0")).unwrap().to_string(), "-Inf");
    assert_eq!(n("1").div(&inf).unwrap().to_string(), "0");
    assert_eq!(n("0").mul(&n("-1")).unwrap().to_string(), "-0");
    assert_eq!(n("0"), n("-0"));
    assert!(inf.sub(&inf).is_err() && inf.add(&inf.neg()).is_err() && inf.mul(&n("0")).is_err());
    assert!(inf.div(&inf).is_err() && n("0").div(&n("0")).is_err() && n("5").rem(&inf).is_err());
    assert!(inf > n("1e1000") && inf.neg() < n("-1e1000"));
}

#[test]
fn whole_numbers() {
    let table = [("1.5", 1, 2), ("-1.5", -2, -1), ("3", 3, 3), ("-0.1", -1, 0), ("0.1", 0, 1)];
    for (x, floor, ceil) in table {
        assert_eq!(n(x).floor().to_i64(), Some(floor), "{x}");
        assert_eq!(n(x).ceil().to_i64(), Some(ceil), "{x}");
    }
    assert_eq!(n("18446744073709551615").to_u64(), Some(u64::MAX));
    assert_eq!(n("9223372036854775808").to_u64(), Some(1 << 63));
    assert_eq!(n("18446744073709551616").to_u64(), None);
    assert_eq!(n("-1").to_u64(), None);
    assert_eq!(n("9223372036854775808").neg().to_i64(), Some(i64::MIN));
    assert_eq!(n("-9223372036854775808").neg().to_string(), "9223372036854775808");
    assert_eq!(n("1e30").to_bigint().unwrap().to_string(), format!("1{}", "0".repeat(30)));
    assert!(n("1e30").is_integer() && !n("1.5").is_integer() && n("0.5").to_bigint().is_none());
}

#[test]
fn general_form() {
    let table = [
        ("2", "2"),
        ("10", "10"),
        ("0", "0"),
        ("1.23456789012", "1.23456789"),
        ("1.99999999999", "2"),
        ("99999999999", "1e+11"),
        ("12345678901", "1.23456789e+10"),
        ("1234567890", "1234567890"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("-2.5", "-2.5"),
    ];
    for (x, text) in table {
        assert_eq!(n(x).general(), text, "{x}");
    }
}

proptest! {
    #[test]
    fn prints_what_it_reads(s in "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,3})?") {
        let x = n(&s);
        prop_assert_eq!(n(&x.to_string()), x);
    }

    #[test]
    fn agrees_with_f64(bits in any::<u64>(), other in any::<u64>()) {
        let (f, g) = (f64::from_bits(bits), f64::from_bits(other));
        prop_assume!(!f.is_nan() && !g.is_nan());
        let (x, y) = (Number::from_f64(f).unwrap(), Number::from_f64(g).unwrap());
        prop_assert_eq!(x.to_f64(), f);
        prop_assert_eq!(Some(x.cmp(&y)), f.partial_cmp(&g));
        if f.is_finite() {
            // Rust prints the shortest decimal of a float, too, but of two equally near ones not always the even one.
            if f.is_normal() {
                let text = x.to_string();
                prop_assert_eq!(text.len(), format!("{f}").len());
                prop_assert_eq!(text.parse::<f64>().unwrap(), f);
            }
            if g.is_finite() {
                let sum = x.add(&y).unwrap().to_f64();
                if (f + g).abs() > 1e-300 {
                    prop_assert_eq!(sum, f + g);
                }
            }
        }
    }

    #[test]
    fn agrees_with_machine_integers(a in any::<i64>(), b in any::<i64>()) {
        let (x, y) = (Number::from(a), n(&b.to_string()));
        let exact = |i: i128| n(&i.to_string());
        prop_assert_eq!(x.add(&y).unwrap(), exact(i128::from(a) + i128::from(b)));
        prop_assert_eq!(x.sub(&y).unwrap(), exact(i128::from(a) - i128::from(b)));
        prop_assert_eq!(x.mul(&y).unwrap(), exact(i128::from(a) * i128::from(b)));
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        if b != 0 {
            prop_assert_eq!(x.rem(&y).unwrap(), exact(i128::from(a) % i128::from(b)));
        }
    }
}
