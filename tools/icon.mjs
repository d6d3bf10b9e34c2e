// Draws media/icon.png from media/icon.svg.
import sharp from 'sharp';

await sharp('media/icon.svg', { density: 144 }).resize(128, 128).png({ compressionLevel: 9 }).toFile('media/icon.png');
