//! The user's own picture, from an encoded file to a square of pixels: on the desktop only, for a page's
//! browser decodes pictures itself.

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use std::io::Cursor;

/// Pixels a side, and bytes while decoding: more is refused, not tried.
const SIDE_MOST: u32 = 20_000;
const BYTES_MOST: u64 = 1 << 30;

/// Decodes a PNG, JPEG or WebP file, crops its middle to a square and resizes that to `side` × `side`
/// pixels, RGBA. Fails in words when the file is none of these, broken, or too large.
pub fn square(bytes: &[u8], side: u32) -> Result<Vec<u8>, String> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| e.to_string())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MOST);
    limits.max_image_height = Some(SIDE_MOST);
    limits.max_alloc = Some(BYTES_MOST);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| e.to_string())?;
    // Telephones write how they were held, and not upright pixels.
    let upright = decoder.orientation().map_err(|e| e.to_string())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| e.to_string())?;
    picture.apply_orientation(upright);
    let crop = picture.width().min(picture.height());
    if crop == 0 || side == 0 {
        return Err("the picture is empty".into());
    }
    let (x, y) = ((picture.width() - crop) / 2, (picture.height() - crop) / 2);
    let middle = picture.crop_imm(x, y, crop, crop).to_rgba8();
    // Averages over what a pixel covers, where a picture is made smaller.
    let filter = if crop > side { FilterType::Triangle } else { FilterType::Nearest };
    Ok(imageops::resize(&middle, side, side, filter).into_raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, Rgba, RgbaImage};

    fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        // Red left of the middle third, green in it, blue right of it.
        let picture = RgbaImage::from_fn(width, height, |x, _| match 3 * x / width {
            0 => Rgba([255, 0, 0, 255]),
            1 => Rgba([0, 255, 0, 255]),
            _ => Rgba([0, 0, 255, 255]),
        });
        let mut bytes = Cursor::new(Vec::new());
        let rgb = DynamicImage::from(picture).to_rgb8();
        rgb.write_to(&mut bytes, format).expect("encodes");
        bytes.into_inner()
    }

    #[test]
    fn the_middle_is_cropped_and_resized() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let rgba = square(&encoded(format, 192, 64), 8).expect("decodes");
            assert_eq!(rgba.len(), 8 * 8 * 4);
            let middle = &rgba[(4 * 8 + 4) * 4..][..4];
            assert!(middle[1] > 200 && middle[0] < 60 && middle[2] < 60, "{format:?}: {middle:?}");
            assert!(rgba[..32].chunks(4).all(|p| p[1] > 100), "nothing of the sides: {:?}", &rgba[..32]);
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(square(b"not a picture", 32).is_err());
        let mut cut = encoded(ImageFormat::Png, 64, 64);
        cut.truncate(60);
        assert!(square(&cut, 32).is_err());
        assert!(square(&encoded(ImageFormat::Png, 4, 4), 0).is_err());
    }
}
