{# What ReLU let through, or kept back, at `j`: the stored value, or z made again from y as the way there made it, to the bit. #}
{% if MASK %}
        let z_j = z[j];
{% else %}
        let y_j = y[j];
        let z_j = fma(y_j, scale, shift);
{% endif %}
