//! Files that are small and would become large in careless hands.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, ImageFormat};

use crate::files::{picture, sized};

/// A black square as a PNG file, which really has so many pixels in each row and column.
pub fn swollen(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (fast, plain) = (CompressionType::Fast, FilterType::NoFilter);
    let encoder = PngEncoder::new_with_quality(&mut bytes, fast, plain);
    let pixels = vec![0; (side * side) as usize];
    encoder.write_image(&pixels, side, side, ExtendedColorType::L8).expect("a picture is written");
    bytes
}

/// The same pixels behind a header that says that there are few.
pub fn understating(side: u32) -> Vec<u8> {
    sized(swollen(side), 8, 8)
}

/// A small PNG file with a profile of colours that has so many bytes.
pub fn with_profile(profile_bytes: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(vec![0; profile_bytes]).expect("a PNG file may have one");
    encoder.write_image(&[0; 64], 8, 8, ExtendedColorType::L8).expect("a picture is written");
    bytes
}

/// A GIF file that moves so often.
pub fn moving_gif(frames: usize) -> Vec<u8> {
    let still = picture(8, 8, ImageFormat::Gif);
    let colours = if still[10] & 0x80 == 0 { 0 } else { 6 << (still[10] & 7) };
    let (head, rest) = still.split_at(13 + colours);
    [head, &rest[..rest.len() - 1].repeat(frames), b";"].concat()
}

/// A WebP file that moves so often.
pub fn moving_webp(frames: usize) -> Vec<u8> {
    let still = picture(8, 8, ImageFormat::WebP);
    let place = [0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 10, 0, 0, 0];
    let frame = chunk("ANMF", &[&place, &still[12..]].concat());
    let moves = chunk("ANIM", &[0; 6]);
    webp(&[extended(2), moves, frame.repeat(frames)].concat())
}

/// A WebP file that says that it is small, with a picture in it that is as large as can be.
pub fn understating_webp() -> Vec<u8> {
    let (modes_bytes, side) = (0x7_ffff_u32, 0x3fff_u16);
    // A key frame that is shown; of nothing but zeros each block is predicted from its neighbours.
    let mut frame = (modes_bytes << 5 | 0x10).to_le_bytes()[..3].to_vec();
    frame.extend_from_slice(&[0x9d, 0x01, 0x2a]);
    frame.extend_from_slice(&side.to_le_bytes());
    frame.extend_from_slice(&side.to_le_bytes());
    frame.resize(frame.len() + modes_bytes as usize + 1_000_000, 0);
    webp(&[extended(0), chunk("VP8 ", &frame)].concat())
}

/// A grey square as a progressive JPEG file, which has to be kept whole until its last scan.
pub fn progressive(side: u16) -> Vec<u8> {
    let quantization = [&[0xff, 0xdb, 0, 67, 0][..], &[1; 64]].concat();
    let [high, low] = side.to_be_bytes();
    let parts = [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
    let frame = [&[0xff, 0xc2, 0, 17, 8, high, low, high, low][..], &parts].concat();
    // There is one code, of one bit: nothing has changed since the block before.
    let codes = [&[0xff, 0xc4, 0, 20, 0, 1][..], &[0; 16]].concat();
    let scan = [0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0];
    let blocks = usize::from(side).div_ceil(8).pow(2) * 3;
    let blocks = vec![0; blocks.div_ceil(8)];
    [&[0xff, 0xd8][..], &quantization, &frame, &codes, &scan, &blocks, &[0xff, 0xd9]].concat()
}

/// What the pixels of `png` were deflated to, as a gzip file.
pub fn gzip(png: &[u8], plain_bytes: u32) -> Vec<u8> {
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    [&head, &deflated(png)[..], &[0; 4], &plain_bytes.to_le_bytes()].concat()
}

/// The same as the only file of a zip file.
pub fn zip(png: &[u8], plain_bytes: u32) -> Vec<u8> {
    let deflated = deflated(png);
    let (name, length) = (b"cat.svg", u32::try_from(deflated.len()).expect("a small file"));
    let mut about = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    about.extend([length, plain_bytes, 7].iter().flat_map(|number| number.to_le_bytes()));
    let local = [b"PK\x03\x04", &about[..], name, &deflated].concat();
    let listed = [b"PK\x01\x02\x14\0", &about[..], &[0; 14], name].concat();
    let (at, listed_bytes) = (local.len() as u64, listed.len() as u64);
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend_from_slice(&listed_bytes.to_le_bytes()[..4]);
    end.extend_from_slice(&at.to_le_bytes()[..4]);
    [local, listed, end, vec![0; 2]].concat()
}

/// The deflated pixels of a PNG file, without what zlib puts around them.
fn deflated(png: &[u8]) -> Vec<u8> {
    let (mut rest, mut pixels) = (&png[8..], Vec::new());
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes(head[..4].try_into().expect("four bytes")) as usize;
        if &head[4..] == b"IDAT" {
            pixels.extend_from_slice(&after[..length]);
        }
        rest = &after[length + 4..];
    }
    pixels[2..pixels.len() - 4].to_vec()
}

fn webp(chunks: &[u8]) -> Vec<u8> {
    chunk("RIFF", &[b"WEBP", chunks].concat())
}

/// The head of a WebP file of 8 × 8 pixels.
fn extended(flags: u8) -> Vec<u8> {
    chunk("VP8X", &[flags, 0, 0, 0, 7, 0, 0, 7, 0, 0])
}

fn chunk(name: &str, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a small file");
    let filler: &[u8] = if content.len().is_multiple_of(2) { &[] } else { &[0] };
    [name.as_bytes(), &length.to_le_bytes()[..], content, filler].concat()
}
