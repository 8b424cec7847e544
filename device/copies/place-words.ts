/** What the file system says (`man 3 errno`) of the place that a backup is written to or restored in, for people. */
export function placeWords(cause: string): string {
  switch (cause) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'there is no room for it there';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'that place is not to be written to, or is write-protected';
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
      return 'that place does not answer: a stick that was taken out, or that fails';
    default:
      return cause;
  }
}
