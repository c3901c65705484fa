{# As winograd4.wgsl, for F(2×2, 3×3) with the points 0, ±1: fewer frequencies, and the errors of a plain sum. #}
{% macro data(out, v, s="") %}
    let {{out}}0 = {{v}}0{{s}} - {{v}}2{{s}};
    let {{out}}1 = {{v}}1{{s}} + {{v}}2{{s}};
    let {{out}}2 = {{v}}2{{s}} - {{v}}1{{s}};
    let {{out}}3 = {{v}}1{{s}} - {{v}}3{{s}};
{% endmacro %}
{% macro grad(out, v, s="") %}
    let {{out}}0 = {{v}}0{{s}};
    let {{out}}1 = {{v}}0{{s}} + {{v}}1{{s}};
    let {{out}}2 = {{v}}0{{s}} - {{v}}1{{s}};
    let {{out}}3 = -{{v}}1{{s}};
{% endmacro %}
{% macro output(out, v, s="") %}
    let {{out}}0 = {{v}}0{{s}} + {{v}}1{{s}} + {{v}}2{{s}};
    let {{out}}1 = {{v}}1{{s}} - {{v}}2{{s}} - {{v}}3{{s}};
{% endmacro %}
{% macro kernel(out, v, s="") %}
    let {{out}}ends = 0.5 * ({{v}}0{{s}} + {{v}}2{{s}});
    let {{out}}0 = {{v}}0{{s}};
    let {{out}}1 = fma(V(0.5), {{v}}1{{s}}, {{out}}ends);
    let {{out}}2 = fma(V(-0.5), {{v}}1{{s}}, {{out}}ends);
    let {{out}}3 = {{v}}2{{s}};
{% endmacro %}
{% macro kernel_grad(out, v, s="") %}
    let {{out}}sum = {{v}}1{{s}} + {{v}}2{{s}};
    let {{out}}0 = fma(V(0.5), {{out}}sum, {{v}}0{{s}});
    let {{out}}1 = 0.5 * ({{v}}1{{s}} - {{v}}2{{s}});
    let {{out}}2 = fma(V(0.5), {{out}}sum, {{v}}3{{s}});
{% endmacro %}
