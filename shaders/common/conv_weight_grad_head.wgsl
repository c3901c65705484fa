{# Parameters and bindings of the weight gradients that slide along a row. #}
struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    rows: u32, rows_per_chunk: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;
