{# The one of four names, {{before}}{{k + 4q}}{{after}}, that q says. #}
{% macro pick(before, k, after) %}select(select({{before}}{{k}}{{after}}, {{before}}{{k + 4}}{{after}}, q == 1u), select({{before}}{{k + 8}}{{after}}, {{before}}{{k + 12}}{{after}}, q == 3u), q > 1u){% endmacro %}
