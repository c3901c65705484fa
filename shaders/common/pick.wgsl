{# The one of four names, {{before}}{{k + 4q}}{{after}}, that q says. #}
{% macro pick(before, k, after) %}select(select({{before}}{{k}}{{after}}, {{before}}{{k + 4}}{{after}}, q == 1u), select({{before}}{{k + 8}}{{after}}, {{before}}{{k + 12}}{{after}}, q == 3u), q > 1u){% endmacro %}
{# The one of sixteen names, {{before}}0{{after}} to {{before}}15{{after}}, whose number's bits are bit0 to bit3; of the first eight. #}
{% macro four(before, k, after) %}select(select({{before}}{{k}}{{after}}, {{before}}{{k + 1}}{{after}}, bit0), select({{before}}{{k + 2}}{{after}}, {{before}}{{k + 3}}{{after}}, bit0), bit1){% endmacro %}
{% macro of_eight(before, k, after) %}select({{ four(before, k, after) }}, {{ four(before, k + 4, after) }}, bit2){% endmacro %}
{% macro of_sixteen(before, after) %}select({{ of_eight(before, 0, after) }}, {{ of_eight(before, 8, after) }}, bit3){% endmacro %}
{% macro bits(q, count) %}{% for b in range(count) %}
        let bit{{b}} = ({{q}} & {{[1, 2, 4, 8][b]}}u) != 0u;
{% endfor %}{% endmacro %}
{# The one of so many names, {{before}}0, {{before}}1, …, that q says. #}
{% macro one_of(before, count) %}{% for k in range(1, count) %}select({% endfor %}{{before}}0{% for k in range(1, count) %}, {{before}}{{k}}, q == {{k}}u){% endfor %}{% endmacro %}
