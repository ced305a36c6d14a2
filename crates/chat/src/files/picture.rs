//! Pictures: decoded within bounds and written anew, so that nothing is left of what their
//! camera or their maker put beside the pixels.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, ImageResult, Limits};

use super::error::FileError;

const SIDE_MAX: u32 = 16_000;
/// What a picture and its decoder may take at once, whatever the picture says.
const MEMORY_MAX: u64 = 320 * 1024 * 1024;
/// What is in a picture beside its pixels may take so much more: profiles of colours, notes.
const ASIDE_MAX: u64 = 16 * 1024 * 1024;
const THUMBNAIL_SIDE: u32 = 960;
const SQUARE_SIDE: u32 = 256;
const JPEG_QUALITY: u8 = 90;
const THUMBNAIL_QUALITY: u8 = 82;
const BLUR_SIDE: u32 = 32;
const JPEG: &str = "image/jpeg";
const PNG: &str = "image/png";

/// A picture as it is kept.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) blurhash: String,
    pub(super) thumbnail: Vec<u8>,
    pub(super) thumbnail_type: &'static str,
}

/// The format of a picture that can be shown, by its content.
pub(super) fn format(media_type: &str) -> Option<ImageFormat> {
    Some(match media_type {
        "image/jpeg" => ImageFormat::Jpeg,
        "image/png" => ImageFormat::Png,
        "image/webp" => ImageFormat::WebP,
        "image/gif" => ImageFormat::Gif,
        _ => return None,
    })
}

/// Reads and writes a picture; of one that moves, the first moment. Takes its time.
pub(super) fn remake(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<Picture, FileError> {
    let image = read(bytes, format, pixels)?;
    let image = if image.color().has_alpha() && !is_opaque(&image) {
        DynamicImage::ImageRgba8(image.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(image.into_rgb8())
    };
    write(&image, format).map_err(|_| FileError::BadPicture)
}

/// The middle of a picture as a small square of the type [`kind_of_square`]. Takes its time.
pub(super) fn square(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<Vec<u8>, FileError> {
    let image = read(bytes, format, pixels)?;
    let square = image.resize_to_fill(SQUARE_SIDE, SQUARE_SIDE, FilterType::Triangle);
    png(&DynamicImage::ImageRgba8(square.into_rgba8())).map_err(|_| FileError::BadPicture)
}

/// What a square is.
pub(super) fn kind_of_square() -> &'static str {
    PNG
}

fn read(bytes: &[u8], format: ImageFormat, pixels: u64) -> Result<DynamicImage, FileError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(ASIDE_MAX);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|_| FileError::BadPicture)?;
    let (width, height) = decoder.dimensions();
    let area = u64::from(width) * u64::from(height);
    if width.max(height) > SIDE_MAX || area > pixels {
        return Err(FileError::Pixels { pixels });
    }
    if format == ImageFormat::WebP && has_more(bytes, area) {
        return Err(FileError::BadPicture);
    }
    limits.max_alloc = Some(MEMORY_MAX);
    // The decoder counts only some of what it takes beside the pixels.
    let kept = if format == ImageFormat::Jpeg { until_last_scan(bytes, area) } else { 0 };
    let needed = decoder.total_bytes().saturating_add(kept);
    let memory = limits.reserve(needed).and_then(|()| decoder.set_limits(limits));
    memory.map_err(|_| FileError::Memory { max: MEMORY_MAX })?;
    let orientation = decoder.orientation().map_err(|_| FileError::BadPicture)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| FileError::BadPicture)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Whether a WebP file has a lossy picture in it with more pixels than the file says of itself:
/// its decoder compares them when it has both.
fn has_more(bytes: &[u8], pixels: u64) -> bool {
    bytes.windows(18).any(|chunk| {
        let side = |at: usize| u64::from(u16::from_le_bytes([chunk[at], chunk[at + 1]]) & 0x3fff);
        let is_picture = chunk.starts_with(b"VP8 ") && chunk[11..14] == [0x9d, 0x01, 0x2a];
        is_picture && side(14) * side(16) > pixels
    })
}

/// What the decoder of a progressive JPEG file keeps until its last scan: two bytes of each sample.
/// Where something else looks like the head of such a file, this is more than is needed.
fn until_last_scan(bytes: &[u8], pixels: u64) -> u64 {
    let heads = bytes.windows(21).filter(|head| head.starts_with(&[0xff, 0xc2]));
    let kept = heads.filter_map(|head| {
        let parts = [11, 14, 17, 20].into_iter().take(usize::from(head[9]));
        let samples = parts.map(|at| u64::from(head[at] >> 4) * u64::from(head[at] & 15));
        let most = samples.clone().max().filter(|most| *most > 0)?;
        Some(2 * pixels * samples.sum::<u64>() / most)
    });
    kept.max().unwrap_or(0)
}

fn is_opaque(image: &DynamicImage) -> bool {
    use image::GenericImageView as _;
    image.pixels().all(|(_, _, pixel)| pixel.0[3] == u8::MAX)
}

fn write(image: &DynamicImage, format: ImageFormat) -> ImageResult<Picture> {
    let opaque = !image.color().has_alpha();
    let photo = opaque && matches!(format, ImageFormat::Jpeg | ImageFormat::WebP);
    let bytes = if photo { jpeg(image, JPEG_QUALITY)? } else { png(image)? };
    let small = if image.width().max(image.height()) > THUMBNAIL_SIDE {
        image.thumbnail(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    } else {
        image.clone()
    };
    let thumbnail = if opaque { jpeg(&small, THUMBNAIL_QUALITY)? } else { png(&small)? };
    Ok(Picture {
        bytes,
        media_type: if photo { JPEG } else { PNG },
        width: image.width(),
        height: image.height(),
        blurhash: blurred(&small),
        thumbnail,
        thumbnail_type: if opaque { JPEG } else { PNG },
    })
}

fn jpeg(image: &DynamicImage, quality: u8) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality))?;
    Ok(bytes)
}

fn png(image: &DynamicImage) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::new();
    image.write_with_encoder(PngEncoder::new(&mut bytes))?;
    Ok(bytes)
}

fn blurred(image: &DynamicImage) -> String {
    let dot = image.thumbnail(BLUR_SIDE, BLUR_SIDE).to_rgba8();
    blurhash::encode(4, 3, dot.width(), dot.height(), dot.as_raw()).unwrap_or_default()
}
