{# Parameters and bindings of the products that make a weight's gradient. #}
struct Params {
    first_workgroup: u32,
    total: u32,
    count: u32,
    rows: u32,
    ci4: u32, co4: u32,
    rows_per_chunk: u32,
    first_chunk: u32,
    // Rows of g before the first.
    g_first: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> part: array<vec4f>;
