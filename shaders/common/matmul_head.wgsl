{# Parameters and bindings of the products of matrices, whoever loads what; rows of `a` are loaded in vectors of {{WIDE}}. #}
struct Params {
    first_workgroup: u32,
    total: u32,
    rows: u32,
    inner4: u32, columns4: u32,
    // Rows of a, and of c, before the first.
    a_first: u32, c_first: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec{{WIDE}}f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>;
