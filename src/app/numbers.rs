//! How numbers are written: the same everywhere, with true minus signs, thin gaps and few digits.

/// What stands where a value is not known.
pub const UNKNOWN: &str = "–";

/// Between a number and its unit; egui draws it as a narrow gap.
const THIN: char = '\u{2009}';

/// NaN and infinities in words, `None` for numbers.
fn in_words(v: f64) -> Option<String> {
    if v.is_nan() {
        Some("NaN".into())
    } else if v.is_infinite() {
        Some(if v > 0.0 { "∞" } else { "−∞" }.into())
    } else {
        None
    }
}

/// `v` with `decimals` places and a true minus.
pub fn fixed(v: f64, decimals: usize) -> String {
    in_words(v).unwrap_or_else(|| format!("{v:.decimals$}").replace('-', "−"))
}

/// A loss: three decimals.
pub fn loss(v: f32) -> String {
    fixed(v.into(), 3)
}

/// A share of one as a percentage with one decimal.
pub fn percent(v: f32) -> String {
    format!("{}{THIN}%", fixed(f64::from(v) * 100.0, 1))
}

/// Shares and ratios: two decimals, fewer from 100 on.
pub fn ratio(v: f32) -> String {
    let v = f64::from(v);
    if v.abs() >= 10_000.0 { scientific(v, 1) } else { fixed(v, if v.abs() >= 100.0 { 0 } else { 2 }) }
}

/// A norm: three decimals, as a power of ten below 0.001.
pub fn norm(v: f32) -> String {
    let v = f64::from(v);
    if v == 0.0 || !v.is_finite() {
        return if v == 0.0 { "0".into() } else { fixed(v, 3) };
    }
    let size = v.abs();
    if !(0.001..10_000.0).contains(&size) {
        scientific(v, 1)
    } else {
        fixed(v, if size >= 100.0 { 1 } else { 3 })
    }
}

/// A learning rate: three significant digits.
pub fn learning_rate(v: f32) -> String {
    let v = f64::from(v);
    if v == 0.0 || !v.is_finite() {
        return if v == 0.0 { "0".into() } else { fixed(v, 3) };
    }
    if v < 1e-4 {
        return scientific(v, 2);
    }
    let decimals = 2 - v.log10().floor() as i32;
    fixed(v, decimals.clamp(0, 6) as usize)
}

/// A hyperparameter that is often a small power of ten: as short as it can be said.
pub fn hyper(v: f64) -> String {
    if v != 0.0 && v.abs() < 0.01 && v.is_finite() {
        let exponent = v.abs().log10().floor() as i32;
        let mantissa = v / 10f64.powi(exponent);
        return format!("{}×{}", trimmed(mantissa, 2), power_of_ten(exponent));
    }
    trimmed(v, 4)
}

/// Reads what [`hyper`] writes, and `5e-4`.
pub fn parse(text: &str) -> Option<f64> {
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .map(|c| match c {
            '−' | '⁻' => '-',
            c => SUPERSCRIPTS.iter().position(|&s| s == c).map_or(c, |d| char::from(b'0' + d as u8)),
        })
        .collect();
    plain.replace("×10", "e").replace("*10^", "e").parse().ok()
}

/// A count: commas up to 100,000, then millions. The second part is the unit, empty or `M`, `G`.
pub fn count(n: u64) -> (String, &'static str) {
    let scaled = |unit: f64| {
        let v = n as f64 / unit;
        fixed(v, if v >= 100.0 { 0 } else { 2 })
    };
    match n {
        0..100_000 => (grouped(n), ""),
        100_000..1_000_000_000 => (scaled(1e6), "M"),
        _ => (scaled(1e9), "G"),
    }
}

/// All digits, in groups of three.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Bytes in the largest binary unit that leaves a number above 1.
pub fn bytes(n: u64) -> (String, &'static str) {
    let (v, unit) = match n {
        0..1024 => return (n.to_string(), "B"),
        1024..1_048_576 => (n as f64 / 1024.0, "KiB"),
        1_048_576..1_073_741_824 => (n as f64 / 1_048_576.0, "MiB"),
        _ => (n as f64 / 1_073_741_824.0, "GiB"),
    };
    (
        fixed(
            v,
            if v >= 100.0 {
                0
            } else if v >= 10.0 {
                1
            } else {
                2
            },
        ),
        unit,
    )
}

/// Images a second.
pub fn rate(v: f32) -> String {
    match v {
        v if v >= 100.0 => grouped(v.round() as u64),
        v if v >= 10.0 => fixed(v.into(), 1),
        v => fixed(v.into(), 2),
    }
}

/// A time left, `2:04` or `1:02:04`.
pub fn clock(seconds: f64) -> String {
    if !seconds.is_finite() || seconds > 1e6 {
        return UNKNOWN.into();
    }
    let s = seconds.max(0.0).round() as u64;
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h >= 10 {
        // Seconds say nothing there, and would not fit.
        format!("{h}{THIN}h{THIN}{m:02}")
    } else if h > 0 {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m}:{s:02}")
    }
}

/// How long something takes, `21 ms` or `6.0 s`.
pub fn duration(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{}{THIN}ms", fixed(seconds * 1000.0, 0))
    } else {
        format!("{}{THIN}s", fixed(seconds, if seconds < 10.0 { 1 } else { 0 }))
    }
}

/// How long a layer takes: `6.0 s`, `2.41 ms`, `86 µs`.
pub fn short_time(seconds: f32) -> String {
    let s = f64::from(seconds);
    match s {
        _ if !s.is_finite() => fixed(s, 0),
        _ if s >= 1.0 => duration(s),
        _ if s >= 1e-3 => format!("{}{THIN}ms", fixed(s * 1e3, if s >= 0.1 { 0 } else { 2 })),
        _ => format!("{}{THIN}µs", fixed(s * 1e6, 0)),
    }
}

/// A step on an axis, `500` or `1.5 k`.
pub fn axis_step(step: f64) -> String {
    if step.abs() < 1000.0 { trimmed(step, 0) } else { format!("{}{THIN}k", trimmed(step / 1000.0, 2)) }
}

/// A value on an axis: as few digits as it needs.
pub fn axis_value(v: f64) -> String {
    if v != 0.0 && v.abs() < 0.001 { hyper(v) } else { trimmed(v, 3) }
}

/// The same with the digits that tell it from its neighbours, `gap` away.
pub fn axis_fine(v: f64, gap: f64) -> String {
    fixed(v, (-gap.log10() - 1e-9).ceil().clamp(0.0, 8.0) as usize)
}

/// `10ⁿ`.
pub fn power_of_ten(exponent: i32) -> String {
    format!("10{}", superscript(exponent))
}

/// `mantissa×10ⁿ` with `decimals` places.
pub fn scientific(v: f64, decimals: usize) -> String {
    let mut exponent = v.abs().log10().floor() as i32;
    let mut mantissa = v / 10f64.powi(exponent);
    // 9.96 rounded to one place is 10.0, which is 1.0 of the next power.
    if format!("{:.decimals$}", mantissa.abs()).starts_with("10") {
        exponent += 1;
        mantissa /= 10.0;
    }
    format!("{}×{}", fixed(mantissa, decimals), power_of_ten(exponent))
}

const SUPERSCRIPTS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// A whole number over the line, as an exponent.
pub fn superscript(n: i32) -> String {
    n.to_string().chars().map(|c| c.to_digit(10).map_or('⁻', |d| SUPERSCRIPTS[d as usize])).collect()
}

fn trimmed(v: f64, most: usize) -> String {
    let text = fixed(v, most);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_the_look_wants() {
        assert_eq!(loss(0.3112), "0.311");
        assert_eq!(loss(f32::NAN), "NaN");
        assert_eq!(percent(0.873), "87.3\u{2009}%");
        assert_eq!(norm(6.3e-5), "6.3×10⁻⁵");
        assert_eq!(norm(9.96e-5), "1.0×10⁻⁴");
        assert_eq!(norm(0.151), "0.151");
        assert_eq!(learning_rate(0.0655), "0.0655");
        assert_eq!(learning_rate(0.05), "0.0500");
        assert_eq!(learning_rate(2.0), "2.00");
        assert_eq!(hyper(5e-4), "5×10⁻⁴");
        assert_eq!(hyper(0.9), "0.9");
        assert_eq!(hyper(0.0), "0");
        assert_eq!(count(4692), ("4,692".into(), ""));
        assert_eq!(count(850_000), ("0.85".into(), "M"));
        assert_eq!(count(11_173_962), ("11.17".into(), "M"));
        assert_eq!(count(555_422_720), ("555".into(), "M"));
        assert_eq!(bytes(1_406_611_619), ("1.31".into(), "GiB"));
        assert_eq!(short_time(0.00241), "2.41\u{2009}ms");
        assert_eq!(short_time(86e-6), "86\u{2009}µs");
        assert_eq!(short_time(6.0), "6.0\u{2009}s");
        assert_eq!(clock(124.0), "2:04");
        assert_eq!(clock(3724.0), "1:02:04");
        assert_eq!(clock(124_981.0), "34\u{2009}h\u{2009}43");
        assert_eq!(axis_step(1500.0), "1.5\u{2009}k");
        assert_eq!(fixed(-0.5, 2), "−0.50");
    }

    #[test]
    fn what_is_written_can_be_read_back() {
        for v in [5e-4, 1e-6, 0.9, 0.0, 0.015] {
            let back = parse(&hyper(v)).expect("a number");
            assert!((back - v).abs() <= 1e-9, "{v} came back as {back}");
        }
        assert_eq!(parse("5e-4"), Some(5e-4));
        assert_eq!(parse("1,024"), Some(1024.0));
    }
}
