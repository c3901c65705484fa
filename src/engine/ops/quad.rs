//! Kernels for adapters on which four neighbouring invocations, a quad, see each other's values: each loads a part of
//! what all of them need. Loads are what the browser's software adapter is slowest at. Every value is added up in the same
//! order, so that the results are those of the other kernels to the bit.

/// The kernel in quads, and its invocations, that computes what `kernel` does with so many invocations and these parameters
/// (those after the number of invocations); `None` where sizes do not suit or there is none.
pub fn instead(kernel: &str, invocations: usize, params: &[u32]) -> Option<(&'static str, usize)> {
    let p = |i: usize| params.get(i).copied().unwrap_or(0) as usize;
    let by = |of: &[(usize, usize)]| of.iter().all(|&(size, n)| size > 0 && size.is_multiple_of(n));
    match kernel {
        // Bands of 32 rows instead of 16: where many rows of the last one are missing, the other kernel is faster.
        "matmul/16x4" => {
            let (rows, columns4) = (p(0), p(2));
            let count = invocations / (rows.div_ceil(16) * columns4 / 4);
            let bands = rows.div_ceil(32);
            let few_missing = 4 * 32 * bands <= 5 * rows;
            (by(&[(columns4, 8)]) && few_missing).then_some(("matmul_quad", count * bands * columns4 / 2))
        }
        "matmul_grad/4x4" => by(&[(p(2), 8), (p(3), 8)]).then_some(("matmul_grad_quad", invocations)),
        "conv_forward/k3s1/scalar1x16x4" => {
            let (w, wo, co4) = (p(1), p(4), p(5));
            let tiles = invocations / (co4 / 4);
            (w == wo && by(&[(wo, 16), (tiles, 4)])).then_some(("conv_forward_quad", invocations))
        }
        "conv_weight_grad_row/k3s1/co2" => {
            by(&[(p(1), 2), (p(2), 2), (p(5), 4)]).then_some(("conv_weight_grad_quad", invocations))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_that_suit_are_computed_in_quads() {
        // Three products of 64 rows and 32 columns; rows, inner and columns in vec4s, firsts.
        assert_eq!(instead("matmul/16x4", 3 * 4 * 2, &[64, 5, 8, 0, 0]), Some(("matmul_quad", 3 * 2 * 4)));
        assert_eq!(instead("matmul/16x4", 3 * 2, &[64, 5, 4, 0, 0]), None, "16 columns");
        assert_eq!(
            instead("matmul/16x4", 3 * 2 * 2, &[17, 5, 8, 0, 0]),
            None,
            "half of the rows are missing"
        );
        assert_eq!(instead("matmul/8x4", 3 * 2, &[64, 5, 8, 0, 0]), None);
        let gradient = |ci4: u32, co4: u32| instead("matmul_grad/4x4", 16, &[4, 10, ci4, co4, 5, 0, 0]);
        assert_eq!(gradient(8, 16), Some(("matmul_grad_quad", 16)));
        assert_eq!([gradient(4, 8), gradient(8, 12)], [None, None]);
        let forward = |h: u32, w: u32, tiles: usize| {
            instead("conv_forward/k3s1/scalar1x16x4", 2 * tiles, &[h, w, 4, h, w, 8, w.div_ceil(16)])
        };
        assert_eq!(forward(4, 32, 8), Some(("conv_forward_quad", 16)));
        assert_eq!([forward(4, 33, 12), forward(3, 32, 6)], [None, None]);
        let weight = |w: u32, ci4: u32, co4: u32| {
            instead("conv_weight_grad_row/k3s1/co2", 96, &[7, w, ci4, 7, w, co4, 14, 3])
        };
        assert_eq!(weight(6, 2, 4), Some(("conv_weight_grad_quad", 96)));
        assert_eq!([weight(7, 2, 4), weight(6, 1, 4), weight(6, 2, 6)], [None, None, None]);
    }
}
