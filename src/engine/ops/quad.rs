//! Where kernels may work in quads, four neighbouring invocations that see each other's values: each loads a part of
//! what all of them need. Loads are what the browser's software adapter is slowest at. Every value is added up in the same
//! order, so that the results are those of the other kernels to the bit. Here is what sizes they take.

fn all_divide(sizes: &[(usize, usize)]) -> bool {
    sizes.iter().all(|&(size, by)| size.is_multiple_of(by))
}

/// Invocations of `count` products in bands of 32 rows instead of 16, by 32 columns: where many rows of the last band are missing,
/// the other kernel is faster.
pub fn product(count: usize, rows: usize, columns4: usize) -> Option<usize> {
    let bands = rows.div_ceil(32);
    let suits = all_divide(&[(columns4, 8)]) && 4 * 32 * bands <= 5 * rows;
    suits.then_some(count * bands * columns4 / 2)
}

/// A product that makes a weight's gradient, 32 by 32 channels.
pub fn gradient(ci4: usize, co4: usize) -> bool {
    all_divide(&[(ci4, 8), (co4, 8)])
}

/// A 3×3 convolution in so many tiles of 16 pixels by 16 channels, for each block of channels.
pub fn forward(width: usize, tiles: usize) -> bool {
    all_divide(&[(width, 16), (tiles, 4)])
}

/// Its weight's gradient along rows of `width` pixels, 8 by 16 channels.
pub fn weight_grad(width: usize, ci4: usize, co4: usize) -> bool {
    all_divide(&[(width, 2), (ci4, 2), (co4, 4)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_that_suit_are_computed_in_quads() {
        assert_eq!(product(3, 64, 8), Some(3 * 2 * 4));
        assert_eq!(product(3, 64, 4), None, "16 columns");
        assert_eq!(product(3, 17, 8), None, "half of the rows are missing");
        assert_eq!(product(3, 8, 8), None, "what goes by bands of 8");
        assert!(gradient(8, 16));
        assert_eq!([gradient(4, 8), gradient(8, 12)], [false, false]);
        assert!(forward(32, 8));
        assert_eq!([forward(33, 12), forward(32, 6)], [false, false]);
        assert!(weight_grad(6, 2, 4));
        assert_eq!([weight_grad(7, 2, 4), weight_grad(6, 1, 4), weight_grad(6, 2, 6)], [false, false, false]);
    }
}
