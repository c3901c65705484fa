//! The window as a picture in a file.

use super::files::{Delivery, Inbox};
use eframe::egui::{ColorImage, Context, ScreenshotCallback, ViewportCommand};

/// Frames after which the menu that asked for it has gone.
const WAIT: u8 = 12;

/// Whether one is to be taken, and how many frames from now.
#[derive(Debug, Default)]
pub struct Screenshot(Option<u8>);

impl Screenshot {
    /// Take one soon.
    pub fn ask(&mut self, ctx: &Context) {
        self.0 = Some(WAIT);
        ctx.request_repaint();
    }

    /// Call it once a frame; the picture arrives in `inbox` as pixels.
    pub fn frame(&mut self, ctx: &Context, inbox: &Inbox) {
        match self.0 {
            None => {}
            Some(0) => {
                self.0 = None;
                let inbox = inbox.clone();
                let taken = ScreenshotCallback::new(move |image| inbox.deliver(Delivery::Screen(image)));
                ctx.send_viewport_cmd(ViewportCommand::Screenshot(taken));
            }
            Some(n) => {
                self.0 = Some(n - 1);
                ctx.request_repaint();
            }
        }
    }
}

/// `image` as a PNG file. The window has no transparent parts.
pub fn encode(image: &ColorImage) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let [width, height] = image.size.map(|n| u32::try_from(n).unwrap_or(0));
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = image.pixels.iter().flat_map(|c| [c.r(), c.g(), c.b()]).collect();
    let mut writer = encoder.write_header().map_err(|e| e.to_string())?;
    writer.write_image_data(&pixels).map_err(|e| e.to_string())?;
    writer.finish().map_err(|e| e.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Color32;

    #[test]
    fn the_file_has_the_windows_pixels() {
        let image = ColorImage::new([2, 1], vec![Color32::from_rgb(1, 2, 3), Color32::from_rgb(250, 0, 9)]);
        let bytes = encode(&image).expect("encoded");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        let info = reader.next_frame(&mut pixels).expect("a picture");
        assert_eq!((info.width, info.height), (2, 1));
        assert_eq!(pixels, [1, 2, 3, 250, 0, 9]);
    }

    #[test]
    fn an_empty_window_is_said() {
        assert!(encode(&ColorImage::new([0, 0], Vec::new())).is_err());
    }
}
