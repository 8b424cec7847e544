/** Porter asks for answers as they are; a server or a filter in between may pack them all the same. */
import { brotliDecompressSync, inflateRawSync, unzipSync } from 'node:zlib';

/**
 * The body as it was before `encoding` (`Content-Encoding`), or `too-big` beyond `maxBytes`. What cannot be unpacked stays as
 * it came: the status of the answer still counts, and its body will not be taken for JSON. At once and not beside: it is rare,
 * and a few megabytes at most.
 */
export function unpacked(body: Buffer, encoding: string | undefined, maxBytes: number): Buffer | 'too-big' {
  const bounds = { maxOutputLength: maxBytes };
  try {
    switch (body.length === 0 ? '' : encoding?.trim().toLowerCase()) {
      case 'br':
        return brotliDecompressSync(body, bounds);
      case 'gzip':
      case 'x-gzip':
        return unzipSync(body, bounds);
      case 'deflate':
        // Some servers leave out the header of RFC 9110 8.4.1.2; with it, the low four bits of the first byte are 8.
        return (body.readUInt8(0) & 15) === 8 ? unzipSync(body, bounds) : inflateRawSync(body, bounds);
      default:
        return body;
    }
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge ? 'too-big' : body;
  }
}
