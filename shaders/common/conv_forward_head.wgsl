{# Parameters and bindings of the convolutions that make a tile of neighbouring pixels. #}
struct Params {
    first_workgroup: u32,
    total: u32,
    h: u32, w: u32, ci4: u32,
    ho: u32, wo: u32, co4: u32,
    segments: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
{% if SCALAR %}
@group(0) @binding(1) var<storage, read> x: array<f32>;
{% else %}
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
{% endif %}
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
