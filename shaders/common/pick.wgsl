{# The one of four names, {{before}}{{k + 4q}}{{after}}, that q says. #}
{% macro pick(before, k, after) %}select(select({{before}}{{k}}{{after}}, {{before}}{{k + 4}}{{after}}, q == 1u), select({{before}}{{k + 8}}{{after}}, {{before}}{{k + 12}}{{after}}, q == 3u), q > 1u){% endmacro %}
{# The one of so many names, {{before}}0, {{before}}1, …, that q says. #}
{% macro one_of(before, count) %}{% for k in range(1, count) %}select({% endfor %}{{before}}0{% for k in range(1, count) %}, {{before}}{{k}}, q == {{k}}u){% endfor %}{% endmacro %}
