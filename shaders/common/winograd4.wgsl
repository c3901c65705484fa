{# The one-dimensional transforms of Winograd's F(4×4, 3×3) (Lavin & Gray 2016, §4), as macros: from {{v}}0{{s}}, {{v}}1{{s}}, …
   they make {{out}}0, {{out}}1, …. With y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, `data` is Bᵀ, `kernel` G, `output` Aᵀ, and backward
   `grad` A, `kernel_grad` Gᵀ. The points are 0, ±3/4, ±3/2: half the rounding error of the paper's 0, ±1, ±2 (2.2 times
   a plain sum's instead of 4), and all constants but G's are exact in binary. Every product that is added is an fma, so that
   adapters that would fuse by themselves and those that would not give the same bits. `V` is the kernel's vector of channels. #}
{% macro times(factor, value, sum) %}fma(V({{factor}}), {{value}}, {{sum}}){% endmacro %}
{% macro data(out, v, s="") %}
    let {{out}}0 = {{ times("1.265625", v ~ "0" ~ s, times("-2.8125", v ~ "2" ~ s, v ~ "4" ~ s)) }};
    let {{out}}even = {{ times("-2.25", v ~ "2" ~ s, v ~ "4" ~ s) }};
    let {{out}}odd = {{ times("-2.25", v ~ "1" ~ s, v ~ "3" ~ s) }};
    let {{out}}1 = {{ times("0.75", out ~ "odd", out ~ "even") }};
    let {{out}}2 = {{ times("-0.75", out ~ "odd", out ~ "even") }};
    let {{out}}even2 = {{ times("-0.5625", v ~ "2" ~ s, v ~ "4" ~ s) }};
    let {{out}}odd2 = {{ times("-0.5625", v ~ "1" ~ s, v ~ "3" ~ s) }};
    let {{out}}3 = {{ times("1.5", out ~ "odd2", out ~ "even2") }};
    let {{out}}4 = {{ times("-1.5", out ~ "odd2", out ~ "even2") }};
    let {{out}}5 = {{ times("1.265625", v ~ "1" ~ s, times("-2.8125", v ~ "3" ~ s, v ~ "5" ~ s)) }};
{% endmacro %}
{% macro grad(out, v, s="") %}
    let {{out}}0 = {{v}}0{{s}};
    let {{out}}even = {{ times("0.5625", v ~ "2" ~ s, v ~ "0" ~ s) }};
    let {{out}}odd = {{ times("0.5625", v ~ "3" ~ s, v ~ "1" ~ s) }};
    let {{out}}1 = {{ times("0.75", out ~ "odd", out ~ "even") }};
    let {{out}}2 = {{ times("-0.75", out ~ "odd", out ~ "even") }};
    let {{out}}even2 = {{ times("2.25", v ~ "2" ~ s, v ~ "0" ~ s) }};
    let {{out}}odd2 = {{ times("2.25", v ~ "3" ~ s, v ~ "1" ~ s) }};
    let {{out}}3 = {{ times("1.5", out ~ "odd2", out ~ "even2") }};
    let {{out}}4 = {{ times("-1.5", out ~ "odd2", out ~ "even2") }};
    let {{out}}5 = {{v}}3{{s}};
{% endmacro %}
{% macro output(out, v, s="") %}
    let {{out}}sum = {{v}}1{{s}} + {{v}}2{{s}};
    let {{out}}difference = {{v}}1{{s}} - {{v}}2{{s}};
    let {{out}}sum2 = {{v}}3{{s}} + {{v}}4{{s}};
    let {{out}}difference2 = {{v}}3{{s}} - {{v}}4{{s}};
    let {{out}}0 = {{v}}0{{s}} + {{out}}sum + {{out}}sum2;
    let {{out}}1 = {{ times("0.75", out ~ "difference", "1.5 * " ~ out ~ "difference2") }};
    let {{out}}2 = {{ times("0.5625", out ~ "sum", "2.25 * " ~ out ~ "sum2") }};
    let {{out}}3 = {{ times("0.421875", out ~ "difference", times("3.375", out ~ "difference2", v ~ "5" ~ s)) }};
{% endmacro %}
{% macro kernel(out, v, s="") %}
    let {{out}}0 = (64.0 / 81.0) * {{v}}0{{s}};
    let {{out}}even = (-128.0 / 243.0) * {{ times("0.5625", v ~ "2" ~ s, v ~ "0" ~ s) }};
    let {{out}}1 = {{ times("-32.0 / 81.0", v ~ "1" ~ s, out ~ "even") }};
    let {{out}}2 = {{ times("32.0 / 81.0", v ~ "1" ~ s, out ~ "even") }};
    let {{out}}even2 = (32.0 / 243.0) * {{ times("2.25", v ~ "2" ~ s, v ~ "0" ~ s) }};
    let {{out}}3 = {{ times("16.0 / 81.0", v ~ "1" ~ s, out ~ "even2") }};
    let {{out}}4 = {{ times("-16.0 / 81.0", v ~ "1" ~ s, out ~ "even2") }};
    let {{out}}5 = {{v}}2{{s}};
{% endmacro %}
{% macro kernel_grad(out, v, s="") %}
    let {{out}}sum = {{v}}1{{s}} + {{v}}2{{s}};
    let {{out}}sum2 = {{v}}3{{s}} + {{v}}4{{s}};
    let {{out}}0 = {{ times("64.0 / 81.0", v ~ "0" ~ s, times("-128.0 / 243.0", out ~ "sum", "(32.0 / 243.0) * " ~ out ~ "sum2")) }};
    let {{out}}difference = {{v}}2{{s}} - {{v}}1{{s}};
    let {{out}}difference2 = {{v}}3{{s}} - {{v}}4{{s}};
    let {{out}}1 = {{ times("32.0 / 81.0", out ~ "difference", "(16.0 / 81.0) * " ~ out ~ "difference2") }};
    let {{out}}2 = {{ times("8.0 / 27.0", "(" ~ out ~ "sum2 - " ~ out ~ "sum)", v ~ "5" ~ s) }};
{% endmacro %}
