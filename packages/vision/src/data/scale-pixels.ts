/** Writes bytes as values from 0 to 1. */
export function scalePixels(bytes: Uint8Array, target: Float32Array): void {
  for (let i = 0; i < bytes.length; i++) target[i] = bytes[i]! / 255;
}
