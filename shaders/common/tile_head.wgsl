{# What the tiled convolutions begin with: {{M}} pixels × {{N}} vec4s of channels a workgroup. #}
{% include "common/grid.wgsl" %}
{% include "common/mac.wgsl" %}

// 4 vec4s of taps × channels of {{M}} pixels, and the weights that they meet.
var<workgroup> tile: array<vec4f, {{ 4 * M }}>;
var<workgroup> ws: array<vec4f, {{ 16 * N }}>;
