// Partial sums of a workgroup's 64 lanes, added up by one of them after a single barrier, eight by eight:
// barriers are what CPU adapters are slow at.
var<workgroup> sums: array<vec4f, 64>;

fn sum64() -> vec4f {
    var total = vec4f(0.0);
    for (var i = 0u; i < 64u; i += 8u) {
        var part = vec4f(0.0);
        for (var k = 0u; k < 8u; k++) {
            part += sums[i + k];
        }
        total += part;
    }
    return total;
}
