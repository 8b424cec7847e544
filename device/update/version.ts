/** Which of two versions is the older one (`0.1.0+20261123.1a2b3c4`: number, day and name of its commit). No I/O. */

const pattern = /^(\d+)\.(\d+)\.(\d+)(?:\+(\d{8})(?:\.|$))?/;

/** Number, then day; null: no version of Porter's. */
function partsOf(version: string): readonly number[] | null {
  const found = pattern.exec(version);
  return found === null ? null : found.slice(1).map((part) => Number((part as string | undefined) ?? 0));
}

/** What a bundle says of itself. */
export interface Manifest {
  readonly compatible: string;
  readonly version: string;
}

/** Why a bundle is not for a box of this kind and version, in plain words; null: it is. Two of one day are told apart by nobody: both may come. */
export function refusalOf(offered: Manifest, box: Manifest): string | null {
  if (offered.compatible !== box.compatible)
    return `It is for another kind of box: ${offered.compatible}. This one is ${box.compatible}.`;
  const [theirs, ours] = [partsOf(offered.version), partsOf(box.version)];
  if (theirs === null) return 'It does not say which version it is.';
  if (offered.version === box.version) return 'The box has this version already.';
  const differs = theirs.findIndex((part, at) => part !== ours?.[at]);
  if (ours !== null && differs >= 0 && (theirs[differs] ?? 0) < (ours[differs] ?? 0))
    return `It is older than what the box has: ${offered.version}, and the box has ${box.version}.`;
  return null;
}
