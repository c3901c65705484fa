// Count, mean and sum of squared deviations of a part; parts are merged pairwise (Chan et al. 1979), so
// that no precision is lost where the mean is large against the spread.
struct Moments {
    count: f32,
    mean: vec4f,
    m2: vec4f,
}

fn merge(a: Moments, b: Moments) -> Moments {
    let n = a.count + b.count;
    if (n == 0.0) {
        return a;
    }
    let d = b.mean - a.mean;
    let share = b.count / n;
    return Moments(n, a.mean + d * share, a.m2 + b.m2 + d * d * (a.count * share));
}
