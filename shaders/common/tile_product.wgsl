{# A step of the tiled convolutions: the tile of pixels, [4, M], times `ws`, [16, N], into an invocation's register tile,
   by {{MAC}}. Neighbouring lanes read neighbouring vec4s, so that no two meet in a bank. #}
        workgroupBarrier();
        for (var k = 0u; k < 4u; k++) {
{% for j in range(PX) %}
            let x{{ j }} = tile[k * {{ M }}u + down + {{ 8 * j }}u];
{% endfor %}
{% for d in range(DEEP) %}
            {
{% for r in range(4) %}
                let w{{ r }} = ws[(k * 4u + {{ r }}u) * {{ N }}u + across + {{ 8 * d }}u];
{% endfor %}
{% for j in range(PX) %}
                a{{ j }}_{{ d }} = {{ MAC }}(a{{ j }}_{{ d }}, x{{ j }}, w0, w1, w2, w3);
{% endfor %}
            }
{% endfor %}
        }
        workgroupBarrier();
